"""What rewards are about: who may still earn what, budgets, ad networks, flags; and commands."""

from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from typing import NamedTuple

from ticketonomics_server.engine.model import Undoable
from ticketonomics_server.identity.model_people import REWARDS_GONE_TIMER

FLAG_ID_LENGTH = 16
CODE_LENGTH = 10
MOST_KEYS = 10
MAX_TAPS = 100_000
HASH_BYTES = 8
KEPT_HASHES = 8
REWARD_RECORDS = "rewards"


class EntryKind(IntEnum):
    """Kinds of entries that this room makes, beside the ledger's REWARD_PAID."""

    REWARD_COUNTED = 221
    REFERRAL_CODE_CREATED = 222
    REFERRAL_REDEEMED = 223
    REFERRAL_ENDED = 224
    AD_NETWORK_CREATED = 225
    AD_NETWORK_UPDATED = 226
    FLAG_RESOLVED = 227
    REWARDS_MOVED = 228
    REFERRAL_POSTPONED = 229


class TimerKind(IntEnum):
    """Kinds of timers that this room sets, or that identity sets for it."""

    REFERRAL = 220
    GONE = REWARDS_GONE_TIMER


class Source(IntEnum):
    """As in the contract's `Source`."""

    DAILY = 1
    TAP = 2
    AD = 3
    CHAT = 4
    REFERRAL = 5


class Region(IntEnum):
    """As in the contract's `Region`."""

    US = 1
    EU = 2
    EM = 3
    OTHER = 4


class Scheme(IntEnum):
    """As in the contract's `AdNetwork.Scheme`."""

    ECDSA_P256 = 1
    HMAC_SHA256 = 2


class NetworkState(IntEnum):
    """As in the contract's `AdNetwork.State`."""

    ACTIVE = 1
    PAUSED = 2


class ReferralState(IntEnum):
    """As in the contract's `Referral.State`; NONE is unspecified there."""

    NONE = 0
    PENDING = 1
    PAID = 2
    ENDED = 3


class Rule(IntEnum):
    """As in the contract's `Flag.Rule`."""

    ALWAYS_AT_LIMIT = 1
    TOO_FAST = 2
    MANY_NEW_PEOPLE = 3
    MANY_REFERRALS = 4
    REFERRAL_CHAIN = 5


class FlagState(IntEnum):
    """As in the contract's `Flag.State`."""

    OPEN = 1
    RESOLVED = 2


class NotCounted(IntEnum):
    """As in the contract's `ReportActivityResponse.NotCounted`; COUNTED is unspecified there."""

    COUNTED = 0
    TOO_SHORT = 1
    TOO_SOON = 2
    REPEATED = 3
    LIMIT = 4


# --- rows ---------------------------------------------------------------------------------------


@dataclass(slots=True, eq=False)
class Participant(Undoable):
    """What a person has earned and used up. Days are counted from 1970, times in microseconds.

    Attributes:
        day: The day that `taps`, `cut_taps`, `views`, `messages` and `referred_today` are of.
        claim_day: The day of the last claim; -1 for none.
        streak: Days in a row up to that claim.
        energy: As of `energy_time`, in parts of which `rules.ENERGY_UNIT` are one tap.
        carried: Taps that do not come to a reward yet.
        limit_day: The last day on which taps came to their limit; -1 for none.
        limit_days: Days in a row up to that one.
        hashes: The first bytes of hashes of the last messages that counted, oldest first.
        referrer_id: Who brought the person; empty for nobody.
        depth: How many brought one another before the person.
        referred: How many the person has brought who were accepted.
        earned: All that was ever paid, in minor units.
    """

    person_id: str
    day: int = 0
    claim_day: int = -1
    streak: int = 0
    energy: int = 0
    energy_micros: int = 0
    carried: int = 0
    taps: int = 0
    cut_taps: int = 0
    limit_day: int = -1
    limit_days: int = 0
    views: int = 0
    view_micros: int = 0
    messages: int = 0
    message_micros: int = 0
    hashes: bytes = b""
    referrer_id: str = ""
    referral_state: ReferralState = ReferralState.NONE
    redeem_micros: int = 0
    depth: int = 0
    referred_today: int = 0
    referred: int = 0
    code: str = ""
    earned: int = 0

    @property
    def key(self) -> str:
        return self.person_id


