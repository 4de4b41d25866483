profile-deeds = Level and achievements
profile-settings = Settings
profile-level-title = Level
profile-level = Level { $level }
profile-experience = { $experience } experience
profile-to-next = { $experience } more to the next level
profile-month = Experience this month
profile-streak = Streak
profile-longest = Longest streak
profile-reputation = Reputation
profile-active = Active of the last 62 days
profile-first = Here since
profile-days =
    { $days ->
        [one] { $days } day
       *[other] { $days } days
    }
profile-achievements = Achievements

# Names.
names-title = How others see you
names-handle = Handle
names-handle-hint = Others find and pay you by it. Always public; three changes a day at most.
names-name = Name
names-name-hint = At most 32 characters; five changes a day at most.
names-public = Show my name to everybody
names-public-hint = Otherwise others see only your handle or a number.

# Preferences.
preferences-title = Language and notifications
preferences-notifications = The bot sends me

# Identities.
identities-title = Linked identities
identities-what = Wherever you come from, it is the same account.
identities-link = Link another
identities-code = Your link code
identities-code-how = Type it where your other identity is, for example in the game: /link { $code }
identities-code-left = It works once, for
identities-code-again = This code was made before and is not shown again. Make another one.
identities-unlink = Unlink
identities-unlink-title = Unlink this identity?
identities-unlink-note = Whoever comes with it afterwards is a new person here.
identities-unlinked = The identity is unlinked.
provider-telegram = Telegram
provider-minecraft = Minecraft
provider-simulator = Simulator

# Personal data.
data-title = Your data
data-what = Everything personal that is kept about you, as one file.
data-export = Download my data
data-leave = Log out

# Leaderboards.
board-experience = Experience
board-experience-what = Who has done most so far.
board-wealth = Wealth
board-wealth-what = Tickets of all tiers, counted in Bronze.
board-contribution = This month
board-contribution-what = Experience gained this month.
board-reputation = Reputation
board-reputation-what = Trust: it takes time and cannot be bought.
board-empty = Nobody is on this board yet

# People.
people-nothing = Has nothing
people-since = Here since
people-merged = See the person it became part of

# Achievements.
achievement-newcomer = Newcomer
achievement-newcomer-how = Claim for the first time.
achievement-first-trade = First trade
achievement-first-trade-how = Swap in a pool.
achievement-trader = Trader
achievement-trader-how = Swap a hundred times.
achievement-market-maker = Market maker
achievement-market-maker-how = Provide liquidity.
achievement-voter = Voter
achievement-voter-how = Vote on a proposal.
achievement-citizen = Citizen
achievement-citizen-how = Vote twenty-five times.
achievement-patron = Patron
achievement-patron-how = Make a proposal.
achievement-first-win = First win
achievement-first-win-how = Win a tier queue.
achievement-regular-player = Regular player
achievement-regular-player-how = Join fifty queues.
achievement-hundred-taps = A hundred taps
achievement-hundred-taps-how = Tap a hundred times.
achievement-viewer = Viewer
achievement-viewer-how = Watch fifty ads.
achievement-talker = Talker
achievement-talker-how = Be rewarded for a hundred messages.
achievement-host = Host
achievement-host-how = Bring somebody who stays.
achievement-ten-day-streak = Ten days
achievement-ten-day-streak-how = Be active ten days in a row.
achievement-fifty-day-streak = Fifty days
achievement-fifty-day-streak-how = Be active fifty days in a row.
achievement-veteran = Veteran
achievement-veteran-how = Gain ten thousand experience.
