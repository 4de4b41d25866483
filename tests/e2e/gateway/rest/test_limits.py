"""Too much, too slow, too often: each has an answer, and the gateway goes on."""

import asyncio
import json
from collections.abc import AsyncIterator

import grpc
import httpx
import pytest
from google.protobuf.any_pb2 import Any
from google.rpc import code_pb2, error_details_pb2, status_pb2

from tests.e2e.gateways import RunningGateway, key, problem, running_gateway
from tests.zoo_server import Zoo
from tests.zoos import zoo_methods

HEAD = 2_048
BODY = 1_000


@pytest.fixture
async def gateway(zoo: Zoo) -> AsyncIterator[RunningGateway]:
    async with running_gateway(
        zoo.target,
        zoo_methods(),
        max_header_bytes=HEAD,
        max_body_bytes=BODY,
        request_timeout_seconds=0.3,
    ) as running:
        yield running


async def raw(gateway: RunningGateway, *parts: bytes, pause: float = 0.0) -> tuple[int, str]:
    """Sends bytes as they are, and returns the status and the reason."""
    reader, writer = await asyncio.open_connection("127.0.0.1", gateway.port)
    for part in parts:
        writer.write(part)
        await writer.drain()
        await asyncio.sleep(pause)
    head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 10)
    length = int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0])
    document = json.loads(await reader.readexactly(length))
    writer.close()
    status = int(head.split()[1])
    assert document["status"] == status
    return status, document["reason"]


@pytest.mark.parametrize(
    "headers",
    [{"x-large": "x" * HEAD}, {f"x-{number}": "y" * 10 for number in range(200)}],
    ids=["one", "many"],
)
async def test_heads_that_are_too_large(gateway: RunningGateway, headers: dict[str, str]) -> None:
    answer = await gateway.http.get("/api/v1/animals/7", headers=headers)
    assert answer.status_code == 431
    assert answer.json()["reason"] == "HEADERS_TOO_LARGE"
    fits = {"x-large": "x" * (HEAD - 500)}
    assert (await gateway.http.get("/api/v1/animals/7", headers=fits)).status_code == 200


async def test_an_address_that_is_too_long(gateway: RunningGateway) -> None:
    answer = await gateway.http.get(f"/api/v1/animals/{'x' * HEAD}")
    assert answer.json()["reason"] == "HEADERS_TOO_LARGE"


async def test_a_head_that_never_ends(gateway: RunningGateway) -> None:
    begin = b"GET /api/v1/animals/7 HTTP/1.1\r\nx: "
    refusal = await raw(gateway, begin, *([b"y" * 500] * 5), pause=0.01)
    assert refusal == (431, "HEADERS_TOO_LARGE")


async def test_a_head_that_comes_too_slowly(gateway: RunningGateway) -> None:
    refusal = await raw(gateway, b"GET /api/v1/animals/7 HTTP/1.1\r\n", pause=0.1)
    assert refusal == (408, "REQUEST_TOO_SLOW")


async def test_a_body_that_comes_too_slowly(gateway: RunningGateway) -> None:
    head = b"POST /api/v1/animals/7:move HTTP/1.1\r\nhost: x\r\ncontent-length: 50\r\n\r\n{"
    assert await raw(gateway, head, pause=0.1) == (408, "REQUEST_TOO_SLOW")


async def test_a_connection_that_says_nothing_is_closed(gateway: RunningGateway) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", gateway.port)
    assert await asyncio.wait_for(reader.read(), 10) == b""
    writer.close()


@pytest.mark.parametrize(
    "text", [b"nonsense\r\n\r\n", b"GET / HTTP/1.1\r\nno colon\r\n\r\n", b"\x16\x03\x01\x00"]
)
async def test_what_is_no_http(gateway: RunningGateway, text: bytes) -> None:
    assert await raw(gateway, text) == (400, "REQUEST_MALFORMED")


async def test_bodies_that_are_too_large(gateway: RunningGateway, zoo: Zoo) -> None:
    large = b'{"where": {"keeper": "%s"}}' % (b"x" * BODY)

    async def chunks() -> AsyncIterator[bytes]:
        yield large[:600]
        yield large[600:]

    headers = {"content-type": "application/json"}
    for content in (large, chunks()):
        answer = await gateway.http.post("/api/v1/animals/7:move", content=content, headers=headers)
        assert (answer.status_code, problem(answer)["reason"]) == (413, "BODY_TOO_LARGE")
    assert zoo.calls == 0
    fits = b'{"where": {"keeper": "%s"}}' % (b"x" * (BODY - 50))
    answer = await gateway.http.post("/api/v1/animals/7:move", content=fits, headers=headers)
    assert answer.status_code == 200


