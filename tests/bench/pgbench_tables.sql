-- The least that a ledger can be in plain SQL: balances that cannot go below zero, and a journal in
-- which each transfer has a unique id.
CREATE TABLE bench_account (
    id bigint PRIMARY KEY,
    balance bigint NOT NULL CHECK (balance >= 0)
);
CREATE TABLE bench_transfer (
    id uuid PRIMARY KEY DEFAULT uuidv7(),
    source bigint NOT NULL,
    destination bigint NOT NULL,
    amount bigint NOT NULL CHECK (amount > 0),
    create_time timestamptz NOT NULL DEFAULT now()
);
