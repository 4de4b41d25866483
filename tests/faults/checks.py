"""What must hold after every fault. Pure functions over records: violations in, sentences out."""

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from itertools import accumulate, pairwise

from .records import (
    Asked,
    Attempt,
    BalanceRead,
    Entry,
    Journal,
    Lookup,
    Report,
    Verdict,
    Watched,
    is_engines,
)

# The call was not let in; it says nothing about what became of the request before.
PASSING = frozenset({"QUEUE_FULL", "RATE_LIMITED", "CONTENTION", "DRAINING", "DEADLINE_PASSED"})

# Refused for what they are, without a look at the ledger: they tell what that server has heard of.
_UNDECIDED = PASSING | {"AMOUNT_OUT_OF_RANGE"}


def check_round(
    report: Report,
    journal: Journal,
    *,
    before_retries: frozenset[str],
    settled_from_ns: int,
    told: AbstractSet[Asked] = frozenset(),
) -> list[str]:
    """Runs every check of one round.

    Args:
        report: All attempts, reads and streams of the round, retries and replays included.
        journal: The ledger from the end of the round before to the end of this one.
        before_retries: Transactions that were in the ledger when everything stood still, before
            unanswered requests were sent again.
        settled_from_ns: When they were sent again.
        told: Transactions that stories asked for; see `story_checks`.
    """
    attempts = report.attempts
    settling = [attempt for attempt in attempts if attempt.sent_ns >= settled_from_ns]
    return [
        *check_no_faults(report),
        *check_nothing_lost(attempts, journal),
        *check_applied_once(journal),
        *check_nothing_invented(attempts, journal, told),
        *check_outcomes_agree(attempts),
        *check_refusals_change_nothing(attempts, journal),
        *check_retries(settling, before_retries),
        *check_settled(attempts),
        *check_balances(journal),
        *check_balance_reads(report, journal),
        *check_lookups(report, journal),
        *check_order(report),
        *(violation for watched in report.watched for violation in check_watch(watched, journal)),
    ]


def check_no_faults(report: Report) -> Iterator[str]:
    """No server says that it is itself at fault: a database that is away is no such fault."""
    by_method: dict[str, list[str]] = defaultdict(list)
    for fault in report.faults:
        by_method[fault.partition(":")[0]].append(fault)
    for faults in by_method.values():
        yield f"answered with a fault, {len(faults)} times: {faults[0]}"


def check_nothing_lost(attempts: Iterable[Attempt], journal: Journal) -> Iterator[str]:
    """Every acknowledged transaction is in the ledger, with the sequence and body acknowledged."""
    entries = {entry.transaction_id: entry for entry in journal.entries}
    for attempt in attempts:
        if not attempt.accepted:
            continue
        id_, movements = attempt.draft
        entry = entries.get(id_)
        if entry is None:
            if journal.earlier.get(id_) != attempt.sequence:
                yield f"lost: {id_} was acknowledged as {attempt.sequence} and is not in the ledger"
        elif entry.sequence != attempt.sequence:
            yield f"{id_} was acknowledged as {attempt.sequence} and is {entry.sequence}"
        elif entry.movements != movements:
            yield f"{id_} was applied with another body than the one acknowledged"


def check_applied_once(journal: Journal) -> Iterator[str]:
    """No transaction is in the ledger twice."""
    counts = Counter(entry.transaction_id for entry in journal.entries)
    for id_, count in counts.items():
        if count > 1 or id_ in journal.earlier:
            yield f"applied twice: {id_}"


def check_nothing_invented(
    attempts: Iterable[Attempt], journal: Journal, told: AbstractSet[Asked] = frozenset()
) -> Iterator[str]:
    """Everything in the ledger was asked for; what timers or rooms made is for `check_stories`."""
    asked: set[Asked] = {*told, *(one.draft for one in attempts)}
    for entry in journal.entries:
        if (
            not is_engines(entry.transaction_id)
            and not entry.is_rooms
            and (entry.transaction_id, entry.movements) not in asked
        ):
            yield f"invented: nobody sent {entry.transaction_id} ({entry.sequence}) as it is"


