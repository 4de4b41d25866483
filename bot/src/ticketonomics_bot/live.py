"""Live messages: a round of a queue, told in one message that is edited as the round goes on.

Who follows which round is kept on the shelves, so that any instance may begin a message and the one
that reads the stream edits it. A message is let go only when its last state was shown.
"""

import asyncio
import json
from dataclasses import asdict, dataclass
from uuid import NAMESPACE_URL, uuid5

import structlog
from aiogram import Bot
from aiogram.exceptions import TelegramAPIError, TelegramForbiddenError, TelegramNotFound
from aiogram.types import InlineKeyboardMarkup
from ticketonomics.queues.v1.round_pb2 import Round
from ticketonomics_client import Client

from ticketonomics_bot.assets import Assets
from ticketonomics_bot.flows import Flow, Place
from ticketonomics_bot.naming import names_of
from ticketonomics_bot.rounds import OVER, round_buttons, round_text
from ticketonomics_bot.shelves import Shelves
from ticketonomics_bot.texts import Html, texts

log = structlog.get_logger()

_INDEX = "live"
# A person reads no faster, and a group allows 20 messages a minute.
_REST_SECONDS = 2.0
_GROUP_REST_SECONDS = 6.0
_AWAY_SECONDS = 5.0


@dataclass(slots=True, frozen=True)
class Follower:
    """A message that tells a round to somebody."""

    place: Place
    person_id: str
    language: str
    user_id: int

    @property
    def key(self) -> str:
        """Names the message."""
        return _key(self.place)


class Live:
    """Messages that follow rounds."""

    def __init__(
        self,
        bot: Bot,
        client: Client,
        assets: Assets,
        shelves: Shelves,
        *,
        rest_seconds: float = _REST_SECONDS,
    ) -> None:
        self._bot = bot
        self._client = client
        self._assets = assets
        self._shelves = shelves
        self._rest_seconds = rest_seconds
        # The newest state of each message that is being edited.
        self._newest: dict[str, tuple[Follower, Round, int, Html]] = {}
        self._editing: dict[str, asyncio.Task[None]] = {}

    async def add(self, round_id: str, follower: Follower) -> None:
        """Lets a message follow a round."""
        record = asdict(follower)
        await self._shelves.put(_INDEX, round_id, "")
        await self._shelves.put(_shelf(round_id), follower.key, json.dumps(record))

    async def drop(self, round_id: str, place: Place) -> None:
        """Lets a message be."""
        await self._shelves.remove(_shelf(round_id), _key(place))

    async def resume(self) -> None:
        """Shows what became of the rounds that are followed, while nobody looked."""
        for round_id in await self._shelves.all(_INDEX):
            await self.tell(await self._client.round(round_id))

    async def tell(self, found: Round) -> set[str]:
        """Shows a round, as it is now, in all messages that follow it; returns whose they are."""
        followers = [_follower(text) for text in (await self._of(found.round_id)).values()]
        if not followers:
            if found.state in OVER:
                await self._shelves.remove(_INDEX, found.round_id)
            return set()
        places = {
            entry.person_id: entry.position
            async for entry in self._client.round_entries(found.round_id, page_size=1_000)
        }
        winner = Html("")
        if found.winner_person_id:
            called = await names_of(self._client, [found.winner_person_id])
            winner = called.get(found.winner_person_id, winner)
        for follower in followers:
            place = places.get(follower.person_id, 0)
            self._newest[follower.key] = (follower, found, place, winner)
            if follower.key not in self._editing:
                task = asyncio.create_task(self._edit(follower.key))
                self._editing[follower.key] = task
        return {follower.person_id for follower in followers}

    async def close(self) -> None:
        """Stops editing; what was not shown is shown when somebody resumes."""
        tasks = list(self._editing.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._newest.clear()

    async def _of(self, round_id: str) -> dict[str, str]:
        return await self._shelves.all(_shelf(round_id))

    async def _edit(self, key: str) -> None:
        """Shows the newest state until there is no newer one."""
        try:
            while key in self._newest:
                follower, found, place, winner = self._newest.pop(key)
                try:
                    kept = await self._show(follower, found, place, winner)
                except (TelegramForbiddenError, TelegramNotFound) as error:
                    log.info("a live message is gone", error=str(error))
                    kept = False
                except TelegramAPIError as error:
                    log.warning("a live message waits", error=str(error))
                    self._newest.setdefault(key, (follower, found, place, winner))
                    await asyncio.sleep(_AWAY_SECONDS)
                    continue
                if not kept or found.state in OVER:
                    await self.drop(found.round_id, follower.place)
                    self._newest.pop(key, None)
                    return
                group = follower.place.chat_id < 0
                await asyncio.sleep(_GROUP_REST_SECONDS if group else self._rest_seconds)
        finally:
            self._editing.pop(key, None)

    async def _show(self, follower: Follower, found: Round, place: int, winner: Html) -> bool:
        t = texts(follower.language)
        text = await round_text(t, self._assets, found, place, winner=winner)
        flow = Flow(self._bot, None, place=follower.place, person_id=follower.user_id)
        markup: InlineKeyboardMarkup | None = round_buttons(t, found, joined=place > 0)
        return await flow.update(text, markup)


def _follower(text: str) -> Follower:
    record = json.loads(text)
    return Follower(**{**record, "place": Place(**record["place"])})


def _shelf(round_id: str) -> str:
    return f"live:{round_id}"


def _key(place: Place) -> str:
    return uuid5(NAMESPACE_URL, json.dumps(asdict(place), sort_keys=True)).hex
