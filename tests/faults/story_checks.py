"""What must have become of stories. Pure: what callers were told, against the ledger's rows."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from .calling import GAME
from .records import ASSET, Asked, Journal, Movement, is_engines, purse
from .rooms import Rooms, check_rooms
from .stories import MATERIAL, POOL, SHARES, Step, Story

OPEN, CAPTURED, RELEASED, EXPIRED = 1, 2, 3, 4
ACTIVE, PAUSED, COMPLETED, STOPPED, CANCELLED = 1, 2, 3, 4, 5
ASKED, ACCEPTED, DECLINED, WITHDRAWN, OVER = 1, 2, 3, 4, 5
MERGED = 3


class Attempted(NamedTuple):
    """An attempt of a run; the reason is empty if it paid."""

    run: int
    attempt: int
    sequence: int
    reason: str


@dataclass(slots=True)
class Standing:
    """How the things that were made in a round stand after it.

    Attributes:
        holds: Their states.
        schedules: State and attempts.
        requests: State and the entry that closed it.
        people: State and whom they are part of.
        rooms: Rounds and proposals.
        overdue: Timers that nobody fired.
    """

    holds: dict[str, int] = field(default_factory=dict)
    schedules: dict[str, tuple[int, tuple[Attempted, ...]]] = field(default_factory=dict)
    requests: dict[str, tuple[int, int]] = field(default_factory=dict)
    people: dict[str, tuple[int, str]] = field(default_factory=dict)
    rooms: Rooms = field(default_factory=Rooms)
    overdue: int = 0


_MOVING = {
    *("Transfer", "CaptureHold", "AcceptPaymentRequest", "MergePeople"),
    *("Swap", "AddLiquidity", "RemoveLiquidity"),
}
_TRADES = {"Swap", "AddLiquidity", "RemoveLiquidity"}
_POOL_ACCOUNT = f"pools/{POOL}"


def told_movements(stories: Iterable[Story]) -> set[Asked]:
    """Lists the transactions that stories may have made, with the ids that callers chose."""
    told: set[Asked] = set()
    for story in stories:
        for step in story.steps:
            request = step.request
            if step.method == "Transfer":
                told.add((request.transaction_id, (_movement(request),)))
            elif step.method in {"CaptureHold", "AcceptPaymentRequest", "MergePeople"}:
                told.add((request.request_id, _moved(story, step)))
            elif step.method in _TRADES and step.accepted:
                # What it comes to depends on who came first: only the answer tells.
                told.add((_id_of(request), _traded(step)))
    return told


def _moved(story: Story, step: Step) -> tuple[Movement, ...]:
    """What a step moves, from what the story asked for before it."""
    if step.method == "CaptureHold":
        (posting,) = _request(story, "CreateHold").postings
        amount = step.request.amounts[0] if step.request.amounts else posting.amount
        return (_movement(posting)._replace(amount=amount),)
    if step.method == "AcceptPaymentRequest":
        asked = _request(story, "RequestPayment")
        return (Movement(asked.payer, asked.payee, asked.amount),)
    source, target = step.request.source_person_id, step.request.target_person_id
    amount = _request(story, "Transfer").amount
    return (Movement(f"users/{source}", f"users/{target}", amount),)


def _id_of(request: Any) -> str:
    return str(getattr(request, "transaction_id", "") or request.request_id)


def _traded(step: Step) -> tuple[Movement, ...]:
    """What a trade must have moved, all of it, as its answer tells."""
    if step.method == "Swap":
        swap = step.answers[0].swap
        trader, burned = swap.account, swap.burned_amount
        moved = [
            (trader, _POOL_ACCOUNT, swap.asset_in, swap.amount_in - burned),
            (_POOL_ACCOUNT, trader, swap.asset_out, swap.amount_out),
        ]
        if burned:
            moved.append((trader, "system/sink", swap.asset_in, burned))
    else:
        event = step.answers[0].event
        adds = step.method == "AddLiquidity"
        source, destination = event.account, _POOL_ACCOUNT
        ends = ("system/mint", event.account) if adds else (event.account, "system/sink")
        if not adds:
            source, destination = destination, source
        moved = [
            (source, destination, MATERIAL, event.base_amount),
            (source, destination, ASSET, event.quote_amount),
            (*ends, SHARES, event.shares),
        ]
    return tuple(Movement(purse(s, asset), purse(d, asset), n) for s, d, asset, n in moved)


def check_stories(stories: Sequence[Story], standing: Standing, journal: Journal) -> Iterator[str]:
    """Runs every check of the stories of one round."""
    if standing.overdue:
        yield f"{standing.overdue} timers are overdue"
    for story in stories:
        for step in story.steps:
            yield from _check_answers(story, step)
        yield from _check_entries(story, journal)
        yield from _check_hold(story, standing)
        yield from _check_schedule(story, standing, journal)
        yield from _check_request(story, standing, journal)
        yield from _check_merge(story, standing)
        yield from _check_allowance(story)
    yield from check_rooms(stories, standing.rooms)
    yield from _check_nothing_invented(stories, standing)
    yield from _check_runs_once(standing, journal)


def _check_answers(story: Story, step: Step) -> Iterator[str]:
    """One acceptance is the first, all tell the same thing, and none is refused afterwards."""
    what = f"{step.method} of a story ({story.plot})"
    if not step.settled:
        yield f"unsettled: nobody knows what became of {what}"
    if step.answers and not step.accepted:
        yield f"{what} was acknowledged, and refused when it was sent again: {step.reason}"
    if len({_identity(step.method, answer) for answer in step.answers}) > 1:
        yield f"{what} was acknowledged as different things"
    fresh = [answer for answer in step.answers if not getattr(answer, "replayed", True)]
    if len(fresh) > 1:
        yield f"{what} was acknowledged as new more than once"


def _identity(method: str, answer: Any) -> str:
    if method == "CreateSchedule":
        return str(answer.schedule.schedule_id)
    if method == "RequestPayment":
        return str(answer.payment_request.payment_request_id)
    if method == "GetOrCreatePerson":
        return str(answer.person.person_id)
    if method in {"Transfer", "CaptureHold"}:
        return str(answer.transaction.sequence)
    if method == "JoinQueue":
        return str(answer.round.round_id)
    if method == "CreateProposal":
        return str(answer.proposal.proposal_id)
    if method == "Swap":
        return str(answer.swap)
    if method in _TRADES:
        return str(answer.event)
    return ""


def _check_entries(story: Story, journal: Journal) -> Iterator[str]:
    """Exactly the accepted steps that move something are transactions, just so."""
    entries = {entry.transaction_id: entry.movements for entry in journal.entries}
    for step in story.steps:
        if step.method not in _MOVING:
            continue
        id_ = _id_of(step.request)
        wanted = _movements(story, step) if step.accepted else None
        if entries.get(id_) != wanted:
            yield (
                f"{step.method} {id_} of a story is {step.verdict.value} ({step.reason}), and in"
                f" the ledger as {entries.get(id_)}, not {wanted}"
            )


def _movements(story: Story, step: Step) -> tuple[Movement, ...]:
    if step.method == "Transfer":
        return (_movement(step.request),)
    return _traded(step) if step.method in _TRADES else _moved(story, step)


def _check_hold(story: Story, standing: Standing) -> Iterator[str]:
    if story.plot != "hold":
        return
    made, *ends = story.steps
    hold_id = made.request.hold_id
    found = standing.holds.get(hold_id)
    allowed: set[int | None] = {OPEN, EXPIRED}
    if not made.accepted:
        allowed = {None}
    elif ends and ends[0].accepted:
        allowed = {CAPTURED if ends[0].method == "CaptureHold" else RELEASED}
    elif (ends and ends[0].reason == "HOLD_NOT_OPEN") or _is_short(made.request.expire_time, made):
        allowed = {EXPIRED}
    if found not in allowed:
        yield f"hold {hold_id} of {_summary(story)} has state {found}, not {allowed}"


def _is_short(expire_time: Any, step: Step) -> bool:
    """Whether it was to expire within the round."""
    created = _created(step)
    return bool(expire_time.seconds - created.seconds < 10)


def _created(step: Step) -> Any:
    answer = step.answers[0]
    if step.method == "CreateHold":
        return answer.hold.create_time
    return answer.payment_request.create_time


def _check_schedule(story: Story, standing: Standing, journal: Journal) -> Iterator[str]:
    step = story.find("CreateSchedule")
    if step is None:
        return
    schedule_id = step.answers[0].schedule.schedule_id
    state, attempts = standing.schedules.get(schedule_id, (0, ()))
    told = f"schedule {schedule_id} of {_summary(story)} has state {state} and {attempts}"
    paid = [one for one in attempts if not one.reason]
    ran = [(one.run, one.attempt, one.reason) for one in attempts]
    movement = (_movement(step.request.postings[0]),)
    entries = {entry.sequence: entry.movements for entry in journal.entries}
    if any(entries.get(one.sequence) != movement for one in paid):
        yield f"{told}: its run is not in the ledger as {movement}"
    if story.plot == "merge":
        # The one who merged has nothing open, and nothing of it ever ran.
        wanted = CANCELLED if story.find("MergePeople") else ACTIVE
        if (state, ran) != (wanted, []):
            yield told
    elif story.plot == "schedule_poorly":
        count = step.request.retry_policy.attempts
        refused = [(1, number, "INSUFFICIENT_FUNDS") for number in range(1, count + 1)]
        if (state, ran) != (COMPLETED, refused):
            yield f"{told}, not {count} refusals"
    elif story.find("CancelSchedule"):
        if state != CANCELLED or ran not in ([], [(1, 1, "")]):
            yield told
    elif ran != [(1, 1, "")] or state != (ACTIVE if step.request.HasField("repeat") else COMPLETED):
        yield f"{told}: it did not run exactly once"


def _check_request(story: Story, standing: Standing, journal: Journal) -> Iterator[str]:
    step = story.find("RequestPayment")
    if step is None:
        return
    identifier = step.answers[0].payment_request.payment_request_id
    state, closed = standing.requests.get(identifier, (0, 0))
    told = f"request to pay {identifier} of {_summary(story)} has state {state}"
    sequences = {entry.transaction_id: entry.sequence for entry in journal.entries}
    last = story.steps[-1]
    if story.plot == "merge":
        allowed = {WITHDRAWN} if story.find("MergePeople") else {ASKED}
    elif last is step:
        short = _is_short(step.request.expire_time, step)
        allowed = {OVER} if short else {ASKED, OVER}
    elif last.reason == "PAYMENT_REQUEST_CLOSED":
        allowed = {OVER}
    elif not last.accepted:
        allowed = {ASKED, OVER}
    else:
        allowed = {
            {
                "AcceptPaymentRequest": ACCEPTED,
                "DeclinePaymentRequest": DECLINED,
                "CancelPaymentRequest": WITHDRAWN,
            }[last.method]
        }
    if state not in allowed:
        yield f"{told}, not {allowed}"
    if state == ACCEPTED and sequences.get(last.request.request_id) != closed:
        yield f"{told} by {closed}, which is not its acceptance"


def _check_merge(story: Story, standing: Standing) -> Iterator[str]:
    step = story.find("MergePeople")
    for made in story.steps:
        if made.method != "GetOrCreatePerson" or not made.accepted:
            continue
        person_id = made.answers[0].person.person_id
        gone = step is not None and step.request.source_person_id == person_id
        wanted = (MERGED, step.request.target_person_id) if step and gone else (1, "")
        if standing.people.get(person_id) != wanted:
            yield f"person {person_id} is {standing.people.get(person_id)}, not {wanted}"


def _check_allowance(story: Story) -> Iterator[str]:
    """Of takes of one amount, exactly so many are accepted as fit into what was allowed."""
    grant = story.find("GrantAllowance")
    takes = [step for step in story.steps if step.by == GAME]
    taken = [step for step in takes if step.accepted]
    if not takes:
        return
    allowed = grant.request.amount // takes[0].request.amount if grant else 0
    if len(taken) != min(allowed, len(takes)):
        yield f"{len(taken)} of {allowed} takes that were allowed are accepted: {_summary(story)}"
    reasons = {step.reason for step in takes if not step.accepted}
    if not reasons <= {"ALLOWANCE_EXCEEDED"}:
        yield f"takes were refused with {reasons}: {_summary(story)}"


def _check_nothing_invented(stories: Sequence[Story], standing: Standing) -> Iterator[str]:
    """Whatever was made in the round is what somebody was told of."""
    steps = [step for story in stories for step in story.steps if step.accepted]
    told = {
        "hold": {s.request.hold_id for s in steps if s.method == "CreateHold"},
        "schedule": {_identity(s.method, s.answers[0]) for s in _of(steps, "CreateSchedule")},
        "request": {_identity(s.method, s.answers[0]) for s in _of(steps, "RequestPayment")},
        "person": {_identity(s.method, s.answers[0]) for s in _of(steps, "GetOrCreatePerson")},
    }
    there = {
        "hold": standing.holds.keys(),
        "schedule": standing.schedules.keys(),
        "request": standing.requests.keys(),
        "person": standing.people.keys(),
    }
    for what, ids in there.items():
        for id_ in ids - told[what]:
            yield f"invented: nobody was told of {what} {id_}"
        for id_ in told[what] - ids:
            yield f"lost: {what} {id_} was acknowledged and is not in the ledger"


def _check_runs_once(standing: Standing, journal: Journal) -> Iterator[str]:
    """Each transaction that a timer made is one run, and each run that paid is one of these."""
    made = [
        entry.sequence
        for entry in journal.entries
        if is_engines(entry.transaction_id) and not entry.is_rooms
    ]
    paid = [
        one.sequence
        for _, attempts in standing.schedules.values()
        for one in attempts
        if not one.reason
    ]
    if sorted(made) != sorted(paid):
        yield f"timers made transactions {sorted(made)}; runs that paid are {sorted(paid)}"


def _of(steps: Iterable[Step], method: str) -> list[Step]:
    return [step for step in steps if step.method == method]


def _request(story: Story, method: str) -> Any:
    return next(step.request for step in story.steps if step.method == method)


def _movement(posting: Any) -> Movement:
    return Movement(posting.source, posting.destination, posting.amount)


def _summary(story: Story) -> str:
    steps = ", ".join(f"{s.method} {s.verdict.value} {s.reason}".strip() for s in story.steps)
    return f"a story ({story.plot}: {steps})"