def check_outcomes_agree(attempts: Iterable[Attempt]) -> Iterator[str]:
    """All acceptances of an id tell one sequence, one alone is the first, and later ones know it.

    An identical request that is sent when the first answer has come is told that outcome, or
    nothing; one with another body is refused as such.
    """
    for id_, same in _by_id(attempts).items():
        accepted = [attempt for attempt in same if attempt.accepted]
        if not accepted:
            continue
        if len({attempt.sequence for attempt in accepted}) > 1:
            yield f"{id_} was acknowledged with several sequence numbers"
        if sum(not attempt.replayed for attempt in accepted) > 1:
            yield f"{id_} was acknowledged as new more than once"
        first = min(accepted, key=lambda attempt: attempt.answered_ns)
        for later in same:
            if later.sent_ns > first.answered_ns:
                yield from _check_replay(first, later)


def _check_replay(first: Attempt, later: Attempt) -> Iterator[str]:
    id_ = first.draft.transaction_id
    if later.verdict is Verdict.UNKNOWN or later.reason in PASSING:
        return
    if later.draft != first.draft:
        if later.reason != "REQUEST_ID_REUSED":
            outcome = later.reason or "accepted"
            yield f"{id_} with another body was {outcome}, not REQUEST_ID_REUSED"
    elif not later.accepted:
        yield f"{id_} was acknowledged, and refused when it was sent again: {later.reason}"
    elif not later.replayed:
        yield f"{id_} was acknowledged, and its retry is not called a replay"


def check_refusals_change_nothing(attempts: Iterable[Attempt], journal: Journal) -> Iterator[str]:
    """What was refused whenever it was sent is not in the ledger."""
    applied = {entry.transaction_id for entry in journal.entries}
    for id_, same in _by_id(attempts).items():
        if id_ in applied and all(attempt.verdict is Verdict.REFUSED for attempt in same):
            reasons = {attempt.reason for attempt in same}
            yield f"{id_} was refused ({', '.join(sorted(reasons))}) and is in the ledger"


def check_retries(settling: Iterable[Attempt], before: frozenset[str]) -> Iterator[str]:
    """A retry is a replay if the ledger had it before, and only then."""
    known, doubtful = set(before), set[str]()
    for attempt in sorted(settling, key=lambda attempt: attempt.sent_ns):
        id_ = attempt.draft.transaction_id
        where = "in the ledger" if id_ in known else "not in the ledger"
        if attempt.verdict is Verdict.UNKNOWN:
            doubtful.add(id_)
        elif attempt.accepted:
            if attempt.replayed != (id_ in known) and id_ not in doubtful:
                yield f"the retry of {id_}, {where}, says replayed={attempt.replayed}"
            known.add(id_)
        elif id_ in known and attempt.reason not in PASSING:
            yield f"the retry of {id_}, {where}, was refused: {attempt.reason}"


def check_settled(attempts: Iterable[Attempt]) -> Iterator[str]:
    """In the end every request has an outcome."""
    for id_, same in _by_id(attempts).items():
        if all(attempt.verdict is Verdict.UNKNOWN for attempt in same):
            yield f"unsettled: nobody knows what became of {id_}"


def check_balances(journal: Journal) -> Iterator[str]:
    """What accounts have is what they had and what was applied."""
    expected = defaultdict(int, journal.opening)
    for entry in journal.entries:
        for movement in entry.movements:
            expected[movement.source] -= movement.amount
            expected[movement.destination] += movement.amount
    for account in sorted({*expected, *journal.closing}):
        posted = journal.closing.get(account, 0)
        if posted != expected[account]:
            yield f"{account} has {posted}, and the journal adds up to {expected[account]}"


def check_balance_reads(report: Report, journal: Journal) -> Iterator[str]:
    """A balance that was read is the one after the last entry which the read says it saw."""
    for account in sorted({read.account for read in report.balances}):
        changes = [(entry.sequence, _net(entry, account)) for entry in journal.entries]
        sequences = [sequence for sequence, _ in changes]
        opening = journal.opening.get(account, 0)
        posted = list(accumulate((net for _, net in changes), initial=opening))
        for read in report.balances:
            if read.account != account:
                continue
            expected = posted[bisect_left(sequences, read.last_sequence + 1)]
            if read.last_sequence >= journal.after and read.posted != expected:
                yield (
                    f"{account} was read as {read.posted} at {read.last_sequence}; "
                    f"the journal says {expected}"
                )


def _net(entry: Entry, account: str) -> int:
    return sum(
        movement.amount * ((movement.destination == account) - (movement.source == account))
        for movement in entry.movements
    )


