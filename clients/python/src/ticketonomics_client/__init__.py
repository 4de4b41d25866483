"""Python SDK of Ticketonomics: a community ledger over gRPC."""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ticketonomics.amm.v1.pool_pb2 import Pool, PoolEvent, Position
    from ticketonomics.amm.v1.swap_pb2 import Swap
    from ticketonomics.errors.v1.reason_pb2 import Reason
    from ticketonomics.ledger.v1.account_pb2 import Account, Balance
    from ticketonomics.ledger.v1.asset_pb2 import Asset, Supply, TransferFee
    from ticketonomics.ledger.v1.block_pb2 import Block
    from ticketonomics.ledger.v1.hold_pb2 import Hold
    from ticketonomics.ledger.v1.transaction_pb2 import Posting, Transaction
    from ticketonomics.parameters.v1.parameter_pb2 import Parameter, ParameterChange
    from ticketonomics.parliament.v1.proposal_pb2 import Ballot, PolicyBurn, PolicyMint, Proposal
    from ticketonomics.payments.v1.payment_request_pb2 import PaymentRequest
    from ticketonomics.payments.v1.schedule_pb2 import Repeat, RetryPolicy, Schedule, ScheduleRun
    from ticketonomics.prices.v1.candle_pb2 import Candle
    from ticketonomics.prices.v1.price_pb2 import Price, Tick
    from ticketonomics.queues.v1.queue_pb2 import Queue
    from ticketonomics.queues.v1.round_pb2 import Round
    from ticketonomics.rewards.v1.reward_pb2 import AdNetwork, Region, Reward, Source
    from ticketonomics.spending.v1.limit_pb2 import Allowance, Budget, Period, SpendingRecord
    from ticketonomics.webhooks.v1.webhook_pb2 import (
        DeadLetter,
        Event,
        TransactionFilter,
        Webhook,
    )

    from ticketonomics_client.amounts import AmountError, format_amount, parse_amount
    from ticketonomics_client.client import Client, Principal
    from ticketonomics_client.draws import DrawVerificationError, verify_draw
    from ticketonomics_client.errors import (
        ClosedError,
        RefusedError,
        SecretLostError,
        TicketonomicsError,
        UnavailableError,
    )
    from ticketonomics_client.identifiers import new_id
    from ticketonomics_client.imports import TransactionImportDraft, import_id
    from ticketonomics_client.receiving import WebhookVerificationError, verify_webhook
    from ticketonomics_client.statements import Statement
    from ticketonomics_client.swaps import SwapDraft, SwapReceipt
    from ticketonomics_client.tls import TlsFiles
    from ticketonomics_client.transactions import Receipt, TransactionDraft

__all__ = [
    "Account",
    "AdNetwork",
    "Allowance",
    "AmountError",
    "Asset",
    "Balance",
    "Ballot",
    "Block",
    "Budget",
    "Candle",
    "Client",
    "ClosedError",
    "DeadLetter",
    "DrawVerificationError",
    "Event",
    "Hold",
    "Parameter",
    "ParameterChange",
    "PaymentRequest",
    "Period",
    "PolicyBurn",
    "PolicyMint",
    "Pool",
    "PoolEvent",
    "Position",
    "Posting",
    "Price",
    "Principal",
    "Proposal",
    "Queue",
    "Reason",
    "Receipt",
    "RefusedError",
    "Region",
    "Repeat",
    "RetryPolicy",
    "Reward",
    "Round",
    "Schedule",
    "ScheduleRun",
    "SecretLostError",
    "Source",
    "SpendingRecord",
    "Statement",
    "Supply",
    "Swap",
    "SwapDraft",
    "SwapReceipt",
    "Tick",
    "TicketonomicsError",
    "TlsFiles",
    "Transaction",
    "TransactionDraft",
    "TransactionFilter",
    "TransactionImportDraft",
    "TransferFee",
    "UnavailableError",
    "Webhook",
    "WebhookVerificationError",
    "format_amount",
    "import_id",
    "new_id",
    "parse_amount",
    "verify_draw",
    "verify_webhook",
]

