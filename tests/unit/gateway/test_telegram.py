"""Init data: Telegram's own is believed, and nothing that anybody could make of it."""

import base64
import json
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from ticketonomics_gateway.telegram import InitData, InitDataChecker, InitDataError, read_bot_id

from tests.e2e.gateway.stage import BOT_TOKEN, sealed

NOW = 1_800_000_000
USER = {"id": 4711, "first_name": "Ada", "last_name": "L.", "username": "ada", "is_premium": True}
FIELDS = {
    "query_id": "AAHdF6IQAAAAAN0XohDhrOrc",
    "user": json.dumps(USER, separators=(",", ":")),
    "auth_date": str(NOW - 60),
    "chat_type": "private",
}
TELEGRAM = Ed25519PrivateKey.generate()
TELEGRAM_KEY = TELEGRAM.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw).hex()
BOT_ID = 123456789


def check(text: str, **more: Any) -> InitData:
    checker = InitDataChecker(
        **{"bot_token": BOT_TOKEN, "max_age_seconds": 3600, "now": lambda: NOW, **more}
    )
    return checker.check(text)


def signed(fields: dict[str, str], *, bot_id: int = BOT_ID) -> str:
    """Signs fields as Telegram does for those who only know the bot's id."""
    lines = "\n".join(f"{name}={fields[name]}" for name in sorted(fields))
    signature = TELEGRAM.sign(f"{bot_id}:WebAppData\n{lines}".encode())
    text = base64.urlsafe_b64encode(signature).rstrip(b"=").decode()
    query = "&".join(f"{name}={quote(value, safe='')}" for name, value in fields.items())
    return f"{query}&signature={text}&hash={'0' * 64}"


def by_signature(text: str, **more: Any) -> InitData:
    return check(text, bot_token=None, bot_id=BOT_ID, public_key=TELEGRAM_KEY, **more)


def test_who_opened_the_app_is_told() -> None:
    data = check(sealed(FIELDS))
    assert data.user.user_id == 4711
    assert data.user.name == "Ada L."
    assert data.user.username == "ada"
    assert data.auth_time == NOW - 60


def test_the_order_of_fields_does_not_matter_to_the_signature() -> None:
    shuffled = "&".join(reversed(sealed(FIELDS).split("&")))
    assert check(shuffled).fingerprint == check(sealed(FIELDS)).fingerprint


def test_what_is_written_otherwise_is_the_same_when_it_is_used_again() -> None:
    text = sealed(FIELDS)
    lower = text.replace("%7B", "%7b")
    assert lower != text
    assert check(lower).fingerprint == check(text).fingerprint


def test_telegrams_signature_is_a_field_that_the_hash_covers() -> None:
    """As Telegram's own are: both are there, and either check accepts them."""
    signature = dict(part.split("=") for part in signed(FIELDS).split("&"))["signature"]
    assert check(sealed({**FIELDS, "signature": signature})).user.user_id == 4711
    with pytest.raises(InitDataError, match="does not fit"):
        check(sealed(FIELDS) + f"&signature={signature}")


def test_a_signature_of_telegrams_is_enough_without_the_token() -> None:
    assert by_signature(signed(FIELDS)).user.user_id == 4711


def tampered(name: str, value: str) -> Callable[[str], str]:
    def change(text: str) -> str:
        parts = dict(part.split("=", 1) for part in text.split("&"))
        parts[name] = value
        return "&".join(f"{key}={what}" for key, what in parts.items())

    return change


FORGERIES: dict[str, Callable[[str], str]] = {
    "another user": tampered("user", quote(json.dumps({**USER, "id": 4712}))),
    "a later time": tampered("auth_date", str(NOW)),
    "one field more": lambda text: text + "&start_param=x",
    "one field less": lambda text: text.replace("chat_type=private&", ""),
    "a field twice": lambda text: text + "&chat_type=private",
    "the user twice": lambda text: text + "&user=" + quote(json.dumps({**USER, "id": 1})),
    "the hash twice": lambda text: text + "&hash=" + "0" * 64,
    # To the check they are the same lines.
    "two fields as one": lambda text: text.replace(f"query_id={FIELDS['query_id']}&", "").replace(
        "chat_type=private", f"chat_type=private%0Aquery_id={FIELDS['query_id']}"
    ),
    "one field as two": lambda text: text.replace("%22%2C%22", "%22&%22", 1),
    "an empty name": lambda text: text + "&=x",
    "a name alone": lambda text: text + "&x",
    "an encoded name": lambda text: text.replace("chat_type", "chat%5Ftype"),
    "an upper case name": lambda text: text.replace("chat_type", "CHAT_TYPE"),
    "an empty part": lambda text: text + "&",
    "semicolons": lambda text: text.replace("&", ";"),
    "a broken escape": lambda text: text.replace("private", "%2"),
    "an escape of no digits": lambda text: text.replace("private", "%zz"),
    "no UTF-8": lambda text: text.replace("private", "%ff%fe"),
    "an overlong escape": lambda text: text.replace("private", "%c0%af"),
    "letters that are not escaped": lambda text: text.replace("private", "privаte"),
    "a zero byte": lambda text: text.replace("private", "private%00"),
    "a space": lambda text: text.replace("private", "private "),
    "a line feed at the end": lambda text: text + "\n",
    "nothing": lambda _: "",
    "too much": lambda text: text + "&x=" + "y" * 4096,
    "too many fields": lambda text: text + "".join(f"&{chr(97 + n)}x=" for n in range(26)) * 2,
    "as a page's address": lambda text: "#tgWebAppData=" + quote(text),
}


