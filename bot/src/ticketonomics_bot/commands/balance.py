"""`/balance`: what somebody has, tiers first, along the ladder."""

from aiogram import Router
from aiogram.filters import Command
from aiogram.types import Message

from ticketonomics_bot.amounts import format_amount
from ticketonomics_bot.assets import TIERS
from ticketonomics_bot.callbacks import keyboard, web_app_button
from ticketonomics_bot.texts import Html
from ticketonomics_bot.visit import Visit

router = Router(name="balance")

_MOST_LINES = 40


@router.message(Command("balance", "b", "bal"))
async def balance(_: Message, visit: Visit) -> None:
    """Shows what the person has, to nobody else."""
    url = visit.services.settings.web_app_url
    button = visit.t.plain("button-web-app")
    row = [web_app_button(button, url, private=visit.is_private)] if url else []
    await visit.flow.show(await balance_text(visit), keyboard(row), private=True)


async def balance_text(visit: Visit, *, minimum_sequence: int = 0) -> Html:
    """Writes all that a person has."""
    person = await visit.person()
    found = {
        balance.asset: balance
        async for balance in visit.client.balances(
            account=person.account, minimum_sequence=minimum_sequence
        )
        if balance.posted or balance.held
    }
    if not found:
        return visit.t("balance-nothing")
    lines = []
    order = [code for code in TIERS if code in found]
    order += sorted(code for code in found if code not in TIERS)
    for code in order[:_MOST_LINES]:
        has = found[code]
        decimals = await visit.services.assets.decimals(code)
        amount = format_amount(has.posted, decimals, visit.language)
        line = f"{await visit.asset(code)}: <b>{amount}</b>"
        if has.held:
            held = format_amount(has.held, decimals, visit.language)
            line += " " + visit.t("balance-held", amount=held)
        lines.append(line)
    if len(order) > _MOST_LINES:
        lines.append(visit.t("balance-more", count=len(order) - _MOST_LINES))
    return Html("\n".join([str(visit.t("balance-title")), *lines]))
