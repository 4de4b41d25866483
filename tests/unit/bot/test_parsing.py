"""Short and natural forms, in both languages."""

import pytest
from aiogram.types import MessageEntity, User
from ticketonomics_bot.assets import tier_of
from ticketonomics_bot.parsing import Wish, clean_memo, flatten, natural_kind, read_wish

CODES = {"BRONZE", "SILVER", "WOOD"}


def find(word: str) -> str | None:
    if word.upper() in CODES:
        return word.upper()
    return tier_of(word)


@pytest.mark.parametrize(
    ("text", "wish"),
    [
        ("@bob 5k for pizza", Wish(handle="bob", amount="5k", memo="pizza")),
        ("@Bob 5k pizza", Wish(handle="bob", amount="5k", memo="pizza")),
        ("5k to @bob for pizza", Wish(handle="bob", amount="5k", memo="pizza")),
        ("pay 20 to @bob", Wish(handle="bob", amount="20")),
        (
            "Send @bob, 20 silver for tea",
            Wish(handle="bob", amount="20", asset="SILVER", memo="tea"),
        ),
        ("20 wood to @bob", Wish(handle="bob", amount="20", asset="WOOD")),
        ("5k for pizza", Wish(amount="5k", memo="pizza")),
        ("5", Wish(amount="5")),
        ("@bob", Wish(handle="bob")),
        ("", Wish()),
        ("заплати 20 @bob за пиццу", Wish(handle="bob", amount="20", memo="пиццу")),
        ("5 тыс @bob", Wish(handle="bob", amount="5тыс")),
        (
            "переведи @bob 3 серебра на обед",
            Wish(handle="bob", amount="3", asset="SILVER", memo="на обед"),
        ),
        ("попроси у @bob 5к за пиццу", Wish(handle="bob", amount="5к", memo="пиццу")),
        ("ask @bob for 20 for pizza", Wish(handle="bob", amount="20", memo="pizza")),
        ("request 20 from @bob", Wish(handle="bob", amount="20")),
        ("@bob @eve 5", Wish(handle="bob", amount="5", too_many=True)),
        ("@bob 5 for lunch with @eve", Wish(handle="bob", amount="5", memo="lunch with @eve")),
        ("@:77 5", Wish(telegram_id=77, amount="5")),
        ("@bob 5 5", Wish(handle="bob", amount="5", memo="5")),
        ("@bob 1\u00a0234,50", Wish(handle="bob", amount="1234,50")),
        ("@bob -5", Wish(handle="bob", amount="-5")),
    ],
)
def test_wishes(text: str, wish: Wish) -> None:
    assert read_wish(text, find) == wish


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("pay 20 to @bob", "pay"),
        ("Заплати @bob 5к", "pay"),
        ("ask @bob for 20", "request"),
        ("попроси у @bob 20", "request"),
        ("pay attention please", ""),
        ("20 @bob", ""),
        ("pay", ""),
        ("", ""),
    ],
)
def test_only_what_names_an_amount_is_a_payment_in_words(text: str, kind: str) -> None:
    assert natural_kind(text) == kind


def test_people_who_were_pointed_at_are_found_behind_emoji() -> None:
    text = "/pay 💎💎 Bob Smith 5"
    bob = User(id=77, is_bot=False, first_name="Bob")
    # Telegram counts a 💎 as two.
    entity = MessageEntity(type="text_mention", offset=10, length=9, user=bob)
    flat = flatten(text, [entity])
    assert flat.split() == ["/pay", "💎💎", "@:77", "5"]


def test_the_bots_own_name_is_left_out() -> None:
    entity = MessageEntity(type="mention", offset=0, length=8)
    assert flatten("@The_bot pay 5", [entity], bot_username="the_bot").strip() == "pay 5"
    assert flatten("@The_bot pay 5", [entity], bot_username="other") == "@The_bot pay 5"


def test_memos_are_what_the_server_takes() -> None:
    assert clean_memo("  a\n b\u202e\u0000 ") == "a b"
    assert clean_memo("e\u0301") == "\u00e9"
    assert len(clean_memo("x" * 1_000)) == 256
