"""What the state machine does with allowances and budgets: a game takes what people allow."""

from datetime import timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import rule
from ticketonomics.ledger.v1 import ledger_service_pb2 as ledger
from ticketonomics.ledger.v1.transaction_pb2 import Posting as PostingMessage
from ticketonomics.ledger.v1.transaction_pb2 import TransactionInput
from ticketonomics.spending.v1 import spending_service_pb2 as rpc

from tests.model.reference_spending import DAY, HOUR, TOTAL, WEEK

PERIODS = st.sampled_from([TOTAL, HOUR, DAY, DAY, WEEK])
EXPIRIES = st.sampled_from([None, None, None, timedelta(hours=1), timedelta(days=2), timedelta(0)])
LIMITED = st.sampled_from([0, 0, 0, 0, 1, 2])


class SpendingRules:
    """A part of the machine, which has the places, the world, and the reference."""

    world: Any
    new_id: Any
    reference: Any
    people: list[str]
    places: list[str]
    codes: list[str]
    holds: list[str]

    def begin_spending(self, run: int) -> None:
        self.reference.till = till = f"apps/{self.world.game_id}/t{run}"
        self._send("OpenAccount", ledger.OpenAccountRequest(address=till), "open", till)

    # --- terms --------------------------------------------------------------------------------

    @rule(
        number=st.integers(0, 1),
        code=LIMITED,
        amount=st.integers(0, 60),
        period=PERIODS,
        expiry=EXPIRIES,
    )
    def grant(self, number: int, code: int, amount: int, period: int, expiry) -> None:
        """With nothing, each time is asked."""
        period = period if amount else 0
        request = rpc.GrantAllowanceRequest(
            person_id=self.people[number],
            application_id=self.world.game_id,
            asset=self.codes[code],
            amount=amount,
            period=period,
            ask_each_time=not amount,
        )
        expire = None
        if expiry is not None:
            expire = self.reference.now + expiry
            request.expire_time.FromDatetime(expire)
        terms = f"users/{self.people[number]}", self.codes[code], amount, period, expire
        self._send("GrantAllowance", request, "grant", *terms, by=self.people[number])

    @rule(number=st.integers(0, 1), code=LIMITED)
    def revoke(self, number: int, code: int) -> None:
        person_id = self.people[number]
        request = rpc.RevokeAllowanceRequest(
            person_id=person_id, application_id=self.world.game_id, asset=self.codes[code]
        )
        of = f"users/{person_id}", self.codes[code]
        self._send("RevokeAllowance", request, "revoke", *of, by=person_id)

    @rule(code=LIMITED, amount=st.integers(1, 80), period=PERIODS)
    def set_budget(self, code: int, amount: int, period: int) -> None:
        request = rpc.SetBudgetRequest(
            application_id=self.world.game_id,
            asset=self.codes[code],
            amount=amount,
            period=period,
        )
        self._send("SetBudget", request, "set_budget", self.codes[code], amount, period)

    @rule(code=LIMITED)
    def remove_budget(self, code: int) -> None:
        request = rpc.RemoveBudgetRequest(application_id=self.world.game_id, asset=self.codes[code])
        self._send("RemoveBudget", request, "remove_budget", self.codes[code])

    # --- what the game does -------------------------------------------------------------------

    def _till_for(self, place: int) -> str:
        return self.places[place] if place < 4 else self.reference.till

    @rule(place=st.integers(0, 4), to=st.integers(2, 5), code=LIMITED, amount=st.integers(1, 40))
    def take(self, place: int, to: int, code: int, amount: int) -> None:
        source, destination = self._till_for(place), self._till_for(to)
        if source == destination:
            return
        posting = source, destination, self.codes[code], amount
        request = ledger.TransferRequest(
            source=source, destination=destination, asset=self.codes[code], amount=amount
        )
        self._send("Transfer", request, "game_transact", [posting], by="game")

    @rule(number=st.integers(0, 1), amount=st.integers(1, 20), period=PERIODS, more=st.booleans())
    def take_all_and_one_more(self, number: int, amount: int, period: int, more: bool) -> None:
        """As much as the person allows, or as the budget has."""
        self.grant(number, 0, 40 if more else amount, period, None)
        if more:
            self.set_budget(0, amount, period)
        self.take(number, 4, 0, amount)
        self.take(number, 4, 0, 1)
        self.grant(number, 0, 0, 0, None)
        self.take(number, 4, 0, 1)

    @rule(
        people=st.lists(st.integers(0, 1), min_size=2, max_size=3),
        back=st.integers(0, 15),
        amount=st.integers(1, 30),
    )
    def take_and_give(self, people: list[int], back: int, amount: int) -> None:
        """Of one person or of two, and some of it back: the net counts."""
        till, code = self.reference.till, self.codes[0]
        postings = [(self.places[place], till, code, amount) for place in people]
        if back:
            postings.append((till, self.places[people[0]], code, back))
        message = TransactionInput(transaction_id=self.new_id())
        for source, destination, asset, units in postings:
            message.postings.add(source=source, destination=destination, asset=asset, amount=units)
        expected = self.reference.request(
            message.transaction_id,
            message.SerializeToString(deterministic=True),
            lambda: self.reference.game_transact(message.transaction_id, postings),
        )
        batch = ledger.CreateTransactionsRequest(transactions=[message])
        (result,) = self.world.call("CreateTransactions", batch, "game").results
        told = result.refusal.reason if result.HasField("refusal") else "OK"
        assert told == expected
        self.world.seen[told] += 1
        self._remember()

    @rule(number=st.integers(0, 1), amounts=st.lists(st.integers(1, 20), min_size=1, max_size=2))
    def game_holds(self, number: int, amounts: list[int]) -> None:
        postings = [
            (self.places[number], self.reference.till, self.codes[0], amount) for amount in amounts
        ]
        request = ledger.CreateHoldRequest(
            postings=[
                PostingMessage(source=s, destination=d, asset=a, amount=n)
                for s, d, a, n in postings
            ]
        )
        self._send("CreateHold", request, "game_hold", postings, by="game")
        if request.hold_id in self.reference.holds:
            self.holds.append(request.hold_id)

    # --- comparing ----------------------------------------------------------------------------

    def end_spending(self) -> None:
        """What counts of every limit, in the period in which something was taken last."""
        for person_id in self.people:
            request = rpc.ListAllowancesRequest(person_id=person_id)
            self._compare_limits(
                f"users/{person_id}", self.world.call("ListAllowances", request).allowances
            )
        request = rpc.ListBudgetsRequest(application_id=self.world.game_id)
        self._compare_limits("", self.world.call("ListBudgets", request).budgets)

    def _compare_limits(self, account: str, told: Any) -> None:
        found = {item.asset: item for item in told if item.asset in self.codes}
        expected = {
            code: limit for (who, code), limit in self.reference.limits.items() if who == account
        }
        assert {code: item.amount for code, item in found.items()} == {
            code: limit.amount for code, limit in expected.items()
        }
        for code, limit in expected.items():
            assert found[code].spent in {0, *limit.spent.values()}
            if limit.spent:
                number = max(limit.spent)
                assert found[code].spent == limit.spent[number], (code, limit)
