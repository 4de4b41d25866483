"""Streams in browsers: Server-Sent Events and WebSockets, without gap or repeat."""

import asyncio
import json
import random
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from tests.e2e.cutting import cutting
from tests.e2e.gateway.following import Page, following
from tests.e2e.gateway.stage import Browser, Stage

pytestmark = pytest.mark.asyncio(loop_scope="module")

TRANSACTIONS = "/api/v1/transactions:watch"
PRICES = "/api/v1/prices:watch"
QUEUES = "/api/v1/tier-games:watch"
PROPOSALS = "/api/v1/proposals:watch"
CANDLES = "/api/v1/candles:watch"
PATIENCE_SECONDS = 20


async def mint(stage: Stage, count: int = 1) -> int:
    """Makes transactions; returns the last one's entry."""
    last = 0
    for _ in range(count):
        made = await stage.operator.mint(
            destination=stage.purse, asset="BRONZE", amount=1, reason="test"
        )
        last = made.sequence
    return last


def sequences(data: Any) -> list[int]:
    return [int(transaction["sequence"]) for transaction in data["transactions"]]


async def until(page: Page, wanted: Callable[[Any], bool]) -> list[Any]:
    """Reads events until one of them will do, which is the last that is returned."""
    seen: list[Any] = []
    async with asyncio.timeout(PATIENCE_SECONDS):
        async for event in page.events:
            seen.append(event)
            if wanted(event):
                return seen
    raise AssertionError(f"the stream has ended: {seen}")


@asynccontextmanager
async def socket(stage: Stage, path: str, **more: Any) -> AsyncIterator[ClientConnection]:
    address = stage.url.replace("http://", "ws://") + path
    async with connect(address, proxy=None, **more) as opened:
        yield opened


async def test_events_have_the_message_and_where_to_go_on(stage: Stage, browser: Browser) -> None:
    async with following(browser.http, TRANSACTIONS) as page:
        assert page.answer.headers["content-type"] == "text/event-stream"
        assert page.answer.headers["cache-control"] == "no-store"
        last = await mint(stage)
        (*_, event) = await until(page, lambda e: e.kind == "message")
    assert sequences(event.data) == [last]
    assert event.last_id == event.data["cursor"] == str(last)
    assert event.data["transactions"][0]["kind"] == "KIND_MINT"


async def test_a_heartbeat_comes_at_once_and_says_where_to_go_on(
    stage: Stage, browser: Browser
) -> None:
    last = await mint(stage)
    async with following(browser.http, TRANSACTIONS) as page:
        (event,) = await until(page, lambda _: True)
    assert event.kind == ":"
    assert event.last_id == str(last)


async def test_a_stream_goes_on_behind_the_last_event(stage: Stage, browser: Browser) -> None:
    first = await mint(stage)
    async with following(browser.http, TRANSACTIONS, afterSequence=first - 1) as page:
        (*_, event) = await until(page, lambda e: e.kind == "message")
    missed = [await mint(stage) for _ in range(3)]
    async with following(
        browser.http, TRANSACTIONS, last_id=event.last_id, afterSequence=0
    ) as page:
        (*_, event) = await until(page, lambda e: e.kind == "message")
    assert sequences(event.data) == missed, "the id says more than the page's address"


async def test_nothing_is_lost_or_told_twice_when_connections_die(stage: Stage) -> None:
    """A reader whose connection is cut again and again, while transactions are made."""
    first = await mint(stage)
    count = 150
    minting = asyncio.create_task(mint(stage, count))
    seen: list[int] = []
    chance = random.Random(4)
    last_id = str(first)
    connections = 0
    async with cutting(stage.url.removeprefix("http://")) as cutter, asyncio.timeout(60):
        while len(seen) < count:
            connections += 1
            try:
                async with (
                    httpx.AsyncClient(base_url=f"http://{cutter.target}") as http,
                    following(http, TRANSACTIONS, last_id=last_id) as page,
                ):
                    cut = asyncio.get_running_loop().call_later(
                        chance.uniform(0.01, 0.2), cutter.cut
                    )
                    async for event in page.events:
                        if event.kind == "message":
                            seen += sequences(event.data)
                        last_id = event.last_id
                        if len(seen) >= count:
                            break
                    cut.cancel()
            except httpx.HTTPError:
                continue
    last = await minting
    assert connections > 2, "it was cut"
    assert seen == list(range(first + 1, last + 1))


@pytest.mark.parametrize("cursor", ["x", "-1", "1.5", "9" * 19, "0x10", "٣"])
async def test_ids_that_no_stream_has_told_are_refused(
    stage: Stage, browser: Browser, cursor: str
) -> None:
    headers = [(b"accept", b"text/event-stream"), (b"last-event-id", cursor.encode())]
    answer = await browser.http.get(TRANSACTIONS, headers=headers)  # type: ignore[arg-type]
    assert answer.status_code == 400
    assert answer.json()["reason"] == "INVALID_FIELD"


