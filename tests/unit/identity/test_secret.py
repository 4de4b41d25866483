import hashlib

import pytest
from ticketonomics_server.identity.identifiers import ALPHABET, encode_base32, is_id
from ticketonomics_server.identity.secret import draw_secret, hash_secret, read_bearer


def test_a_secret_names_its_key_and_holds_256_random_bits():
    secret = draw_secret()

    prefix, key_id, random = secret.text.split("_")
    assert prefix == "tkt"
    assert key_id == secret.api_key_id
    assert is_id(key_id, 12)
    assert len(random) == 52
    assert set(random) <= set(ALPHABET)
    assert draw_secret().text != secret.text


def test_only_the_sha_256_of_the_whole_secret_is_stored():
    secret = draw_secret()

    assert secret.hash == hashlib.sha256(secret.text.encode()).digest() == hash_secret(secret.text)


def test_a_secret_does_not_show_where_it_is_logged():
    secret = draw_secret()

    assert secret.text not in repr(secret)


def test_a_bearer_is_read_whatever_the_case_of_its_scheme():
    text = draw_secret().text

    assert read_bearer(f"Bearer {text}") == text
    assert read_bearer(f"bearer {text}") == text


@pytest.mark.parametrize(
    "authorization",
    [
        "",
        "Bearer",
        "Bearer ",
        "Bearer tkt_",
        "Basic {secret}",
        "{secret}",
        "Bearer  {secret}",
        "Bearer {secret} ",
        "Bearer {secret}\n",
        "Bearer {secret}x",
        "Bearer tkt_0123456789ab_" + "u" * 52,
        "Bearer tkt_0123456789AB_" + "0" * 52,
        "Bearer tkt_0123456789ab_" + "\0" * 52,
        "Bearer tkt_0123456789ab_" + "٣" * 52,
    ],
)
def test_what_has_not_the_form_of_a_secret_is_none(authorization):
    assert read_bearer(authorization.format(secret=draw_secret().text)) is None


@pytest.mark.parametrize(
    ("data", "length", "text"),
    [
        (b"\x00", 1, "0"),
        (b"\x1f", 1, "z"),
        (b"\x00\x20", 2, "10"),
        (b"\xff" * 10, 16, "z" * 16),
        (b"\xff" * 10, 12, "z" * 12),
        (b"\x80" + bytes(31), 52, "1" + "0" * 51),
        (b"\xff" * 32, 52, "1" + "z" * 51),
    ],
)
def test_base_32_takes_five_bits_a_character_from_the_end(data, length, text):
    assert encode_base32(data, length) == text


@pytest.mark.parametrize(
    ("value", "valid"),
    [
        ("0123456789ab", True),
        ("ilouilouilou", True),
        ("0123456789a", False),
        ("0123456789abc", False),
        ("0123456789aB", False),
        ("0123456789a\n", False),
        ("0123456789a\0", False),
        ("0123456789aé", False),
        ("", False),
    ],
)
def test_an_id_has_the_form_of_the_contract(value, valid):
    assert is_id(value, 12) is valid
