"""What payments are about: schedules, their runs, requests to pay, and the commands about them."""

from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum

from ticketonomics_server.engine.canonical import decode_fields, encode_fields
from ticketonomics_server.engine.model import Undoable
from ticketonomics_server.ledger.model import Posting
from ticketonomics_server.payments.recurrence import Frequency, Rule


class EntryKind(IntEnum):
    """Kinds of entries that this room makes; what is paid is a TRANSFER of the ledger's."""

    SCHEDULE_CREATED = 50
    SCHEDULE_PAUSED = 51
    SCHEDULE_RESUMED = 52
    SCHEDULE_CANCELLED = 53
    SCHEDULE_RUN_REFUSED = 54
    PAYMENT_REQUESTED = 55
    PAYMENT_REQUEST_DECLINED = 56
    PAYMENT_REQUEST_CANCELLED = 57
    PAYMENT_REQUEST_EXPIRED = 58
    PAYMENTS_ENDED = 59


class TimerKind(IntEnum):
    """Kinds of timers that this room sets."""

    SCHEDULE = 50
    PAYMENT_REQUEST = 51


class ScheduleState(IntEnum):
    """As in the contract's `Schedule.State`."""

    ACTIVE = 1
    PAUSED = 2
    COMPLETED = 3
    STOPPED = 4
    CANCELLED = 5


class RequestState(IntEnum):
    """As in the contract's `PaymentRequest.State`."""

    OPEN = 1
    ACCEPTED = 2
    DECLINED = 3
    CANCELLED = 4
    EXPIRED = 5


@dataclass(slots=True, eq=False)
class Schedule(Undoable):
    """A transfer that happens later, once or again and again.

    Attributes:
        create_sequence: Entry that created it: the order of creation. Its text has the memo.
        postings: As `pack_postings` makes them.
        run: Number of the run that was begun last.
        attempt: Attempts of that run so far; 0 when it is over.
        every: So many days, weeks or months lie between two runs.
        due_time: When the next run is due, or was due that is being retried.
        timer_id: The timer of the next attempt; 0 for none.
        failures_in_row: Failed runs since the last that paid.
    """

    schedule_id: str
    create_sequence: int
    application_id: str
    person_id: str
    state: ScheduleState
    postings: bytes
    first_time: datetime
    frequency: Frequency
    every: int
    time_zone: str
    end_time: datetime | None
    run_limit: int
    retry_attempts: int
    retry_seconds: int
    stop_after_failures: int
    create_time: datetime
    due_time: datetime | None
    next_attempt_time: datetime | None = None
    timer_id: int = 0
    run: int = 0
    attempt: int = 0
    succeeded: int = 0
    failed: int = 0
    failures_in_row: int = 0

    @property
    def key(self) -> str:
        return self.schedule_id

    @property
    def rule(self) -> Rule:
        return Rule(self.first_time, Frequency(self.frequency), self.every, self.time_zone)

    @property
    def ended(self) -> bool:
        return self.state not in (ScheduleState.ACTIVE, ScheduleState.PAUSED)


@dataclass(slots=True, eq=False)
class ScheduleSource(Undoable):
    """An account that a schedule takes from: what lists find it by."""

    account: str
    create_sequence: int
    schedule_id: str

    @property
    def key(self) -> tuple[str, int]:
        return self.account, self.create_sequence


@dataclass(slots=True, eq=False)
class OpenSchedules(Undoable):
    """How many schedules of an application, or from an account, have not ended.

    Attributes:
        holder: The application's id or the account's address; only the latter has a slash.
    """

    holder: str
    open_count: int

    @property
    def key(self) -> str:
        return self.holder


@dataclass(slots=True, eq=False)
class Attempt(Undoable):
    """One attempt of one run; never changed.

    Attributes:
        sequence: Its entry: the transaction if it paid, else SCHEDULE_RUN_REFUSED.
        reason: Why it was refused; empty if it paid.
    """

    schedule_id: str
    run: int
    attempt: int
    due_time: datetime
    attempt_time: datetime
    sequence: int
    reason: str

    @property
    def key(self) -> tuple[str, int, int]:
        return self.schedule_id, self.run, self.attempt


