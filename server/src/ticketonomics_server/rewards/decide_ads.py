"""Decides what a watched ad earns. Its signature was checked before; the rest is checked here."""

from ticketonomics_server.engine.block import to_micros
from ticketonomics_server.engine.command import Caller, Context, Decision
from ticketonomics_server.engine.domain import Keys
from ticketonomics_server.engine.rejection import Reason, Rejection
from ticketonomics_server.engine.state import State
from ticketonomics_server.identity.decide_profiles import find_active_person
from ticketonomics_server.parameters.reading import read
from ticketonomics_server.progression.model import Deed, day_of
from ticketonomics_server.progression.noting import declare_deed, note_deed
from ticketonomics_server.rewards import parameters as p
from ticketonomics_server.rewards.commands import (
    CompleteAdView,
)
from ticketonomics_server.rewards.decide import MICROS
from ticketonomics_server.rewards.decide_networks import find_network
from ticketonomics_server.rewards.model import (
    AdNetwork,
    AdNetworkKey,
    AdView,
    NetworkState,
    Paid,
    Participant,
    Region,
    Source,
    Tally,
)
from ticketonomics_server.rewards.paying import budget_left, count, declare_earning, pay
from ticketonomics_server.rewards.rules import roll_over, used_today


def series_of_views(network_id: str, region: Region) -> str:
    """Names what counts a network's views in a region."""
    return f"ad/{network_id}/{int(region)}"


def declare_complete_ad_view(command: CompleteAdView, caller: Caller, keys: Keys) -> None:
    declare_earning(
        Source.AD,
        command.person_id,
        caller,
        keys,
        *(p.AD_REWARD, p.AD_LIMIT, p.AD_INTERVAL, p.AD_BUDGET),
    )
    keys[AdNetwork].add(command.network_id)
    keys[AdNetworkKey].add((command.network_id, command.slot))
    keys[AdView].add((command.network_id, command.transaction_id))
    keys[Tally].add(series_of_views(command.network_id, command.region))
    declare_deed(command.person_id, keys)


def decide_complete_ad_view(state: State, command: CompleteAdView, context: Context) -> Decision:
    """Counts a view once for ever, and pays it unless it is too soon or too much.

    Guards: AD_NETWORK_NOT_FOUND, AD_NETWORK_PAUSED, AD_SIGNATURE_INVALID, AD_VIEW_REPLAYED,
    PERSON_NOT_FOUND, PERSON_MERGED, PERSON_ERASED, PERSON_BLOCKED, then those of a room's
    transaction.
    """
    _guard_view(state, command, context)
    person_id = command.person_id
    find_active_person(state, person_id)
    person = state.find(Participant, person_id)
    day, micros = day_of(context.time), to_micros(context.time)
    budget, amount = read(state, p.AD_BUDGET), read(state, p.AD_REWARD)
    views = used_today(person, day, "views")
    if (
        views >= read(state, p.AD_LIMIT)
        or (person and micros < person.view_micros + read(state, p.AD_INTERVAL) * MICROS)
        or amount > budget_left(state, Source.AD, budget, day)
    ):
        amount = 0

    def effects(person: Participant) -> None:
        roll_over(person, day)
        if amount:
            person.views, person.view_micros = views + 1, micros

    facts = (command.network_id, command.transaction_id, int(command.region))
    decision = pay(
        state,
        command,
        context,
        Paid(Source.AD, person_id, amount, facts),
        budget=budget,
        facts=facts,
        hits=(),
        effects=effects,
    )
    state.add(AdView(command.network_id, command.transaction_id, context.sequence))
    count(state, series_of_views(command.network_id, command.region), day, amount)
    note_deed(state, person_id, Deed.WATCHED_AD, context)
    return decision


def _guard_view(state: State, command: CompleteAdView, context: Context) -> None:
    network = find_network(state, command.network_id)
    if network.state == NetworkState.PAUSED:
        raise Rejection(
            Reason.AD_NETWORK_PAUSED,
            f"callbacks of {command.network_id} are refused",
            ad_network=command.network_id,
        )
    key = state.find(AdNetworkKey, (command.network_id, command.slot))
    if key is None or key.create_sequence != command.key_sequence or key.is_over(context.time):
        raise invalid_signature(command.network_id)
    if state.find(AdView, (command.network_id, command.transaction_id)) is not None:
        raise Rejection(
            Reason.AD_VIEW_REPLAYED,
            f"{command.transaction_id} of {command.network_id} has counted already",
            ad_network=command.network_id,
            transaction=command.transaction_id,
        )


def invalid_signature(network_id: str) -> Rejection:
    """Builds the refusal of what no key of a network has signed."""
    return Rejection(
        Reason.AD_SIGNATURE_INVALID,
        f"no key of {network_id} that is not over has signed this",
        ad_network=network_id,
    )
