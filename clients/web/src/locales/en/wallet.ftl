wallet-balances = Balances
wallet-history = History
wallet-requests = Requests
wallet-holds = Holds
wallet-schedules = Schedules
wallet-allowances = Allowances

# Paying.
pay-title = Pay and be paid
pay-send = Pay
pay-ask = Ask
pay-receive = My code
pay-to = To
pay-from = From
pay-name = Name
pay-amount = Amount
pay-asset = Of what
pay-memo = For what
pay-memo-hint = Optional. Only both sides read it.
pay-fee = Fee, burned
pay-total = Altogether
pay-left = Left afterwards
pay-fee-short = With the fee of { $fee } it is more than you have.
pay-next = Next
pay-check = Is that right?
pay-confirm = Pay now
pay-final = A payment cannot be undone.
pay-done = Paid
pay-done-to = { $amount } { $asset } to { $name }
pay-fee-paid = Fee: { $fee }
pay-replayed = It had been paid already; it was not paid twice.
pay-receipt = See the receipt
recipient-hint = The handle of a person, such as @alice.
recipient-format = 3–32 letters a–z, digits and _, beginning with a letter.
recipient-since = here since
recipient-self = That is you.
recipient-gone = This person is no longer here.

# Asking for a payment.
ask-until = Open until
ask-days =
    { $days ->
        [one] { $days } day
       *[other] { $days } days
    }
ask-check = Ask for this?
ask-confirm = Ask
ask-note = Nothing moves until it is accepted.
ask-done = Asked
ask-done-from = { $amount } { $asset } from { $name }

# My code.
receive-title = Pay me
receive-how = Whoever scans this code or opens the link sees a payment to you, ready to be checked.
receive-amount = Amount (optional)
receive-text = Pay me in tickets
receive-no-handle = Choose a handle for a shorter link
receive-code = QR code of { $link }

# History.
history-csv = CSV
history-filter = Filter
history-asset = Asset
history-kind = Kind
history-from = From
history-to = To
history-any = All
history-clear = Clear the filter
history-none-found = Nothing matches the filter
history-cut = The file has the newest { $count } transactions. A filter by date gives the rest.

# Requests to pay.
requests-new = Ask somebody
requests-in = I am asked
requests-out = I asked
requests-none-in = Nobody asks you for anything
requests-none-out = You have asked nobody
requests-until = Open until
request-accept = Pay
request-decline = Decline
request-cancel = Take back
request-accept-title = Pay what is asked?
request-decline-title = Decline the request?
request-cancel-title = Take the request back?
request-accept-done = Paid: { $amount } { $asset }
request-decline-done = Declined: { $amount } { $asset }
request-cancel-done = Taken back: { $amount } { $asset }
request-accepted = Paid
request-declined = Declined
request-cancelled = Taken back
request-expired = Expired
request-paid-entry = Entry { $sequence } of the ledger

# Holds.
holds-what = A hold sets something aside for somebody. It is still yours until it is captured.
holds-open = Open
holds-all = All
holds-none = Nothing is set aside
holds-for = For
holds-from = From
holds-until = Until
hold-open = Open
hold-captured = Captured
hold-released = Released
hold-expired = Expired

# Schedules.
schedules-new = New schedule
schedules-none = No schedules
schedules-none-hint = Pay the same every week or month without thinking of it.
schedule-first = First time
schedule-past = Choose a time in the future.
schedule-repeat = Repeat
schedule-confirm = Make the schedule
schedule-made = Scheduled
schedule-stop = Stops
schedule-stop-after =
    { $count ->
        [one] after a failure
       *[other] after { $count } failures in a row
    }
schedule-active = running
schedule-paused = paused
schedule-completed = completed
schedule-stopped = stopped after failures
schedule-cancelled = ended
schedule-next = next
schedule-counts = Paid: { $paid } · failed: { $failed }
schedule-runs = Runs
schedule-pause = Pause
schedule-pause-title = Pause this schedule?
schedule-pause-note = Nothing is paid until you resume it. Runs of that time are skipped.
schedule-pause-done = The schedule is paused.
schedule-resume = Resume
schedule-resume-title = Resume this schedule?
schedule-resume-note = It goes on with its next time from now.
schedule-resume-done = The schedule goes on.
schedule-cancel = End
schedule-cancel-title = End this schedule?
schedule-cancel-note = It ends for good. Payments that were made stay.
schedule-cancel-done = The schedule has ended.
repeat-once = once
repeat-daily =
    { $every ->
        [one] every day
       *[other] every { $every } days
    }
repeat-weekly =
    { $every ->
        [one] every week
       *[other] every { $every } weeks
    }
repeat-monthly =
    { $every ->
        [one] every month
       *[other] every { $every } months
    }
run-retrying = Will be tried again
run-succeeded = Paid
run-failed = Failed

# Allowances.
allowances-what = What applications may take from your account without asking again. You can take an allowance away at any time.
allowances-none = No application may take anything
allowances-none-hint = Games and shops ask you for an allowance when they need one.
allowance-application = Application
allowance-terms = May take
allowance-asks = Must ask each time
allowance-hour = up to { $amount } { $asset } an hour
allowance-day = up to { $amount } { $asset } a day
allowance-week = up to { $amount } { $asset } a week
allowance-month = up to { $amount } { $asset } a month
allowance-total = up to { $amount } { $asset } altogether
allowance-spent = Taken
allowance-left = left
allowance-renews = anew
allowance-until = Until
allowance-over = Over since
allowance-revoke = Revoke
allowance-revoke-title = Take this allowance away?
allowance-revoke-note = From now on the application takes nothing more. What it has set aside already can still be captured.
allowance-revoked = The application may take nothing more.
grant-title = Allow an application something
grant-application-hint = The id that the application shows: 16 letters and digits.
grant-application-wrong = An id has 16 letters a–z and digits.
grant-asks = Ask me each time
grant-asks-hint = It takes nothing by itself and sends requests.
grant-amount = At most
grant-period = In which time
grant-lasting = For how long
grant-no-end = Until I revoke it
grant-confirm = Allow
grant-done = Allowed
grant-note = The application takes up to this much without asking you again.
period-hour = an hour
period-day = a day
period-week = a week
period-month = a month
period-total = altogether
