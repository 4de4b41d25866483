# Prices, alerts, swaps and pools.

price-title = <b>Prices</b>
price-nothing = Nothing has been traded yet. /pools shows what there is.
price-none = Nothing called { $name } has been traded yet. /prices shows what there is.
price-line = <b>{ $name }</b>: { $price } { $quote } · { $change } in 24 h
price-caption = 24 h: { $low } – { $high } · { $volume } traded · { $trades } trades in all
price-alert-usage = Alerts: <code>/prices IRON ≥ 2.1</code>, or just write “tell me when IRON ≥ 2.1”.

button-prices = « All prices
button-alert-above = 🔔 +5 %
button-alert-below = 🔔 −5 %
button-alert-cancel = Take it back
button-alert-remove = ✖️ { $alert }

alert-taken = 🔔 I will tell you once when <b>{ $alert }</b>.
alert-now = It is { $price } now.
alert-memory = This waits in my memory: should I be restarted, please ask again.
alert-already = That is so already: the price is { $price }.
alert-private = Please ask me privately: alerts come to you alone.
alert-too-many = You have ten alerts already. /prices shows them, and takes them back.
alert-removed = The alert is taken back.
alert-gone = This alert is not there any more.
alert-reached = 🔔 <b>{ $alert }</b>: it is { $price } now.
alert-done = ✅ <b>{ $alert }</b>: reached, at { $price }.

swap-usage = Write how much of what for what: <code>/swap 5k BRONZE IRON</code>
swap-same = That would be the same thing.
swap-no-pool = There is no pool that gives { $wanted } for { $given }. /pools shows what there is.
swap-ask = Give <b>{ $given }</b> for about <b>{ $received }</b>?
swap-price = Price: { $price }
swap-impact = Price impact: { $impact }
swap-fee = Fee: { $fee } (already part of what you give)
swap-least = You get at least <b>{ $least }</b>; otherwise nothing happens.
swap-impact-high = ⚠️ This trade alone moves the price a lot. Smaller parts may give more.
swap-moved = The price has moved, so nothing was traded. Now it would be:
swap-done = ✅ Given <b>{ $given }</b>, received <b>{ $received }</b>.

pool-title = <b>Pools</b>
pool-nothing = There are no pools yet.
pool-line = <b>{ $base }</b>: { $price } { $quote }
pool-reserves = holds { $base } and { $quote } · fee { $fee }
pool-paused = ⏸ It does not trade right now.
pool-mine = Yours: { $share }, that is { $base } and { $quote }
pool-hint = Trade: <code>/swap 10 { $quote } { $base }</code>. Liquidity is added and removed in the app.
