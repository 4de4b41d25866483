"""Commands about who people are: links, merges, names, and what is erased."""

from dataclasses import dataclass
from datetime import timedelta

from ticketonomics_server.identity.model import Privacy

LINK_CODE_LIFETIME = timedelta(minutes=10)
MOST_IDENTITIES = 100
MOST_TEXTS = 1_000
MOST_NAME_CHANGES = 5
NAME_CHANGES_WINDOW = timedelta(hours=24)
MOST_HANDLE_CHANGES = 3
# So long nobody else gets what was given up: who pays to a handle means its owner of lately.
HANDLE_KEPT = timedelta(days=30)

LINK_CODE_TIMER = 60
TEXTS_TIMER = 61
HANDLE_TIMER = 63
# All are set when a person is merged or erased: each room that keeps something of people has its
# own kind, and ends or hands on what it keeps.
GONE_TIMER = 62
PROGRESS_GONE_TIMER = 250
REWARDS_GONE_TIMER = 221
# `queues` takes the person out of rounds that wait.
QUEUES_GONE_TIMER = 213
PARLIAMENT_GONE_TIMER = 233
GONE_TIMERS = (
    GONE_TIMER,
    PROGRESS_GONE_TIMER,
    REWARDS_GONE_TIMER,
    QUEUES_GONE_TIMER,
    PARLIAMENT_GONE_TIMER,
)

# The body hash of a command that a timer makes: nobody else can choose its request id.
NO_BODY = bytes(16)


@dataclass(slots=True, frozen=True)
class CreateLinkCode:
    """Asks for a code for a person. The hash is of a code that was drawn for this try."""

    request_id: bytes
    body_hash: bytes
    person_id: str
    new_code_hash: bytes


@dataclass(slots=True, frozen=True)
class RedeemLinkCode:
    """Asks to link an identity to the person of a code.

    Attributes:
        merge: Whether the person whom the identity belongs to shall come along.
        expected_person: Whose code it was when somebody looked before; empty for nobody's.
        expected_owner: Whose identity it was then.
    """

    request_id: bytes
    body_hash: bytes
    code_hash: bytes
    provider: str
    subject: str
    merge: bool
    expected_person: str = ""
    expected_owner: str = ""


@dataclass(slots=True, frozen=True)
class ExpireLinkCode:
    """A link code's time is over."""

    request_id: bytes
    code_hash: bytes
    body_hash: bytes = NO_BODY


@dataclass(slots=True, frozen=True)
class UnlinkIdentity:
    """Asks to take an identity away from a person."""

    request_id: bytes
    body_hash: bytes
    person_id: str
    provider: str
    subject: str


@dataclass(slots=True, frozen=True)
class MergePeople:
    """Asks to make the source a part of the target."""

    request_id: bytes
    body_hash: bytes
    source_id: str
    target_id: str


@dataclass(slots=True, frozen=True)
class SetDisplayName:
    """Asks to call a person otherwise."""

    request_id: bytes
    body_hash: bytes
    person_id: str
    display_name: str


@dataclass(slots=True, frozen=True)
class SetPrivacy:
    """Asks to show a person's name to others, or not."""

    request_id: bytes
    body_hash: bytes
    person_id: str
    privacy: Privacy


@dataclass(slots=True, frozen=True)
class SetHandle:
    """Asks for a handle for a person; an empty one for none."""

    request_id: bytes
    body_hash: bytes
    person_id: str
    handle: str


@dataclass(slots=True, frozen=True)
class FreeHandle:
    """A handle that was given up is kept no longer."""

    request_id: bytes
    handle: str
    body_hash: bytes = NO_BODY


@dataclass(slots=True, frozen=True)
class SetPreferences:
    """Asks to set what a person wishes of programs; see `Person` for the forms."""

    request_id: bytes
    body_hash: bytes
    person_id: str
    language: str
    muted: str


@dataclass(slots=True, frozen=True)
class ErasePerson:
    """Asks to erase everything personal about a person."""

    request_id: bytes
    body_hash: bytes
    person_id: str
    burn_balances: bool


@dataclass(slots=True, frozen=True)
class EraseTexts:
    """More texts of an erased person are to go."""

    request_id: bytes
    person_id: str
    body_hash: bytes = NO_BODY
