"""`verify` against everything that somebody could have changed."""

import pytest
from ticketonomics_server.verification import Invariant, verify

from tests.integration.verifying import (
    BALANCES,
    CHAIN,
    ERASED,
    HELD,
    OVERDRAWN,
    PEOPLE,
    REQUESTS,
    ROOTS,
    SUPPLY,
    ZERO,
    Ledger,
)

# Of the second economy, `main`. A transfer of WOOD in the middle of a block of twenty:
TRANSFER = (
    "(SELECT min(sequence) + 5 FROM postings WHERE economy_id = 2 AND amount = 20 AND kind = 1)"
)
# The transaction of three postings, and the one with a memo and metadata.
TRIANGLE = "(SELECT min(sequence) FROM postings WHERE economy_id = 2 AND position = 2)"
NOTED = "(SELECT sequence FROM texts WHERE economy_id = 2 AND memo = 'für Tee')"
BURNED = "(SELECT max(sequence) FROM postings WHERE economy_id = 2 AND kind = 3)"
OPENED = "(SELECT min(sequence) FROM entries WHERE economy_id = 2 AND kind = 10)"
LAST = "(SELECT max(last_sequence) FROM blocks WHERE economy_id = 2)"
TOP = "(SELECT max(height) FROM blocks WHERE economy_id = 2)"
ACCOUNT_A = "(SELECT account_id FROM accounts WHERE economy_id = 2 AND address = 'orgs/a')"
ACCOUNT_B = "(SELECT account_id FROM accounts WHERE economy_id = 2 AND address = 'orgs/b')"
WOOD = "(SELECT asset_id FROM assets WHERE economy_id = 2 AND code = 'WOOD')"
BRONZE = "(SELECT asset_id FROM assets WHERE economy_id = 2 AND code = 'BRONZE')"
OF_A = f"economy_id = 2 AND account_id = {ACCOUNT_A} AND asset_id = {WOOD}"
OF_B = f"economy_id = 2 AND account_id = {ACCOUNT_B} AND asset_id = {WOOD}"


def in_journal(sequence: str) -> str:
    return f"WHERE economy_id = 2 AND sequence = {sequence}"


def without(table: str, constraint: str) -> str:
    return f"ALTER TABLE {table} DROP CONSTRAINT {constraint};"


