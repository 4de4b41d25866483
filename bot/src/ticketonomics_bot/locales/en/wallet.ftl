# Balances, payments, requests, history, rewards, links and settings.

verbatim = { $text }

asset-unknown = There is nothing called { $code } here.

balance-title = <b>What you have</b>
balance-nothing = You have nothing yet. /daily is a good beginning.
balance-held = ({ $amount } set aside)
balance-more =
    { $count ->
        [one] … and one more.
       *[other] … and { $count } more.
    }

button-back = « Back
button-claim = Claim today's tickets
button-decline = Decline
button-handle = Handle
button-handle-none = Give the handle up
button-handle-other = Another one …
button-hide-name = Hide my name
button-language = Language
button-language-auto = Like my Telegram
button-newer = « Newer
button-notifications = Notifications
button-older = Older »
button-pay-amount = Pay { $amount }
button-receive = Receive
button-show-name = Show my name
button-take-back = Take back
button-take-handle = Be @{ $handle } here, too
button-tap = Tap ×{ $count }
button-tap-all = Tap it all
button-withdraw = Withdraw

pay-usage =
    Say whom and how much: <code>/pay @name 5k for pizza</code>
    Or answer somebody's message with <code>/pay 20</code>.
pay-self = That would be to yourself.
pay-how-much = How much shall go to { $name }? Write an amount, such as 20 or 5k.
pay-ask = Pay <b>{ $amount }</b> to <b>{ $name }</b>?
pay-ask-fee = Fee on top: { $fee }
pay-ask-memo = For: <i>{ $memo }</i>
pay-ask-differs = ⚠️ In Telegram this person is @{ $telegram }, not who you wrote. Is it whom you mean?
pay-ask-unknown = ⚠️ Telegram does not tell me who this is. Make sure that it is whom you mean.
pay-ask-final = A payment cannot be undone.
pay-done = ✅ Paid <b>{ $amount }</b> to <b>{ $name }</b>. It cannot be undone.
pay-left = You have { $amount } left.

recipient-bot = Bots have no wallet.
recipient-gone = This person is not here any more.
recipient-too-many = Please name one person at a time.
recipient-unknown = Nobody here is called @{ $handle }. Ask for the handle, or answer one of their messages with /pay.

request-usage = Say whom and how much: <code>/request @name 20 for pizza</code>
request-self = You cannot ask yourself.
request-made = You have asked { $name } for <b>{ $amount }</b>.
request-send-link = I cannot write to them. Send them this link: { $link }
request-got = <b>{ $name }</b> asks you for <b>{ $amount }</b>.
request-incoming = <b>{ $name }</b> asks you for <b>{ $amount }</b>.
request-outgoing = You ask <b>{ $name }</b> for <b>{ $amount }</b>.
request-state-open = Not answered yet. A payment cannot be undone.
request-state-accepted = ✅ Paid.
request-state-declined = Declined.
request-state-cancelled = Taken back.
request-state-expired = Its time is over.
request-closed = This request has been answered or taken back already.
request-not-yours = This request asks somebody else, or is not there any more.
request-was-paid = ✅ <b>{ $name }</b> has paid you the <b>{ $amount }</b> that you asked for.
request-was-declined = <b>{ $name }</b> does not want to pay the { $amount } that you asked for.

history-nothing = Nothing has happened yet.
history-title = <b>What came and went</b> · page { $page }
history-from = ＋ { $amount } from { $name }
history-to = − { $amount } to { $name }
history-in = ＋ { $amount }
history-out = − { $amount }
history-fee = − { $amount } fee

daily-claimed =
    { $streak ->
        [one] 🎁 <b>＋{ $amount }</b>. The first day in a row: come back tomorrow, it grows.
       *[other] 🎁 <b>＋{ $amount }</b>. Day { $streak } in a row: it grows as long as you come back.
    }
daily-not-due =
    { $streak ->
        [one] You have claimed today. The next one is due in { $wait }; your streak is one day.
       *[other] You have claimed today. The next one is due in { $wait }; your streak is { $streak } days.
    }

tap-energy = Energy: { $bar } { $now } of { $capacity }
tap-worth =
    { $count ->
        [one] Each tap earns { $amount }.
       *[other] { $count } taps earn { $amount }.
    }
tap-earned =
    { $count ->
        [one] One tap counted: +{ $amount }
       *[other] { $count } taps counted: +{ $amount }
    }
tap-counted =
    { $count ->
        [one] One tap counted. It is kept until there are enough.
       *[other] { $count } taps counted. They are kept until there are enough.
    }
tap-tired = No energy is left. It comes back by itself.

cd-title = <b>What you can do</b>
cd-daily-now = 🎁 Daily reward: now, { $amount }
cd-daily-later = 🎁 Daily reward: in { $wait }, { $amount }
cd-tap = 👆 Taps: { $now } of { $capacity } energy, { $left } more today
cd-chat-now = 💬 Talking in groups: now, { $left } more today
cd-chat-later = 💬 Talking in groups: in { $wait }
cd-ad-now = 📺 Watching ads in the app: now, { $left } more today
cd-ad-later = 📺 Watching ads in the app: in { $wait }
cd-referral-now = 👋 Bringing others by /invite: { $left } more today
cd-referral-later = 👋 Bringing others by /invite: in { $wait }

link-code =
    Your code: <code>{ $code }</code>
    Type it where your other account is, until { $until }. It works once.
    For another Telegram account: { $link }
    Whoever has this code can make that account part of you, so show it to nobody else.
link-ask = Connect this Telegram account with the account that the code is from?
link-ask-merge =
    ⚠️ Make <b>all that you have here</b> part of the account that this code is from?
    Your balance and identities move there, and this account is closed. It cannot be undone.
    Go on only if that account is yours and you have asked for the code yourself.
link-done = ✅ Connected. You are <code>{ $person }…</code> here now.

invite-link = Bring others with this link: { $link }
invite-noted = 👋 I have noted who brought you.

settings-title = <b>Settings</b>
settings-language = Language: { $language }
settings-language-auto = Language: { $language }, like your Telegram
settings-language-choose = Which language shall I speak?
settings-handle = Handle: @{ $handle }
settings-no-handle = You have no handle yet: others can pay you by it.
settings-handle-choose = Others find and pay you by your handle. One that you give up is kept for you for 30 days.
settings-handle-type = Write the handle that you want: 3–32 of a–z, 0–9 and _, beginning with a letter.
settings-handle-malformed = A handle has 3–32 of a–z, 0–9 and _, and begins with a letter.
settings-hidden = Your name is hidden: others see a short id.
settings-visible = Everybody may see your name: { $name }
settings-notifications = What shall I tell you of?
language-en = English
language-ru = Russian

inline-help = Type an amount: pay 5k
inline-own = Somebody else has to receive it.
inline-taken = Somebody else was first.
inline-withdrawn = This offer was withdrawn.
inline-offer = 🎁 <b>{ $name }</b> offers <b>{ $amount }</b>.
inline-offer-title = Offer { $amount }
inline-offer-description = Whoever takes it first gets it, once you confirm
inline-wants = <b>{ $name }</b> wants to receive <b>{ $amount }</b>. Whoever has offered it decides. A payment cannot be undone.
inline-balance-title = Show my balance
inline-balance = <b>{ $name }</b> has <b>{ $amount }</b>.

group-hello = 🎟 Hello! I keep this community's tickets. Answer a message with /pay 5 to pay somebody; /help tells the rest. What is private, I answer privately.

kind-other = Something else
