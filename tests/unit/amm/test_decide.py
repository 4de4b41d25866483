"""Every rule of pools, one line each."""

from decimal import Decimal

import pytest
from ticketonomics_server.amm.model import (
    CreatePool,
    EntryKind,
    PausePool,
    PoolState,
    ResumePool,
    SetPoolFee,
    Trade,
    trade_of,
)
from ticketonomics_server.engine.canonical import decode_fields
from ticketonomics_server.engine.command import Caller, NothingToDo
from ticketonomics_server.engine.rejection import Rejection
from ticketonomics_server.ledger.model import (
    MAX_INT64,
    MINT,
    SINK,
    Account,
    AccountState,
    Asset,
    Balance,
    CreateAsset,
    CreateTransaction,
    Posting,
    SetTransferFee,
)
from ticketonomics_server.ledger.model import EntryKind as LedgerKind
from ticketonomics_server.parameters.model import ParameterValue
from ticketonomics_server.prices.model import TICKS, round_price
from ticketonomics_server.progression.model import Progress
from ticketonomics_server.spending.model import Period, SpendingLimit

from tests.unit.amm.conftest import ANN, BOB, POOL, SHARES, TIME, Market

OPERATOR = Caller("game", frozenset({"ledger.debit_any", "ledger.mint", "ledger.assets"}))
ACTING = frozenset({"spending.consent", "identity.act_for"})


# --- pools ------------------------------------------------------------------------------------


def test_a_pool_begins_with_its_liquidity_and_its_shares(market: Market) -> None:
    assert market.reserves == (10_000, 1_000_000)
    # The root of 10,000 × 1,000,000.00, of which 1,000 are locked.
    assert market.supply == 100_000
    assert market.posted(POOL, SHARES) == 1_000
    assert market.posted(ANN, SHARES) == 99_000
    asset = market.state.rows[Asset][SHARES]
    assert (asset.kind, asset.decimals) == (4, 1)
    assert market.pool.create_sequence == 1


def test_a_pool_takes_what_it_is_not_told_from_the_parameters() -> None:
    market = Market()
    market.give(ANN, "IRON", 10_000)
    market.give(ANN, "BRONZE", 10_000)
    market.state.rows[ParameterValue]["amm.fee_bps"] = ParameterValue(
        "amm.fee_bps", "77", 1, TIME, "game"
    )
    decision = market.create(10_000, 10_000, fee_bps=None, sink_bps=None)
    assert (market.pool.fee_bps, market.pool.sink_bps) == (77, 2_000)
    assert decode_fields(decision.event) == [
        *("iron-bronze", ANN, "game", "IRON", "BRONZE", 77, 2_000, 1_000, 1),
        "Shares of pool iron-bronze",
    ]


def _pool(market: Market, **more: object) -> CreatePool:
    fields = {
        "pool_id": "other",
        "base": "IRON",
        "quote": "BRONZE",
        "account": BOB,
        "base_amount": 10_000,
        "quote_amount": 10_000,
        "fee_bps": 30,
        "sink_bps": 0,
    } | more
    return CreatePool(*market.ids(), *fields.values())


@pytest.mark.parametrize(
    ("more", "outcome"),
    [
        ({}, "OK"),
        ({"pool_id": "iron-bronze"}, "POOL_EXISTS"),
        ({"base": "GOLD"}, "ASSET_NOT_FOUND"),
        ({"quote": "GOLD"}, "ASSET_NOT_FOUND"),
        ({"base": SHARES}, "ASSET_RESERVED"),
        ({"fee_bps": 1_001}, "INVALID_FIELD"),
        ({"fee_bps": 1_000}, "OK"),
        ({"base_amount": 1_000, "quote_amount": 1_001}, "INSUFFICIENT_LIQUIDITY"),
        ({"base_amount": 1_001, "quote_amount": 1_001}, "OK"),
        ({"account": "users/nobody"}, "ACCOUNT_NOT_FOUND"),
        ({"account": POOL}, "ACCOUNT_RESERVED"),
        ({"base_amount": 1_000_001}, "INSUFFICIENT_FUNDS"),
    ],
)
def test_what_a_new_pool_needs(market: Market, more: dict[str, object], outcome: str) -> None:
    assert market.outcome(_pool(market, **more)) == outcome


def test_the_code_of_its_shares_must_be_free(market: Market) -> None:
    market.state.rows[Asset]["LP-OTHER"] = market.state.rows[Asset][SHARES]
    assert market.outcome(_pool(market)) == "ASSET_EXISTS"


