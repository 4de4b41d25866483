"""Compares all rows of a file with the economy, before anything is sent."""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, TypeVar

from ticketonomics.errors.v1.reason_pb2 import Reason
from ticketonomics.identity.v1.person_pb2 import Person
from ticketonomics.ledger.v1.account_pb2 import Account

from ticketonomics_client.amounts import AmountError, parse_amount
from ticketonomics_client.errors import RefusedError
from ticketonomics_client.importing.funds import Funds
from ticketonomics_client.importing.rows import (
    MINT,
    SINK,
    AssetRow,
    BadLine,
    Contents,
    FileError,
    Naming,
    Row,
    RowError,
    RowFile,
    identity_of,
)
from ticketonomics_client.importing.together import Progress, each

if TYPE_CHECKING:
    from ticketonomics_client.client import Principal

# If none of the first rows is there, the import has not begun.
PROBED_ROWS = 100

Item = TypeVar("Item")


@dataclass(slots=True, frozen=True)
class CheckedRow:
    """A row with its id, and its movements in minor units between parties as the file has them."""

    row: Row
    transaction_id: str
    legs: tuple[tuple[str, str, str, int], ...]


@dataclass(slots=True)
class Plan:
    """What an import is going to do.

    Attributes:
        rows: Good ones, in the file's order.
        bad: All lines that cannot be imported, in the file's order.
        accounts: Address of each party that is there already.
        people: Identities of people who are to come, with their names.
        openings: Addresses that are to be opened.
        assets: Assets that are to be created.
        decimals: Of every asset that is named.
        begun: Whether an earlier run has imported some of it: then funds were not looked at.
    """

    contents: Contents
    rows: list[CheckedRow] = field(default_factory=list)
    bad: list[BadLine] = field(default_factory=list)
    accounts: dict[str, str] = field(default_factory=dict)
    people: dict[str, str] = field(default_factory=dict)
    openings: list[str] = field(default_factory=list)
    assets: list[AssetRow] = field(default_factory=list)
    decimals: dict[str, int] = field(default_factory=dict)
    begun: bool = False


async def check_rows(
    client: "Principal",
    file: RowFile,
    naming: Naming,
    *,
    assets: Sequence[AssetRow] = (),
    progress: Progress = lambda *_: None,
) -> Plan:
    """Checks every row against the economy, and against the rows before it. Changes nothing.

    Args:
        assets: Those that the import may create.
        progress: Called with what is under way, how much of it is done, and of how much.

    Raises:
        RefusedError: The key lacks a scope that the import needs, or may not read.
        UnavailableError: Nobody answered.
    """
    return await _Checking(client, file, naming, assets, progress).run()


