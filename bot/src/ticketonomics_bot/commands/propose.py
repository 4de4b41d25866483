"""`/propose`: a proposal step by step: what it does, title, text, deposit, then yes or no."""

from typing import Any

from aiogram import F, Router
from aiogram.enums import ChatType
from aiogram.filters import Command, StateFilter
from aiogram.filters.callback_data import CallbackData
from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import CallbackQuery, Message
from ticketonomics.parameters.v1.parameter_pb2 import Parameter
from ticketonomics.parliament.v1.proposal_pb2 import (
    PolicyBurn,
    PolicyMint,
    Proposal,
    ProposedSetting,
)
from ticketonomics_client.parameters import to_message

from ticketonomics_bot.amounts import parse_amount
from ticketonomics_bot.assets import TICKET
from ticketonomics_bot.callbacks import Row, button, keyboard
from ticketonomics_bot.commands.vote import Open
from ticketonomics_bot.confirming import Outcome, Payload, confirmed
from ticketonomics_bot.parameters import bounds_text, parse_value, value_text
from ticketonomics_bot.proposals import TREASURY, action_text, proposal_text, rule_text
from ticketonomics_bot.texts import Html
from ticketonomics_bot.visit import Complaint, Visit

router = Router(name="propose")

MAX_TITLE, MAX_BODY = 120, 4_000
_KINDS = ("text", "parameter", "mint", "burn")
_PAGE = 8
_DEPOSIT = "parliament.deposit"


class Proposing(StatesGroup):
    """What a proposal still waits for."""

    setting = State()
    amount = State()
    title = State()
    body = State()


class Kind(CallbackData, prefix="ok"):
    """What a new proposal does."""

    kind: str


class Pick(CallbackData, prefix="op"):
    """The parameter that a new proposal is about."""

    name: str


class Page(CallbackData, prefix="og"):
    """More parameters."""

    page: int


class Whose(CallbackData, prefix="oa"):
    """Whose account a mint or a burn is about: `treasury` or `mine`."""

    account: str


class NoBody(CallbackData, prefix="ob"):
    """A title is enough."""


@router.message(Command("propose"), F.chat.type != ChatType.PRIVATE)
async def propose_in_group(_: Message) -> None:
    """Nothing: what is typed on and on would be noise in a group."""
    raise Complaint("propose-private")


@router.message(Command("propose"), flags={"begins": True})
async def propose(_: Message, visit: Visit, state: FSMContext) -> None:
    """Asks what the proposal shall do; who may not propose is told why."""
    await state.clear()
    answer = await (await visit.acting()).eligibility()
    if not answer.eligible:
        lines = [visit.t("propose-not-eligible"), ""]
        lines += [rule_text(visit.t, rule) for rule in answer.rules]
        await visit.flow.show("\n".join(map(str, lines)))
        return
    rows: list[Row] = [
        [button(visit.t.plain(f"propose-kind-{one}"), Kind(kind=one))] for one in _KINDS
    ]
    await visit.flow.show(visit.t("propose-what"), keyboard(*rows))


@router.callback_query(Kind.filter(), flags={"begins": True})
async def kind(_: CallbackQuery, callback_data: Kind, visit: Visit, state: FSMContext) -> None:
    """Goes on with what that kind of proposal needs."""
    if callback_data.kind not in _KINDS:
        raise Complaint("button-stale")
    await state.set_data({"kind": callback_data.kind})
    if callback_data.kind == "text":
        await _ask_title(visit, state)
    elif callback_data.kind == "parameter":
        await _list_parameters(visit, 0)
    else:
        rows: list[Row] = [
            [button(visit.t.plain(f"propose-account-{one}"), Whose(account=one))]
            for one in ("treasury", "mine")
        ]
        await visit.flow.show(visit.t(f"propose-whose-{callback_data.kind}"), keyboard(*rows))


@router.callback_query(Page.filter())
async def page(_: CallbackQuery, callback_data: Page, visit: Visit) -> None:
    """Turns to more parameters."""
    await _list_parameters(visit, max(callback_data.page, 0))


@router.callback_query(Pick.filter(), flags={"begins": True})
async def pick(_: CallbackQuery, callback_data: Pick, visit: Visit, state: FSMContext) -> None:
    """Asks for the parameter's new value."""
    found = await visit.client.parameter(callback_data.name)
    await state.set_data({"kind": "parameter", "name": found.name})
    await state.set_state(Proposing.setting)
    lines = [
        f"<b>{found.name}</b>",
        visit.t("verbatim-note", text=found.description),
        visit.t("propose-value-now", value=value_text(found.value)),
        bounds_text(visit.t, found),
        "",
        visit.t("propose-value"),
    ]
    await visit.flow.show("\n".join(map(str, lines)))


@router.callback_query(Whose.filter(), flags={"begins": True})
async def whose(_: CallbackQuery, callback_data: Whose, visit: Visit, state: FSMContext) -> None:
    """Asks how much is made or destroyed."""
    data = await state.get_data()
    if data.get("kind") not in {"mint", "burn"}:
        raise Complaint("button-stale")
    account = TREASURY if callback_data.account == "treasury" else (await visit.person()).account
    await state.update_data(account=account)
    await state.set_state(Proposing.amount)
    await visit.flow.show(visit.t("propose-amount"))


