"""`/tiers`: the ladder, what each tier is worth in tickets, and what one has of it."""

from aiogram import Router
from aiogram.filters import Command
from aiogram.types import Message

from ticketonomics_bot.amounts import format_amount
from ticketonomics_bot.assets import TICKET, TIERS
from ticketonomics_bot.callbacks import button, keyboard
from ticketonomics_bot.numbers import format_count
from ticketonomics_bot.rounds import Queues
from ticketonomics_bot.texts import Html
from ticketonomics_bot.visit import Visit

router = Router(name="tiers")

# So many of a tier are worth one of the next.
STEP = 20


@router.message(Command("tiers", "tier", "ladder"))
async def tiers(_: Message, visit: Visit) -> None:
    """Shows the ladder, to nobody else."""
    markup = keyboard([button(visit.t.plain("button-queues"), Queues())])
    await visit.flow.show(await ladder_text(visit), markup, private=True)


async def ladder_text(visit: Visit) -> Html:
    """Writes the ladder, highest tier first, and what all of it is worth together."""
    person = await visit.person()
    has = {
        balance.asset: balance.posted
        async for balance in visit.client.balances(account=person.account)
    }
    lines = [visit.t("tiers-title"), ""]
    total = 0
    for height, code in reversed(list(enumerate(TIERS))):
        worth = STEP**height
        decimals = await visit.services.assets.decimals(code)
        total += has.get(code, 0) * worth
        amount = format_amount(has.get(code, 0), decimals, visit.language)
        said = visit.t(
            "tiers-line",
            tier=await visit.asset(code),
            amount=amount,
            worth=format_count(worth, visit.language),
        )
        lines.append(
            said if height else visit.t("tiers-lowest", tier=await visit.asset(code), amount=amount)
        )
    lines += ["", visit.t("tiers-total", amount=await visit.money(total, TICKET))]
    lines.append(visit.t("tiers-step", step=STEP))
    return Html("\n".join(lines))
