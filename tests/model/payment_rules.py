"""What the state machine does with schedules and requests to pay, and with the time."""

from datetime import timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import rule
from ticketonomics.payments.v1 import payment_service_pb2 as rpc
from ticketonomics.payments.v1.payment_request_pb2 import PaymentRequest
from ticketonomics.payments.v1.schedule_pb2 import Repeat, RetryPolicy
from ticketonomics.payments.v1.schedule_pb2 import Schedule as ScheduleMessage

from tests.model.reference_payments import Schedule

NOBODYS = "0" * 16
SECOND, HOUR, DAY = timedelta(seconds=1), timedelta(hours=1), timedelta(days=1)
EVERY = {
    None: None,
    Repeat.FREQUENCY_DAILY: DAY,
    Repeat.FREQUENCY_WEEKLY: 7 * DAY,
}
DELAYS = st.sampled_from([timedelta(0), timedelta(0), HOUR, DAY, 30 * DAY])
WAITS = st.sampled_from([HOUR / 2, HOUR, HOUR, DAY, DAY, 3 * DAY, 8 * DAY])
TERMS = st.fixed_dictionaries(
    {
        "amount": st.integers(1, 60),
        "postings": st.sampled_from([1, 1, 2]),
        "first": DELAYS,
        "frequency": st.sampled_from([None, *EVERY]),
        "run_limit": st.integers(0, 3),
        "attempts": st.integers(1, 3),
        "delay": st.sampled_from([SECOND, HOUR, DAY]),
        "stop_after": st.integers(0, 2),
    }
)
MANAGED = {
    "PauseSchedule": (rpc.PauseScheduleRequest, "pause_schedule"),
    "ResumeSchedule": (rpc.ResumeScheduleRequest, "resume_schedule"),
    "CancelSchedule": (rpc.CancelScheduleRequest, "cancel_schedule"),
}
ANSWERED = {
    "AcceptPaymentRequest": (rpc.AcceptPaymentRequestRequest, "accepted"),
    "DeclinePaymentRequest": (rpc.DeclinePaymentRequestRequest, "declined"),
    "CancelPaymentRequest": (rpc.CancelPaymentRequestRequest, "cancelled"),
}


