"""`/request`: asks somebody to pay, and lets whoever is asked pay or decline by a button."""

from uuid import NAMESPACE_URL, uuid5

from aiogram import Router
from aiogram.exceptions import TelegramAPIError
from aiogram.filters import Command
from aiogram.filters.callback_data import CallbackData
from aiogram.types import CallbackQuery, InlineKeyboardMarkup, Message
from ticketonomics.payments.v1.payment_request_pb2 import PaymentRequest
from ticketonomics_client import RefusedError

from ticketonomics_bot.amounts import parse_amount
from ticketonomics_bot.assets import TICKET
from ticketonomics_bot.callbacks import Row, button, keyboard
from ticketonomics_bot.commands.opening import opens
from ticketonomics_bot.commands.pay import find_asset, wish_of
from ticketonomics_bot.commands.saying import Said
from ticketonomics_bot.links import IdLink, Link, bot_link
from ticketonomics_bot.money import money
from ticketonomics_bot.naming import names_of
from ticketonomics_bot.recipients import Recipient, find_recipient
from ticketonomics_bot.texts import Html
from ticketonomics_bot.visit import Complaint, Visit

router = Router(name="request")

_SHOWN = 5
_ACCOUNT = "users/"


class Respond(CallbackData, prefix="rq"):
    """Yes, no, or taken back, to a request to pay."""

    verb: str
    request: str


@router.message(Command("request", "ask"), flags={"begins": True})
async def request(message: Message, visit: Visit) -> None:
    """Asks for what the words say; without words, lists what is open."""
    wish = await wish_of(message, visit)
    if not wish.names_somebody and not wish.amount and message.reply_to_message is None:
        await _list(visit)
        return
    await _request(message, visit)


@router.message(Said("request"), flags={"begins": True})
async def request_in_words(message: Message, visit: Visit) -> None:
    """Asks for what was said without a command."""
    await _request(message, visit)


@router.callback_query(Respond.filter())
async def respond(_: CallbackQuery, callback_data: Respond, visit: Visit) -> None:
    """Pays, declines or takes back, as the person who presses; the server says who may."""
    if await visit.services.maintenance.is_on():
        raise Complaint("maintenance")
    acting = await visit.acting()
    number, verb = callback_data.request, callback_data.verb
    # The same for whoever presses how often: it is accepted once.
    once = str(uuid5(NAMESPACE_URL, f"ticketonomics:bot/{verb}/{number}"))
    call = {
        "pay": acting.accept_payment_request,
        "no": acting.decline_payment_request,
        "back": acting.cancel_payment_request,
    }.get(verb)
    if call is None:
        raise Complaint("button-stale")
    try:
        found = await call(number, request_id=once)
    except RefusedError as error:
        if error.reason_name in {"NOT_ACCOUNT_OWNER", "REQUEST_ID_REUSED"}:
            raise Complaint("not-yours") from error
        if error.reason_name == "PAYMENT_REQUEST_CLOSED":
            raise Complaint("request-closed") from error
        raise
    await visit.flow.show(await _text(visit, found))
    if verb != "back":
        await _tell_payee(visit, found)


@opens("request")
async def open_request_link(visit: Visit, link: Link) -> None:
    """Shows a request to pay to whom it asks."""
    number = link.value if isinstance(link, IdLink) else ""
    try:
        found = await (await visit.acting()).payment_request(number)
    except RefusedError as error:
        if error.reason_name in {"NOT_ACCOUNT_OWNER", "PAYMENT_REQUEST_NOT_FOUND"}:
            raise Complaint("request-not-yours") from error
        raise
    await visit.flow.show(await _text(visit, found), await _buttons(visit, found))


async def _request(message: Message, visit: Visit) -> None:
    wish = await wish_of(message, visit)
    recipient = await find_recipient(visit, message, wish)
    if recipient is None or not wish.amount:
        raise Complaint("request-usage")
    asset = await find_asset(visit, wish.asset or TICKET)
    minor = parse_amount(wish.amount, asset.decimals)
    person = await visit.person()
    if recipient.person_id == person.person_id:
        raise Complaint("request-self")
    made = await (await visit.acting()).request_payment(
        payee=person.account,
        payer=recipient.account,
        asset=asset.code,
        amount=minor,
        memo=wish.memo,
        request_id=visit.request_id("request"),
    )
    told = await _tell_payer(visit, recipient, made)
    amount = await visit.money(minor, asset.code)
    lines = [visit.t("request-made", amount=amount, name=recipient.name)]
    if wish.memo:
        lines.append(visit.t("pay-ask-memo", memo=wish.memo))
    if not told:
        link = bot_link(visit.services.bot_username, IdLink("request", made.payment_request_id))
        lines.append(visit.t("request-send-link", link=link))
    back = Respond(verb="back", request=made.payment_request_id)
    await visit.flow.show(
        "\n".join(lines), keyboard([button(visit.t.plain("button-take-back"), back)])
    )