def test_only_a_pool_makes_its_shares(market: Market) -> None:
    minted = CreateTransaction(
        *market.ids(), LedgerKind.MINT, (Posting(MINT, BOB, SHARES, 5),), None
    )
    assert market.outcome(minted, OPERATOR) == "ASSET_RESERVED"
    made = CreateAsset(*market.ids(), "LP-MINE", 4, 0, "Mine", 0, 0, 0, 0)
    assert market.outcome(made, OPERATOR) == "ASSET_RESERVED"
    fee = SetTransferFee(*market.ids(), SHARES, 10, 0, 0)
    assert market.outcome(fee, OPERATOR) == "ASSET_RESERVED"


def test_nobody_else_moves_a_pool(market: Market) -> None:
    for source, destination in ((BOB, POOL), (POOL, BOB)):
        moved = CreateTransaction(
            *market.ids(), LedgerKind.TRANSFER, (Posting(source, destination, "IRON", 5),), None
        )
        assert market.outcome(moved) == "ACCOUNT_RESERVED"


def test_a_fee_is_set(market: Market) -> None:
    decision = market.decide(SetPoolFee(*market.ids(), "iron-bronze", 100, 5_000))
    assert (market.pool.fee_bps, market.pool.sink_bps) == (100, 5_000)
    assert decode_fields(decision.event) == ["iron-bronze", 100, 5_000]
    assert market.outcome(SetPoolFee(*market.ids(), "iron-bronze", 1_001, 0)) == "INVALID_FIELD"
    assert market.outcome(SetPoolFee(*market.ids(), "nowhere", 1, 0)) == "POOL_NOT_FOUND"


def test_a_paused_pool_only_lets_liquidity_go(market: Market) -> None:
    market.decide(market.add(1_000, 100_000))
    decision = market.decide(PausePool(*market.ids(), "iron-bronze"))
    assert decision.kind == EntryKind.POOL_PAUSED
    assert market.pool.state == PoolState.PAUSED
    assert isinstance(market.decide(PausePool(*market.ids(), "iron-bronze")), NothingToDo)
    assert market.outcome(market.swap("IRON", amount_in=100)) == "POOL_PAUSED"
    assert market.outcome(market.add(1_000, 100_000)) == "POOL_PAUSED"
    assert market.outcome(market.remove(5_000)) == "OK"
    market.decide(ResumePool(*market.ids(), "iron-bronze"))
    assert isinstance(market.decide(ResumePool(*market.ids(), "iron-bronze")), NothingToDo)
    assert market.outcome(market.swap("IRON", amount_in=100)) == "OK"
    assert market.outcome(PausePool(*market.ids(), "nowhere")) == "POOL_NOT_FOUND"


# --- swaps ------------------------------------------------------------------------------------


def test_a_swap_moves_three_things_and_changes_balances_only(market: Market) -> None:
    before = market.product
    terms = market.pool.snapshot()
    decision = market.decide(market.swap("BRONZE", amount_in=100_000))
    # 3.00 of 1,000.00 is the fee, a fifth of which is burned: 0.60.
    assert decision.value.postings == (
        Posting(BOB, POOL, "BRONZE", 99_940),
        Posting(POOL, BOB, "IRON", 906),
        Posting(BOB, SINK, "BRONZE", 60),
    )
    assert trade_of(decision.value.postings) == Trade(100_000, 906, 60)
    assert decision.kind == LedgerKind.SWAP
    assert decision.event is None
    assert market.product >= before
    assert market.pool.snapshot() == terms
    assert market.state.rows[Progress]["bob"].traded == 1


def test_each_swap_is_a_trade_of_the_pools_prices(market: Market) -> None:
    market.decide(market.swap("BRONZE", amount_in=100_000))
    market.decide(market.swap("IRON", amount_in=100))
    bought, sold = (record.tick for record in market.state.appended[TICKS])
    # 1,000.00 for 906 pieces; then 119.28 for 100.
    assert (bought.instrument, bought.size) == (POOL, 906)
    assert bought.price == round_price(1_000, 906)
    assert (sold.size, sold.price) == (100, Decimal("1.1928"))


def test_what_burns_to_nothing_is_no_posting(market: Market) -> None:
    decision = market.decide(market.swap("IRON", amount_in=100))
    assert len(decision.value.postings) == 2


def test_exact_out_gives_at_least_as_much_for_the_least(market: Market) -> None:
    trade = market.trade("BRONZE", amount_out=906)
    assert trade == Trade(99_926, 906, 59)
    # One unit of iron is worth a hundred of bronze: the rest of the last one is the trader's.
    trade = Market.trade(market, "IRON", amount_out=1_000)
    assert trade.amount_out >= 1_000


