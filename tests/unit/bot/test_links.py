"""Deep links: what is written is read, and nothing else is."""

import pytest
from ticketonomics_bot.links import IdLink, Link, PayLink, QueueLink, bot_link, read_link

PERSON = "7k3m9q2x4t6v8w1z"


@pytest.mark.parametrize(
    ("link", "payload"),
    [
        (PayLink(handle="bob"), "pay-hbob"),
        (PayLink(handle="bob_1", amount=500), "pay-hbob_1-500"),
        (PayLink(handle="bob", amount=500, asset="WOOD"), "pay-hbob-500-WOOD"),
        (PayLink(person_id=PERSON, amount=1), f"pay-p{PERSON}-1"),
        (IdLink("ref", "0123456789"), "ref-0123456789"),
        (IdLink("link", "7K3M9Q2X4T"), "link-7K3M9Q2X4T"),
        (IdLink("proposal", PERSON), f"proposal-{PERSON}"),
        (IdLink("request", PERSON), f"request-{PERSON}"),
        (QueueLink("BRONZE", "small"), "queue-BRONZE-small"),
    ],
)
def test_links_are_read_as_they_were_written(link: Link, payload: str) -> None:
    assert link.payload() == payload
    assert read_link(payload) == link
    assert bot_link("the_bot", link) == f"https://t.me/the_bot?start={payload}"


@pytest.mark.parametrize(
    "payload",
    [
        *("", "hello", "pay", "pay-", "pay-bob", "pay-hb", "pay-h1bob", "pay-hBob", "pay-pshort"),
        *("pay-hbob-0", "pay-hbob-x", "pay-hbob--WOOD", "pay-hbob-5-wood", "pay-hbob-5-WOOD-x"),
        *("pay-hbob-9223372036854775808", "ref-", "ref-short", "link-7K3M9-Q2X4T"),
        *("queue-BRONZE", "queue-bronze-small", "proposal-x", "x" * 65, "pay-hbob-05"),
    ],
)
def test_anything_else_is_no_link(payload: str) -> None:
    assert read_link(payload) is None


def test_what_does_not_fit_is_not_written() -> None:
    with pytest.raises(ValueError, match="cannot be a link"):
        PayLink(handle="b" * 32, amount=2**63 - 1, asset="EMERALD_LONG").payload()
    with pytest.raises(ValueError, match="cannot be a link"):
        PayLink(handle="Bob").payload()
