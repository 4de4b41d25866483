"""What is personal touches nothing of other people, nor of the application that acts for a person.

Every method that the map calls personal is aimed at somebody else, and at the application itself.
"""

from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import grpc
import pytest
from google.protobuf import json_format, symbol_database
from google.protobuf.message import Message
from google.rpc import error_details_pb2
from grpc_status import rpc_status
from ticketonomics.spending.v1.limit_pb2 import PERIOD_DAY
from ticketonomics_client import Client, Posting, Principal
from ticketonomics_server.identity.scopes import Scope
from ticketonomics_server.rpc.permissions import PERMISSIONS

from tests.conftest import run_server
from tests.contracts import METHODS
from tests.e2e.parliament import QUICK
from tests.e2e.people import person

# Those of an application that people sign in to, to do all that is personal.
SCOPES = (
    Scope.LEDGER_TRANSFER,
    Scope.IDENTITY_ACT_FOR,
    Scope.SPENDING_CONSENT,
    Scope.AMM_SWAP,
    Scope.QUEUES_PLAY,
    Scope.REWARDS_CLAIM,
    Scope.PARLIAMENT_TAKE_PART,
)
# How the server says that something is not the caller's.
NOT_YOURS = {
    "NOT_ACCOUNT_OWNER",
    "NOT_HOLD_OWNER",
    "NOT_PROPOSER",
    "PERSON_ONLY",
    "SCOPE_MISSING",
}
LATER = datetime.now(UTC) + timedelta(days=300)
SETTINGS = {"parliament.discussion_period": 3_600, "queues.convert_down": True}
FRIEND = "orgs/friend"


@dataclass(frozen=True)
class Things:
    """Whom a call is aimed at, and what is theirs."""

    person: str
    account: str
    application: str
    hold: str
    schedule: str
    # Requests to pay: they are paid by the one, and pay the other.
    incoming: str
    outgoing: str
    proposal: str
    # Of somebody else again, who refers people.
    code: str


Fields = dict[str, Any]


def _posting(whose: Things) -> Fields:
    return {"source": whose.account, "destination": FRIEND, "asset": "BRONZE", "amount": 1}


def _person(**more: Any) -> Callable[[Things], Fields]:
    return lambda whose: {"person_id": whose.person, **more}


def _swap(whose: Things) -> Fields:
    sides = {"asset_in": "BRONZE", "asset_out": "SILVER", "amount_in": 100}
    return {"pool_id": "bronze-silver", "account": whose.account, **sides}


def _allowance(whose: Things) -> Fields:
    return {
        "person_id": whose.person,
        "application_id": whose.application,
        "asset": "BRONZE",
    }


