-- One transfer from a uniform account to the account that everybody pays.
\set source random(1, :accounts)
\set amount random(1, 100)
BEGIN ISOLATION LEVEL SERIALIZABLE;
UPDATE bench_account SET balance = balance - :amount WHERE id = :source;
UPDATE bench_account SET balance = balance + :amount WHERE id = 0;
INSERT INTO bench_transfer (source, destination, amount) VALUES (:source, 0, :amount);
COMMIT;
