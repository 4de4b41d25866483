"""Replays what entries say of rewards, compares the rows with it, and looks that budgets are kept.

An entry tells what becomes of a person's row and which budget was in force, so the replay needs no
parameters. Hashes of messages are in no entry, and are not compared.
"""

import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from ticketonomics_server.engine.block import to_micros
from ticketonomics_server.identity.model import person_account
from ticketonomics_server.ledger.model import MINT
from ticketonomics_server.ledger.model import EntryKind as LedgerKind
from ticketonomics_server.ledger.tickets import BRONZE
from ticketonomics_server.progression.model import day_of
from ticketonomics_server.rewards.decide_ads import series_of_views
from ticketonomics_server.rewards.decide_networks import plan_keys
from ticketonomics_server.rewards.model import (
    AdNetworkKey,
    EntryKind,
    FlagState,
    Participant,
    ReferralState,
    Region,
    Scheme,
    Source,
)
from ticketonomics_server.rewards.queries import FACTS, HEAD_FIELDS
from ticketonomics_server.rewards.rules import absorb, roll_over
from ticketonomics_server.verification.comparing import RollForward
from ticketonomics_server.verification.entry import ReplayedEntry
from ticketonomics_server.verification.journal import JournalReader
from ticketonomics_server.verification.report import Findings, Invariant

_HOUR_SECONDS = 3_600
_QUERIES = {
    "participant": (
        "SELECT person_id, * FROM reward_participants WHERE economy_id = $1",
        ("economy_id", "hashes"),
    ),
    "count of": (
        "SELECT series, day, count, amount FROM reward_tallies WHERE economy_id = $1"
        " UNION ALL"
        " SELECT series, day, count, amount FROM reward_past_tallies WHERE economy_id = $1",
        (),
    ),
    "code": ("SELECT code, person_id FROM referral_codes WHERE economy_id = $1", ()),
    "ad network": ("SELECT * FROM ad_networks WHERE economy_id = $1", ("economy_id",)),
    "new people of": ("SELECT * FROM reward_new_people WHERE economy_id = $1", ("economy_id",)),
    "flag": ("SELECT * FROM reward_flags WHERE economy_id = $1", ("economy_id",)),
    "key": (
        "SELECT k.network_id, k.slot, k.key_id, k.create_sequence, k.create_time, k.expire_time,"
        " CASE n.scheme WHEN 1 THEN k.material ELSE '' END AS material"
        " FROM ad_network_keys k JOIN ad_networks n USING (economy_id, network_id)"
        " WHERE k.economy_id = $1",
        (),
    ),
}
# So many columns of a row are its name.
_NAMES = {"count of": 2, "flag": 2, "key": 2}
# Rows that are never changed, and too many to keep: read in their order, page by page.
_AT_ONCE = 20_000
_NEVER_CHANGED = {
    "rewards": (
        "SELECT sequence, part, person_id, source, amount, time FROM rewards"
        " WHERE economy_id = $1 AND (sequence, part) > ($3, $4) AND sequence <= $2"
        f" ORDER BY sequence, part LIMIT {_AT_ONCE}",
        (0, -1),
    ),
    "ad views": (
        "SELECT network_id, transaction_id, view_sequence FROM ad_views"
        " WHERE economy_id = $1 AND (network_id, transaction_id) > ($3, $4)"
        f" AND view_sequence <= $2 ORDER BY network_id, transaction_id LIMIT {_AT_ONCE}",
        ("", ""),
    ),
}


class Sum:
    """Rows, however many: how many there are, and a sum of their hashes."""

    def __init__(self) -> None:
        self.rows = self.hashes = 0

    def add(self, *row: Any) -> None:
        """Adds a row; the order makes no difference."""
        digest = hashlib.sha256(repr(row).encode()).digest()
        self.rows += 1
        self.hashes = (self.hashes + int.from_bytes(digest, "big")) % 2**256

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sum) and (self.rows, self.hashes) == (other.rows, other.hashes)

    __hash__ = None  # type: ignore[assignment]  # It changes.