# How each is aimed at somebody: the fields of its request.
AIMED: Mapping[str, Callable[[Things], Fields]] = {
    "LedgerService/Transfer": _posting,
    "LedgerService/CreateTransactions": lambda whose: {
        "transactions": [{"transaction_id": str(uuid4()), "postings": [_posting(whose)]}]
    },
    "LedgerService/CreateHold": lambda whose: {"postings": [_posting(whose)]},
    "LedgerService/CaptureHold": lambda whose: {"hold_id": whose.hold},
    "LedgerService/ReleaseHold": lambda whose: {"hold_id": whose.hold},
    "IdentityService/CreateLinkCode": _person(),
    "IdentityService/UnlinkIdentity": _person(provider="telegram", subject="1"),
    "IdentityService/SetDisplayName": _person(display_name="Mallory"),
    "IdentityService/SetPrivacy": _person(privacy="PRIVACY_PUBLIC"),
    "IdentityService/SetHandle": _person(handle="mallory"),
    "IdentityService/GetPreferences": _person(),
    "IdentityService/SetPreferences": _person(language="ru"),
    "IdentityService/ExportPersonalData": _person(),
    "PaymentService/CreateSchedule": lambda whose: {
        "postings": [_posting(whose)],
        "first_time": LATER.isoformat(),
    },
    "PaymentService/PauseSchedule": lambda whose: {"schedule_id": whose.schedule},
    "PaymentService/ResumeSchedule": lambda whose: {"schedule_id": whose.schedule},
    "PaymentService/CancelSchedule": lambda whose: {"schedule_id": whose.schedule},
    "PaymentService/GetSchedule": lambda whose: {"schedule_id": whose.schedule},
    "PaymentService/ListSchedules": lambda whose: {"account": whose.account},
    "PaymentService/ListScheduleRuns": lambda whose: {"schedule_id": whose.schedule},
    "PaymentService/RequestPayment": lambda whose: {
        "payee": whose.account,
        "payer": FRIEND,
        "asset": "BRONZE",
        "amount": 1,
    },
    "PaymentService/AcceptPaymentRequest": lambda whose: {"payment_request_id": whose.outgoing},
    "PaymentService/DeclinePaymentRequest": lambda whose: {"payment_request_id": whose.outgoing},
    "PaymentService/CancelPaymentRequest": lambda whose: {"payment_request_id": whose.incoming},
    "PaymentService/GetPaymentRequest": lambda whose: {"payment_request_id": whose.incoming},
    "PaymentService/ListPaymentRequests": lambda whose: {
        "account": whose.account,
        "direction": "DIRECTION_INCOMING",
    },
    "SpendingService/GrantAllowance": lambda whose: {
        **_allowance(whose),
        "amount": 9,
        "period": "PERIOD_DAY",
    },
    "SpendingService/RevokeAllowance": _allowance,
    "SpendingService/GetAllowance": _allowance,
    "SpendingService/ListAllowances": _person(),
    "SpendingService/ListSpendingRecords": _person(),
    "AmmService/Swap": _swap,
    "AmmService/CreateSwaps": lambda whose: {
        "swaps": [{"transaction_id": str(uuid4()), **_swap(whose)}]
    },
    "AmmService/AddLiquidity": lambda whose: {
        "pool_id": "bronze-silver",
        "account": whose.account,
        "base_amount": 100,
        "quote_amount": 100,
    },
    "AmmService/RemoveLiquidity": lambda whose: {
        "pool_id": "bronze-silver",
        "account": whose.account,
        "shares": 1,
    },
    "QueueService/JoinQueue": _person(tier="BRONZE", size="medium"),
    "QueueService/LeaveQueue": _person(tier="BRONZE", size="small"),
    "QueueService/ConvertDown": _person(tier="SILVER"),
    "RewardsService/ClaimDaily": _person(),
    "RewardsService/Tap": _person(count=1),
    "RewardsService/CreateReferralCode": _person(),
    "RewardsService/RedeemReferral": lambda whose: {
        "person_id": whose.person,
        "code": whose.code,
    },
    "RewardsService/GetCooldowns": _person(),
    "RewardsService/ListRewards": _person(),
    "ParliamentService/CreateProposal": _person(title="More for me"),
    "ParliamentService/WithdrawProposal": lambda whose: {"proposal_id": whose.proposal},
    "ParliamentService/CastVote": lambda whose: {
        "proposal_id": whose.proposal,
        "person_id": whose.person,
        "choice": "CHOICE_YES",
    },
    "ParliamentService/GetEligibility": _person(),
}
# These name nobody: they are about the person acted for, whoever that is.
AIMLESS = {"IdentityService/WhoAmI"}


def test_each_personal_method_is_aimed_at_somebody() -> None:
    personal = {name.rpartition(".")[2] for name, needs in PERMISSIONS.items() if needs.personal}
    assert AIMED.keys() | AIMLESS == personal
    assert all(needs.scope in {"", *SCOPES} for needs in PERMISSIONS.values() if needs.personal)


@dataclass
class Gate:
    """An application that people sign in to: who calls through it, who does not, and itself."""

    channel: grpc.aio.Channel
    operator: Client
    me: Things
    other: Things
    itself: Things

    async def reason(self, name: str, fields: Fields) -> str:
        """Calls a method for the first person; the reason of the refusal, empty for none."""
        try:
            answer = await self._call(name, fields)
        except grpc.aio.AioRpcError as error:
            status, info = rpc_status.from_call(error), error_details_pb2.ErrorInfo()
            assert status is not None, (name, error)
            assert status.details[0].Unpack(info), (name, error)
            return info.reason
        if name.endswith(("/CreateTransactions", "/CreateSwaps")):
            return answer.results[0].refusal.reason  # type: ignore[attr-defined, no-any-return]
        return ""

    async def _call(self, name: str, fields: Fields) -> Message:
        service, _, method = name.partition("/")
        found = next(
            found
            for found in METHODS
            if (found.containing_service.name, found.name) == (service, method)
        )
        request: Message = symbol_database.Default().GetSymbol(found.input_type.full_name)()
        for own_id in ("request_id", "transaction_id"):
            if own_id in found.input_type.fields_by_name:
                fields = {own_id: str(uuid4()), **fields}
        if method == "CreateHold":
            fields = {"hold_id": str(uuid4()), **fields}
        call = self.channel.unary_unary(
            f"/{found.containing_service.full_name}/{method}",
            type(request).SerializeToString,
            symbol_database.Default().GetSymbol(found.output_type.full_name).FromString,
            _registered_method=True,
        )
        answer: Message = await call(json_format.ParseDict(fields, request))
        return answer


async def _own(caller: Principal, person_id: str, account: str, **more: str) -> Things:
    """Gives somebody one of everything."""
    posting = Posting(source=account, destination=FRIEND, asset="BRONZE", amount=1)
    sides = {"asset": "BRONZE", "amount": 1}
    hold = await caller.create_hold([posting])
    schedule = await caller.create_schedule(
        [posting], first_time=datetime.now(UTC) + timedelta(days=9)
    )
    incoming = await caller.request_payment(payee=account, payer=FRIEND, **sides)
    return Things(
        person_id,
        account,
        hold=hold.hold_id,
        schedule=schedule.schedule_id,
        incoming=incoming.payment_request_id,
        **more,
    )


