"""Sessions: signed, for some time, and over when they were ended."""

import stat
from pathlib import Path

import pytest
from starlette.requests import HTTPConnection
from ticketonomics_gateway.csrf import CsrfTokens
from ticketonomics_gateway.memory import ProcessMemory
from ticketonomics_gateway.sessions import (
    SameSite,
    SessionExpiredError,
    Sessions,
    read_secret_keys,
)

OLD, NEW = "o" * 32, "n" * 32
DAY = 86_400


class Clock:
    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


def make(
    clock: Clock, *keys: str, same_site: SameSite = "lax", memory: ProcessMemory | None = None
) -> Sessions:
    return Sessions(
        keys or (NEW,),
        memory or ProcessMemory(clock),
        lifetime_seconds=DAY,
        longest_seconds=30 * DAY,
        same_site=same_site,
        now=clock,
    )


def request(
    url: str = "http://127.0.0.1:8080/", cookie: str = "", token: str = ""
) -> HTTPConnection:
    scheme, _, rest = url.partition("://")
    host = rest.partition("/")[0]
    headers = [(b"host", host.encode())]
    if cookie:
        headers.append((b"cookie", cookie.encode()))
    if token:
        headers.append((b"x-csrf-token", token.encode()))
    return HTTPConnection(
        {
            "type": "http",
            "scheme": scheme,
            "path": "/",
            "query_string": b"",
            "headers": headers,
            "server": ("127.0.0.1", 8080),
        }
    )


def cookie_of(header: tuple[bytes, bytes]) -> str:
    assert header[0] == b"set-cookie"
    return header[1].decode().partition(";")[0]


async def test_a_session_is_read_from_its_cookie() -> None:
    sessions = make(Clock())
    session = sessions.begin("0a1b2c3d4e5f6g7h")
    cookie = cookie_of(sessions.keep(request(), session))
    assert await sessions.read(request(cookie=cookie)) == session


@pytest.mark.parametrize("change", [lambda c: "x" + c[1:], lambda c: c + "x", lambda c: c[:20]])
async def test_a_cookie_that_was_changed_is_none(change) -> None:  # type: ignore[no-untyped-def]
    sessions = make(Clock())
    name, _, value = cookie_of(sessions.keep(request(), sessions.begin("p"))).partition("=")
    assert await sessions.read(request(cookie=f"{name}={change(value)}")) is None
    assert await sessions.read(request()) is None


async def test_another_gateways_session_is_none() -> None:
    clock = Clock()
    cookie = cookie_of(make(clock, OLD).keep(request(), make(clock, OLD).begin("p")))
    assert await make(clock, NEW).read(request(cookie=cookie)) is None


async def test_an_older_secret_is_believed_and_signs_nothing() -> None:
    clock = Clock()
    cookie = cookie_of(make(clock, OLD).keep(request(), make(clock, OLD).begin("p")))
    both = make(clock, NEW, OLD)
    session = await both.read(request(cookie=cookie))
    assert session is not None
    renewed = cookie_of(both.keep(request(), session))
    assert await make(clock, NEW).read(request(cookie=renewed)) == session


async def test_sessions_expire_and_are_renewed_up_to_a_bound() -> None:
    clock = Clock()
    sessions = make(clock)
    session = sessions.begin("p")
    clock.now += DAY / 2 - 1
    assert sessions.renew(session) is session, "too early to be worth it"
    begun = session.sign_in_time
    while (renewed := _later(sessions, clock, session)) is not session:
        assert renewed.session_id == session.session_id
        assert renewed.end_time > session.end_time
        session = renewed
    assert session.end_time == begun + 30 * DAY
    cookie = cookie_of(sessions.keep(request(), session))
    clock.now = session.end_time - 1
    assert await sessions.read(request(cookie=cookie)) == session
    clock.now = session.end_time
    with pytest.raises(SessionExpiredError):
        await sessions.read(request(cookie=cookie))


