"""Stories: holds, schedules, trades, queues, votes and more, told while things are killed.

Each step is a request that may be repeated. A story that gets no answer stops there;
`settle_stories` learns what became of its last step when everything serves again.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from random import Random
from typing import Any
from uuid import UUID

from ticketonomics.amm.v1 import amm_service_pb2 as amm
from ticketonomics.identity.v1 import identity_service_pb2 as identity
from ticketonomics.ledger.v1 import ledger_service_pb2 as ledger
from ticketonomics.ledger.v1.transaction_pb2 import Posting
from ticketonomics.payments.v1 import payment_service_pb2 as payments
from ticketonomics.payments.v1.schedule_pb2 import Repeat, RetryPolicy
from ticketonomics.spending.v1 import spending_service_pb2 as spending
from ticketonomics.spending.v1.limit_pb2 import PERIOD_TOTAL

from . import rooms
from .calling import GAME, Caller
from .checks import PASSING
from .records import ASSET, Verdict

BANK, PAUPER = "orgs/bank", "orgs/pauper"
STALLS = tuple(f"orgs/stall-{number:02}" for number in range(30))
FUNDS = 10**15
# What is traded for the campaign's asset, and where.
MATERIAL, POOL = "ORE", "ore-fault"
SHARES = "LP-ORE-FAULT"

_RETRIES_AT_ONCE = 2
_PAUSE_SECONDS = 0.05
_LONG_PAUSE_SECONDS = 0.4
_AT_ONCE = 20
_SETTLE_SECONDS = 20.0
# Long enough for the story's own answer, if nothing is killed.
_LONG = timedelta(seconds=30)


@dataclass(slots=True)
class Step:
    """One request of a story, and what was answered to it, however often it was sent.

    Attributes:
        by: Who asks; see `Caller.ask`.
        answers: All answers that tell an acceptance.
        reason: Why it was refused, if that was the last that was heard.
    """

    method: str
    request: Any
    by: str = ""
    verdict: Verdict = Verdict.UNKNOWN
    answers: list[Any] = field(default_factory=list)
    reason: str = ""

    @property
    def accepted(self) -> bool:
        return self.verdict is Verdict.ACCEPTED

    @property
    def settled(self) -> bool:
        return self.verdict is not Verdict.UNKNOWN


@dataclass(slots=True)
class Story:
    """What one caller did about one thing, in order."""

    plot: str
    steps: list[Step] = field(default_factory=list)

    def find(self, method: str) -> Step | None:
        """Finds the first accepted step of a method."""
        return next((s for s in self.steps if s.method == method and s.accepted), None)


class _Stop(Exception):  # noqa: N818 - it is how a story ends before its time.
    """The story does not go on: nobody answered, it was refused, or the round is over."""


class Teller:
    """Tells stories until it is stopped; they go into the caller's report."""

    def __init__(self, caller: Caller, random: Random, stopped: Callable[[], bool]) -> None:
        self._caller = caller
        self._random = random
        self._stopped = stopped

    async def tell(self) -> None:
        """Tells one story."""
        plots = (
            self._hold,
            self._schedule,
            self._schedule_poorly,
            self._request,
            self._merge,
            self._allow,
            self._swap,
            self._provide,
            self._queue,
            self._vote,
        )
        plot = self._random.choices(plots, weights=(4, 4, 1, 3, 2, 2, 4, 2, 6, 3))[0]
        story = Story(plot.__name__.strip("_"))
        self._caller.report.stories.append(story)
        try:
            await plot(story)
        except _Stop:
            # One that is away answers at once that it is.
            await asyncio.sleep(_LONG_PAUSE_SECONDS)

    async def _step(self, story: Story, method: str, request: Any, by: str = "") -> Any:
        """Sends a request, and again if nobody answers; returns the answer."""
        if story.steps and self._stopped():
            raise _Stop
        named = "hold_id" if method == "CreateHold" else "request_id"
        named = "transaction_id" if method in {"Transfer", "Swap", "Mint"} else named
        setattr(request, named, self._id())
        step = Step(method, request, by)
        story.steps.append(step)
        server = self._random.randrange(2)
        for _ in range(1 + _RETRIES_AT_ONCE):
            await send(self._caller, server, step)
            if step.settled:
                break
            await asyncio.sleep(_PAUSE_SECONDS)
            server = 1 - server
        if not step.accepted:
            raise _Stop
        return step.answers[0]

    def _id(self) -> str:
        return str(UUID(int=self._random.getrandbits(128), version=4))

    def _posting(self, source: str, destination: str = "") -> Posting:
        to = destination or self._random.choice(STALLS)
        amount = self._random.randint(2, 50)
        return Posting(source=source, destination=to, asset=ASSET, amount=amount)

    def _soon(self) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=self._random.uniform(0.15, 1.0))

    async def _hold(self, story: Story) -> None:
        end = self._random.choice(("whole", "part", "release", "expire", "expire"))
        posting = self._posting(BANK)
        request = ledger.CreateHoldRequest(postings=[posting])
        request.expire_time.FromDatetime(
            self._soon() if end == "expire" else datetime.now(UTC) + _LONG
        )
        hold_id = (await self._step(story, "CreateHold", request)).hold.hold_id
        if end in {"whole", "part"}:
            part = self._random.randint(1, posting.amount - 1)
            capture = ledger.CaptureHoldRequest(
                hold_id=hold_id, amounts=[part] if end == "part" else []
            )
            await self._step(story, "CaptureHold", capture)
        elif end == "release":
            await self._step(story, "ReleaseHold", ledger.ReleaseHoldRequest(hold_id=hold_id))

    async def _schedule(self, story: Story) -> None:
        source, destination = self._random.sample(STALLS, 2)
        posting = self._posting(source, destination)
        request = payments.CreateScheduleRequest(postings=[posting], memo="story")
        request.first_time.FromDatetime(self._soon())
        daily = self._random.random() < 0.5
        if daily:
            request.repeat.CopyFrom(Repeat(frequency=Repeat.FREQUENCY_DAILY))
        made = await self._step(story, "CreateSchedule", request)
        if daily:
            # It ran once, or not yet; an account has only so many.
            await asyncio.sleep(self._random.uniform(0, 2))
            ending = payments.CancelScheduleRequest(schedule_id=made.schedule.schedule_id)
            await self._step(story, "CancelSchedule", ending)

    async def _schedule_poorly(self, story: Story) -> None:
        """One that repeats every second, for it never pays."""
        request = payments.CreateScheduleRequest(
            postings=[self._posting(PAUPER)],
            retry_policy=RetryPolicy(attempts=self._random.randint(1, 2), delay_seconds=1),
        )
        request.first_time.FromDatetime(self._soon())
        await self._step(story, "CreateSchedule", request)

    async def _request(self, story: Story) -> None:
        end = self._random.choice(("accept", "accept", "decline", "cancel", "expire"))
        posting = self._posting(BANK)
        request = payments.RequestPaymentRequest(
            payee=posting.destination, payer=BANK, asset=ASSET, amount=posting.amount
        )
        request.expire_time.FromDatetime(
            self._soon() if end == "expire" else datetime.now(UTC) + _LONG
        )
        asked = (await self._step(story, "RequestPayment", request)).payment_request
        named = {"payment_request_id": asked.payment_request_id}
        if end == "accept":
            accepting = payments.AcceptPaymentRequestRequest(**named)
            await self._step(story, "AcceptPaymentRequest", accepting)
        elif end == "decline":
            declining = payments.DeclinePaymentRequestRequest(**named)
            await self._step(story, "DeclinePaymentRequest", declining)
        elif end == "cancel":
            cancelling = payments.CancelPaymentRequestRequest(**named)
            await self._step(story, "CancelPaymentRequest", cancelling)

    async def _merge(self, story: Story) -> None:
        """Two people, of whom one has a balance, a schedule and a request to pay."""
        ids = []
        for _ in range(2):
            request = identity.GetOrCreatePersonRequest(provider="story", subject=self._id())
            answer = await self._step(story, "GetOrCreatePerson", request)
            ids.append(answer.person.person_id)
        source, target = (f"users/{person_id}" for person_id in ids)
        given = self._posting(BANK, source)
        transfer = ledger.TransferRequest(
            source=BANK, destination=source, asset=ASSET, amount=given.amount
        )
        await self._step(story, "Transfer", transfer)
        schedule = payments.CreateScheduleRequest(postings=[self._posting(source, target)])
        schedule.first_time.FromDatetime(datetime.now(UTC) + timedelta(days=300))
        await self._step(story, "CreateSchedule", schedule)
        asking = payments.RequestPaymentRequest(payee=source, payer=BANK, asset=ASSET, amount=1)
        await self._step(story, "RequestPayment", asking)
        merging = identity.MergePeopleRequest(source_person_id=ids[0], target_person_id=ids[1])
        await self._step(story, "MergePeople", merging)

    async def _allow(self, story: Story) -> None:
        """A person allows something, and a game takes more than that, all at once."""
        request = identity.GetOrCreatePersonRequest(provider="story", subject=self._id())
        person_id = (await self._step(story, "GetOrCreatePerson", request)).person.person_id
        account = f"users/{person_id}"
        given = ledger.TransferRequest(source=BANK, destination=account, asset=ASSET, amount=100)
        await self._step(story, "Transfer", given)
        amount = self._random.randint(3, 9)
        grant = spending.GrantAllowanceRequest(
            person_id=person_id,
            application_id=self._caller.game_id,
            asset=ASSET,
            amount=self._random.randint(amount, 4 * amount),
            period=PERIOD_TOTAL,
        )
        await self._step(story, "GrantAllowance", grant, person_id)
        takes = (
            ledger.TransferRequest(
                source=account,
                destination=till_of(grant.application_id),
                asset=ASSET,
                amount=amount,
            )
            for _ in range(6)
        )
        taking = (self._step(story, "Transfer", take, GAME) for take in takes)
        await asyncio.gather(*taking, return_exceptions=True)

    async def _swap(self, story: Story) -> None:
        """There and back, and there again for an exact amount: all by one account."""
        trader = self._random.choice(STALLS)
        there = {"pool_id": POOL, "account": trader, "asset_in": ASSET, "asset_out": MATERIAL}
        back = there | {"asset_in": MATERIAL, "asset_out": ASSET}
        given = self._random.randint(10_000, 10_000_000)
        bought = await self._step(story, "Swap", amm.SwapRequest(**there, amount_in=given))
        sold = self._random.randint(1_000, bought.swap.amount_out)
        await self._step(story, "Swap", amm.SwapRequest(**back, amount_in=sold))
        exact = amm.SwapRequest(**there, amount_out=self._random.randint(1, 1_000_000))
        await self._step(story, "Swap", exact)

    async def _provide(self, story: Story) -> None:
        """Liquidity comes, and a part of it goes."""
        adding = amm.AddLiquidityRequest(
            pool_id=POOL,
            account=BANK,
            base_amount=self._random.randint(10_000, 1_000_000),
            quote_amount=self._random.randint(10_000, 1_000_000),
        )
        added = await self._step(story, "AddLiquidity", adding)
        part = self._random.randint(1_000, added.event.shares)
        removing = amm.RemoveLiquidityRequest(pool_id=POOL, account=BANK, shares=part)
        await self._step(story, "RemoveLiquidity", removing)

    async def _queue(self, story: Story) -> None:
        await rooms.queue(partial(self._step, story), self._random)

    async def _vote(self, story: Story) -> None:
        await rooms.vote(partial(self._step, story), self._random)


