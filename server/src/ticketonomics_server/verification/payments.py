"""Replays what entries say of schedules and requests to pay, and compares the rows with it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from struct import error as StructError  # noqa: N812 - it is a class.
from typing import Any

from ticketonomics_server.engine.block import to_micros
from ticketonomics_server.engine.canonical import decode_fields
from ticketonomics_server.identity.model import PersonState
from ticketonomics_server.identity.model_people import GONE_TIMER
from ticketonomics_server.ledger.model import EntryKind as LedgerKind
from ticketonomics_server.ledger.model import Posting
from ticketonomics_server.ledger.tables import SINK_ID
from ticketonomics_server.payments.model import (
    EntryKind,
    RequestState,
    ScheduleState,
    TimerKind,
    unpack_postings,
)
from ticketonomics_server.verification.comparing import RollForward
from ticketonomics_server.verification.journal import JournalReader
from ticketonomics_server.verification.people import Standing
from ticketonomics_server.verification.report import Findings, Invariant

PAGE = 500

_SCHEDULES = """
SELECT s.*, EXISTS (SELECT FROM timers t WHERE t.economy_id = s.economy_id
    AND t.timer_id = s.timer_id AND t.kind = $4) AS has_timer
FROM schedules s WHERE s.economy_id = $1 AND s.create_sequence > $2
ORDER BY s.create_sequence LIMIT $3
"""
_ATTEMPTS = """
SELECT schedule_id, run, attempt, due_time, sequence, reason FROM schedule_attempts
WHERE economy_id = $1 AND schedule_id = ANY($2::text[]) ORDER BY schedule_id, run, attempt
"""
_REQUESTS = """
SELECT r.*, EXISTS (SELECT FROM timers t WHERE t.economy_id = r.economy_id
    AND t.timer_id = r.timer_id AND t.kind = $4) AS has_timer
FROM payment_requests r WHERE r.economy_id = $1 AND r.payment_request_id > $2
ORDER BY r.payment_request_id LIMIT $3
"""
_OPEN = """
SELECT payee, payer, coalesce(c.open_count, 0) AS counted, coalesce(r.open, 0) AS open FROM
    (SELECT payee, payer, open_count FROM open_requests WHERE economy_id = $1) c
    FULL JOIN (SELECT payee, payer, count(*) AS open FROM payment_requests
               WHERE economy_id = $1 AND state = 1 GROUP BY payee, payer) r USING (payee, payer)
WHERE coalesce(c.open_count, 0) <> coalesce(r.open, 0)
"""
_OPEN_SCHEDULES = """
SELECT holder, coalesce(c.open_count, 0) AS counted, coalesce(s.open, 0) AS open FROM
    (SELECT holder, open_count FROM open_schedules WHERE economy_id = $1) c
    FULL JOIN (
        SELECT holder, count(*) AS open FROM (
            SELECT application_id AS holder FROM schedules
            WHERE economy_id = $1 AND state IN (1, 2) AND person_id = ''
            UNION ALL
            SELECT account FROM schedule_sources o JOIN schedules USING (economy_id, schedule_id)
            WHERE o.economy_id = $1 AND state IN (1, 2)
        ) holders GROUP BY holder
    ) s USING (holder)
WHERE coalesce(c.open_count, 0) <> coalesce(s.open, 0)
"""
# What is open of somebody merged or erased, and nothing is going to end it.
_LEFT_BEHIND = """
WITH gone AS (
    SELECT 'users/' || person_id AS account FROM people p
    WHERE economy_id = $1 AND state IN (3, 4) AND NOT EXISTS (
        SELECT FROM timers t WHERE t.economy_id = $1 AND t.kind = $2
            AND t.payload = convert_to(p.person_id, 'UTF8')))