@dataclass(slots=True, eq=False)
class PaymentRequest(Undoable):
    """A payee asks a payer for an amount.

    Attributes:
        create_sequence: Entry that created it: the order of creation. Its text has the memo.
        timer_id: That of its expiry.
        close_sequence: Entry that closed it, the transaction if it was paid; 0 while it is open.
    """

    payment_request_id: str
    create_sequence: int
    application_id: str
    person_id: str
    payee: str
    payer: str
    asset: str
    amount: int
    state: RequestState
    create_time: datetime
    expire_time: datetime
    timer_id: int
    close_time: datetime | None = None
    close_sequence: int = 0

    @property
    def key(self) -> str:
        return self.payment_request_id


@dataclass(slots=True, eq=False)
class OpenRequests(Undoable):
    """How many requests of a payee to a payer are open."""

    payee: str
    payer: str
    open_count: int

    @property
    def key(self) -> tuple[str, str]:
        return self.payee, self.payer


@dataclass(slots=True, frozen=True)
class PaymentsOf:
    """Declared by account: its open payments are in the state, with all that ends with them.

    Its row there lists the ids of schedules that take from the account, and of requests with it on
    either side, `MOST_ENDED` in all and one more. Whoever decides by it takes it out of the state:
    it is true for one command.
    """


def pack_postings(postings: tuple[Posting, ...]) -> bytes:
    """Writes postings as rows and timers store them."""
    return encode_fields(*(field for posting in postings for field in posting))


def unpack_postings(packed: bytes) -> tuple[Posting, ...]:
    """Reads what `pack_postings` wrote."""
    return group_postings(decode_fields(packed))


def group_postings(fields: list[bytes | str | int]) -> tuple[Posting, ...]:
    """Makes postings of their fields, four each."""
    return tuple(
        # Whoever packed them took them from postings, in this order.
        Posting(*fields[at : at + 4])  # type: ignore[arg-type]
        for at in range(0, len(fields), 4)
    )


@dataclass(slots=True, frozen=True)
class CreateSchedule:
    """Asks for a new schedule."""

    request_id: bytes
    body_hash: bytes
    postings: tuple[Posting, ...]
    memo: str
    first_time: datetime
    frequency: Frequency
    every: int
    time_zone: str
    end_time: datetime | None
    run_limit: int
    retry_attempts: int
    retry_seconds: int
    stop_after_failures: int


@dataclass(slots=True, frozen=True)
class PauseSchedule:
    """Asks to let a schedule rest.

    Attributes:
        timer_id: Its timer as it was read beforehand, which may be over by now.
        application_id: It and the postings never change: what has to be loaded.
    """

    request_id: bytes
    body_hash: bytes
    schedule_id: str
    timer_id: int
    application_id: str
    postings: bytes


@dataclass(slots=True, frozen=True)
class ResumeSchedule(PauseSchedule):
    """Asks to let a paused schedule go on."""


@dataclass(slots=True, frozen=True)
class CancelSchedule(PauseSchedule):
    """Asks to end a schedule."""


@dataclass(slots=True, frozen=True)
class RunSchedule:
    """Asks for the attempt that is due. Comes from a timer, which names what has to be loaded."""

    request_id: bytes
    body_hash: bytes
    timer_id: int
    schedule_id: str
    application_id: str
    person_id: str
    postings: tuple[Posting, ...]
    create_sequence: int


@dataclass(slots=True, frozen=True)
class RequestPayment:
    """Asks for a new request to pay; `expire_time` None means the usual time."""

    request_id: bytes
    body_hash: bytes
    payee: str
    payer: str
    asset: str
    amount: int
    memo: str
    expire_time: datetime | None


@dataclass(slots=True, frozen=True)
class AcceptPaymentRequest:
    """Asks to pay what was asked for.

    Attributes:
        payee: It and what follows never change, and were read beforehand: what has to be loaded.
    """

    request_id: bytes
    body_hash: bytes
    payment_request_id: str
    payee: str
    payer: str
    asset: str
    amount: int
    timer_id: int
    create_sequence: int


@dataclass(slots=True, frozen=True)
class DeclinePaymentRequest(AcceptPaymentRequest):
    """Asks to say no, as the payer."""


@dataclass(slots=True, frozen=True)
class CancelPaymentRequest(AcceptPaymentRequest):
    """Asks to take a request back, as the payee."""


@dataclass(slots=True, frozen=True)
class ExpirePaymentRequest:
    """Asks to end a request whose time has passed. Comes from a timer."""

    request_id: bytes
    body_hash: bytes
    payment_request_id: str
    payee: str
    payer: str


@dataclass(slots=True, frozen=True)
class EndPayments:
    """Asks to end the payments of a person who was merged or erased. Comes from a timer."""

    request_id: bytes
    body_hash: bytes
    person_id: str
