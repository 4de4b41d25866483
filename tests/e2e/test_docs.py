"""The documents' examples are run: what a reader copies works."""

import asyncio
import os
import re
import shlex
import sys
from contextlib import aclosing
from pathlib import Path
from typing import Any

import pytest
from ticketonomics.ledger.v1.asset_pb2 import Asset
from ticketonomics_client import Ballot, Client, PolicyMint, RefusedError
from ticketonomics_client.cli import app as command_line
from typer.testing import CliRunner

from tests.conftest import Server, run_server
from tests.e2e.parliament import assemble, open_vote
from tests.e2e.reading import ROOT, blocks, run
from tests.e2e.receiver import QUICK, open_shop, receiving


@pytest.mark.parametrize(
    "document",
    ["docs/sdk.md", "docs/holds.md", "docs/identity.md", "docs/importing.md", "docs/amm.md"],
)
async def test_the_sdk_examples_run_one_after_the_other(server: Server, document: str) -> None:
    names = {"target": server.target, "api_key": server.operator_key}
    for line, block in blocks(document, "python"):
        await run(block, document, line, names)


async def test_the_examples_of_payments_run_one_after_the_other(server: Server) -> None:
    async with Client(server.target, api_key=server.operator_key) as client:
        await client.create_asset(Asset(code="BRONZE", kind=Asset.KIND_TICKET, name="Bronze"))
        for address in ("orgs/guild/treasury", "orgs/guild/rent"):
            await client.open_account(address)
        await client.mint(
            destination="orgs/guild/treasury", asset="BRONZE", amount=99, reason="test"
        )
        for line, block in blocks("docs/payments.md", "python"):
            await run(block, "docs/payments.md", line, {"client": client})
        assert (await client.balance("orgs/guild/rent", "BRONZE")).posted == 12


async def test_the_examples_of_spending_run_one_after_the_other(server: Server) -> None:
    async with Client(server.target, api_key=server.operator_key) as client:
        await client.create_asset(Asset(code="BRONZE", kind=Asset.KIND_TICKET, name="Bronze"))
        ann = (await client.get_or_create_person(provider="telegram", subject="1")).person
        await client.mint(destination=ann.account, asset="BRONZE", amount=999, reason="test")
        made = await client.create_application(name="game", scopes=["ledger.transfer"])
        key = await client.create_api_key(made.application_id)
        till = f"apps/{made.application_id}/till"
        await client.open_account(till)
        async with Client(server.target, api_key=key.secret) as game:
            names = {"client": client, "game": game, "game_id": made.application_id}
            names |= {"ann": ann, "till": till, "RefusedError": RefusedError}
            for line, block in blocks("docs/spending.md", "python"):
                await run(block, "docs/spending.md", line, names)
        assert (await client.balance(till, "BRONZE")).posted == 60


async def test_the_examples_of_webhooks_run_one_after_the_other(
    database_url: str, tmp_path: Path
) -> None:
    async with (
        run_server(database_url, tmp_path, **QUICK) as server,
        open_shop(server) as shop,
        receiving() as receiver,
    ):
        operator, treasury = shop.operator, "orgs/guild/treasury"
        await operator.create_asset(Asset(code="BRONZE", kind=Asset.KIND_TICKET, name="Bronze"))
        await operator.open_account(treasury)
        names: dict[str, Any] = {"client": shop.client, "url": receiver.url, "done": set()}
        for line, block in blocks("docs/webhooks.md", "python"):
            await run(block, "docs/webhooks.md", line, names)
        on_request, tested = names["on_request"], receiver.received[0]
        assert await on_request(tested.headers, tested.body) == (204, "")
        assert (await on_request(tested.headers, b"{}"))[0] == 400
        minted = await operator.mint(
            destination=treasury, asset="BRONZE", amount=100, reason="test"
        )
        await receiver.wait_for([minted.sequence])
        told = receiver.received[-1]
        assert told.check(names["new_secret"]).data.sequence == minted.sequence
        for _ in range(2):
            assert await on_request(told.headers, told.body) == (204, "")
        assert names["done"] == {told.id}


async def test_the_examples_of_parliament_run_one_after_the_other(server: Server) -> None:
    async with Client(server.target, api_key=server.operator_key) as client:
        ann, bob = await assemble(client)
        names = {
            "client": client,
            "ann": client.acting_for(ann),
            "bob": client.acting_for(bob),
            "proposal_id": (await open_vote(client, ann)).proposal_id,
            "PolicyMint": PolicyMint,
            "Ballot": Ballot,
            "aclosing": aclosing,
        }
        for line, block in blocks("docs/parliament.md", "python"):
            await run(block, "docs/parliament.md", line, names)


def test_every_page_with_examples_in_python_is_run() -> None:
    """By a test here or in another file, which names it."""
    pages = {"README.md", *(f"docs/{path.name}" for path in (ROOT / "docs").glob("*.md"))}
    tests = "".join(path.read_text() for path in Path(__file__).parent.glob("test_*.py"))
    assert not [page for page in pages if blocks(page, "python") and f'"{page}"' not in tests]


async def test_the_examples_for_scripts_run_as_one_script(server: Server, tmp_path: Path) -> None:
    examples = blocks("docs/scripts.md", "python")
    assert len(examples) > 3
    script = tmp_path / "script.py"
    given = f"target, api_key = {server.target!r}, {server.operator_key!r}\n"
    script.write_text(given + "".join(block for _, block in examples))
    process = await asyncio.create_subprocess_exec(sys.executable, script)
    async with asyncio.timeout(60):
        assert await process.wait() == 0


async def test_the_sdks_readme_runs_until_it_watches(server: Server) -> None:
    ((_, block),) = blocks("clients/python/README.md", "python")
    async with Client(server.target, api_key=server.operator_key) as client:
        await client.create_asset(Asset(code="BRONZE", kind=Asset.KIND_TICKET, name="Bronze"))
        await client.open_account("orgs/guild/treasury")
        person = (await client.get_or_create_person(provider="telegram", subject="42")).person
        await client.mint(destination=person.account, asset="BRONZE", amount=9, reason="test")
    assert block.rstrip().endswith("asyncio.run(main())")
    whole = block.replace("127.0.0.1:50051", server.target).replace("…", server.operator_key)
    # The example watches for ever: reading, it stops at the first transaction that it sees.
    once = whole.replace(
        "print(transaction.sequence, transaction.memo)", "return transaction.sequence"
    ).replace("watch_transactions(accounts=[account])", _FROM_THE_BEGINNING)
    names: dict[str, object] = {}
    exec(compile(once.replace("asyncio.run(main())", ""), "README.md", "exec"), names)
    assert await names["main"]() > 0


_FROM_THE_BEGINNING = "watch_transactions(accounts=[account], after_sequence=0)"


def test_the_command_lines_in_the_documents_are_understood(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Each `.venv/bin/ticketonomics …` is a command that exists; none is carried out."""
    for name in [name for name in os.environ if name.startswith("TICKETONOMICS_")]:
        monkeypatch.delenv(name)
    runner = CliRunner()
    found = 0
    for document in sorted({ROOT / "README.md", *(ROOT / "docs").glob("*.md")}):
        if not document.exists():
            continue
        for command in re.findall(r"^ *\.venv/bin/ticketonomics (.+)$", document.read_text(), re.M):
            words = [word for word in shlex.split(command.split("|")[0]) if word[0] != "-"]
            for depth in (2, 1):
                shown = runner.invoke(command_line, [*words[:depth], "--help"])
                if shown.exit_code == 0:
                    break
            assert shown.exit_code == 0, (document.name, command, shown.output)
            found += 1
    assert found > 0
