"""Carries an import out: assets, people and accounts first, then the rows in the file's order.

All of it may be done again: what is there already is found, and every row keeps its id.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

from ticketonomics.errors.v1.reason_pb2 import Reason
from ticketonomics.ledger.v1.asset_pb2 import Asset
from ticketonomics.ledger.v1.transaction_pb2 import Posting

from ticketonomics_client.amounts import parse_amount
from ticketonomics_client.errors import RefusedError
from ticketonomics_client.importing.checking import CheckedRow, Plan
from ticketonomics_client.importing.rows import (
    MINT,
    SINK,
    AssetRow,
    BadLine,
    identity_of,
)
from ticketonomics_client.importing.together import Progress, each
from ticketonomics_client.imports import TransactionImportDraft
from ticketonomics_client.transactions import Receipt

if TYPE_CHECKING:
    from ticketonomics_client.client import Principal

# Small enough that a bar moves and that little is sent twice, large enough to be quick.
BATCH_ROWS = 1_000
BATCH_POSTINGS = 8_000


@dataclass(slots=True)
class Result:
    """What an import came to, so far or in all.

    Attributes:
        imported: Rows that this run brought in.
        replayed: Rows that an earlier run had brought in.
        empty: Balances of 0: their accounts are there, and there is nothing to move.
        refused: Lines that the ledger refused, and why.
        people: Identities of people who came with this run.
        opened: Addresses that this run opened.
        created: Codes of assets that this run created.
        amounts: Of the rows that are in now, what moved of each asset in minor units.
        last_sequence: The newest entry of all these rows.
    """

    imported: int = 0
    replayed: int = 0
    empty: int = 0
    refused: list[BadLine] = field(default_factory=list)
    people: list[str] = field(default_factory=list)
    opened: list[str] = field(default_factory=list)
    created: list[str] = field(default_factory=list)
    amounts: Counter[str] = field(default_factory=Counter)
    last_sequence: int = 0


async def carry_out(
    client: "Principal",
    plan: Plan,
    result: Result,
    *,
    progress: Progress = lambda *_: None,
) -> None:
    """Carries out a plan, batch after batch.

    Args:
        result: Filled in as it goes, so that it also tells how far an import came that failed.
        progress: Called with what is under way, how much of it is done, and of how much.

    Raises:
        RefusedError: Something other than a row was refused; what was done stays.
        UnavailableError: Nobody answered in time: run it again, and it goes on.
    """
    sending = _Sending(client, plan, result, progress)
    await sending.prepare()
    await sending.send_rows()


class _Sending:
    def __init__(self, client: "Principal", plan: Plan, result: Result, progress: Progress) -> None:
        self._client = client
        self._plan = plan
        self._result = result
        self._progress = progress
        self._accounts = {MINT: MINT, SINK: SINK, **plan.accounts}

    async def prepare(self) -> None:
        """Makes all that the rows name and that is not there yet."""
        plan, progress = self._plan, self._progress
        await each("Creating assets", plan.assets, self._create_asset, progress)
        await each("Opening accounts", plan.openings, self._open_account, progress)
        await each("Adding people", plan.people.items(), self._add_person, progress)

    async def _create_asset(self, row: AssetRow) -> None:
        asset = Asset(
            code=row.code,
            kind=cast(Asset.Kind, Asset.Kind.Value(f"KIND_{row.kind.upper()}")),
            name=row.name,
            decimals=row.decimals,
            supply_cap=parse_amount(row.supply_cap, row.decimals) if row.supply_cap else 0,
        )
        try:
            await self._client.create_asset(asset)
        except RefusedError as error:
            if error.reason != Reason.REASON_ASSET_EXISTS:
                raise
            return
        self._result.created.append(row.code)

    async def _open_account(self, address: str) -> None:
        self._accounts[address] = address
        try:
            await self._client.open_account(address)
        except RefusedError as error:
            if error.reason != Reason.REASON_ACCOUNT_EXISTS:
                raise
            return
        self._result.opened.append(address)

    async def _add_person(self, item: tuple[str, str]) -> None:
        party, name = item
        identity = identity_of(party)
        assert identity is not None, "addresses are no people"
        provider, subject = identity
        answer = await self._client.get_or_create_person(
            provider=provider, subject=subject, display_name=name
        )
        self._accounts[party] = answer.person.account
        if answer.created:
            self._result.people.append(party)

    async def send_rows(self) -> None:
        """Sends one batch after the other, so that the order is the file's."""
        total, done = len(self._plan.rows), 0
        self._progress("Importing", 0, total)
        for batch in _batches(self._plan.rows):
            drafts = [self._draft(checked) for checked in batch if checked.legs]
            outcomes = await self._client.import_transactions(drafts) if drafts else []
            self._note(batch, iter(outcomes))
            done += len(batch)
            self._progress("Importing", done, total)

    def _draft(self, checked: CheckedRow) -> TransactionImportDraft:
        row, accounts = checked.row, self._accounts
        return TransactionImportDraft(
            postings=[
                Posting(
                    source=accounts[source],
                    destination=accounts[destination],
                    asset=asset,
                    amount=amount,
                )
                for source, destination, asset, amount in checked.legs
            ],
            effective_time=row.time,
            reference=row.reference,
            memo=row.memo,
            metadata=row.metadata,
            transaction_id=checked.transaction_id,
        )

    def _note(self, batch: list[CheckedRow], outcomes: Iterator[Receipt | RefusedError]) -> None:
        result = self._result
        for checked in batch:
            if not checked.legs:
                result.empty += 1
                continue
            outcome = next(outcomes)
            if isinstance(outcome, RefusedError):
                row = checked.row
                result.refused.append(BadLine(row.line, str(outcome), row.original))
                continue
            if outcome.replayed:
                result.replayed += 1
            else:
                result.imported += 1
            result.last_sequence = max(result.last_sequence, outcome.sequence)
            for _, _, asset, amount in checked.legs:
                result.amounts[asset] += amount


def _batches(rows: list[CheckedRow]) -> Iterator[list[CheckedRow]]:
    batch: list[CheckedRow] = []
    postings = 0
    for checked in rows:
        if batch and (len(batch) == BATCH_ROWS or postings + len(checked.legs) > BATCH_POSTINGS):
            yield batch
            batch, postings = [], 0
        batch.append(checked)
        postings += len(checked.legs)
    if batch:
        yield batch