@pytest.mark.parametrize(
    ("asset_in", "more", "outcome"),
    [
        ("IRON", {"amount_in": 100}, "OK"),
        ("IRON", {"amount_in": 100, "pool": "nowhere"}, "POOL_NOT_FOUND"),
        ("IRON", {"amount_in": 100, "asset_out": "GOLD"}, "ASSET_NOT_IN_POOL"),
        ("GOLD", {"amount_in": 100, "asset_out": "BRONZE"}, "ASSET_NOT_IN_POOL"),
        ("IRON", {"amount_in": 100, "asset_out": SHARES}, "ASSET_NOT_IN_POOL"),
        ("IRON", {"amount_in": 100, "deadline": TIME}, "OK"),
        ("IRON", {"amount_in": 100, "account": "users/nobody"}, "ACCOUNT_NOT_FOUND"),
        ("IRON", {"amount_in": 100, "account": POOL}, "ACCOUNT_RESERVED"),
        ("IRON", {"amount_in": 100, "account": MINT}, "ACCOUNT_RESERVED"),
        ("BRONZE", {"amount_in": 99}, "AMOUNT_TOO_SMALL"),
        ("BRONZE", {"amount_out": 9_999}, "INSUFFICIENT_FUNDS"),
        ("BRONZE", {"amount_out": 10_000}, "INSUFFICIENT_LIQUIDITY"),
        ("BRONZE", {"amount_out": MAX_INT64}, "INSUFFICIENT_LIQUIDITY"),
        ("IRON", {"amount_in": 1_000_000}, "OK"),
        ("IRON", {"amount_in": 1_000_001}, "INSUFFICIENT_FUNDS"),
        ("IRON", {"amount_in": 100, "limit": 9_872}, "LIMIT_NOT_MET"),
        ("IRON", {"amount_in": 100, "limit": 9_871}, "OK"),
        ("BRONZE", {"amount_out": 906, "limit": 99_925}, "LIMIT_NOT_MET"),
        ("BRONZE", {"amount_out": 906, "limit": 99_926}, "OK"),
    ],
)
def test_what_a_swap_needs(
    market: Market, asset_in: str, more: dict[str, object], outcome: str
) -> None:
    assert market.outcome(market.swap(asset_in, **more)) == outcome


def test_a_deadline_is_by_the_time_of_the_block(market: Market) -> None:
    late = market.swap("IRON", amount_in=100, deadline=market.later(-0.001))
    assert market.outcome(late) == "TRADE_EXPIRED"
    assert market.outcome(market.add(100, 10_000, deadline=market.later(-1))) == "TRADE_EXPIRED"
    assert market.outcome(market.remove(100, deadline=market.later(-1))) == "TRADE_EXPIRED"


def test_a_swap_takes_only_from_who_allows_it(market: Market) -> None:
    swap = market.swap("IRON", amount_in=100)
    assert market.outcome(swap, Caller("game")) == "NOT_ACCOUNT_OWNER"
    assert market.outcome(swap, Caller("game", ACTING, "ann")) == "NOT_ACCOUNT_OWNER"
    assert market.outcome(swap, Caller("game", ACTING, "bob")) == "OK"


def test_an_allowance_and_a_budget_count_what_is_given(market: Market) -> None:
    limits = market.state.rows[SpendingLimit]
    for person in ("bob", ""):
        limit = SpendingLimit("game", person, "IRON", 150, Period.DAY, 0, TIME, 0, TIME, None)
        limits[limit.key] = limit
    # What the pool pays is not the application's spending.
    other = SpendingLimit("game", "", "BRONZE", 1, Period.DAY, 0, TIME, 0, TIME, None)
    limits[other.key] = other
    game = Caller("game")
    assert market.outcome(market.swap("IRON", amount_in=100), game) == "OK"
    assert [limits["game", person, "IRON"].spent for person in ("bob", "")] == [100, 100]
    assert other.spent == 0
    assert market.outcome(market.swap("IRON", amount_in=51), game) == "ALLOWANCE_EXCEEDED"
    limits["game", "bob", "IRON"].amount = 1_000
    assert market.outcome(market.swap("IRON", amount_in=51), game) == "BUDGET_EXCEEDED"
    assert market.outcome(market.swap("IRON", amount_in=50), game) == "OK"


@pytest.mark.parametrize(
    ("state", "outcome"),
    [(AccountState.CLOSED, "ACCOUNT_CLOSED"), (AccountState.BLOCKED, "ACCOUNT_BLOCKED")],
)
def test_a_blocked_person_does_not_trade(market: Market, state: AccountState, outcome: str) -> None:
    market.decide(market.add(1_000, 100_000))
    market.state.rows[Account][BOB].state = state
    for command in (market.swap("IRON", amount_in=100), market.add(100, 10_000), market.remove(9)):
        assert market.outcome(command) == outcome


def test_what_is_held_is_not_given(market: Market) -> None:
    market.state.rows[Balance][BOB, "IRON"].held = 999_950
    assert market.outcome(market.swap("IRON", amount_in=51)) == "INSUFFICIENT_FUNDS"


