"""Calls about prices: the newest, single trades, candles, and all of them as they happen."""

from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing
from datetime import datetime

from ticketonomics.prices.v1.candle_pb2 import Candle
from ticketonomics.prices.v1.price_pb2 import Price, Tick
from ticketonomics.prices.v1.price_service_pb2 import (
    GetPriceRequest,
    ListCandlesRequest,
    ListPricesRequest,
    ListTicksRequest,
    WatchCandlesRequest,
    WatchCandlesResponse,
    WatchPricesRequest,
    WatchPricesResponse,
)

from ticketonomics_client.calling import Caller
from ticketonomics_client.times import timestamp
from ticketonomics_client.watching import watch


class PriceCalls(Caller):
    """What was traded for how much. Prices are decimal texts: `Decimal(tick.price)` is exact."""

    async def price(self, instrument: str, *, minimum_sequence: int = 0) -> Price:
        """Reads the newest price of an instrument, such as `pools/iron`.

        Raises:
            RefusedError: INSTRUMENT_NOT_FOUND: nothing of this name has ever been traded.
        """
        request = GetPriceRequest(instrument=instrument, minimum_sequence=minimum_sequence)
        return (await self.call(self.price_calls.GetPrice, request)).price

    async def prices(
        self,
        *,
        source: str = "",
        base: str = "",
        quote: str = "",
        page_size: int = 0,
        minimum_sequence: int = 0,
    ) -> AsyncIterator[Price]:
        """Yields all instruments with their newest prices, by name.

        Args:
            source: Only those traded there: the names' part before the first slash.
            base: Only those of this asset.
            quote: Only those priced in this asset.
            page_size: How many are fetched at once.
            minimum_sequence: Least entry that the answers must have seen.
        """
        request = ListPricesRequest(
            source=source,
            base=base,
            quote=quote,
            page_size=page_size,
            minimum_sequence=minimum_sequence,
        )
        async for page in self.pages(self.price_calls.ListPrices, request):
            for price in page.prices:
                yield price

    async def ticks(
        self,
        instrument: str,
        *,
        start_time: datetime | None = None,
        end_time: datetime | None = None,
        page_size: int = 0,
        minimum_sequence: int = 0,
    ) -> AsyncIterator[Tick]:
        """Yields an instrument's trades, newest first, as far back as they are kept."""
        request = ListTicksRequest(
            instrument=instrument,
            start_time=timestamp(start_time),
            end_time=timestamp(end_time),
            page_size=page_size,
            minimum_sequence=minimum_sequence,
        )
        async for page in self.pages(self.price_calls.ListTicks, request):
            for tick in page.ticks:
                yield tick

    async def candles(
        self,
        instrument: str,
        interval: Candle.Interval,
        *,
        start_time: datetime | None = None,
        end_time: datetime | None = None,
        fill_gaps: bool = False,
        page_size: int = 0,
        minimum_sequence: int = 0,
    ) -> AsyncIterator[Candle]:
        """Yields an instrument's candles, newest first.

        Args:
            instrument: Its name.
            interval: Such as `Candle.INTERVAL_MINUTE`.
            start_time: Only those that begin not before it.
            end_time: Only those that begin before it.
            fill_gaps: Whether intervals without trades have a candle too: the close before, without
                volume.
            page_size: How many are fetched at once.
            minimum_sequence: Least entry that the answers must have seen.
        """
        request = ListCandlesRequest(
            instrument=instrument,
            interval=interval,
            start_time=timestamp(start_time),
            end_time=timestamp(end_time),
            fill_gaps=fill_gaps,
            page_size=page_size,
            minimum_sequence=minimum_sequence,
        )
        async for page in self.pages(self.price_calls.ListCandles, request):
            for candle in page.candles:
                yield candle

    async def watch_prices(
        self, instruments: Sequence[str] = (), *, after_sequence: int | None = None
    ) -> AsyncGenerator[WatchPricesResponse.Update, None]:
        """Yields the newest trade of each instrument, and then every trade as it happens.

        Reconnects by itself, without gap or repeat. Who is slower than the trades is given the
        newest of each instrument: `trade_count` tells how many there were.

        Args:
            instruments: At most 100; all if there are none.
            after_sequence: The cursor of an earlier message, to go on behind it without a snapshot.

        Raises:
            RefusedError: The server will not serve this stream, now or later.
        """
        messages = self.watch_price_messages(instruments, after_sequence=after_sequence)
        async with aclosing(messages):
            async for message in messages:
                for update in message.updates:
                    yield update

    def watch_price_messages(
        self, instruments: Sequence[str] = (), *, after_sequence: int | None = None
    ) -> AsyncGenerator[WatchPricesResponse, None]:
        """Yields what `watch_prices` does, in whole messages, heartbeats included."""
        request = WatchPricesRequest(instruments=instruments, after_sequence=after_sequence)
        return watch(self, self.price_calls.WatchPrices, request)

    async def watch_candles(
        self,
        instrument: str,
        interval: Candle.Interval,
        *,
        snapshot_size: int = 1,
        after_sequence: int | None = None,
    ) -> AsyncGenerator[Candle, None]:
        """Yields the newest candles, and then each that changes, whole, as often as it does.

        Reconnects by itself. A candle takes the place of the one that begins at the same time.

        Args:
            instrument: Its name; it need not have been traded yet.
            interval: Such as `Candle.INTERVAL_MINUTE`.
            snapshot_size: How many candles come first, 1–1,000.
            after_sequence: The cursor of an earlier message, to go on behind it without a snapshot.

        Raises:
            RefusedError: The server will not serve this stream, now or later.
        """
        messages = self.watch_candle_messages(
            instrument, interval, snapshot_size=snapshot_size, after_sequence=after_sequence
        )
        async with aclosing(messages):
            async for message in messages:
                for candle in message.candles:
                    yield candle

    def watch_candle_messages(
        self,
        instrument: str,
        interval: Candle.Interval,
        *,
        snapshot_size: int = 1,
        after_sequence: int | None = None,
    ) -> AsyncGenerator[WatchCandlesResponse, None]:
        """Yields what `watch_candles` does, in whole messages, heartbeats included."""
        request = WatchCandlesRequest(
            instrument=instrument,
            interval=interval,
            snapshot_size=snapshot_size,
            after_sequence=after_sequence,
        )
        return watch(self, self.price_calls.WatchCandles, request)
