"""Commands about what people decide together."""

from contextlib import aclosing
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from ticketonomics_client.cli.arguments import Limit, Reason, RequestId
from ticketonomics_client.cli.output import Output, first, label, moment
from ticketonomics_client.cli.parameters import show_value
from ticketonomics_client.cli.proposing import (
    ASSET,
    propose_burn,
    propose_event,
    propose_mint,
    propose_setting,
    propose_text,
)
from ticketonomics_client.cli.session import change, run
from ticketonomics_client.cli.units import Units

if TYPE_CHECKING:
    from ticketonomics.parliament.v1.proposal_pb2 import Proposal

    from ticketonomics_client.client import Principal

ProposalId = Annotated[str, typer.Argument(help="Id of the proposal.")]


class Choice(StrEnum):
    """What somebody votes for."""

    YES = "yes"
    NO = "no"
    ABSTAIN = "abstain"


class State(StrEnum):
    """What becomes of a proposal."""

    DISCUSSION = "discussion"
    VOTING = "voting"
    VETO_WINDOW = "veto_window"
    EXECUTED = "executed"
    REJECTED = "rejected"
    VETOED = "vetoed"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    FAILED = "failed"


class Type(StrEnum):
    """What a proposal does."""

    TEXT = "text"
    PARAMETER_CHANGE = "parameter_change"
    POLICY_MINT = "policy_mint"
    POLICY_BURN = "policy_burn"
    EVENT = "event"


def register(app: typer.Typer) -> None:
    """Adds the commands."""
    group = typer.Typer(invoke_without_command=True)
    group.callback()(proposals)
    group.command("show")(show_proposal)
    group.command("text")(propose_text)
    group.command("set")(propose_setting)
    group.command("mint")(propose_mint)
    group.command("burn")(propose_burn)
    group.command("event")(propose_event)
    group.command("withdraw")(withdraw_proposal)
    group.command("veto")(veto_proposal)
    group.command("ballots")(list_ballots)
    group.command("watch")(watch_proposals)
    app.add_typer(group, name="proposals")
    app.command()(vote)
    app.command()(eligibility)


# --- reading --------------------------------------------------------------------------------------


def proposals(
    context: typer.Context,
    state: Annotated[State | None, typer.Option(help="Only those in this state.")] = None,
    type: Annotated[Type | None, typer.Option(help="Only those of this type.")] = None,  # noqa: A002 - the option's name.
    proposer: Annotated[str, typer.Option(help="Only this person's.")] = "",
    limit: Limit = 20,
) -> None:
    """List proposals, newest first; make one with `text`, `set`, `mint`, `burn` or `event`."""
    if context.invoked_subcommand is not None:
        return

    async def work(client: "Principal", output: Output) -> None:
        from ticketonomics.parliament.v1.proposal_pb2 import Proposal

        listed = client.proposals(
            state=cast(Any, _number(Proposal.State, "STATE", state)),
            type=cast(Any, _number(Proposal.Type, "TYPE", type)),
            proposer_id=proposer,
            page_size=min(limit, 1000),
        )
        found = await first(limit, listed)
        if output.json:
            output.document(found)
            return
        rows = [
            (
                item.proposal_id,
                label(item, "type"),
                label(item, "state"),
                *map(str, _tally(item)),
                _next(item),
                item.title,
            )
            for item in found
        ]
        output.table(("Id", "Type", "State", ">Yes", ">No", ">Abstain", "Next", "Title"), rows)

    run(context, work)


def show_proposal(context: typer.Context, proposal_id: ProposalId) -> None:
    """Show one proposal: what it does, its times, and its votes."""

    async def work(client: "Principal", output: Output) -> None:
        item = await client.proposal(proposal_id)
        if output.json:
            output.document(item)
            return
        yes, no, abstain = _tally(item)
        facts = [
            ("Title", item.title or "(erased)"),
            ("Proposed by", item.proposer_id),
            ("Does", await _action(item, Units(client))),
            ("State", label(item, "state")),
            ("Voting opens", moment(item.open_time) or moment(item.voting_time)),
            ("Voting closes", moment(item.close_time)),
            ("Executed", moment(item.execute_time)),
            ("Ended", moment(item.end_time)),
            ("Votes", f"{yes} yes, {no} no, {abstain} abstain"),
        ]
        if item.HasField("open_time"):
            rules = item.rules
            facts.append(("Needs", f"{rules.quorum_count} votes of {rules.electorate} people"))
        facts += [
            ("Vetoed because", item.veto_reason),
            ("Failed because", item.failure_reason),
            ("Deposit", "burned" if item.deposit_burned else ""),
        ]
        output.facts([(name, value) for name, value in facts if value])
        if item.body:
            output.say("")
            for line in item.body.splitlines():
                output.say(line)

    run(context, work)


def list_ballots(context: typer.Context, proposal_id: ProposalId, limit: Limit = 100) -> None:
    """List who has voted for what, by when each vote was cast or changed."""

    async def work(client: "Principal", output: Output) -> None:
        listed = client.ballots(proposal_id, page_size=min(limit, 1000))
        found = await first(limit, listed)
        if output.json:
            output.document(found)
            return
        rows = [
            (f"{item.sequence:,}", moment(item.cast_time), item.person_id, label(item, "choice"))
            for item in found
        ]
        output.table((">Entry", "Time", "Person", "Vote"), rows)

    run(context, work)


