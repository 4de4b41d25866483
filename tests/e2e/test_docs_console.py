"""The documents' lines for the console, one after the other, as a reader copies them."""

import json
import re
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest
import trustme
from ticketonomics.ledger.v1.asset_pb2 import Asset
from ticketonomics.ledger.v1.transaction_pb2 import Posting
from ticketonomics_client import Client

from tests.conftest import Server, run_server
from tests.e2e.parliament import assemble, open_vote
from tests.e2e.reading import ROOT, Reader, blocks, free_port, home, run
from tests.e2e.receiver import QUICK, receiving

# Pages whose lines are tried by a test of their own: below, in `test_docs`, or with their room,
# since they need files or somebody who listens.
ALONE = {
    *("README.md", "docs/operations.md", "docs/economies.md"),
    *("docs/importing.md", "docs/webhooks.md", "docs/prices.md", "docs/gateway.md"),
    # The first needs Telegram, and runs in the bot's tests; the lines of the second are the tests.
    *("docs/bot.md", "docs/web.md"),
}
# Lines that other tests carry out.
ELSEWHERE = {"make run": "that of README, below"}


@pytest.fixture
async def somebody() -> AsyncIterator[Reader]:
    with home() as someone:
        yield someone
        await someone.stop()


@pytest.fixture
async def client(server: Server) -> AsyncIterator[Client]:
    async with Client(server.target, api_key=server.operator_key) as opened:
        yield opened


def meet(somebody: Reader, server: Server) -> None:
    """Lets a reader use the server that runs in this process."""
    somebody.env |= {
        "TICKETONOMICS_TARGET": server.target,
        "TICKETONOMICS_API_KEY": server.operator_key,
        "TICKETONOMICS_DATABASE_URL": server.database_url,
        "TICKETONOMICS_DATA_FOLDER": str(server.data_folder),
    }


def lines(document: str) -> list[str]:
    return [
        line
        for _, block in blocks(document, "sh")
        for line in block.splitlines()
        if line not in ELSEWHERE
    ]


async def furnish(client: Client) -> str:
    """Makes what the pages speak of; returns the id of somebody who has something."""
    for code, decimals in (("BRONZE", 2), ("COIN", 0)):
        await client.create_asset(
            Asset(code=code, kind=Asset.KIND_TICKET, name=code.title(), decimals=decimals)
        )
    for address in ("orgs/guild/treasury", "orgs/shop/till", "orgs/arena"):
        await client.open_account(address)
    ada = (await client.get_or_create_person(provider="telegram", subject="4711")).person
    for code in ("BRONZE", "COIN"):
        await client.mint(destination=ada.account, asset=code, amount=10_000, reason="welcome")
    return ada.person_id


async def amm(client: Client, somebody: Reader) -> None:
    ada = await furnish(client)
    await client.create_asset(Asset(code="IRON", kind=Asset.KIND_MATERIAL, name="Iron"))
    for account in ("orgs/guild/treasury", f"users/{ada}"):
        for code in ("IRON", "BRONZE"):
            await client.mint(destination=account, asset=code, amount=10_000, reason="start")
    somebody.meanings["ANN"] = ada


async def holds(client: Client, somebody: Reader) -> None:
    ada = await furnish(client)

    async def hold(_: str) -> str:
        posting = Posting(source=f"users/{ada}", destination="orgs/arena", asset="COIN", amount=40)
        return (await client.create_hold([posting])).hold_id

    somebody.meanings |= {"ANN": ada, "HOLD_ID": hold}


async def identity(client: Client, somebody: Reader) -> None:
    ada = await furnish(client)

    async def code(_: str) -> str:
        return (await client.create_link_code(ada)).code

    async def other(_: str) -> str:
        """Somebody else, who has the identity of the examples."""
        for linked in (await client.person(ada)).linked_identities:
            if linked.provider == "minecraft":
                await client.unlink_identity(ada, provider="minecraft", subject=linked.subject)
        answer = await client.get_or_create_person(provider="minecraft", subject="069a79f4")
        await client.redeem_link_code(
            (await client.create_link_code(answer.person.person_id)).code,
            provider="telegram",
            subject=answer.person.person_id,
        )
        return answer.person.person_id

    somebody.meanings |= {
        "7k3m9q2x4t6v8w1z": ada,
        "7K3M9-Q2X4T": code,
        "0a1b2c3d4e5f6g7h": other,
    }


async def payments(client: Client, somebody: Reader) -> None:
    ada = await furnish(client)

    async def request(line: str) -> str:
        if "requests" in line:
            asked = await client.request_payment(
                payee="orgs/shop/till", payer=f"users/{ada}", asset="BRONZE", amount=1
            )
            return asked.payment_request_id
        return (await anext(client.schedules())).schedule_id

    somebody.meanings |= {"7k3m9q2x4t6v8w1z": ada, "0123456789abcdef": request}


async def proofs(client: Client, somebody: Reader) -> None:
    ada = await furnish(client)
    made = await client.transfer(
        source=f"users/{ada}", destination="orgs/shop/till", asset="BRONZE", amount=1
    )
    key = await anext(client.signing_keys())
    (somebody.folder / "operator.pub").write_text(key.public_key.hex())
    somebody.meanings["0190a5d0-ac96-7000-bcce-b302099a8057"] = made.transaction_id