class _Checking:
    def __init__(
        self,
        client: "Principal",
        file: RowFile,
        naming: Naming,
        assets: Sequence[AssetRow],
        progress: Progress,
    ) -> None:
        self._client = client
        self._file = file
        self._naming = naming
        self._offered = assets
        self._progress = progress
        self._plan = Plan(file.contents, bad=list(file.bad))
        self._caps: dict[str, int] = {}
        self._wrong_assets: dict[str, str] = {}
        self._wrong_parties: dict[str, str] = {}
        self._blocked: set[str] = set()

    async def run(self) -> Plan:
        plan, rows = self._plan, self._file.rows
        await self._check_assets(sorted({leg.asset for row in rows for leg in row.legs}))
        self._collect_names()
        parties = dict.fromkeys(
            party
            for row in rows
            for party in (
                row.party,
                *(p for leg in row.legs for p in (leg.source, leg.destination)),
            )
            if party not in {"", MINT, SINK}
        )
        await self._each("Looking up accounts", parties, self._find)
        self._check_each_row()
        plan.begun = await self._has_begun()
        if not plan.begun:
            await self._check_funds()
        needed = {p for checked in plan.rows for leg in checked.legs for p in leg[:2]}
        needed |= {checked.row.party for checked in plan.rows}
        plan.people = {party: name for party, name in plan.people.items() if party in needed}
        plan.openings = [address for address in plan.openings if address in needed]
        plan.bad.sort(key=lambda bad: bad.line)
        await self._check_scopes()
        return plan

    async def _each(
        self, what: str, items: Iterable[Item], work: Callable[[Item], Awaitable[None]]
    ) -> None:
        await each(what, items, work, self._progress)

    # --- assets -------------------------------------------------------------------------------

    async def _check_assets(self, codes: Sequence[str]) -> None:
        offered = {asset.code: asset for asset in self._offered}
        if len(offered) != len(self._offered):
            raise FileError("the file of assets has a code twice")

        async def find(code: str) -> None:
            try:
                found = await self._client.asset(code)
            except RefusedError as error:
                if error.reason != Reason.REASON_ASSET_NOT_FOUND:
                    raise
                self._take_new_asset(code, offered.get(code))
                return
            if code in offered and offered[code].decimals != found.decimals:
                self._wrong_assets[code] = (
                    f"{code} has {found.decimals} decimals, not {offered[code].decimals}"
                )
            self._plan.decimals[code] = found.decimals
            self._caps[code] = found.supply_cap

        await self._each("Looking up assets", sorted({*codes, *offered}), find)

    def _take_new_asset(self, code: str, offered: AssetRow | None) -> None:
        if offered is None:
            self._wrong_assets[code] = (
                f"there is no asset {code}: create it, or name it in --assets"
            )
            return
        try:
            self._caps[code] = (
                parse_amount(offered.supply_cap, offered.decimals) if offered.supply_cap else 0
            )
        except AmountError as error:
            self._wrong_assets[code] = f"the cap of {code}: {error}"
            return
        self._plan.assets.append(offered)
        self._plan.decimals[code] = offered.decimals

    # --- parties ------------------------------------------------------------------------------

    def _collect_names(self) -> None:
        for row in self._file.rows:
            if row.name and identity_of(row.party):
                self._plan.people.setdefault(row.party, row.name)

    async def _find(self, party: str) -> None:
        identity = identity_of(party)
        try:
            if identity is not None:
                await self._find_person(party, *identity)
            else:
                self._take_account(party, await self._client.account(party))
        except RefusedError as error:
            if error.reason == Reason.REASON_PERSON_NOT_FOUND and identity is not None:
                self._plan.people.setdefault(party, "")
            elif error.reason != Reason.REASON_ACCOUNT_NOT_FOUND:
                raise
            elif party.startswith(("users/", "system/")):
                self._wrong_parties[party] = f"there is no account {party}"
            else:
                self._plan.openings.append(party)

    async def _find_person(self, party: str, provider: str, subject: str) -> None:
        person = await self._client.look_up_person(provider=provider, subject=subject)
        self._plan.people.pop(party, None)
        self._plan.accounts[party] = person.account
        if person.state == Person.STATE_BLOCKED:
            self._blocked.add(party)

    def _take_account(self, party: str, account: Account) -> None:
        self._plan.accounts[party] = party
        if account.state == Account.STATE_CLOSED:
            self._wrong_parties[party] = f"{party} is closed"
        elif account.state == Account.STATE_BLOCKED:
            self._blocked.add(party)

    # --- rows ---------------------------------------------------------------------------------

    def _check_each_row(self) -> None:
        now = datetime.now(UTC)
        lines: dict[str, int] = {}
        for row in self._file.rows:
            try:
                checked = self._check_row(row, now)
                first = lines.setdefault(checked.transaction_id, row.line)
                if first != row.line:
                    raise RowError(f"line {first} is the same: {_known_by(row, checked)}")
            except (RowError, AmountError) as error:
                self._tell(row, str(error))
                continue
            self._plan.rows.append(checked)

    def _check_row(self, row: Row, now: datetime) -> CheckedRow:
        if row.time is not None and row.time > now:
            raise RowError(f"{row.time.isoformat()} is in the future")
        legs = []
        if wrong := self._wrong_parties.get(row.party):
            raise RowError(wrong)
        for leg in row.legs:
            source, destination = leg.source, leg.destination
            if wrong := self._wrong_assets.get(leg.asset):
                raise RowError(wrong)
            if wrong := self._wrong_parties.get(source) or self._wrong_parties.get(destination):
                raise RowError(wrong)
            # Anybody may be credited, a blocked person too.
            if source in self._blocked:
                raise RowError(f"{source} is blocked")
            if self._address(source) == self._address(destination):
                raise RowError(f"{source} and {destination} are the same person")
            amount = parse_amount(leg.amount, self._plan.decimals[leg.asset])
            legs.append((source, destination, leg.asset, amount))
        transaction_id = self._naming.transaction_id(self._file.contents, row)
        return CheckedRow(row, transaction_id, tuple(legs))

    def _address(self, party: str) -> str:
        """Where a party's funds are: two identities may be one person's."""
        return self._plan.accounts.get(party, party)

    async def _has_begun(self) -> bool:
        found = False

        async def probe(checked: CheckedRow) -> None:
            nonlocal found
            try:
                await self._client.transaction(checked.transaction_id)
                found = True
            except RefusedError as error:
                if error.reason != Reason.REASON_TRANSACTION_NOT_FOUND:
                    raise

        first = [checked for checked in self._plan.rows if checked.legs][:PROBED_ROWS]
        await self._each("Looking for an earlier run", first, probe)
        return found

    async def _check_funds(self) -> None:
        plan = self._plan
        names = {address: party for party, address in plan.accounts.items()}
        funds = Funds(self._caps, plan.decimals, names)
        wanted = {
            (self._address(party), leg[2])
            for checked in plan.rows
            for leg in checked.legs
            for party in leg[:2]
        }
        addresses, new = set(plan.accounts.values()), {asset.code for asset in plan.assets}

        async def read(key: tuple[str, str]) -> None:
            balance = await self._client.balance(*key)
            funds.begin(*key, balance.posted, balance.held)

        async def read_supply(code: str) -> None:
            funds.begin_supply(code, await self._client.supply(code))

        there = [key for key in sorted(wanted) if key[0] in addresses and key[1] not in new]
        await self._each("Reading balances", there, read)
        await self._each("Reading supplies", {code for _, code in wanted} - new, read_supply)
        rows, plan.rows = plan.rows, []
        for checked in rows:
            legs = [(self._address(s), self._address(d), code, n) for s, d, code, n in checked.legs]
            if wrong := funds.take(legs):
                self._tell(checked.row, wrong)
            else:
                plan.rows.append(checked)

    def _tell(self, row: Row, message: str) -> None:
        self._plan.bad.append(BadLine(row.line, message, row.original))

    # --- rights -------------------------------------------------------------------------------

    async def _check_scopes(self) -> None:
        """Finds out before anything is sent whether the key may do all of it."""
        plan = self._plan
        sources = {leg[0] for checked in plan.rows for leg in checked.legs}
        sinks = {leg[1] for checked in plan.rows for leg in checked.legs}
        me = (await self._client.who_am_i()).application
        own = f"apps/{me.application_id}/"
        needed = {
            "ledger.import": True,
            "ledger.mint": MINT in sources,
            "ledger.burn": SINK in sinks,
            "ledger.debit_any": any(s != MINT and not s.startswith(own) for s in sources),
            "ledger.accounts": any(not a.startswith(own) for a in plan.openings),
            "ledger.assets": bool(plan.assets),
            "identity.people": bool(plan.people),
        }
        if missing := [s for s, is_needed in needed.items() if is_needed and s not in me.scopes]:
            raise RefusedError(
                f"the key lacks what this import needs: {', '.join(missing)}",
                reason_name="SCOPE_MISSING",
                metadata={"scope": " ".join(missing)},
            )


def _known_by(row: Row, checked: CheckedRow) -> str:
    if row.reference:
        return f"the reference {row.reference}"
    if row.party:
        return " ".join((row.party, *(leg[2] for leg in checked.legs)))
    return f"number {row.number}"