_HOMES = {
    "Pool": "ticketonomics.amm.v1.pool_pb2",
    "PoolEvent": "ticketonomics.amm.v1.pool_pb2",
    "Position": "ticketonomics.amm.v1.pool_pb2",
    "Swap": "ticketonomics.amm.v1.swap_pb2",
    "SwapDraft": "ticketonomics_client.swaps",
    "SwapReceipt": "ticketonomics_client.swaps",
    "AdNetwork": "ticketonomics.rewards.v1.reward_pb2",
    "Region": "ticketonomics.rewards.v1.reward_pb2",
    "Reward": "ticketonomics.rewards.v1.reward_pb2",
    "Source": "ticketonomics.rewards.v1.reward_pb2",
    "Allowance": "ticketonomics.spending.v1.limit_pb2",
    "Budget": "ticketonomics.spending.v1.limit_pb2",
    "Period": "ticketonomics.spending.v1.limit_pb2",
    "SpendingRecord": "ticketonomics.spending.v1.limit_pb2",
    "Account": "ticketonomics.ledger.v1.account_pb2",
    "AmountError": "ticketonomics_client.amounts",
    "Asset": "ticketonomics.ledger.v1.asset_pb2",
    "Balance": "ticketonomics.ledger.v1.account_pb2",
    "Block": "ticketonomics.ledger.v1.block_pb2",
    "Candle": "ticketonomics.prices.v1.candle_pb2",
    "Client": "ticketonomics_client.client",
    "ClosedError": "ticketonomics_client.errors",
    "DeadLetter": "ticketonomics.webhooks.v1.webhook_pb2",
    "DrawVerificationError": "ticketonomics_client.draws",
    "Event": "ticketonomics.webhooks.v1.webhook_pb2",
    "Parameter": "ticketonomics.parameters.v1.parameter_pb2",
    "ParameterChange": "ticketonomics.parameters.v1.parameter_pb2",
    "Ballot": "ticketonomics.parliament.v1.proposal_pb2",
    "PolicyBurn": "ticketonomics.parliament.v1.proposal_pb2",
    "PolicyMint": "ticketonomics.parliament.v1.proposal_pb2",
    "Proposal": "ticketonomics.parliament.v1.proposal_pb2",
    "PaymentRequest": "ticketonomics.payments.v1.payment_request_pb2",
    "Hold": "ticketonomics.ledger.v1.hold_pb2",
    "Posting": "ticketonomics.ledger.v1.transaction_pb2",
    "Price": "ticketonomics.prices.v1.price_pb2",
    "Principal": "ticketonomics_client.client",
    "Queue": "ticketonomics.queues.v1.queue_pb2",
    "Reason": "ticketonomics.errors.v1.reason_pb2",
    "Receipt": "ticketonomics_client.transactions",
    "RefusedError": "ticketonomics_client.errors",
    "Repeat": "ticketonomics.payments.v1.schedule_pb2",
    "RetryPolicy": "ticketonomics.payments.v1.schedule_pb2",
    "Round": "ticketonomics.queues.v1.round_pb2",
    "Schedule": "ticketonomics.payments.v1.schedule_pb2",
    "ScheduleRun": "ticketonomics.payments.v1.schedule_pb2",
    "Statement": "ticketonomics_client.statements",
    "SecretLostError": "ticketonomics_client.errors",
    "Supply": "ticketonomics.ledger.v1.asset_pb2",
    "Tick": "ticketonomics.prices.v1.price_pb2",
    "TicketonomicsError": "ticketonomics_client.errors",
    "TlsFiles": "ticketonomics_client.tls",
    "Transaction": "ticketonomics.ledger.v1.transaction_pb2",
    "TransactionDraft": "ticketonomics_client.transactions",
    "TransactionImportDraft": "ticketonomics_client.imports",
    "TransactionFilter": "ticketonomics.webhooks.v1.webhook_pb2",
    "TransferFee": "ticketonomics.ledger.v1.asset_pb2",
    "UnavailableError": "ticketonomics_client.errors",
    "Webhook": "ticketonomics.webhooks.v1.webhook_pb2",
    "WebhookVerificationError": "ticketonomics_client.receiving",
    "format_amount": "ticketonomics_client.amounts",
    "import_id": "ticketonomics_client.imports",
    "new_id": "ticketonomics_client.identifiers",
    "parse_amount": "ticketonomics_client.amounts",
    "verify_draw": "ticketonomics_client.draws",
    "verify_webhook": "ticketonomics_client.receiving",
}


def __getattr__(name: str) -> object:
    """Imports a name when it is first used, so that the command line starts without gRPC."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
