"""Bringing others: `/invite`, and what a newcomer's link says."""

from aiogram import Router
from aiogram.filters import Command
from aiogram.types import Message
from ticketonomics_client import RefusedError

from ticketonomics_bot.commands.opening import opens
from ticketonomics_bot.commands.start import greet
from ticketonomics_bot.errors import error_text
from ticketonomics_bot.links import IdLink, Link, bot_link
from ticketonomics_bot.visit import Visit

router = Router(name="referrals")


@router.message(Command("invite", "ref"), flags={"begins": True})
async def invite(_: Message, visit: Visit) -> None:
    """Gives a link to bring others with."""
    code = await (await visit.acting()).create_referral_code(
        request_id=visit.request_id("referral")
    )
    link = bot_link(visit.services.bot_username, IdLink("ref", code))
    await visit.flow.show(visit.t("invite-link", link=link), private=True)


@opens("ref")
async def open_referral(visit: Visit, link: Link) -> None:
    """Notes who brought a newcomer, then greets."""
    code = link.value if isinstance(link, IdLink) else ""
    acting = await visit.acting()
    try:
        await acting.redeem_referral(code, request_id=visit.request_id("referral"))
        said = visit.t("invite-noted")
    except RefusedError as error:
        said = await error_text(visit, error)
    await greet(visit, said)
