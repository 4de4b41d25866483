"""`verify` of pools: rows that somebody changes, and a server that works out something else."""

from collections.abc import Callable
from typing import Any

import pytest
from ticketonomics_server.amm import decide as deciding
from ticketonomics_server.amm import decide_liquidity, decide_pools
from ticketonomics_server.amm.domain import AMM
from ticketonomics_server.amm.model import (
    AddLiquidity,
    CreatePool,
    PausePool,
    RemoveLiquidity,
    ResumePool,
    SetPoolFee,
    Swap,
)
from ticketonomics_server.identity import model as identity
from ticketonomics_server.identity import model_people as people
from ticketonomics_server.ledger.model import SINK, CreateAsset, EntryKind, OpenAccount
from ticketonomics_server.parameters.domain import PARAMETERS
from ticketonomics_server.prices.domain import PRICES
from ticketonomics_server.progression.domain import PROGRESSION
from ticketonomics_server.storage.database import Database
from ticketonomics_server.storage.embedded import EmbeddedPostgres
from ticketonomics_server.storage.migrating import migrate
from ticketonomics_server.verification import Invariant, verify

from tests.integration.verifying import Ledger, Maker, ids, make_template, making, mint, move

# That of pools, and those that it tells or asks.
ROOMS = AMM, PARAMETERS, PROGRESSION, PRICES

POOLS = Invariant.POOLS_MATCH_JOURNAL
A = "orgs/a"
SHARES = "LP-IRON-WOOD"


def swap(asset_in: str, amount: int, *, exact_in: bool = True) -> Swap:
    asset_out = "WOOD" if asset_in == "IRON" else "IRON"
    return Swap(*ids(), "iron-wood", A, asset_in, asset_out, exact_in, amount, 0, None)


def add(base: int, quote: int, account: str = A) -> AddLiquidity:
    return AddLiquidity(*ids(), "iron-wood", account, "IRON", "WOOD", base, quote, 0, 0, None)


def remove(shares: int) -> RemoveLiquidity:
    return RemoveLiquidity(*ids(), "iron-wood", A, "IRON", "WOOD", shares, 0, 0, None)


async def found(make: Maker) -> None:
    await make(
        CreateAsset(*ids(), "IRON", 2, 0, "Iron", 0, 0, 0, 0),
        CreateAsset(*ids(), "WOOD", 2, 3, "Wood", 0, 0, 0, 0),
        OpenAccount(*ids(), A),
    )
    await make(mint(A, 10**9, "IRON"), mint(A, 10**9))


async def trade(make: Maker) -> None:
    await make(CreatePool(*ids(), "iron-wood", "IRON", "WOOD", A, 1_000_003, 2_000_005, 30, 2_000))
    for amount in (10_007, 99_991, 333_333):
        await make(swap("IRON", amount), swap("WOOD", amount), swap("IRON", amount, exact_in=False))
    await make(add(50_021, 70_013), remove(10_011))
    await make(PausePool(*ids(), "iron-wood"), remove(20_021), ResumePool(*ids(), "iron-wood"))
    await make(SetPoolFee(*ids(), "iron-wood", 100, 10_000), swap("WOOD", 77_777))
    # Shares are burned by who has them, and with a person who goes.
    await make(move((A, SINK, 1_003, SHARES), kind=EntryKind.BURN))
    eve = await make(identity.GetOrCreatePerson(*ids(), "x", "1", ""))
    await make(move((A, f"users/{eve}", 5_003, SHARES)))
    await make(people.ErasePerson(*ids(), eve, burn_balances=True))
    await make(swap("IRON", 12_345), remove(7_001))


async def build(dsn: str) -> None:
    database = Database(dsn)
    await migrate(database)
    for economy in ("neighbour", "main"):
        async with making(database, economy, *ROOMS) as make:
            await found(make)
            await trade(make)
    await database.close()


@pytest.fixture(scope="module")
def healthy(postgres: EmbeddedPostgres) -> str:
    return make_template(postgres, "verify_amm_healthy", build)


async def test_pools_are_coherent(ledger: Ledger) -> None:
    report = await ledger.verify()
    assert report.violations == ()
    assert await ledger.admin.fetchval("SELECT count(*) FROM pools") == 2


async def test_servers_that_have_kept_nothing_decide_the_same(database: Database) -> None:
    """Each command by another one, which finds in the state what it has declared, and no more."""

    async def alone(command: Any) -> None:
        async with making(database, "main", *ROOMS) as make:
            await make(command)

    async with making(database, "main", *ROOMS) as make:
        await found(make)
    await alone(CreatePool(*ids(), "iron-wood", "IRON", "WOOD", A, 1_000_003, 2_000_005, 30, 2_000))
    await alone(move((A, SINK, 100_003, SHARES), kind=EntryKind.BURN))
    await alone(add(50_021, 70_013))
    await alone(remove(10_011))
    await alone(swap("IRON", 10_007))
    await alone(swap("WOOD", 10_007))
    await alone(remove(5_003))
    await alone(add(10_007, 90_001))
    report = await verify(database, 1)
    assert report.violations == ()


