"""The real command in a process of its own, against a scripted server over a socket."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from ticketonomics.errors.v1.reason_pb2 import Reason
from ticketonomics.identity.v1.application_pb2 import ApiKey
from ticketonomics.identity.v1.identity_service_pb2 import (
    CreateApiKeyResponse,
    GetOrCreatePersonResponse,
)
from ticketonomics.identity.v1.person_pb2 import Person
from ticketonomics.ledger.v1.account_pb2 import Balance
from ticketonomics.ledger.v1.asset_pb2 import Asset, Supply, TransferFee
from ticketonomics.ledger.v1.ledger_service_pb2 import (
    CreateTransactionsResponse,
    GetAssetResponse,
    GetSupplyResponse,
    ListAssetsResponse,
    ListBalancesResponse,
    ListTransactionsResponse,
    WatchTransactionsResponse,
)
from ticketonomics.ledger.v1.transaction_pb2 import (
    Posting,
    Refusal,
    Transaction,
    TransactionResult,
)
from ticketonomics.operator.v1.operator_service_pb2 import ListMethodsResponse
from ticketonomics_client.cli.hints import HINTS
from ticketonomics_client.cli.output import printable
from ticketonomics_client.cli.session import _shared_first

COMMAND = (sys.executable, "-m", "ticketonomics_client")
ANN = "a" * 16
BOB = "b" * 16


@dataclass
class Result:
    code: int
    out: str
    err: str


class Shell:
    def __init__(self, target: str) -> None:
        outer = {k: v for k, v in os.environ.items() if not k.startswith("TICKETONOMICS_")}
        self.env = {**outer, "TICKETONOMICS_TARGET": target, "TICKETONOMICS_API_KEY": "secret"}

    async def start(self, *arguments: str) -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            *COMMAND,
            *arguments,
            env=self.env,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )

    async def run(self, *arguments: str) -> Result:
        process = await self.start(*arguments)
        async with asyncio.timeout(30):
            out, err = await process.communicate()
        assert b"Traceback" not in err, err.decode()
        assert process.returncode is not None
        return Result(process.returncode, out.decode(), err.decode())


@pytest.fixture
def shell(server: Any) -> Shell:
    asset = Asset(
        code="GOLD",
        name="Gold",
        kind=Asset.KIND_TICKET,
        decimals=2,
        transfer_fee=TransferFee(fee_bps=50, minimum=1),
    )
    server.answer("GetAsset", GetAssetResponse(asset=asset))
    server.answer("ListAssets", ListAssetsResponse(assets=[asset]))
    server.answer("ListMethods", ListMethodsResponse())
    return Shell(server.target)


def moved(memo: str = "") -> Transaction:
    return Transaction(
        transaction_id="0190",
        sequence=1234,
        kind=Transaction.KIND_TRANSFER,
        postings=[
            Posting(source=f"users/{ANN}", destination=f"users/{BOB}", asset="GOLD", amount=150)
        ],
        commit_time=Timestamp(seconds=1_800_000_000),
        memo=memo,
    )


async def test_balance_of_a_bare_person_id_is_a_grouped_table(server: Any, shell: Shell) -> None:
    balance = Balance(asset="GOLD", posted=123_456_789, held=100, available=123_456_689)
    server.answer("ListBalances", ListBalancesResponse(balances=[balance]))
    result = await shell.run("balance", ANN)
    assert result.code == 0
    assert "1,234,566.89" in result.out
    assert server.requests("ListBalances")[0].account == f"users/{ANN}"


async def test_json_is_one_document_with_int64_as_strings(server: Any, shell: Shell) -> None:
    server.answer("ListBalances", ListBalancesResponse(balances=[Balance(posted=2**62)]))
    result = await shell.run("--json", "balance", ANN)
    (balance,) = json.loads(result.out)
    assert balance["posted"] == str(2**62)
    assert balance["held"] == "0", "unset fields are there too"


async def test_a_transfer_is_written_in_display_units(server: Any, shell: Shell) -> None:
    result = await shell.run("transfer", ANN, "orgs/guild", "1.5", "GOLD", "--memo", "for tea")
    assert result.code == 0
    (sent,) = server.requests("CreateTransactions")[0].transactions
    assert sent.postings[0] == Posting(
        source=f"users/{ANN}", destination="orgs/guild", asset="GOLD", amount=150
    )
    assert sent.memo == "for tea"
    assert f"Moved 1.5 GOLD from users/{ANN} to orgs/guild." in result.out
    assert sent.transaction_id in result.out


async def test_shared_options_work_before_and_after_the_command(server: Any, shell: Shell) -> None:
    arguments = ("transfer", ANN, BOB, "2", "GOLD", "--json", f"--acting-for={ANN}")
    result = await shell.run(*arguments, "--id", "01900000-0000-7000-8000-000000000000")
    receipt = json.loads(result.out)
    assert receipt == {
        "transactionId": "01900000-0000-7000-8000-000000000000",
        "sequence": "1",
        "replayed": False,
    }
    assert server.calls[-1].metadata["ticketonomics-acting-for"] == ANN


async def test_too_many_decimals_are_wrong_usage(server: Any, shell: Shell) -> None:
    result = await shell.run("transfer", ANN, BOB, "1.505", "GOLD")
    assert result.code == 2
    assert "at most 2 decimals" in result.err
    assert not server.requests("CreateTransactions")


async def test_a_refusal_is_explained_with_a_hint(server: Any, shell: Shell) -> None:
    refusal = Refusal(
        reason="INSUFFICIENT_FUNDS",
        message="3 available, 5 required",
        metadata={"available": "3", "last_sequence": "9"},
    )
    server.answer(
        "CreateTransactions",
        CreateTransactionsResponse(results=[TransactionResult(refusal=refusal)]),
    )
    result = await shell.run("transfer", ANN, BOB, "5", "GOLD")
    assert result.code == 1
    assert result.out == ""
    assert "INSUFFICIENT_FUNDS: 3 available, 5 required" in result.err
    assert "Hint: a transfer fee comes on top" in result.err


async def test_a_refusal_in_json_is_json(server: Any, shell: Shell, refused: Any) -> None:
    server.answer("GetBlock", refused(grpc.StatusCode.NOT_FOUND, "BLOCK_NOT_FOUND", "no block"))
    result = await shell.run("block", "7", "--json")
    assert result.code == 1
    assert json.loads(result.err)["error"]["reason"] == "BLOCK_NOT_FOUND"


async def test_a_server_that_is_away_is_exit_code_3(shell: Shell) -> None:
    result = await shell.run("balance", ANN, "--target", "127.0.0.1:1", "--timeout", "0.3")
    assert result.code == 3
    assert "is the server running at 127.0.0.1:1?" in result.err


async def test_an_unanswered_transfer_tells_how_to_ask_again(server: Any, shell: Shell) -> None:
    server.keep_silent("CreateTransactions")
    result = await shell.run("transfer", ANN, BOB, "1", "GOLD", "--timeout", "0.5")
    (sent,) = server.requests("CreateTransactions")[0].transactions
    assert result.code == 3
    assert f"--id {sent.transaction_id}" in result.err


async def test_a_malformed_key_is_wrong_usage_and_not_shown(shell: Shell) -> None:
    shell.env["TICKETONOMICS_API_KEY"] = "two\nlines"
    result = await shell.run("whoami")
    assert result.code == 2
    assert "two" not in result.err


async def test_a_key_file_is_read_and_a_missing_one_is_explained(
    server: Any, shell: Shell, tmp_path: Path
) -> None:
    path = tmp_path / "key"
    path.write_text("from-file\n")
    server.answer("ListBalances", ListBalancesResponse())
    assert (await shell.run("balance", ANN, "--api-key-file", str(path))).code == 0
    assert server.calls[-1].metadata["authorization"] == "Bearer from-file"
    result = await shell.run("balance", ANN, "--api-key-file", str(tmp_path / "none"))
    assert result.code == 2
    assert "cannot read the API key file" in result.err


async def test_history_has_a_row_for_each_posting_and_disarms_memos(
    server: Any, shell: Shell
) -> None:
    server.answer(
        "ListTransactions",
        ListTransactionsResponse(transactions=[moved("\x1b[31m[bold]boo[/bold]")]),
    )
    result = await shell.run("history", ANN, "--kind", "transfer", "--limit", "1")
    row = result.out.splitlines()[2].split()
    assert row[:4] == ["1,234", "2027-01-15", "08:00:00Z", "transfer"]
    assert row[4:8] == [f"users/{ANN}", f"users/{BOB}", "1.50", "GOLD"]
    assert "[bold]boo[/bold]" in result.out
    assert "\x1b" not in result.out
    assert server.requests("ListTransactions")[0].kind == Transaction.KIND_TRANSFER


async def test_watch_prints_json_lines_until_ctrl_c(server: Any, shell: Shell) -> None:
    async def stream(_request: Any, context: Any) -> None:
        await context.write(WatchTransactionsResponse(cursor=1233))
        await context.write(WatchTransactionsResponse(transactions=[moved()], cursor=1234))
        await asyncio.Event().wait()

    server.methods["WatchTransactions"] = stream
    process = await shell.start("watch", ANN, "--json", "--after", "0")
    assert process.stdout is not None
    async with asyncio.timeout(30):
        line = await process.stdout.readline()
        process.send_signal(signal.SIGINT)
        out, err = await process.communicate()
    assert json.loads(line)["sequence"] == "1234"
    assert (process.returncode, out, err) == (130, b"", b"")


async def test_supply_and_assets_show_display_units(server: Any, shell: Shell) -> None:
    supply = Supply(asset="GOLD", minted=1000, burned=1, circulating=999)
    server.answer("GetSupply", GetSupplyResponse(supply=supply))
    result = await shell.run("supply")
    assert result.out.split("\n")[2].split() == ["GOLD", "9.99", "10.00", "0.01", "none"]
    result = await shell.run("assets")
    assert "0.5 %, at least 0.01" in result.out


async def test_people_are_found_or_created(server: Any, shell: Shell) -> None:
    person = Person(person_id=ANN, account=f"users/{ANN}")
    server.answer("GetOrCreatePerson", GetOrCreatePersonResponse(person=person, created=True))
    result = await shell.run("people", "get-or-create", "telegram", "42", "--name", "Ann")
    assert result.out == f"Created {ANN}, account users/{ANN}.\n"
    assert server.requests("GetOrCreatePerson")[0].display_name == "Ann"


async def test_a_new_secret_stands_alone_on_stdout(server: Any, shell: Shell) -> None:
    answer = CreateApiKeyResponse(api_key=ApiKey(api_key_id="k1"), secret="tk_secret")
    server.answer("CreateApiKey", answer)
    result = await shell.run("keys", "create", "app", "--expires", "2030-01-31T12:00:00Z")
    assert result.out == "tk_secret\n"
    assert server.requests("CreateApiKey")[0].expire_time.seconds == 1_896_091_200


async def test_help_needs_no_server_and_no_grpc(shell: Shell) -> None:
    code = (
        "import sys; from ticketonomics_client.cli import app; "
        "sys.exit(any(name == 'grpc' or name == 'rich' for name in sys.modules))"
    )
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", code)
    assert await process.wait() == 0, "importing gRPC or Rich makes every start slow"
    assert (await shell.run("people", "--help")).code == 0


def test_every_hint_belongs_to_a_reason() -> None:
    assert {f"REASON_{name}" for name in HINTS} <= set(Reason.keys())


def test_shared_options_move_to_the_front() -> None:
    takes_value = {"--json": False, "--target": True}
    arguments = ["balance", "x", "--target", "y", "--asset", "GOLD", "--json", "--target=z"]
    assert _shared_first(arguments, takes_value) == [
        *("--target", "y", "--json", "--target=z"),
        *("balance", "x", "--asset", "GOLD"),
    ]
    assert _shared_first(["transfer", "--", "--json"], takes_value) == [
        *("transfer", "--", "--json")
    ]


def test_what_strangers_write_cannot_steer_a_terminal() -> None:
    assert printable("a\x1b[2Jb\u202ec\n") == "a�[2Jb�c�"
