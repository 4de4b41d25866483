"""Holds replayed from their entries: what each balance must have set aside. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from struct import error as StructError  # noqa: N812 - it is a class.
from typing import Any, NamedTuple, Protocol

from ticketonomics_server.engine.canonical import decode_fields
from ticketonomics_server.ledger.model import EntryKind
from ticketonomics_server.ledger.model_holds import HoldState
from ticketonomics_server.ledger.tables import MINT_ID, SINK_ID
from ticketonomics_server.verification.report import Findings, Invariant

Key = tuple[int, int]

ENDS = {EntryKind.HOLD_RELEASED: HoldState.RELEASED, EntryKind.HOLD_EXPIRED: HoldState.EXPIRED}
# Who, by what, until when; then five fields a posting.
_HEADER = 4
_POSTING = 5


def named_texts(event: bytes) -> set[str]:
    """The texts of a creation, all its addresses among them; none where it cannot be read."""
    try:
        return {field for field in decode_fields(event) if isinstance(field, str)}
    except (ValueError, StructError):
        return set()


class HeldBalance(Protocol):
    """What a replayed balance has, as far as holds are concerned."""

    posted: int
    held: int


class FeePolicy(Protocol):
    """What an asset's entries say about its fee."""

    def fee(self, amount: int) -> int:
        """What a posting of this amount pays."""


class Movement(Protocol):
    """A posting of a capture, as the journal has it."""

    @property
    def source_id(self) -> int: ...
    @property
    def destination_id(self) -> int: ...
    @property
    def asset_id(self) -> int: ...
    @property
    def amount(self) -> int: ...


class Held(NamedTuple):
    """A posting of a hold."""

    source_id: int
    destination_id: int
    asset_id: int
    amount: int
    fee: int


@dataclass(slots=True)
class ReplayedHold:
    """A hold as its entries make it.

    Attributes:
        digest: SHA-256 of the event that created it.
        postings: As long as it is open; then nothing needs them.
        compared: Whether the database's rows were compared with it.
    """

    sequence: int
    digest: bytes
    postings: tuple[Held, ...]
    state: HoldState = HoldState.OPEN
    end_sequence: int = 0
    compared: bool = False


class HoldReplay:
    """Replays the entries of holds in order.

    Args:
        balances: Of the whole replay, by account and asset id; their `held` is kept here.
        policies: Of the whole replay, by asset id.

    Attributes:
        holds: Every hold so far, by its id.
    """

    def __init__(
        self,
        findings: Findings,
        balances: Mapping[Key, HeldBalance],
        policies: Mapping[int, FeePolicy],
    ) -> None:
        self._findings = findings
        self._balances = balances
        self._policies = policies
        self.holds: dict[bytes, ReplayedHold] = {}

    def create(
        self,
        sequence: int,
        hold_id: bytes | None,
        event: bytes,
        account_ids: Mapping[str, int],
        asset_ids: Mapping[str, int],
    ) -> None:
        """Replays a creation, whose request id is the hold's id."""
        try:
            fields: list[Any] = decode_fields(event)
            postings = tuple(
                Held(account_ids[source], account_ids[destination], asset_ids[code], amount, fee)
                for source, destination, code, amount, fee in (
                    fields[at : at + _POSTING] for at in range(_HEADER, len(fields), _POSTING)
                )
            )
        except (ValueError, TypeError, LookupError, StructError):
            self._tell(sequence, f"creates no hold: {event.hex()}")
            return
        if hold_id is None or hold_id in self.holds or not postings:
            self._tell(sequence, "creates a hold that cannot be")
            return
        self.holds[hold_id] = ReplayedHold(sequence, sha256(event).digest(), postings)
        for held in postings:
            if held.amount <= 0 or held.fee < 0 or held.source_id in (MINT_ID, SINK_ID):
                self._tell(sequence, f"holds {held.amount} and {held.fee} of {held.source_id}")
        self._reserve(sequence, postings, 1)

    def end(self, sequence: int, kind: int, event: bytes) -> None:
        """Replays a release or an expiry."""
        if hold := self._find_open(sequence, event):
            self._end(hold, sequence, ENDS[EntryKind(kind)])

    def capture(self, sequence: int, event: bytes | None, postings: Sequence[Movement]) -> None:
        """Replays the end of a captured hold, before its postings are posted."""
        if event is None:
            self._tell(sequence, "captures no hold that it names")
            return
        hold = self._find_open(sequence, event)
        if hold is None:
            return
        amounts: list[Any] = decode_fields(event)[1:]
        if len(amounts) != len(hold.postings):
            self._tell(sequence, f"captures {len(amounts)} of {len(hold.postings)} postings")
        moved = [
            (held.source_id, held.destination_id, held.asset_id, amount)
            for held, amount in zip(hold.postings, amounts, strict=False)
            if amount
        ]
        told = [
            (p.source_id, p.destination_id, p.asset_id, p.amount)
            for p in postings
            if p.destination_id != SINK_ID
        ]
        if moved != told:
            self._tell(sequence, f"moves {told}, its event says {moved}")
        due: dict[Key, int] = {}
        for held, amount in zip(hold.postings, amounts, strict=False):
            if not 0 <= amount <= held.amount:
                self._tell(sequence, f"moves {amount} where {held.amount} were set aside")
            if amount and (policy := self._policies.get(held.asset_id)):
                payer = held.source_id, held.asset_id
                due[payer] = due.get(payer, 0) + min(policy.fee(amount), held.fee)
        self._check_fees(sequence, due, postings)
        self._end(hold, sequence, HoldState.CAPTURED)

    def _check_fees(self, sequence: int, due: dict[Key, int], postings: Sequence[Movement]) -> None:
        for posting in postings:
            if posting.destination_id == SINK_ID:
                payer = posting.source_id, posting.asset_id
                due[payer] = due.get(payer, 0) - posting.amount
        for (account_id, asset_id), missing in due.items():
            if missing:
                self._findings.add(
                    Invariant.SUPPLY_MATCHES_POLICY,
                    f"entry {sequence} burns {-missing:+} more in fees of account {account_id},"
                    f" asset {asset_id}, than the policy and its hold say",
                )

    def _find_open(self, sequence: int, event: bytes) -> ReplayedHold | None:
        try:
            fields: list[Any] = decode_fields(event)
            hold = self.holds[fields[0]]
            if not all(isinstance(amount, int) for amount in fields[1:]):
                raise ValueError("an amount is no number")
        except (ValueError, TypeError, LookupError, StructError):
            self._tell(sequence, f"ends no hold: {event.hex()}")
            return None
        if hold.state != HoldState.OPEN:
            self._tell(sequence, f"ends the hold of entry {hold.sequence} again")
            return None
        return hold

    def _end(self, hold: ReplayedHold, sequence: int, state: HoldState) -> None:
        self._reserve(sequence, hold.postings, -1)
        hold.state, hold.end_sequence, hold.postings = state, sequence, ()

    def _reserve(self, sequence: int, postings: Sequence[Held], sign: int) -> None:
        for held in postings:
            balance = self._balances.get((held.source_id, held.asset_id))
            if balance is None:
                self._tell(sequence, f"holds of account {held.source_id}, which has nothing")
                continue
            balance.held += sign * (held.amount + held.fee)
            if balance.held > balance.posted:
                self._tell(
                    sequence,
                    f"holds {balance.held} of {balance.posted}, account {held.source_id},"
                    f" asset {held.asset_id}",
                )

    def _tell(self, sequence: int, what: str) -> None:
        self._findings.add(Invariant.HELD_WITHIN_POSTED, f"entry {sequence} {what}")