async def parameters(client: Client, somebody: Reader) -> None:
    """Needs nothing."""


async def progression(client: Client, somebody: Reader) -> None:
    somebody.meanings["7k3m9q2x4t6v8w1z"] = await furnish(client)


async def rewards(client: Client, somebody: Reader) -> None:
    (somebody.folder / "unity.secret").write_text("a secret of the network's own\n")
    somebody.meanings["7k3m9q2x4t6v8w1z"] = await furnish(client)


async def spending(client: Client, somebody: Reader) -> None:
    game = await client.create_application(name="game", scopes=["ledger.transfer"])
    somebody.meanings |= {
        "7k3m9q2x4t6v8w1z": await furnish(client),
        "0123456789abcdef": game.application_id,
    }


async def statements(client: Client, somebody: Reader) -> None:
    somebody.meanings["7k3m9q2x4t6v8w1z"] = await furnish(client)


async def nothing(_: Client, __: Reader) -> None:
    pass


async def economics(_: Client, somebody: Reader) -> None:
    for name, language in (("economics.toml", "toml"), ("ads.csv", "csv")):
        ((_, content),) = blocks("docs/economics.md", language)
        (somebody.folder / name).write_text(content)


async def parliament(client: Client, somebody: Reader) -> None:
    ann, bob = await assemble(client)
    voting = await open_vote(client, ann)

    async def proposal(line: str) -> str:
        if "withdraw" in line or "veto" in line:
            return (await client.acting_for(ann).create_proposal("Tea")).proposal_id
        return voting.proposal_id

    somebody.meanings |= {"ANN": ann, "BOB": bob, "PROPOSAL_ID": proposal}


PAGES = {
    "docs/amm.md": amm,
    "docs/economics.md": economics,
    "docs/holds.md": holds,
    "docs/identity.md": identity,
    "docs/payments.md": payments,
    "docs/permissions.md": nothing,
    "docs/proofs.md": proofs,
    "docs/settings.md": nothing,
    "docs/parameters.md": parameters,
    "docs/queues.md": nothing,
    "docs/progression.md": progression,
    "docs/rewards.md": rewards,
    "docs/parliament.md": parliament,
    "docs/spending.md": spending,
    "docs/statements.md": statements,
    "docs/statistics.md": statements,
}


def test_every_page_with_lines_for_the_console_is_tried() -> None:
    pages = {"README.md", *(f"docs/{path.name}" for path in (ROOT / "docs").glob("*.md"))}
    assert {page for page in pages if blocks(page, "sh")} <= ALONE | PAGES.keys()


@pytest.mark.parametrize("document", PAGES)
async def test_every_line_works(
    server: Server, client: Client, somebody: Reader, document: str
) -> None:
    meet(somebody, server)
    await PAGES[document](client, somebody)
    for line in lines(document):
        await somebody.copy(line)


async def test_economies_move_between_deployments(
    server: Server, another_database_url: str, somebody: Reader
) -> None:
    meet(somebody, server)
    somebody.meanings["postgresql://new-place/ledger"] = f"'{another_database_url}'"
    for line in lines("docs/economies.md"):
        await somebody.copy(line)
    found = await asyncpg.connect(another_database_url)
    assert await found.fetchval("SELECT array_agg(name) FROM economies") == ["guild"]
    await found.close()


async def test_the_files_of_importing_go_in(
    server: Server, client: Client, somebody: Reader
) -> None:
    """Each file is named in the sentence before it. The last line makes the others' asset."""
    meet(somebody, server)
    text = (ROOT / "docs/importing.md").read_text()
    named = r"`([a-z]+\.(?:csv|jsonl))`[^`]*?\n\n```(?:csv|json)\n(.*?)```"
    files = re.findall(named, text, re.S)
    assert len(files) == 4
    for name, content in files:
        (somebody.folder / name).write_text(content)
    *before, with_assets = lines("docs/importing.md")
    for line in (with_assets, *before):
        await somebody.copy(line)
    mira = await client.look_up_person(provider="telegram", subject="4711")
    assert (await client.balance(mira.account, "BRONZE")).posted == 120 - 20 - 2 - 10
    assert (await client.balance("orgs/guild/treasury", "BRONZE")).posted == 1000 + 5 + 10 - 18


