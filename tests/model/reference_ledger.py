"""The ledger as a book of rules: slow, small, in memory. What the server must agree with."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field

MINT, SINK = "system/mint", "system/sink"
MAX_INT64 = 2**63 - 1
TRANSFER, MINTING, BURNING, MERGE, CAPTURE = 1, 2, 3, 24, 41

Posting = tuple[str, str, str, int]


class RefusedError(Exception):
    @property
    def reason(self) -> str:
        return self.args[0]


@dataclass
class Asset:
    cap: int
    fee_bps: int
    fee_minimum: int
    fee_maximum: int

    def fee(self, amount: int) -> int:
        whole, rest = divmod(amount * self.fee_bps, 10_000)
        fee = max(whole + (rest > 0), self.fee_minimum)
        return min(fee, self.fee_maximum) if self.fee_maximum else fee


@dataclass
class Hold:
    postings: list[Posting]
    fees: list[int]
    state: str = "open"

    def reserved(self) -> dict[tuple[str, str], int]:
        amounts: dict[tuple[str, str], int] = defaultdict(int)
        for (source, _, code, amount), fee in zip(self.postings, self.fees, strict=True):
            amounts[source, code] += amount + fee
        return amounts


@dataclass
class ReferenceLedger:
    """Accepts or refuses requests; knows every balance at every time."""

    accounts: dict[str, str] = field(default_factory=dict)
    assets: dict[str, Asset] = field(default_factory=dict)
    posted: dict[tuple[str, str], int] = field(default_factory=lambda: defaultdict(int))
    requests: dict[str, object] = field(default_factory=dict)
    transactions: list[tuple[str, int, list[Posting]]] = field(default_factory=list)
    holds: dict[str, Hold] = field(default_factory=dict)
    past: dict[int, tuple[dict[tuple[str, str], int], ...]] = field(default_factory=dict)

    def request(self, request_id: str, body: object, apply: Callable[[], object]) -> str:
        """OK, REPLAYED, or the reason of the refusal."""
        if request_id in self.requests:
            same = self.requests[request_id] == body
            return "REPLAYED" if same else "REQUEST_ID_REUSED"
        try:
            # Nothing is remembered of what changes nothing.
            if apply() is False:
                return "OK"
        except RefusedError as refused:
            return refused.reason
        self.requests[request_id] = body
        return "OK"

    def transact(self, request_id: str, kind: int, postings: list[Posting]) -> None:
        for posting in postings:
            self._guard(kind, *posting)
        fees: dict[tuple[str, str], int] = defaultdict(int)
        for source, _, code, amount in postings:
            if kind == TRANSFER:
                fees[source, code] += self.assets[code].fee(amount)
        moves = postings + [(who, SINK, code, fee) for (who, code), fee in fees.items() if fee]
        after = self.posted.copy()
        for source, destination, code, amount in moves:
            after[source, code] -= amount
            after[destination, code] += amount
        if kind == MINTING:
            ((_, _, code, _),) = postings
            cap = self.assets[code].cap
            if cap and -after[MINT, code] - after[SINK, code] > cap:
                raise RefusedError("SUPPLY_CAP_EXCEEDED")
        held = self.held()
        if any(value < held[key] for key, value in after.items() if key[0] != MINT):
            raise RefusedError("INSUFFICIENT_FUNDS")
        if any(value > MAX_INT64 for value in after.values()):
            raise RefusedError("BALANCE_OVERFLOW")
        if any(value < -MAX_INT64 for value in after.values()):
            raise RefusedError("BALANCE_OVERFLOW")
        self._spend({key: after[key] - self.posted[key] for key in after})
        self.posted = after
        self.transactions.append((request_id, kind, moves))

    def held(self) -> dict[tuple[str, str], int]:
        """What open holds have set aside, added up anew each time."""
        sums: dict[tuple[str, str], int] = defaultdict(int)
        for hold in self.holds.values():
            if hold.state == "open":
                for key, amount in hold.reserved().items():
                    sums[key] += amount
        return sums

    def hold(self, hold_id: str, postings: list[Posting]) -> None:
        for posting in postings:
            self._guard(TRANSFER, *posting)
        hold = Hold(postings, [self.assets[code].fee(amount) for _, _, code, amount in postings])
        held = self.held()
        for key, amount in hold.reserved().items():
            if self.posted[key] - held[key] < amount:
                raise RefusedError("INSUFFICIENT_FUNDS")
        self._spend({key: -amount for key, amount in hold.reserved().items()})
        self.holds[hold_id] = hold

    def capture(self, request_id: str, hold_id: str, amounts: list[int]) -> None:
        hold = self._open_hold(hold_id)
        amounts = amounts or [amount for *_, amount in hold.postings]
        if len(amounts) != len(hold.postings):
            raise RefusedError("INVALID_FIELD")
        if any(amount > p[3] for amount, p in zip(amounts, hold.postings, strict=True)):
            raise RefusedError("CAPTURE_EXCEEDS_HOLD")
        moves, fees = [], defaultdict(int)
        for amount, (source, destination, code, _), most in zip(
            amounts, hold.postings, hold.fees, strict=True
        ):
            if not amount:
                continue
            if self.accounts[destination] == "closed":
                raise RefusedError("ACCOUNT_CLOSED")
            if self.accounts[source] != "open":
                raise RefusedError("ACCOUNT_BLOCKED")
            moves.append((source, destination, code, amount))
            fees[source, code] += min(self.assets[code].fee(amount), most)
        moves += [(who, SINK, code, fee) for (who, code), fee in fees.items() if fee]
        left = hold.reserved()
        for source, _, code, amount in moves:
            left[source, code] -= amount
        self._give_back(hold_id, left)
        for source, destination, code, amount in moves:
            self.posted[source, code] -= amount
            self.posted[destination, code] += amount
        hold.state = "captured"
        self.transactions.append((request_id, CAPTURE, moves))

    def release(self, hold_id: str) -> None:
        hold = self._open_hold(hold_id)
        self._give_back(hold_id, hold.reserved())
        hold.state = "released"

    # What a book that knows who asks looks at besides.

    def _guard_right(self, kind: int, source: str, code: str) -> None:
        """Whether the caller may take from an account."""

    def _spend(self, net: dict[tuple[str, str], int]) -> None:
        """What the caller takes, by account and asset, negative where it is less afterwards."""

    def _give_back(self, hold_id: str, amounts: dict[tuple[str, str], int]) -> None:
        """What a hold had set aside and did not move."""

    def _open_hold(self, hold_id: str) -> Hold:
        if hold_id not in self.holds:
            raise RefusedError("HOLD_NOT_FOUND")
        if self.holds[hold_id].state != "open":
            raise RefusedError("HOLD_NOT_OPEN")
        return self.holds[hold_id]

    def holds_of(self, account: str) -> list[tuple[str, str]]:
        """Holds with an account on either side and their states, newest first."""
        return [
            (hold_id, hold.state)
            for hold_id, hold in reversed(self.holds.items())
            if any(account in posting[:2] for posting in hold.postings)
        ]

    def _guard(self, kind: int, source: str, destination: str, code: str, amount: int) -> None:
        if code not in self.assets:
            raise RefusedError("ASSET_NOT_FOUND")
        state = {MINT: "open", SINK: "open"} | self.accounts
        if source not in state or destination not in state:
            raise RefusedError("ACCOUNT_NOT_FOUND")
        if source in {MINT, SINK} and kind != MINTING:
            raise RefusedError("ACCOUNT_RESERVED")
        if destination in {MINT, SINK} and kind != BURNING:
            raise RefusedError("ACCOUNT_RESERVED")
        self._guard_right(kind, source, code)
        if "closed" in {state[source], state[destination]}:
            raise RefusedError("ACCOUNT_CLOSED")
        if state[source] == "blocked":
            raise RefusedError("ACCOUNT_BLOCKED")

    def merge(self, request_id: str, source: str, target: str) -> None:
        """All that one person has goes to the other, and nothing ever again."""
        for account in (source, target):
            if self.accounts[account] == "closed":
                raise RefusedError("PERSON_MERGED")
            if self.accounts[account] == "blocked":
                raise RefusedError("PERSON_BLOCKED")
        if any(amount for (account, _), amount in self.held().items() if account == source):
            raise RefusedError("BALANCE_HELD")
        moves = [
            (source, target, code, value)
            for (account, code), value in self.posted.items()
            if account == source and value
        ]
        for _, _, code, value in moves:
            self.posted[source, code] -= value
            self.posted[target, code] += value
        self.accounts[source] = "closed"
        if moves:
            self.transactions.append((request_id, MERGE, moves))

    def open(self, address: str) -> None:
        if address.startswith("users/"):
            raise RefusedError("ACCOUNT_RESERVED")
        if address in self.accounts:
            raise RefusedError("ACCOUNT_EXISTS")
        self.accounts[address] = "open"

    def close(self, address: str) -> None:
        if address not in self.accounts:
            raise RefusedError("ACCOUNT_NOT_FOUND")
        if address.startswith("users/"):
            raise RefusedError("ACCOUNT_RESERVED")
        if self.accounts[address] == "closed":
            raise RefusedError("ACCOUNT_CLOSED")
        if any(value for (account, _), value in self.posted.items() if account == address):
            raise RefusedError("ACCOUNT_NOT_EMPTY")
        self.accounts[address] = "closed"

    def set_fee(self, code: str, fee: tuple[int, int, int]) -> None:
        if code not in self.assets:
            raise RefusedError("ASSET_NOT_FOUND")
        self.assets[code] = Asset(self.assets[code].cap, *fee)

    def history(self, account: str) -> list[str]:
        """Transactions of an account, newest first."""
        return [
            request_id
            for request_id, _, moves in reversed(self.transactions)
            if any(account in posting[:2] for posting in moves)
        ]

    def supply(self, code: str) -> tuple[int, int]:
        return -self.posted[MINT, code], self.posted[SINK, code]

    def remember(self, height: int) -> None:
        self.past[height] = self.posted.copy(), self.held()
