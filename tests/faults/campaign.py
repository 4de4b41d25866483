"""The campaign: rounds of load and damage, each followed by every check."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from time import monotonic
from uuid import uuid4

from ticketonomics.amm.v1 import amm_service_pb2 as amm
from ticketonomics.identity.v1 import identity_service_pb2 as identity
from ticketonomics.ledger.v1 import ledger_service_pb2 as rpc
from ticketonomics.ledger.v1.asset_pb2 import Asset
from ticketonomics.parameters.v1.parameter_service_pb2 import SetParameterRequest
from ticketonomics.queues.v1.queue_service_pb2 import OpenQueuesRequest
from ticketonomics.spending.v1 import spending_service_pb2 as spending
from ticketonomics.spending.v1.limit_pb2 import PERIOD_TOTAL
from ticketonomics_client.parameters import to_message

from .calling import HOT, TREASURY, Caller
from .checks import check_round
from .client import ClientJob, ClientProcess, clients_running
from .deployment import Deployment, deployed
from .drawing import POOR, POOR_FUNDS, RICH, RICH_FUNDS
from .faults import Scene, deal, strike
from .invariants import check_invariants
from .ledger import Ledger
from .records import ASSET, Report, Verdict
from .rooms import PERIOD_SECONDS, PLACES
from .settling import Settlement, settle
from .stories import (
    BANK,
    FUNDS,
    MATERIAL,
    PAUPER,
    POOL,
    STALLS,
    settle_stories,
    till_of,
)
from .story_checks import check_stories, told_movements

_CLIENTS = 2
_TREASURY_FUNDS = 10**15
_RESERVE = 10**12
# Load before the fault, drawn between these, and after it is mended.
_BEFORE_SECONDS = (0.2, 0.9)
_AFTER_SECONDS = 0.5
# Recomputing everything takes longer with every round.
_INVARIANTS_EVERY = 5


@dataclass(slots=True)
class RoundResult:
    """What became of one round."""

    number: int
    fault: str
    note: str
    acknowledged: int
    refused: int
    unknown: int
    happened: int
    blocks: int
    stories: int
    seconds: float
    violations: list[str] = field(default_factory=list)


class Campaign:
    """Rounds on one deployment.

    Attributes:
        acknowledged: Transactions that were acknowledged so far.
    """

    def __init__(
        self,
        deployment: Deployment,
        caller: Caller,
        clients: Sequence[ClientProcess],
        ledger: Ledger,
        random: Random,
    ) -> None:
        self.acknowledged = 0
        self._deployment = deployment
        self._caller = caller
        self._clients = clients
        self._ledger = ledger
        self._random = random
        self._faults = deal(random)

    async def run(self, rounds: int) -> AsyncIterator[RoundResult]:
        """Runs rounds, and tells each one's result."""
        for number in range(1, rounds + 1):
            thorough = number % _INVARIANTS_EVERY == 0 or number == rounds
            yield await self._run_round(number, thorough=thorough)

    async def _run_round(self, number: int, *, thorough: bool) -> RoundResult:
        began, name, height = monotonic(), next(self._faults), self._ledger.height
        scene = Scene(self._deployment, self._caller, self._random)
        report = await self._damage(scene, name)
        settlement = await settle(self._caller, self._ledger, report.attempts, self._random)
        await settle_stories(self._caller, report.stories, self._random)
        violations = await self._check(scene, report, settlement)
        if thorough:
            violations += await check_invariants(self._deployment.postgres.dsn)
        acknowledged = len({a.draft.transaction_id for a in report.attempts if a.accepted})
        self.acknowledged += acknowledged
        return RoundResult(
            number=number,
            fault=name,
            note=scene.note,
            acknowledged=self.acknowledged,
            refused=sum(a.verdict is Verdict.REFUSED for a in report.attempts),
            unknown=settlement.unknown,
            happened=settlement.happened,
            blocks=self._ledger.height - height,
            stories=len(report.stories),
            seconds=monotonic() - began,
            violations=violations,
        )

    async def _damage(self, scene: Scene, name: str) -> Report:
        """Runs the load with the fault in its midst, and returns what callers were told."""
        await asyncio.gather(*(client.begin() for client in self._clients))
        await asyncio.sleep(self._random.uniform(*_BEFORE_SECONDS))
        await strike(scene, name)
        await asyncio.sleep(_AFTER_SECONDS)
        report = self._caller.take_report()
        for part in await asyncio.gather(*(client.end() for client in self._clients)):
            report.add(part)
        return report

    async def _check(self, scene: Scene, report: Report, settlement: Settlement) -> list[str]:
        standing = await self._ledger.stand(self._ledger.last_sequence)
        journal = await self._ledger.advance()
        report.add(self._caller.take_report())
        last = journal.last_sequence
        for part in await asyncio.gather(*(client.watched(last) for client in self._clients)):
            report.add(part)
        violations = [
            *scene.violations,
            *scene.check_drained(report.attempts),
            *check_round(
                report,
                journal,
                before_retries=settlement.before,
                settled_from_ns=settlement.from_ns,
                told=told_movements(report.stories),
            ),
            *check_stories(report.stories, standing, journal),
        ]
        for server in self._deployment.servers:
            # Many calls may have met the same.
            violations += dict.fromkeys(server.new_errors())
            shown = await self._caller.list_balances(server.number)
            if not journal.closing.items() <= shown.items():
                violations.append(f"server {server.number} shows other balances than the ledger's")
        return violations


