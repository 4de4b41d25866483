# Ранги и очереди рангов.

tier-sign-bronze = 🥉
tier-sign-silver = 🥈
tier-sign-gold = 🥇
tier-sign-emerald = 💚
tier-sign-sapphire = 💙
tier-sign-ruby = ❤️
tier-sign-amethyst = 💜
tier-sign-diamond = 💎

tiers-title = <b>Лестница рангов</b>
tiers-line = { $tier }: <b>{ $amount }</b> · один стоит { $worth } 🥉
tiers-lowest = { $tier }: <b>{ $amount }</b>
tiers-total = Всё вместе стоит <b>{ $amount }</b>
tiers-step = { $step } билетов ранга стоят один билет следующего. Путь наверх: /queue

button-chart = 📈 График
button-join = Встать
button-leave = Выйти
button-queues = « Все очереди
button-refresh = Обновить

queue-title = <b>Очереди рангов</b>
queue-explained =
    Каждый в раунде ставит один билет этого ранга. Когда мест не остаётся, жребий выбирает одного – он получает билеты следующего ранга.
    S: 1 билет, M: 2, L: 3. Числа показывают, сколько человек уже в раунде.
queue-joined-count =
    { $count ->
        [one] ✅ Вы в { $count } раунде.
        [few] ✅ Вы в { $count } раундах.
       *[many] ✅ Вы в { $count } раундах.
    }
queue-letter-small = S
queue-letter-medium = M
queue-letter-large = L
queue-size-small = малая
queue-size-medium = средняя
queue-size-large = большая
queue-none = Такой очереди нет. Все очереди: /queue
queue-closed = Эта очередь сейчас закрыта. Загляните через минуту.
queue-ask-join =
    Встать в очередь <b>{ $queue }</b>?
    Ваша ставка: <b>{ $stake }</b>. Когда займут все места ({ $places }), жребий выберет одного, и он получит <b>{ $reward }</b>; ставки всех сгорают.
    Пока есть свободные места, можно выйти и вернуть ставку.
queue-ask-leave = Выйти из очереди <b>{ $queue }</b>? Вам вернётся <b>{ $stake }</b>.
queue-left = Вы вышли. Ставка вернулась: <b>{ $stake }</b>.

round-title = 🎲 <b>{ $tier }, { $size }</b> · раунд { $number }
round-terms = Ставка { $stake } · награда { $reward } одному из { $places }
round-progress = { $bar } { $players } из { $places }
round-place = ✅ Вы в раунде под номером { $place }.
round-full = Мест больше нет: сейчас будет жребий …
round-ends = Если места не займут, раунд закончится { $time } и все ставки вернутся.
round-estimate = Места, вероятно, кончатся через { $wait }.
round-won = 🎉 <b>Вы выиграли { $reward }!</b>
round-lost = На этот раз повезло не вам. Победитель: { $winner }. Ваша ставка { $stake } сгорела.
round-over = Раунд окончен. Победитель: { $winner }
round-drawn = Жребий выпал на номер { $place } из { $places }. Розыгрыш может проверить каждый.
round-expired = Места не заняли вовремя. Ваша ставка вернулась: { $stake }.
round-expired-other = Места не заняли вовремя; все ставки вернулись.
