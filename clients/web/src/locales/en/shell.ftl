# Navigation.
nav = Main menu
nav-home = Home
nav-market = Market
nav-queues = Queues
nav-wallet = Wallet
nav-parliament = Parliament
nav-economy = Economy
nav-explorer = Explorer
nav-leaderboards = Leaderboards
nav-profile = Profile
nav-more = More
nav-parliament-about = Decide together
nav-economy-about = How we are doing
nav-explorer-about = Every entry, checkable
nav-leaderboards-about = Who leads
nav-profile-about = You, your level, your settings
language = Language
skip = Skip to the content

# States.
loading = Loading…
busy = One moment…
done = Done
close = Close
cancel = Cancel
confirm = Confirm
retry = Try again
more = Show more
save = Save
saved = Saved
copy = Copy
copied = Copied
share = Share
back = Back
not-found-title = Nothing here
not-found-text = This page does not exist, or no longer.
chart-failed = The chart could not be drawn.
outcome-unknown = We do not know yet whether it happened. Trying again is safe: it happens only once.

# Banners.
banner-offline = You are offline. What you see may be old.
banner-reconnecting = Connection lost. Looking for it…
banner-maintenance = Maintenance is under way: you can look at everything, new actions have to wait a little.

# What only a page can say; the other errors are in errors.ftl.
error-general = That did not work. Please try again.
error-offline = The server cannot be reached. Check your connection.
error-timeout = The server takes too long to answer.
error-unreadable = The answer could not be read.
error-request = Number of this request: { $id }

# Amounts.
amount-available = Available: { $amount }
amount-meant = That is { $amount }
amount-all = All
amount-empty = Enter an amount.
amount-unreadable = Enter a number such as 12.5, 5k or 1.2m.
amount-decimals =
    { $decimals ->
        [0] Whole numbers only.
        [one] At most one decimal.
       *[other] At most { $decimals } decimals.
    }
amount-negative = The amount must be above zero.
amount-zero = The amount must be above zero.
amount-large = That is more than there can be.
amount-too-much = You have only { $amount }.

# People and accounts.
person-you = You
person-unnamed = Player { $id }
account-mint = New supply
account-sink = Burned
account-queue = Queue
account-pool = Pool { $name }
account-parliament = Parliament

# Sign-in.
signin-title = Sign in
signin-lead = Your tickets are safe with your Telegram account.
signin-telegram = With Telegram
signin-telegram-how = Open { $bot } in Telegram and press its app button: you are signed in there at once, without a password.
signin-open = Open { $bot }
signin-no-bot = Open this app from the community's bot in Telegram. Without it you can look at the market, the Parliament and the whole economy.
signin-again = Close this app and open it again from the bot: that signs you in.
signin-citizens = As a simulated citizen
signin-citizens-how = For development only: this economy is on this machine, and you can be anybody in it.
signin-search = Search
signin-nobody = Nobody is called that
