# What a player reads when the server says no. The id is that of the reason.
# What is put in are facts of the refusal, as docs/errors.md has them: names only, never raw amounts.

error-invalid-field = Something about this is not right. Please check it and try again.
error-text-not-clean = The text has characters that cannot be used. Please write it anew, as plain text.
error-text-too-long = The text is too long. Please shorten it.
error-amount-out-of-range = The amount has to be more than nothing, and not larger than anybody can count.
error-same-account = That would go from an account to itself. Choose another recipient.
error-posting-count = That is too much for one transaction. Please split it.
error-batch-size = That is too much at once. Please do it in smaller parts.
error-invalid-page-token = This list has changed. Please open it again.
error-account-not-found = There is no such account. Please check the recipient.
error-asset-not-found = There is nothing of this name here.
error-transaction-not-found = There is no such transaction.
error-block-not-found = There is no such block yet.
error-person-not-found = Nobody like that is known here. Please check whom you mean.
error-application-not-found = There is no such application.
error-api-key-not-found = There is no such key.
error-economy-not-found = There is no such economy here.
error-schedule-not-found = There is no such schedule.
error-payment-request-not-found = There is no such request to pay.
error-request-id-reused = This was mixed up with an earlier action, so nothing was done. Please begin anew.
error-account-exists = There is such an account already.
error-asset-exists = There is an asset of this name already.
error-insufficient-funds = You do not have enough for this ({ $asset }).
error-balance-overflow = The recipient cannot hold that much.
error-account-closed = This account is closed. Nothing can go there or come from it.
error-account-not-empty = There is still something in the account ({ $asset }). Move it away first.
error-account-blocked = This account is blocked: nothing can leave it. Those who run the economy can tell why.
error-economy-suspended = The economy is resting: you can look at everything, and nothing changes for now.
error-supply-cap-exceeded = There cannot be that much of { $asset }: its supply is limited.
error-api-key-inactive = This key has ended already. Make a new one.
error-schedule-ended = This schedule has ended already. You can make a new one.
error-payment-request-closed =
    { $state ->
        [ACCEPTED] This request has been paid already.
        [DECLINED] This request was declined.
        [CANCELLED] This request was taken back.
        [EXPIRED] This request is too old. Ask for a new one.
       *[other] This request is closed already.
    }
error-too-many-payment-requests = Too many of your requests wait for this person's answer. Wait for one, or take one back.
error-too-many-schedules = There are too many schedules already. Cancel one first.
error-credentials-missing = Please sign in first.
error-credentials-invalid = You are not signed in any more. Please sign in again.
error-credentials-expired = You were signed in long enough. Please sign in again.
error-scope-missing = This is not open to you here.
error-not-account-owner = This is not yours: only its owner may do that.
error-person-blocked = This account is blocked for now. Those who run the economy can tell why.
error-account-reserved = This account belongs to the economy itself. Choose another.
error-queue-full = Very many people are busy right now. Please try again in a moment.
error-rate-limited = That was a little fast. Please wait a moment and try again.
error-contention = Somebody was a moment quicker. Please try again.
error-draining = The economy is restarting. Please try again in a few seconds.
error-database-unavailable = The economy does not answer right now. You can try again safely: it will happen once at most.
error-sequence-not-reached = The newest data are still on their way. Please try again in a moment.
error-deadline-passed = It took too long, and nothing was done. Please try again.
error-person-merged = This account is part of another one now. Please use that one.
error-person-erased = This account was erased.
error-link-code-invalid = The code is wrong, used, or older than ten minutes. Make a new one.
error-identity-taken = This account belongs to another person here. You can make one person of both.
error-identity-not-found = This account is not connected.
error-last-identity = This is your only way to sign in. Connect another one first.
error-same-person = These are one and the same person.
error-too-many-parts = There is too much to do this at once. Move some of it away first.
error-balance-held = A part of this is set aside ({ $asset }). It has to be paid or released first.
error-name-changed-too-often = You have changed your name often today. Try again tomorrow.
error-handle-taken = @{ $handle } is not free. Choose another.
error-handle-changed-too-often = You have changed your handle often today. Try again tomorrow.
error-handle-not-found = Nobody is @{ $handle } now. Please check the handle.
error-internal = Something went wrong here. Please try again in a moment.
error-signing-key-not-active = Receipts cannot be signed right now. Please try again later.
error-log-behind = The proof is still being made. Please try again in a moment.
error-statistics-behind = The figures are still being counted. Please try again in a moment.
error-hold-not-found = Nothing like that is set aside.
error-hold-not-open = This is not set aside any more.
error-capture-exceeds-hold = That is more than was set aside.
error-not-hold-owner = Somebody else has set this aside: only they may do that.
error-allowance-not-found = There is no such permission: nothing may be taken or asked for.
error-allowance-asks = The person wants to be asked each time. Send a request to pay.
error-allowance-exceeded = That is more than was allowed. Take less, wait, or ask.
error-budget-not-found = There is no such budget.
error-budget-exceeded = The budget for this is used up. Please try again later.
error-webhook-not-found = There is no such webhook.
error-too-many-webhooks = There are too many webhooks already. Delete one first.
error-dead-letter-not-found = This message is not waiting any more.
error-webhook-key-missing = Webhooks cannot be changed right now. Please try again later.
error-application-only = Only applications can do this.
error-parameter-not-found = There is no such parameter.
error-parameter-out-of-bounds = This value is not possible. The parameter's page tells its bounds.
error-parameter-of-parliament = The Parliament decides this. Make a proposal.
error-parameter-one-way = This cannot be taken back.
error-pool-not-found = There is no such pool.
error-pool-exists = There is such a pool already.
error-pool-paused = This pool is paused. You can take your liquidity out; trading goes on later.
error-asset-not-in-pool = These two are not traded in this pool.
error-limit-not-met = The price has moved, so nothing was traded. Look at the new price and try again.
error-trade-expired = It took too long, so nothing was traded. Look at the price and try again.
error-insufficient-liquidity = The pool does not have that much. Try a smaller amount.
error-amount-too-small = This is so little that nothing would come of it. Try a larger amount.
error-asset-reserved = This belongs to a pool: only the pool itself makes it.
error-instrument-not-found = This has never been traded, so there is no price yet.
error-queue-not-open = This queue is not open yet.
error-already-in-round = You are in this round already. Good luck!
error-not-in-round = You are not in the waiting round. It may have filled a moment ago: look at its result.
error-round-not-found = There is no such round.
error-draw-key-missing = No rounds can be drawn right now. Please try again later: nothing is lost.
error-conversion-off = Tickets are not turned into those of a lower tier at the moment.
error-proposal-not-found = There is no such proposal.
error-voting-not-open =
    { $state ->
        [DISCUSSION] Voting on this has not begun yet.
       *[other] Voting on this is over.
    }
