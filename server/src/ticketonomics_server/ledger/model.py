"""What the ledger is about: accounts, assets, balances, and the commands that change them."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum
from typing import Any, NamedTuple

from ticketonomics_server.engine.canonical import encode_text
from ticketonomics_server.engine.model import Text, Undoable

MINT = "system/mint"
SINK = "system/sink"
# Accounts that rooms move, and nobody else.
RESERVED_PREFIXES = ("system/", "pools/", "queues/", "parliament/")

# Assets whose codes begin so are shares of pools, which only their pool makes.
POOL_SHARES = "LP-"
# As in the contract's `Asset.Kind`.
SHARE = 4

MAX_INT64 = 2**63 - 1
MIN_INT64 = -(2**63)
MAX_POSTINGS = 256


class EntryKind(IntEnum):
    """Kinds of entries that the ledger makes.

    Those of `TRANSACTION_KINDS` are also the contract's `Transaction.Kind`.
    """

    TRANSFER = 1
    MINT = 2
    BURN = 3
    IMPORTED = 4
    ACCOUNT_OPENED = 10
    ACCOUNT_CLOSED = 11
    ASSET_CREATED = 12
    TRANSFER_FEE_SET = 13
    # Move all that a person has; identity makes them. Stored as an event, with postings beside it.
    PEOPLE_MERGED = 24
    PERSON_ERASED = 35
    HOLD_CREATED = 40
    HOLD_CAPTURED = 41
    HOLD_RELEASED = 42
    HOLD_EXPIRED = 43
    # Other rooms make these, by `decide_rooms`.
    SWAP = 200
    LIQUIDITY_ADDED = 201
    LIQUIDITY_REMOVED = 202
    POOL_CREATED = 203
    QUEUE_JOINED = 210
    QUEUE_LEFT = 211
    QUEUE_DRAWN = 212
    QUEUE_EXPIRED = 213
    TICKETS_CONVERTED = 218
    REWARD_PAID = 220
    PROPOSAL_CREATED = 230
    DEPOSIT_RETURNED = 231
    DEPOSIT_BURNED = 232
    POLICY_MINTED = 233
    POLICY_BURNED = 234


# Kinds of rooms whose entries are an event beside the postings.
_ROOMS_WITH_EVENT = (
    EntryKind.LIQUIDITY_ADDED,
    EntryKind.LIQUIDITY_REMOVED,
    EntryKind.POOL_CREATED,
    EntryKind.QUEUE_JOINED,
    EntryKind.QUEUE_LEFT,
    EntryKind.QUEUE_DRAWN,
    EntryKind.QUEUE_EXPIRED,
    EntryKind.TICKETS_CONVERTED,
    EntryKind.REWARD_PAID,
    EntryKind.PROPOSAL_CREATED,
    EntryKind.DEPOSIT_RETURNED,
    EntryKind.DEPOSIT_BURNED,
    EntryKind.POLICY_MINTED,
    EntryKind.POLICY_BURNED,
)

TRANSACTION_KINDS = (
    EntryKind.TRANSFER,
    EntryKind.MINT,
    EntryKind.BURN,
    EntryKind.IMPORTED,
    EntryKind.PEOPLE_MERGED,
    EntryKind.PERSON_ERASED,
    EntryKind.HOLD_CAPTURED,
    EntryKind.SWAP,
    *_ROOMS_WITH_EVENT,
)

# These are events as well, and their leaves hold both: see `leaf_with_event`.
KINDS_WITH_EVENT = frozenset((EntryKind.IMPORTED, EntryKind.HOLD_CAPTURED, *_ROOMS_WITH_EVENT))

# Kinds of rooms that may take from `system/mint`, and those that may give to `system/sink`.
ROOMS_THAT_MINT = frozenset(
    (
        EntryKind.POOL_CREATED,
        EntryKind.LIQUIDITY_ADDED,
        EntryKind.QUEUE_DRAWN,
        EntryKind.TICKETS_CONVERTED,
        EntryKind.REWARD_PAID,
        EntryKind.POLICY_MINTED,
    )
)
ROOMS_THAT_BURN = frozenset(
    (
        EntryKind.SWAP,
        EntryKind.LIQUIDITY_REMOVED,
        EntryKind.QUEUE_LEFT,
        EntryKind.QUEUE_DRAWN,
        EntryKind.QUEUE_EXPIRED,
        EntryKind.TICKETS_CONVERTED,
        EntryKind.DEPOSIT_RETURNED,
        EntryKind.DEPOSIT_BURNED,
        EntryKind.POLICY_BURNED,
    )
)


class AccountState(IntEnum):
    """As in the contract's `Account.State`."""

    OPEN = 1
    BLOCKED = 2
    CLOSED = 3


