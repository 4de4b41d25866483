"""The journal replayed in memory: what every balance must be, entry by entry. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from struct import error as StructError  # noqa: N812 - it is a class.
from typing import Any, NamedTuple

from ticketonomics_server.engine.canonical import decode_fields
from ticketonomics_server.ledger.decide import CHECKPOINT_EVERY
from ticketonomics_server.ledger.model import (
    POOL_SHARES,
    ROOMS_THAT_BURN,
    ROOMS_THAT_MINT,
    SHARE,
    EntryKind,
)
from ticketonomics_server.ledger.tables import MINT_ID, SINK_ID
from ticketonomics_server.verification.holds import HoldReplay
from ticketonomics_server.verification.report import Findings, Invariant

Key = tuple[int, int]

_MAY_MINT = ROOMS_THAT_MINT | {EntryKind.MINT, EntryKind.IMPORTED}
# These may take from the mint, posting by posting.
_MINTS_BY_POSTING = ROOMS_THAT_MINT | {EntryKind.IMPORTED}
_DEFINES_ASSET = (
    EntryKind.ASSET_CREATED,
    EntryKind.TRANSFER_FEE_SET,
    EntryKind.POOL_CREATED,
)
# Kinds whose postings may credit the sink, be it with a fee.
_MAY_BURN = ROOMS_THAT_BURN | {
    EntryKind.BURN,
    EntryKind.TRANSFER,
    EntryKind.PERSON_ERASED,
    EntryKind.HOLD_CAPTURED,
    EntryKind.IMPORTED,
}


class JournalPosting(NamedTuple):
    """A row of the journal, in the order in which `journal` reads its columns."""

    sequence: int
    position: int
    kind: int
    transaction_id: bytes | None
    source_id: int
    destination_id: int
    asset_id: int
    amount: int
    previous_of_source: int
    previous_of_destination: int


@dataclass(slots=True)
class Replayed:
    """A balance as the journal makes it.

    Attributes:
        held: What open holds have set aside of it; see `holds`.
        compared: Whether the database's row was compared with it.
    """

    posted: int = 0
    held: int = 0
    last_sequence: int = 0
    entry_count: int = 0
    compared: bool = False


@dataclass(slots=True)
class Policy:
    """An asset as its entries define it; the fields of ASSET_CREATED, in their order."""

    code: str
    kind: int
    decimals: int
    name: str
    supply_cap: int
    fee_bps: int
    fee_minimum: int
    fee_maximum: int

    def fee(self, amount: int) -> int:
        """What a posting pays, worked out apart from `ledger.model.Asset.fee`, which it checks."""
        whole, rest = divmod(amount * self.fee_bps, 10_000)
        fee = max(whole + (rest > 0), self.fee_minimum)
        return min(fee, self.fee_maximum or fee)


class Checkpoint(NamedTuple):
    """What every 64th entry of a balance must have left."""

    account_id: int
    asset_id: int
    sequence: int
    posted: int


class Replay:
    """Replays entries in order.

    Attributes:
        balances: Every balance so far, by account and asset id.
        policies: Every asset so far, by its code.
        holds: Every hold so far.
        checkpoints: Those that the replayed entries must have left; the caller takes them away.
    """

    def __init__(self, findings: Findings) -> None:
        self._findings = findings
        self.balances: dict[Key, Replayed] = {}
        self.policies: dict[str, Policy] = {}
        self.checkpoints: list[Checkpoint] = []
        self._policies_by_id: dict[int, Policy] = {}
        self.holds = HoldReplay(findings, self.balances, self._policies_by_id)

    def post(self, postings: Sequence[JournalPosting]) -> None:
        """Replays one transaction, and looks at the net of all its postings."""
        balances = self.balances
        net: dict[Key, int] = {}
        touches_system = False
        sequence, kind = postings[0].sequence, postings[0].kind
        for _, _, _, _, source_id, destination_id, asset_id, amount, *links in postings:
            source, destination = (source_id, asset_id), (destination_id, asset_id)
            net[source] = net.get(source, 0) - amount
            net[destination] = net.get(destination, 0) + amount
            touches_system |= source_id <= SINK_ID or destination_id <= SINK_ID
            for key, link in zip((source, destination), links, strict=True):
                before = balances.get(key)
                if link != (before.last_sequence if before else 0):
                    self._tell_broken_link(sequence, key, link, before)
        for key, delta in net.items():
            self._change(key, delta, sequence)
        if kind == EntryKind.TRANSFER and self._policies_by_id:
            self._check_fees(postings)
        if touches_system or kind != EntryKind.TRANSFER:
            self._check_supply(kind, postings)

    def define(self, sequence: int, kind: int, event: bytes, asset_ids: dict[str, int]) -> None:
        """Replays an entry that is no transaction; those about assets make the policy."""
        if kind not in _DEFINES_ASSET:
            return
        try:
            fields: list[Any] = decode_fields(event)
            code = fields[0]
            if kind == EntryKind.POOL_CREATED:
                # Its shares are an asset, which has no entry of its own.
                code = POOL_SHARES + code.upper()
                *_, decimals, name = fields
                self.policies[code] = Policy(code, SHARE, decimals, name, 0, 0, 0, 0)
            elif kind == EntryKind.ASSET_CREATED:
                self.policies[code] = Policy(*fields)
            else:
                policy = self.policies[code]
                policy.fee_bps, policy.fee_minimum, policy.fee_maximum = fields[1:]
            if code in asset_ids:
                self._policies_by_id[asset_ids[code]] = self.policies[code]
        except (ValueError, TypeError, LookupError, StructError):
            self._findings.add(
                Invariant.SUPPLY_MATCHES_POLICY, f"entry {sequence} defines no asset: {event.hex()}"
            )

    def _change(self, key: Key, delta: int, sequence: int) -> None:
        balance = self.balances.get(key)
        if balance is None:
            balance = self.balances[key] = Replayed()
        balance.posted += delta
        balance.last_sequence = sequence
        balance.entry_count += 1
        if not balance.entry_count % CHECKPOINT_EVERY:
            self.checkpoints.append(Checkpoint(*key, sequence, balance.posted))
        if balance.posted < 0 and key[0] != MINT_ID:
            self._findings.add(
                Invariant.NEVER_OVERDRAWN,
                f"entry {sequence} leaves {balance.posted} of asset {key[1]} to account {key[0]}",
            )
        elif balance.held and balance.held > balance.posted:
            self._findings.add(
                Invariant.HELD_WITHIN_POSTED,
                f"entry {sequence} leaves {balance.posted} of asset {key[1]} to account {key[0]},"
                f" of which {balance.held} are held",
            )

    def _tell_broken_link(
        self, sequence: int, key: Key, link: int, before: Replayed | None
    ) -> None:
        self._findings.add(
            Invariant.BALANCES_MATCH_JOURNAL,
            f"entry {sequence} links account {key[0]}, asset {key[1]} back to entry {link};"
            f" the entry before is {before.last_sequence if before else 0}",
        )

    def _check_supply(self, kind: int, postings: Sequence[JournalPosting]) -> None:
        sequence = postings[0].sequence
        for posting in postings:
            source_id, destination_id = posting.source_id, posting.destination_id
            mints = source_id == MINT_ID
            if source_id == SINK_ID or (
                kind not in _MINTS_BY_POSTING and mints != (kind == EntryKind.MINT)
            ):
                self._tell_supply(sequence, f"takes from account {source_id} by kind {kind}")
            # Other credits of the sink are fees, which `_check_fees` and `holds` work out.
            may_burn = kind in _MAY_BURN
            burns = destination_id == SINK_ID
            if destination_id == MINT_ID or (burns and not may_burn):
                self._tell_supply(sequence, f"gives to account {destination_id} by kind {kind}")
            if kind in (EntryKind.BURN, EntryKind.PERSON_ERASED) and not burns:
                self._tell_supply(sequence, f"burns into account {destination_id}")
        for asset_id in {posting.asset_id for posting in postings}:
            circulating = -self._posted(MINT_ID, asset_id) - self._posted(SINK_ID, asset_id)
            policy = self._policies_by_id.get(asset_id)
            if policy is None:
                self._tell_supply(sequence, f"is of asset {asset_id}, which no entry created")
            elif kind in _MAY_MINT and policy.supply_cap and circulating > policy.supply_cap:
                self._tell_supply(
                    sequence, f"makes {circulating} {policy.code} of at most {policy.supply_cap}"
                )
            if circulating < 0:
                self._tell_supply(sequence, f"leaves a supply of {circulating}, asset {asset_id}")

    def _check_fees(self, postings: Sequence[JournalPosting]) -> None:
        policies = self._policies_by_id
        due: dict[Key, int] = {}
        for posting in postings:
            payer = posting.source_id, posting.asset_id
            if posting.destination_id == SINK_ID:
                due[payer] = due.get(payer, 0) - posting.amount
            elif policy := policies.get(posting.asset_id):
                due[payer] = due.get(payer, 0) + policy.fee(posting.amount)
        for (account_id, asset_id), missing in due.items():
            if missing:
                self._tell_supply(
                    postings[0].sequence,
                    f"burns {-missing:+} more in fees of account {account_id}, asset {asset_id},"
                    " than the policy says",
                )

    def _tell_supply(self, sequence: int, what: str) -> None:
        self._findings.add(Invariant.SUPPLY_MATCHES_POLICY, f"entry {sequence} {what}")

    def _posted(self, account_id: int, asset_id: int) -> int:
        balance = self.balances.get((account_id, asset_id))
        return balance.posted if balance else 0