@dataclass(slots=True, eq=False)
class Tally(Undoable):
    """What is counted on the day that it is at; a new day begins at nothing.

    Attributes:
        series: A source's number, or `ad/{network}/{region}`.
        amount: Sum of what was paid, in minor units.
    """

    series: str
    day: int
    count: int = 0
    amount: int = 0

    @property
    def key(self) -> str:
        return self.series


@dataclass(slots=True, eq=False)
class PastTally(Undoable):
    """What a tally was when its day was over. Never changed."""

    series: str
    day: int
    count: int
    amount: int

    @property
    def key(self) -> tuple[str, int]:
        return self.series, self.day


@dataclass(slots=True, eq=False)
class ReferralCode(Undoable):
    """Whose code it is."""

    code: str
    person_id: str

    @property
    def key(self) -> str:
        return self.code


@dataclass(slots=True, eq=False)
class AdNetwork(Undoable):
    """A network that tells of watched ads."""

    network_id: str
    create_sequence: int
    display_name: str
    scheme: Scheme
    state: NetworkState
    default_region: Region
    transaction_parameter: str
    person_parameter: str
    country_parameter: str
    create_time: datetime

    @property
    def key(self) -> str:
        return self.network_id


@dataclass(slots=True, eq=False)
class AdNetworkKey(Undoable):
    """A key of a network.

    Attributes:
        slot: From 0: where it is kept, so that a network's keys have names that are known.
        material: The public key in DER; or the secret, encrypted as webhooks' are.
    """

    network_id: str
    slot: int
    key_id: str
    create_sequence: int
    material: bytes
    create_time: datetime
    expire_time: datetime | None = None

    @property
    def key(self) -> tuple[str, int]:
        return self.network_id, self.slot

    def is_over(self, time: datetime) -> bool:
        return self.expire_time is not None and self.expire_time <= time


@dataclass(slots=True, eq=False)
class AdView(Undoable):
    """A transaction of a network that has counted. Never changed."""

    network_id: str
    transaction_id: str
    view_sequence: int

    @property
    def key(self) -> tuple[str, str]:
        return self.network_id, self.transaction_id


@dataclass(slots=True, eq=False)
class NewPeople(Undoable):
    """How many new people earned their first reward through an application in an hour.

    Attributes:
        hour: Since 1970.
    """

    application_id: str
    hour: int
    count: int

    @property
    def key(self) -> str:
        return self.application_id


@dataclass(slots=True, eq=False)
class Flag(Undoable):
    """Something that looks like abuse: one for each rule and whom it is about.

    Attributes:
        subject: A person or an application.
        hits: Since it was opened.
        value: The number that the rule looked at last.
    """

    flag_id: str
    rule: Rule
    subject: str
    state: FlagState
    hits: int
    value: int
    open_time: datetime
    last_time: datetime
    last_sequence: int
    note: str = ""

    @property
    def key(self) -> tuple[int, str]:
        return self.rule, self.subject


@dataclass(slots=True, frozen=True)
class RewardsOf:
    """Declared by a person who is gone: its row in the state is whom the person is part of now.

    Empty for nobody. With it, the participants of both are in the state, and the person's code.
    """


class RewardRecord(NamedTuple):
    """A reward in the journal, to list a person's by."""

    sequence: int
    part: int
    person_id: str
    source: int
    amount: int
    time: datetime


# --- what callers get ---------------------------------------------------------------------------


@dataclass(slots=True, frozen=True)
class Paid:
    """A reward, or taps or a view that counted and earn nothing.

    Attributes:
        facts: By source. Daily: streak. Tap: counted, carried. Ad: network, transaction, region.
            Chat: number. Referral: referrer, referred.
    """

    source: Source
    person_id: str
    amount: int
    facts: tuple[int | str, ...]
    not_counted: NotCounted = NotCounted.COUNTED