def test_a_full_balance_refuses(market: Market) -> None:
    market.state.rows[Balance][BOB, "BRONZE"].posted = MAX_INT64
    assert market.outcome(market.swap("IRON", amount_in=100)) == "BALANCE_OVERFLOW"
    market.state.rows[Balance][POOL, "IRON"].posted = MAX_INT64 - 50
    market.state.rows[Balance][BOB, "BRONZE"].posted = 0
    assert market.outcome(market.swap("IRON", amount_in=10**6)) == "AMOUNT_TOO_SMALL"
    market.state.rows[Balance][POOL, "BRONZE"].posted = MAX_INT64
    assert market.outcome(market.swap("IRON", amount_in=100)) == "BALANCE_OVERFLOW"


def test_no_transfer_fee_is_taken(market: Market) -> None:
    market.state.rows[Asset]["IRON"].fee_bps = 1_000
    assert len(market.decide(market.swap("IRON", amount_in=100)).value.postings) == 2


# --- liquidity --------------------------------------------------------------------------------


def test_adding_takes_what_the_shares_cost(market: Market) -> None:
    decision = market.decide(market.add(1_000, 50_000))
    # The bronze suffices for 5,000 shares; they cost half of the iron.
    assert decision.value.postings == (
        Posting(BOB, POOL, "IRON", 500),
        Posting(BOB, POOL, "BRONZE", 50_000),
        Posting(MINT, BOB, SHARES, 5_000),
    )
    assert decision.kind == LedgerKind.LIQUIDITY_ADDED
    assert decode_fields(decision.event) == ["iron-bronze", BOB]
    assert market.state.rows[Progress]["bob"].provided_liquidity == 1


def test_removing_gives_their_part(market: Market) -> None:
    market.decide(market.add(1_000, 100_000))
    decision = market.decide(market.remove(4_000))
    assert decision.value.postings == (
        Posting(POOL, BOB, "IRON", 400),
        Posting(POOL, BOB, "BRONZE", 40_000),
        Posting(BOB, SINK, SHARES, 4_000),
    )
    assert market.supply == 106_000


@pytest.mark.parametrize(
    ("amounts", "more", "outcome"),
    [
        ((1_000, 100_000), {}, "OK"),
        ((1, 9), {}, "AMOUNT_TOO_SMALL"),
        ((1, 10), {}, "OK"),
        ((1_000, 50_000), {"minimum_base": 501}, "LIMIT_NOT_MET"),
        ((1_000, 50_000), {"minimum_base": 500, "minimum_quote": 50_000}, "OK"),
        ((1_000, 100_001), {"minimum_quote": 100_001}, "LIMIT_NOT_MET"),
        ((2_000_000, 200_000_000), {}, "INSUFFICIENT_FUNDS"),
        ((1_000, 100_000), {"account": POOL}, "ACCOUNT_RESERVED"),
        ((1_000, 100_000), {"account": "users/nobody"}, "ACCOUNT_NOT_FOUND"),
    ],
)
def test_what_adding_needs(
    market: Market, amounts: tuple[int, int], more: dict[str, object], outcome: str
) -> None:
    assert market.outcome(market.add(*amounts, **more)) == outcome


@pytest.mark.parametrize(
    ("shares", "more", "outcome"),
    [
        (10_000, {}, "OK"),
        (10_001, {}, "INSUFFICIENT_FUNDS"),
        (10**12, {}, "INSUFFICIENT_FUNDS"),
        (9, {}, "AMOUNT_TOO_SMALL"),
        (10, {}, "OK"),
        (1_000, {"minimum_base": 101}, "LIMIT_NOT_MET"),
        (1_000, {"minimum_base": 100, "minimum_quote": 10_000}, "OK"),
        (1_000, {"account": POOL}, "ACCOUNT_RESERVED"),
    ],
)
def test_what_removing_needs(
    market: Market, shares: int, more: dict[str, object], outcome: str
) -> None:
    market.decide(market.add(1_000, 100_000))
    assert market.outcome(market.remove(shares, **more)) == outcome


def test_what_is_locked_stays_whatever_is_removed(market: Market) -> None:
    market.decide(market.remove(99_000, account=ANN))
    assert market.supply == 1_000
    assert market.reserves == (100, 10_000)
    with pytest.raises(Rejection):
        market.decide(market.remove(1, account=ANN))


def test_a_refused_swap_can_be_tried_again(market: Market) -> None:
    swap = market.swap("IRON", amount_in=100, limit=10**6)
    assert market.outcome(swap) == "LIMIT_NOT_MET"
    assert market.outcome(swap._replace(limit=0)) == "OK"
