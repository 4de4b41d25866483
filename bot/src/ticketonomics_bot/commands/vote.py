"""`/vote`: what is proposed, who may vote and why, one's own vote, and how it stands."""

from aiogram import Router
from aiogram.filters import Command, CommandObject
from aiogram.filters.callback_data import CallbackData
from aiogram.types import CallbackQuery, InlineKeyboardMarkup, Message
from ticketonomics.parliament.v1.proposal_pb2 import Ballot, Proposal
from ticketonomics_client import RefusedError

from ticketonomics_bot.callbacks import Row, button, keyboard
from ticketonomics_bot.commands.opening import opens
from ticketonomics_bot.confirming import Outcome, Payload, confirmed
from ticketonomics_bot.links import IDENTIFIER, IdLink, Link
from ticketonomics_bot.proposals import (
    OPEN,
    proposal_text,
    rule_text,
    shortened,
    state_name,
    title_of,
)
from ticketonomics_bot.texts import Html
from ticketonomics_bot.visit import Complaint, Visit

router = Router(name="vote")

CHOICES = {
    "yes": Ballot.CHOICE_YES,
    "no": Ballot.CHOICE_NO,
    "abstain": Ballot.CHOICE_ABSTAIN,
}
_MOST = 8
_SIGNS = {
    Proposal.STATE_VOTING: "🗳",
    Proposal.STATE_DISCUSSION: "💬",
    Proposal.STATE_VETO_WINDOW: "⏳",
}
_LONGEST_LABEL = 40


class Proposals(CallbackData, prefix="vs"):
    """All open proposals, or those that have ended."""

    ended: bool


class Open(CallbackData, prefix="v"):
    """One proposal."""

    proposal: str


class Vote(CallbackData, prefix="vc"):
    """A vote, or another one in its place."""

    proposal: str
    choice: str


class Why(CallbackData, prefix="vw"):
    """Whether one may vote, rule by rule."""

    proposal: str


class Withdraw(CallbackData, prefix="vx"):
    """Takes one's own proposal back; asked about first."""

    proposal: str


@router.message(Command("vote", "proposals", "parliament"))
async def vote(_: Message, command: CommandObject, visit: Visit) -> None:
    """Lists the open proposals, or shows the one that is named."""
    number = (command.args or "").strip().lower()
    if IDENTIFIER.fullmatch(number):
        await _show(visit, number)
    else:
        await _list(visit, ended=False)


@router.callback_query(Proposals.filter())
async def proposals(_: CallbackQuery, callback_data: Proposals, visit: Visit) -> None:
    """Goes back to the list."""
    await _list(visit, ended=callback_data.ended)


@router.callback_query(Open.filter())
async def opened(_: CallbackQuery, callback_data: Open, visit: Visit) -> None:
    """Shows a proposal."""
    await _show(visit, callback_data.proposal)


@router.callback_query(Vote.filter(), flags={"begins": True})
async def cast(_: CallbackQuery, callback_data: Vote, visit: Visit) -> None:
    """Votes, and shows how it stands with it."""
    choice = CHOICES.get(callback_data.choice)
    if choice is None:
        raise Complaint("button-stale")
    number = callback_data.proposal
    try:
        await (await visit.acting()).cast_vote(number, choice, request_id=visit.request_id("vote"))
    except RefusedError as error:
        if error.reason_name != "NOT_ELIGIBLE":
            raise
        await _explain(visit, number)
        return
    await visit.answer(visit.t.plain(f"vote-cast-{callback_data.choice}"))
    await _show(visit, number)


@router.callback_query(Why.filter())
async def why(_: CallbackQuery, callback_data: Why, visit: Visit) -> None:
    """Explains who may vote."""
    await _explain(visit, callback_data.proposal)


@router.callback_query(Withdraw.filter(), flags={"begins": True})
async def withdraw(_: CallbackQuery, callback_data: Withdraw, visit: Visit) -> None:
    """Asks whether to take a proposal back."""
    found = await visit.client.proposal(callback_data.proposal)
    text = visit.t("proposal-ask-withdraw", title=title_of(visit.t, found))
    payload = {"proposal": found.proposal_id}
    await visit.services.confirmations.ask(visit, "withdraw", payload, text)


