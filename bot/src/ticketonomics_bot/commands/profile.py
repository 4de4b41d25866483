"""`/profile`, `/achievements` and `/top`: what people have done, and who has done most."""

from aiogram import Router
from aiogram.filters import Command
from aiogram.filters.callback_data import CallbackData
from aiogram.types import CallbackQuery, InlineKeyboardMarkup, Message
from ticketonomics.progression.v1.progress_pb2 import Achievement, Progress
from ticketonomics.progression.v1.progression_service_pb2 import Board

from ticketonomics_bot.assets import TICKET, TIERS
from ticketonomics_bot.callbacks import Row, button, keyboard
from ticketonomics_bot.naming import names_of, shown_name, unnamed
from ticketonomics_bot.numbers import bar, format_count, format_price
from ticketonomics_bot.texts import Html, Texts
from ticketonomics_bot.visit import Complaint, Visit

router = Router(name="profile")

BOARDS = {
    "experience": Board.BOARD_EXPERIENCE,
    "wealth": Board.BOARD_WEALTH,
    "contribution": Board.BOARD_CONTRIBUTION,
    "reputation": Board.BOARD_REPUTATION,
}
# Who has won most tickets of the highest tier: a board of the queues.
_WINNERS = "winners"
_PLACES = 10
_MEDALS = {1: "🥇", 2: "🥈", 3: "🥉"}


class Profile(CallbackData, prefix="pr"):
    """A page of one's own profile: `profile` or `achievements`."""

    page: str


class Top(CallbackData, prefix="t"):
    """A leaderboard."""

    board: str


@router.message(Command("profile", "me", "level"))
async def profile(_: Message, visit: Visit) -> None:
    """Shows what one has done."""
    await _show_profile(visit)


@router.message(Command("achievements", "ach"))
async def achievements(_: Message, visit: Visit) -> None:
    """Shows what there is to achieve, and what one has."""
    await _show_achievements(visit)


@router.callback_query(Profile.filter())
async def turn(_: CallbackQuery, callback_data: Profile, visit: Visit) -> None:
    """Turns to the other page, always of whoever presses."""
    if callback_data.page == "achievements":
        await _show_achievements(visit)
    else:
        await _show_profile(visit)


@router.message(Command("top", "leaderboard"))
async def top(_: Message, visit: Visit) -> None:
    """Shows who is first by experience; buttons lead to the other boards."""
    await _show_top(visit, "experience")


@router.callback_query(Top.filter())
async def top_board(_: CallbackQuery, callback_data: Top, visit: Visit) -> None:
    """Shows another board."""
    if callback_data.board not in {*BOARDS, _WINNERS}:
        raise Complaint("button-stale")
    await _show_top(visit, callback_data.board)


async def _show_profile(visit: Visit) -> None:
    person = await visit.person()
    found = await visit.client.progress(person.person_id)
    total = len([one async for one in visit.client.achievements()])
    lines = profile_lines(visit.t, found, total)
    title = visit.t("profile-title", name=shown_name(person))
    text = "\n".join([str(title), *map(str, lines)])
    markup = keyboard(
        [
            button(visit.t.plain("button-achievements"), Profile(page="achievements")),
            button(visit.t.plain("button-top"), Top(board="experience")),
        ]
    )
    await visit.flow.show(text, markup, private=True)


def profile_lines(t: Texts, found: Progress, total: int) -> list[Html]:
    """Writes level, streak, reputation and achievements."""
    span = max(_span(found), 1)
    gained = span - found.experience_to_next_level
    trust = found.reputation
    return [
        t(
            "profile-level",
            level=found.level,
            bar=bar(gained, span),
            left=format_count(found.experience_to_next_level, t.language),
            experience=format_count(found.experience, t.language),
        ),
        t("profile-streak", days=found.streak_days, longest=found.longest_streak_days),
        t("profile-reputation", score=format_count(trust.score, t.language)),
        t(
            "profile-reputation-parts",
            tenure=trust.tenure,
            trades=trust.trades,
            votes=trust.votes,
            help=trust.help,
        ),
        t("profile-month", experience=format_count(found.month_experience, t.language)),
        t("profile-achievements", count=len(found.achievements), total=total),
    ]


def _span(found: Progress) -> int:
    """Returns the experience between this level and the next, by what is known of this one.

    Level n takes `step × n × (n − 1) / 2`, so the total that the next one takes tells the step.
    """
    next_total = found.experience + found.experience_to_next_level
    level = found.level
    step = next_total * 2 / ((level + 1) * level)
    return round(step * level)


async def _show_achievements(visit: Visit) -> None:
    person = await visit.person()
    earned = {
        one.achievement_id for one in (await visit.client.progress(person.person_id)).achievements
    }
    lines = []
    count = 0
    async for one in visit.client.achievements():
        count += 1
        mark = "✅" if one.achievement_id in earned else "▫️"
        lines.append(f"{mark} {achievement_text(visit.t, one)}")
    title = visit.t("achievements-title", count=len(earned), total=count)
    back = button(visit.t.plain("button-profile"), Profile(page="profile"))
    await visit.flow.show("\n".join([str(title), "", *lines]), keyboard([back]), private=True)


def achievement_text(t: Texts, one: Achievement) -> Html:
    """Writes an achievement; one that is newer than these texts as the server has it."""
    text_id = "achievement-" + one.achievement_id.replace("_", "-")
    known = t.find(text_id)
    return known or t("achievement-other", name=one.name, description=one.description)


async def _show_top(visit: Visit, board: str) -> None:
    lines = [visit.t(f"top-title-{board}"), ""]
    rows = await (_winners(visit) if board == _WINNERS else _standings(visit, board))
    lines += rows or [visit.t("top-nobody")]
    await visit.flow.show("\n".join(map(str, lines)), _top_buttons(visit, board))


async def _standings(visit: Visit, board: str) -> list[str]:
    found = []
    async for one in visit.client.leaderboard(BOARDS[board], page_size=_PLACES):
        found.append(one)
        if len(found) == _PLACES:
            break
    called = await names_of(visit.client, [one.person_id for one in found])
    rows = []
    for one in found:
        value: str = format_price(one.value, visit.language)
        if board == "wealth":
            value = f"{value} {await visit.asset(TICKET)}"
        elif board == "experience":
            value = visit.t("top-level", level=one.level, experience=value)
        name = called.get(one.person_id) or unnamed(one.person_id)
        rows.append(f"{_rank(one.rank)} {name} – {value}")
    return rows


async def _winners(visit: Visit) -> list[str]:
    found = []
    async for one in visit.client.top_players(page_size=_PLACES):
        found.append(one)
        if len(found) == _PLACES:
            break
    called = await names_of(visit.client, [one.person_id for one in found])
    return [
        f"{_rank(rank)} {called.get(one.person_id) or unnamed(one.person_id)} – "
        f"{await visit.money(one.won, TIERS[-1])}"
        for rank, one in enumerate(found, 1)
    ]


def _rank(rank: int) -> str:
    return _MEDALS.get(rank, f"{rank}.")


def _top_buttons(visit: Visit, board: str) -> InlineKeyboardMarkup | None:
    rows: list[Row] = [[]]
    for one in (*BOARDS, _WINNERS):
        if len(rows[-1]) == 3:
            rows.append([])
        said = visit.t.plain(f"button-top-{one}")
        rows[-1].append(button(f"· {said} ·" if one == board else said, Top(board=one)))
    return keyboard(*rows)