async def test_a_deployment_is_operated_as_the_page_says(
    database_url: str, somebody: Reader
) -> None:
    _make_certificates(somebody.folder)
    # A folder has one owner: servers with settings of their own are another one's.
    listen, folder = f"127.0.0.1:{free_port()}", somebody.folder / "guest"
    guest = Reader(
        somebody.folder,
        somebody.env
        | {
            "TICKETONOMICS_DATABASE_URL": database_url,
            "TICKETONOMICS_DATA_FOLDER": str(folder),
            "TICKETONOMICS_LISTEN": listen,
            "TICKETONOMICS_API_KEY_FILE": str(folder / "operator-main.key"),
        },
        {
            "0.0.0.0:50051": listen,
            "ledger.example.org:50051": listen.replace("127.0.0.1", "localhost"),
        },
    )

    async def application(_: str) -> str:
        async with _operator(somebody) as client:
            return (await client.create_application(name="another", scopes=[])).application_id

    async def key(line: str) -> str:
        async with _operator(somebody) as client:
            return (await client.create_api_key(await application(line))).api_key.api_key_id

    sockets = '"$(cat $DATA/socket-folder)"'
    somebody.meanings |= {
        "APPLICATION_ID": application,
        "API_KEY_ID": key,
        "--host HOST": f"--host {sockets}",
        "make verify": f"make -C {ROOT} verify",
    }
    try:
        for line in lines("docs/operations.md"):
            if "pg_restore" in line:
                new = "CREATE DATABASE ledger OWNER ticketonomics"
                await somebody.copy(f"$BIN/psql --host {sockets} -U postgres -c '{new}' postgres")
            who = guest if re.search("TLS_|--ca|OTLP", line) else somebody
            await who.copy(line)
    finally:
        await guest.stop()
    assert (somebody.folder / "base/PG_VERSION").exists()


async def test_the_lines_about_the_gateway(
    server: Server, client: Client, somebody: Reader
) -> None:
    meet(somebody, server)
    ada = await furnish(client)
    await client.mint(destination="orgs/shop/till", asset="BRONZE", amount=500, reason="to spend")
    listen = f"127.0.0.1:{free_port()}"
    somebody.meanings = {
        "127.0.0.1:8088": listen,
        "127.0.0.1:8080": listen,
        "$KEY": server.operator_key,
        "4bq2rm8c1x0d7k5z": ada,
    }
    somebody.env["TICKETONOMICS_GATEWAY_SERVER"] = server.target
    (_, start), (_, transfer) = blocks("docs/gateway.md", "sh")
    await somebody.copy(start.strip())
    told = json.loads(await somebody.copy(transfer.strip().replace("curl", "curl -sS --fail")))
    assert told["transaction"]["postings"]
    assert (await client.balance("orgs/shop/till", "BRONZE")).available == 0


def _operator(somebody: Reader) -> Client:
    key = somebody.key_file.read_text().strip()
    return Client(somebody.env["TICKETONOMICS_TARGET"], api_key=key)


def _make_certificates(folder: Path) -> None:
    servers, clients = trustme.CA(), trustme.CA()
    ours, mine = servers.issue_cert("localhost"), clients.issue_cert("me.example.org")
    servers.cert_pem.write_to_path(folder / "ca.pem")
    clients.cert_pem.write_to_path(folder / "clients.pem")
    ours.cert_chain_pems[0].write_to_path(folder / "cert.pem")
    ours.private_key_pem.write_to_path(folder / "key.pem")
    mine.cert_chain_pems[0].write_to_path(folder / "me.pem")
    mine.private_key_pem.write_to_path(folder / "me.key")


# What README prints that is another person's each time.
MIRA = "2zn27mjx7xcwxnr4"


async def test_the_five_minutes_of_the_readme(somebody: Reader) -> None:
    """With `make run` going: each line prints what README says, and then the same from Python."""
    gateway = somebody.env["TICKETONOMICS_GATEWAY_LISTEN"]
    somebody.meanings = {
        "make run": f"make -C {ROOT} run",
        "=$PWD/.venv": f"={ROOT}/.venv",
        "127.0.0.1:8080": gateway,
    }
    for _, block in blocks("README.md", ""):
        if block == "make run\n":
            await somebody.copy("make run")
        if not block.startswith("$ "):
            continue
        for example in re.findall(r"^\$ (.*(?:\n(?!\$ ).*)*)", block, re.M):
            line, _, told = example.strip().partition("\n")
            printed = await somebody.copy(line, refused=told.startswith("Error"))
            if found := re.search(r"^Created (\w+)", printed):
                somebody.meanings[MIRA] = found[1]
            if told:
                mira = somebody.meanings.get(MIRA, MIRA)
                assert printed.strip().startswith(told.replace(MIRA, mira)), line
    assert MIRA in somebody.meanings
    ((line, block),) = blocks("README.md", "python")
    names = {"key": somebody.key_file.read_text().strip()}
    code = block.replace("127.0.0.1:50051", somebody.env["TICKETONOMICS_TARGET"])
    await run(code, "README.md", line, names)
    assert names["receipt"].sequence > 0


async def test_the_lines_of_webhooks_work(
    database_url: str, tmp_path: Path, somebody: Reader
) -> None:
    async with (
        run_server(database_url, tmp_path, **QUICK) as server,
        Client(server.target, api_key=server.operator_key) as client,
        receiving() as receiver,
    ):
        await furnish(client)
        meet(somebody, server)

        async def made(_: str) -> str:
            return (await anext(client.webhooks())).webhook_id

        somebody.meanings |= {"https://example.org/hooks": receiver.url, "WEBHOOK_ID": made}
        for line in lines("docs/webhooks.md"):
            await somebody.copy(line)
        assert len(receiver.received) == 1
