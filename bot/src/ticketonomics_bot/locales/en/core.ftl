# What every command shares.

asset-bronze = 🥉 Bronze
asset-silver = 🥈 Silver
asset-gold = 🥇 Gold
asset-emerald = 💚 Emerald
asset-sapphire = 💙 Sapphire
asset-ruby = ❤️ Ruby
asset-amethyst = 💜 Amethyst
asset-diamond = 💎 Diamond
asset-other = { $name }

button-cancel = Cancel
button-confirm = Confirm
button-open-bot = Open privately
button-stale = This button is too old. Please send the command again.
button-try-again = Try again
button-web-app = Open the app

confirm-already-no = You have cancelled this already.
confirm-already-yes = You have confirmed this already; it happens once.
confirm-cancelled = Cancelled. Nothing has happened.
confirm-stale = This question is too old, so nothing was done. Please ask again.
not-yours = Somebody else has been asked here.

error-own = Something went wrong on my side. Nothing is lost; please try once more a little later.
error-unknown = The economy said no: { $reason }. Nothing has changed.
maintenance = 🛠 The economy is being looked after right now. You can read everything; please begin new things a little later.
private-first = This answer is for you alone. Open the bot once, so that I may write to you.
server-away = ⏳ The economy does not answer right now. I keep trying and will tell you here. Whatever you asked for happens once, however often it is tried.
server-away-long = ⏳ The economy has not answered for a while. Nothing is lost: press “Try again” later. What you asked for happens once.
server-away-short = The economy does not answer right now.
server-away-trying = I am trying again now. The answer comes here.
slow-down = ✋ That was a lot at once. Please wait a minute.
unknown-words = I did not understand that. /help shows what I can do.

amount-comma = With a comma I cannot tell thousands from fractions: please write 1500 or 1.5.
amount-malformed = That is no amount. Write it as 12, 0.5, 5k or 1.2m.
amount-negative = An amount cannot be negative.
amount-too-fine =
    { $decimals ->
        [0] This is counted in whole pieces.
        [one] That is too fine: there is one decimal.
       *[other] That is too fine: there are { $decimals } decimals.
    }
amount-too-large = That is more than anybody can count.
amount-zero = The amount must be more than zero.

start =
    Hello, { $name }! 🎟

    This is <b>Ticketonomics</b>: an economy that belongs to its community. You earn tickets by taking part, climb eight tiers, trade, and vote on the rules.

    Begin with /daily, look at your /balance, or see all in /help.

help-intro = <b>What I can do</b>
help-wallet = Wallet
help-earning = Earning
help-playing = Tiers
help-trading = Market
help-governing = Parliament
help-people = Community
help-you = You
help-natural =
    You can also just write: <i>pay 20 to @bob for pizza</i>, or answer a message with <i>/pay 5k</i>.
    Amounts: 12, 0.5, 5k, 1.2m.

menu-achievements = what you have achieved
menu-balance = what you have
menu-cd = what you can do now, and when
menu-daily = claim today's tickets
menu-economy = how the economy is doing
menu-help = what I can do
menu-history = what came and went
menu-link = connect another account
menu-pay = pay somebody: /pay @name 5k for pizza
menu-pools = pools and liquidity
menu-prices = prices and charts
menu-profile = your level and progress
menu-propose = propose a change
menu-queue = join a tier queue
menu-request = ask somebody to pay
menu-settings = language, notifications, privacy
menu-swap = trade with a pool
menu-tap = tap for tickets
menu-tiers = the ladder of tiers
menu-top = leaderboards
menu-vote = proposals and voting