class RewardsReplay:
    """All that this room has, as its entries make it."""

    kinds = frozenset({int(LedgerKind.REWARD_PAID), *map(int, EntryKind)})
    invariant = Invariant.REWARDS_WITHIN_BUDGETS

    def __init__(self, findings: Findings) -> None:
        self._findings = findings
        self._people: dict[str, Participant] = {}
        self._sums = {what: Sum() for what in _NEVER_CHANGED}
        self._keys: dict[tuple[str, int], AdNetworkKey] = {}
        # Each row as a dictionary, by what it is called and its name.
        self._rows: dict[str, dict[Any, dict[str, Any]]] = {what: {} for what in _QUERIES}
        self._by_kind: dict[int, Callable[[ReplayedEntry, list[Any]], None]] = {
            LedgerKind.REWARD_PAID: self._reward,
            EntryKind.REWARD_COUNTED: self._reward,
            EntryKind.REFERRAL_CODE_CREATED: self._code,
            EntryKind.REFERRAL_REDEEMED: self._redeemed,
            EntryKind.REFERRAL_ENDED: self._ended,
            EntryKind.REFERRAL_POSTPONED: self._postponed,
            EntryKind.AD_NETWORK_CREATED: self._network,
            EntryKind.AD_NETWORK_UPDATED: self._network,
            EntryKind.FLAG_RESOLVED: self._resolved,
            EntryKind.REWARDS_MOVED: self._moved,
        }

    def define(self, entry: ReplayedEntry) -> None:
        """Replays an entry."""
        self._by_kind[entry.kind](entry, entry.fields)

    # --- rewards ------------------------------------------------------------------------------

    def _reward(self, entry: ReplayedEntry, fields: list[Any]) -> None:
        source, person_id, day, amount, budget, application_id, new_people = fields[:HEAD_FIELDS]
        source = Source(source)
        if day != day_of(entry.time) or (amount > 0) != (entry.kind == LedgerKind.REWARD_PAID):
            self._tell(f"entry {entry.sequence} pays {amount} on day {day}")
        facts = fields[HEAD_FIELDS:][: FACTS[source]]
        spent = self._rows["count of"].get((str(int(source)), day), {"amount": 0})["amount"]
        if amount and spent + amount > budget:
            self._tell(
                f"entry {entry.sequence} pays {amount} for {source.name.lower()}, and"
                f" {max(budget - spent, 0)} was left of the day's {budget}"
            )
        paid = {person_id: amount}
        if source == Source.REFERRAL:
            referrer_id, first, second = facts
            paid = {referrer_id: first, person_id: second}
            self._person(person_id).referral_state = ReferralState.PAID
        self._compare_minted(entry, amount, paid)
        if new_people:
            hour = int(entry.time.timestamp()) // _HOUR_SECONDS
            self._rows["new people of"][application_id] = {"hour": hour, "count": new_people}
        self._set_facts(entry, source, self._person(person_id), amount, facts)
        self._raise(entry, fields[HEAD_FIELDS + FACTS[source] :])
        if amount:
            self._count(str(int(source)), day, amount)
        # The person is the first part, whoever is paid beside is the second.
        for part, who in enumerate(sorted(paid, key=lambda who: who != person_id)):
            if paid[who]:
                self._person(who).earned += paid[who]
                row = (entry.sequence, part, who, int(source), paid[who], to_micros(entry.time))
                self._sums["rewards"].add(*row)

    def _compare_minted(self, entry: ReplayedEntry, amount: int, paid: dict[str, int]) -> None:
        minted = [
            (posting.destination, posting.amount)
            for posting in entry.postings
            if (posting.source, posting.asset) == (MINT, BRONZE)
        ]
        said = [(person_account(who), part) for who, part in paid.items() if part]
        if minted != said or len(minted) != len(entry.postings) or sum(paid.values()) != amount:
            self._tell(f"entry {entry.sequence} does not mint what it says")

    def _set_facts(
        self, entry: ReplayedEntry, source: Source, person: Participant, amount: int, facts: Any
    ) -> None:
        day, micros = day_of(entry.time), to_micros(entry.time)
        if source in (Source.TAP, Source.AD, Source.CHAT):
            roll_over(person, day)
        if source == Source.DAILY:
            person.claim_day, person.streak = day, facts[0]
        elif source == Source.TAP:
            counted, person.carried, person.energy, person.cut_taps, limit_days = facts
            person.taps += counted
            person.energy_micros = micros
            if limit_days:
                person.limit_day, person.limit_days = day, limit_days
        elif source == Source.AD:
            network_id, transaction_id, region = facts
            self._sums["ad views"].add(network_id, transaction_id, entry.sequence)
            self._count(series_of_views(network_id, Region(region)), day, amount)
            if amount:
                person.views += 1
                person.view_micros = micros
        elif source == Source.CHAT:
            person.messages, person.message_micros = facts[0], micros

    def _count(self, series: str, day: int, amount: int) -> None:
        row = self._rows["count of"].setdefault((series, day), {"count": 0, "amount": 0})
        row["count"] += 1
        row["amount"] += amount

    def _person(self, person_id: str) -> Participant:
        return self._people.setdefault(person_id, Participant(person_id))

    # --- referrals ----------------------------------------------------------------------------

    def _code(self, _: ReplayedEntry, fields: list[Any]) -> None:
        person_id, code = fields
        self._person(person_id).code = code
        self._rows["code"][code] = {"person_id": person_id}

    def _redeemed(self, entry: ReplayedEntry, fields: list[Any]) -> None:
        person_id, referrer_id, day, depth, *hits = fields
        referrer, person = self._people[referrer_id], self._person(person_id)
        roll_over(referrer, day)
        referrer.referred_today += 1
        referrer.referred += 1
        person.referrer_id, person.referral_state = referrer_id, ReferralState.PENDING
        person.redeem_micros, person.depth = to_micros(entry.time), depth
        self._raise(entry, hits)

    def _ended(self, _: ReplayedEntry, fields: list[Any]) -> None:
        self._people[fields[0]].referral_state = ReferralState.ENDED

    def _postponed(self, _: ReplayedEntry, fields: list[Any]) -> None:
        if self._people[fields[0]].referral_state != ReferralState.PENDING:
            raise ValueError("it is over")

    def _moved(self, _: ReplayedEntry, fields: list[Any]) -> None:
        person_id, target_id = fields
        source = self._people.pop(person_id)
        if target_id:
            absorb(self._person(target_id), source)
            if source.code:
                self._rows["code"][source.code]["person_id"] = target_id
        elif source.code:
            del self._rows["code"][source.code]

    # --- networks and flags -------------------------------------------------------------------

    def _network(self, entry: ReplayedEntry, fields: list[Any]) -> None:
        network_id, scheme, name, state, region, *parameters = fields[:8]
        key_id, material, overlap, _ = fields[8:]
        rows = self._rows["ad network"]
        if (entry.kind == EntryKind.AD_NETWORK_CREATED) == (network_id in rows):
            raise ValueError("it is there, or it is not")
        row = rows.setdefault(
            network_id,
            {"create_sequence": entry.sequence, "scheme": scheme, "create_time": entry.time},
        )
        names = ("transaction_parameter", "person_parameter", "country_parameter")
        row.update(display_name=name, state=state, default_region=region)
        row.update(zip(names, parameters, strict=True))
        mine = [key for key in self._keys.values() if key.network_id == network_id]
        overlap = timedelta(microseconds=overlap)
        over, ending, slot = plan_keys(mine, key_id or None, entry.time, overlap)
        for key in over:
            del self._keys[key.key]
        for key, expire_time in ending:
            key.expire_time = expire_time
        if key_id:
            kept = material if scheme == Scheme.ECDSA_P256 else b""
            made = AdNetworkKey(network_id, slot, key_id, entry.sequence, kept, entry.time)
            self._keys[made.key] = made

    def _raise(self, entry: ReplayedEntry, hits: list[Any]) -> None:
        for at in range(0, len(hits), 4):
            rule, subject, value, flag_id = hits[at : at + 4]
            row = self._rows["flag"].setdefault(
                (rule, subject), {"flag_id": flag_id, "state": FlagState.RESOLVED, "hits": 0}
            )
            if row["state"] == FlagState.RESOLVED:
                row.update(state=int(FlagState.OPEN), hits=0, note="", open_time=entry.time)
            row["hits"] += 1
            row.update(value=value, last_time=entry.time, last_sequence=entry.sequence)

    def _resolved(self, _: ReplayedEntry, fields: list[Any]) -> None:
        rule, subject, note, _ = fields
        self._rows["flag"][rule, subject].update(state=int(FlagState.RESOLVED), note=note)

    # --- comparing ----------------------------------------------------------------------------

    async def compare(self, reader: JournalReader, roll_forward: RollForward) -> None:
        """Compares all rows as of one moment."""
        async with reader.snapshot():
            head = await reader.head()
            stored = {
                what: _by_name(await reader.fetch(query), _NAMES.get(what, 1), without)
                for what, (query, without) in _QUERIES.items()
            }
        await roll_forward(head)
        replayed = {**self._rows}
        replayed["participant"] = {key: _fields(row) for key, row in self._people.items()}
        replayed["key"] = {key: _fields(row, 2) for key, row in self._keys.items()}
        for what, rows in stored.items():
            for name in sorted(rows.keys() | replayed[what].keys(), key=str):
                if rows.get(name) != replayed[what].get(name):
                    self._tell(f"{what} {name} is not what its entries make it")
        for what, replayed_sum in self._sums.items():
            stored_sum = await _read_sum(reader, what, head.last_sequence)
            if stored_sum != replayed_sum:
                self._tell(
                    f"the {stored_sum.rows:,} {what} are not the {replayed_sum.rows:,} of the"
                    " entries"
                )

    def _tell(self, detail: str) -> None:
        self._findings.add(self.invariant, detail)


async def _read_sum(reader: JournalReader, what: str, last_sequence: int) -> Sum:
    """Reads rows up to an entry, each page in a short read of its own."""
    query, behind = _NEVER_CHANGED[what]
    found = Sum()
    while rows := await reader.fetch(query, last_sequence, *behind):
        for row in rows:
            values = tuple(row.values())
            found.add(*(to_micros(v) if isinstance(v, datetime) else v for v in values))
        behind = tuple(rows[-1].values())[:2]
    return found


def _by_name(rows: list[Any], size: int, without: tuple[str, ...]) -> dict[Any, dict[str, Any]]:
    """Makes dictionaries of rows, by their first columns."""
    found = {}
    for row in rows:
        fields = {name: value for name, value in row.items() if name not in without}
        names = list(fields)[:size]
        key = tuple(fields.pop(name) for name in names)
        found[key if size > 1 else key[0]] = fields
    return found


def _fields(row: Any, size: int = 1) -> dict[str, Any]:
    """Makes a dictionary of what a row has beside its name."""
    names = [name for name in row.__dataclass_fields__ if name != "hashes"][size:]
    return {name: getattr(row, name) for name in names}
