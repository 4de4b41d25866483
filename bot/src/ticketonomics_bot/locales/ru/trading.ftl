# Цены, уведомления о ценах, обмены и пулы.

price-title = <b>Цены</b>
price-nothing = Пока ничем не торговали. Что есть, покажет /pools.
price-none = { $name }: этим пока не торговали. Что есть, покажет /prices.
price-line = <b>{ $name }</b>: { $price } { $quote } · { $change } за 24 ч
price-caption = 24 ч: { $low } – { $high } · оборот { $volume } · сделок всего: { $trades }
price-alert-usage = Уведомления: <code>/prices IRON ≥ 2.1</code> или просто напишите «скажи, когда IRON ≥ 2.1».

button-prices = « Все цены
button-alert-above = 🔔 +5 %
button-alert-below = 🔔 −5 %
button-alert-cancel = Не надо
button-alert-remove = ✖️ { $alert }

alert-taken = 🔔 Я сообщу один раз, когда будет <b>{ $alert }</b>.
alert-now = Сейчас цена { $price }.
alert-memory = Это хранится в моей памяти: после перезапуска попросите, пожалуйста, ещё раз.
alert-already = Это уже так: цена { $price }.
alert-private = Попросите меня об этом лично: уведомления приходят только вам.
alert-too-many = У вас уже десять уведомлений. Посмотреть и убрать их можно в /prices.
alert-removed = Уведомление убрано.
alert-gone = Этого уведомления больше нет.
alert-reached = 🔔 <b>{ $alert }</b>: сейчас { $price }.
alert-done = ✅ <b>{ $alert }</b>: сбылось, цена { $price }.

swap-usage = Напишите, сколько чего и на что менять: <code>/swap 5к BRONZE IRON</code>
swap-same = Это одно и то же.
swap-no-pool = Нет пула, который даёт { $wanted } за { $given }. Что есть, покажет /pools.
swap-ask = Отдать <b>{ $given }</b> и получить около <b>{ $received }</b>?
swap-price = Цена: { $price }
swap-impact = Влияние на цену: { $impact }
swap-fee = Комиссия: { $fee } (уже входит в то, что вы отдаёте)
swap-least = Вы получите не меньше <b>{ $least }</b>, иначе обмена не будет.
swap-impact-high = ⚠️ Эта сделка сама сильно сдвинет цену. Частями может выйти выгоднее.
swap-moved = Цена сдвинулась, поэтому обмена не было. Теперь было бы так:
swap-done = ✅ Отдано <b>{ $given }</b>, получено <b>{ $received }</b>.

pool-title = <b>Пулы</b>
pool-nothing = Пулов пока нет.
pool-line = <b>{ $base }</b>: { $price } { $quote }
pool-reserves = внутри { $base } и { $quote } · комиссия { $fee }
pool-paused = ⏸ Сейчас не торгует.
pool-mine = Ваша доля: { $share }, это { $base } и { $quote }
pool-hint = Обменять: <code>/swap 10 { $quote } { $base }</code>. Ликвидность добавляют и забирают в приложении.
