"""`verify` of holds: replayed from their entries, whatever somebody changes."""

import asyncpg
import pytest
from ticketonomics_server.engine.domain import Handling
from ticketonomics_server.engine.model import Text
from ticketonomics_server.engine.timers import FireTimer
from ticketonomics_server.ledger import decide_holds
from ticketonomics_server.ledger.model import (
    CreateAsset,
    OpenAccount,
    Posting,
    SetTransferFee,
)
from ticketonomics_server.ledger.model_holds import (
    CaptureHold,
    CreateHold,
    ExpireHold,
    Hold,
    ReleaseHold,
)
from ticketonomics_server.storage.database import Database
from ticketonomics_server.storage.embedded import EmbeddedPostgres
from ticketonomics_server.storage.migrating import migrate
from ticketonomics_server.verification import Invariant, comparing_holds

from tests.integration.verifying import (
    BALANCES,
    CHAIN,
    HELD,
    REQUESTS,
    ROOTS,
    SUPPLY,
    Ledger,
    Maker,
    ids,
    make_template,
    making,
    mint,
    move,
)


async def hold(make: Maker, *postings: tuple[str, str, str, int], **more: object) -> Hold:
    command = CreateHold(*ids(), tuple(Posting(*posting) for posting in postings), **more)
    return await make(command)


async def found(make: Maker) -> Hold:
    """An open hold, one of each other end, and one that is to expire, which is returned."""
    await make(
        CreateAsset(*ids(), "TEA", 2, 0, "Tea", 0, 1_000, 0, 0),
        CreateAsset(*ids(), "WOOD", 2, 0, "Wood", 0, 0, 0, 0),
        *(OpenAccount(*ids(), f"orgs/{name}") for name in ("a", "b", "c")),
    )
    await make(mint("orgs/a", 1_000, "TEA"), mint("orgs/b", 500))
    both = ("orgs/a", "orgs/b", "TEA", 100), ("orgs/b", "orgs/c", "WOOD", 50)
    await hold(make, *both, text=Text("für Ä", (("z", "1"),)))
    captured = await hold(make, *both, ("orgs/a", "orgs/c", "TEA", 7))
    # The fee rises: the capture pays no more than was held for it.
    await make(SetTransferFee(*ids(), "TEA", 5_000, 0, 0))
    await make(CaptureHold(*ids(), captured.hold_id, (60, 0, 7), Text("half")))
    await make(SetTransferFee(*ids(), "TEA", 1_000, 0, 0))
    await make(CaptureHold(*ids(), (await hold(make, *both)).hold_id))
    await make(ReleaseHold(*ids(), (await hold(make, *both)).hold_id))
    # Two in one block, the second by the first one's money.
    first = CreateHold(*ids(), (Posting(*both[1]),))
    await make(first, CaptureHold(*ids(), first.request_id), move(("orgs/c", "orgs/b", 50)))
    return await hold(make, both[0])


async def expire(make: Maker, expiring: Hold) -> None:
    handling = Handling(decide_holds.declare_by_hold, decide_holds.decide_expire_hold)
    fired = FireTimer(expiring.timer_id, None, handling)
    command = ExpireHold(fired.request_id, bytes(16), expiring.hold_id)
    await make(FireTimer(expiring.timer_id, command, handling))


async def build(dsn: str) -> None:
    database = Database(dsn)
    await migrate(database)
    connection = await database.connect()
    for economy in ("neighbour", "main"):
        async with making(database, economy) as make:
            expiring = await found(make)
        await connection.execute(
            "UPDATE timers SET due_time = '2020-01-01' WHERE payload = $1", expiring.hold_id
        )
        # Another one, which has not kept the timer as it was.
        async with making(database, economy) as make:
            await expire(make, expiring)
    await connection.close()
    await database.close()


@pytest.fixture(scope="module")
def healthy(postgres: EmbeddedPostgres) -> str:
    return make_template(postgres, "verify_holds_healthy", build)