def check_lookups(report: Report, journal: Journal) -> Iterator[str]:
    """A transaction that was acknowledged is found, where it was acknowledged."""
    sequences = {entry.transaction_id: entry.sequence for entry in journal.entries}
    for lookup in report.lookups:
        id_ = lookup.transaction_id
        if lookup.sequence != sequences.get(id_, journal.earlier.get(id_)):
            yield f"{id_} was acknowledged, then read as {lookup.sequence or 'missing'}"


def check_order(report: Report) -> Iterator[str]:
    """Sequence numbers rise with real time: the ledger is linearizable.

    Whoever sends a request after anybody has seen a sequence number gets a greater one for a new
    entry, and no answer that saw less.
    """
    seen = [
        *((a.answered_ns, max(a.sequence, a.last_sequence)) for a in report.attempts),
        *((read.answered_ns, read.last_sequence) for read in report.balances),
        *((lookup.answered_ns, lookup.last_sequence) for lookup in report.lookups),
        *((m.seen_ns, m.cursor) for watched in report.watched for m in watched.messages),
    ]
    seen.sort()
    times = [time for time, _ in seen]
    floors = list(accumulate((sequence for _, sequence in seen), max, initial=0))

    def floor(sent_ns: int) -> int:
        return floors[bisect_left(times, sent_ns)]

    for id_, same in _by_id(report.attempts).items():
        sent_ns = min(attempt.sent_ns for attempt in same)
        for attempt in same:
            if attempt.accepted and attempt.sequence <= floor(sent_ns):
                yield f"{id_} is {attempt.sequence}; {floor(sent_ns)} was seen before it was sent"
            if attempt.last_sequence and attempt.reason not in _UNDECIDED:
                yield from _check_freshness(
                    f"the answer about {id_} ({attempt.reason or attempt.verdict.value})",
                    attempt.last_sequence,
                    max(floor(attempt.sent_ns), attempt.sequence),
                )
    reads: list[BalanceRead | Lookup] = [*report.balances, *report.lookups]
    for read in reads:
        yield from _check_freshness("a read", read.last_sequence, floor(read.sent_ns))


def _check_freshness(what: str, last_sequence: int, floor: int) -> Iterator[str]:
    if last_sequence < floor:
        yield f"{what} saw {last_sequence}, when {floor} had been seen"


def check_watch(watched: Watched, journal: Journal) -> Iterator[str]:
    """A watcher saw every transaction that it asked for once, in order."""
    told = [one for message in watched.messages for one in message.told]
    sequences = [one.sequence for one in told]
    if any(after <= before for before, after in pairwise(sequences)):
        yield f"{watched.name} was told transactions twice or out of order"
    cursors = [watched.after, *(message.cursor for message in watched.messages)]
    if any(after < before for before, after in pairwise(cursors)):
        yield f"{watched.name}: its cursor went back"
    expected = {
        entry.sequence: entry.transaction_id
        for entry in journal.entries
        if watched.after < entry.sequence <= watched.cursor
        and (not watched.account or _touches(entry, watched.account))
    }
    for sequence in sorted(expected.keys() - set(sequences)):
        yield f"{watched.name} was not told {sequence}"
    for one in told:
        if expected.get(one.sequence) != one.transaction_id:
            yield f"{watched.name} was told {one.transaction_id} as {one.sequence}, and it is not"
    if watched.cursor < journal.last_sequence:
        yield f"{watched.name} stopped at {watched.cursor} of {journal.last_sequence}"


def _touches(entry: Entry, account: str) -> bool:
    return any(account in (movement.source, movement.destination) for movement in entry.movements)


def check_drained(attempts: Iterable[Attempt], *, server: int, before_ns: int) -> Iterator[str]:
    """What a server had been sent when it was told to stop got an answer."""
    for attempt in attempts:
        waited = attempt.sent_ns < before_ns < attempt.answered_ns
        if attempt.server == server and waited and attempt.verdict is Verdict.UNKNOWN:
            yield (
                f"{attempt.draft.transaction_id} was in the hands of a server that drained, "
                f"and got no answer ({attempt.reason})"
            )


def _by_id(attempts: Iterable[Attempt]) -> Mapping[str, Sequence[Attempt]]:
    found: dict[str, list[Attempt]] = defaultdict(list)
    for attempt in attempts:
        found[attempt.draft.transaction_id].append(attempt)
    return found