async def _ask(operator: Client, things: Things) -> Things:
    asked = await operator.request_payment(
        payee=FRIEND, payer=things.account, asset="BRONZE", amount=1
    )
    return Things(**{**_fields(things), "outgoing": asked.payment_request_id})


def _fields(things: Things) -> dict[str, str]:
    return {name: getattr(things, name) for name in Things.__dataclass_fields__}


@pytest.fixture
async def gate(database_url: str, tmp_path: Path) -> AsyncIterator[Gate]:
    async with (
        run_server(database_url, tmp_path) as server,
        Client(server.target, api_key=server.operator_key) as operator,
    ):
        await _furnish(operator)
        made = await operator.create_application(name="gate", scopes=SCOPES)
        application_id = made.application_id
        secret = (await operator.create_api_key(application_id)).secret
        *ids, referrer = [await person(operator, subject) for subject in ("1", "2", "3")]
        code = await operator.create_referral_code(referrer)
        till = f"apps/{application_id}/till"
        await operator.open_account(till)
        for account in (*(f"users/{person_id}" for person_id in ids), till):
            await _fill(operator, account)
        async with (
            Client(server.target, api_key=secret) as itself,
            server.connect(secret, ids[0]) as channel,
        ):
            owned = []
            for person_id in ids:
                caller = itself.acting_for(person_id)
                await caller.join_queue("BRONZE", "small", person_id)
                await caller.grant_allowance(
                    person_id,
                    application_id=application_id,
                    asset="BRONZE",
                    amount=5,
                    period=PERIOD_DAY,
                )
                proposal = await caller.create_proposal(f"Of {person_id}")
                named = {
                    "person": person_id,
                    "application": application_id,
                    "proposal": proposal.proposal_id,
                    "code": code,
                }
                owned.append(await _own(operator, caller, f"users/{person_id}", **named))
            of_itself = await _own(operator, itself, till, **named)
            yield Gate(channel, operator, *owned, of_itself)


async def _furnish(operator: Client) -> None:
    await operator.open_queues()
    for name, value in (QUICK | SETTINGS).items():
        await operator.set_parameter(name, value)
    await operator.open_account(FRIEND)
    await _fill(operator, FRIEND)
    await operator.create_pool(
        "bronze-silver",
        base_asset="BRONZE",
        quote_asset="SILVER",
        account=FRIEND,
        base_amount=10_000,
        quote_amount=10_000,
    )


async def _fill(operator: Client, account: str) -> None:
    for asset in ("BRONZE", "SILVER"):
        await operator.mint(destination=account, asset=asset, amount=50_000, reason="gift")


async def _own(operator: Client, caller: Principal, account: str, **named: str) -> Things:
    """Gives somebody one of everything."""
    posting = Posting(source=account, destination=FRIEND, asset="BRONZE", amount=1)
    hold = await caller.create_hold([posting])
    schedule = await caller.create_schedule([posting], first_time=LATER)
    incoming = await caller.request_payment(payee=account, payer=FRIEND, asset="BRONZE", amount=1)
    outgoing = await operator.request_payment(payee=FRIEND, payer=account, asset="BRONZE", amount=1)
    return Things(
        account=account,
        hold=hold.hold_id,
        schedule=schedule.schedule_id,
        incoming=incoming.payment_request_id,
        outgoing=outgoing.payment_request_id,
        **named,
    )


async def test_nothing_personal_touches_what_is_not_the_persons_own(gate: Gate) -> None:
    before = (await gate.operator.status()).last_sequence
    for name in AIMED:
        for whose in (gate.other, gate.itself):
            assert await gate.reason(name, AIMED[name](whose)) in NOT_YOURS, (name, whose)
    assert (await gate.operator.status()).last_sequence == before
    # The same calls, aimed at the caller's own, are refused for no such reason, if at all.
    for name in AIMED:
        assert await gate.reason(name, AIMED[name](gate.me)) not in NOT_YOURS, name


async def test_who_acts_for_a_person_has_no_rights_of_the_application(gate: Gate) -> None:
    application_id = gate.itself.application
    keys = [key async for key in gate.operator.api_keys(application_id)]
    rights: dict[str, Fields] = {
        "IdentityService/GetApplication": {"application_id": application_id},
        "IdentityService/ListApiKeys": {"application_id": application_id},
        "IdentityService/RotateApiKey": {"api_key_id": keys[0].api_key_id},
        "IdentityService/RevokeApiKey": {"api_key_id": keys[0].api_key_id},
        "SpendingService/ListBudgets": {"application_id": application_id},
        "LedgerService/OpenAccount": {"address": f"apps/{application_id}/other"},
        "LedgerService/CloseAccount": {"address": gate.itself.account},
    }
    for name, fields in rights.items():
        assert await gate.reason(name, fields) in NOT_YOURS, name
