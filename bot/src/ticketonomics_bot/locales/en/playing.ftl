# Tiers and tier queues.

tier-sign-bronze = 🥉
tier-sign-silver = 🥈
tier-sign-gold = 🥇
tier-sign-emerald = 💚
tier-sign-sapphire = 💙
tier-sign-ruby = ❤️
tier-sign-amethyst = 💜
tier-sign-diamond = 💎

tiers-title = <b>The ladder of tiers</b>
tiers-line = { $tier }: <b>{ $amount }</b> · one is worth { $worth } 🥉
tiers-lowest = { $tier }: <b>{ $amount }</b>
tiers-total = Together worth <b>{ $amount }</b>
tiers-step = { $step } of a tier are worth one of the next. The way up: /queue

button-chart = 📈 Chart
button-join = Join
button-leave = Leave
button-queues = « All queues
button-refresh = Refresh

queue-title = <b>Tier queues</b>
queue-explained =
    Everybody in a round stakes one ticket of its tier. When it is full, one of them is drawn and wins tickets of the next tier.
    S: 1 ticket, M: 2, L: 3. The numbers say how many people are in.
queue-joined-count =
    { $count ->
        [one] ✅ You are in one round.
       *[other] ✅ You are in { $count } rounds.
    }
queue-letter-small = S
queue-letter-medium = M
queue-letter-large = L
queue-size-small = small
queue-size-medium = medium
queue-size-large = large
queue-none = There is no such queue. /queue shows all.
queue-closed = This queue is not open right now. Please look again in a minute.
queue-ask-join =
    Join <b>{ $queue }</b>?
    You stake <b>{ $stake }</b>. When { $places } people are in, one of you is drawn by lot and wins <b>{ $reward }</b>; the stakes of all are used up.
    Until it is full you can leave and get your stake back.
queue-ask-leave = Leave <b>{ $queue }</b>? You get <b>{ $stake }</b> back.
queue-left = You have left, and have <b>{ $stake }</b> back.

round-title = 🎲 <b>{ $tier }, { $size }</b> · round { $number }
round-terms = Stake { $stake } · reward { $reward } for one of { $places }
round-progress = { $bar } { $players } of { $places }
round-place = ✅ You are in, as number { $place }.
round-full = It is full: the draw is due …
round-ends = Ends { $time } if it is not full; every stake then comes back.
round-estimate = Probably full in { $wait }.
round-won = 🎉 <b>You have won { $reward }!</b>
round-lost = This time it was { $winner }. Your { $stake } is used up.
round-over = It is over. The winner: { $winner }
round-drawn = Drawn by lot: number { $place } of { $places }. Anybody can check the draw.
round-expired = It was not full in time. You have your { $stake } back.
round-expired-other = It was not full in time; every stake went back.
