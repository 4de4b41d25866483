"""The server over gRPC against a small reference ledger, whatever is asked of it."""

import asyncio
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)
from ticketonomics.identity.v1 import identity_service_pb2 as identity
from ticketonomics.ledger.v1 import ledger_service_pb2 as rpc
from ticketonomics.ledger.v1.asset_pb2 import Asset as AssetMessage
from ticketonomics.ledger.v1.asset_pb2 import TransferFee
from ticketonomics.ledger.v1.hold_pb2 import Hold
from ticketonomics.ledger.v1.transaction_pb2 import Posting as PostingMessage
from ticketonomics.ledger.v1.transaction_pb2 import TransactionImport, TransactionInput
from ticketonomics_server.engine import timers
from ticketonomics_server.engine.clock import ClockWatch
from ticketonomics_server.identity import authentication
from ticketonomics_server.payments import decide_requests, open_schedules
from ticketonomics_server.storage.database import Database
from ticketonomics_server.verification import verify

from tests.model.payment_rules import PaymentRules
from tests.model.reference_ledger import (
    BURNING,
    IMPORTED,
    MAX_INT64,
    MINT,
    MINTING,
    SINK,
    TRANSFER,
    Asset,
)
from tests.model.reference_payments import MOST_REQUESTS, MOST_SCHEDULES
from tests.model.reference_spending import ReferenceSpending
from tests.model.spending_rules import SpendingRules
from tests.model.world import Sent, World, new_id

# People come first, then organisations, the sink, the mint, and nobody.
PLACES = st.sampled_from([0, 0, 1, 1, 2, 2, 3, 4, 5, 6])
MORE_PLACES = st.one_of(PLACES, PLACES, PLACES, st.integers(0, 9))
AMOUNTS = st.one_of(st.integers(1, 60), st.integers(1, 60), st.just(MAX_INT64))
CODES = st.sampled_from([0] * 6 + [1] * 3 + [2])
FEES = st.sampled_from([(0, 0, 0), (333, 0, 5), (333, 0, 0), (10_000, 0, 0), (0, 3, 0)])
POSTINGS = st.lists(st.tuples(MORE_PLACES, MORE_PLACES, CODES, AMOUNTS), min_size=1, max_size=4)
REASONS = {
    "OK",
    "REPLAYED",
    "REQUEST_ID_REUSED",
    "ASSET_NOT_FOUND",
    "ACCOUNT_NOT_FOUND",
    "ACCOUNT_RESERVED",
    "ACCOUNT_CLOSED",
    "ACCOUNT_BLOCKED",
    "ACCOUNT_EXISTS",
    "ACCOUNT_NOT_EMPTY",
    "SUPPLY_CAP_EXCEEDED",
    "INSUFFICIENT_FUNDS",
    "BALANCE_OVERFLOW",
    "HOLD_NOT_FOUND",
    "HOLD_NOT_OPEN",
    "INVALID_FIELD",
    "CAPTURE_EXCEEDS_HOLD",
    "PERSON_MERGED",
    "PERSON_BLOCKED",
    "BALANCE_HELD",
    "SCHEDULE_NOT_FOUND",
    "SCHEDULE_ENDED",
    "TOO_MANY_SCHEDULES",
    "PAYMENT_REQUEST_NOT_FOUND",
    "PAYMENT_REQUEST_CLOSED",
    "TOO_MANY_PAYMENT_REQUESTS",
    "NOT_ACCOUNT_OWNER",
    "ALLOWANCE_NOT_FOUND",
    "ALLOWANCE_ASKS",
    "ALLOWANCE_EXCEEDED",
    "BUDGET_NOT_FOUND",
    "BUDGET_EXCEEDED",
}
_runs = count(1)


