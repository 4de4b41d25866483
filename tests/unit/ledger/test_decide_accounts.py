import pytest
from ticketonomics_server.engine.canonical import decode_fields
from ticketonomics_server.engine.command import Caller
from ticketonomics_server.engine.rejection import Rejection
from ticketonomics_server.ledger.model import (
    Account,
    AccountState,
    AllBalances,
    Asset,
    Balance,
    CloseAccount,
    CreateAsset,
    EntryKind,
    OpenAccount,
    SetTransferFee,
)

MANAGER = Caller("office", frozenset({"ledger.accounts"}))
GAME = Caller("game")
GAME_FOR_ANN = Caller("game", person_id="ann")
MANAGER_FOR_ANN = Caller("office", frozenset({"ledger.accounts"}), person_id="ann")


@pytest.fixture
def town(books):
    books.asset("A")
    books.asset("B")
    for address in ("orgs/shop", "orgs/empty", "apps/game/till", "users/ann", "apps/gamer/till"):
        books.account(address)
    books.account("orgs/shut", AccountState.CLOSED)
    books.account("orgs/bad", AccountState.BLOCKED)
    books.balance("orgs/shop", "A", 0)
    books.balance("orgs/shop", "B", 7)
    books.balance("orgs/empty", "A", 0)
    return books


# fmt: off
OPENING = [
    # caller         address            outcome
    (MANAGER,        "orgs/new",        "OK"),
    (MANAGER,        "apps/game/new",   "OK"),
    (MANAGER_FOR_ANN, "orgs/new",       "OK"),
    (GAME,           "apps/game/new",   "OK"),
    (GAME,           "apps/game/a/b",   "OK"),
    (GAME,           "apps/gamer/new",  "NOT_ACCOUNT_OWNER"),
    (GAME,           "apps/game",       "NOT_ACCOUNT_OWNER"),
    (GAME,           "orgs/new",        "NOT_ACCOUNT_OWNER"),
    (GAME_FOR_ANN,   "apps/game/new",   "NOT_ACCOUNT_OWNER"),
    (MANAGER,        "users/new",       "ACCOUNT_RESERVED"),
    (MANAGER,        "system/new",      "ACCOUNT_RESERVED"),
    (GAME,           "users/ann",       "ACCOUNT_RESERVED"),
    (GAME,           "orgs/shop",       "NOT_ACCOUNT_OWNER"),
    (MANAGER,        "orgs/shop",       "ACCOUNT_EXISTS"),
    (MANAGER,        "orgs/shut",       "ACCOUNT_EXISTS"),
    (GAME,           "apps/game/till",  "ACCOUNT_EXISTS"),
]

CLOSING = [
    # caller         address            outcome
    (MANAGER,        "orgs/empty",      "OK"),
    (MANAGER,        "orgs/bad",        "OK"),
    (GAME,           "apps/game/till",  "OK"),
    (GAME,           "orgs/nobody",     "ACCOUNT_NOT_FOUND"),
    (GAME,           "users/nobody",    "ACCOUNT_NOT_FOUND"),
    (GAME,           "users/ann",       "ACCOUNT_RESERVED"),
    (MANAGER,        "system/sink",     "ACCOUNT_RESERVED"),
    (GAME,           "orgs/shut",       "NOT_ACCOUNT_OWNER"),
    (GAME,           "apps/gamer/till", "NOT_ACCOUNT_OWNER"),
    (GAME_FOR_ANN,   "apps/game/till",  "NOT_ACCOUNT_OWNER"),
    (MANAGER,        "orgs/shut",       "ACCOUNT_CLOSED"),
    (MANAGER,        "orgs/shop",       "ACCOUNT_NOT_EMPTY"),
]
# fmt: on


@pytest.mark.parametrize(("caller", "address", "expected"), OPENING)
def test_opening(town, caller, address, expected) -> None:
    assert town.outcome(OpenAccount(*town.ids(), address), caller) == expected
    if expected == "OK":
        assert town.state.find(Account, address).state == AccountState.OPEN


@pytest.mark.parametrize(("caller", "address", "expected"), CLOSING)
def test_closing(town, caller, address, expected) -> None:
    assert town.outcome(CloseAccount(*town.ids(), address), caller) == expected
    if expected == "OK":
        account = town.state.find(Account, address)
        assert account.state == AccountState.CLOSED
        assert account.close_time is not None