async def test_every_end_of_a_hold_is_coherent(ledger: Ledger) -> None:
    report = await ledger.verify()
    assert report.violations == ()
    states = await ledger.admin.fetch(
        "SELECT state, count(*) FROM holds WHERE economy_id = 2 GROUP BY state ORDER BY state"
    )
    assert [tuple(row) for row in states] == [(1, 1), (2, 3), (3, 1), (4, 1)]


async def test_small_pages_see_the_same(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = await ledger.verify()
    monkeypatch.setattr(comparing_holds, "PAGE_HOLDS", 2)
    assert await ledger.verify() == whole


OPEN = "(SELECT create_sequence FROM holds WHERE economy_id = 2 AND state = 1)"
CAPTURED = "(SELECT min(end_sequence) FROM holds WHERE economy_id = 2 AND state = 2)"
RELEASED = "(SELECT end_sequence FROM holds WHERE economy_id = 2 AND state = 3)"
EXPIRED = "(SELECT end_sequence FROM holds WHERE economy_id = 2 AND state = 4)"
ACCOUNT_A = "(SELECT account_id FROM accounts WHERE economy_id = 2 AND address = 'orgs/a')"
OF_A = f"economy_id = 2 AND account_id = {ACCOUNT_A}"


def of_hold(sequence: str) -> str:
    return f"WHERE economy_id = 2 AND create_sequence = {sequence}"


def in_journal(sequence: str) -> str:
    return f"WHERE economy_id = 2 AND sequence = {sequence}"


CORRUPTIONS: dict[str, tuple[str, set[Invariant]]] = {
    "a little less held": (f"UPDATE balances SET held = held - 1 WHERE {OF_A}", {HELD}),
    "a little more held": (f"UPDATE balances SET held = held + 1 WHERE {OF_A}", {HELD}),
    "an open hold said to be released": (
        f"UPDATE holds SET state = 3, end_time = now(), end_sequence = 9 {of_hold(OPEN)};"
        f"UPDATE balances SET held = 0 WHERE economy_id = 2",
        {HELD},
    ),
    "a released hold said to be expired": (
        "UPDATE holds SET state = 4 WHERE economy_id = 2 AND state = 3",
        {HELD},
    ),
    "a removed hold": (
        f"DELETE FROM held_postings {in_journal(OPEN)};"
        "DELETE FROM holds WHERE economy_id = 2 AND state = 1",
        {HELD},
    ),
    "an added hold": (
        "INSERT INTO holds SELECT economy_id, 9999, substr(sha256(hold_id), 1, 16), state,"
        " application_id, person_id, allowed, create_time, expire_time, timer_id, end_time,"
        " end_sequence"
        f" FROM holds {of_hold(OPEN)}",
        {HELD},
    ),
    "another time to expire": (
        f"UPDATE holds SET expire_time = expire_time + interval '1 us' {of_hold(OPEN)}",
        {HELD},
    ),
    "another owner": (f"UPDATE holds SET application_id = 'x' {of_hold(OPEN)}", {HELD}),
    "another person": (f"UPDATE holds SET person_id = 'x' {of_hold(OPEN)}", {HELD}),
    "another id": (
        f"UPDATE holds SET hold_id = '\\x{'0' * 32}' {of_hold(OPEN)}",
        # Its timer is another's as well.
        {HELD},
    ),
    "another amount": (
        f"UPDATE held_postings SET amount = amount + 1 {in_journal(OPEN)} AND position = 0",
        {HELD},
    ),
    "another fee": (
        f"UPDATE held_postings SET fee = fee + 1 {in_journal(OPEN)} AND position = 1",
        {HELD},
    ),
    "another destination": (
        f"UPDATE held_postings SET destination_id = 1 {in_journal(OPEN)} AND position = 0",
        {HELD},
    ),
    "no such account": (
        f"UPDATE held_postings SET destination_id = 99 {in_journal(OPEN)} AND position = 0",
        {HELD},
    ),
    "a removed posting": (
        f"DELETE FROM held_postings {in_journal(OPEN)} AND position = 1",
        {HELD},
    ),
    "postings of no hold": (
        f"UPDATE held_postings SET sequence = 1 {in_journal(OPEN)}",
        {HELD},
    ),
    "postings behind the last block": (
        f"UPDATE held_postings SET sequence = 9999 {in_journal(OPEN)}",
        {HELD},
    ),
    "a hold without its timer": ("DELETE FROM timers WHERE economy_id = 2", {HELD}),
    # The entries themselves.
    "a changed creation": (
        "UPDATE entries SET event = overlay(event placing '\\x63' from 25 for 1)"
        f" {in_journal(OPEN)}",
        {ROOTS, HELD},
    ),
    "a removed creation": (f"DELETE FROM entries {in_journal(OPEN)}", {ROOTS, HELD, REQUESTS}),
    "a removed release": (
        f"DELETE FROM entries {in_journal(RELEASED)}",
        {ROOTS, HELD, REQUESTS},
    ),
    "a release said to be an expiry": (
        f"UPDATE entries SET kind = 43 {in_journal(RELEASED)}",
        {ROOTS, HELD},
    ),
    "an expiry of another hold": (
        "UPDATE entries SET event = (SELECT event FROM entries"
        f" {in_journal(RELEASED)}) {in_journal(EXPIRED)}",
        {ROOTS, HELD},
    ),
    "a capture that names no hold": (
        f"DELETE FROM entries {in_journal(CAPTURED)}",
        {ROOTS, HELD},
    ),
    "a capture that says it moved another amount": (
        "UPDATE entries SET event = overlay(event placing '\\x3b' from 30 for 1)"
        f" {in_journal(CAPTURED)}",
        {ROOTS, HELD},
    ),
    "a capture that moved more than was held": (
        f"UPDATE postings SET amount = amount + 1 {in_journal(CAPTURED)} AND position = 1",
        {ROOTS, HELD, BALANCES},
    ),
    "a capture that pays a higher fee": (
        f"UPDATE postings SET amount = amount + 1 {in_journal(CAPTURED)} AND destination_id = 2",
        {ROOTS, BALANCES, SUPPLY},
    ),
    "a capture that became a transfer": (
        f"UPDATE postings SET kind = 1 {in_journal(CAPTURED)}",
        # An event of its sequence number is left over.
        {ROOTS, HELD, SUPPLY, REQUESTS},
    ),
    "a creation behind the last block": (
        f"INSERT INTO entries SELECT economy_id, 9999, kind, event FROM entries {in_journal(OPEN)}",
        {CHAIN},
    ),
}


@pytest.mark.parametrize("corruption", CORRUPTIONS)
async def test_a_corruption_is_told_by_name(ledger: Ledger, corruption: str) -> None:
    sql, broken = CORRUPTIONS[corruption]
    await ledger.admin.execute(sql)
    report = await ledger.verify()
    assert set(report.violation_counts) == broken, report.violations


REFUSED_BY_POSTGRES = [
    ("balances_held_within_posted", f"UPDATE balances SET held = posted + 1 WHERE {OF_A}"),
    ("balances_held_within_posted", f"UPDATE balances SET held = -1 WHERE {OF_A}"),
    ("balances_held_within_posted", f"UPDATE balances SET posted = held - 1 WHERE {OF_A}"),
    ("holds_end", f"UPDATE holds SET state = 2 {of_hold(OPEN)}"),
    ("holds_state", "UPDATE holds SET state = 5 WHERE state = 3"),
    ("holds_expire_time", f"UPDATE holds SET expire_time = create_time {of_hold(OPEN)}"),
    ("held_postings_amount", f"UPDATE held_postings SET amount = 0 {in_journal(OPEN)}"),
    ("held_postings_fee", f"UPDATE held_postings SET fee = -1 {in_journal(OPEN)}"),
]


@pytest.mark.parametrize(("constraint", "sql"), REFUSED_BY_POSTGRES)
async def test_the_database_itself_refuses_what_cannot_be(
    ledger: Ledger, constraint: str, sql: str
) -> None:
    with pytest.raises(asyncpg.CheckViolationError, match=constraint):
        await ledger.admin.execute(sql)
