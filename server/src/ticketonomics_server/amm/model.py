"""What pools are about: their rows, and the commands about them."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum
from typing import NamedTuple

from ticketonomics_server.engine.model import Undoable
from ticketonomics_server.ledger.model import POOL_SHARES, Posting

POOLS = "pools/"
# What a swap names at most: the trader's two balances, the pool's two, the sink's one.
SWAP_POSTINGS = 3


class EntryKind(IntEnum):
    """Kinds of entries that this room makes beside those that move something.

    SWAP, LIQUIDITY_ADDED, LIQUIDITY_REMOVED and POOL_CREATED are transactions: the ledger's.
    """

    POOL_FEE_SET = 204
    POOL_PAUSED = 205
    POOL_RESUMED = 206


class PoolState(IntEnum):
    """As in the contract's `Pool.State`."""

    OPEN = 1
    PAUSED = 2


def pool_account(pool_id: str) -> str:
    """Returns the address of the account that holds a pool's reserves."""
    return POOLS + pool_id


def share_code(pool_id: str) -> str:
    """Returns the code of the asset that a pool's shares are."""
    return POOL_SHARES + pool_id.upper()


@dataclass(slots=True, eq=False)
class Pool(Undoable):
    """A pool's terms. Its reserves are the balances of its account: no swap changes this row.

    Attributes:
        create_sequence: Entry that created it: the order of creation.
        application_id: Who created it.
        account_id: Of its account; what follows are the ids of its assets and of its shares.
        base: Code of the asset that is priced.
        quote: Code of the asset that prices are in.
        fee_bps: Fee on what is given.
        sink_bps: Part of the fee that is burned.
        locked_shares: Shares that stay in its own account for ever.
    """

    pool_id: str
    create_sequence: int
    application_id: str
    account_id: int
    base_id: int
    quote_id: int
    share_id: int
    base: str
    quote: str
    state: PoolState
    fee_bps: int
    sink_bps: int
    locked_shares: int
    create_time: datetime
    account: str = field(init=False)
    shares: str = field(init=False)

    def __post_init__(self) -> None:
        self.account = pool_account(self.pool_id)
        self.shares = share_code(self.pool_id)

    @property
    def key(self) -> str:
        return self.pool_id


@dataclass(slots=True, frozen=True)
class CreatePool:
    """Asks for a new pool; `fee_bps` and `sink_bps` None mean what the parameters say."""

    request_id: bytes
    body_hash: bytes
    pool_id: str
    base: str
    quote: str
    account: str
    base_amount: int
    quote_amount: int
    fee_bps: int | None
    sink_bps: int | None


@dataclass(slots=True, frozen=True)
class SetPoolFee:
    """Asks to charge another fee."""

    request_id: bytes
    body_hash: bytes
    pool_id: str
    fee_bps: int
    sink_bps: int


@dataclass(slots=True, frozen=True)
class PausePool:
    """Asks to stop a pool's trade."""

    request_id: bytes
    body_hash: bytes
    pool_id: str


@dataclass(slots=True, frozen=True)
class ResumePool(PausePool):
    """Asks to let a pool trade again."""


class Swap(NamedTuple):
    """Asks to trade; it is made for every single swap, so it is a tuple.

    Attributes:
        exact_in: Whether `amount` is given; else it is received.
        limit: Least received or most given; 0 for none.
        deadline: After it, by the block's time, the swap is refused.
    """

    request_id: bytes
    body_hash: bytes
    pool_id: str
    account: str
    asset_in: str
    asset_out: str
    exact_in: bool
    amount: int
    limit: int
    deadline: datetime | None


@dataclass(slots=True, frozen=True)
class AddLiquidity:
    """Asks for shares.

    Attributes:
        base: It and `quote` never change, and were read beforehand: what has to be loaded.
        base_amount: It and `quote_amount` are the most that is given.
    """

    request_id: bytes
    body_hash: bytes
    pool_id: str
    account: str
    base: str
    quote: str
    base_amount: int
    quote_amount: int
    minimum_base: int
    minimum_quote: int
    deadline: datetime | None


@dataclass(slots=True, frozen=True)
class RemoveLiquidity:
    """Asks to burn shares for their part of the reserves; see `AddLiquidity`."""

    request_id: bytes
    body_hash: bytes
    pool_id: str
    account: str
    base: str
    quote: str
    shares: int
    minimum_base: int
    minimum_quote: int
    deadline: datetime | None


class Trade(NamedTuple):
    """What a swap comes to, in minor units. What is burned is a part of what is given."""

    amount_in: int
    amount_out: int
    burned: int


def trade_of(postings: tuple[Posting, ...]) -> Trade:
    """Reads what a swap came to from its postings: to the pool, from the pool, and to the sink."""
    burned = postings[2].amount if len(postings) == SWAP_POSTINGS else 0
    return Trade(postings[0].amount + burned, postings[1].amount, burned)
