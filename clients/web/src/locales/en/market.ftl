# Market.
market-title = Market
market-lead = Materials for tickets. Nobody sets the prices: what is in the pools makes them.
market-empty = There are no pools yet
market-empty-hint = As soon as somebody opens the first one, it is here, with its price.
market-live = Live
market-not-live = Connecting…
market-in = / { $asset }
market-paused = Paused
market-pool-empty = Empty
market-reserves = Reserves
market-depth = Depth 1%
market-depth-hint = So much, paid in, raises the price by 1%.
market-day-trades =
    { $count ->
        [0] No trades today
        [one] { $shown } trade in 24 h
       *[other] { $shown } trades in 24 h
    }
market-change-up = up { $percent } in 24 hours
market-change-down = down { $percent } in 24 hours
market-change-same = unchanged in 24 hours

# A pool.
market-all-pools = All pools
market-unknown-pool = There is no such pool
market-per = { $quote } for 1 { $base }
market-day = 24 h:
market-interval = How long a candle is
market-interval-second = 1 s
market-interval-minute = 1 min
market-interval-five-minutes = 5 min
market-interval-hour = 1 h
market-interval-day = 1 d
market-no-trades = Nothing has been traded here yet.
market-chart-refused = There is no chart for this pool.
market-chart-by = Chart: TradingView Lightweight Charts™
market-chart-none = Chart of { $pair }: nothing has been traded yet.
market-chart-summary =
    { $count ->
        [one] Chart of { $pair }: one candle since { $since }
       *[other] Chart of { $pair }: { $count } candles since { $since }
    }, from { $open } to { $close }, lowest { $low }, highest { $high }.
market-candles-table = The newest candles as a table
market-candle-time = Time
market-candle-open = Open
market-candle-high = High
market-candle-low = Low
market-candle-close = Close
market-candle-trades = Trades
market-candle-price = Price
market-size = { $asset }
market-records = What was traded
market-trades = Trades
market-history = History
market-kind-sold = Sold
market-kind-bought = Bought
market-kind-created = Pool opened
market-kind-liquidity-added = Liquidity added
market-kind-liquidity-removed = Liquidity removed
market-about = About this pool
market-reserve-of = Reserve of { $asset }
market-depth-of = Raises the price by { $percent }
market-fee-of-pool = Fee
market-fee-part = { $percent } of it are burned
market-share-supply = Shares
market-since = Open since
market-about-hint = A pool holds two reserves. Whoever puts one in receives the other, so that their product never falls: the more you take, the dearer it gets.

# Swapping.
market-dealing = What to do
market-swap = Swap
market-give = You give: { $asset }
market-receive = You receive: { $asset }
market-receive-hint = Type here for an exact result.
market-receive-exact = At least this much, for the smallest amount that gives it.
market-flip = Turn around: give what you would receive
market-review = Check the swap
market-sign-in = Sign in to swap
market-paused-hint = This pool is paused: it does not trade for now. Liquidity can still be removed.
market-pool-empty-hint = This pool is empty: there is nothing to trade with.
market-execution-price = Your price, fee included
market-impact = You move the price by
market-impact-noticeable = noticeable
market-impact-high = a lot: smaller parts are cheaper
market-fee = Fee
market-fee-burned = of it burned: { $amount }
market-at-least = At least, with { $percent } leeway
market-at-most = At most, with { $percent } leeway
market-limits = Leeway { $percent }
market-slippage = Leeway
market-slippage-hint = Others may trade before you. How much less is still all right?
market-deadline = Does not happen any more after
market-minutes =
    { $count ->
        [one] { $count } minute
       *[other] { $count } minutes
    }
market-swap-confirm-title = Swap?
market-swap-confirm = Swap
market-swap-done = Swapped
market-swap-promise = Either it happens within these limits, or nothing happens. It cannot be undone.
market-quote-said = For { $given } you receive { $received }.
market-moved = The price has moved since. Nothing is lost: look at the new one first.
market-new-quote = Take the new price
market-you-give = You give
market-you-receive = You receive
market-you-gave = You gave
market-you-received = you received
market-receipt = Receipt

# Liquidity.
market-liquidity = Liquidity
market-liquidity-hint = Put both assets in, own a part of the pool, and earn from every swap. When the price moves, you have more of one and less of the other.
market-sign-in-liquidity = Sign in to take part
market-my-share = My share
market-my-part = My part
market-my-worth = Worth together
market-add = Add
market-remove = Remove
market-paused-add-hint = This pool is paused: nothing can be added for now, but liquidity can be removed.
market-linked-hint = Both go in together, in the ratio of the pool.
market-shares-received = Shares for it
market-share-of-pool = Your part of the pool
market-too-little = That is too little for one share.
market-add-review = Check what goes in
market-add-title = Add liquidity?
market-add-confirm = Add
market-add-done = Added
market-added-outcome = Went into the pool:
market-liquidity-promise = At most { $percent } less of either, or nothing happens.
market-no-position = You have no part of this pool
market-no-position-hint = What you add can be taken out at any time.
market-remove-part = Take out { $percent } of my part
market-remove-review = Check what comes out
market-remove-title = Remove liquidity?
market-remove-confirm = Remove
market-remove-done = Removed
market-removed-outcome = Came out of the pool:
