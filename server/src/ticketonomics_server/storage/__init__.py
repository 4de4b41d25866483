"""Where the ledger's rows live: the database, and the Postgres that the server can bring along."""