CORRUPTIONS: dict[str, tuple[str, set[Invariant]]] = {
    # The journal.
    "a changed amount": (
        f"UPDATE postings SET amount = amount + 1 {in_journal(TRANSFER)}",
        {ROOTS, BALANCES},
    ),
    "a changed amount with the balances to match": (
        f"UPDATE postings SET amount = amount + 1 {in_journal(TRANSFER)};"
        f"UPDATE balances SET posted = posted - 1 WHERE {OF_A};"
        f"UPDATE balances SET posted = posted + 1 WHERE {OF_B};"
        f"UPDATE checkpoints SET posted = posted - 1 WHERE {OF_A} AND sequence >= {TRANSFER};"
        f"UPDATE checkpoints SET posted = posted + 1 WHERE {OF_B} AND sequence >= {TRANSFER}",
        {ROOTS},
    ),
    "a posting turned round": (
        "UPDATE postings SET source_id = destination_id, destination_id = source_id,"
        " previous_of_source = previous_of_destination,"
        f" previous_of_destination = previous_of_source {in_journal(TRANSFER)}",
        {ROOTS, BALANCES},
    ),
    "another asset": (
        f"UPDATE postings SET asset_id = {BRONZE} {in_journal(TRIANGLE)}",
        # It would have had to pay a fee as well.
        {ROOTS, BALANCES, SUPPLY, OVERDRAWN},
    ),
    "another kind": (
        f"UPDATE postings SET kind = 1 {in_journal(BURNED)}",
        {ROOTS, SUPPLY},
    ),
    "a kind that is none": (
        f"UPDATE postings SET kind = -1 {in_journal(TRANSFER)}",
        {ROOTS},
    ),
    "a removed posting": (
        f"DELETE FROM postings {in_journal(TRIANGLE)} AND position = 2",
        {ROOTS, BALANCES},
    ),
    "an added posting": (
        "INSERT INTO postings SELECT sequence, amount, previous_of_source, previous_of_destination,"
        f" NULL, economy_id, source_id, destination_id, asset_id, 1, kind FROM postings"
        f" {in_journal(TRANSFER)}",
        {ROOTS, BALANCES},
    ),
    "postings in another order": (
        f"UPDATE postings SET position = 9 - position {in_journal(TRIANGLE)}",
        {ROOTS, REQUESTS},
    ),
    "a removed transaction": (
        f"DELETE FROM postings {in_journal(TRANSFER)}",
        {ROOTS, BALANCES, REQUESTS},
    ),
    "a removed transaction with its request": (
        f"DELETE FROM requests {in_journal(TRANSFER)};DELETE FROM postings {in_journal(TRANSFER)}",
        {ROOTS, BALANCES},
    ),
    "a transaction behind the last block": (
        "INSERT INTO postings SELECT"
        f" {LAST} + 1, amount, previous_of_source, previous_of_destination, NULL, economy_id,"
        " source_id, destination_id, asset_id, position, kind"
        f" FROM postings {in_journal(TRANSFER)}",
        {CHAIN},
    ),
    "a broken link of the source": (
        f"UPDATE postings SET previous_of_source = 1 {in_journal(TRANSFER)}",
        {BALANCES},
    ),
    "a broken link of the destination": (
        f"UPDATE postings SET previous_of_destination = 0 {in_journal(TRANSFER)}",
        {BALANCES},
    ),
    "no transaction id": (
        f"UPDATE postings SET transaction_id = NULL {in_journal(TRANSFER)}",
        {ROOTS, REQUESTS},
    ),
    "another transaction id": (
        f"UPDATE postings SET transaction_id = gen_random_uuid() {in_journal(TRANSFER)}",
        {ROOTS, REQUESTS},
    ),
    # Other entries.
    "an edited event": (
        f"UPDATE entries SET event = event || event {in_journal(OPENED)}",
        {ROOTS},
    ),
    "an event of another kind": (
        f"UPDATE entries SET kind = 11 {in_journal(OPENED)}",
        {ROOTS},
    ),
    "a removed event": (
        f"DELETE FROM entries {in_journal(OPENED)}",
        {ROOTS, REQUESTS},
    ),
    "an event beside a transaction": (
        f"INSERT INTO entries VALUES (2, {TRANSFER}, 10, '')",
        {ROOTS, REQUESTS},
    ),
    "an asset's event that cannot be read": (
        "UPDATE entries SET event = 'i'::bytea || '\\x00' WHERE economy_id = 2 AND kind = 13",
        {ROOTS, SUPPLY},
    ),
    # Texts.
    "an edited memo": (f"UPDATE texts SET memo = 'für Kaffee' {in_journal(NOTED)}", {ROOTS}),
    "edited metadata": (
        f'UPDATE texts SET metadata = metadata || \'{{"z": "2"}}\' {in_journal(NOTED)}',
        {ROOTS},
    ),
    "metadata that is none": (f"UPDATE texts SET metadata = '[1]' {in_journal(NOTED)}", {ROOTS}),
    "another salt": (f"UPDATE texts SET salt = salt || salt {in_journal(NOTED)}", {ROOTS}),
    "another commitment": (
        "UPDATE texts SET commitment = salt || salt WHERE economy_id = 2 AND memo = 'over'",
        {ROOTS},
    ),
    "another commitment of an erased text": (
        "UPDATE texts SET commitment = sha256('') WHERE economy_id = 2 AND memo IS NULL",
        {ROOTS},
    ),
    "a text that no entry erased": (
        f"UPDATE texts SET salt = NULL, memo = NULL, metadata = NULL {in_journal(NOTED)}",
        {ERASED},
    ),
    "an erased text that is back": (
        "UPDATE texts SET salt = '', memo = '', metadata = '{}'"
        " WHERE economy_id = 2 AND salt IS NULL AND owner IS NOT NULL",
        {ERASED, ROOTS},
    ),
    "a merged person who is back": (
        "UPDATE people SET state = 1, merged_into = NULL WHERE economy_id = 2 AND state = 3",
        {PEOPLE},
    ),
    "an erased person who is back": (
        "UPDATE people SET state = 1 WHERE economy_id = 2 AND state = 4",
        {PEOPLE},
    ),
    "a person of no entry": (
        "INSERT INTO people SELECT economy_id, 'nobody', 10000, 1, now(), NULL, 2, NULL, '',"
        " NULL, '', '', '' FROM people WHERE economy_id = 2 LIMIT 1",
        {PEOPLE},
    ),
    "another amount beside a merge": (
        "UPDATE postings SET amount = amount - 1 WHERE economy_id = 2 AND kind = 24",
        {ROOTS, BALANCES, OVERDRAWN},
    ),
    "a merge without its postings": (
        "DELETE FROM postings WHERE economy_id = 2 AND kind = 24",
        {ROOTS, BALANCES, OVERDRAWN},
    ),
    "a text half erased": (f"UPDATE texts SET salt = NULL {in_journal(NOTED)}", {ROOTS}),
    "a removed text": (f"DELETE FROM texts {in_journal(NOTED)}", {ROOTS}),
    "a text of no entry": (
        f"INSERT INTO texts (economy_id, sequence, commitment) VALUES (2, {LAST} + 1, '')",
        {CHAIN},
    ),
    # Balances.
    "an edited balance": (
        f"UPDATE balances SET posted = posted + 5 WHERE {OF_B}",
        {BALANCES, ZERO},
    ),
    "money moved without a posting": (
        f"UPDATE balances SET posted = posted + 5 WHERE {OF_B};"
        f"UPDATE balances SET posted = posted - 5 WHERE {OF_A}",
        {BALANCES},
    ),
    "a removed balance": (f"DELETE FROM balances WHERE {OF_B}", {BALANCES, ZERO}),
    "an added balance": (
        "INSERT INTO balances VALUES (2, 99, 1, 5, 0, 0, 0)",
        {BALANCES, ZERO},
    ),
    "an overdrawn balance": (
        without("balances", "balances_never_overdrawn")
        + without("balances", "balances_held_within_posted")
        + f"UPDATE balances SET posted = -5 WHERE {OF_B}",
        {BALANCES, ZERO, OVERDRAWN, HELD},
    ),
    "more held than posted": (
        without("balances", "balances_held_within_posted")
        + f"UPDATE balances SET held = posted + 1 WHERE {OF_B}",
        {HELD},
    ),
    "less than nothing held": (
        without("balances", "balances_held_within_posted")
        + f"UPDATE balances SET held = -1 WHERE {OF_B}",
        {HELD},
    ),
    "something held that no entry holds": (
        f"UPDATE balances SET held = 1 WHERE {OF_B}",
        {HELD},
    ),
    "another newest entry": (
        f"UPDATE balances SET last_sequence = last_sequence - 1 WHERE {OF_B}",
        {BALANCES},
    ),
    "another number of entries": (
        f"UPDATE balances SET entry_count = entry_count + 64 WHERE {OF_B}",
        {BALANCES},
    ),
    "a wrong checkpoint": (f"UPDATE checkpoints SET posted = posted + 1 WHERE {OF_B}", {BALANCES}),
    "a misplaced checkpoint": (
        f"UPDATE checkpoints SET sequence = sequence + 1 WHERE {OF_B}",
        {BALANCES},
    ),
    "a removed checkpoint": (
        "DELETE FROM checkpoints WHERE economy_id = 2 AND sequence ="
        f" (SELECT max(sequence) FROM checkpoints WHERE {OF_B})",
        {BALANCES},
    ),
    "an added checkpoint": (
        f"INSERT INTO checkpoints SELECT 2, {ACCOUNT_B}, {WOOD}, {TRANSFER}, 1",
        {BALANCES},
    ),
    "a checkpoint of no balance": (
        "INSERT INTO checkpoints VALUES (2, 999, 1, 5, 1)",
        {BALANCES},
    ),
    "a checkpoint behind the last block": (
        f"INSERT INTO checkpoints SELECT 2, {ACCOUNT_B}, {WOOD}, {LAST} + 1, 1",
        {BALANCES},
    ),
    # Blocks.
    "a changed block time": (
        "UPDATE blocks SET block_time = block_time + interval '1 us'"
        f" WHERE economy_id = 2 AND height = {TOP}",
        {CHAIN},
    ),
    "a block time that falls": (
        "UPDATE blocks SET block_time = '2001-01-01' WHERE economy_id = 2 AND height = 5",
        {CHAIN},
    ),
    "a changed hash": (
        f"UPDATE blocks SET hash = sha256(hash) WHERE economy_id = 2 AND height = {TOP}",
        {CHAIN},
    ),
    "a changed previous hash": (
        "UPDATE blocks SET previous_hash = sha256('') WHERE economy_id = 2 AND height = 4",
        {CHAIN},
    ),
    "a changed root": (
        "UPDATE blocks SET merkle_root = sha256('') WHERE economy_id = 2 AND height = 4",
        {CHAIN, ROOTS},
    ),
    "a removed block": ("DELETE FROM blocks WHERE economy_id = 2 AND height = 4", {CHAIN}),
    "a removed last block": (
        f"DELETE FROM blocks WHERE economy_id = 2 AND height = {TOP}",
        {CHAIN, BALANCES, REQUESTS},
    ),
    "no blocks at all": (
        "DELETE FROM blocks WHERE economy_id = 2",
        {CHAIN, BALANCES, REQUESTS, SUPPLY, PEOPLE},
    ),
    "blocks that overlap": (
        "UPDATE blocks SET first_sequence = first_sequence - 1 WHERE economy_id = 2 AND height = 5",
        {CHAIN, ROOTS},
    ),
    "a block that leaves an entry out": (
        "UPDATE blocks SET first_sequence = first_sequence + 1 WHERE economy_id = 2 AND"
        " last_sequence - first_sequence = 19",
        {CHAIN, ROOTS},
    ),
    "a block that claims to be huge": (
        "UPDATE blocks SET last_sequence = 9000000000000000000"
        f" WHERE economy_id = 2 AND height = {TOP}",
        {CHAIN, ROOTS},
    ),
    "a renamed economy": (
        "UPDATE economies SET name = 'mine' WHERE economy_id = 2",
        {CHAIN},
    ),
    # Requests.
    "a removed request of a transaction": (
        f"DELETE FROM requests {in_journal(TRANSFER)}",
        {REQUESTS},
    ),
    "a removed request of another entry": (
        f"DELETE FROM requests {in_journal(OPENED)}",
        {REQUESTS, ROOTS},
    ),
    "another request id of a transaction": (
        f"UPDATE requests SET request_id = gen_random_uuid() {in_journal(TRANSFER)}",
        {REQUESTS},
    ),
    "another request id of another entry": (
        # Only the proof knows what it was.
        f"UPDATE requests SET request_id = gen_random_uuid() {in_journal(OPENED)}",
        {ROOTS},
    ),
    "a second request id of an entry": (
        "INSERT INTO requests SELECT sequence, gen_random_uuid(), body_hash, economy_id"
        f" FROM requests {in_journal(OPENED)}",
        {REQUESTS},
    ),
    "a request of no entry": (
        f"INSERT INTO requests SELECT {LAST} + 1, gen_random_uuid(), gen_random_uuid(), 2",
        {REQUESTS},
    ),
    # Accounts, assets and supply.
    "a renamed account": (
        f"UPDATE accounts SET address = 'orgs/z' WHERE economy_id = 2 AND account_id = {ACCOUNT_B}",
        {ROOTS},
    ),
    "a removed account": (
        f"DELETE FROM accounts WHERE economy_id = 2 AND account_id = {ACCOUNT_B}",
        {ROOTS},
    ),
    "a renamed asset": (
        f"UPDATE assets SET code = 'GOLD' WHERE economy_id = 2 AND asset_id = {WOOD}",
        {ROOTS, SUPPLY},
    ),
    "a raised cap": (
        f"UPDATE assets SET supply_cap = 2000000 WHERE economy_id = 2 AND asset_id = {BRONZE}",
        {SUPPLY},
    ),
    "a fee that nobody set": (
        f"UPDATE assets SET fee_bps = 1 WHERE economy_id = 2 AND asset_id = {WOOD}",
        {SUPPLY},
    ),
    "more minted than the cap": (
        "UPDATE postings SET amount = 1000001 WHERE economy_id = 2 AND kind = 2"
        f" AND asset_id = {BRONZE}",
        {SUPPLY, ROOTS, BALANCES},
    ),
    "a fee that is too small": (
        "UPDATE postings SET amount = amount - 1 WHERE economy_id = 2 AND kind = 1"
        " AND destination_id = 2",
        {SUPPLY, ROOTS, BALANCES},
    ),
    "a transfer out of the mint": (
        f"UPDATE postings SET source_id = 1 {in_journal(TRANSFER)}",
        {SUPPLY, ROOTS, BALANCES},
    ),
    "a mint to the sink": (
        "UPDATE postings SET destination_id = 2 WHERE economy_id = 2 AND kind = 2"
        f" AND asset_id = {WOOD}",
        {SUPPLY, ROOTS, BALANCES, OVERDRAWN},
    ),
}


@pytest.mark.parametrize("corruption", CORRUPTIONS)
async def test_a_corruption_is_told_by_name(ledger: Ledger, corruption: str) -> None:
    sql, broken = CORRUPTIONS[corruption]
    await ledger.admin.execute(sql)
    report = await ledger.verify()
    assert set(report.violation_counts) == broken, report.violations
    neighbour = await verify(ledger.database, 1)
    assert neighbour.violations == ()