@router.message(StateFilter(Proposing.setting), F.text, ~F.text.startswith("/"))
async def setting(message: Message, visit: Visit, state: FSMContext) -> None:
    """Takes the value that was typed."""
    data = await state.get_data()
    found = await visit.client.parameter(data["name"])
    value = parse_value(found, message.text or "")
    await state.update_data(value=value)
    await _ask_title(visit, state)


@router.message(StateFilter(Proposing.amount), F.text, ~F.text.startswith("/"))
async def amount(message: Message, visit: Visit, state: FSMContext) -> None:
    """Takes the amount that was typed."""
    decimals = await visit.services.assets.decimals(TICKET)
    await state.update_data(amount=parse_amount(message.text or "", decimals))
    await _ask_title(visit, state)


@router.message(StateFilter(Proposing.title), F.text, ~F.text.startswith("/"))
async def title(message: Message, visit: Visit, state: FSMContext) -> None:
    """Takes the title that was typed."""
    text = " ".join((message.text or "").split())
    if not 1 <= len(text) <= MAX_TITLE:
        raise Complaint("propose-title-long", most=MAX_TITLE)
    await state.update_data(title=text)
    await state.set_state(Proposing.body)
    skip = button(visit.t.plain("button-no-body"), NoBody())
    await visit.flow.show(visit.t("propose-body"), keyboard([skip]))


@router.message(StateFilter(Proposing.body), F.text, ~F.text.startswith("/"))
async def body(message: Message, visit: Visit, state: FSMContext) -> None:
    """Takes the text that was typed."""
    text = (message.text or "").strip()
    if len(text) > MAX_BODY:
        raise Complaint("propose-body-long", most=MAX_BODY)
    await _ask(visit, state, text)


@router.callback_query(NoBody.filter(), StateFilter(Proposing.body))
async def no_body(_: CallbackQuery, visit: Visit, state: FSMContext) -> None:
    """Goes on without a text."""
    await _ask(visit, state, "")


@confirmed("propose")
async def do_propose(visit: Visit, payload: Payload, request_id: str) -> Outcome:
    """Proposes, and gives the deposit."""
    made = await (await visit.acting()).create_proposal(
        payload["title"],
        body=payload["body"],
        setting=(payload["name"], payload["value"]) if payload["kind"] == "parameter" else None,
        mint=PolicyMint(**_policy(payload)) if payload["kind"] == "mint" else None,
        burn=PolicyBurn(**_policy(payload)) if payload["kind"] == "burn" else None,
        request_id=request_id,
    )
    text = await proposal_text(visit.t, visit.services.assets, made)
    markup = keyboard([button(visit.t.plain("button-proposal"), Open(proposal=made.proposal_id))])
    return Outcome(f"{visit.t('propose-done')}\n\n{text}", markup)


async def _ask_title(visit: Visit, state: FSMContext) -> None:
    await state.set_state(Proposing.title)
    await visit.flow.show(visit.t("propose-title", most=MAX_TITLE))


async def _list_parameters(visit: Visit, number: int) -> None:
    found = [
        one.name
        async for one in visit.client.parameters(page_size=1_000)
        if one.owner == Parameter.OWNER_PARLIAMENT
    ]
    shown = found[number * _PAGE : (number + 1) * _PAGE]
    rows: list[Row] = [[button(name, Pick(name=name))] for name in shown]
    turn: Row = []
    if number:
        turn.append(button("«", Page(page=number - 1)))
    if len(found) > (number + 1) * _PAGE:
        turn.append(button("»", Page(page=number + 1)))
    await visit.flow.show(visit.t("propose-parameter"), keyboard(*rows, turn))


async def _ask(visit: Visit, state: FSMContext, text: str) -> None:
    data: dict[str, Any] = {**await state.get_data(), "body": text}
    deposit = (await visit.client.parameter(_DEPOSIT)).value.integer
    draft = _draft(data)
    lines = [
        visit.t("propose-ask"),
        "",
        visit.t("propose-ask-title", title=data["title"]),
        *([visit.t("verbatim-note", text=text[:1_000])] if text else []),
        await action_text(visit.t, visit.services.assets, draft),
        "",
        visit.t("propose-deposit", deposit=await visit.money(deposit, TICKET)),
    ]
    if data["kind"] == "burn" and data["account"] != TREASURY:
        kept = await visit.money(data["amount"], TICKET)
        lines.append(visit.t("propose-escrow", amount=kept))
    question = Html("\n".join(map(str, lines)))
    await visit.services.confirmations.ask(visit, "propose", data, question)
    await state.clear()


def _draft(data: dict[str, Any]) -> Proposal:
    """Returns what the proposal will look like."""
    draft = Proposal(title=data["title"], body=data["body"])
    if data["kind"] == "parameter":
        value = to_message(data["value"])
        draft.parameter_change.CopyFrom(ProposedSetting(name=data["name"], value=value))
    elif data["kind"] == "mint":
        draft.policy_mint.CopyFrom(PolicyMint(**_policy(data)))
    elif data["kind"] == "burn":
        draft.policy_burn.CopyFrom(PolicyBurn(**_policy(data)))
    return draft


def _policy(data: Payload) -> dict[str, Any]:
    return {"account": data["account"], "amount": data["amount"]}
