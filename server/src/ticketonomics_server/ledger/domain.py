"""The ledger's plug: what the engine needs to know of this room."""

from ticketonomics_server.engine.domain import Domain, Handling
from ticketonomics_server.ledger import decide, decide_accounts, journal
from ticketonomics_server.ledger.model import (
    CloseAccount,
    CreateAsset,
    CreateTransaction,
    OpenAccount,
    SetTransferFee,
)

LEDGER = Domain(
    name="ledger",
    tables=(
        journal.ACCOUNTS,
        journal.ASSETS,
        journal.BALANCES,
        journal.AllBalancesTable(),
    ),
    journals=(journal.PostingJournal(), journal.CheckpointJournal()),
    commands={
        CreateTransaction: Handling(decide.declare_transaction, decide.decide_transaction),
        OpenAccount: Handling(
            decide_accounts.declare_open_account, decide_accounts.decide_open_account
        ),
        CloseAccount: Handling(
            decide_accounts.declare_close_account, decide_accounts.decide_close_account
        ),
        CreateAsset: Handling(
            decide_accounts.declare_create_asset, decide_accounts.decide_create_asset
        ),
        SetTransferFee: Handling(
            decide_accounts.declare_set_transfer_fee, decide_accounts.decide_set_transfer_fee
        ),
    },
)