@dataclass(slots=True, eq=False)
class Account(Undoable):
    """An address and whether it takes part.

    Attributes:
        encoded: Its address in canonical bytes.
        reserved: Whether only the room that it belongs to moves it.
    """

    account_id: int
    address: str
    state: AccountState
    open_time: datetime
    close_time: datetime | None = None
    encoded: bytes = field(init=False)
    reserved: bool = field(init=False)

    def __post_init__(self) -> None:
        self.encoded = encode_text(self.address)
        self.reserved = self.address.startswith(RESERVED_PREFIXES)

    @property
    def key(self) -> str:
        return self.address


@dataclass(slots=True, eq=False)
class Asset(Undoable):
    """Something counted, with its transfer fee. `encoded` is its code in canonical bytes."""

    asset_id: int
    code: str
    kind: int
    decimals: int
    name: str
    supply_cap: int
    fee_bps: int
    fee_minimum: int
    fee_maximum: int
    create_time: datetime
    encoded: bytes = field(init=False)

    def __post_init__(self) -> None:
        self.encoded = encode_text(self.code)

    @property
    def key(self) -> str:
        return self.code

    def fee(self, amount: int) -> int:
        """Fee on a posting: `ceil(amount × fee_bps / 10,000)` within minimum and maximum.

        Rounds up, so that splitting a transfer never saves a fee.
        """
        fee = max(-(-amount * self.fee_bps // 10_000), self.fee_minimum)
        return min(fee, self.fee_maximum) if self.fee_maximum else fee


@dataclass(slots=True, eq=False)
class Balance:
    """What an account has of an asset, and where its history begins, newest entry first.

    Attributes:
        last_sequence: Its newest entry; that entry's posting leads to the one before.
        entry_count: Number of entries in its history.
    """

    account: str
    asset: str
    account_id: int
    asset_id: int
    posted: int = 0
    held: int = 0
    last_sequence: int = 0
    entry_count: int = 0

    @property
    def key(self) -> tuple[str, str]:
        return self.account, self.asset

    @property
    def available(self) -> int:
        return self.posted - self.held

    def snapshot(self) -> tuple[int, int, int, int]:
        return self.posted, self.held, self.last_sequence, self.entry_count

    def restore(self, snapshot: tuple[int, int, int, int]) -> None:
        self.posted, self.held, self.last_sequence, self.entry_count = snapshot


@dataclass(slots=True, frozen=True)
class AllBalances:
    """Declared by address: all balances of the account are in the state.

    Its row there is the set of codes of the assets that the account may have.
    """


class Posting(NamedTuple):
    """One movement of one asset, in minor units."""

    source: str
    destination: str
    asset: str
    amount: int


class CreateTransaction(NamedTuple):
    """Asks for postings that happen together; the kind says by which right."""

    request_id: bytes
    body_hash: bytes
    kind: EntryKind
    postings: tuple[Posting, ...]
    text: Text | None = None


@dataclass(slots=True, frozen=True)
class OpenAccount:
    """Asks for a new account."""

    request_id: bytes
    body_hash: bytes
    address: str


@dataclass(slots=True, frozen=True)
class CloseAccount:
    """Asks to end an account whose balances are 0."""

    request_id: bytes
    body_hash: bytes
    address: str


@dataclass(slots=True, frozen=True)
class CreateAsset:
    """Asks for a new asset."""

    request_id: bytes
    body_hash: bytes
    code: str
    kind: int
    decimals: int
    name: str
    supply_cap: int
    fee_bps: int
    fee_minimum: int
    fee_maximum: int


@dataclass(slots=True, frozen=True)
class SetTransferFee:
    """Asks to charge another fee on transfers of an asset."""

    request_id: bytes
    body_hash: bytes
    asset: str
    fee_bps: int
    fee_minimum: int
    fee_maximum: int


class PostedTransaction(NamedTuple):
    """A transaction as the journal has it, fees included.

    Attributes:
        hold_id: Of a capture, its hold.
        effective_time: Of an imported one, when it happened.
        reference: Of an imported one, what its origin calls it.
        details: What another room that made it tells its caller; stored nowhere.
    """

    transaction_id: bytes
    kind: EntryKind
    postings: tuple[Posting, ...]
    text: Text | None
    hold_id: bytes = b""
    effective_time: datetime | None = None
    reference: str = ""
    details: Any = None
