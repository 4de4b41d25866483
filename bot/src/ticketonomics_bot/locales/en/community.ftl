# Profiles, achievements, leaderboards, and the economy as a whole.

button-achievements = Achievements
button-profile = « Profile
button-top = Leaderboards
button-top-experience = Level
button-top-wealth = Wealth
button-top-contribution = This month
button-top-reputation = Reputation
button-top-winners = 💎 Diamonds

profile-title = <b>{ $name }</b>
profile-level =
    ⭐ Level <b>{ $level }</b> · { $experience } points
    { $bar } { $left } to the next level
profile-streak =
    { $days ->
        [0] 🔥 No streak right now · longest: { $longest }
        [one] 🔥 One day in a row · longest: { $longest }
       *[other] 🔥 { $days } days in a row · longest: { $longest }
    }
profile-reputation = 🤝 Reputation: <b>{ $score }</b>
profile-reputation-parts = for being here { $tenure }, trade { $trades }, votes { $votes }, help { $help }
profile-month = 📅 This month: { $experience } points
profile-achievements = 🏅 Achievements: { $count } of { $total }

achievements-title = <b>Achievements</b>: { $count } of { $total }
achievement-other = <b>{ $name }</b>: { $description }
achievement-newcomer = <b>Newcomer</b>: claim for the first time
achievement-first-trade = <b>First trade</b>: swap in a pool
achievement-trader = <b>Trader</b>: swap a hundred times
achievement-market-maker = <b>Market maker</b>: provide liquidity
achievement-voter = <b>Voter</b>: vote on a proposal
achievement-citizen = <b>Citizen</b>: vote twenty-five times
achievement-patron = <b>Patron</b>: make a proposal
achievement-first-win = <b>First win</b>: win a tier queue
achievement-regular-player = <b>Regular player</b>: join fifty queues
achievement-hundred-taps = <b>A hundred taps</b>: tap a hundred times
achievement-viewer = <b>Viewer</b>: watch fifty ads
achievement-talker = <b>Talker</b>: be rewarded for a hundred messages
achievement-host = <b>Host</b>: bring somebody who stays
achievement-ten-day-streak = <b>Ten days</b>: be active ten days in a row
achievement-fifty-day-streak = <b>Fifty days</b>: be active fifty days in a row
achievement-veteran = <b>Veteran</b>: gain ten thousand points

top-title-experience = <b>Highest levels</b>
top-title-wealth = <b>Greatest wealth</b>
top-title-contribution = <b>Most done this month</b>
top-title-reputation = <b>Best reputation</b>
top-title-winners = <b>Most Diamonds won</b>
top-level = level { $level } ({ $experience })
top-nobody = Nobody yet.

economy-title = <b>The economy</b>
economy-empty = There are no tickets yet.
economy-supply =
    🎟 In circulation: { $supply }
    🔄 Bronze changed hands { $velocity } times in 30 days.
economy-people = 👥 Active people: { $day } today, { $week } in 7 days, { $month } in 30
economy-wealth = ⚖️ { $holders ->
        [one] { $holders } person holds
       *[other] { $holders } people hold
    } { $total } 🥉 together · Gini { $gini }
economy-top = The wealthiest { $part } hold { $share }.
economy-queues = 🎲 Rounds drawn: { $finished } · waiting now: { $waiting }
economy-votes = 🏛 Open votes: { $open } · turnout so far: { $turnout }
