# Queues.
queues-title = Queues
queues-lead = Everybody stakes one ticket. When a round is full, one person is drawn and gets tickets of the next tier.
queues-part-rounds = Rounds
queues-part-mine = My rounds
queues-part-top = Top players
queues-all = All queues
queues-none = The queues are not open yet
queues-none-hint = As soon as the community opens them, you can join here.
queues-unknown = There is no such queue
queues-size-small = Small
queues-size-medium = Medium
queues-size-large = Large
queues-sizes = Sizes
queues-tier-line = { $tier } → { $above }
queues-about-queue = About the queue { $name }
queues-opening = The next round opens in a moment
queues-opening-hint = The server that draws it has to come back first. Nothing is lost.
queues-top-note = { $tier } has no queue: it is the top.

# A round.
queues-round = Round
queues-round-title = Round { $number }
queues-round-unknown = There is no such round
queues-filling = How full the round is
queues-of = { $players } of { $places }
queues-one-in = 1 in { $shown }
queues-stake = You stake
queues-stake-back = You get back
queues-reward = If you are drawn, you get
queues-odds = Your chance
queues-places-left = Places left
queues-place = Place { $place }
queues-you-have-place = You are in, at place { $place }.
queues-fills-in = full in about { $span }
queues-fills-soon = full any moment
queues-expires = all stakes back in
queues-drawing = Full: the draw is being made…
queues-state-unspecified = Unknown
queues-state-waiting = Open
queues-state-filled = Full
queues-state-in-progress = Being drawn
queues-state-finished = Drawn
queues-state-expired = Stakes returned
queues-won = Won
queues-lost = Not drawn
queues-you-got = You got
queues-has-won = was drawn and got
queues-expired-hint = The round did not fill in time. Every stake went back.
queues-last-winner = Last drawn:

# Joining and leaving.
queues-join = Join
queues-join-of = Join { $name }
queues-leave = Leave
queues-leave-of = Leave { $name }
queues-you-have = You have
queues-no-ticket = You have no ticket for it
queues-sign-in = Sign in to join
queues-sign-in-title = Sign in to see your rounds
queues-join-title = Join this round?
queues-join-confirm = Stake and join
queues-join-hint = Until the round is full you can leave and get the stake back. Then all stakes are burned and one person, drawn by lot, gets the reward.
queues-joined-title = You are in
queues-joined = You have place { $place } of { $places }.
queues-joined-waiting =
    { $count ->
        [one] One more place to go. You can leave until then.
       *[other] { $count } more places to go. You can leave until then.
    }
queues-joined-full = The round is full: the draw comes at once.
queues-leave-title = Leave this round?
queues-leave-confirm = Leave
queues-leave-hint = Your place goes to whoever comes next.
queues-left-title = You have left
queues-left = Back in your wallet:
queues-my-seats = You are in

# Results.
queues-result-won-title = You were drawn!
queues-result-lost-title = Not this time
queues-result-refunded-title = Your stake is back
queues-result-won = The chance was 1 in { $shown }. Anybody can check the draw.
queues-result-lost = The chance was 1 in { $shown }, the same for everybody. All stakes were burned.
queues-result-refunded = The round did not fill in time, so everybody got the stake back.
queues-mine-empty = You have not played yet
queues-mine-empty-hint = Your rounds and what became of them are listed here.

# A queue.
queues-people = Who is in
queues-entries-table = Everybody in the round, with what each added to the draw
queues-nobody = Nobody yet.
queues-person = Person
queues-joined-at = Joined
queues-figures = Figures
queues-finished = Rounds drawn
queues-expired = Rounds not filled
queues-entries = Times joined
queues-median = Half of them filled within
queues-slow = 95 of 100 filled within
queues-fairness = Does the place matter?
queues-fairness-hint = How often places have won. In fair draws, all win about as often.
queues-places = { $from }–{ $to }
queues-before = Rounds before
queues-before-empty = No round has been drawn yet

# Top players.
queues-top-tier = Won most tickets of
queues-top-empty = Nobody has won { $tier } yet
queues-top-empty-hint = Whoever is first stands here.
queues-top-note-wins =
    { $count ->
        [one] { $count } round won, joined { $entries } times
       *[other] { $count } rounds won, joined { $entries } times
    }

# The evidence, and checking it.
queues-evidence = Evidence of this round
queues-evidence-hint = The server fixes a secret before anybody joins and publishes its fingerprint, the commitment. What each person adds is only known later. So neither side decides alone.
queues-opened = Opened
queues-filled = Filled
queues-resolved = Decided
queues-escrow = Stakes are kept by
queues-secret-later = Published with the draw
queues-nonce = Added to the draw
queues-verify = Verify this draw
queues-check-title = Verify this draw
queues-check-lead = Your device draws the winner again, by itself, from what everybody can read.
queues-check-kept = The commitment was kept on this device when you joined: it is compared, too.
queues-check-good = The draw is right: everything fits together.
queues-check-bad = The draw does not fit its evidence.
queues-check-again = Verify again
queues-check-facts = What was compared
queues-check-finished = The round has been drawn
queues-check-commitment = The secret is the one that was promised
queues-check-entries = Everybody is in once, in the order of joining
queues-check-draw = Secret, people and what they added give the winning place
queues-check-winner = The person at this place got the reward
queues-fact-round = Round
queues-fact-commitment = Commitment (SHA-256 of the secret)
queues-fact-secret = Secret
queues-fact-kept = Compared with what you kept
queues-fact-kept-yes = yes
queues-fact-kept-no = no, you did not join here
queues-fact-people = People
queues-fact-transcript = Hash of everything that decides
queues-fact-place = Place
queues-fact-person = Person