error-not-eligible =
    { $rule ->
        [IDENTITY] To take part in the Parliament, connect an account by which you are known elsewhere.
        [AGE] You are too new here to take part in the Parliament. It only takes some more days.
        [ACTIVITY] You have to be active on more days to take part in the Parliament.
        [STANDING] Your account may not take part in the Parliament now.
       *[other] You may not take part in the Parliament yet.
    }
error-proposal-state = The proposal has moved on, and this is not possible any more. Look at it again.
error-ballot-not-found = There is no vote of this person on the proposal.
error-too-many-proposals = You have enough open proposals for now. Wait until one ends, or withdraw one.
error-parameter-of-operator = Those who run the economy decide this. You can propose a text that asks them.
error-not-proposer = Only who has made the proposal can withdraw it.
error-policy-limit-exceeded = The Parliament may not mint or burn so much in so short a time. Propose less, or later.
error-person-only = Only people themselves can do this. Please sign in.
error-reward-not-due = You have claimed today's reward already. Come again tomorrow!
error-reward-limit-reached =
    { $source ->
        [TAP] Your taps of today are used up. More tomorrow!
        [AD] You have watched enough for today. More tomorrow!
        [CHAT] Your messages have earned enough for today. More tomorrow!
        [REFERRAL] Enough people have come by this invitation today. Try again tomorrow.
       *[other] That is enough for today. More tomorrow!
    }
error-reward-budget-spent = The community has given out all of today's rewards of this kind. They begin anew tomorrow.
error-ad-network-not-found = There is no such ad network.
error-ad-network-exists = There is such an ad network already.
error-ad-network-paused = Videos are paused at the moment.
error-ad-signature-invalid = This view could not be confirmed, so it does not count.
error-ad-view-replayed = This view has counted already.
error-referral-code-not-found = Nobody has this invitation code. Please check it.
error-referral-refused =
    { $rule ->
        [TWICE] You have said before who has brought you.
        [SELF] This is your own invitation: send it to a friend.
        [LATE] Invitations are for new people, and you have been here for a while.
        [OLDER] You were here before the person of this invitation.
       *[other] This invitation does not work for you.
    }
error-flag-not-found = There is no such flag.

# What the gateway itself says.
error-route-not-found = There is nothing here, or no longer.
error-method-not-allowed = This is not possible here.
error-not-acceptable = This cannot be shown in the way that was asked for.
error-media-type-unsupported = This was sent in a way that is not understood. Please reload the page.
error-body-too-large = That is too much to send at once.
error-headers-too-large = Your browser has sent too much along. Please sign in again.
error-request-malformed = This could not be read. Please reload the page and try again.
error-request-too-slow = The connection is too slow, and nothing was done. Please try again.
error-server-unavailable = The economy does not answer right now. You can try again safely: it will happen once at most.
error-caller-gone = The connection was cut. You can try again safely: it will happen once at most.
error-csrf-token-invalid = This page is too old. Please reload it and try again.
error-origin-foreign = This did not come from our own page, so nothing was done.