OF_POOL = "WHERE economy_id = 2 AND pool_id = 'iron-wood'"
CORRUPTIONS = {
    "another fee": f"UPDATE pools SET fee_bps = 99 {OF_POOL}",
    "another part of it": f"UPDATE pools SET sink_bps = 9999 {OF_POOL}",
    "a pool said to be paused": f"UPDATE pools SET state = 2 {OF_POOL}",
    "fewer locked shares": f"UPDATE pools SET locked_shares = 1 {OF_POOL}",
    "another account": f"UPDATE pools SET account_id = 3 {OF_POOL}",
    "another asset": f"UPDATE pools SET base_id = 2, quote_id = 1 {OF_POOL}",
    "another name of it": f"UPDATE pools SET base = 'WOOD' {OF_POOL}",
    "another creator": f"UPDATE pools SET application_id = 'me' {OF_POOL}",
    "a later creation": f"UPDATE pools SET create_sequence = 99999 {OF_POOL}",
    "a lost pool": f"DELETE FROM pools {OF_POOL}",
    "a pool of nobody": (
        "INSERT INTO pools SELECT economy_id, 'other', 99999, application_id, account_id, base_id,"
        f" quote_id, 99, base, quote, 1, 1, 1, 1, create_time FROM pools {OF_POOL}"
    ),
}


@pytest.mark.parametrize("sql", CORRUPTIONS.values(), ids=CORRUPTIONS.keys())
async def test_a_changed_row_is_told(ledger: Ledger, sql: str) -> None:
    await ledger.admin.execute(sql)
    report = await ledger.verify()
    assert {violation.invariant for violation in report.violations} == {POOLS}


async def test_a_changed_reserve_is_told_as_a_balance_too(ledger: Ledger) -> None:
    await ledger.admin.execute(
        "UPDATE balances b SET posted = posted + 1 FROM pools p WHERE p.economy_id = 2"
        " AND b.economy_id = 2 AND b.account_id = p.account_id AND b.asset_id = p.base_id"
    )
    report = await ledger.verify()
    assert POOLS in {violation.invariant for violation in report.violations}
    assert Invariant.BALANCES_MATCH_JOURNAL in {v.invariant for v in report.violations}


def _work_out(change: Callable[[Any], Any]) -> tuple[Any, str, Any]:
    whole = deciding.work_out
    return deciding, "work_out", lambda **fields: change(whole(**fields))


def _costs(change: Callable[[int, int], tuple[int, int]]) -> tuple[Any, str, Any]:
    whole = decide_liquidity.cost_of_shares
    return decide_liquidity, "cost_of_shares", lambda *fields: change(*whole(*fields))


def _gives(change: Callable[[int, int], tuple[int, int]]) -> tuple[Any, str, Any]:
    whole = decide_liquidity.worth_of_shares
    return decide_liquidity, "worth_of_shares", lambda *fields: change(*whole(*fields))


# Servers that are wrong by one unit. Their books agree in themselves: chain, balances and roots.
WRONG = {
    "gives one too many": _work_out(lambda t: t._replace(amount_out=t.amount_out + 1)),
    "gives one too few": _work_out(lambda t: t._replace(amount_out=t.amount_out - 1)),
    "burns one too many": _work_out(lambda t: t._replace(burned=t.burned + 1)),
    "burns one too few": _work_out(lambda t: t._replace(burned=t.burned - 1)),
    "burns nothing": _work_out(lambda t: t._replace(burned=0)),
    "shares too cheap": _costs(lambda base, quote: (base - 1, quote)),
    "shares too dear": _costs(lambda base, quote: (base, quote + 1)),
    "gives too much for shares": _gives(lambda base, quote: (base + 1, quote)),
    "gives too little for shares": _gives(lambda base, quote: (base, quote - 1)),
    "one first share too many": (
        decide_pools,
        "first_shares",
        lambda base, quote: 1 + int((base * quote) ** 0.5),
    ),
}


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG.keys())
async def test_a_server_that_works_out_something_else_is_told(
    database: Database, monkeypatch: pytest.MonkeyPatch, wrong: tuple[Any, str, Any]
) -> None:
    monkeypatch.setattr(*wrong)
    async with making(database, "main", *ROOMS) as make:
        await found(make)
        await trade(make)
    report = await verify(database, 1)
    assert {violation.invariant for violation in report.violations} == {POOLS}
