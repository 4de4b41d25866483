"""What can be asked for about rewards."""

from dataclasses import dataclass
from datetime import timedelta
from typing import NamedTuple

from ticketonomics_server.rewards.model import NetworkState, Region, Rule, Scheme

# The body hash of a command that a timer makes: nobody else can choose its request id.
NO_BODY = bytes(16)


@dataclass(slots=True, frozen=True)
class ClaimDaily:
    """Asks for the reward of the day."""

    request_id: bytes
    body_hash: bytes
    person_id: str


@dataclass(slots=True, frozen=True)
class Tap:
    """Asks to count taps."""

    request_id: bytes
    body_hash: bytes
    person_id: str
    count: int


@dataclass(slots=True, frozen=True)
class CompleteAdView:
    """Asks to count a view, whose signature was found to be good.

    Attributes:
        slot: Of the key that verified it, and the entry that brought that key: it must still be it.
    """

    request_id: bytes
    body_hash: bytes
    network_id: str
    slot: int
    key_sequence: int
    transaction_id: str
    person_id: str
    region: Region


@dataclass(slots=True, frozen=True)
class ReportActivity:
    """Asks to count a message. `message` is the beginning of its hash."""

    request_id: bytes
    body_hash: bytes
    person_id: str
    channel: str
    message: bytes
    length: int


@dataclass(slots=True, frozen=True)
class CreateReferralCode:
    """Asks for a person's code."""

    request_id: bytes
    body_hash: bytes
    person_id: str


@dataclass(slots=True, frozen=True)
class RedeemReferral:
    """Asks to keep who brought a person.

    Attributes:
        expected_referrer: Whose code it was when it was looked up; empty for nobody's.
    """

    request_id: bytes
    body_hash: bytes
    person_id: str
    code: str
    expected_referrer: str


@dataclass(slots=True, frozen=True)
class CheckReferral:
    """Asks whether a person is active enough by now. Comes from a timer."""

    request_id: bytes
    body_hash: bytes
    person_id: str
    referrer_id: str


@dataclass(slots=True, frozen=True)
class MoveRewards:
    """Asks to hand on what a merged or erased person has. Comes from a timer."""

    request_id: bytes
    body_hash: bytes
    person_id: str


class NewKey(NamedTuple):
    """A key of a network that is to be kept; see `AdNetworkKey`."""

    key_id: str
    material: bytes


class NetworkTerms(NamedTuple):
    """What of a network may be changed."""

    display_name: str
    state: NetworkState
    default_region: Region
    transaction_parameter: str
    person_parameter: str
    country_parameter: str


@dataclass(slots=True, frozen=True)
class CreateAdNetwork:
    """Asks for a new network."""

    request_id: bytes
    body_hash: bytes
    network_id: str
    scheme: Scheme
    terms: NetworkTerms
    new_key: NewKey


@dataclass(slots=True, frozen=True)
class UpdateAdNetwork:
    """Asks to replace a network's terms, and maybe its keys."""

    request_id: bytes
    body_hash: bytes
    network_id: str
    terms: NetworkTerms
    new_key: NewKey | None
    overlap: timedelta


@dataclass(slots=True, frozen=True)
class ResolveFlag:
    """Asks to keep that somebody looked at a flag. Rule and subject were read beforehand."""

    request_id: bytes
    body_hash: bytes
    flag_id: str
    rule: Rule
    subject: str
    note: str