def make_machine(world: World) -> type[RuleBasedStateMachine]:
    class Machine(SpendingRules, PaymentRules, RuleBasedStateMachine):
        """Each example has assets and accounts of its own in one and the same economy.

        Other rooms' rules are other parents of it; the reference then is the book that knows most.
        """

        world: World
        new_id = staticmethod(new_id)

        @initialize(fees=st.tuples(FEES, FEES))
        def found(self, fees: tuple[tuple[int, int, int], ...]) -> None:
            run = next(_runs)
            self.world, self.reference = world, ReferenceSpending()
            self.begin_payments()
            self.codes = [f"A{run}", f"B{run}", f"NONE{run}"]
            self.people, self.sent, self.restarts = [], [], 0
            self.holds = [new_id()]
            for code, fee, cap in zip(self.codes, fees, (0, 500), strict=False):
                asset = AssetMessage(
                    code=code, kind=AssetMessage.KIND_TICKET, name=code, supply_cap=cap
                )
                asset.transfer_fee.CopyFrom(_fee(fee))
                created = rpc.CreateAssetRequest(request_id=new_id(), asset=asset)
                assert world.outcome("CreateAsset", created) == "OK"
                self.reference.assets[code] = Asset(cap, *fee)
            for number in range(2):
                created = world.call(
                    "GetOrCreatePerson",
                    identity.GetOrCreatePersonRequest(
                        request_id=new_id(),
                        provider="test",
                        subject=f"{run}-{number}",
                        display_name="Ada",
                    ),
                )
                self.people.append(created.person.person_id)
            people = [f"users/{person_id}" for person_id in self.people]
            self.reference.accounts |= dict.fromkeys(people, "open")
            orgs = [f"orgs/r{run}-{number}" for number in range(5)]
            self.places = [*people, *orgs, SINK, MINT, "orgs/nobody"]
            for address in orgs[:3]:
                self._send("OpenAccount", rpc.OpenAccountRequest(address=address), "open", address)
            for address in self.places[:4]:
                self._mint(address, self.codes[0], 100)
            self.begin_spending(run)

        # --- requests -------------------------------------------------------------------------

        def _send(
            self, method: str, request: Any, what: str, *arguments: Any, by: str = ""
        ) -> None:
            """Sends a request with a new id, and compares what becomes of it.

            Args:
                by: Who asks: empty for the operator, `game`, or a person's id.
            """
            request_id = new_id()
            known = request.DESCRIPTOR.fields_by_name
            name = next(n for n in ("transaction_id", "request_id", "hold_id") if n in known)
            setattr(request, name, request_id)
            if what in {
                "transact",
                "hold",
                "capture",
                "merge",
                *("create_schedule", "ask", "answer", "game_transact", "game_hold"),
            }:
                arguments = (request_id, *arguments)
            self.sent.append(Sent(method, request, name, what, arguments, by))
            self._compare(self.sent[-1])

        def _compare(self, sent: Sent) -> None:
            method, request, name, what, arguments, by = sent
            request_id = getattr(request, name)
            expected = self.reference.request(
                request_id,
                request.SerializeToString(deterministic=True),
                lambda: getattr(self.reference, what)(*arguments),
            )
            assert world.outcome(method, request, by) == expected
            if expected == "OK":
                self.note_names(method, request_id)
                self.settle()
                self._remember()

        def _remember(self) -> None:
            self.reference.remember(world.call("GetBlock", rpc.GetBlockRequest()).block.height)

        def _mint(self, address: str, code: str, amount: int) -> None:
            request = rpc.MintRequest(destination=address, asset=code, amount=amount, reason="x")
            self._send("Mint", request, "transact", MINTING, [(MINT, address, code, amount)])

        def _posting(self, source: int, destination: int, code: int, amount: int):
            if source == destination:
                destination = (destination + 1) % len(self.places)
            return self.places[source], self.places[destination], self.codes[code], amount

        @rule(posting=st.tuples(MORE_PLACES, MORE_PLACES, CODES, AMOUNTS))
        def transfer(self, posting) -> None:
            source, destination, code, amount = self._posting(*posting)
            request = rpc.TransferRequest(
                source=source, destination=destination, asset=code, amount=amount, memo="thanks"
            )
            self._send(
                "Transfer", request, "transact", TRANSFER, [(source, destination, code, amount)]
            )

        @rule(batch=st.lists(POSTINGS, min_size=1, max_size=4), again=st.booleans())
        def transact(self, batch, again: bool) -> None:
            """Several transactions, maybe with the first one once more at the end."""
            chosen = [[self._posting(*posting) for posting in postings] for postings in batch]
            self._send_batch(TransactionInput, "CreateTransactions", TRANSFER, chosen, again=again)

        @rule(batch=st.lists(POSTINGS, min_size=1, max_size=4), again=st.booleans())
        def import_past(self, batch, again: bool) -> None:
            """The same postings as imports: from the mint and to the sink too, and without fees."""
            chosen = [[self._posting(*posting) for posting in postings] for postings in batch]
            self._import(chosen, again=again)

        @rule(
            place=st.integers(0, 3),
            code=st.integers(0, 1),
            amount=st.integers(1, 40),
            again=st.booleans(),
        )
        def import_a_little(self, place: int, code: int, amount: int, again: bool) -> None:
            """An opening balance, then a past, of which most can have been."""
            here, there = self.places[place], self.places[(place + 1) % 4]
            asset = self.codes[code]
            opening = [(MINT, here, asset, amount), (MINT, there, asset, 1)]
            spent = [(here, there, asset, amount), (there, SINK, asset, 1)]
            too_much = [(here, there, asset, 200), (there, here, asset, 100)]
            self._import([opening, spent, too_much, [*opening, *spent]], again=again)

        def _import(self, batch, *, again: bool) -> None:
            self._send_batch(TransactionImport, "ImportTransactions", IMPORTED, batch, again=again)

        def _send_batch(self, message_type, method: str, kind: int, batch, *, again: bool) -> None:
            inputs, expected = [], []
            for postings in batch:
                message = message_type(
                    transaction_id=new_id(),
                    postings=[
                        PostingMessage(source=s, destination=d, asset=a, amount=n)
                        for s, d, a, n in postings
                    ],
                )
                inputs.append((message, postings))
            if again:
                inputs.append(inputs[0])
            for message, postings in inputs:
                expected.append(
                    self.reference.request(
                        message.transaction_id,
                        message.SerializeToString(deterministic=True),
                        lambda m=message, p=postings: self.reference.transact(
                            m.transaction_id, kind, p
                        ),
                    )
                )
            request = getattr(rpc, f"{method}Request")(transactions=[m for m, _ in inputs])
            results = world.call(method, request).results
            told = [
                r.refusal.reason if r.HasField("refusal") else "REPLAYED" if r.replayed else "OK"
                for r in results
            ]
            assert told == expected
            world.seen.update(told)
            self._remember()

        @rule(place=MORE_PLACES, code=CODES, amount=AMOUNTS)
        def mint(self, place: int, code: int, amount: int) -> None:
            if self.places[place] != MINT:
                self._mint(self.places[place], self.codes[code], amount)

        @rule(place=PLACES)
        def mint_too_much(self, place: int) -> None:
            """Beside what there was from the beginning, and beyond the cap."""
            self._mint(self.places[place], self.codes[0], MAX_INT64)
            self._mint(self.places[place], self.codes[1], 501)

        @rule(place=MORE_PLACES, code=CODES, amount=AMOUNTS)
        def burn(self, place: int, code: int, amount: int) -> None:
            address = self.places[place]
            if address == SINK:
                return
            request = rpc.BurnRequest(
                source=address, asset=self.codes[code], amount=amount, reason="x"
            )
            posting = (address, SINK, self.codes[code], amount)
            self._send("Burn", request, "transact", BURNING, [posting])

        # --- holds ----------------------------------------------------------------------------

        @rule(chosen=POSTINGS)
        def hold(self, chosen) -> None:
            postings = [self._posting(*posting) for posting in chosen]
            request = rpc.CreateHoldRequest(
                postings=[
                    PostingMessage(source=s, destination=d, asset=a, amount=n)
                    for s, d, a, n in postings
                ]
            )
            self._send("CreateHold", request, "hold", postings)
            if request.hold_id in self.reference.holds:
                self.holds.append(request.hold_id)

        @rule(place=st.integers(0, 2), to=st.integers(0, 4), amount=st.integers(1, 20))
        def hold_a_little(self, place: int, to: int, amount: int) -> None:
            """Small enough to be there most of the time."""
            self.hold([(place, to, 0, amount), (place, to + 1, 0, amount)])

        @rule(
            data=st.data(),
            how=st.sampled_from(["whole", "part", "part", "raw"]),
            parts=st.lists(st.integers(0, 25), min_size=1, max_size=4),
        )
        def capture(self, data, how: str, parts: list[int]) -> None:
            hold_id = data.draw(st.sampled_from(self.holds))
            amounts = parts if how != "whole" else []
            if how == "part" and hold_id in self.reference.holds:
                postings = self.reference.holds[hold_id].postings
                amounts = [min(n, p[3]) for n, p in zip(parts * 4, postings, strict=False)]
            if amounts and not any(amounts):
                amounts[0] = 1
            request = rpc.CaptureHoldRequest(hold_id=hold_id, amounts=amounts)
            self._send("CaptureHold", request, "capture", hold_id, amounts)

        @rule(place=st.integers(0, 2))
        def capture_oddly(self, place: int) -> None:
            """Too few amounts, then too much, of the newest hold."""
            self.hold([(place, 3, 0, 1), (place, 4, 0, 1)])
            hold_id = self.holds[-1]
            for odd in ([1], [21, 0]):
                request = rpc.CaptureHoldRequest(hold_id=hold_id, amounts=odd)
                self._send("CaptureHold", request, "capture", hold_id, odd)

        @rule(data=st.data())
        def release(self, data) -> None:
            hold_id = data.draw(st.sampled_from(self.holds))
            request = rpc.ReleaseHoldRequest(hold_id=hold_id)
            self._send("ReleaseHold", request, "release", hold_id)

        @rule(place=PLACES, page_size=st.integers(1, 3))
        def look_at_the_holds(self, place: int, page_size: int) -> None:
            address = self.places[place]
            if address not in self.reference.accounts:
                return
            request = rpc.ListHoldsRequest(account=address, page_size=page_size)
            listed: list[tuple[str, str]] = []
            while True:
                answer = world.call("ListHolds", request)
                listed += [
                    (hold.hold_id, Hold.State.Name(hold.state).removeprefix("STATE_").lower())
                    for hold in answer.holds
                ]
                request.page_token = answer.next_page_token
                if not request.page_token:
                    break
            assert listed == self.reference.holds_of(address)

        # --- accounts, fees, people -----------------------------------------------------------

        @rule(place=PLACES)
        def open(self, place: int) -> None:
            address = self.places[place]
            self._send("OpenAccount", rpc.OpenAccountRequest(address=address), "open", address)

        @rule(place=PLACES)
        def close(self, place: int) -> None:
            address = self.places[place]
            self._send("CloseAccount", rpc.CloseAccountRequest(address=address), "close", address)

        @rule(code=CODES, fee=FEES)
        def set_fee(self, code: int, fee: tuple[int, int, int]) -> None:
            request = rpc.SetTransferFeeRequest(asset=self.codes[code], transfer_fee=_fee(fee))
            self._send("SetTransferFee", request, "set_fee", self.codes[code], fee)

        @rule(number=st.integers(0, 1), block=st.booleans())
        def block_person(self, number: int, block: bool) -> None:
            person_id = self.people[number]
            fields = {"request_id": new_id(), "person_id": person_id, "reason": "x"}
            if block:
                answer = world.call("BlockPerson", identity.BlockPersonRequest(**fields))
            else:
                answer = world.call("UnblockPerson", identity.UnblockPersonRequest(**fields))
            if self.reference.accounts[f"users/{person_id}"] == "closed":
                assert answer == "PERSON_MERGED"
                return
            assert not isinstance(answer, str), answer
            self.reference.accounts[f"users/{person_id}"] = "blocked" if block else "open"

        @rule(number=st.integers(0, 1), sure=st.integers(0, 1))
        def merge(self, number: int, sure: int) -> None:
            """Seldom, for it ends one of the two; then once more, which is too late."""
            if sure:
                return
            self.leave_open(number)
            self._merge(number)
            if self.reference.accounts[f"users/{self.people[number]}"] == "closed":
                self._merge(number)

        @rule(number=st.integers(0, 1))
        def merge_somebody_blocked(self, number: int) -> None:
            """Who may not pay meanwhile, either."""
            self.block_person(number, block=True)
            self._merge(number)
            self.transfer((number, 3, 0, 1))
            self.block_person(number, block=False)

        @rule(number=st.integers(0, 1))
        def merge_somebody_with_holds(self, number: int) -> None:
            self.hold([(number, 3, 0, 1)])
            self._merge(number)
            request = rpc.ReleaseHoldRequest(hold_id=self.holds[-1])
            self._send("ReleaseHold", request, "release", self.holds[-1])

        def _merge(self, number: int) -> None:
            source, target = self.people[number], self.people[1 - number]
            request = identity.MergePeopleRequest(source_person_id=source, target_person_id=target)
            self._send("MergePeople", request, "merge", f"users/{source}", f"users/{target}")

        @rule(amount=st.integers(1, 20))
        def end_an_account(self, amount: int) -> None:
            """Opens one, tries to close it too early, empties and closes it, and uses it again."""
            address = f"orgs/{new_id()}"
            self._send("OpenAccount", rpc.OpenAccountRequest(address=address), "open", address)
            self._mint(address, self.codes[0], amount)
            closing = rpc.CloseAccountRequest(address=address)
            self._send("CloseAccount", closing, "close", address)
            burning = rpc.BurnRequest(
                source=address, asset=self.codes[0], amount=amount, reason="emptied"
            )
            posting = (address, SINK, self.codes[0], amount)
            self._send("Burn", burning, "transact", BURNING, [posting])
            closing = rpc.CloseAccountRequest(address=address)
            self._send("CloseAccount", closing, "close", address)
            self._mint(address, self.codes[0], amount)

        @rule(data=st.data())
        def repeat(self, data) -> None:
            """Sends something again: replayed if it was accepted, tried again if it was refused."""
            self._compare(data.draw(st.sampled_from(self.sent)))

        @rule(data=st.data(), place=PLACES)
        def reuse(self, data, place: int) -> None:
            """Uses an accepted id for something else."""
            used = data.draw(st.sampled_from(sorted(self.reference.requests)))
            address = self.places[place]
            request = rpc.OpenAccountRequest(request_id=used, address=address)
            known = self.reference.requests[used] == request.SerializeToString(deterministic=True)
            if not known:
                assert world.outcome("OpenAccount", request) == "REQUEST_ID_REUSED"

        # --- accidents ------------------------------------------------------------------------

        @rule()
        def lose_connections(self) -> None:
            world.run(world.lose_connections())

        @precondition(lambda self: self.restarts == 0)
        @rule()
        def restart(self) -> None:
            self.restarts += 1
            world.run(world.start())

        # --- comparing ------------------------------------------------------------------------

        @rule(place=PLACES, code=st.integers(0, 1), data=st.data())
        def look_at_a_balance(self, place: int, code: int, data) -> None:
            address, asset = self.places[place], self.codes[code]
            request = rpc.GetBalanceRequest(account=address, asset=asset)
            posted, held = self.reference.posted, self.reference.held()
            if data.draw(st.booleans()):
                request.height = data.draw(st.sampled_from(sorted(self.reference.past)))
                posted, held = self.reference.past[request.height]
            answer = world.call("GetBalance", request)
            if address not in self.reference.accounts:
                assert answer == "ACCOUNT_NOT_FOUND"
            else:
                found, key = answer.balance, (address, asset)
                assert (found.posted, found.held) == (posted.get(key, 0), held.get(key, 0))
                assert found.available == found.posted - found.held

        @rule(place=PLACES, page_size=st.integers(1, 5))
        def look_at_a_history(self, place: int, page_size: int) -> None:
            address = self.places[place]
            if address not in self.reference.accounts:
                return
            request = rpc.ListTransactionsRequest(account=address, page_size=page_size)
            listed: list[str] = []
            while True:
                answer = world.call("ListTransactions", request)
                assert len(answer.transactions) <= page_size
                # The id of a scheduled run is made by the server.
                listed += [
                    t.metadata.get("schedule", t.transaction_id) for t in answer.transactions
                ]
                request.page_token = answer.next_page_token
                if not request.page_token:
                    break
            assert listed == self.reference.history(address)

        @rule(code=st.integers(0, 1))
        def look_at_the_supply(self, code: int) -> None:
            answer = world.call("GetSupply", rpc.GetSupplyRequest(asset=self.codes[code]))
            minted, burned = self.reference.supply(self.codes[code])
            assert (answer.supply.minted, answer.supply.burned) == (minted, burned)
            assert answer.supply.circulating == minted - burned

        def teardown(self) -> None:
            """What seldom happens by chance happens at last; then everything is compared."""
            if not hasattr(self, "reference"):
                return
            self.open(2)
            self.answer_what_is_not_open()
            for number in (0, 0, 1):
                self._merge(number)
            self.end_payments()
            self.end_spending()
            for code in self.codes[:2]:
                answer = world.call("ListBalances", rpc.ListBalancesRequest(asset=code))
                told = {row.account: row.posted for row in answer.balances}
                expected = {a: n for (a, c), n in self.reference.posted.items() if c == code and n}
                assert {a: n for a, n in told.items() if n} == expected
                held = {row.account: row.held for row in answer.balances if row.held}
                assert held == {a: n for (a, c), n in self.reference.held().items() if c == code}

    return Machine