async def test_whoever_sends_for_ever_is_cut_off(gateway: RunningGateway) -> None:
    _, writer = await asyncio.open_connection("127.0.0.1", gateway.port)
    writer.write(b"POST /api/v1/animals/7:move HTTP/1.1\r\nhost: x\r\n")
    writer.write(b"transfer-encoding: chunked\r\n\r\n")
    with pytest.raises(ConnectionError):
        async with asyncio.timeout(10):
            while True:
                writer.write(b"1\r\nx\r\n" * 100)
                await writer.drain()
                # The gateway has the same event loop.
                await asyncio.sleep(0.001)
    writer.close()


async def test_calls_of_an_address_and_of_a_key_have_limits_of_their_own(zoo: Zoo) -> None:
    async with running_gateway(
        zoo.target, zoo_methods(), rate_limit_rps=5, key_rate_limit_rps=8
    ) as gateway:
        answers = [await gateway.http.get("/api/v1/animals/7") for _ in range(12)]
        assert answers[0].headers["ratelimit-policy"] == '"address";q=5;w=1'
        assert answers[0].headers["ratelimit"] == '"address";r=4;t=1'
        refused = [answer for answer in answers if answer.status_code == 429]
        assert refused
        assert refused[0].headers["retry-after"] == "1"
        assert problem(refused[0])["metadata"] == {"subject": "address", "rate_limit_rps": "5"}
        # Whoever has a key is not held up by those who have none.
        with_key = await gateway.http.get("/api/v1/animals/7", headers=key("mine"))
        assert with_key.headers["ratelimit-policy"] == '"key";q=8;w=1'
        # Its own pages, and whether it lives, are no calls.
        assert {(await gateway.http.get("/healthz")).status_code for _ in range(20)} == {200}


async def test_bad_keys_count_for_their_address(zoo: Zoo) -> None:
    packed = Any()
    packed.Pack(error_details_pb2.ErrorInfo(reason="CREDENTIALS_INVALID"))
    status = status_pb2.Status(code=code_pb2.UNAUTHENTICATED, message="no", details=[packed])
    trailers = (("grpc-status-details-bin", status.SerializeToString()),)
    zoo.refusal = (grpc.StatusCode.UNAUTHENTICATED, "no", trailers)
    async with running_gateway(zoo.target, zoo_methods(), rate_limit_rps=3) as gateway:
        codes = [
            (await gateway.http.get("/api/v1/animals/7", headers=key(f"guess-{n}"))).status_code
            for n in range(10)
        ]
    assert codes[0] == 401
    assert codes.count(429) >= 5


async def test_addresses_behind_a_proxy_are_believed_if_it_is_trusted(zoo: Zoo) -> None:
    for trusted, codes in (("127.0.0.1", {200}), ("", {200, 429})):
        async with running_gateway(
            zoo.target, zoo_methods(), rate_limit_rps=3, trusted_proxies=trusted
        ) as gateway:
            answers = [
                await gateway.http.get(
                    "/api/v1/animals/7", headers={"x-forwarded-for": f"10.0.0.{number}"}
                )
                for number in range(10)
            ]
        assert {answer.status_code for answer in answers} == codes


async def test_other_origins_are_let_in_by_setting_only(zoo: Zoo) -> None:
    asking = {
        "origin": "https://game.example",
        "access-control-request-method": "POST",
        "access-control-request-headers": "authorization",
    }
    for origins, allowed in (("https://game.example", True), ("", False)):
        async with running_gateway(zoo.target, zoo_methods(), cors_origins=origins) as gateway:
            before = await gateway.http.options("/api/v1/animals/7:move", headers=asking)
            then = await gateway.http.get(
                "/api/v1/animals/7", headers={"origin": "https://game.example"}
            )
        assert (before.status_code == 200) is allowed
        assert ("access-control-allow-origin" in then.headers) is allowed
        assert "access-control-allow-credentials" not in then.headers


async def test_a_refusal_can_be_read_by_other_origins(zoo: Zoo) -> None:
    async with running_gateway(zoo.target, zoo_methods(), cors_origins="*") as gateway:
        answer: httpx.Response = await gateway.http.get(
            "/api/v1/nothing", headers={"origin": "https://game.example"}
        )
    assert answer.status_code == 404
    assert answer.headers["access-control-allow-origin"] == "*"