def test_accounts_are_numbered_one_after_the_other_and_by_accepted_ones_only(books) -> None:
    for address in ("orgs/a", "system/no", "orgs/a", "orgs/b"):
        books.outcome(OpenAccount(*books.ids(), address), MANAGER)
    ids = [books.state.find(Account, address).account_id for address in ("orgs/a", "orgs/b")]
    assert ids == [3, 4]


def test_a_closed_account_takes_nothing_and_does_not_open_again(town) -> None:
    assert town.outcome(CloseAccount(*town.ids(), "orgs/empty"), MANAGER) == "OK"
    assert town.outcome(town.transaction(("orgs/shop", "orgs/empty", "B", 1))) == "ACCOUNT_CLOSED"
    assert town.outcome(OpenAccount(*town.ids(), "orgs/empty"), MANAGER) == "ACCOUNT_EXISTS"


def test_an_account_that_was_emptied_may_be_closed(town) -> None:
    closing = CloseAccount(*town.ids(), "orgs/shop")
    with pytest.raises(Rejection) as refused:
        town.decide(closing, MANAGER)
    assert refused.value.metadata == {"account": "orgs/shop", "asset": "B", "posted": "7"}
    assert town.outcome(town.transaction(("orgs/shop", "orgs/empty", "B", 7))) == "OK"
    assert town.outcome(closing, MANAGER) == "OK"


def test_an_account_that_got_something_in_the_same_block_is_not_empty(town) -> None:
    assert town.outcome(town.transaction(("orgs/shop", "orgs/empty", "B", 1))) == "OK"
    assert town.outcome(CloseAccount(*town.ids(), "orgs/empty"), MANAGER) == "ACCOUNT_NOT_EMPTY"


class Watched(dict):
    """Tells when somebody walks through all of it."""

    walked = False

    def values(self):
        self.walked = True
        return super().values()

    def items(self):
        self.walked = True
        return super().items()

    def __iter__(self):
        self.walked = True
        return super().__iter__()


def test_closing_does_not_look_at_everybody_s_balances(town) -> None:
    # Once, this walked through all kept balances, up to 500,000 (about 18 ms each time): a hundred
    # closings in a block took longer than the 2 s after which Postgres ends the session (idle in
    # transaction), and nobody in that block got anywhere.
    town.state.rows[AllBalances]["orgs/empty"] = {"A"}
    watched = town.state.rows[Balance] = Watched(town.state.rows[Balance])
    town.decide(CloseAccount(*town.ids(), "orgs/empty"), MANAGER)
    assert not watched.walked


# --- assets -----------------------------------------------------------------------------------


def create(books, code: str = "NEW") -> CreateAsset:
    return CreateAsset(*books.ids(), code, 2, 3, "New", 1_000, 25, 1, 9)


def test_assets_are_created_once_and_numbered(books) -> None:
    decision = books.decide(create(books))
    asset = books.state.find(Asset, "NEW")
    assert (asset.asset_id, asset.kind, asset.decimals, asset.supply_cap) == (1, 2, 3, 1_000)
    assert (asset.fee_bps, asset.fee_minimum, asset.fee_maximum) == (25, 1, 9)
    assert decision.kind == EntryKind.ASSET_CREATED
    assert decode_fields(decision.event) == ["NEW", 2, 3, "New", 1_000, 25, 1, 9]
    assert books.outcome(create(books)) == "ASSET_EXISTS"
    books.decide(create(books, "NEWER"))
    assert books.state.find(Asset, "NEWER").asset_id == 2


def test_a_fee_holds_from_the_next_transaction(town) -> None:
    decision = town.decide(SetTransferFee(*town.ids(), "B", 0, 2, 0))
    assert decode_fields(decision.event) == ["B", 0, 2, 0]
    town.decide(town.transaction(("orgs/shop", "orgs/empty", "B", 1)))
    assert town.posted("orgs/shop", "B") == 4
    assert town.outcome(SetTransferFee(*town.ids(), "NONE", 0, 2, 0)) == "ASSET_NOT_FOUND"


@pytest.mark.parametrize("amount", [1, 9_999, 10_000, 10_001, 2**63 - 1])
@pytest.mark.parametrize("fee_bps", [0, 1, 33, 10_000])
def test_splitting_a_transfer_never_saves_a_fee(books, amount, fee_bps) -> None:
    asset = books.asset("A", fee=(fee_bps, 0, 0))
    for part in {1, amount // 2, amount - 1} - {0}:
        if part < amount:
            assert asset.fee(part) + asset.fee(amount - part) >= asset.fee(amount)
