"""Where events may go: addresses, and URLs."""

import pytest
from ticketonomics_server.webhooks.addresses import (
    NotPublicError,
    PublicResolver,
    check_url,
    is_public,
)


@pytest.mark.parametrize(
    "address",
    ["1.1.1.1", "93.184.216.34", "2606:4700:4700::1111", "::ffff:1.1.1.1", "64:ff9b::101:101"],
)
def test_the_internet_is_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "127.9.9.9", "0.0.0.0", "10.1.2.3", "172.16.0.1", "192.168.0.1"),
        *("169.254.169.254", "100.64.0.1", "100.100.100.200", "192.0.0.192", "198.18.0.1"),
        *("192.0.2.1", "203.0.113.9", "224.0.0.1", "240.0.0.1", "255.255.255.255"),
        "168.63.129.16",
        *("::", "::1", "fe80::1", "fe80::1%eth0", "fc00::1", "fd00:ec2::254", "ff02::1"),
        *("::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::ffff:168.63.129.16"),
        *("64:ff9b::7f00:1", "64:ff9b::a00:1", "64:ff9b::a9fe:a9fe"),
        *("2002:7f00:1::", "2002:a00:1::1", "2002:a9fe:a9fe::", "64:ff9b:1::1", "fec0::1"),
        *("2001:db8::1", "2001:0:7f00:1::", "", "localhost", "1.1.1", "127.1"),
    ],
)
def test_everything_else_is_not(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "url",
    [
        "https://example.org",
        "https://example.org:8443/hooks/a?b=c&d=%20",
        "https://1.1.1.1/",
        "https://[2606:4700:4700::1111]/",
        "https://xn--exmple-cua.org/",
        "HTTPS://EXAMPLE.org/",
    ],
)
def test_urls_that_will_do(url: str) -> None:
    check_url(url, allow_http=False, allow_private=False)


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("http://example.org", "https"),
        ("file:///etc/passwd", "https"),
        ("gopher://example.org", "https"),
        ("javascript:alert(1)", "https"),
        ("//example.org", "https"),
        ("https://a:b@example.org", "user"),
        ("https://a@example.org", "user"),
        ("https://:b@example.org", "user"),
        ("https://example.org/#", "fragment"),
        ("https://example.org\\@127.0.0.1/", "character"),
        ("https://example.org/\t", "character"),
        ("https://example.org/ä", "character"),
        ("https://localhost/", "not public"),
        ("https://LOCALHOST./", "not public"),
        ("https://a.localhost:80/", "not public"),
        ("https://127.0.0.1/", "not public"),
        ("https://[::1]:443/", "not public"),
        ("https://[::ffff:7f00:1]/", "not public"),
        ("https://127.1/", "not public"),
        ("https://2130706433/", "not public"),
        ("https://127.0.0.1./", "not public"),
        ("https://" + "a" * 2_048, "characters"),
    ],
)
def test_urls_that_will_not(url: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        check_url(url, allow_http=False, allow_private=False)


def test_settings_allow_more() -> None:
    check_url("http://127.0.0.1:80/", allow_http=True, allow_private=True)
    check_url("https://localhost/", allow_http=False, allow_private=True)
    with pytest.raises(ValueError, match="https"):
        check_url("ftp://127.0.0.1/", allow_http=True, allow_private=True)


@pytest.mark.parametrize("name", ["127.0.0.1", "127.1", "2130706433", "0x7f000001", "localhost"])
async def test_names_are_seen_through_where_they_are_looked_up(name: str) -> None:
    resolver = PublicResolver(allow_private=False)
    with pytest.raises(NotPublicError):
        await resolver.resolve(name, 443)
    await resolver.close()
    lenient = PublicResolver(allow_private=True)
    assert await lenient.resolve(name, 443)
    await lenient.close()
