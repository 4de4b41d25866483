"""`/history`: what came and went, newest first, in pages."""

from aiogram import Router
from aiogram.filters import Command
from aiogram.filters.callback_data import CallbackData
from aiogram.types import CallbackQuery, InlineKeyboardMarkup, Message
from ticketonomics_client import Transaction

from ticketonomics_bot.callbacks import Row, button, keyboard
from ticketonomics_bot.naming import names_of
from ticketonomics_bot.texts import Html
from ticketonomics_bot.visit import Visit

router = Router(name="history")

PAGE = 8
_LAST_PAGE = 49
_ACCOUNT = "users/"
_FEES = "system/sink"


class Turn(CallbackData, prefix="h"):
    """Another page of one's own history."""

    page: int


@router.message(Command("history", "h"))
async def history(_: Message, visit: Visit) -> None:
    """Shows the newest page, to nobody else."""
    await _show(visit, 0)


@router.callback_query(Turn.filter())
async def turn(_: CallbackQuery, callback_data: Turn, visit: Visit) -> None:
    """Turns to another page, always of the history of whoever presses."""
    await _show(visit, min(max(callback_data.page, 0), _LAST_PAGE))


async def _show(visit: Visit, page: int) -> None:
    found = await _transactions(visit, (page + 1) * PAGE + 1)
    shown = found[page * PAGE : (page + 1) * PAGE]
    if not shown:
        await visit.flow.show(visit.t("history-nothing"), private=True)
        return
    others = [other for one in shown for other in _others(one)]
    people = await names_of(await visit.acting(), others)
    own = (await visit.person()).account
    lines = [await _line(visit, one, own, people) for one in shown]
    title = visit.t("history-title", page=page + 1)
    more = len(found) > (page + 1) * PAGE and page < _LAST_PAGE
    text = "\n\n".join([str(title), *lines])
    await visit.flow.show(text, _pages(visit, page, more=more), private=True)


async def _transactions(visit: Visit, count: int) -> list[Transaction]:
    """Reads the newest ones, in the person's name: so memos are told."""
    own = (await visit.person()).account
    found: list[Transaction] = []
    listed = (await visit.acting()).transactions(account=own, page_size=min(count, 1_000))
    async for transaction in listed:
        found.append(transaction)
        if len(found) == count:
            break
    return found


def _others(transaction: Transaction) -> list[str]:
    return [
        account.removeprefix(_ACCOUNT)
        for posting in transaction.postings
        for account in (posting.source, posting.destination)
        if account.startswith(_ACCOUNT)
    ]


async def _line(visit: Visit, transaction: Transaction, own: str, people: dict[str, Html]) -> str:
    kind = Transaction.Kind.Name(transaction.kind).removeprefix("KIND_")
    when = visit.t.time(transaction.commit_time.ToDatetime())
    said = visit.t.find(f"kind-{kind.lower().replace('_', '-')}") or visit.t("kind-other")
    first = f"<b>{said}</b> · {when}"
    lines = [first]
    for posting in transaction.postings:
        if own not in {posting.source, posting.destination}:
            continue
        amount = await visit.money(posting.amount, posting.asset)
        out = posting.source == own
        if out and posting.destination == _FEES and transaction.kind == Transaction.KIND_TRANSFER:
            lines.append(visit.t("history-fee", amount=amount))
            continue
        other = posting.destination if out else posting.source
        text_id = "history-to" if out else "history-from"
        named = people.get(other.removeprefix(_ACCOUNT)) if other.startswith(_ACCOUNT) else None
        if named is not None:
            lines.append(visit.t(text_id, amount=amount, name=named))
        else:
            lines.append(visit.t("history-out" if out else "history-in", amount=amount))
    if transaction.memo:
        lines.append(visit.t("pay-ask-memo", memo=transaction.memo))
    return "\n".join(lines)


def _pages(visit: Visit, page: int, *, more: bool) -> InlineKeyboardMarkup | None:
    row: Row = []
    if page:
        row.append(button(visit.t.plain("button-newer"), Turn(page=page - 1)))
    if more:
        row.append(button(visit.t.plain("button-older"), Turn(page=page + 1)))
    return keyboard(row)