@pytest.mark.parametrize(
    ("path", "params"),
    [
        (PRICES, {}),
        (QUEUES, {"tier": "BRONZE"}),
        (PROPOSALS, {}),
        (CANDLES, {"instrument": "pools/iron", "interval": "INTERVAL_MINUTE"}),
    ],
)
async def test_every_stream_of_the_contracts_is_offered_in_both_forms(
    stage: Stage, browser: Browser, path: str, params: dict[str, str]
) -> None:
    query = str(httpx.QueryParams(params))
    async with following(browser.http, path, **params) as page:
        (event,) = await until(page, lambda _: True)
        assert event.last_id.isdigit()
    async with socket(stage, f"{path}?{query}") as opened:
        frame = json.loads(await opened.recv())
    assert frame["cursor"].isdigit()
    assert frame["message"]["cursor"] == frame["cursor"]


@pytest.mark.parametrize(
    ("params", "status", "reason"),
    [
        ({"kinds": "NO_SUCH"}, 400, "INVALID_FIELD"),
        ({"accounts": "users/nobodynobodynob"}, 404, "ACCOUNT_NOT_FOUND"),
        ({"unknown": "1"}, 400, "INVALID_FIELD"),
        ({"afterSequence": "-1"}, 400, "INVALID_FIELD"),
    ],
)
async def test_a_stream_that_cannot_be_is_an_ordinary_problem(
    stage: Stage, browser: Browser, params: dict[str, str], status: int, reason: str
) -> None:
    """A page of a browser's then does not ask again."""
    async with following(browser.http, TRANSACTIONS, **params) as page:
        assert page.answer.status_code == status, page.answer.text
        assert page.answer.headers["content-type"] == "application/problem+json"
        assert page.answer.json()["reason"] == reason
    with pytest.raises(InvalidStatus) as refused:
        async with socket(stage, f"{TRANSACTIONS}?{httpx.QueryParams(params)}"):
            pass
    assert refused.value.response.status_code == status
    assert json.loads(refused.value.response.body)["reason"] == reason


async def test_only_streams_are_offered_as_streams(stage: Stage, browser: Browser) -> None:
    answer = await browser.get(TRANSACTIONS, headers={"accept": "application/json"})
    assert (answer.status_code, answer.json()["reason"]) == (406, "NOT_ACCEPTABLE")
    assert (await browser.http.head(TRANSACTIONS)).status_code == 405
    for path in ("/api/v1/assets", "/api/v1/nothing", "/nothing"):
        with pytest.raises(InvalidStatus) as refused:
            async with socket(stage, path):
                pass
        assert refused.value.response.status_code in {403, 404, 406}


async def test_a_websocket_has_a_frame_for_each_message(stage: Stage) -> None:
    first = await mint(stage)
    async with socket(stage, f"{TRANSACTIONS}?afterSequence={first - 1}") as opened:
        async with asyncio.timeout(PATIENCE_SECONDS):
            frame = json.loads(await opened.recv())
            while not frame["message"]["transactions"]:
                frame = json.loads(await opened.recv())
            assert sequences(frame["message"]) == [first]
            assert frame["cursor"] == str(first)
            last = await mint(stage)
            assert sequences(json.loads(await opened.recv())["message"]) == [last]
    async with socket(stage, f"{TRANSACTIONS}?afterSequence={frame['cursor']}") as opened:
        async with asyncio.timeout(PATIENCE_SECONDS):
            frame = json.loads(await opened.recv())
            while not frame["message"]["transactions"]:
                frame = json.loads(await opened.recv())
    assert sequences(frame["message"]) == [last]


async def test_a_websocket_listens_to_nothing(stage: Stage) -> None:
    async with socket(stage, TRANSACTIONS) as opened:
        await opened.send("hello")
        with pytest.raises(ConnectionClosed) as closed:
            async with asyncio.timeout(PATIENCE_SECONDS):
                while True:
                    await opened.recv()
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 1008


async def test_a_websocket_of_another_sites_page_is_refused(stage: Stage) -> None:
    for origin in ("https://evil.example", "null", "http://127.0.0.1:1"):
        with pytest.raises(InvalidStatus) as refused:
            async with socket(stage, PRICES, origin=origin):
                pass
        assert refused.value.response.status_code == 403
        assert json.loads(refused.value.response.body)["reason"] == "ORIGIN_FOREIGN"
    async with socket(stage, PRICES, origin=stage.url) as opened:
        assert await opened.recv()


