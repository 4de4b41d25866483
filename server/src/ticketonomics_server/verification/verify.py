"""Verifies one economy, while it lives: replays its whole journal and compares what it finds."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from operator import attrgetter

from ticketonomics_server.engine.block import GENESIS, Head
from ticketonomics_server.ledger.model import KINDS_WITH_EVENT, EntryKind, Posting
from ticketonomics_server.storage.database import Database
from ticketonomics_server.verification.chain import (
    UnbuildableLeafError,
    build_event_leaf,
    build_transaction_leaf,
    check_link,
    check_root,
    check_text,
    transactions_of,
)
from ticketonomics_server.verification.comparing import Comparison
from ticketonomics_server.verification.entry import ReplayedEntry
from ticketonomics_server.verification.holds import ENDS
from ticketonomics_server.verification.imports import check_import, tell_no_import
from ticketonomics_server.verification.journal import JournalReader, Page
from ticketonomics_server.verification.payments import PaymentsComparison, PaymentsReplay
from ticketonomics_server.verification.people import MOVING, PeopleReplay
from ticketonomics_server.verification.proofs import LogReplay, check_proofs
from ticketonomics_server.verification.replay import JournalPosting, Replay
from ticketonomics_server.verification.report import Findings, Invariant, Report
from ticketonomics_server.verification.rooms import RoomReplays
from ticketonomics_server.verification.spending import SpendingComparison, SpendingReplay
from ticketonomics_server.verification.webhooks import WebhooksComparison, WebhooksReplay

Progress = Callable[[int, int], None]

# What lies outside of all blocks is in no proof.
_TABLES_BY_ENTRY = {
    "postings": Invariant.CHAIN_UNBROKEN,
    "entries": Invariant.CHAIN_UNBROKEN,
    "texts": Invariant.CHAIN_UNBROKEN,
    "checkpoints": Invariant.BALANCES_MATCH_JOURNAL,
    "held_postings": Invariant.HELD_WITHIN_POSTED,
    "requests": Invariant.EVERY_REQUEST_ONCE,
    "spending_records": Invariant.SPENDING_WITHIN_LIMITS,
    "ticks": Invariant.CANDLES_MATCH_TICKS,
}


async def verify(
    database: Database,
    economy_id: int,
    *,
    progress: Progress | None = None,
    invariants: Collection[Invariant] = tuple(Invariant),
) -> Report:
    """Recomputes every balance, hash and root of an economy from its journal.

    Reads in short snapshots, a few thousand entries each, so the economy may go on meanwhile:
    balances are compared as of the block with which they were read. Keeps the balances in memory
    and little else.

    Args:
        progress: Called with the number of entries that are done, and of all.
        invariants: Those to tell about.

    Raises:
        LookupError: There is no such economy.
    """
    async with database.connected() as connection:
        name = await connection.fetchval(
            "SELECT name FROM economies WHERE economy_id = $1", economy_id
        )
        if name is None:
            raise LookupError(f"there is no economy with id {economy_id}")
        findings = Findings(invariants)
        reader = JournalReader(connection, economy_id, findings)
        return await _Verification(name, reader, findings, progress or _keep_quiet).run()


def _keep_quiet(_done: int, _total: int) -> None:
    pass


def _name(encoded: Mapping[int, bytes], identifier: int) -> str:
    """Reads a name out of its canonical bytes; empty for one that is missing, told elsewhere."""
    return encoded.get(identifier, b"")[4:].decode()


class _Verification:
    def __init__(
        self, economy: str, reader: JournalReader, findings: Findings, progress: Progress
    ) -> None:
        self._economy = economy
        self._reader = reader
        self._findings = findings
        self._progress = progress
        self._replay = Replay(findings)
        self._people = PeopleReplay(findings)
        self._payments = PaymentsReplay(findings, self._people.people)
        self._spending = SpendingReplay(findings)
        self._webhooks = WebhooksReplay(findings)
        self._rooms = RoomReplays(findings)
        self._below = GENESIS
        self._log = LogReplay()
        self._counts: Counter[str] = Counter()

    async def run(self) -> Report:
        await self._roll_forward(await self._reader.head())
        await Comparison(self._reader, self._replay, self._findings, self._roll_forward).run()
        await self._check_people()
        await PaymentsComparison(
            self._reader, self._payments, self._findings, self._roll_forward
        ).run()
        await SpendingComparison(
            self._reader, self._spending, self._findings, self._roll_forward
        ).run()
        await WebhooksComparison(
            self._reader, self._webhooks, self._findings, self._roll_forward
        ).run()
        await self._rooms.compare(self._reader, self._roll_forward)
        await self._check_beyond()
        await check_proofs(self._economy, self._reader, self._log, self._findings)
        counts = {
            name: self._counts[name]
            for name in ("blocks", "entries", "transactions", "postings", "checkpoints")
        }
        return Report(
            economy=self._economy,
            height=self._below.height,
            last_sequence=self._below.last_sequence,
            counts={**counts, "balances": len(self._replay.balances)},
            violations=tuple(self._findings.violations),
            violation_counts=dict(self._findings.counts),
        )

    async def _roll_forward(self, target: Head) -> None:
        """Replays what is committed up to a head."""
        while self._below.height < target.height:
            page = await self._reader.read_page(self._below.height, target)
            if page is None:
                return
            leaves = self._replay_page(page)
            self._check_blocks(page, leaves)
            await self._check_checkpoints()
            self._progress(
                self._below.last_sequence, max(self._below.last_sequence, target.last_sequence)
            )

    # --- entries ------------------------------------------------------------------------------

    def _replay_page(self, page: Page) -> dict[int, bytes | None]:
        """Replays a page's entries in order, and builds their leaves."""
        leaves: dict[int, bytes | None] = {}
        events = iter(page.events)
        event = next(events, None)
        for postings in transactions_of(page.postings):
            sequence = postings[0].sequence
            while event is not None and event[0] < sequence:
                self._replay_event(page, event, leaves)
                event = next(events, None)
            beside = None
            if event is not None and event[0] == sequence:
                _, kind, encoded = event
                moves = kind in MOVING
                if kind == postings[0].kind and kind in KINDS_WITH_EVENT:
                    beside = encoded
                else:
                    self._replay_event(page, event, leaves, postings if moves else ())
                event = next(events, None)
                if moves:
                    continue
            self._replay_transaction(page, postings, leaves, beside)
        while event is not None:
            self._replay_event(page, event, leaves)
            event = next(events, None)
        for sequence, text in page.texts.items():
            if check_text(sequence, text, self._findings):
                self._people.erased.add(sequence)
        self._check_requests_left()
        self._counts["entries"] += len(leaves)
        return leaves

    def _replay_transaction(
        self,
        page: Page,
        postings: Sequence[JournalPosting],
        leaves: dict[int, bytes | None],
        event: bytes | None,
    ) -> None:
        """Replays a transaction, with the event beside it if its kind has one."""
        reader, first = self._reader, postings[0]
        sequence = first.sequence
        self._counts["transactions"] += 1
        self._counts["postings"] += len(postings)
        if first.kind == EntryKind.HOLD_CAPTURED:
            self._replay.holds.capture(sequence, event, postings)
        elif first.kind == EntryKind.IMPORTED:
            check_import(sequence, event, page.blocks, self._findings)
        elif first.kind == EntryKind.POOL_CREATED:
            self._replay.define(sequence, first.kind, event or b"", reader.asset_ids)
        self._replay.post(postings)
        request_id = reader.requests.pop(sequence, None)
        if request_id is None or request_id != first.transaction_id:
            self._tell_request(sequence, request_id, first.transaction_id)
        if self._rooms.wants(first.kind):
            self._show_rooms(page, (sequence, first.kind, event), request_id, postings)
        text = page.texts.get(sequence)
        commitment = text.commitment if text else b""
        try:
            leaf = build_transaction_leaf(
                postings, reader.addresses, reader.codes, commitment, event
            )
        except UnbuildableLeafError as error:
            self._tell_no_leaf(sequence, error)
            leaf = None
        self._keep_leaf(sequence, leaf, leaves)

    def _replay_event(
        self,
        page: Page,
        event: tuple[int, int, bytes],
        leaves: dict[int, bytes | None],
        postings: Sequence[JournalPosting] = (),
    ) -> None:
        """Replays an event, with the postings beside it if it moves something."""
        reader = self._reader
        sequence, kind, encoded = event
        request_id = reader.requests.pop(sequence, None)
        if kind == EntryKind.HOLD_CREATED:
            self._replay.holds.create(
                sequence, request_id, encoded, reader.account_ids, reader.asset_ids
            )
        elif kind in ENDS:
            self._replay.holds.end(sequence, kind, encoded)
        elif kind == EntryKind.IMPORTED:
            tell_no_import(sequence, "moves nothing", self._findings)
        else:
            self._replay.define(sequence, kind, encoded, reader.asset_ids)
        moves = self._people.define(sequence, kind, encoded)
        self._payments.define(sequence, kind, encoded)
        self._spending.define(sequence, kind, encoded)
        self._webhooks.define(sequence, kind, encoded)
        if request_id is None or (postings and request_id != postings[0].transaction_id):
            self._tell_request(
                sequence, request_id, postings[0].transaction_id if postings else None
            )
        if kind in MOVING:
            self._people.compare_moves(sequence, moves, tuple(postings), reader)
        if postings:
            self._counts["transactions"] += 1
            self._counts["postings"] += len(postings)
            self._replay.post(postings)
        if self._rooms.wants(kind):
            self._show_rooms(page, event, request_id, postings)
        text = page.texts.get(sequence)
        commitment = text.commitment if text else b""
        try:
            leaf = build_event_leaf(sequence, kind, encoded, request_id, commitment)
        except UnbuildableLeafError as error:
            self._tell_no_leaf(sequence, error)
            leaf = None
        self._keep_leaf(sequence, leaf, leaves)

    def _show_rooms(
        self,
        page: Page,
        entry: tuple[int, int, bytes | None],
        request_id: bytes | None,
        postings: Sequence[JournalPosting],
    ) -> None:
        """Shows an entry to the rooms, with names in place of ids.

        Args:
            entry: Sequence number, kind, and event.
        """
        reader = self._reader
        sequence, kind, event = entry
        named = tuple(
            Posting(
                _name(reader.addresses, posting.source_id),
                _name(reader.addresses, posting.destination_id),
                _name(reader.codes, posting.asset_id),
                posting.amount,
            )
            for posting in postings
        )
        at = bisect_left(page.blocks, sequence, key=attrgetter("last_sequence"))
        block = page.blocks[min(at, len(page.blocks) - 1)]
        self._rooms.define(
            ReplayedEntry(sequence, kind, request_id, event, named, block.block_time)
        )

    def _keep_leaf(
        self, sequence: int, leaf: bytes | None, leaves: dict[int, bytes | None]
    ) -> None:
        if sequence in leaves:
            self._findings.add(
                Invariant.MERKLE_ROOTS_MATCH, f"entry {sequence} is a transaction and an event"
            )
        leaves[sequence] = leaf

    def _tell_no_leaf(self, sequence: int, error: UnbuildableLeafError) -> None:
        self._findings.add(
            Invariant.MERKLE_ROOTS_MATCH, f"entry {sequence} cannot be hashed: {error}"
        )

    # --- requests -----------------------------------------------------------------------------

    def _tell_request(
        self, sequence: int, request_id: bytes | None, transaction_id: bytes | None
    ) -> None:
        said = request_id.hex() if request_id else "missing"
        asked = f", its transaction id {transaction_id.hex()}" if transaction_id else ""
        self._findings.add(
            Invariant.EVERY_REQUEST_ONCE, f"the request id of entry {sequence} is {said}{asked}"
        )

    def _check_requests_left(self) -> None:
        """Tells of request ids whose entries are passed and were not there."""
        requests, read_to = self._reader.requests, self._reader.read_to
        if not requests or min(requests) > read_to:
            return
        for sequence in [sequence for sequence in requests if sequence <= read_to]:
            self._findings.add(
                Invariant.EVERY_REQUEST_ONCE,
                f"request {requests.pop(sequence).hex()} made entry {sequence}, which is missing",
            )

    # --- blocks -------------------------------------------------------------------------------

    def _check_blocks(self, page: Page, leaves: dict[int, bytes | None]) -> None:
        for block in page.blocks:
            check_link(self._economy, self._below, block, self._findings)
            check_root(block, leaves, self._findings)
            self._below = block.head
            self._log.add(self._economy, block)
        self._counts["blocks"] += len(page.blocks)
        for sequence in leaves:
            self._findings.add(Invariant.CHAIN_UNBROKEN, f"entry {sequence} is in no block")

    async def _check_checkpoints(self) -> None:
        due, self._replay.checkpoints = self._replay.checkpoints, []
        if not due:
            return
        self._counts["checkpoints"] += len(due)
        for missing in set(due) - await self._reader.find_checkpoints(due):
            self._findings.add(
                Invariant.BALANCES_MATCH_JOURNAL,
                f"there is no checkpoint of {missing.posted} at entry {missing.sequence} of"
                f" account {missing.account_id}, asset {missing.asset_id}",
            )

    async def _check_people(self) -> None:
        """Compares people with their entries, and what is erased with what entries erased."""
        reader, people = self._reader, self._people
        suspects = set(people.erased)
        async with reader.snapshot():
            head = await reader.head()
            stored = await people.read_people(reader)
        await self._roll_forward(head)
        people.tell_differences(stored)
        await people.tell_erasures(suspects, reader)

    async def _check_beyond(self) -> None:
        """Looks for what lies outside of all blocks."""
        reader = self._reader
        async with reader.snapshot():
            head = await reader.head()
            for table, invariant in _TABLES_BY_ENTRY.items():
                ((count,),) = await reader.fetch(
                    f"SELECT count(*) FROM {table}"
                    " WHERE economy_id = $1 AND (sequence > $2 OR sequence < 1)",
                    head.last_sequence,
                )
                if count:
                    self._findings.add(
                        invariant, f"{count} {table} are of entries that are in no block"
                    )
