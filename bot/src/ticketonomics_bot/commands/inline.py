"""Inline mode: `@bot pay 5k` in any chat offers tickets, `@bot balance` shows what one has.

An offer pays nobody by itself. Whoever takes it first is shown to the sender, who confirms in the
same message. An offer pays once, for its message is its request id.
"""

import base64
import hashlib
import hmac
from uuid import NAMESPACE_URL, UUID, uuid5

from aiogram import Router
from aiogram.filters.callback_data import CallbackData
from aiogram.types import (
    CallbackQuery,
    InlineQuery,
    InlineQueryResultArticle,
    InlineQueryResultsButton,
    InputTextMessageContent,
)

from ticketonomics_bot.amounts import AmountError, parse_amount
from ticketonomics_bot.assets import TICKET
from ticketonomics_bot.callbacks import button, keyboard
from ticketonomics_bot.commands.pay import find_asset
from ticketonomics_bot.parsing import read_wish
from ticketonomics_bot.texts import Html
from ticketonomics_bot.visit import Complaint, Visit

router = Router(name="inline")

_TAKEN_SECONDS = 7 * 86_400.0


class Offer(CallbackData, prefix="of"):
    """An offer in a message sent inline; signed, since it is all that is known of the offer."""

    sender: int
    amount: int
    asset: str
    seal: str


class Withdraw(CallbackData, prefix="ow"):
    """The sender takes the offer back."""

    sender: int
    amount: int
    asset: str
    seal: str


@router.inline_query()
async def offer(query: InlineQuery, visit: Visit) -> None:
    """Offers what the words say: a payment, or to show one's balance."""
    results: list[InlineQueryResultArticle] = []
    words = query.query.strip()
    help_button = InlineQueryResultsButton(
        text=visit.t.plain("inline-help"), start_parameter="hello"
    )
    if (payment := await _payment(visit, words)) is not None:
        results.append(payment)
    if not words or "balance".startswith(words.lower()) or "баланс".startswith(words.lower()):
        results.append(await _balance(visit))
    # Everybody gets answers of their own, and nobody those of a minute ago.
    await query.answer(
        [*results], cache_time=0, is_personal=True, button=None if results else help_button
    )


@router.callback_query(Offer.filter(), flags={"begins": True})
async def take(callback: CallbackQuery, callback_data: Offer, visit: Visit) -> None:
    """Shows the sender who wants to receive the offer; the first one who does."""
    sealed = _seal(visit, callback_data.sender, callback_data.amount, callback_data.asset)
    if not callback.inline_message_id or not hmac.compare_digest(sealed, callback_data.seal):
        raise Complaint("button-stale")
    if visit.user.id == callback_data.sender:
        raise Complaint("inline-own")
    person = await visit.person()
    number = _request_id(visit, callback.inline_message_id)
    first = await visit.services.store.claim(
        f"taken:{number}", str(visit.user.id), seconds=_TAKEN_SECONDS
    )
    if first not in {None, str(visit.user.id)}:
        raise Complaint("inline-taken")
    name = visit.t("verbatim", text=visit.user.full_name[:64])
    amount = await visit.money(callback_data.amount, callback_data.asset)
    await visit.services.confirmations.ask(
        visit,
        "pay",
        {
            "to": person.person_id,
            "name": str(name),
            "asset": callback_data.asset,
            "amount": callback_data.amount,
            "memo": "",
        },
        visit.t("inline-wants", name=name, amount=amount),
        owner=callback_data.sender,
        request_id=number,
    )


@router.callback_query(Withdraw.filter())
async def withdraw(callback: CallbackQuery, callback_data: Withdraw, visit: Visit) -> None:
    """Takes an offer back that nobody has taken."""
    sealed = _seal(visit, callback_data.sender, callback_data.amount, callback_data.asset)
    if not callback.inline_message_id or not hmac.compare_digest(sealed, callback_data.seal):
        raise Complaint("button-stale")
    if visit.user.id != callback_data.sender:
        raise Complaint("not-yours")
    number = _request_id(visit, callback.inline_message_id)
    first = await visit.services.store.claim(
        f"taken:{number}", str(visit.user.id), seconds=_TAKEN_SECONDS
    )
    if first not in {None, str(visit.user.id)}:
        raise Complaint("inline-taken")
    await visit.flow.show(visit.t("inline-withdrawn"))


async def _payment(visit: Visit, words: str) -> InlineQueryResultArticle | None:
    wish = read_wish(words, await visit.services.assets.finder())
    if not wish.amount:
        return None
    try:
        asset = await find_asset(visit, wish.asset or TICKET)
        minor = parse_amount(wish.amount, asset.decimals)
    except (AmountError, Complaint):
        return None
    amount = await visit.money(minor, asset.code)
    name = visit.t("verbatim", text=visit.user.full_name[:64])
    seal = _seal(visit, visit.user.id, minor, asset.code)
    take_it = Offer(sender=visit.user.id, amount=minor, asset=asset.code, seal=seal)
    undo = Withdraw(sender=visit.user.id, amount=minor, asset=asset.code, seal=seal)
    try:
        markup = keyboard(
            [button(visit.t.plain("button-receive"), take_it)],
            [button(visit.t.plain("button-withdraw"), undo)],
        )
    except ValueError:
        # The name of the asset is too long for a button.
        return None
    lines = [visit.t("inline-offer", name=name, amount=amount)]
    if wish.memo:
        lines.append(visit.t("pay-ask-memo", memo=wish.memo))
    return InlineQueryResultArticle(
        id="pay",
        title=visit.t.plain("inline-offer-title", amount=str(amount)),
        description=visit.t.plain("inline-offer-description"),
        input_message_content=InputTextMessageContent(message_text="\n".join(lines)),
        reply_markup=markup,
    )


async def _balance(visit: Visit) -> InlineQueryResultArticle:
    person = await visit.person()
    has = (await visit.client.balance(person.account, TICKET)).posted
    amount = await visit.money(has, TICKET)
    name = visit.t("verbatim", text=visit.user.full_name[:64])
    return InlineQueryResultArticle(
        id="balance",
        title=visit.t.plain("inline-balance-title"),
        description=str(amount),
        input_message_content=InputTextMessageContent(
            message_text=Html(visit.t("inline-balance", name=name, amount=amount))
        ),
    )


def _request_id(visit: Visit, inline_message_id: str) -> UUID:
    return uuid5(NAMESPACE_URL, f"ticketonomics:bot/{visit.bot.id}/inline/{inline_message_id}")


def _seal(visit: Visit, sender: int, amount: int, asset: str) -> str:
    """Signs an offer: what a button carries could otherwise be made up by anybody."""
    key = hashlib.sha256(b"ticketonomics-bot:offers:" + visit.bot.token.encode()).digest()
    text = f"{sender}|{amount}|{asset}".encode()
    return base64.urlsafe_b64encode(hmac.digest(key, text, "sha256")[:6]).decode()
