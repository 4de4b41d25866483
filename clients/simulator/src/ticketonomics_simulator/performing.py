"""Doing what was decided: calls to the ledger, and what their answers change."""

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, cast

from ticketonomics_client import (
    Posting,
    Reason,
    Receipt,
    RefusedError,
    TransactionDraft,
    new_id,
)

from ticketonomics_simulator.community import Community
from ticketonomics_simulator.deeds import Act, Deed, Purpose
from ticketonomics_simulator.ledger import Ledger, Payer
from ticketonomics_simulator.patience import Patience
from ticketonomics_simulator.shops import Shop
from ticketonomics_simulator.tally import Tally
from ticketonomics_simulator.tickets import ASSET

if TYPE_CHECKING:
    from ticketonomics_client import Principal

_LOST_KEY = frozenset({"CREDENTIALS_INVALID", "CREDENTIALS_EXPIRED", "CREDENTIALS_MISSING"})


class KeyLostError(Exception):
    """The ledger does not take the simulator's key any more, so nothing can go on."""


class Performer:
    """Carries out deeds, any number at a time."""

    def __init__(
        self,
        ledger: Ledger,
        community: Community,
        tally: Tally,
        *,
        patience: Patience,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._ledger = ledger
        self._community = community
        self._tally = tally
        self._patience = patience
        self._clock = clock

    async def perform(self, deed: Deed) -> None:
        """Asks the ledger until it has answered, and takes note of the answer.

        The deed's payments must have begun in the wallets: whoever decides takes the money out at
        once, so that the next decision sees it gone.

        Raises:
            KeyLostError: The ledger refuses the simulator itself.
        """
        wallets = self._community.wallets
        try:
            if deed.founds is not None:
                await self._found(deed.founds)
            began = self._clock()
            receipt = await self._pay(deed)
        except RefusedError as error:
            wallets.refuse(deed.payments)
            self._tally.refuse(deed, reason=error.reason_name or "UNKNOWN")
            if error.reason_name in _LOST_KEY:
                raise KeyLostError(error.message) from error
            return
        except BaseException:
            # Nobody knows what became of it. The next reading of the balances will tell.
            wallets.refuse(deed.payments)
            raise
        wallets.accept(deed.payments)
        if deed.purpose is Purpose.WELCOME:
            deed.person.newcomer = False
        self._remember_backer(deed)
        self._tally.accept(deed, sequence=receipt.sequence, latency_seconds=self._clock() - began)

    async def act(self, act: Act) -> None:
        """Does what is no payment, and takes note of the answer.

        Raises:
            KeyLostError: The ledger refuses the simulator itself.
        """
        principal = self._ledger.acting_for(act.person.person_id)
        began, request_id = self._clock(), new_id()
        try:
            # Behaviours use all of the SDK; `Ledger` is the part that is needed here.
            story = await self._patience.ask(
                lambda: act.do(cast("Principal", principal), request_id)
            )
        except RefusedError as error:
            reason = error.reason_name or "UNKNOWN"
            if reason in _LOST_KEY:
                raise KeyLostError(error.message) from error
            if reason not in act.expected:
                self._tally.refuse_act(act, reason=reason)
            return
        if story is not None:
            self._tally.accept_act(act, story, latency_seconds=self._clock() - began)

    async def _found(self, shop: Shop) -> None:
        request_id = new_id()
        try:
            await self._patience.ask(
                lambda: self._ledger.open_account(shop.address, request_id=request_id)
            )
        except RefusedError as error:
            if error.reason != Reason.REASON_ACCOUNT_EXISTS:
                raise
        self._community.open_shop(shop)

    async def _pay(self, deed: Deed) -> Receipt:
        payer: Payer = self._ledger
        if deed.acts_in_person:
            payer = self._ledger.acting_for(deed.person.person_id)
        if len(deed.payments) > 1:
            return await self._pay_together(payer, deed)
        (payment,) = deed.payments
        transaction_id = new_id()
        return await self._patience.ask(
            lambda: payer.transfer(
                source=payment.source,
                destination=payment.destination,
                asset=ASSET,
                amount=payment.amount,
                memo=deed.memo,
                transaction_id=transaction_id,
            )
        )

    async def _pay_together(self, payer: Payer, deed: Deed) -> Receipt:
        draft = TransactionDraft(
            postings=[
                Posting(
                    source=payment.source,
                    destination=payment.destination,
                    asset=ASSET,
                    amount=payment.amount,
                )
                for payment in deed.payments
            ],
            memo=deed.memo,
        )
        (outcome,) = await self._patience.ask(lambda: payer.create_transactions([draft]))
        if isinstance(outcome, RefusedError):
            raise outcome
        return outcome

    def _remember_backer(self, deed: Deed) -> None:
        if deed.purpose is not Purpose.INVESTMENT or deed.founds is not None:
            return
        shop = self._community.shop_at(deed.payments[0].destination)
        if shop is not None and deed.person not in shop.backers:
            shop.backers.append(deed.person)