async def test_a_cookie_is_somebody_on_a_websocket_too(stage: Stage) -> None:
    async with stage.signed_in(301) as ada, stage.signed_in(302) as eve, AsyncExitStack() as stack:
        account = f"users/{ada.person_id}"
        sockets = []
        for browser in (ada, eve):
            cookie = f"ticketonomics={browser.http.cookies['ticketonomics']}"
            sockets.append(
                await stack.enter_async_context(
                    socket(
                        stage,
                        f"{TRANSACTIONS}?accounts={account}",
                        origin=stage.url,
                        additional_headers={"cookie": cookie},
                    )
                )
            )
        paid = await ada.post(
            "/api/v1/rewards/daily:claim", idempotency_key="6b1f4d30-3f6e-4c3a-8f0e-3d6f5c6f3a10"
        )
        assert paid.status_code == 200, paid.text
        await stage.operator.transfer(
            source=stage.purse,
            destination=account,
            asset="BRONZE",
            amount=await _rich(stage),
            memo="a secret",
        )
        memos = []
        for opened in sockets:
            async with asyncio.timeout(PATIENCE_SECONDS):
                while True:
                    told = json.loads(await opened.recv())["message"]["transactions"]
                    if told and told[-1]["kind"] == "KIND_TRANSFER":
                        memos.append(told[-1]["memo"])
                        break
    assert memos == ["a secret", ""]


async def _rich(stage: Stage) -> int:
    await mint(stage, 3)
    return 3


async def test_a_caller_has_so_many_streams_and_all_together_have(stage: Stage) -> None:
    async with (
        stage.gateway(max_streams=3, max_streams_per_caller=2) as url,
        stage.browser(url) as anybody,
        stage.signed_in(303, url) as ada,
        AsyncExitStack() as stack,
    ):
        for _ in range(2):
            page = await stack.enter_async_context(following(anybody.http, PRICES))
            assert page.answer.status_code == 200
        async with following(anybody.http, PRICES) as page:
            assert page.answer.status_code == 429
            assert page.answer.json()["reason"] == "RATE_LIMITED"
            assert int(page.answer.headers["retry-after"]) > 0
        async with following(ada.http, PRICES) as page:
            assert page.answer.status_code == 200, "somebody else's places are their own"
            async with following(ada.http, PRICES) as another:
                assert another.answer.status_code == 429, "all are taken"
        await stack.aclose()
        async with asyncio.timeout(PATIENCE_SECONDS):
            while True:
                async with following(anybody.http, PRICES) as page:
                    if page.answer.status_code == 200:
                        break
                await asyncio.sleep(0.05)


async def _open_streams(stage: Stage) -> int:
    return (await stage.operator.status()).open_streams


async def test_a_reader_who_goes_takes_the_ledgers_stream_along(stage: Stage) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        before = await _open_streams(stage)
        async with AsyncExitStack() as stack, stage.browser() as browser:
            for _ in range(3):
                await stack.enter_async_context(following(browser.http, PRICES))
                await stack.enter_async_context(socket(stage, PRICES))
            while await _open_streams(stage) < before + 6:  # noqa: ASYNC110
                await asyncio.sleep(0.05)
            await stack.aclose()
        while await _open_streams(stage) > before:  # noqa: ASYNC110
            await asyncio.sleep(0.05)


async def test_a_gateway_that_stops_tells_readers_to_come_back(stage: Stage) -> None:
    async with stage.browser() as browser:
        stack = AsyncExitStack()
        url = await stack.enter_async_context(stage.gateway())
        browser.http.base_url = url
        async with (
            following(browser.http, TRANSACTIONS) as page,
            connect(url.replace("http", "ws") + TRANSACTIONS, proxy=None) as opened,
        ):
            await until(page, lambda _: True)
            stopping = asyncio.create_task(stack.aclose())
            (*_, event) = await until(page, lambda e: e.kind == "problem")
            assert event.data["reason"] == "DRAINING"
            assert event.data["retryAfterSeconds"] > 0
            frames: list[Any] = []
            with suppress(ConnectionClosed):
                while True:
                    frames.append(json.loads(await opened.recv()))
            assert frames[-1]["problem"]["reason"] == "DRAINING"
            assert opened.close_code == 1013
        async with asyncio.timeout(PATIENCE_SECONDS):
            await stopping


async def test_a_stream_lasts_its_time_and_then_its_reader_comes_back(stage: Stage) -> None:
    async with (
        stage.gateway(stream_hours=0.5 / 3600) as url,
        stage.browser(url) as browser,
        following(browser.http, TRANSACTIONS) as page,
    ):
        async with asyncio.timeout(PATIENCE_SECONDS):
            kinds = [event.kind async for event in page.events]
    assert set(kinds) == {":"}, "it ends without a problem"