class PaymentRules:
    """A part of the machine, which has the places, the world, and the reference."""

    world: Any
    reference: Any
    places: list[str]
    codes: list[str]

    def begin_payments(self) -> None:
        self.schedules, self.asked = [NOBODYS], [NOBODYS]
        self.reference.now = self.world.now

    def settle(self) -> None:
        """Waits until the server has done what is due, and does the same."""
        if self.reference.restless:
            self.reference.settle()
            self.world.run(self.world.let_timers_happen())
            self._remember()

    @rule(wait=WAITS)
    def wait(self, wait: timedelta) -> None:
        self.reference.now += wait
        self.world.run(self.world.set_clock(self.reference.now))
        self.settle()

    # --- schedules ----------------------------------------------------------------------------

    @rule(sides=st.tuples(st.integers(0, 3), st.integers(0, 4)), chosen=TERMS)
    def schedule(self, sides, chosen: dict[str, Any]) -> None:
        terms = dict(chosen)
        postings = [self._posting(*sides, 0, terms.pop("amount"))] * terms.pop("postings")
        first = self.reference.now + terms.pop("first")
        every = EVERY[terms.pop("frequency")]
        if every is None:
            terms["run_limit"] = 0
        self._schedule(Schedule(postings, first, every, **terms))

    def _schedule(self, terms: Schedule) -> None:
        request = rpc.CreateScheduleRequest(
            memo="rent",
            retry_policy=RetryPolicy(
                attempts=terms.attempts, delay_seconds=int(terms.delay.total_seconds())
            ),
            stop_after_failures=terms.stop_after,
        )
        request.first_time.FromDatetime(terms.first)
        for source, destination, asset, amount in terms.postings:
            request.postings.add(source=source, destination=destination, asset=asset, amount=amount)
        frequency = next(f for f, every in EVERY.items() if every == terms.every)
        if frequency:
            request.repeat.frequency = frequency
            request.repeat.run_limit = terms.run_limit
        self._send("CreateSchedule", request, "create_schedule", terms)

    @rule(place=st.integers(0, 9))
    def schedule_too_late(self, place: int) -> None:
        posting = self._posting(place, 3, 0, 1)
        first = self.reference.now - SECOND
        self._schedule(Schedule([posting], first, None, 0, 1, SECOND, 0))

    @rule(place=st.integers(0, 2), also=st.booleans())
    def schedule_many(self, place: int, also: bool) -> None:
        """As many as an account may have, and one more; then one ends, and makes room."""
        posting = self._posting(place, 4, 0, 1)
        for _ in range(6):
            later = self.reference.now + 30 * DAY
            self._schedule(Schedule([posting], later, None, 0, 1, SECOND, 0))
        if also:
            self._manage("CancelSchedule", self.schedules[-1])
            self._schedule(Schedule([posting], self.reference.now, None, 0, 1, SECOND, 0))

    @rule(
        place=st.integers(0, 4),
        chosen=TERMS,
        every=st.sampled_from([DAY, DAY, 7 * DAY, None]),
        waits=st.lists(st.sampled_from([HOUR, DAY, DAY, DAY, 8 * DAY]), min_size=3, max_size=5),
        rich_at=st.integers(0, 3),
    )
    def suffer(self, place, chosen: dict[str, Any], every, waits, rich_at: int) -> None:
        """One that cannot pay, is retried and fails, until there is enough for one run."""
        terms = {n: v for n, v in chosen.items() if n in {"attempts", "delay", "stop_after"}}
        source, to, code, _ = self._posting(place, 4, 0, 1)
        amount = 10_000
        first = self.reference.now + HOUR
        self._schedule(Schedule([(source, to, code, amount)], first, every, 0, **terms))
        name = self.schedules[-1]
        for number, wait in enumerate(waits):
            if number == rich_at:
                self._mint(source, code, amount * 3 // 2)
            self.wait(wait)
        if name != NOBODYS:
            self.look_at_a_schedule(name)
            self._manage("CancelSchedule", name)
            self._manage("ResumeSchedule", name)

    def leave_open(self, place: int) -> None:
        """Gives an account a schedule of each sort, and requests to pay on both sides."""
        (source, to, *_), later = self._posting(place, 3, 0, 1), self.reference.now + 30 * DAY
        for state in ("active", "paused"):
            posting = source, to, self.codes[0], 1
            self._schedule(Schedule([posting], later, DAY, 0, 1, SECOND, 0))
            if state == "paused":
                self._manage("PauseSchedule", self.schedules[-1])
        self._ask(source, to, self.codes[0], 1)
        self._ask(to, source, self.codes[0], 1)

    @rule(data=st.data(), method=st.sampled_from(sorted(MANAGED)))
    def manage(self, data, method: str) -> None:
        self._manage(method, data.draw(st.sampled_from(self.schedules)))

    @rule(data=st.data(), wait=WAITS)
    def rest(self, data, wait: timedelta) -> None:
        """Pauses, twice, lets time pass, and goes on."""
        name = data.draw(st.sampled_from(self.schedules[-3:]))
        for method in ("PauseSchedule", "PauseSchedule"):
            self._manage(method, name)
        self.wait(wait)
        self._manage("ResumeSchedule", name)

    def _manage(self, method: str, name: str) -> None:
        message, what = MANAGED[method]
        self._send(method, message(schedule_id=name), what, name)

    def look_at_a_schedule(self, name: str) -> None:
        found = self.world.call("GetSchedule", rpc.GetScheduleRequest(schedule_id=name)).schedule
        expected = self.reference.schedules[name]
        told = ScheduleMessage.State.Name(found.state).removeprefix("STATE_").lower()
        counts = found.run_count, found.succeeded_count, found.failed_count
        assert (told, *counts) == (
            *(expected.state, len(expected.runs)),
            *(expected.succeeded, expected.failed),
        )
        assert found.memo == "rent"
        if found.HasField("due_time"):
            due = found.due_time.ToDatetime(self.reference.now.tzinfo)
            assert due == expected.due
        request = rpc.ListScheduleRunsRequest(schedule_id=name)
        runs = self.world.call("ListScheduleRuns", request).runs
        assert [(run.run, run.attempts, run.refusal_reason) for run in reversed(runs)] == (
            expected.runs
        )

    @rule(data=st.data())
    def look_at_some_schedule(self, data) -> None:
        name = data.draw(st.sampled_from(self.schedules))
        if name != NOBODYS:
            self.look_at_a_schedule(name)

    # --- requests to pay ----------------------------------------------------------------------

    @rule(sides=st.tuples(st.integers(0, 9), st.integers(0, 4)), amount=st.integers(1, 80))
    def ask(self, sides, amount: int) -> None:
        payee, payer, code, _ = self._posting(*sides, 0, amount)
        self._ask(payee, payer, code, amount)

    @rule(place=st.integers(0, 2))
    def ask_again_and_again(self, place: int) -> None:
        payee, payer, code, amount = self._posting(place, 2, 0, 1)
        for _ in range(4):
            self._ask(payee, payer, code, amount)

    def _ask(self, payee: str, payer: str, code: str, amount: int) -> None:
        request = rpc.RequestPaymentRequest(
            payee=payee, payer=payer, asset=code, amount=amount, memo="tea"
        )
        self._send("RequestPayment", request, "ask", payee, payer, code, amount)

    @rule(data=st.data(), method=st.sampled_from([*sorted(ANSWERED), "AcceptPaymentRequest"]))
    def answer(self, data, method: str) -> None:
        """Answers, and then says no, which is too late if the answer was accepted."""
        name = data.draw(st.sampled_from([self.asked[-1], *self.asked]))
        for one in (method, "DeclinePaymentRequest"):
            self._answer(one, name)

    def _answer(self, method: str, name: str) -> None:
        message, final = ANSWERED[method]
        self._send(method, message(payment_request_id=name), "answer", name, final)

    def answer_what_is_not_open(self) -> None:
        """Nobody's request, and one that was answered."""
        self._answer("DeclinePaymentRequest", NOBODYS)
        self._ask(self.places[2], self.places[3], self.codes[0], 1)
        for _ in range(2):
            self._answer("CancelPaymentRequest", self.asked[-1])

    @rule(place=st.integers(0, 4), outgoing=st.booleans())
    def look_at_the_requests(self, place: int, outgoing: bool) -> None:
        self._compare_requests(self.places[place], outgoing=outgoing)

    def _compare_requests(self, address: str, *, outgoing: bool) -> None:
        if address not in self.reference.accounts:
            return
        request = rpc.ListPaymentRequestsRequest(account=address, page_size=1_000)
        request.direction = 2 if outgoing else 1
        listed = self.world.call("ListPaymentRequests", request).payment_requests
        told = {
            one.payment_request_id: PaymentRequest.State.Name(one.state)[len("STATE_") :].lower()
            for one in listed
        }
        assert told == {
            name: one.state
            for name, one in self.reference.payment_requests.items()
            if address == (one.payee if outgoing else one.payer)
        }

    # --- naming and the end -------------------------------------------------------------------

    def note_names(self, method: str, request_id: str) -> None:
        """Learns how the server calls what it made."""
        if method == "CreateSchedule":
            name = self.world.answer.schedule.schedule_id
            self.reference.name_schedule(request_id, name)
            self.schedules.append(name)
        elif method == "RequestPayment":
            name = self.world.answer.payment_request.payment_request_id
            self.reference.name_payment_request(request_id, name)
            self.asked.append(name)

    def end_payments(self) -> None:
        """Looks at every schedule, and ends it: the next example has the same economy."""
        for place in range(4):
            self._compare_requests(self.places[place], outgoing=False)
        for name, schedule in self.reference.schedules.items():
            self.look_at_a_schedule(name)
            if schedule.state in {"active", "paused"}:
                self._manage("CancelSchedule", name)