async def _tell_payer(visit: Visit, recipient: Recipient, made: PaymentRequest) -> bool:
    """Sends the request to whom it asks; False where the bot may not write there."""
    told = False
    for chat_id in await visit.services.people.telegram_ids(recipient.person_id):
        other = await visit.services.people.voice(recipient.person_id, chat_id)
        amount = await money(other, visit.services.assets, made.amount, made.asset)
        who = await _own_name(visit)
        lines = [other("request-got", name=who, amount=amount)]
        if made.memo:
            lines.append(other("pay-ask-memo", memo=made.memo))
        number = made.payment_request_id
        pay = other.plain("button-pay-amount", amount=str(amount))
        markup = keyboard(
            [button(pay, Respond(verb="pay", request=number))],
            [button(other.plain("button-decline"), Respond(verb="no", request=number))],
        )
        try:
            await visit.bot.send_message(chat_id, "\n".join(lines), reply_markup=markup)
            told = True
        except TelegramAPIError:
            continue
    return told


async def _tell_payee(visit: Visit, found: PaymentRequest) -> None:
    payee = found.payee.removeprefix(_ACCOUNT)
    if not found.payee.startswith(_ACCOUNT):
        return
    accepted = found.state == PaymentRequest.STATE_ACCEPTED
    for chat_id in await visit.services.people.telegram_ids(payee):
        other = await visit.services.people.voice(payee, chat_id)
        text = other(
            "request-was-paid" if accepted else "request-was-declined",
            name=await _own_name(visit),
            amount=await money(other, visit.services.assets, found.amount, found.asset),
        )
        try:
            await visit.bot.send_message(chat_id, text)
        except TelegramAPIError:
            continue


async def _own_name(visit: Visit) -> Html:
    """Returns how the other side knows who came: by handle, else by the name in Telegram."""
    person = await visit.person()
    if person.handle:
        return Html(f"@{person.handle}")
    return visit.t("verbatim", text=visit.user.full_name[:64])


async def _list(visit: Visit) -> None:
    acting = await visit.acting()
    opened = PaymentRequest.STATE_OPEN
    rows: list[Row] = []
    lines: list[str] = []
    for outgoing in (False, True):
        listed = acting.payment_requests(outgoing=outgoing, state=opened, page_size=_SHOWN)
        count = 0
        async for found in listed:
            lines.append(await _text(visit, found))
            rows.extend(_rows(visit, found, await visit.money(found.amount, found.asset), outgoing))
            count += 1
            if count == _SHOWN:
                break
    if not lines:
        raise Complaint("request-usage")
    await visit.flow.show("\n\n".join(lines), keyboard(*rows), private=True)


async def _buttons(visit: Visit, found: PaymentRequest) -> InlineKeyboardMarkup | None:
    if found.state != PaymentRequest.STATE_OPEN:
        return None
    outgoing = found.payee == (await visit.person()).account
    return keyboard(*_rows(visit, found, await visit.money(found.amount, found.asset), outgoing))


def _rows(visit: Visit, found: PaymentRequest, amount: Html, outgoing: bool) -> list[Row]:
    number = found.payment_request_id
    if outgoing:
        back = Respond(verb="back", request=number)
        return [[button(f"{visit.t.plain('button-take-back')}: {amount}", back)]]
    pay = visit.t.plain("button-pay-amount", amount=str(amount))
    return [
        [
            button(pay, Respond(verb="pay", request=number)),
            button(visit.t.plain("button-decline"), Respond(verb="no", request=number)),
        ]
    ]


async def _text(visit: Visit, found: PaymentRequest) -> str:
    """Writes a request as the person sees it who came: asked, or asking."""
    own = (await visit.person()).account
    outgoing = found.payee == own
    other = found.payer if outgoing else found.payee
    person_id = other.removeprefix(_ACCOUNT)
    called = await names_of(await visit.acting(), [person_id]) if other.startswith(_ACCOUNT) else {}
    lines = [
        visit.t(
            "request-outgoing" if outgoing else "request-incoming",
            name=called.get(person_id) or visit.t("verbatim", text=other),
            amount=await visit.money(found.amount, found.asset),
        )
    ]
    if found.memo:
        lines.append(visit.t("pay-ask-memo", memo=found.memo))
    state = PaymentRequest.State.Name(found.state).removeprefix("STATE_").lower()
    lines.append(visit.t(f"request-state-{state}"))
    return "\n".join(lines)
