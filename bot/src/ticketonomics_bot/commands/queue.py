"""`/queue`: the rounds of all tier queues; joining and leaving, and a message that lives along."""

import os

from aiogram import Router
from aiogram.filters import Command, CommandObject
from aiogram.types import CallbackQuery, Message
from ticketonomics.queues.v1.queue_pb2 import Queue
from ticketonomics.queues.v1.round_pb2 import Round

from ticketonomics_bot.assets import TIERS, tier_of
from ticketonomics_bot.callbacks import Row, button, keyboard
from ticketonomics_bot.commands.opening import opens
from ticketonomics_bot.confirming import Outcome, Payload, confirmed
from ticketonomics_bot.links import Link, QueueLink
from ticketonomics_bot.live import Follower
from ticketonomics_bot.naming import names_of
from ticketonomics_bot.rounds import Look, Move, Queues, round_buttons, round_text
from ticketonomics_bot.texts import Html
from ticketonomics_bot.visit import Complaint, Visit

router = Router(name="queue")

SIZES = ("small", "medium", "large")
_SIZE_WORDS = {
    "small": ("s", "small", "малая", "маленькая", "м"),
    "medium": ("m", "medium", "средняя", "с"),
    "large": ("l", "large", "большая", "б"),
}
_NONCE_BYTES = 16


@router.message(Command("queue", "queues", "q"))
async def queue(_: Message, command: CommandObject, visit: Visit) -> None:
    """Shows all queues, or the one that is named: `/queue bronze small`."""
    chosen = read_queue(command.args or "")
    if chosen is not None:
        await _show_one(visit, *chosen)
    else:
        await _show_all(visit)


@router.callback_query(Queues.filter())
async def queues(_: CallbackQuery, visit: Visit) -> None:
    """Goes back to all queues."""
    await _show_all(visit)


@router.callback_query(Look.filter())
async def look(_: CallbackQuery, callback_data: Look, visit: Visit) -> None:
    """Shows one queue, as it is now."""
    await _show_one(visit, callback_data.tier, callback_data.size)


@router.callback_query(Move.filter(), flags={"begins": True})
async def move(_: CallbackQuery, callback_data: Move, visit: Visit) -> None:
    """Asks whether to join or to leave."""
    if callback_data.verb not in {"join", "leave"}:
        raise Complaint("button-stale")
    found = await find_queue(visit, callback_data.tier, callback_data.size)
    payload = {
        "tier": found.tier,
        "size": found.size,
        # Made here and kept: the same request must say the same, however often it is sent.
        "nonce": os.urandom(_NONCE_BYTES).hex(),
    }
    stake = await visit.money(found.round.stake, found.tier)
    reward = await visit.money(found.round.reward, found.round.reward_tier)
    text = visit.t(
        f"queue-ask-{callback_data.verb}",
        queue=await queue_name(visit, found.tier, found.size),
        stake=stake,
        reward=reward,
        places=found.round.places,
    )
    await visit.services.confirmations.ask(visit, f"queue-{callback_data.verb}", payload, text)


@opens("queue")
async def open_queue_link(visit: Visit, link: Link) -> None:
    """Shows the queue of a link."""
    assert isinstance(link, QueueLink)
    await _show_one(visit, link.tier, link.size)


@confirmed("queue-join")
async def do_join(visit: Visit, payload: Payload, request_id: str) -> None:
    """Stakes the ticket; the message then tells how the round goes on."""
    person = await visit.person()
    answer = await (await visit.acting()).join_queue(
        payload["tier"],
        payload["size"],
        person.person_id,
        nonce=bytes.fromhex(payload["nonce"]),
        request_id=request_id,
    )
    await _show_round(visit, answer.round)
    await follow(visit, answer.round)
    # Who filled it may have missed the draw before the message followed.
    now = await visit.client.round(answer.round.round_id)
    if now.change_sequence != answer.round.change_sequence:
        await _show_round(visit, now)


