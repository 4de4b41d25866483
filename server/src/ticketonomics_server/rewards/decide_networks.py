"""Decides which networks tell of ads, by which keys, and that flags were looked at. Pure."""

from datetime import datetime, timedelta

from ticketonomics_server.engine.command import Caller, Context, Decision, NothingToDo, decide_event
from ticketonomics_server.engine.domain import Keys
from ticketonomics_server.engine.rejection import Reason, Rejection
from ticketonomics_server.engine.state import State
from ticketonomics_server.rewards.commands import (
    CreateAdNetwork,
    NewKey,
    ResolveFlag,
    UpdateAdNetwork,
)
from ticketonomics_server.rewards.model import (
    MOST_KEYS,
    AdNetwork,
    AdNetworkKey,
    EntryKind,
    Flag,
    FlagState,
    Scheme,
)


def declare_network(command: CreateAdNetwork | UpdateAdNetwork, caller: Caller, keys: Keys) -> None:
    keys[AdNetwork].add(command.network_id)
    keys[AdNetworkKey].update((command.network_id, slot) for slot in range(MOST_KEYS))


def decide_create_ad_network(state: State, command: CreateAdNetwork, context: Context) -> Decision:
    """Makes a network with its first key. Guards: AD_NETWORK_EXISTS."""
    network_id, terms = command.network_id, command.terms
    if state.find(AdNetwork, network_id) is not None:
        raise Rejection(
            Reason.AD_NETWORK_EXISTS, f"{network_id} is there already", ad_network=network_id
        )
    state.add(
        AdNetwork(
            network_id,
            context.sequence,
            terms.display_name,
            command.scheme,
            terms.state,
            terms.default_region,
            *terms[3:],
            context.time,
        )
    )
    _add_key(state, network_id, 0, command.new_key, context)
    return decide_event(
        command,
        context,
        EntryKind.AD_NETWORK_CREATED,
        network_id,
        int(command.scheme),
        *_terms(command),
        *_key_fields(command.scheme, command.new_key),
        0,
        context.caller.application_id,
        value=network_id,
    )


def decide_update_ad_network(state: State, command: UpdateAdNetwork, context: Context) -> Decision:
    """Replaces a network's terms, and adds a key. Guards: AD_NETWORK_NOT_FOUND."""
    network = find_network(state, command.network_id)
    state.change(network)
    network.display_name, network.state, network.default_region, *_ = command.terms
    network.transaction_parameter = command.terms.transaction_parameter
    network.person_parameter = command.terms.person_parameter
    network.country_parameter = command.terms.country_parameter
    keys = _keys_of(state, command.network_id)
    over, ending, slot = plan_keys(
        keys, command.new_key.key_id if command.new_key else None, context.time, command.overlap
    )
    for key in over:
        state.remove(key)
    for key, expire_time in ending:
        state.change(key)
        key.expire_time = expire_time
    if command.new_key is not None:
        _add_key(state, command.network_id, slot, command.new_key, context)
    return decide_event(
        command,
        context,
        EntryKind.AD_NETWORK_UPDATED,
        network.network_id,
        int(network.scheme),
        *_terms(command),
        *_key_fields(Scheme(network.scheme), command.new_key),
        command.overlap // timedelta(microseconds=1),
        context.caller.application_id,
        value=network.network_id,
    )


def plan_keys(
    keys: list[AdNetworkKey], new_key_id: str | None, now: datetime, overlap: timedelta
) -> tuple[list[AdNetworkKey], list[tuple[AdNetworkKey, datetime]], int]:
    """Works out what becomes of a network's keys.

    Args:
        keys: All there are.
        new_key_id: That of a key to add; None for none.

    Returns:
        Keys to take away: those that are over, one with the new key's id, and where all places are
        taken, the one that is over next. Then keys with when they are over from now on. Then the
        new key's place.
    """
    over = [key for key in keys if key.is_over(now) or key.key_id == new_key_id]
    left = [key for key in keys if key not in over]
    if new_key_id is None:
        return over, [], 0
    end = now + overlap
    if len(left) == MOST_KEYS:
        next_over = min(left, key=lambda key: (key.expire_time or end, key.create_sequence))
        over.append(next_over)
        left.remove(next_over)
    ending = [(key, end) for key in left if key.expire_time is None or key.expire_time > end]
    taken = {key.slot for key in left}
    return over, ending, min(set(range(MOST_KEYS)) - taken)


def find_network(state: State, network_id: str) -> AdNetwork:
    """Finds a network, or refuses with AD_NETWORK_NOT_FOUND."""
    network = state.find(AdNetwork, network_id)
    if network is None:
        raise no_network(network_id)
    return network


def no_network(network_id: str) -> Rejection:
    """Builds the refusal of what is about a network that is not there."""
    return Rejection(
        Reason.AD_NETWORK_NOT_FOUND, f"there is no ad network {network_id}", ad_network=network_id
    )


def _keys_of(state: State, network_id: str) -> list[AdNetworkKey]:
    found = (state.find(AdNetworkKey, (network_id, slot)) for slot in range(MOST_KEYS))
    return [key for key in found if key is not None]


def _add_key(state: State, network_id: str, slot: int, new: NewKey, context: Context) -> None:
    state.add(
        AdNetworkKey(network_id, slot, new.key_id, context.sequence, new.material, context.time)
    )


def _terms(command: CreateAdNetwork | UpdateAdNetwork) -> list[str | int]:
    return [field if isinstance(field, str) else int(field) for field in command.terms]


def _key_fields(scheme: Scheme, key: NewKey | None) -> tuple[str, bytes]:
    """A public key is in the entry; a secret is not, not even encrypted."""
    if key is None:
        return "", b""
    return key.key_id, key.material if scheme == Scheme.ECDSA_P256 else b""


# --- flags --------------------------------------------------------------------------------------


def declare_resolve_flag(command: ResolveFlag, caller: Caller, keys: Keys) -> None:
    keys[Flag].add((command.rule, command.subject))


def decide_resolve_flag(
    state: State, command: ResolveFlag, context: Context
) -> Decision | NothingToDo:
    """Keeps that somebody has looked at a flag. Guards: FLAG_NOT_FOUND."""
    flag = state.find(Flag, (command.rule, command.subject))
    if flag is None:
        raise no_flag(command.flag_id)
    if flag.state == FlagState.RESOLVED:
        return NothingToDo(flag.flag_id)
    state.change(flag)
    flag.state, flag.note = FlagState.RESOLVED, command.note
    return decide_event(
        command,
        context,
        EntryKind.FLAG_RESOLVED,
        int(command.rule),
        command.subject,
        command.note,
        context.caller.application_id,
        value=flag.flag_id,
    )


def no_flag(flag_id: str) -> Rejection:
    """Builds the refusal of what is about a flag that is not there."""
    return Rejection(Reason.FLAG_NOT_FOUND, f"there is no flag {flag_id}", flag=flag_id)