@pytest.mark.parametrize("change", FORGERIES.values(), ids=FORGERIES)
def test_forgeries_are_refused(change: Callable[[str], str]) -> None:
    with pytest.raises(InitDataError) as refused:
        check(change(sealed(FIELDS)))
    assert not refused.value.expired
    with pytest.raises(InitDataError):
        by_signature(change(signed(FIELDS)))


@pytest.mark.parametrize(
    "change",
    [
        tampered("hash", "0" * 64),
        tampered("hash", ""),
        tampered("hash", "f" * 63),
        lambda text: text[:-1] + ("0" if text[-1] != "0" else "1"),
        lambda text: text.rpartition("&hash=")[0],
        lambda text: text[:-64] + text[-64:].upper(),
        lambda text: text.replace("&hash=", "&signature="),
    ],
)
def test_only_the_hash_itself_will_do(change: Callable[[str], str]) -> None:
    with pytest.raises(InitDataError):
        check(change(sealed(FIELDS)))


@pytest.mark.parametrize(
    "change",
    [
        tampered("signature", "A" * 86),
        tampered("signature", ""),
        lambda text: text.replace("&signature=", "&other="),
        lambda text: text.replace("&hash=", "=&hash="),
        lambda text: text.replace("&hash=", "A&hash="),
    ],
)
def test_only_the_signature_itself_will_do(change: Callable[[str], str]) -> None:
    with pytest.raises(InitDataError):
        by_signature(change(signed(FIELDS)))


def test_a_signature_is_written_in_one_way() -> None:
    """The last of 86 letters has four bits that say nothing."""
    text = signed(FIELDS)
    before, _, after = text.partition("&hash=")
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    other = letters[letters.index(before[-1]) + 1]
    with pytest.raises(InitDataError):
        by_signature(f"{before[:-1]}{other}&hash={after}")


def test_another_bots_users_are_not_ours() -> None:
    with pytest.raises(InitDataError):
        check(sealed(FIELDS, token="987654321:AAF-test_token_of_nobody_0123456789"))
    with pytest.raises(InitDataError):
        by_signature(signed(FIELDS, bot_id=BOT_ID + 1))


def test_a_hash_alone_proves_nothing_to_who_knows_no_token() -> None:
    with pytest.raises(InitDataError):
        by_signature(sealed(FIELDS))
    with pytest.raises(InitDataError):
        check(signed(FIELDS))


def test_old_init_data_has_expired() -> None:
    assert check(sealed({**FIELDS, "auth_date": str(NOW - 3600)}))
    with pytest.raises(InitDataError) as refused:
        check(sealed({**FIELDS, "auth_date": str(NOW - 3601)}))
    assert refused.value.expired


@pytest.mark.parametrize("ahead", [60, 3600, 10**9])
def test_init_data_of_the_future_is_refused(ahead: int) -> None:
    with pytest.raises(InitDataError, match="future"):
        check(sealed({**FIELDS, "auth_date": str(NOW + ahead)}))


@pytest.mark.parametrize(
    "text", ["", "0", "-1", "01800000000", "1.8e9", " 1", "1_0", "٣", "9" * 13]
)
def test_times_are_plain_numbers(text: str) -> None:
    with pytest.raises(InitDataError):
        check(sealed({**FIELDS, "auth_date": text}))


@pytest.mark.parametrize(
    "user",
    [
        "",
        "null",
        "[]",
        '"4711"',
        "{}",
        '{"id":"4711"}',
        '{"id":4711.0}',
        '{"id":true}',
        '{"id":0}',
        '{"id":-1}',
        '{"id":4503599627370496}',
        '{"id":NaN}',
        '{"id":1,"id":2}',
        '{"id":1,"first_name":7}',
        '{"id":1,"is_bot":true}',
        '{"id":1}x',
        "[" * 3000,
        '{"id":' + "9" * 4000 + "}",
    ],
)
def test_users_are_strict_json(user: str) -> None:
    with pytest.raises(InitDataError):
        check(sealed({**FIELDS, "user": user}))


def test_there_is_no_user_in_what_is_no_users() -> None:
    with pytest.raises(InitDataError, match="`user` is missing"):
        check(sealed({name: value for name, value in FIELDS.items() if name != "user"}))


@pytest.mark.parametrize("token", ["", "x", "1:", "0123:AAAAAAAAAAAA", "1:AAAA AAAA"])
def test_a_token_that_is_none_is_told_at_once(token: str) -> None:
    with pytest.raises(ValueError, match="token"):
        InitDataChecker(bot_token=token, max_age_seconds=1)


def test_a_bots_id_is_in_its_token() -> None:
    assert read_bot_id(BOT_TOKEN) == BOT_ID
