"""Campaigns: one thing told to everybody, page by page: a broadcast, or that a vote has begun.

How far one has come is kept with the letters of each page, so another instance goes on where this
one stopped. Without Redis a campaign ends with its process, and its message says where.
"""

import asyncio
import json
from contextlib import suppress
from dataclasses import asdict, dataclass, replace

import structlog
from aiogram import Bot
from aiogram.exceptions import TelegramAPIError
from aiogram.filters.callback_data import CallbackData
from ticketonomics.identity.v1.identity_service_pb2 import ListPeopleRequest
from ticketonomics.identity.v1.person_pb2 import Person
from ticketonomics.parliament.v1.proposal_pb2 import Proposal
from ticketonomics_client import Client

from ticketonomics_bot.callbacks import button, keyboard
from ticketonomics_bot.letters import Letter, Post, put
from ticketonomics_bot.people import PROVIDER
from ticketonomics_bot.shelves import Change, Lease, Shelves
from ticketonomics_bot.texts import texts

log = structlog.get_logger()

SHELF = "campaigns"
_STOPS = "campaign-stops"
PAGE = 50
_LOOK_SECONDS = 0.5
_SHOW_SECONDS = 3.0


class StopCampaign(CallbackData, prefix="bs"):
    """Stops a broadcast."""

    campaign: str


@dataclass(slots=True, frozen=True, kw_only=True)
class Campaign:
    """Something that is told to everybody.

    Attributes:
        kind: Of its letters: `broadcast` or `vote-opened`.
        subject: What its letters say: a text, or the id of a proposal.
        page_token: Where it goes on.
        over: Whether the last page was written.
        stopped: Whether somebody has stopped it.
        chat_id: The message that shows how far it has come; 0 for none.
    """

    campaign_id: str
    kind: str
    subject: str
    page_token: str = ""
    over: bool = False
    stopped: bool = False
    sent: int = 0
    skipped: int = 0
    chat_id: int = 0
    message_id: int = 0
    language: str = "en"

    def text(self) -> str:
        """Returns it as it is kept."""
        return json.dumps(asdict(self), ensure_ascii=False)

    def change(self) -> Change:
        """Returns the change that keeps it."""
        return Change(SHELF, put={self.campaign_id: self.text()})


class Campaigns:
    """Runs campaigns, one after the other, as who has the lease."""

    def __init__(
        self,
        bot: Bot,
        client: Client,
        shelves: Shelves,
        post: Post,
        *,
        letters_per_second: float,
    ) -> None:
        self._bot = bot
        self._pause_seconds = 1.0 / letters_per_second
        self._client = client
        self._shelves = shelves
        self._post = post
        self._running: Campaign | None = None
        # Letters of the running page that are not settled.
        self._open: set[str] = set()
        self._shown_at = float("-inf")
        post.outcomes = self

    async def begin(self, campaign: Campaign) -> None:
        """Keeps a campaign; whoever leads runs it."""
        if await self._shelves.get(SHELF, campaign.campaign_id) is None:
            await self._shelves.put(SHELF, campaign.campaign_id, campaign.text())

    async def stop(self, campaign_id: str) -> bool:
        """Stops a campaign behind the page that is being sent; False where there is none."""
        if await self._shelves.get(SHELF, campaign_id) is None:
            return False
        await self._shelves.put(_STOPS, campaign_id, "")
        return True

    def opened(self, proposal: Proposal) -> Change:
        """Returns the change that begins to tell everybody of a vote."""
        number = f"vote-{proposal.proposal_id}"
        return Campaign(
            campaign_id=number, kind="vote-opened", subject=proposal.proposal_id
        ).change()

    def done(self, letter: Letter, *, sent: bool) -> None:
        """Counts what became of a letter of the running campaign."""
        running = self._running
        if running is None or letter.facts.get("campaign") != running.campaign_id:
            return
        self._open.discard(letter.key)
        if sent:
            self._running = replace(running, sent=running.sent + 1)
        else:
            self._running = replace(running, skipped=running.skipped + 1)

    async def run(self, lease: Lease) -> None:
        """Runs what there is, and looks for more, until the lease is lost."""
        while True:
            for text in (await self._shelves.all(SHELF)).values():
                await self._run(lease, _campaign(text))
            await asyncio.sleep(_LOOK_SECONDS)

    async def close(self) -> None:
        """Says where the running campaign stops, if nobody goes on with it."""
        if self._running is not None and not self._shelves.lasting:
            await self._show(self._running, "stopped")

    async def _run(self, lease: Lease, campaign: Campaign) -> None:
        self._running = campaign
        self._open.clear()
        try:
            while not (campaign.over or campaign.stopped):
                campaign, letters = await self._page(campaign)
                await self._shelves.change(lease, campaign.change(), put(letters))
                self._running = campaign
                self._open = {letter.key for letter in letters}
                await self._send(letters)
                stop = await self._shelves.get(_STOPS, campaign.campaign_id)
                campaign = replace(self._running, stopped=stop is not None)
            number = [campaign.campaign_id]
            await self._shelves.change(
                lease, Change(SHELF, remove=number), Change(_STOPS, remove=number)
            )
            await self._show(campaign, "stopped" if campaign.stopped else "over")
            log.info("campaign is over", kind=campaign.kind, sent=campaign.sent)
        finally:
            if campaign.over or campaign.stopped:
                self._running = None

    async def _send(self, letters: list[Letter]) -> None:
        """Has letters delivered, slowly enough for answers to come first, and waits for it."""
        clock = asyncio.get_running_loop().time
        for letter in letters:
            self._post.accept([letter])
            await self._show_now_and_then(clock())
            await asyncio.sleep(self._pause_seconds)
        while self._open:
            await self._show_now_and_then(clock())
            await asyncio.sleep(0.05)

    async def _show_now_and_then(self, now: float) -> None:
        if self._running is not None and now - self._shown_at > _SHOW_SECONDS:
            self._shown_at = now
            await self._show(self._running, "going")

    async def _page(self, campaign: Campaign) -> tuple[Campaign, list[Letter]]:
        """Writes to the next people who have Telegram; the rest is not counted."""
        request = ListPeopleRequest(page_size=PAGE, page_token=campaign.page_token)
        request.state = Person.STATE_ACTIVE
        page = await self._client.call(self._client.identity.ListPeople, request)
        letters = [
            Letter(
                kind=campaign.kind,
                number=campaign.campaign_id,
                person_id=person.person_id,
                facts={"campaign": campaign.campaign_id, "subject": campaign.subject},
            )
            for person in page.people
            if any(identity.provider == PROVIDER for identity in person.linked_identities)
        ]
        token = page.next_page_token
        return replace(campaign, page_token=token, over=not token), letters

    async def _show(self, campaign: Campaign, state: str) -> None:
        """Edits the message that shows how far it has come: `going`, `over` or `stopped`."""
        if not campaign.chat_id:
            return
        t = texts(campaign.language)
        text = t(f"broadcast-{state}", sent=campaign.sent, skipped=campaign.skipped)
        markup = None
        if state == "going":
            stop = StopCampaign(campaign=campaign.campaign_id)
            markup = keyboard([button(t.plain("button-broadcast-stop"), stop)])
        with suppress(TelegramAPIError):
            await self._bot.edit_message_text(
                text,
                chat_id=campaign.chat_id,
                message_id=campaign.message_id,
                reply_markup=markup,
            )


def _campaign(text: str) -> Campaign:
    return Campaign(**json.loads(text))
