"""What is read from the streams of the server, and becomes letters, live messages and alerts."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable
from contextlib import aclosing
from dataclasses import asdict
from typing import Any

import structlog
from redis.exceptions import RedisError
from ticketonomics.ledger.v1.transaction_pb2 import Transaction
from ticketonomics.parliament.v1.proposal_pb2 import Proposal
from ticketonomics.queues.v1.round_pb2 import Round
from ticketonomics.spending.v1.limit_pb2 import SpendingRecord
from ticketonomics_client import Client, RefusedError, TicketonomicsError

from ticketonomics_bot.alerts import Alerts, ranges_of
from ticketonomics_bot.campaigns import Campaigns
from ticketonomics_bot.letters import Letter, Post, put
from ticketonomics_bot.live import Live
from ticketonomics_bot.proposals import vote_step
from ticketonomics_bot.rounds import OVER
from ticketonomics_bot.shelves import Change, Lease, Shelves

log = structlog.get_logger()

_CURSORS = "cursors"
_VOTES = "votes"
_USERS = "users/"
_RETRY_SECONDS = 3.0
_SPENDING_SECONDS = 2.0
_MOST_RECORDS = 10_000

# What one message of a stream comes to: letters, and other changes of the shelves.
Reading = tuple[list[Letter], list[Change]]


class News:
    """Follows the server as who has the lease."""

    def __init__(
        self,
        client: Client,
        shelves: Shelves,
        *,
        post: Post,
        live: Live,
        alerts: Alerts,
        campaigns: Campaigns,
    ) -> None:
        self._client = client
        self._shelves = shelves
        self._post = post
        self._live = live
        self._alerts = alerts
        self._campaigns = campaigns

    async def follow(self, lease: Lease) -> None:
        """Follows everything, until the lease is lost.

        Raises:
            LeaseLostError: Another instance goes on; nothing was changed since.
        """
        followed: tuple[Callable[[Lease], Awaitable[None]], ...] = (
            *(self._payments, self._queues, self._votes, self._prices),
            *(self._spending, self._campaigns.run),
        )
        # First what was left, so that nothing of it is mistaken for new.
        await self._always(self._resume, lease)
        tasks = [asyncio.create_task(self._always(one, lease)) for one in followed]
        try:
            await asyncio.gather(*tasks)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await self._post.stop()
            await self._live.close()

    async def _always(self, follow: Callable[[Lease], Awaitable[None]], lease: Lease) -> None:
        """Goes on when the server or Redis was away."""
        in_doubt = False
        while True:
            try:
                if in_doubt:
                    # Letters may be on the shelf although nobody said so.
                    await self._post.resume()
                    in_doubt = False
                await follow(lease)
            except (TicketonomicsError, RedisError) as error:
                log.warning("news wait", of=follow.__name__, error=str(error))
                in_doubt = isinstance(error, RedisError)
            else:
                return
            await asyncio.sleep(_RETRY_SECONDS)

    async def _resume(self, _: Lease) -> None:
        """Takes up what another instance, or this one before, has left."""
        await self._post.resume()
        await self._live.resume()

    async def _payments(self, lease: Lease) -> None:
        def watch(after: int | None) -> AsyncGenerator[Any, None]:
            kinds = (Transaction.KIND_TRANSFER, Transaction.KIND_CAPTURE)
            return self._client.watch_messages(kinds=kinds, after_sequence=after)

        async def read(message: Any) -> Reading:
            letters = [one for found in message.transactions for one in payments_of(found)]
            return letters, []

        await self._stream(lease, "payments", watch, read)

    async def _queues(self, lease: Lease) -> None:
        def watch(after: int | None) -> AsyncGenerator[Any, None]:
            return self._client.watch_queues(after_sequence=after)

        async def read(message: Any) -> Reading:
            letters: list[Letter] = []
            for told in message.rounds:
                shown = await self._live.tell(told.round)
                if told.round.state in OVER:
                    letters += await self._results(told.round, shown)
            return letters, []

        await self._stream(lease, "queues", watch, read)

    async def _results(self, found: Round, shown: set[str]) -> list[Letter]:
        """Returns letters to all who were in a round; a live message tells those that lost."""
        return [
            Letter(
                kind="queue-result",
                number=found.round_id,
                person_id=entry.person_id,
                facts={"round": found.round_id, "place": entry.position},
            )
            async for entry in self._client.round_entries(found.round_id, page_size=1_000)
            if entry.person_id not in shown or entry.person_id == found.winner_person_id
        ]

    async def _votes(self, lease: Lease) -> None:
        def watch(after: int | None) -> AsyncGenerator[Any, None]:
            return self._client.watch_proposal_messages(after_sequence=after)

        async def read(message: Any) -> Reading:
            letters: list[Letter] = []
            changes: list[Change] = []
            for proposal in message.proposals:
                known = await self._shelves.get(_VOTES, proposal.proposal_id) or ""
                step = vote_step(proposal, known)
                if step is None:
                    continue
                changes.append(Change(_VOTES, put={proposal.proposal_id: step}))
                if message.snapshot:
                    # It was so before we looked.
                    continue
                if step == "opened":
                    changes.append(self._campaigns.opened(proposal))
                else:
                    letters += await self._decided(proposal, step)
            return letters, changes

        await self._stream(lease, "votes", watch, read)

    async def _decided(self, proposal: Proposal, step: str) -> list[Letter]:
        """Returns letters to who proposed and to all who voted."""
        told = {proposal.proposer_id}
        async for ballot in self._client.ballots(proposal.proposal_id, page_size=1_000):
            told.add(ballot.person_id)
        return [
            Letter(
                kind="vote-result",
                number=f"{proposal.proposal_id}-{step}",
                person_id=person_id,
                facts={"proposal": proposal.proposal_id},
            )
            for person_id in sorted(told)
            if person_id
        ]

    async def _prices(self, lease: Lease) -> None:
        def watch(after: int | None) -> AsyncGenerator[Any, None]:
            return self._client.watch_price_messages(after_sequence=after)

        async def read(message: Any) -> Reading:
            ranges = ranges_of((u.tick.instrument, u.tick.price) for u in message.updates)
            newest = {u.tick.instrument: u.tick.price for u in message.updates}
            letters: list[Letter] = []
            changes: list[Change] = []
            for alert in await self._alerts.reached(ranges):
                changes += self._alerts.taken(alert)
                letters.append(
                    Letter(
                        kind="price-alert",
                        number=alert.alert_id,
                        chat_id=alert.user_id,
                        language=alert.language,
                        facts={"alert": asdict(alert), "price": newest[alert.instrument]},
                    )
                )
            return letters, changes

        await self._stream(lease, "prices", watch, read)

    async def _spending(self, lease: Lease) -> None:
        """Looks again and again at what applications took: there is no stream of it."""
        known = await self._cursor("spending")
        after = known if known is not None else await self._newest_spending()
        while True:
            letters: list[Letter] = []
            newest = after
            count = 0
            async for record in self._client.spending_records(page_size=100):
                count += 1
                if record.sequence <= after or count > _MOST_RECORDS:
                    break
                newest = max(newest, record.sequence)
                letters += spending_of(record)
            if newest > after or known is None:
                await self._commit(lease, "spending", newest, letters, [])
                after = known = newest
            await asyncio.sleep(_SPENDING_SECONDS)

    async def _newest_spending(self) -> int:
        async for record in self._client.spending_records(page_size=1):
            return record.sequence
        return 0

    async def _stream(
        self,
        lease: Lease,
        name: str,
        watch: Callable[[int | None], AsyncGenerator[Any, None]],
        read: Callable[[Any], Awaitable[Reading]],
    ) -> None:
        """Reads a stream from where it was left, and keeps what comes of each message with it."""
        after = await self._cursor(name)
        try:
            async with aclosing(watch(after)) as messages:
                async for message in messages:
                    letters, changes = await read(message)
                    await self._commit(lease, name, message.cursor, letters, changes)
        except RefusedError as error:
            if after is None or error.reason_name != "INVALID_FIELD":
                raise
            # The economy is another one, or was set back: where we were means nothing there.
            log.warning("a stream begins anew", of=name, error=str(error))
            await self._shelves.remove(_CURSORS, name)
            raise

    async def _cursor(self, name: str) -> int | None:
        kept = await self._shelves.get(_CURSORS, name)
        return int(kept) if kept is not None else None

    async def _commit(
        self,
        lease: Lease,
        name: str,
        cursor: int,
        letters: list[Letter],
        changes: Iterable[Change],
    ) -> None:
        """Keeps letters and cursor together, then has the letters delivered."""
        # Without a cursor it is a part of a longer message, and no place to go on from.
        moved = [Change(_CURSORS, put={name: str(cursor)})] if cursor else []
        await self._shelves.change(lease, put(letters), *changes, *moved)
        self._post.accept(letters)


def payments_of(found: Transaction) -> list[Letter]:
    """Returns letters to all whom somebody else has paid by a transaction."""
    return [
        Letter(
            kind="payment-received",
            number=f"{found.sequence}-{place}",
            person_id=posting.destination.removeprefix(_USERS),
            facts={
                "source": posting.source,
                "asset": posting.asset,
                "amount": posting.amount,
                "memo": found.memo,
            },
        )
        for place, posting in enumerate(found.postings)
        if posting.destination.startswith(_USERS) and posting.source != posting.destination
    ]


def spending_of(record: SpendingRecord) -> list[Letter]:
    """Returns a letter to the person whose allowance an application has used."""
    if record.kind != SpendingRecord.KIND_SPENT or not record.person_id:
        return []
    facts = {
        "application": record.application_id,
        "asset": record.asset,
        "amount": record.amount,
    }
    number = f"{record.sequence}-{record.asset}-{record.application_id}"
    return [Letter(kind="allowance-used", number=number, person_id=record.person_id, facts=facts)]
