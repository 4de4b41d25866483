home-title = Hello, { $name }
home-visitor-title = A town that runs on tickets
home-visitor-lead = Earn tickets, trade them, queue for the next tier, and decide together. Every entry can be checked by anybody.
home-visitor-in = Take part
home-visitor-how = Sign in to claim your daily ticket, tap, trade and vote. Looking around needs no account.
home-visitor-market = Look at the market
home-visitor-economy = How are we doing?
home-tickets = Your tickets
home-ladder-rule = 20 make one of the next
home-beyond = Further up
home-worth = in Bronze altogether
home-held = { $amount } set aside
home-others =
    { $count ->
        [one] { $count } other asset
       *[other] { $count } other assets
    }
home-pay = Pay
home-swap = Swap
home-queue = Queue
home-now = What you can do now
home-daily = Daily ticket
home-claim = Claim { $amount }
home-claimed = Claimed!
home-claimed-streak =
    { $days ->
        [one] Day { $days } of your streak. Come back tomorrow!
       *[other] { $days } days in a row. Come back tomorrow!
    }
home-streak =
    { $days ->
        [one] { $days } day in a row
       *[other] { $days } days in a row
    }
home-streak-none = Begin a streak: each day earns more
home-streak-days = What each day of a streak earns
home-streak-day = Day { $day }: { $amount }
home-taps = Taps
home-taps-rule =
    { $taps ->
        [one] Each tap earns { $amount }
       *[other] { $taps } taps earn { $amount }
    }
home-tap = Tap the ticket
home-energy = Energy
home-energy-of = Energy: { $left } of { $capacity }
home-energy-full = full at { $time }
home-taps-earned = { $amount } earned by tapping
home-ads = Rewarded ads
home-ads-left =
    { $left ->
        [0] No more today
        [one] One more today, { $amount } each, in the bot
       *[other] { $left } more today, { $amount } each, in the bot
    }
home-chat = Chatting
home-chat-left =
    { $left ->
        [0] No more messages count today
        [one] One more message counts today, { $amount }
       *[other] { $left } more messages count today, the next one { $amount }
    }
home-ready = Now
home-activity = Your activity
home-economy-activity = Happening now
home-all = All
home-no-activity = Nothing has happened yet
home-no-activity-hint = Claim your daily ticket to begin.
home-invite = Bring a friend
home-invite-how = When a friend who comes by your link stays for some days, both of you are paid.
home-invite-text = Join our ticket economy!
home-invite-share = Share the link
home-invited =
    { $count ->
        [0] Nobody yet
        [one] { $count } friend brought
       *[other] { $count } friends brought
    }
