import pytest
from ticketonomics_simulator.deeds import Payment
from ticketonomics_simulator.fees import Fee
from ticketonomics_simulator.wallets import Wallets

PAYMENT = Payment("users/mira", "users/jon", 10)


def wallets() -> Wallets:
    made = Wallets(Fee(bps=100))
    made.credit("users/mira", 20)
    return made


def test_money_leaves_at_once_and_arrives_when_accepted() -> None:
    purses = wallets()
    purses.begin([PAYMENT])
    assert purses.available("users/mira") == 9
    assert purses.available("users/jon") == 0
    purses.accept([PAYMENT])
    assert purses.available("users/mira") == 9
    assert purses.available("users/jon") == 10
    assert purses.total == 19


def test_refused_money_comes_back() -> None:
    purses = wallets()
    purses.begin([PAYMENT])
    purses.refuse([PAYMENT])
    assert purses.available("users/mira") == 20
    assert purses.available("users/jon") == 0
    assert not purses.is_busy("users/mira")


def test_what_the_ledger_tells_is_adopted() -> None:
    purses = wallets()
    purses.adopt({"users/mira": 500, "users/jon": 7}, read_at=purses.changes)
    assert purses.available("users/mira") == 500
    assert purses.total == 507


def test_a_reading_that_a_payment_has_overtaken_is_not_adopted() -> None:
    purses = wallets()
    read_at = purses.changes
    purses.begin([PAYMENT])
    purses.adopt({"users/mira": 20, "users/jon": 0}, read_at=read_at)
    assert purses.available("users/mira") == 9
    purses.accept([PAYMENT])
    purses.adopt({"users/mira": 20, "users/jon": 0}, read_at=read_at)
    assert purses.available("users/mira") == 9
    assert purses.available("users/jon") == 10


@pytest.mark.parametrize(
    ("fee", "amount", "due"),
    [
        (Fee(), 100, 0),
        (Fee(bps=100), 1, 1),
        (Fee(bps=100), 100, 1),
        (Fee(bps=100), 101, 2),
        (Fee(bps=100, maximum=5), 10_000, 5),
        (Fee(minimum=3), 10, 3),
    ],
)
def test_fees_are_those_of_the_contract(fee: Fee, amount: int, due: int) -> None:
    assert fee.on(amount) == due


def test_who_can_just_pay_the_amount_cannot_pay_the_fee() -> None:
    purses = wallets()
    assert purses.can_pay("users/mira", 19)
    assert not purses.can_pay("users/mira", 20)
    assert not purses.can_pay("users/mira", 10, 9)
