# What the bot tells by itself.

letter-payment = 💸 <b>{ $name }</b> has paid you <b>{ $amount }</b>.
letter-payments-more =
    { $count ->
        [one] … and one more payment:
       *[other] … and { $count } more payments:
    }
letter-more = … and { $count } more.
letter-vote-opened =
    🗳 A vote has begun: <b>{ $title }</b>
    It closes { $time }. Read and vote: /vote
letter-vote-result = 🏛 <b>{ $title }</b>
letter-allowance =
    { $count ->
        [one] 🔑 { $name } has taken { $amount }, as you allow it.
       *[other] 🔑 { $name } has taken { $amount } in { $count } parts, as you allow it.
    }
letter-broadcast-mute = <i>/settings says what you are told.</i>
