# О чём бот сообщает сам.

letter-payment = 💸 <b>{ $name }</b> платит вам <b>{ $amount }</b>.
letter-payments-more =
    { $count ->
        [one] … и ещё { $count } платёж:
        [few] … и ещё { $count } платежа:
       *[many] … и ещё { $count } платежей:
    }
letter-more = … и ещё { $count }.
letter-vote-opened =
    🗳 Началось голосование: <b>{ $title }</b>
    Оно закончится { $time }. Прочитать и проголосовать: /vote
letter-vote-result = 🏛 <b>{ $title }</b>
letter-allowance =
    { $count ->
        [one] 🔑 { $name } берёт { $amount } с вашего разрешения.
        [few] 🔑 { $name } берёт { $amount } ({ $count } раза) с вашего разрешения.
       *[many] 🔑 { $name } берёт { $amount } ({ $count } раз) с вашего разрешения.
    }
letter-broadcast-mute = <i>О чём сообщать, можно выбрать в /settings.</i>
