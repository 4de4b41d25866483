"""What a file of an import says, row by row, and how each row gets its id."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from ticketonomics_client.imports import import_id

MINT, SINK = "system/mint", "system/sink"
MAX_POSTINGS = 256
MAX_MEMO = 256
MAX_NAME = 64
MAX_SUBJECT = 128
MAX_PAIRS = 16

_ADDRESS = re.compile(r"[a-z0-9_.-]{1,64}(/[a-z0-9_.-]{1,64}){1,5}")
_PROVIDER = re.compile(r"[a-z0-9_]{1,32}")
_ASSET = re.compile(r"[A-Z][A-Z0-9_-]{0,23}")
_REFERENCE = re.compile(r"[A-Za-z0-9_.:/#+=-]{1,64}")
_UNCLEAN = {"Cc", "Cs", "Cn", "Co"}
_BIDIRECTIONAL = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


class FileError(ValueError):
    """A file that cannot be imported at all; the text says why."""


class RowError(ValueError):
    """A row that cannot be imported; the text says why."""


class Contents(StrEnum):
    """What a file is of."""

    BALANCES = "balances"
    TRANSACTIONS = "transactions"


@dataclass(slots=True, frozen=True)
class Leg:
    """One movement, with its amount in display units as the file has it.

    Source and destination are addresses, or identities such as `telegram:12345`.
    """

    source: str
    destination: str
    asset: str
    amount: str


@dataclass(slots=True, frozen=True)
class Row:
    """One transaction of a file.

    Attributes:
        line: Where it begins in the file, from 1.
        number: What it is known by where it has no reference: the column `line`, or its line.
        legs: None where an opening balance is 0: then only its account is looked after.
        party: Whose opening balance it is; empty in files of transactions.
        time: When it happened; None where the file does not say.
        name: Display name for a person who is new.
        original: As the file has it, for the file of rejected lines.
    """

    line: int
    number: int
    legs: tuple[Leg, ...]
    party: str = ""
    time: datetime | None = None
    reference: str = ""
    memo: str = ""
    metadata: Mapping[str, str] = field(default_factory=dict)
    name: str = ""
    original: Mapping[str, object] = field(default_factory=dict)


@dataclass(slots=True, frozen=True)
class BadLine:
    """A line that cannot be imported, and why."""

    line: int
    message: str
    original: Mapping[str, object] = field(default_factory=dict)


@dataclass(slots=True, frozen=True)
class RowFile:
    """A file that was read.

    Attributes:
        columns: Of a CSV file, in its order; none for JSONL.
        delimiter: Of a CSV file.
    """

    contents: Contents
    rows: Sequence[Row]
    bad: Sequence[BadLine]
    columns: Sequence[str] = ()
    delimiter: str = ","


@dataclass(slots=True, frozen=True)
class AssetRow:
    """An asset that the import creates where the economy has none of this code."""

    line: int
    code: str
    name: str
    kind: str
    decimals: int
    supply_cap: str


@dataclass(slots=True, frozen=True)
class Naming:
    """How rows get their ids: the same row gets the same id in every run.

    Attributes:
        name: Of the import; may be empty where every transaction has a reference.
    """

    name: str = ""

    def transaction_id(self, contents: Contents, row: Row) -> str:
        """Makes a row's id of its reference, else of whose balance it is, or of its line.

        Raises:
            RowError: It has no reference, and the import no name.
        """
        if row.reference:
            return import_id(contents, self.name, "reference", row.reference)
        if contents is Contents.BALANCES:
            asset = row.legs[0].asset if row.legs else ""
            return import_id(contents, self.name, "account", row.party, asset)
        if not self.name:
            raise RowError(
                "it has no reference: give the import a name (--name), so that a second run knows"
                " what the first one did"
            )
        return import_id(contents, self.name, "line", str(row.number))


# --- checks of what a file says ---------------------------------------------------------------


def identity_of(party: str) -> tuple[str, str] | None:
    """Splits an identity into provider and subject; None for an address."""
    provider, colon, subject = party.partition(":")
    return (provider, subject) if colon else None


def check_party(text: str) -> str:
    """Returns an address or an identity, or raises RowError for what is neither."""
    identity = identity_of(text)
    if identity is None:
        if len(text) <= 128 and _ADDRESS.fullmatch(text):
            return text
    elif _PROVIDER.fullmatch(identity[0]) and 1 <= len(identity[1]) <= MAX_SUBJECT:
        return check_text(text, "identity", longest=128 + 33)
    raise RowError(
        f"{text!r} is neither an address such as orgs/guild/treasury nor an identity such as"
        " telegram:12345"
    )


def check_asset(text: str) -> str:
    """Returns an asset's code, or raises RowError."""
    if not _ASSET.fullmatch(text):
        raise RowError(f"{text!r} is no code of an asset such as BRONZE")
    return text


def check_reference(text: str) -> str:
    """Returns a reference, which may be empty, or raises RowError."""
    if text and not _REFERENCE.fullmatch(text):
        raise RowError(
            f"the reference {text!r} is not at most 64 of a–z, A–Z, 0–9 and _.:/#+=- (it is public,"
            " and can never be erased)"
        )
    return text


def check_text(text: str, what: str, *, longest: int) -> str:
    """Returns a text in Unicode form C, or raises RowError for one that controls what follows."""
    text = unicodedata.normalize("NFC", text)
    if len(text) > longest:
        raise RowError(f"the {what} has {len(text)} characters, more than {longest}")
    for character in text.replace("\n", " "):
        if unicodedata.category(character) in _UNCLEAN or character in _BIDIRECTIONAL:
            raise RowError(f"the {what} holds the control character U+{ord(character):04X}")
    return text


def check_leg(leg: Leg) -> Leg:
    """Returns a movement, or raises RowError for one that cannot be."""
    check_party(leg.source)
    check_party(leg.destination)
    check_asset(leg.asset)
    if leg.source == leg.destination:
        raise RowError(f"{leg.source} is on both sides")
    if leg.source == SINK or leg.destination == MINT:
        raise RowError(f"nothing comes from {SINK}, and nothing goes to {MINT}")
    return leg