def watch_proposals(
    context: typer.Context,
    after: Annotated[
        int | None, typer.Option(min=0, help="What changed after this entry; else what is open.")
    ] = None,
) -> None:
    """Print proposals as they change, until Ctrl-C. Reconnects by itself."""

    async def work(client: "Principal", output: Output) -> None:
        # A watch waits for a server for ever: one ordinary call first tells a wrong address.
        await anext(client.methods(page_size=1), None)
        async with aclosing(client.watch_proposals(after_sequence=after)) as changes:
            async for item in changes:
                if output.json:
                    output.line(item)
                    continue
                yes, no, abstain = _tally(item)
                output.say(
                    f"{item.last_sequence:,}  {item.proposal_id}  {label(item, 'state')}"
                    f"  {yes} yes, {no} no, {abstain} abstain  {item.title}"
                )

    run(context, work)


def eligibility(
    context: typer.Context,
    person_id: Annotated[str, typer.Argument(help="Who; the person acted for if left out.")] = "",
    proposal: Annotated[str, typer.Option(help="For this proposal's vote; else now.")] = "",
) -> None:
    """Explain, rule by rule, whether a person may vote."""

    async def work(client: "Principal", output: Output) -> None:
        answer = await client.eligibility(person_id, proposal_id=proposal)
        if output.json:
            output.document(answer)
            return
        rows = [
            (label(rule, "rule"), "yes" if rule.met else "no", rule.explanation)
            for rule in answer.rules
        ]
        output.table(("Rule", "Met", "How"), rows)
        output.say("May vote." if answer.eligible else "May not vote.")

    run(context, work)


# --- taking part ----------------------------------------------------------------------------------


def vote(
    context: typer.Context,
    proposal_id: ProposalId,
    choice: Annotated[Choice, typer.Argument(help="What for.")],
    request_id: RequestId = "",
) -> None:
    """Vote as the person acted for, or change that vote until voting closes."""

    async def work(client: "Principal", output: Output, chosen: str) -> None:
        from ticketonomics.parliament.v1.proposal_pb2 import Ballot

        number = cast(Any, _number(Ballot.Choice, "CHOICE", choice))
        made = await client.cast_vote(proposal_id, number, request_id=chosen)
        output.result(made, f"{made.person_id} votes {choice.value} on {proposal_id}.")

    change(context, work, request_id)


def withdraw_proposal(
    context: typer.Context, proposal_id: ProposalId, request_id: RequestId = ""
) -> None:
    """Take one's own proposal back, before voting has ended."""

    async def work(client: "Principal", output: Output, chosen: str) -> None:
        made = await client.withdraw_proposal(proposal_id, request_id=chosen)
        output.result(made, f"{proposal_id} is withdrawn.")

    change(context, work, request_id)


def veto_proposal(
    context: typer.Context,
    proposal_id: ProposalId,
    *,
    reason: Reason,
    spam: Annotated[
        bool, typer.Option("--spam", help="It is spam: at any time, and its deposit is burned.")
    ] = False,
    request_id: RequestId = "",
) -> None:
    """End what has passed, in its veto window, or spam at any time. The reason is public."""

    async def work(client: "Principal", output: Output, chosen: str) -> None:
        made = await client.veto_proposal(proposal_id, reason=reason, spam=spam, request_id=chosen)
        output.result(made, f"{proposal_id} is vetoed.")

    change(context, work, request_id)


def _number(enum: Any, prefix: str, chosen: StrEnum | None) -> int:
    return int(enum.Value(f"{prefix}_{chosen.name if chosen else 'UNSPECIFIED'}"))


def _tally(item: "Proposal") -> tuple[int, int, int]:
    return item.tally.yes, item.tally.no, item.tally.abstain


def _next(item: "Proposal") -> str:
    """Writes what a proposal waits for, and until when."""
    times = {
        "discussion": ("opens", item.voting_time),
        "voting": ("closes", item.close_time),
        "veto_window": ("executed", item.execute_time),
    }
    what, time = times.get(label(item, "state"), ("ended", item.end_time))
    return f"{what} {moment(time)}"


async def _action(item: "Proposal", units: Units) -> str:
    """Writes what a proposal does."""
    kind = item.WhichOneof("action")
    if kind == "parameter_change":
        setting = item.parameter_change
        return f"sets {setting.name} to {show_value(setting.value)}"
    if kind == "policy_mint":
        amount = await units.format(item.policy_mint.amount, ASSET)
        return f"mints {amount} {ASSET} for {item.policy_mint.account}"
    if kind == "policy_burn":
        amount = await units.format(item.policy_burn.amount, ASSET)
        return f"burns {amount} {ASSET} of {item.policy_burn.account}"
    if kind == "event":
        return f"calls an event at {moment(item.event.event_time)}"
    return "nothing but what it says"
