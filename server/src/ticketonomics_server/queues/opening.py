"""How a queue's next round opens, with the numbers of the moment. Pure."""

from datetime import datetime, timedelta
from statistics import median_low

from ticketonomics_server.engine.block import to_micros
from ticketonomics_server.engine.canonical import encode_fields
from ticketonomics_server.engine.command import Context
from ticketonomics_server.engine.domain import Keys
from ticketonomics_server.engine.model import TIMER_SERIES, Counter, next_number, set_timer
from ticketonomics_server.engine.state import State
from ticketonomics_server.identity.identifiers import ID_ENTROPY_BYTES, encode_base32
from ticketonomics_server.ledger.decide_accounts import ACCOUNT_SERIES, open_account
from ticketonomics_server.ledger.model import Account, Asset, Balance
from ticketonomics_server.ledger.tickets import bronze_equivalents
from ticketonomics_server.parameters.reading import declare_parameters, read, read_list
from ticketonomics_server.queues.draw_keys import DrawKeys
from ticketonomics_server.queues.drawing import commitment_of
from ticketonomics_server.queues.model import (
    ROUND_ID_LENGTH,
    ROUND_SERIES,
    SIZES,
    Queue,
    Round,
    RoundState,
    TimerKind,
    escrow_of,
    next_tier,
)
from ticketonomics_server.queues.parameters import (
    DYNAMIC_FLOOR,
    DYNAMIC_REWARDS,
    DYNAMIC_TARGET,
    OF_ROUND,
    PLACES,
    REWARDS,
    TIMEOUT,
)

FULL_BPS = 10_000
_FIRST_WAIT = timedelta(seconds=5)
_MOST_DOUBLINGS = 7


def declare_opening(tier: str, keys: Keys) -> None:
    """Names what `open_round` looks at, but for the queue."""
    keys[Counter].update((TIMER_SERIES, ACCOUNT_SERIES, ROUND_SERIES))
    keys[Asset].update((tier, next_tier(tier)))
    declare_parameters(keys, *OF_ROUND)


def open_round(state: State, queue: Queue, draws: DrawKeys, context: Context) -> Round | None:
    """Opens a queue's next round, which it must not have, or sets a timer to try again.

    Only a server that has the queue's draw key knows the secret to commit to: on another one there
    is no next round yet.
    """
    state.change(queue)
    entropy = context.entropy(b"round " + queue.name.encode(), ID_ENTROPY_BYTES)
    round_id = encode_base32(entropy, ROUND_ID_LENGTH)
    secret = draws.secret(queue.draw_key_id, queue.economy, round_id)
    if secret is None:
        queue.round_id = ""
        set_timer(state, wait_until(context, queue.open_tries), TimerKind.OPEN, queue.name.encode())
        queue.open_tries += 1
        return None

    escrow = escrow_of(round_id)
    state.rows[Account].setdefault(escrow, None)
    state.rows[Balance].setdefault((escrow, queue.tier), None)
    open_account(state, escrow, context)
    timeout_seconds = read(state, TIMEOUT)
    expire_time = context.time + timedelta(seconds=timeout_seconds)
    places = read_list(state, PLACES)[SIZES.index(queue.size)]
    found = Round(
        round_id=round_id,
        number=next_number(state, ROUND_SERIES),
        queue=queue.name,
        state=RoundState.WAITING,
        places=places,
        stake=whole_ticket(state, queue.tier),
        reward=_reward(state, queue, places),
        timeout_seconds=timeout_seconds,
        commitment=commitment_of(secret),
        draw_key_id=queue.draw_key_id,
        create_time=context.time,
        expire_time=expire_time,
        change_sequence=context.sequence,
        timer_id=set_timer(
            state, expire_time, TimerKind.EXPIRE, encode_fields(round_id, queue.name)
        ),
    )
    state.rows[Round].setdefault(round_id, None)
    state.add(found)
    queue.round_id = round_id
    queue.open_tries = 0
    return found


def whole_ticket(state: State, tier: str) -> int:
    """Returns one ticket of a tier in minor units. `declare` must name the asset."""
    asset: Asset = state.rows[Asset][tier]
    return int(10**asset.decimals)


def _reward(state: State, queue: Queue, places: int) -> int:
    """Works out a reward in minor units: never more than the stakes are worth, and at least one."""
    unit = whole_ticket(state, next_tier(queue.tier))
    full = read_list(state, REWARDS)[SIZES.index(queue.size)] * unit
    return bounded_reward(full, places, unit, queue.tier, _dynamic_bps(state, queue))


def bounded_reward(full: int, places: int, unit: int, tier: str, part_bps: int) -> int:
    """Returns a part of the full reward, at most what the stakes are worth.

    Args:
        unit: One ticket of the next tier in minor units.
        part_bps: Which part, in basis points.
    """
    worth = places * unit * bronze_equivalents(tier) // bronze_equivalents(next_tier(tier))
    return max(min(full * part_bps // FULL_BPS, worth), 1)


def _dynamic_bps(state: State, queue: Queue) -> int:
    if not read(state, DYNAMIC_REWARDS):
        return FULL_BPS
    recent = list(map(int, queue.recent_fills.split()))
    return dynamic_bps(recent, read(state, DYNAMIC_TARGET), read(state, DYNAMIC_FLOOR))


def dynamic_bps(fill_seconds: list[int], target_seconds: int, floor_bps: int) -> int:
    """Returns the part of the full reward for fill times: their median over the target, bounded."""
    if not fill_seconds:
        return FULL_BPS
    part = median_low(fill_seconds) * FULL_BPS // target_seconds
    return max(min(part, FULL_BPS), floor_bps)


def wait_until(context: Context, tries: int) -> datetime:
    """Says when to look again for a server that has a key: 5 s, doubled with each try."""
    wait: timedelta = _FIRST_WAIT * 2 ** min(tries, _MOST_DOUBLINGS)
    return context.time + wait


def opened_fields(opened: Round | None) -> tuple[bytes | str | int, ...]:
    """Writes a round that opened as fields of an event: what nobody could work out again."""
    if opened is None:
        return ()
    return (
        opened.round_id,
        opened.number,
        opened.queue,
        opened.places,
        opened.stake,
        opened.reward,
        opened.timeout_seconds,
        opened.commitment,
        opened.draw_key_id,
        to_micros(opened.expire_time),
    )


OPENED_FIELDS = 10