SELECT 'schedule ' || schedule_id, account FROM gone
JOIN schedule_sources o USING (account) JOIN schedules s USING (economy_id, schedule_id)
WHERE o.economy_id = $1 AND s.state IN (1, 2)
UNION ALL
SELECT 'request to pay ' || payment_request_id, account FROM gone
JOIN payment_requests r ON r.payer = account WHERE r.economy_id = $1 AND r.state = 1
UNION ALL
SELECT 'request to pay ' || payment_request_id, account FROM gone
JOIN payment_requests r ON r.payee = account WHERE r.economy_id = $1 AND r.state = 1
"""
_PAID = """
SELECT p.sequence, p.kind, a.address, b.address, s.code, p.amount FROM postings p
JOIN accounts a ON a.economy_id = p.economy_id AND a.account_id = p.source_id
JOIN accounts b ON b.economy_id = p.economy_id AND b.account_id = p.destination_id
JOIN assets s ON s.economy_id = p.economy_id AND s.asset_id = p.asset_id
WHERE p.economy_id = $1 AND p.sequence = ANY($2::bigint[]) AND p.destination_id <> $3
ORDER BY p.sequence, p.position
"""

Refusal = tuple[int, int, int, int, str]


@dataclass(slots=True)
class ReplayedSchedule:
    """A schedule as its entries make it.

    Attributes:
        terms: Fields of SCHEDULE_CREATED.
        state: After its last event; ACTIVE may have become COMPLETED by a run that paid.
        refusals: Run, attempt, due time, sequence and reason of each refused attempt.
    """

    terms: Sequence[Any]
    state: int
    refusals: list[Refusal]
    compared: bool = False


@dataclass(slots=True)
class ReplayedRequest:
    """A request to pay as its entries make it; an open one may have been paid by a transfer."""

    terms: Sequence[Any]
    state: int
    compared: bool = False


_KINDS = frozenset(map(int, EntryKind))
_MANAGED = {
    EntryKind.SCHEDULE_PAUSED: ScheduleState.PAUSED,
    EntryKind.SCHEDULE_CANCELLED: ScheduleState.CANCELLED,
}
_CLOSED = {
    EntryKind.PAYMENT_REQUEST_DECLINED: RequestState.DECLINED,
    EntryKind.PAYMENT_REQUEST_CANCELLED: RequestState.CANCELLED,
    EntryKind.PAYMENT_REQUEST_EXPIRED: RequestState.EXPIRED,
}


class PaymentsReplay:
    """Replays the events of this room in order.

    Args:
        people: Everybody as of the entry that is replayed.
    """

    def __init__(self, findings: Findings, people: Mapping[str, Standing]) -> None:
        self._findings = findings
        self._people = people
        self.schedules: dict[str, ReplayedSchedule] = {}
        self.requests: dict[str, ReplayedRequest] = {}

    def define(self, sequence: int, kind: int, event: bytes) -> None:
        """Replays an entry, if it is one of this room's."""
        if kind not in _KINDS:
            return
        try:
            self._define(sequence, EntryKind(kind), decode_fields(event))
        except (ValueError, TypeError, LookupError, StructError):
            self._tell(f"entry {sequence} tells of no payment")

    def _define(self, sequence: int, kind: EntryKind, fields: list[Any]) -> None:
        identifier = fields[0]
        if kind == EntryKind.SCHEDULE_CREATED:
            self.schedules[identifier] = ReplayedSchedule(fields, ScheduleState.ACTIVE, [])
        elif kind == EntryKind.SCHEDULE_RESUMED:
            self.schedules[identifier].state = fields[3]
        elif kind == EntryKind.SCHEDULE_RUN_REFUSED:
            _, run, attempt, due_micros, reason, state, _ = fields
            schedule = self.schedules[identifier]
            schedule.state = state
            schedule.refusals.append((run, attempt, due_micros, sequence, reason))
        elif kind == EntryKind.PAYMENT_REQUESTED:
            self.requests[identifier] = ReplayedRequest(fields, RequestState.OPEN)
        elif kind == EntryKind.PAYMENTS_ENDED:
            self._end(sequence, identifier, fields[1], fields[2:])
        elif kind in _CLOSED:
            self.requests[identifier].state = _CLOSED[kind]
        else:
            self.schedules[identifier].state = _MANAGED[kind]

    def _end(self, sequence: int, person_id: str, schedules: int, identifiers: list[str]) -> None:
        """Replays the end of a person's payments: so many schedules, then requests to pay."""
        if self._people[person_id].state not in (PersonState.MERGED, PersonState.ERASED):
            self._tell(f"entry {sequence} ends payments of {person_id}, who is not gone")
        for identifier in identifiers[:schedules]:
            schedule = self.schedules[identifier]
            if schedule.state not in (ScheduleState.ACTIVE, ScheduleState.PAUSED):
                self._tell(f"entry {sequence} ends schedule {identifier}, which had ended")
            schedule.state = ScheduleState.CANCELLED
        for identifier in identifiers[schedules:]:
            request = self.requests[identifier]
            if request.state != RequestState.OPEN:
                self._tell(f"entry {sequence} ends request to pay {identifier}, which was closed")
            request.state = RequestState.CANCELLED

    def _tell(self, detail: str) -> None:
        self._findings.add(Invariant.PAYMENTS_MATCH_JOURNAL, detail)


