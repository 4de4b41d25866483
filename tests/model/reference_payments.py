"""Payments as a book of rules: schedules, requests to pay, and the time that makes them happen."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from heapq import heappop, heappush
from itertools import count

from tests.model.reference_ledger import (
    MINT,
    SINK,
    TRANSFER,
    Posting,
    ReferenceLedger,
    RefusedError,
)

# The server's own are as high as people need; these are reached.
MOST_SCHEDULES, MOST_REQUESTS = 5, 3
HOLD_LIFETIME = REQUEST_LIFETIME = timedelta(days=7)
START = datetime(2030, 1, 1, 9, tzinfo=UTC)


@dataclass
class Schedule:
    """Attributes:
    every: How far apart runs are; None for one run.
    runs: Run, attempts and last reason of each run that was begun.
    """

    postings: list[Posting]
    first: datetime
    every: timedelta | None
    run_limit: int
    attempts: int
    delay: timedelta
    stop_after: int
    name: str = ""
    state: str = "active"
    due: datetime | None = None
    alarm: int = 0
    attempt: int = 0
    succeeded: int = 0
    failed: int = 0
    failures_in_row: int = 0
    runs: list[tuple[int, int, str]] = field(default_factory=list)

    def takes_from(self, account: str) -> bool:
        return any(source == account for source, *_ in self.postings)

    def next_due(self, after: datetime) -> datetime | None:
        if self.run_limit and len(self.runs) >= self.run_limit:
            return None
        if after < self.first:
            return self.first
        if self.every is None:
            return None
        return self.first + ((after - self.first) // self.every + 1) * self.every

    def give_up(self) -> None:
        if self.attempt:
            self.attempt = 0
            self.failed += 1
            self.failures_in_row += 1


@dataclass
class PaymentRequest:
    payee: str
    payer: str
    code: str
    amount: int
    expire: datetime
    state: str = "open"


@dataclass
class ReferencePayments(ReferenceLedger):
    """Knows the time as well, which only `wait` moves.

    Attributes:
        schedules: By the names that the server gives them; `name_schedule` tells them.
        alarms: What happens when: the time, a number in order of setting, and what.
    """

    now: datetime = START
    schedules: dict[str, Schedule] = field(default_factory=dict)
    payment_requests: dict[str, PaymentRequest] = field(default_factory=dict)
    alarms: list[tuple[datetime, int, Callable[[], None]]] = field(default_factory=list)
    _numbers: count = field(default_factory=lambda: count(1))

    def _set_alarm(self, due: datetime, what: Callable[[], None]) -> int:
        number = next(self._numbers)
        heappush(self.alarms, (due, number, what))
        return number

    @property
    def restless(self) -> bool:
        """Whether something is due."""
        return bool(self.alarms) and self.alarms[0][0] <= self.now

    def settle(self) -> None:
        """Lets happen what is due."""
        while self.restless:
            heappop(self.alarms)[2]()

    # --- holds and people ---------------------------------------------------------------------

    def hold(self, hold_id: str, postings: list[Posting]) -> None:
        super().hold(hold_id, postings)
        self._set_alarm(self.now + HOLD_LIFETIME, lambda: self._expire_hold(hold_id))

    def _expire_hold(self, hold_id: str) -> None:
        hold = self.holds[hold_id]
        if hold.state == "open":
            self._give_back(hold_id, hold.reserved())
            hold.state = "expired"

    def merge(self, request_id: str, source: str, target: str) -> None:
        super().merge(request_id, source, target)
        self._set_alarm(self.now, lambda: self._end_all(source))

    def _end_all(self, account: str) -> None:
        for schedule in self.schedules.values():
            if schedule.takes_from(account) and schedule.state in {"active", "paused"}:
                self._cancel(schedule)
        for request in self.payment_requests.values():
            if request.state == "open" and account in (request.payee, request.payer):
                request.state = "cancelled"

    # --- schedules ----------------------------------------------------------------------------

    def create_schedule(self, name: str, schedule: Schedule) -> None:
        if schedule.first < self.now:
            raise RefusedError("INVALID_FIELD")
        for posting in schedule.postings:
            self._guard(TRANSFER, *posting)
        for account in {source for source, *_ in schedule.postings}:
            unended = [
                other
                for other in self.schedules.values()
                if other.takes_from(account) and other.state in {"active", "paused"}
            ]
            if len(unended) >= MOST_SCHEDULES:
                raise RefusedError("TOO_MANY_SCHEDULES")
        # A refused one that is sent again is a new one.
        schedule = Schedule(**{n: getattr(schedule, n) for n in _TERMS})
        self.schedules[name] = schedule
        self._await(schedule, schedule.first)

    def name_schedule(self, name: str, given: str) -> None:
        self.schedules[given] = self.schedules.pop(name)
        self.schedules[given].name = given

    def _await(self, schedule: Schedule, attempt_time: datetime) -> None:
        if not schedule.attempt:
            schedule.due = attempt_time
        schedule.alarm = self._set_alarm(attempt_time, lambda: self._run(schedule, number))
        number = schedule.alarm

    def _go_on(self, schedule: Schedule) -> None:
        schedule.attempt = 0
        following = schedule.next_due(self.now)
        if following is None:
            schedule.state, schedule.due = "completed", None
        else:
            self._await(schedule, following)

    def _run(self, schedule: Schedule, number: int) -> None:
        if schedule.state != "active" or schedule.alarm != number:
            return
        reason = ""
        try:
            self.transact(schedule.name, TRANSFER, schedule.postings)
        except RefusedError as refused:
            reason = refused.reason
        schedule.attempt += 1
        if schedule.attempt > 1:
            schedule.runs.pop()
        schedule.runs.append((len(schedule.runs) + 1, schedule.attempt, reason))
        if not reason:
            schedule.succeeded += 1
            schedule.failures_in_row = 0
            self._go_on(schedule)
            return
        again, following = self.now + schedule.delay, schedule.next_due(self.now)
        if schedule.attempt < schedule.attempts and (following is None or again < following):
            self._await(schedule, again)
            return
        schedule.give_up()
        if 0 < schedule.stop_after <= schedule.failures_in_row:
            schedule.state, schedule.due = "stopped", None
        else:
            self._go_on(schedule)

    def _unended(self, name: str) -> Schedule:
        if name not in self.schedules:
            raise RefusedError("SCHEDULE_NOT_FOUND")
        if self.schedules[name].state not in {"active", "paused"}:
            raise RefusedError("SCHEDULE_ENDED")
        return self.schedules[name]

    def pause_schedule(self, name: str) -> bool:
        """Whether it changes anything; so does the next."""
        schedule = self._unended(name)
        if schedule.state == "paused":
            return False
        schedule.give_up()
        schedule.state = "paused"
        return True

    def resume_schedule(self, name: str) -> bool:
        schedule = self._unended(name)
        if schedule.state == "active":
            return False
        schedule.state = "active"
        self._go_on(schedule)
        return True

    def cancel_schedule(self, name: str) -> None:
        self._cancel(self._unended(name))

    def _cancel(self, schedule: Schedule) -> None:
        schedule.give_up()
        schedule.state, schedule.due = "cancelled", None

    # --- requests to pay ----------------------------------------------------------------------

    def ask(self, name: str, payee: str, payer: str, code: str, amount: int) -> None:
        if code not in self.assets:
            raise RefusedError("ASSET_NOT_FOUND")
        state = {MINT: "open", SINK: "open"} | self.accounts
        if payee not in state or payer not in state:
            raise RefusedError("ACCOUNT_NOT_FOUND")
        if {payee, payer} & {MINT, SINK}:
            raise RefusedError("ACCOUNT_RESERVED")
        if "closed" in {state[payee], state[payer]}:
            raise RefusedError("ACCOUNT_CLOSED")
        unanswered = [
            other
            for other in self.payment_requests.values()
            if (other.payee, other.payer, other.state) == (payee, payer, "open")
        ]
        if len(unanswered) >= MOST_REQUESTS:
            raise RefusedError("TOO_MANY_PAYMENT_REQUESTS")
        made = PaymentRequest(payee, payer, code, amount, self.now + REQUEST_LIFETIME)
        self.payment_requests[name] = made
        self._set_alarm(made.expire, lambda: self._expire_request(made))

    def name_payment_request(self, name: str, given: str) -> None:
        self.payment_requests[given] = self.payment_requests.pop(name)

    def _expire_request(self, request: PaymentRequest) -> None:
        if request.state == "open":
            request.state = "expired"

    def answer(self, request_id: str, name: str, final: str) -> None:
        if name not in self.payment_requests:
            raise RefusedError("PAYMENT_REQUEST_NOT_FOUND")
        request = self.payment_requests[name]
        if request.state != "open":
            raise RefusedError("PAYMENT_REQUEST_CLOSED")
        if final == "accepted":
            posting = request.payer, request.payee, request.code, request.amount
            self.transact(request_id, TRANSFER, [posting])
        request.state = final


_TERMS = ("postings", "first", "every", "run_limit", "attempts", "delay", "stop_after")