@confirmed("queue-leave")
async def do_leave(visit: Visit, payload: Payload, request_id: str) -> Outcome:
    """Takes the stake back."""
    person = await visit.person()
    left = await (await visit.acting()).leave_queue(
        payload["tier"], payload["size"], person.person_id, request_id=request_id
    )
    if visit.flow.place is not None:
        await visit.services.live.drop(left.round_id, visit.flow.place)
    text = visit.t("queue-left", stake=await visit.money(left.stake, left.tier))
    return Outcome(text, round_buttons(visit.t, left, joined=False))


async def follow(visit: Visit, found: Round) -> None:
    """Lets the flow's message tell how a round goes on."""
    if visit.flow.place is not None:
        follower = Follower(
            place=visit.flow.place,
            person_id=(await visit.person()).person_id,
            language=visit.language,
            user_id=visit.user.id,
        )
        await visit.services.live.add(found.round_id, follower)


async def find_queue(visit: Visit, tier: str, size: str) -> Queue:
    """Returns a queue with the round that waits.

    Raises:
        Complaint: There is none, or it is not open now.
    """
    for found in await visit.client.queues():
        if (found.tier, found.size) == (tier.upper(), size.lower()):
            if not found.round.round_id:
                raise Complaint("queue-closed")
            return found
    raise Complaint("queue-none")


async def queue_name(visit: Visit, tier: str, size: str) -> Html:
    """Writes what a queue is called: `🥉 Bronze, small`."""
    return Html(f"{await visit.asset(tier)}, {visit.t(f'queue-size-{size}')}")


def read_queue(text: str) -> tuple[str, str] | None:
    """Reads which queue the words name; the small one where no size is said."""
    tier, size = None, "small"
    for word in text.lower().replace("-", " ").split():
        named = next((size for size, words in _SIZE_WORDS.items() if word in words), None)
        if named is not None:
            size = named
        elif tier is None:
            tier = tier_of(word)
    return (tier, size) if tier is not None and tier != TIERS[-1] else None


async def _show_all(visit: Visit) -> None:
    found = await visit.client.queues()
    if not found:
        raise Complaint("queue-none")
    joined = await _joined(visit)
    rows: dict[str, Row] = {}
    for one in found:
        mark = "✅ " if one.round.round_id in joined else ""
        size = visit.t.plain(f"queue-letter-{one.size}")
        tier = visit.t.plain(f"tier-sign-{one.tier.lower()}")
        label = f"{mark}{tier} {size} {one.round.players}/{one.round.places}"
        rows.setdefault(one.tier, []).append(button(label, Look(tier=one.tier, size=one.size)))
    lines = [visit.t("queue-title"), "", visit.t("queue-explained")]
    if joined:
        lines += ["", visit.t("queue-joined-count", count=len(joined))]
    await visit.flow.show("\n".join(lines), keyboard(*rows.values()), private=True)


async def _show_one(visit: Visit, tier: str, size: str) -> None:
    found = await find_queue(visit, tier, size)
    person = await visit.person()
    place = await _place_in(visit, found.round, person.person_id)
    text = await round_text(visit.t, visit.services.assets, found.round, place)
    await visit.flow.show(text, round_buttons(visit.t, found.round, joined=place > 0), private=True)
    if place:
        await follow(visit, found.round)


async def _show_round(visit: Visit, found: Round) -> None:
    person = await visit.person()
    place = await _place_in(visit, found, person.person_id)
    called = await names_of(visit.client, [found.winner_person_id])
    winner = called.get(found.winner_person_id)
    text = await round_text(visit.t, visit.services.assets, found, place, winner=winner)
    await visit.flow.show(text, round_buttons(visit.t, found, joined=place > 0))


async def _joined(visit: Visit) -> set[str]:
    person = await visit.person()
    return {
        found.round_id
        async for found in visit.client.rounds(
            person_id=person.person_id, state=Round.STATE_WAITING
        )
    }


async def _place_in(visit: Visit, found: Round, person_id: str) -> int:
    async for entry in visit.client.round_entries(found.round_id, page_size=1_000):
        if entry.person_id == person_id:
            return entry.position
    return 0
