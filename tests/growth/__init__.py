"""What many transactions in the journal do to speed: `make growth`.

Measures an empty ledger, loads a journal as large as asked for through the ordinary sequencer, and
measures again: batches, a page of a busy account's history, a balance of the past, and starts.
"""
