import pytest
from ticketonomics_server.engine.rejection import Reason, Rejection
from ticketonomics_server.identity.identifiers import ALPHABET
from ticketonomics_server.identity.link_code import draw_code, hash_code, read_code
from ticketonomics_server.identity.wrong_codes import WINDOW_SECONDS, WrongCodes


def test_codes_are_ten_characters_that_nobody_misreads():
    codes = [draw_code() for _ in range(200)]
    assert len({code.hash for code in codes}) == 200
    drawn = set("".join(code.text for code in codes).lower())
    assert drawn == set(ALPHABET) | {"-"}
    for code in codes:
        assert len(code.text) == 11
        assert hash_code(read_code(code.text)) == code.hash
        assert code.text not in repr(code)


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("7K3M9-Q2X4T", "7k3m9q2x4t"),
        (" 7k3m9 q2x4t ", "7k3m9q2x4t"),
        ("OOOOO-IILLI", "0000011111"),
        ("7k3m9q2x4", None),
        ("7k3m9q2x4tt", None),
        ("7k3m9q2x4u", None),
        ("", None),
        ("x" * 1_000, None),
    ],
)
def test_what_people_type_is_read(typed, code):
    assert read_code(typed) == code


class Clock:
    def __init__(self):
        self.seconds = 0.0

    def __call__(self):
        return self.seconds


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def wrong(clock):
    return WrongCodes(clock)


def fill(wrong, count, *, application="plugin", economy=1, subject=None):
    for number in range(count):
        wrong.begin(economy, application, ("x", subject or f"{application} {number}"))


def limited(wrong, *, application="plugin", economy=1, subject="new"):
    try:
        wrong.begin(economy, application, ("x", subject))
    except Rejection as rejection:
        assert rejection.reason is Reason.RATE_LIMITED
        return rejection.retry_seconds
    wrong.take_back(economy, application, ("x", subject))
    return None


def test_five_of_an_identity_are_enough_for_ten_minutes(wrong, clock):
    fill(wrong, 5, subject="1")
    clock.seconds = 60
    assert limited(wrong, subject="1") == WINDOW_SECONDS - 60
    assert limited(wrong, subject="2") is None
    clock.seconds = WINDOW_SECONDS
    assert limited(wrong, subject="1") is None


def test_a_hundred_of_an_application_and_a_thousand_in_an_economy_are_enough(wrong):
    fill(wrong, 100)
    assert limited(wrong)
    assert limited(wrong, application="bot") is None
    for number in range(9):
        fill(wrong, 100, application=f"app {number}")
    assert limited(wrong, application="bot")
    assert limited(wrong, economy=2) is None


def test_right_codes_do_not_count(wrong):
    for _ in range(1_000):
        wrong.begin(1, "plugin", ("x", "1"))
        wrong.take_back(1, "plugin", ("x", "1"))
    assert limited(wrong, subject="1") is None


def test_a_refused_try_counts_nothing(wrong):
    fill(wrong, 5, subject="1")
    for _ in range(200):
        assert limited(wrong, subject="1")
    assert limited(wrong, subject="2") is None


def test_the_memory_has_a_bound_and_the_greater_counts_outlive_it(wrong, monkeypatch):
    monkeypatch.setattr("ticketonomics_server.identity.wrong_codes.MAX_COUNTED", 50)
    fill(wrong, 100)
    assert len(wrong._counts) <= 53
    assert limited(wrong)