def _later(sessions: Sessions, clock: Clock, session):  # type: ignore[no-untyped-def]
    clock.now = session.end_time - 10
    return sessions.renew(session)


async def test_a_session_that_was_ended_is_over_wherever_its_cookie_is() -> None:
    clock = Clock()
    sessions = make(clock)
    session = sessions.begin("p")
    renewed = sessions.renew(session)
    copies = [cookie_of(sessions.keep(request(), one)) for one in (session, renewed)]
    await sessions.end(session)
    for cookie in copies:
        with pytest.raises(SessionExpiredError):
            await sessions.read(request(cookie=cookie))


@pytest.mark.parametrize(
    ("url", "same_site", "name", "flags"),
    [
        ("http://127.0.0.1:8080/", "lax", "ticketonomics", "HttpOnly; SameSite=Lax"),
        ("http://localhost/", "strict", "ticketonomics", "HttpOnly; SameSite=Strict"),
        ("http://[::1]:8080/", "lax", "ticketonomics", "HttpOnly; SameSite=Lax"),
        ("https://127.0.0.1/", "lax", "__Host-ticketonomics", "HttpOnly; SameSite=Lax; Secure"),
        ("https://example.org/", "lax", "__Host-ticketonomics", "HttpOnly; SameSite=Lax; Secure"),
        ("http://example.org/", "lax", "__Host-ticketonomics", "HttpOnly; SameSite=Lax; Secure"),
        (
            "https://example.org/",
            "none",
            "__Host-ticketonomics",
            "HttpOnly; SameSite=None; Secure; Partitioned",
        ),
    ],
)
def test_a_cookies_flags(url: str, same_site: SameSite, name: str, flags: str) -> None:
    sessions = make(Clock(), same_site=same_site)
    kept = sessions.keep(request(url), sessions.begin("p"))[1].decode()
    assert kept.startswith(f"{name}=")
    assert kept.endswith(f"; Path=/; Max-Age={DAY}; {flags}")
    assert "Domain" not in kept
    forgotten = sessions.forget(request(url))[1].decode()
    assert forgotten == f"{name}=; Path=/; Max-Age=0; {flags}"


def test_a_token_is_its_sessions_own() -> None:
    sessions = make(Clock())
    tokens = CsrfTokens([NEW, OLD])
    mine, yours = sessions.begin("p"), sessions.begin("p")
    assert tokens.fits(request(token=tokens.make(mine)), mine)
    assert tokens.fits(request(token=CsrfTokens([OLD]).make(mine)), mine)
    assert not tokens.fits(request(token=tokens.make(yours)), mine)
    assert not tokens.fits(request(token=CsrfTokens(["x" * 32]).make(mine)), mine)
    assert not tokens.fits(request(), mine)
    assert not tokens.fits(request(token="é"), mine)


def test_the_secret_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    file = tmp_path / "below" / "sessions.key"
    made = read_secret_keys(None, file)
    assert read_secret_keys(None, file) == made
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [path.name for path in file.parent.iterdir()] == ["sessions.key"]
    file.write_text(f"{NEW}\n{OLD}\n")
    assert read_secret_keys(None, file) == [NEW, OLD]
    assert read_secret_keys(f"{OLD},{NEW}", file) == [OLD, NEW]
    file.chmod(0o644)
    with pytest.raises(ValueError, match="chmod 600"):
        read_secret_keys(None, file)
    with pytest.raises(ValueError, match="32 characters"):
        read_secret_keys("short", file)


async def test_what_is_remembered_is_forgotten_in_time() -> None:
    clock = Clock()
    memory = ProcessMemory(clock)
    assert await memory.put("a", 1, 10) == 1
    assert await memory.put("a", 2, 10) == 1, "the first stays"
    clock.now += 9.9
    assert await memory.get("a") == 1
    clock.now += 0.1
    assert await memory.get("a") is None
    assert await memory.put("a", 2, 10) == 2
