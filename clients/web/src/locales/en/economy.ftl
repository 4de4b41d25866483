# The economy's health, for everybody.
economy-title = Economy
economy-lead = How we are doing: figures that anybody can recompute from the public ledger.
economy-tab-overview = Overview
economy-tab-flows = Faucets and sinks
economy-tab-wealth = Wealth
economy-tab-activity = Activity
economy-tab-pools = Pools
economy-scope = What to show
economy-asset = Asset
economy-window = Period
economy-days =
    { $count ->
        [one] { $count } day
        [365] 1 year
       *[other] { $count } days
    }
economy-day = Day
economy-as-table = As a table
economy-csv-of = Download “{ $title }” as CSV
economy-json-of = Download “{ $title }” as JSON
economy-nothing = Nothing in this period
economy-nothing-hint = As soon as something happens, it is counted here.
economy-nobody = Nobody has any tickets yet
economy-sources = Days are those of UTC. The figures follow the newest block by a second or two.
economy-from-to = { $first } – { $last }

economy-people = Active people
economy-today = Today
economy-week = In 7 days
economy-month = In 30 days

economy-supply = How much there is
economy-supply-lead = Everything of { $asset } that was issued, less everything that was burned, at the end of each day.
economy-supply-chart = { $asset } circulating from { $first } to { $last }; now { $now }. The table below has every day.
economy-circulating = Circulating
economy-circulating-now = { $asset } circulating
economy-minted = Issued
economy-burned = Burned
economy-moved = Moved
economy-transactions = Transactions

economy-flows = Faucets and sinks
economy-flows-lead = Where { $asset } comes from, and where it goes.
economy-flows-chart = { $asset } issued and burned each day from { $first } to { $last }. The table below has every day and cause.
economy-faucets = Faucets
economy-sinks = Sinks
economy-cause = Cause
economy-cause-of = { $cause } ({ $party })
economy-party-users = people

economy-velocity = Velocity
economy-velocity-lead = How often what there is has changed hands in this period.
economy-velocity-times = Changed hands
economy-times = { $times } ×
economy-volume = Volume
economy-mean-supply = Mean supply

economy-wealth = How wealth is spread
economy-wealth-lead = Tickets of all tiers on people's own accounts, counted in Bronze, among those who have any.
economy-gini = Gini coefficient
economy-holders = People with tickets
economy-total = Together, in Bronze
economy-top =
    { $count ->
        [one] The wealthiest { $share } ({ $count } person) hold
       *[other] The wealthiest { $share } ({ $count } people) hold
    }
economy-people-share = Share of people, poorest first
economy-wealth-share = Their share of wealth
economy-equal = If all had the same
economy-lorenz-chart = Lorenz curve; the Gini coefficient is { $gini }. The table below has its points.

economy-activity = Active people by day
economy-activity-lead = People who paid something from their account, or earned a reward.
economy-activity-chart = Active people by day from { $first } to { $last }. The table below has every day.
economy-active = Active people

economy-pools = Depth of the pools
economy-pools-lead = What swaps of 1, 5 and 10 % of a reserve would come to now.
economy-no-pools = There is no pool yet
economy-pool-table = Depth of the pool { $pool }
economy-pool-empty = This pool has no liquidity.
economy-given = Given
economy-received = Received
economy-slippage = Slippage

economy-participation = Taking part
economy-participation-lead = How the tier queues are played, and how the Parliament works.
economy-queues = Queues
economy-rounds-finished = Rounds drawn
economy-rounds-expired = Rounds refunded
economy-entries = Times joined
economy-waiting = Waiting now
economy-parliament = Parliament
economy-discussed = Being discussed
economy-voted = Being voted on
economy-passed = Passed, may be vetoed
economy-ended-votes = Votes counted
economy-turnout = Turnout
