"""What a pool's ticks say is what its swaps have moved."""

import pytest
from ticketonomics_server.storage.embedded import EmbeddedPostgres
from ticketonomics_server.verification import Invariant

from tests.integration.test_verify_amm import build
from tests.integration.verifying import Ledger, make_template

A_TICK = "economy_id = 2 AND sequence = (SELECT min(sequence) + 1 FROM ticks WHERE economy_id = 2)"
DAMAGES = {
    "another size": f"UPDATE ticks SET size = size + 1 WHERE {A_TICK}",
    "another price": f"UPDATE ticks SET price = price + 1e-9 WHERE {A_TICK}",
    "no tick": f"DELETE FROM ticks WHERE {A_TICK}",
    "no newest tick": (
        "DELETE FROM ticks WHERE economy_id = 2 AND sequence ="
        " (SELECT max(sequence) FROM ticks WHERE economy_id = 2)"
    ),
}


@pytest.fixture(scope="module")
def healthy(postgres: EmbeddedPostgres) -> str:
    return make_template(postgres, "verify_prices_healthy", build)


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
async def test_a_tick_that_says_something_else_is_told(ledger: Ledger, damage: str) -> None:
    assert (await ledger.verify()).violations == ()
    before = await ledger.admin.fetchval("SELECT count(*) FROM ticks WHERE economy_id = 2")
    assert before > 10
    await ledger.admin.execute(damage)
    report = await ledger.verify()
    assert {violation.invariant for violation in report.violations} == {
        Invariant.CANDLES_MATCH_TICKS
    }
    assert any("swap" in violation.detail for violation in report.violations)
