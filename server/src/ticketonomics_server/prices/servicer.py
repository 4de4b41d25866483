"""`PriceService`: each method decodes, calls, encodes, and does nothing else."""

from collections.abc import AsyncIterator
from functools import partial
from typing import Any

from ticketonomics.prices.v1 import price_service_pb2 as rpc
from ticketonomics.prices.v1.price_service_pb2_grpc import PriceServiceServicer

from ticketonomics_server.engine.feed import Feed
from ticketonomics_server.prices import (
    decode,
    encode,
    histories,
    queries,
    watching,
    watching_candles,
)
from ticketonomics_server.rpc.call import Context, current_call
from ticketonomics_server.rpc.paging import make_token, next_token, page_size, read_token
from ticketonomics_server.rpc.servicing import Servicing
from ticketonomics_server.storage.reading import reading


class PriceServicer(Servicing, PriceServiceServicer):
    """What was traded for how much."""

    async def GetPrice(
        self, request: rpc.GetPriceRequest, context: Context
    ) -> rpc.GetPriceResponse:
        instrument = decode.check_instrument(request.instrument, "instrument")
        async with self._reading(current_call(), request) as snapshot:
            found = await queries.find_price(snapshot, instrument)
        return rpc.GetPriceResponse(
            price=encode.encode_price(found), last_sequence=snapshot.last_sequence
        )

    async def ListPrices(
        self, request: rpc.ListPricesRequest, context: Context
    ) -> rpc.ListPricesResponse:
        size = page_size(request)
        (behind,) = read_token(request, str) or ("",)
        source = decode.check_source(request.source)
        base = decode.check_optional_asset(request.base, "base")
        quote = decode.check_optional_asset(request.quote, "quote")
        async with self._reading(current_call(), request) as snapshot:
            found = await queries.list_prices(
                snapshot, source=source, base=base, quote=quote, behind=behind, limit=size + 1
            )
        return rpc.ListPricesResponse(
            prices=[encode.encode_price(price) for price in found[:size]],
            next_page_token=next_token(request, found, size, "name"),
            last_sequence=snapshot.last_sequence,
        )

    async def ListTicks(
        self, request: rpc.ListTicksRequest, context: Context
    ) -> rpc.ListTicksResponse:
        size = page_size(request)
        token = read_token(request, int, int)
        instrument = decode.check_instrument(request.instrument, "instrument")
        start, end = decode.requested_times(request)
        async with self._reading(current_call(), request) as snapshot:
            await queries.check_traded(snapshot, instrument)
            found = await histories.list_ticks(
                snapshot, instrument, start=start, end=end, behind=token, limit=size + 1
            )
        return rpc.ListTicksResponse(
            ticks=[encode.encode_tick(tick) for tick in found[:size]],
            next_page_token=next_token(request, found, size, "sequence", "position"),
            last_sequence=snapshot.last_sequence,
        )

    async def ListCandles(
        self, request: rpc.ListCandlesRequest, context: Context
    ) -> rpc.ListCandlesResponse:
        size = page_size(request)
        token = read_token(request, int)
        instrument = decode.check_instrument(request.instrument, "instrument")
        interval = decode.check_interval(request.interval)
        start, end = decode.requested_times(request)
        end = histories.earlier(end, token)
        list_them = histories.list_filled if request.fill_gaps else histories.list_found
        async with self._reading(current_call(), request) as snapshot:
            await queries.check_traded(snapshot, instrument)
            page = await list_them(snapshot, instrument, interval, start=start, end=end, size=size)
        return rpc.ListCandlesResponse(
            candles=[encode.encode_candle(candle) for candle in page.candles],
            next_page_token=make_token(request, page.more) if page.more is not None else "",
            last_sequence=snapshot.last_sequence,
        )

    async def WatchPrices(
        self, request: rpc.WatchPricesRequest, context: Context
    ) -> AsyncIterator[Any]:
        call = current_call()
        wanted = decode.check_instruments(request.instruments)
        async with reading(self._database, call.economy_id) as snapshot:
            cursor = decode.check_cursor(request, snapshot.last_sequence)
            beginning = await watching.begin(snapshot, wanted, cursor)
        feed = await self._feed(call.economy_id, snapshot.last_sequence)
        for message in beginning:
            yield message
        async for told in watching.follow(feed, wanted, beginning[-1].cursor):
            yield told

    async def WatchCandles(
        self, request: rpc.WatchCandlesRequest, context: Context
    ) -> AsyncIterator[Any]:
        call = current_call()
        wanted = watching_candles.Wanted(
            decode.check_instrument(request.instrument, "instrument"),
            decode.check_interval(request.interval),
            decode.check_snapshot_size(request.snapshot_size),
        )
        async with reading(self._database, call.economy_id) as snapshot:
            cursor = decode.check_cursor(request, snapshot.last_sequence)
            beginning = await watching_candles.begin(snapshot, wanted, cursor)
        feed = await self._feed(call.economy_id, snapshot.last_sequence)
        yield beginning
        open_snapshot = partial(reading, self._database, call.economy_id)
        async for told in watching_candles.follow(feed, open_snapshot, wanted, beginning.cursor):
            yield told

    async def _feed(self, economy_id: int, last_sequence: int) -> Feed:
        """The economy's feed of trades, which has heard of what a snapshot has seen."""
        feed = (await self._economies.get(economy_id)).feeds[watching.STREAM]
        feed.hear(last_sequence)
        return feed
