"""`/pay`: to somebody by handle, by pointing, or by answering a message."""

import time
from math import ceil

from aiogram import F, Router
from aiogram.filters import Command, StateFilter
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import Message
from ticketonomics_client import Asset

from ticketonomics_bot.amounts import parse_amount
from ticketonomics_bot.assets import TICKET, TIERS
from ticketonomics_bot.commands.opening import opens
from ticketonomics_bot.commands.saying import Said
from ticketonomics_bot.confirming import Outcome, Payload, confirmed
from ticketonomics_bot.links import Link, PayLink
from ticketonomics_bot.parsing import Wish, clean_memo, flatten, read_wish
from ticketonomics_bot.recipients import Recipient, by_handle, by_person_id, find_recipient
from ticketonomics_bot.texts import Html
from ticketonomics_bot.visit import Complaint, Visit

router = Router(name="pay")

_PATIENCE_SECONDS = 300.0


class Paying(StatesGroup):
    """What a payment still waits for."""

    amount = State()


@router.message(Command("pay", "send"), flags={"begins": True})
async def pay(message: Message, visit: Visit) -> None:
    """Pays what the words behind the command say."""
    await visit.state.clear()
    await _pay_by_words(message, visit)


@router.message(Said("pay"), flags={"begins": True})
async def pay_in_words(message: Message, visit: Visit) -> None:
    """Pays what was said without a command."""
    await visit.state.clear()
    await _pay_by_words(message, visit)


@router.message(StateFilter(Paying.amount), F.text, ~F.text.startswith("/"), flags={"begins": True})
async def pay_amount(message: Message, visit: Visit) -> None:
    """Goes on with a payment whose amount was asked for."""
    data = await visit.state.get_data()
    if time.time() > data["until"]:
        # It was asked so long ago that this number is about something else.
        await visit.state.clear()
        raise Complaint("unknown-words")
    wish = read_wish(message.text or "", await visit.services.assets.finder())
    if not wish.amount:
        raise Complaint("amount-malformed")
    recipient = Recipient(
        person_id=data["person_id"],
        name=Html(data["name"]),
        doubtful=data["doubtful"],
        telegram_name=data["telegram_name"],
    )
    await begin(visit, recipient, wish.amount, wish.asset, wish.memo or data["memo"])
    await visit.state.clear()


@opens("pay")
async def open_pay_link(visit: Visit, link: Link) -> None:
    """Asks about a payment that a link names; a link alone never pays."""
    assert isinstance(link, PayLink)
    if await visit.services.maintenance.is_on():
        raise Complaint("maintenance")
    recipient = (
        await by_handle(visit, link.handle)
        if link.handle
        else await by_person_id(visit, link.person_id)
    )
    if not link.amount:
        await _ask_amount(visit, recipient)
        return
    asset = await find_asset(visit, link.asset or TICKET)
    await _ask(visit, recipient, link.amount, asset, "")


async def wish_of(message: Message, visit: Visit) -> Wish:
    """Reads what a message wishes, be it a command or words."""
    flat = flatten(
        message.text or "", message.entities or [], bot_username=visit.services.bot_username
    )
    if flat.startswith("/"):
        _, _, flat = flat.partition(flat.split(maxsplit=1)[0])
    return read_wish(flat, await visit.services.assets.finder())


async def _pay_by_words(message: Message, visit: Visit) -> None:
    wish = await wish_of(message, visit)
    recipient = await find_recipient(visit, message, wish)
    if recipient is None:
        raise Complaint("pay-usage")
    if not wish.amount:
        await _ask_amount(visit, recipient, wish.memo)
        return
    await begin(visit, recipient, wish.amount, wish.asset, wish.memo)


async def _ask_amount(visit: Visit, recipient: Recipient, memo: str = "") -> None:
    if not visit.is_private:
        # In a group, the next number that somebody writes is about something else.
        raise Complaint("pay-usage")
    if recipient.person_id == (await visit.person()).person_id:
        raise Complaint("pay-self")
    await visit.state.set_state(Paying.amount)
    await visit.state.set_data(
        {
            "person_id": recipient.person_id,
            "name": str(recipient.name),
            "doubtful": recipient.doubtful,
            "telegram_name": recipient.telegram_name,
            "memo": memo,
            "until": time.time() + _PATIENCE_SECONDS,
        }
    )
    await visit.flow.show(visit.t("pay-how-much", name=recipient.name))