def _fee(fee: tuple[int, int, int]) -> TransferFee:
    return TransferFee(fee_bps=fee[0], minimum=fee[1], maximum=fee[2])


async def test_the_server_agrees_with_the_reference_ledger(
    database_url: str, database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(open_schedules, "MOST_OF_ACCOUNT", MOST_SCHEDULES)
    monkeypatch.setattr(decide_requests, "MAX_OPEN", MOST_REQUESTS)
    # The clock is the test's, and leaps by days.
    monkeypatch.setattr(ClockWatch, "observe", lambda *_: None)
    monkeypatch.setattr(timers, "POLL_SECONDS", 0.02)
    world = World(database_url, tmp_path)
    # Who acts for a person who was blocked a moment ago is refused a moment longer.
    monkeypatch.setattr(authentication, "LIFETIME_SECONDS", 0.0)
    await world.begin()
    await world.meet_the_game()
    try:
        await asyncio.to_thread(
            run_state_machine_as_test,
            make_machine(world),
            settings=settings(
                max_examples=24,
                stateful_step_count=45,
                deadline=None,
                derandomize=True,
                database=None,
                suppress_health_check=list(HealthCheck),
            ),
        )
    finally:
        await world.stop()
    assert set(world.seen) == REASONS, "some reason was never met: the examples are too tame"
    report = await verify(database, 1)
    assert report.violations == ()
    assert report.counts
