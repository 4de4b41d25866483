"""`/link`: a code to type elsewhere, or one from elsewhere: both make two identities one person."""

from aiogram import Router
from aiogram.filters import Command, CommandObject
from aiogram.types import Message
from ticketonomics_client import RefusedError, new_id

from ticketonomics_bot.commands.opening import opens
from ticketonomics_bot.confirming import Outcome, Payload, confirmed
from ticketonomics_bot.links import IdLink, Link, bot_link
from ticketonomics_bot.people import PROVIDER
from ticketonomics_bot.visit import Complaint, Visit

router = Router(name="linking")


@router.message(Command("link"), flags={"begins": True})
async def link(_: Message, command: CommandObject, visit: Visit) -> None:
    """Makes a code, or takes one; in private, for whoever reads a code may use it."""
    code = "".join((command.args or "").split()).replace("-", "")
    if code:
        await _ask(visit, code)
        return
    await _make(visit)


@opens("link")
async def open_link_code(visit: Visit, opened: Link) -> None:
    """Asks about a code in a link: somebody else may have sent it."""
    if await visit.services.maintenance.is_on():
        raise Complaint("maintenance")
    await _ask(visit, opened.value if isinstance(opened, IdLink) else "")


async def _make(visit: Visit) -> None:
    acting, person = await visit.acting(), await visit.person()
    made = await acting.create_link_code(person.person_id, request_id=visit.request_id("link"))
    if not made.code:
        # An earlier try had the code, and its answer was lost on the way.
        made = await acting.create_link_code(person.person_id, request_id=new_id())
    bare = made.code.replace("-", "")
    address = bot_link(visit.services.bot_username, IdLink("link", bare))
    await visit.flow.show(
        visit.t(
            "link-code",
            code=made.code,
            until=visit.t.time(made.expire_time.ToDatetime()),
            link=address,
        ),
        private=True,
    )


async def _ask(visit: Visit, code: str) -> None:
    merges = await visit.services.people.known(visit.user) is not None
    await visit.services.confirmations.ask(
        visit,
        "link",
        {"code": code, "merge": merges},
        visit.t("link-ask-merge" if merges else "link-ask"),
        private=True,
    )


@confirmed("link")
async def do_link(visit: Visit, payload: Payload, request_id: str) -> Outcome:
    """Links this Telegram identity to the person of the code."""
    subject = str(visit.user.id)
    people = visit.services.people
    caller = await visit.acting() if payload["merge"] else visit.client
    try:
        person = await caller.redeem_link_code(
            payload["code"],
            provider=PROVIDER,
            subject=subject,
            merge=payload["merge"],
            request_id=request_id,
        )
    except RefusedError as error:
        if error.reason_name not in {"PERSON_MERGED", "PERSON_NOT_FOUND"}:
            raise
        # It was done before: who came is the other person already.
        people.forget(visit.user.id)
        person = await people.of(visit.user)
    people.forget(visit.user.id)
    return Outcome(visit.t("link-done", person=person.person_id[:6]))
