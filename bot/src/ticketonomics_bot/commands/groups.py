"""Groups: a greeting when the bot comes, and rewards for taking part in the talk.

Only people who have met the bot are rewarded: nobody gets an account without knowing. The text of
a message goes nowhere: the SDK hashes it.
"""

from aiogram import F, Router
from aiogram.enums import ChatMemberStatus, ChatType
from aiogram.types import ChatMemberUpdated, Message
from ticketonomics.rewards.v1.rewards_service_pb2 import ReportActivityResponse

from ticketonomics_bot.visit import Visit

router = Router(name="groups")

_GROUPS = {ChatType.GROUP, ChatType.SUPERGROUP}
# The server decides what counts; these only spare it messages that cannot.
_SHORTEST = 3
_PAUSE_SECONDS = {
    ReportActivityResponse.NOT_COUNTED_UNSPECIFIED: 5.0,
    ReportActivityResponse.NOT_COUNTED_TOO_SOON: 5.0,
    ReportActivityResponse.NOT_COUNTED_LIMIT: 600.0,
}


@router.my_chat_member(F.chat.type.in_(_GROUPS), flags={"silent": True})
async def came(event: ChatMemberUpdated, visit: Visit) -> None:
    """Greets a group that the bot was added to, once."""
    outside = {ChatMemberStatus.LEFT, ChatMemberStatus.KICKED}
    was_out = event.old_chat_member.status in outside
    if was_out and event.new_chat_member.status not in outside:
        await visit.bot.send_message(event.chat.id, visit.t("group-hello"))


@router.message(
    F.chat.type.in_(_GROUPS),
    F.text,
    ~F.text.startswith("/"),
    ~F.forward_origin,
    ~F.via_bot,
    flags={"silent": True, "begins": True},
)
async def talk(message: Message, visit: Visit) -> None:
    """Reports a message, quietly: nobody is told what it has earned."""
    text = message.text or ""
    if len(text) < _SHORTEST or message.sender_chat is not None:
        return
    pause = f"talk:{visit.user.id}"
    if await visit.services.store.get(pause) is not None:
        return
    person = await visit.services.people.known(visit.user)
    if person is None:
        return
    answer = await visit.client.report_activity(
        person.person_id,
        channel=f"telegram:{message.chat.id}",
        message=text,
        request_id=visit.request_id("talk"),
    )
    if seconds := _PAUSE_SECONDS.get(answer.not_counted):
        await visit.services.store.put(pause, "1", seconds=seconds)
