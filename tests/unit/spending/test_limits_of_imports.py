"""An import takes of allowances and budgets what a transfer would."""

from ticketonomics_server.engine.command import Caller
from ticketonomics_server.ledger.model import MINT, Posting
from ticketonomics_server.ledger.model_imports import ImportTransaction

from .conftest import ANN, BOB, SHOP, TILL, Square

SCOPES = frozenset({"ledger.import", "ledger.mint", "ledger.burn"})
GAME = Caller("game", SCOPES)
TRUSTED = Caller("game", SCOPES | {"ledger.debit_any"})


def taken(square: Square, *postings: tuple[str, str, str, int], caller: Caller = GAME) -> str:
    moved = tuple(Posting(*posting) for posting in postings)
    return square.outcome(ImportTransaction(*square.ids(), moved), caller)


def test_nothing_is_imported_from_who_did_not_allow_it(square: Square) -> None:
    assert taken(square, (ANN, SHOP, "A", 1)) == "NOT_ACCOUNT_OWNER"
    square.grant(100)
    assert taken(square, (ANN, SHOP, "A", 101)) == "ALLOWANCE_EXCEEDED"
    assert taken(square, (ANN, SHOP, "A", 60)) == "OK"
    assert taken(square, (ANN, SHOP, "A", 41)) == "ALLOWANCE_EXCEEDED"
    assert taken(square, (BOB, SHOP, "A", 1)) == "NOT_ACCOUNT_OWNER"
    assert square.take(40) == "OK"
    assert square.spent() == 100
    assert taken(square, (ANN, SHOP, "A", 1)) == "ALLOWANCE_EXCEEDED"
    # What is given counts in no allowance.
    assert taken(square, (MINT, ANN, "A", 500)) == "OK"
    assert taken(square, (ANN, SHOP, "A", 101), caller=TRUSTED) == "OK"
    assert square.spent() == 100


def test_an_allowance_that_asks_is_no_leave_to_import(square: Square) -> None:
    square.grant(0, 0)
    assert taken(square, (ANN, SHOP, "A", 1)) == "ALLOWANCE_ASKS"


def test_a_budget_is_no_wider_for_imports(square: Square) -> None:
    square.budget(100)
    assert taken(square, (TILL, SHOP, "A", 101)) == "BUDGET_EXCEEDED"
    assert taken(square, (TILL, SHOP, "A", 100)) == "OK"
    assert taken(square, (BOB, SHOP, "A", 1), caller=TRUSTED) == "BUDGET_EXCEEDED"
