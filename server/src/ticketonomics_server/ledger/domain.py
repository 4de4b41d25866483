"""The ledger's plug: what the engine needs to know of this room."""

from ticketonomics_server.engine.domain import Domain, Handling
from ticketonomics_server.ledger import (
    decide,
    decide_accounts,
    decide_holds,
    decide_imports,
    journal,
    journal_holds,
)
from ticketonomics_server.ledger.model import (
    CloseAccount,
    CreateAsset,
    CreateTransaction,
    OpenAccount,
    SetTransferFee,
)
from ticketonomics_server.ledger.model_holds import (
    HOLD_TIMER,
    CaptureHold,
    CreateHold,
    ExpireHold,
    ReleaseHold,
)
from ticketonomics_server.ledger.model_imports import ImportTransaction

LEDGER = Domain(
    name="ledger",
    tables=(
        journal.ACCOUNTS,
        journal.ASSETS,
        journal.BALANCES,
        journal.AllBalancesTable(),
        journal_holds.HOLDS,
    ),
    journals=(
        journal.PostingJournal(),
        journal.CheckpointJournal(),
        journal_holds.HeldPostingJournal(),
    ),
    commands={
        CreateTransaction: Handling(decide.declare_transaction, decide.decide_transaction),
        ImportTransaction: Handling(decide.declare_transaction, decide_imports.decide_import),
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
        CreateHold: Handling(decide_holds.declare_create_hold, decide_holds.decide_create_hold),
        CaptureHold: Handling(decide_holds.declare_by_hold, decide_holds.decide_capture_hold),
        ReleaseHold: Handling(decide_holds.declare_by_hold, decide_holds.decide_release_hold),
        ExpireHold: Handling(decide_holds.declare_by_hold, decide_holds.decide_expire_hold),
    },
    timers={HOLD_TIMER: decide_holds.expire_hold},
)
