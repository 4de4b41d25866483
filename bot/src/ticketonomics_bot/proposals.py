"""How proposals of the Parliament are told."""

from html import escape

from ticketonomics.parliament.v1.proposal_pb2 import EligibilityRule, Proposal
from ticketonomics_client.parameters import from_message

from ticketonomics_bot.assets import TICKET, Assets
from ticketonomics_bot.moments import moment
from ticketonomics_bot.money import money
from ticketonomics_bot.numbers import bar, format_percent
from ticketonomics_bot.texts import Html, Texts

TREASURY = "parliament/treasury"
_LONGEST_BODY = 1_200
_DAY_SECONDS = 86_400
OPEN = (Proposal.STATE_VOTING, Proposal.STATE_DISCUSSION, Proposal.STATE_VETO_WINDOW)
ENDED = (
    *(Proposal.STATE_EXECUTED, Proposal.STATE_REJECTED, Proposal.STATE_VETOED),
    *(Proposal.STATE_WITHDRAWN, Proposal.STATE_EXPIRED, Proposal.STATE_FAILED),
)


def state_name(state: "Proposal.State") -> str:
    """Returns a state as texts are named: `veto-window`."""
    return Proposal.State.Name(state).removeprefix("STATE_").lower().replace("_", "-")


def title_of(t: Texts, proposal: Proposal) -> Html:
    """Writes the title; that of an erased person is gone."""
    if proposal.title:
        return Html(escape(proposal.title, quote=False))
    return t("proposal-untitled")


async def action_text(t: Texts, assets: Assets, proposal: Proposal) -> Html:
    """Writes what a proposal does when it passes."""
    match proposal.WhichOneof("action"):
        case "parameter_change":
            change = proposal.parameter_change
            value = str(from_message(change.value))
            return t("proposal-does-parameter", name=change.name, value=value)
        case "policy_mint":
            amount = await money(t, assets, proposal.policy_mint.amount, TICKET)
            to = account_text(t, proposal.policy_mint.account)
            return t("proposal-does-mint", amount=amount, account=to)
        case "policy_burn":
            amount = await money(t, assets, proposal.policy_burn.amount, TICKET)
            whose = account_text(t, proposal.policy_burn.account)
            return t("proposal-does-burn", amount=amount, account=whose)
        case "event":
            return t("proposal-does-event", time=t.time(moment(proposal.event.event_time)))
    return t("proposal-does-nothing")


def account_text(t: Texts, account: str) -> Html:
    """Writes whose an account is."""
    return t("account-treasury") if account == TREASURY else Html(f"<code>{escape(account)}</code>")


async def proposal_text(t: Texts, assets: Assets, proposal: Proposal) -> Html:
    """Writes a proposal with its texts, what it does, and how the vote stands."""
    lines = [f"🏛 <b>{title_of(t, proposal)}</b>", t(f"proposal-state-{state_name(proposal.state)}")]
    if proposal.body:
        lines += ["", f"<i>{escape(shortened(proposal.body), quote=False)}</i>"]
    lines += ["", await action_text(t, assets, proposal)]
    lines += tally_lines(t, proposal)
    if proposal.state == Proposal.STATE_DISCUSSION:
        lines.append(t("proposal-opens", time=t.time(moment(proposal.voting_time))))
    if proposal.state == Proposal.STATE_VOTING:
        lines.append(t("proposal-closes", time=t.time(moment(proposal.close_time))))
    if proposal.state == Proposal.STATE_VETO_WINDOW:
        lines.append(t("proposal-executes", time=t.time(moment(proposal.execute_time))))
    if proposal.veto_reason:
        lines.append(t("proposal-veto-reason", reason=proposal.veto_reason))
    if proposal.failure_reason:
        said = t.find("error-" + proposal.failure_reason.lower().replace("_", "-"))
        lines.append(t("proposal-failure", reason=said or proposal.failure_reason))
    return Html("\n".join(map(str, lines)))


def tally_lines(t: Texts, proposal: Proposal) -> list[Html]:
    """Writes the votes, once there can be any."""
    if not proposal.HasField("rules"):
        return []
    tally, rules = proposal.tally, proposal.rules
    decided = tally.yes + tally.no
    cast = decided + tally.abstain
    return [
        Html(""),
        t(
            "tally-bar",
            bar=bar(tally.yes, decided),
            yes=tally.yes,
            no=tally.no,
            abstain=tally.abstain,
        ),
        t("tally-quorum", cast=cast, needed=rules.quorum_count, electorate=rules.electorate),
        t("tally-threshold", threshold=format_percent(rules.threshold_bps / 10_000, t.language)),
    ]


def vote_step(proposal: Proposal, known: str) -> str | None:
    """Returns what there is to tell of a vote that was not told: `opened`, `closed` or `undone`.

    Args:
        proposal: As it is now.
        known: What was told last; empty for nothing.
    """
    step = _STEPS.get(proposal.state)
    if proposal.state == Proposal.STATE_VETOED and not proposal.HasField("rules"):
        return None  # It was never voted on.
    if step is None or (known and _ORDER.index(step) <= _ORDER.index(known)):
        return None
    return step


_ORDER = ("opened", "closed", "undone")
_STEPS = {
    Proposal.STATE_VOTING: "opened",
    Proposal.STATE_VETO_WINDOW: "closed",
    Proposal.STATE_REJECTED: "closed",
    Proposal.STATE_EXPIRED: "closed",
    Proposal.STATE_EXECUTED: "closed",
    # What passed, and then did not happen, is told once more.
    Proposal.STATE_VETOED: "undone",
    Proposal.STATE_FAILED: "undone",
}


def rule_text(t: Texts, rule: EligibilityRule) -> Html:
    """Explains one rule of who may vote, and how the person stands to it."""
    mark = "✅" if rule.met else "❌"
    name = EligibilityRule.Rule.Name(rule.rule).removeprefix("RULE_").lower()
    needed, has = rule.needed, rule.has
    if rule.rule == EligibilityRule.RULE_AGE:
        # Days as people count them: those that are full, of those that are needed.
        said = t(
            "rule-age",
            needed=-(-needed // _DAY_SECONDS),
            has=t.duration(has) if has > 0 else "0",
        )
    elif (known := t.find(f"rule-{name}", needed=needed, has=has)) is not None:
        said = known
    else:
        said = Html(escape(rule.explanation, quote=False))
    return Html(f"{mark} {said}")


def shortened(text: str, longest: int = _LONGEST_BODY) -> str:
    """Returns a text, cut where it is too long for a message."""
    return text if len(text) <= longest else text[: longest - 1].rstrip() + "…"
