"""Reading from the ledger what the simulator cannot know by itself."""

import asyncio
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from ticketonomics.prices.v1.candle_pb2 import Candle
from ticketonomics_client import RefusedError

from ticketonomics_simulator.community import Community
from ticketonomics_simulator.ledger import Ledger
from ticketonomics_simulator.market import INSTRUMENT
from ticketonomics_simulator.minting import FaucetKeeper
from ticketonomics_simulator.patience import Patience
from ticketonomics_simulator.tally import Tally
from ticketonomics_simulator.tickets import ASSET, FAUCET

LOOK_SECONDS = 1.0
READ_BALANCES_SECONDS = 30.0
PATH_MINUTES = 60


class Observer:
    """Looks at the ledger every second, and keeps the faucet filled."""

    def __init__(
        self,
        ledger: Ledger,
        community: Community,
        tally: Tally,
        *,
        keeper: FaucetKeeper,
        patience: Patience,
        clock: Callable[[], float] = time.monotonic,
        wall_clock: Callable[[], float] = time.time,
    ) -> None:
        self._ledger = ledger
        self._community = community
        self._tally = tally
        self._keeper = keeper
        self._patience = patience
        self._clock = clock
        self._wall_clock = wall_clock
        self._balances_read_at = clock()

    def tell(self, story: str) -> None:
        """Tells everybody what begins now."""
        self._tally.tell(story)

    async def observe(self) -> None:
        """Looks again and again, for ever."""
        while True:
            await self.look()
            await asyncio.sleep(LOOK_SECONDS)

    async def look(self) -> None:
        """Looks once. Refusals are counted and change nothing."""
        try:
            await self._keeper.top_up(self._wall_clock())
            await self.read_economy()
            if self._clock() - self._balances_read_at >= READ_BALANCES_SECONDS:
                self._balances_read_at = self._clock()
                await read_balances(
                    self._ledger,
                    self._community,
                    patience=self._patience,
                    minimum_sequence=self._tally.last_sequence,
                )
        except RefusedError as error:
            self._tally.refusals[error.reason_name or "UNKNOWN"] += 1

    async def read_economy(self) -> None:
        """Reads how large the economy is. Raises RefusedError when the ledger says no."""
        supply = await self._patience.ask(lambda: self._ledger.supply(ASSET))
        block = await self._patience.ask(self._ledger.block)
        economy = self._tally.economy
        economy.supply = supply.circulating
        if economy.first_supply is None:
            economy.first_supply = supply.circulating
        economy.minted = supply.minted
        economy.burned = supply.burned
        economy.faucet = self._community.wallets.available(FAUCET)
        economy.height = block.height

    async def read_figures(self) -> None:
        """Reads how wealth is spread, and how queues and votes go; raises as `read_economy`."""
        spread = await self._patience.ask(self._ledger.wealth_distribution)
        used = await self._patience.ask(self._ledger.participation)
        economy = self._tally.economy
        economy.holders = spread.holder_count
        economy.gini_ppm = spread.gini_ppm
        economy.top_tenth_ppm = spread.top_shares[-1].wealth_ppm if spread.top_shares else 0
        economy.rounds = used.queues.finished_rounds
        economy.votes = used.parliament.ended_votes
        economy.turnout_bps = used.parliament.turnout_bps
        economy.price_path = await self._patience.ask(self._read_prices)

    async def _read_prices(self) -> tuple[Decimal, ...]:
        """Reads the closing prices of the last minutes; none where nothing was ever traded."""
        since = datetime.fromtimestamp(self._wall_clock(), UTC) - timedelta(minutes=PATH_MINUTES)
        candles = self._ledger.candles(
            INSTRUMENT, Candle.INTERVAL_MINUTE, start_time=since, fill_gaps=True
        )
        try:
            return tuple([Decimal(candle.close) async for candle in candles][::-1])
        except RefusedError as error:
            if error.reason_name != "INSTRUMENT_NOT_FOUND":
                raise
            return ()


async def read_balances(
    ledger: Ledger, community: Community, *, patience: Patience, minimum_sequence: int = 0
) -> None:
    """Corrects the wallets by the ledger's balances: others pay into these accounts too.

    Args:
        ledger: Where to read.
        community: Whose wallets to correct; accounts of others are left out.
        patience: For a server that is away.
        minimum_sequence: What the answer must have seen: the newest entry known here.
    """
    known = {FAUCET, *(person.account for person in community.people)}
    known.update(shop.address for shop in community.shops)
    read_at = community.wallets.changes

    async def read() -> dict[str, int]:
        return {
            balance.account: balance.available
            async for balance in ledger.balances(
                asset=ASSET, page_size=1000, minimum_sequence=minimum_sequence
            )
            if balance.account in known
        }

    community.wallets.adopt(await patience.ask(read), read_at=read_at)