def till_of(application_id: str) -> str:
    """Returns the address of what the game has."""
    return f"apps/{application_id}/till"


async def send(caller: Caller, server: int, step: Step) -> None:
    """Sends a step once, and notes what it hears."""
    verdict, reason, answer = await caller.ask(server, step.method, step.request, by=step.by)
    if answer is not None:
        step.answers.append(answer)
    if reason in PASSING:
        # It says nothing about what became of the request before.
        return
    if verdict is not Verdict.UNKNOWN:
        step.verdict, step.reason = verdict, reason


async def settle_stories(caller: Caller, stories: Sequence[Story], random: Random) -> None:
    """Learns what became of every step, and repeats some that were answered.

    Raises:
        TimeoutError: A server does not answer for good.
    """
    steps = [step for story in stories for step in story.steps]
    # Whoever asks for somebody who was merged gets the other one.
    answered = [s for s in steps if s.accepted and s.method != "GetOrCreatePerson"]
    again = random.sample(answered, min(100, len(answered)))
    left = [step for step in steps if not step.settled]
    async with asyncio.timeout(_SETTLE_SECONDS):
        while left:
            await _send_all(caller, left)
            left = [step for step in left if not step.settled]
        await _send_all(caller, again)


async def _send_all(caller: Caller, steps: Sequence[Step]) -> None:
    """Sends steps to one server and the other, so many at a time."""
    for start in range(0, len(steps), _AT_ONCE):
        part = enumerate(steps[start : start + _AT_ONCE])
        await asyncio.gather(*(send(caller, number % 2, step) for number, step in part))