@confirmed("withdraw")
async def do_withdraw(visit: Visit, payload: Payload, request_id: str) -> Outcome:
    """Takes the proposal back."""
    acting = await visit.acting()
    found = await acting.withdraw_proposal(payload["proposal"], request_id=request_id)
    return Outcome(visit.t("proposal-withdrawn", title=title_of(visit.t, found)))


@opens("proposal")
async def open_proposal_link(visit: Visit, link: Link) -> None:
    """Shows the proposal of a link."""
    assert isinstance(link, IdLink)
    await _show(visit, link.value)


async def _list(visit: Visit, *, ended: bool) -> None:
    found: list[Proposal] = []
    async for one in visit.client.proposals(page_size=50):
        if (one.state in OPEN) != ended:
            found.append(one)
        if len(found) == _MOST:
            break
    # What can be voted on comes first.
    found.sort(key=lambda one: one.state != Proposal.STATE_VOTING)
    title = visit.t("vote-title-ended" if ended else "vote-title")
    nothing = visit.t("vote-nothing-ended" if ended else "vote-nothing")
    rows: list[Row] = []
    lines = [title, ""]
    for one in found:
        sign = _SIGNS.get(one.state, "📄")
        state = visit.t(f"proposal-state-{state_name(one.state)}")
        lines.append(f"{sign} <b>{title_of(visit.t, one)}</b>\n{state}")
        label = f"{sign} {shortened(one.title or '…', _LONGEST_LABEL)}"
        rows.append([button(label, Open(proposal=one.proposal_id))])
    other = "button-proposals-open" if ended else "button-proposals-ended"
    rows.append([button(visit.t.plain(other), Proposals(ended=not ended))])
    text = "\n".join(map(str, lines)) if found else f"{title}\n\n{nothing}"
    await visit.flow.show(text, keyboard(*rows), private=True)


async def _show(visit: Visit, number: str) -> None:
    found = await visit.client.proposal(number)
    text = await proposal_text(visit.t, visit.services.assets, found)
    mine = await _choice(visit, found)
    if mine:
        text = Html(f"{text}\n\n{visit.t(f'vote-mine-{mine}')}")
    await visit.flow.show(text, await _buttons(visit, found, mine), private=True)


async def _choice(visit: Visit, found: Proposal) -> str:
    """Returns how who came has voted; empty for not at all."""
    if not found.HasField("rules"):
        return ""
    person = await visit.person()
    try:
        ballot = await visit.client.ballot(found.proposal_id, person.person_id)
    except RefusedError as error:
        if error.reason_name == "BALLOT_NOT_FOUND":
            return ""
        raise
    return next((name for name, choice in CHOICES.items() if choice == ballot.choice), "")


async def _buttons(visit: Visit, found: Proposal, mine: str) -> InlineKeyboardMarkup | None:
    number = found.proposal_id
    votes: Row = []
    if found.state == Proposal.STATE_VOTING:
        for choice in CHOICES:
            said = visit.t.plain(f"button-vote-{choice}")
            label = f"✓ {said}" if choice == mine else said
            votes.append(button(label, Vote(proposal=number, choice=choice)))
    more: Row = []
    if found.state in {Proposal.STATE_VOTING, Proposal.STATE_DISCUSSION}:
        more.append(button(visit.t.plain("button-vote-why"), Why(proposal=number)))
        if found.proposer_id == (await visit.person()).person_id:
            more.append(
                button(visit.t.plain("button-withdraw-proposal"), Withdraw(proposal=number))
            )
    back = button(visit.t.plain("button-proposals"), Proposals(ended=found.state not in OPEN))
    return keyboard(votes, more, [back])


async def _explain(visit: Visit, number: str) -> None:
    answer = await (await visit.acting()).eligibility(proposal_id=number)
    lines = [
        visit.t("eligible-yes" if answer.eligible else "eligible-no"),
        "",
        *(rule_text(visit.t, rule) for rule in answer.rules),
    ]
    back = button(visit.t.plain("button-proposal"), Open(proposal=number))
    await visit.flow.show("\n".join(map(str, lines)), keyboard([back]), private=True)