async def begin(visit: Visit, recipient: Recipient, amount: str, code: str, memo: str) -> None:
    """Pays, or asks first: above the threshold, and whenever it is not certain whom it is for."""
    asset = await find_asset(visit, code or TICKET)
    minor = parse_amount(amount, asset.decimals)
    if recipient.doubtful or is_large(minor, asset, visit.services.settings.confirm_from):
        await _ask(visit, recipient, minor, asset, memo)
        return
    if recipient.person_id == (await visit.person()).person_id:
        raise Complaint("pay-self")
    payload = _payload(recipient, minor, asset, memo)
    outcome = await do_pay(visit, payload, visit.request_id("pay"))
    await visit.flow.show(outcome.text, outcome.markup)


async def _ask(visit: Visit, recipient: Recipient, minor: int, asset: Asset, memo: str) -> None:
    if recipient.person_id == (await visit.person()).person_id:
        raise Complaint("pay-self")
    lines = [visit.t("pay-ask", amount=await visit.money(minor, asset.code), name=recipient.name)]
    if fee := fee_of(minor, asset):
        lines.append(visit.t("pay-ask-fee", fee=await visit.money(fee, asset.code)))
    if memo:
        lines.append(visit.t("pay-ask-memo", memo=memo))
    if recipient.doubtful:
        lines.append(
            visit.t("pay-ask-differs", telegram=recipient.telegram_name)
            if recipient.telegram_name
            else visit.t("pay-ask-unknown")
        )
    lines.append(visit.t("pay-ask-final"))
    await visit.services.confirmations.ask(
        visit, "pay", _payload(recipient, minor, asset, memo), "\n".join(lines)
    )


@confirmed("pay")
async def do_pay(visit: Visit, payload: Payload, request_id: str) -> Outcome:
    """Makes the transfer, and says what became of it."""
    person = await visit.person()
    receipt = await visit.services.people.acting(person.person_id).transfer(
        source=person.account,
        destination=f"users/{payload['to']}",
        asset=payload["asset"],
        amount=payload["amount"],
        memo=payload["memo"],
        transaction_id=request_id,
    )
    amount = await visit.money(payload["amount"], payload["asset"])
    lines = [visit.t("pay-done", amount=amount, name=Html(payload["name"]))]
    if payload["memo"]:
        lines.append(visit.t("pay-ask-memo", memo=payload["memo"]))
    if visit.is_private:
        left = await visit.client.balance(
            person.account, payload["asset"], minimum_sequence=receipt.sequence
        )
        has = await visit.money(left.posted - left.held, payload["asset"])
        lines.append(visit.t("pay-left", amount=has))
    return Outcome("\n".join(lines))


def _payload(recipient: Recipient, minor: int, asset: Asset, memo: str) -> Payload:
    return {
        "to": recipient.person_id,
        "name": str(recipient.name),
        "asset": asset.code,
        "amount": minor,
        "memo": clean_memo(memo),
    }


async def find_asset(visit: Visit, code: str) -> Asset:
    """Returns an asset by its code.

    Raises:
        Complaint: There is none.
    """
    asset = await visit.services.assets.find(code)
    if asset is None:
        raise Complaint("asset-unknown", code=code)
    return asset


def fee_of(minor: int, asset: Asset) -> int:
    """Returns the fee of a transfer, as the contract of `TransferFee` has it."""
    terms = asset.transfer_fee
    if not (terms.fee_bps or terms.minimum):
        return 0
    fee = max(ceil(minor * terms.fee_bps / 10_000), terms.minimum)
    return min(fee, terms.maximum) if terms.maximum else fee


def is_large(minor: int, asset: Asset, confirm_from: float) -> bool:
    """Tells whether an amount is asked about first; tickets count in Bronze."""
    worth: int = 20 ** TIERS.index(asset.code) if asset.code in TIERS else 1
    return bool(minor * worth >= confirm_from * 10**asset.decimals)