@asynccontextmanager
async def campaign_in(folder: Path, seed: int) -> AsyncIterator[Campaign]:
    """Sets everything up in a folder, and ends every process with the context."""
    async with deployed(folder) as deployment:
        api_key = deployment.servers[0].operator_key
        async with Caller(deployment.targets, api_key) as caller:
            await _found(caller)
            await _found_pool(caller)
            await _found_rooms(caller)
            game = await _found_game(caller)
            ledger = Ledger(deployment.postgres.dsn)
            await ledger.advance()
            jobs = [
                ClientJob(number, deployment.targets, api_key, game, seed, ledger.last_sequence)
                for number in range(_CLIENTS)
            ]
            caller.take_report()
            caller.be_game_too(*game)
            async with clients_running(jobs) as clients:
                yield Campaign(deployment, caller, clients, ledger, Random(seed))


async def _found(caller: Caller) -> None:
    """Creates the asset, opens the accounts and funds them."""
    asset = Asset(code=ASSET, kind=Asset.KIND_TICKET, name="Faults")
    await caller.change("CreateAsset", rpc.CreateAssetRequest(request_id=str(uuid4()), asset=asset))
    for address in (TREASURY, HOT, BANK, PAUPER, *STALLS, *RICH, *POOR):
        opening = rpc.OpenAccountRequest(request_id=str(uuid4()), address=address)
        await caller.change("OpenAccount", opening)
    for address, funds in _funds():
        minting = rpc.MintRequest(
            transaction_id=str(uuid4()),
            destination=address,
            asset=ASSET,
            amount=funds,
            reason="Funds of the campaign",
        )
        await caller.change("Mint", minting)


async def _found_pool(caller: Caller) -> None:
    """Creates a material, and a pool that trades it for the campaign's asset."""
    material = Asset(code=MATERIAL, kind=Asset.KIND_MATERIAL, name="Ore")
    await caller.change(
        "CreateAsset", rpc.CreateAssetRequest(request_id=str(uuid4()), asset=material)
    )
    minting = rpc.MintRequest(
        transaction_id=str(uuid4()),
        destination=BANK,
        asset=MATERIAL,
        amount=FUNDS,
        reason="Funds of the campaign",
    )
    await caller.change("Mint", minting)
    creating = amm.CreatePoolRequest(
        request_id=str(uuid4()),
        pool_id=POOL,
        base_asset=MATERIAL,
        quote_asset=ASSET,
        account=BANK,
        base_amount=_RESERVE,
        quote_amount=_RESERVE,
    )
    await caller.change("CreatePool", creating)


async def _found_rooms(caller: Caller) -> None:
    """Opens the queues, small ones, and a Parliament whose proposals take seconds."""
    settings: dict[str, int | list[int]] = {
        "queues.places": [PLACES, 40, 60],
        "parliament.discussion_period": PERIOD_SECONDS,
        "parliament.voting_period": PERIOD_SECONDS,
        "parliament.veto_period": PERIOD_SECONDS,
        "parliament.age": 0,
        "parliament.active_days": 0,
    }
    for name, value in settings.items():
        setting = SetParameterRequest(request_id=str(uuid4()), name=name, value=to_message(value))
        await caller.change("SetParameter", setting)
    await caller.change("OpenQueues", OpenQueuesRequest(request_id=str(uuid4())))


async def _found_game(caller: Caller) -> tuple[str, str]:
    """Creates an application that takes what people allow, with a till and a budget."""
    made = await caller.change(
        "CreateApplication",
        identity.CreateApplicationRequest(
            request_id=str(uuid4()), name="game", scopes=["ledger.transfer"], rate_limit_rps=10**6
        ),
    )
    game_id = made.application.application_id
    key = await caller.change(
        "CreateApiKey",
        identity.CreateApiKeyRequest(request_id=str(uuid4()), application_id=game_id),
    )
    opening = rpc.OpenAccountRequest(request_id=str(uuid4()), address=till_of(game_id))
    await caller.change("OpenAccount", opening)
    # Never reached: `verify` looks whether it counted right.
    budget = spending.SetBudgetRequest(
        request_id=str(uuid4()),
        application_id=game_id,
        asset=ASSET,
        amount=10**12,
        period=PERIOD_TOTAL,
    )
    await caller.change("SetBudget", budget)
    return game_id, key.secret


def _funds() -> Iterator[tuple[str, int]]:
    yield TREASURY, _TREASURY_FUNDS
    yield HOT, 1
    yield from ((address, FUNDS) for address in (BANK, *STALLS))
    yield from ((address, RICH_FUNDS) for address in RICH)
    yield from ((address, POOR_FUNDS) for address in POOR)