class PaymentsComparison:
    """Compares the rows page by page, each as of the moment at which it was read.

    Args:
        roll_forward: Replays the journal up to a head that was read together with a page.
    """

    def __init__(
        self,
        reader: JournalReader,
        replay: PaymentsReplay,
        findings: Findings,
        roll_forward: RollForward,
    ) -> None:
        self._reader = reader
        self._replay = replay
        self._findings = findings
        self._roll_forward = roll_forward

    async def run(self) -> None:
        """Compares everything."""
        known = set(self._replay.schedules), set(self._replay.requests)
        await self._compare_schedules()
        await self._compare_requests()
        for payee, payer, counted, found in await self._reader.fetch(_OPEN):
            self._tell(f"{found} requests of {payee} to {payer} are open, {counted} are counted")
        for holder, counted, found in await self._reader.fetch(_OPEN_SCHEDULES):
            self._tell(f"{found} schedules of {holder} have not ended, {counted} are counted")
        for what, account in await self._reader.fetch(_LEFT_BEHIND, GONE_TIMER):
            self._tell(f"{what} is open, and {account} belongs to nobody any more")
        for identifier in known[0]:
            if not self._replay.schedules[identifier].compared:
                self._tell(f"schedule {identifier} has an entry and no row")
        for identifier in known[1]:
            if not self._replay.requests[identifier].compared:
                self._tell(f"request to pay {identifier} has an entry and no row")

    async def _compare_schedules(self) -> None:
        reader, behind = self._reader, 0
        while True:
            async with reader.snapshot():
                head = await reader.head()
                rows = await reader.fetch(_SCHEDULES, behind, PAGE, TimerKind.SCHEDULE)
                attempts = await reader.fetch(_ATTEMPTS, [row["schedule_id"] for row in rows])
                paid = await self._read_paid([a["sequence"] for a in attempts if not a["reason"]])
            await self._roll_forward(head)
            for row in rows:
                mine = [a for a in attempts if a["schedule_id"] == row["schedule_id"]]
                self._compare_schedule(row, mine, paid)
            if len(rows) < PAGE:
                return
            behind = rows[-1]["create_sequence"]

    def _compare_schedule(
        self, row: Any, attempts: Sequence[Any], paid: dict[int, tuple[Posting, ...]]
    ) -> None:
        name = f"schedule {row['schedule_id']}"
        replayed = self._replay.schedules.get(row["schedule_id"])
        if replayed is None:
            self._tell(f"{name} has no entry")
            return
        replayed.compared = True
        if _schedule_terms(row) != list(replayed.terms):
            self._tell(f"{name} has other terms than its entry")
        succeeded = [a for a in attempts if not a["reason"]]
        completed = row["state"] == ScheduleState.COMPLETED and bool(succeeded)
        if row["state"] != replayed.state and not (
            replayed.state == ScheduleState.ACTIVE and completed
        ):
            self._tell(f"{name} has state {row['state']}, its entries say {replayed.state}")
        refused = [
            (a["run"], a["attempt"], to_micros(a["due_time"]), a["sequence"], a["reason"])
            for a in attempts
            if a["reason"]
        ]
        if refused != replayed.refusals:
            self._tell(f"{name} has other refused attempts than its entries")
        if row["succeeded"] != len(succeeded) or row["run"] != len({a["run"] for a in attempts}):
            self._tell(f"{name} has {row['run']} runs, {row['succeeded']} paid: not its attempts'")
        for attempt in succeeded:
            if paid.get(attempt["sequence"]) != unpack_postings(row["postings"]):
                self._tell(f"run {attempt['run']} of {name} is not paid by {attempt['sequence']}")
        if row["has_timer"] != (row["state"] == ScheduleState.ACTIVE):
            self._tell(f"{name} of state {row['state']} has a timer: {row['has_timer']}")

    async def _compare_requests(self) -> None:
        reader, behind = self._reader, ""
        while True:
            async with reader.snapshot():
                head = await reader.head()
                rows = await reader.fetch(_REQUESTS, behind, PAGE, TimerKind.PAYMENT_REQUEST)
                accepted = [r for r in rows if r["state"] == RequestState.ACCEPTED]
                paid = await self._read_paid([r["close_sequence"] for r in accepted])
            await self._roll_forward(head)
            for row in rows:
                self._compare_request(row, paid)
            if len(rows) < PAGE:
                return
            behind = rows[-1]["payment_request_id"]

    def _compare_request(self, row: Any, paid: dict[int, tuple[Posting, ...]]) -> None:
        name = f"request to pay {row['payment_request_id']}"
        replayed = self._replay.requests.get(row["payment_request_id"])
        if replayed is None:
            self._tell(f"{name} has no entry")
            return
        replayed.compared = True
        if _request_terms(row) != list(replayed.terms):
            self._tell(f"{name} has other terms than its entry")
        accepted = row["state"] == RequestState.ACCEPTED
        if row["state"] != replayed.state and not (
            replayed.state == RequestState.OPEN and accepted
        ):
            self._tell(f"{name} has state {row['state']}, its entries say {replayed.state}")
        posting = Posting(row["payer"], row["payee"], row["asset"], row["amount"])
        if accepted and paid.get(row["close_sequence"]) != (posting,):
            self._tell(f"{name} is not paid by entry {row['close_sequence']}")
        if row["has_timer"] != (row["state"] == RequestState.OPEN):
            self._tell(f"{name} of state {row['state']} has a timer: {row['has_timer']}")

    async def _read_paid(self, sequences: list[int]) -> dict[int, tuple[Posting, ...]]:
        """Reads what these transfers moved, fees not included."""
        moved: dict[int, tuple[Posting, ...]] = {}
        for sequence, kind, *posting in await self._reader.fetch(_PAID, sequences, SINK_ID):
            if kind == LedgerKind.TRANSFER:
                moved[sequence] = (*moved.get(sequence, ()), Posting(*posting))
        return moved

    def _tell(self, detail: str) -> None:
        self._findings.add(Invariant.PAYMENTS_MATCH_JOURNAL, detail)


def _schedule_terms(row: Any) -> list[Any]:
    """What SCHEDULE_CREATED says, from the row."""
    return [
        row["schedule_id"],
        row["application_id"],
        row["person_id"],
        to_micros(row["first_time"]),
        row["frequency"],
        row["every"],
        row["time_zone"],
        to_micros(row["end_time"]) if row["end_time"] else 0,
        row["run_limit"],
        row["retry_attempts"],
        row["retry_seconds"],
        row["stop_after_failures"],
        row["postings"],
    ]


def _request_terms(row: Any) -> list[Any]:
    """What PAYMENT_REQUESTED says, from the row."""
    return [
        row["payment_request_id"],
        row["application_id"],
        row["person_id"],
        row["payee"],
        row["payer"],
        row["asset"],
        row["amount"],
        to_micros(row["expire_time"]),
    ]
