"""The web app's files: a page for every path of its own, and each file as its build left it."""

import gzip
from pathlib import Path

import httpx
import pytest
from ticketonomics_gateway.security_headers import SecurityHeaders
from ticketonomics_gateway.static import WebApp

PAGE = b"<!doctype html><title>Tickets</title>"
SCRIPT = b"console.log('tickets')\n" * 100


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    dist = tmp_path / "dist"
    (dist / "assets").mkdir(parents=True)
    (dist / "index.html").write_bytes(PAGE)
    script = dist / "assets/index-B3xk2a9f.js"
    script.write_bytes(SCRIPT)
    script.with_suffix(".js.gz").write_bytes(gzip.compress(SCRIPT))
    script.with_suffix(".js.br").write_bytes(b"as brotli has it")
    (dist / "ticket.svg").write_text("<svg/>")
    (tmp_path / "secret.txt").write_text("secret")
    (dist / "link.txt").symlink_to(tmp_path / "secret.txt")
    return dist


def client(folder: Path, **more: bool) -> httpx.AsyncClient:
    app = SecurityHeaders(WebApp(folder), **more)
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(app, raise_app_exceptions=False), base_url="http://tickets"
    )


@pytest.mark.parametrize(
    "path", [*("/", "/market", "/pay/ada", "/index.html", "/a/b/c/"), "/explorer/accounts/orgs/a.b"]
)
async def test_every_path_of_the_app_is_its_page(folder: Path, path: str) -> None:
    async with client(folder) as http:
        answer = await http.get(path)
    assert answer.content == PAGE
    assert answer.headers["content-type"].startswith("text/html")
    assert answer.headers["cache-control"] == "no-cache"


async def test_what_is_named_by_its_content_is_kept_for_ever(folder: Path) -> None:
    async with client(folder) as http:
        hashed = await http.get("/assets/index-B3xk2a9f.js")
        plain = await http.get("/ticket.svg")
    assert hashed.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert plain.headers["cache-control"] == "no-cache"


@pytest.mark.parametrize(
    ("accepted", "encoding"),
    [
        ("gzip, deflate, br", "br"),
        ("gzip, deflate", "gzip"),
        ("gzip, br;q=0", "gzip"),
        ("identity", None),
        ("", None),
    ],
)
async def test_files_come_compressed_as_the_build_left_them(
    folder: Path, accepted: str, encoding: str | None
) -> None:
    async with (
        client(folder) as http,
        http.stream(
            "GET", "/assets/index-B3xk2a9f.js", headers={"accept-encoding": accepted}
        ) as answer,
    ):
        body = b"".join([part async for part in answer.aiter_raw()])
    assert answer.headers.get("content-encoding") == encoding
    assert answer.headers["vary"] == "accept-encoding"
    assert answer.headers["content-type"].startswith("text/javascript")
    expected = {"br": b"as brotli has it", "gzip": gzip.compress(SCRIPT), None: SCRIPT}
    assert len(body) == len(expected[encoding])


async def test_what_has_not_changed_is_not_sent_again(folder: Path) -> None:
    async with client(folder) as http:
        tags = set()
        for encoding in ("gzip", "identity"):
            accept = {"accept-encoding": encoding}
            first = await http.get("/assets/index-B3xk2a9f.js", headers=accept)
            tags.add(first.headers["etag"])
            again = await http.get(
                "/assets/index-B3xk2a9f.js",
                headers={**accept, "if-none-match": first.headers["etag"]},
            )
            assert again.status_code == 304
            assert not again.content
        page = await http.get("/market")
        again = await http.get("/wallet", headers={"if-none-match": page.headers["etag"]})
    assert again.status_code == 304
    assert len(tags) == 2, "each form has a tag of its own"


async def test_a_part_is_a_part_of_the_file_itself(folder: Path) -> None:
    async with client(folder) as http:
        answer = await http.get(
            "/assets/index-B3xk2a9f.js", headers={"range": "bytes=0-6", "accept-encoding": "br"}
        )
    assert answer.status_code == 206
    assert answer.content == SCRIPT[:7]


@pytest.mark.parametrize(
    "path",
    [
        "/assets/gone-12345678.js",
        "/favicon.ico",
        "/../secret.txt",
        "/%2e%2e/secret.txt",
        "/..%2fsecret.txt",
        "/link.txt",
        "//etc/passwd.txt",
        "/a%00.txt",
        "/" + "x" * 300 + ".js",
        "/api/v1/nothing",
        "/api",
    ],
)
async def test_what_is_no_file_and_no_page_is_not_there(folder: Path, path: str) -> None:
    async with client(folder) as http:
        with pytest.raises(Exception, match="404"):
            await _raising(http, path)


async def _raising(http: httpx.AsyncClient, path: str) -> None:
    """Without FastAPI around it, a refusal is an exception."""
    transport = http._transport
    assert isinstance(transport, httpx.ASGITransport)
    transport.raise_app_exceptions = True
    answer = await http.get(path)
    raise AssertionError(f"{path} is {answer.status_code} {answer.text[:80]}")


async def test_an_app_that_is_not_built_says_how_to(tmp_path: Path) -> None:
    async with client(tmp_path / "nowhere") as http:
        answer = await http.get("/market")
        assert answer.status_code == 503
        assert "scripts/web" in answer.text
        (tmp_path / "nowhere").mkdir()
        (tmp_path / "nowhere/index.html").write_bytes(PAGE)
        assert (await http.get("/market")).content == PAGE, "and is there once it is built"


async def test_pages_are_told_to_trust_nobody_else(folder: Path) -> None:
    async with client(folder) as http:
        headers = (await http.get("/")).headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self';" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert headers["x-frame-options"] == "DENY"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert "strict-transport-security" not in headers, "there is no TLS here"


@pytest.mark.parametrize(
    ("more", "script", "frame"),
    [
        ({"telegram": True}, True, False),
        ({"telegram": True, "framed": True}, True, True),
        ({"framed": True}, False, False),
    ],
)
async def test_telegram_is_let_in_where_there_is_a_bot(
    folder: Path, more: dict[str, bool], script: bool, frame: bool
) -> None:
    async with client(folder, **more) as http:
        headers = (await http.get("/")).headers
    policy = headers["content-security-policy"]
    assert ("script-src 'self' https://telegram.org;" in policy) is script
    assert ("frame-ancestors https://web.telegram.org" in policy) is frame
    assert ("x-frame-options" in headers) is not frame


async def test_with_tls_browsers_come_back_with_tls(folder: Path) -> None:
    async with client(folder) as http:
        headers = (await http.get("https://tickets/")).headers
    assert headers["strict-transport-security"] == "max-age=31536000"
