# Proposals and votes.

verbatim-note = <i>{ $text }</i>
account-treasury = the treasury

vote-title = <b>Open proposals</b>
vote-title-ended = <b>Past proposals</b>
vote-nothing = Nothing is proposed right now. You can: /propose
vote-nothing-ended = Nothing has been decided yet.
vote-mine-yes = You have voted <b>for</b> it. Until it closes you can change that.
vote-mine-no = You have voted <b>against</b> it. Until it closes you can change that.
vote-mine-abstain = You have <b>abstained</b>. Until it closes you can change that.
vote-cast-yes = Your vote: for
vote-cast-no = Your vote: against
vote-cast-abstain = Your vote: abstained

button-proposal = « The proposal
button-proposals = « All proposals
button-proposals-open = Open proposals
button-proposals-ended = Past proposals
button-vote-yes = 👍 For
button-vote-no = 👎 Against
button-vote-abstain = 🤷 Abstain
button-vote-why = May I vote?
button-withdraw-proposal = Take back
button-no-body = No text

proposal-untitled = Proposal without a title
proposal-state-discussion = Being discussed
proposal-state-voting = Being voted on
proposal-state-veto-window = Passed; may still be vetoed
proposal-state-executed = ✅ Passed and done
proposal-state-rejected = ❌ Rejected
proposal-state-vetoed = ⛔ Vetoed
proposal-state-withdrawn = Withdrawn
proposal-state-expired = Too few people voted
proposal-state-failed = Passed, but could not be done
proposal-does-nothing = It does nothing but what its text says.
proposal-does-parameter = It sets <code>{ $name }</code> to <b>{ $value }</b>.
proposal-does-mint = It makes <b>{ $amount }</b> for { $account }.
proposal-does-burn = It destroys <b>{ $amount }</b> of { $account }.
proposal-does-event = It calls an event on { $time }.
proposal-opens = Voting opens { $time }.
proposal-closes = Voting closes { $time }.
proposal-executes = It happens { $time }.
proposal-veto-reason = Why: { $reason }
proposal-failure = Why: { $reason }
proposal-ask-withdraw = Take back <b>{ $title }</b>? Your deposit comes back.
proposal-withdrawn = <b>{ $title }</b> is taken back, and you have your deposit back.

tally-bar = { $bar } 👍 { $yes } · 👎 { $no } · 🤷 { $abstain }
tally-quorum = { $cast } of { $electorate } who may vote did; { $needed } are needed.
tally-threshold = It passes with more than { $threshold } of the votes for or against it.

eligible-yes = ✅ <b>You may vote.</b>
eligible-no = <b>You may not vote on this.</b> What counts:
rule-identity = Linked accounts: { $has }, needed: { $needed }
rule-age = Here for: { $has }, needed: { $needed ->
        [one] { $needed } day
       *[other] { $needed } days
    }
rule-activity = Days on which you took part: { $has }, needed: { $needed }
rule-standing = Not blocked

propose-private = Please propose in a private chat with me.
propose-not-eligible = <b>You may not propose yet.</b> What counts:
propose-what = <b>What shall your proposal do?</b>
propose-kind-text = Only say something
propose-kind-parameter = Change a rule
propose-kind-mint = Make tickets
propose-kind-burn = Destroy tickets
propose-parameter = Which rule?
propose-value-now = It is <b>{ $value }</b> now.
propose-value = Write the new value.
propose-whose-mint = Who shall get them?
propose-whose-burn = Whose tickets?
propose-account-treasury = The treasury
propose-account-mine = Me
propose-amount = How many Bronze tickets? Write an amount such as 500 or 5k.
propose-title = Write a title: one line, at most { $most } characters.
propose-title-long = A title has 1 to { $most } characters.
propose-body = Now write why, in as many words as you like.
propose-body-long = A text has at most { $most } characters.
propose-ask = <b>Propose this?</b> Everybody will read it.
propose-ask-title = Title: <b>{ $title }</b>
propose-deposit = You give a deposit of <b>{ $deposit }</b>. It comes back in the end, unless this is vetoed as spam.
propose-escrow = { $amount } of yours is kept aside at once, and comes back if it does not pass.
propose-done = ✅ Proposed.

parameter-yes-no = Write on or off.
parameter-choices = One of: { $choices }
parameter-bounds = From { $least } to { $most } { $unit }
parameter-list = Numbers with spaces between, each from { $least } to { $most } { $unit }
parameter-malformed = That is no value for this. Please look above at what it may be.
parameter-out-of-bounds = That is out of bounds: from { $least } to { $most }.
