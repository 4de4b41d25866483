-- One transfer between two different accounts, both uniform.
\set source random(1, :accounts)
\set other random(1, :accounts - 1)
\set destination case when :other < :source then :other else :other + 1 end
\set amount random(1, 100)
BEGIN ISOLATION LEVEL SERIALIZABLE;
UPDATE bench_account SET balance = balance - :amount WHERE id = :source;
UPDATE bench_account SET balance = balance + :amount WHERE id = :destination;
INSERT INTO bench_transfer (source, destination, amount) VALUES (:source, :destination, :amount);
COMMIT;
