"""The real `ticketonomics import …`, in a process of its own, against the real server."""

import asyncio
import csv
import json
import os
import pty
import signal
import sys
from pathlib import Path
from typing import Any

import pytest
from ticketonomics_client import Asset, Client, Transaction, TransferFee

from tests.conftest import Server
from tests.e2e.test_cli import Shell, shell
from tests.e2e.test_server_cli import Operator, folder, operator

__all__ = ["folder", "operator", "shell"]


@pytest.fixture
async def client(server: Server) -> Any:
    async with Client(server.target, api_key=server.operator_key) as opened:
        fee = TransferFee(fee_bps=1_000, minimum=3)
        await opened.create_asset(
            Asset(code="COIN", kind=Asset.KIND_TICKET, name="C", decimals=2, transfer_fee=fee)
        )
        await opened.open_account("orgs/bank")
        yield opened


def write(folder: Path, name: str, *lines: str) -> str:
    file = folder / name
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return str(file)


BALANCES = (
    "account,asset,amount,time,memo,name",
    "telegram:1,COIN,12.50,2024-05-31T12:00:00Z,saved,Ann",
    "telegram:2,COIN,3,,,",
    '"minecraft:Zoë, the 2nd",COIN,0.01,1717156800,"two',
    'lines",Zoë',
    "",
    "orgs/bank,COIN,100,2024-05-31 12:00:00+02:00,,",
    "orgs/guild/treasury,COIN,7,,,",
    "telegram:3,COIN,0,,,Nobody's rich",
)


async def test_balances_come_from_a_spreadsheet(
    shell: Shell, client: Client, tmp_path: Path
) -> None:
    file = write(tmp_path, "balances.csv", *BALANCES)
    checked = (await shell("import", "balances", file, "--dry-run", "--json")).json
    assert (checked["sent"], checked["good"], checked["rejected"]) == (False, 6, [])
    assert (checked["people"], checked["accounts"]) == (4, 1)
    assert [p async for p in client.people()] == []
    done = await shell("import", "balances", file)
    assert done.code == 0, done.err
    assert "Imported 5 lines; 0 were in already, 1 were of 0, 0 were rejected." in done.out
    assert "New: 4 people, 1 accounts, 0 assets." in done.out
    assert "122.51" in done.out
    ann = await client.look_up_person(provider="telegram", subject="1")
    assert ann.display_name == "Ann"
    assert (await client.balance(ann.account, "COIN")).posted == 1250
    zoe = await client.look_up_person(provider="minecraft", subject="Zoë, the 2nd")
    (made,) = [t async for t in client.transactions(account=zoe.account)]
    assert (made.kind, made.memo) == (Transaction.KIND_IMPORTED, "two\nlines")
    assert made.effective_time.seconds == 1717156800
    assert (await client.balance("orgs/guild/treasury", "COIN")).posted == 700
    (bank,) = [t async for t in client.transactions(account="orgs/bank")]
    assert bank.effective_time.seconds == 1717149600
    poor = await client.look_up_person(provider="telegram", subject="3")
    assert (await client.balance(poor.account, "COIN")).posted == 0
    again = (await shell("import", "balances", file, "--json")).json
    assert (again["imported"], again["replayed"], again["people"]) == (0, 5, 0)
    assert (await client.supply("COIN")).minted == 12251
    # A line that was changed afterwards is not a second balance.
    changed = write(tmp_path, "balances.csv", BALANCES[0], "telegram:1,COIN,99,,,")
    refused = await shell("import", "balances", changed)
    assert refused.code == 1
    assert "line 2: REQUEST_ID_REUSED" in refused.err
    assert (await client.balance(ann.account, "COIN")).posted == 1250


async def test_transactions_keep_the_files_order_and_their_times(
    shell: Shell, client: Client, tmp_path: Path
) -> None:
    file = write(
        tmp_path,
        "old.csv",
        "source;destination;asset;amount;time;reference;memo",
        "system/mint;telegram:1;COIN;10;2020-01-01;m/1;",
        "telegram:1;telegram:2;COIN;10;2020-01-02 10:00;t/1;for tea",
        "telegram:2;orgs/new;COIN;4;2020-01-03;t/2;",
        "telegram:2;system/sink;COIN;1.50;2020-01-04;b/1;",
    )
    no_zone = await shell("import", "transactions", file)
    assert no_zone.code == 1
    assert "old.csv, line 2: '2020-01-01' has no time zone" in no_zone.err
    assert [t async for t in client.transactions()] == []
    done = await shell("import", "transactions", file, "--zone", "Europe/Berlin", "--json")
    assert done.json["imported"] == 4
    assert done.json["amounts"] == {"COIN": "2550"}
    newest_first = [t async for t in client.transactions()]
    assert [t.reference for t in newest_first] == ["b/1", "t/2", "t/1", "m/1"]
    assert newest_first[2].effective_time.seconds == 1577955600, "10:00 in Berlin in winter"
    supply = await client.supply("COIN")
    assert (supply.minted, supply.burned) == (1000, 150), "no fees"
    shown = await shell("transaction", newest_first[2].transaction_id)
    assert "happened 2020-01-02 09:00:00Z" in shown.out
    assert "reference t/1" in shown.out
    history = await shell("history", "--kind", "imported")
    assert "for tea" in history.out
    person = await client.look_up_person(provider="telegram", subject="2")
    statement = await shell("statement", person.person_id, "COIN", "--csv")
    rows = list(csv.DictReader(statement.out.splitlines()))
    assert [(row["reference"], row["effective_time"][:10]) for row in rows[1:-1]] == [
        ("t/1", "2020-01-02"),
        ("t/2", "2020-01-02"),
        ("b/1", "2020-01-03"),
    ]


async def test_json_lines_may_have_many_postings(
    shell: Shell, client: Client, tmp_path: Path
) -> None:
    posting = '{"source": "%s", "destination": "%s", "asset": "COIN", "amount": %s}'
    file = write(
        tmp_path,
        "old.jsonl",
        '{"time": 1577955600, "reference": "1", "postings": ['
        + ", ".join(
            (
                posting % ("system/mint", "telegram:1", '"20.00"'),
                posting % ("telegram:1", "orgs/bank", "0.10"),
                posting % ("telegram:1", "telegram:2", "5"),
            )
        )
        + '], "metadata": {"game": "dice"}, "memo": "night"}',
        "",
        '{"time": "2020-01-03T00:00:00Z", "reference": "2", "source": "telegram:2",'
        ' "destination": "orgs/bank", "asset": "COIN", "amount": "0.90"}',
    )
    done = await shell("import", "transactions", file)
    assert done.code == 0, done.err
    assert (await client.balance("orgs/bank", "COIN")).posted == 100
    second, first = [t async for t in client.transactions()]
    assert [p.amount for p in first.postings] == [2000, 10, 500]
    assert dict(first.metadata) == {"game": "dice"}
    assert second.reference == "2"


async def test_every_bad_line_is_told_before_anything_is_sent(
    shell: Shell, client: Client, tmp_path: Path
) -> None:
    await client.open_account("orgs/closed")
    await client.close_account("orgs/closed")
    bob = (await client.get_or_create_person(provider="telegram", subject="bob")).person
    await client.mint(destination=bob.account, asset="COIN", amount=500, reason="x")
    await client.block_person(bob.person_id, reason="x")
    file = write(
        tmp_path,
        "bad.csv",
        "source,destination,asset,amount,time,reference",
        "system/mint,telegram:1,COIN,10,2020-01-01Z,ok/1",
        "telegram:1,orgs/bank,COIN,11,2020-01-01T00:00:00Z,short",
        "telegram:1,orgs/bank,NONE,1,2020-01-01T00:00:00Z,asset",
        "telegram:1,orgs/bank,COIN,1.005,2020-01-01T00:00:00Z,fine",
        'telegram:1,orgs/bank,COIN,"1,5",2020-01-01T00:00:00Z,comma',
        "telegram:1,orgs/bank,COIN,-1,2020-01-01T00:00:00Z,minus",
        "telegram:1,orgs/bank,COIN,1,2999-01-01T00:00:00Z,future",
        "telegram:1,orgs/bank,COIN,1,soon,time",
        "telegram:1,orgs/bank,COIN,1,,none",
        "telegram:1,telegram:1,COIN,1,2020-01-01T00:00:00Z,same",
        "Telegram 1,orgs/bank,COIN,1,2020-01-01T00:00:00Z,party",
        "telegram:1,orgs/closed,COIN,1,2020-01-01T00:00:00Z,closed",
        "telegram:1,users/0000000000000000,COIN,1,2020-01-01T00:00:00Z,nobody",
        "telegram:bob,orgs/bank,COIN,1,2020-01-01T00:00:00Z,blocked",
        "telegram:1,orgs/bank,COIN,1,2020-01-01T00:00:00Z,ok/1",
        "telegram:1,orgs/bank,COIN,1,2020-01-01T00:00:00Z,für Ann",
        "telegram:1,orgs/bank,COIN,1",
        "orgs/bank,system/mint,COIN,1,2020-01-01T00:00:00Z,mint",
        "telegram:1,orgs/bank,COIN,99999999999999999999,2020-01-01T00:00:00Z,large",
        "telegram:1,orgs/bank,COIN,1,2020-01-01T00:00:00Z,",
        "telegram:1,orgs/bank,COIN,10,2020-01-01T00:00:00Z,ok/2",
        f"telegram:bob,{bob.account},COIN,1,2020-01-01T00:00:00Z,self",
        "telegram:1,telegram:bob,COIN,1,2020-01-01T00:00:00Z,empty",
    )
    head = (await client.block()).height
    checked = await shell("import", "transactions", file, "--dry-run", "--json")
    assert checked.code == 1
    told = {bad["line"]: bad["reason"] for bad in json.loads(checked.out)["rejected"]}
    expected = {
        2: "is no time",
        3: "telegram:1 has 0.00 COIN at this point and needs 11.00",
        4: "there is no asset NONE",
        5: "at most 2 decimals",
        6: "has a comma",
        7: "not a positive number",
        8: "is in the future",
        9: "'soon' is no time",
        10: "does not say when it happened",
        11: "is on both sides",
        12: "is neither an address",
        13: "orgs/closed is closed",
        14: "there is no account users/0000000000000000",
        15: "telegram:bob is blocked",
        17: "the reference 'für Ann' is not",
        18: "it has 4 columns, the first line has 6",
        19: "nothing goes to system/mint",
        20: "more than the ledger can count",
        21: "no reference: give the import a name",
        22: "needs 10.00",
        23: "telegram:bob is blocked",
    }
    missed = {n: told.get(n) for n, text in expected.items() if text not in told.get(n, "")}
    assert not missed, told
    # Nothing was sent by a run without --dry-run either.
    refused = await shell("import", "transactions", file)
    assert refused.code == 1
    assert "Nothing was sent." in refused.out
    assert "bad.csv, line 4: there is no asset NONE" in refused.err
    assert (await client.block()).height == head
    assert not (tmp_path / "bad.rejected.csv").exists()


async def test_good_lines_go_in_and_bad_ones_into_a_file_to_mend(
    shell: Shell, client: Client, tmp_path: Path
) -> None:
    file = write(
        tmp_path,
        "old.csv",
        "source,destination,asset,amount,time,memo",
        "system/mint,telegram:1,COIN,10,2020-01-01T00:00:00Z,",
        "telegram:1,orgs/bank,COIN,5x,2020-01-02T00:00:00Z,=SUM(A1)",
        "telegram:1,orgs/bank,COIN,4,2020-01-03T00:00:00Z,",
    )
    arguments = ("import", "transactions", file, "--name", "sheet")
    done = await shell(*arguments, "--skip-bad")
    assert done.code == 1
    assert "Imported 2 lines; 0 were in already, 0 were of 0, 1 were rejected." in done.out
    rejected = tmp_path / "old.rejected.csv"
    (row,) = csv.DictReader(rejected.open())
    assert row["line"] == "3"
    assert row["memo"] == "=SUM(A1)"
    assert "is not a positive number" in row["reason"]
    rejected.write_text(rejected.read_text().replace("5x", "5"))
    mended = await shell("import", "transactions", str(rejected), "--name", "sheet", "--json")
    assert mended.json["imported"] == 1
    # The whole file, mended as well: every line is known by its number.
    whole = str(tmp_path / "whole.csv")
    (tmp_path / "whole.csv").write_text((tmp_path / "old.csv").read_text().replace("5x", "5"))
    again = await shell("import", "transactions", whole, "--name", "sheet", "--json")
    assert (again.json["imported"], again.json["replayed"]) == (0, 3)
    assert (await client.balance("orgs/bank", "COIN")).posted == 900
    # Under another name the same lines are other transactions, and lack funds.
    other = await shell("import", "transactions", whole, "--name", "other", "--dry-run", "--json")
    assert other.code == 0, other.out


async def test_the_ledger_has_the_last_word(shell: Shell, client: Client, tmp_path: Path) -> None:
    """Where an import has begun funds are not looked at beforehand: the ledger refuses."""
    lines = (
        "source,destination,asset,amount,time,reference",
        "system/mint,telegram:1,COIN,10,2020-01-01T00:00:00Z,1",
        "telegram:1,orgs/bank,COIN,8,2020-01-02T00:00:00Z,2",
    )
    assert (await shell("import", "transactions", write(tmp_path, "a.csv", *lines))).code == 0
    more = ("telegram:1,orgs/bank,COIN,3,2020-01-03T00:00:00Z,3",)
    file = write(tmp_path, "a.csv", *lines, *more)
    checked = await shell("import", "transactions", file, "--dry-run")
    assert "Some of it is in already" in checked.out
    done = await shell("import", "transactions", file, "--json")
    assert done.code == 1
    told = json.loads(done.out)
    assert (told["replayed"], told["imported"]) == (2, 0)
    assert [(b["line"], b["reason"].split(":")[0]) for b in told["rejected"]] == [
        (4, "INSUFFICIENT_FUNDS")
    ]


async def test_missing_assets_are_created_from_a_file(
    shell: Shell, client: Client, tmp_path: Path
) -> None:
    balances = write(tmp_path, "b.csv", "account,asset,amount", "telegram:1,GEM,1.5")
    missing = await shell("import", "balances", balances)
    assert "there is no asset GEM: create it, or name it in --assets" in missing.err
    assets = write(
        tmp_path, "assets.csv", "code,name,decimals,kind,cap", "GEM,Gem,1,material,2", "COIN,C,2,,"
    )
    over = write(tmp_path, "over.csv", "account,asset,amount", "telegram:1,GEM,2.1")
    told = await shell("import", "balances", over, "--assets", assets)
    assert "it would make 2.1 GEM of at most 2.0" in told.err
    done = await shell("import", "balances", balances, "--assets", assets)
    assert done.code == 0, done.err
    gem = await client.asset("GEM")
    assert (gem.decimals, gem.supply_cap, gem.kind) == (1, 20, Asset.KIND_MATERIAL)
    assert (await client.supply("GEM")).minted == 15
    other = write(tmp_path, "assets.csv", "code,name,decimals", "GEM,Gem,2")
    clash = await shell("import", "balances", over, "--assets", other)
    assert "GEM has 1 decimals, not 2" in clash.err
    wrong = write(tmp_path, "assets.csv", "code,name,decimals", "gem,Gem,1", "GOLD,,10")
    refused = await shell("import", "balances", over, "--assets", wrong)
    assert refused.code == 2
    assert "line 2: 'gem' is no code" in refused.err
    assert "line 3: decimals is '10'" in refused.err


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("a.csv", b"account,asset\ntelegram:1,COIN\n", "there is no column amount"),
        ("a.csv", b"account,asset,amount,colour\n", "unknown column colour"),
        ("a.csv", b"account,asset,amount,asset\n", "a column is there twice"),
        ("a.csv", b"", "there is no column account, asset, amount"),
        ("a.csv", b"account,asset,amount\n", "has no lines to import"),
        ("a.csv", "account,asset,amount\n1,ü,2".encode("latin-1"), "line 2: it is not in UTF-8"),
        ("a.csv", "account,asset,amount\n".encode("utf-16"), "not in UTF-8"),
        ("a.jsonl", b"{}", "opening balances come as CSV"),
    ],
)
async def test_a_file_that_is_none_is_told_at_once(
    shell: Shell, tmp_path: Path, *, name: str, content: bytes, told: str
) -> None:
    file = tmp_path / name
    file.write_bytes(content)
    refused = await shell("import", "balances", str(file))
    assert refused.code == 2
    assert told in refused.err


async def test_other_wrong_usage_is_told(shell: Shell, client: Client, tmp_path: Path) -> None:
    absent = await shell("import", "balances", str(tmp_path / "none.csv"))
    assert (absent.code, "cannot read" in absent.err) == (2, True)
    file = write(tmp_path, "b.csv", "account,asset,amount", "telegram:1,COIN,1")
    zone = await shell("import", "balances", file, "--zone", "Mars/Olympus")
    assert (zone.code, "is no time zone" in zone.err) == (2, True)
    broken = write(
        tmp_path,
        "x.jsonl",
        '{"time": "2020-01-01T00:00:00Z"}',
        "[1]",
        "{",
        '{"time": 1, "time": 2}',
        '{"time": "2020-01-01T00:00:00Z", "reference": "1", "postings": [], "memo": 3}',
        '{"time": "2020-01-01T00:00:00Z", "reference": "1", "source": "system/mint",'
        ' "destination": "telegram:1", "asset": "COIN", "amount": true}',
        '{"colour": 1}',
    )
    told = await shell("import", "transactions", broken, "--json")
    assert told.code == 1
    assert len(json.loads(told.out)["rejected"]) == 7


async def test_a_key_that_may_not_all_of_it_sends_nothing(
    shell: Shell, client: Client, tmp_path: Path
) -> None:
    application = await client.create_application(
        name="mover", scopes=["ledger.import", "identity.people"]
    )
    made = await client.create_api_key(application.application_id)
    file = write(tmp_path, "b.csv", "account,asset,amount", "telegram:1,COIN,1", "orgs/new,COIN,1")
    refused = await shell("import", "balances", file, key=made.secret)
    assert refused.code == 1
    assert "lacks what this import needs: ledger.mint, ledger.accounts" in refused.err
    without = await shell("import", "balances", file, key="")
    assert "CREDENTIALS_MISSING" in without.err
    assert [p async for p in client.people()] == []


# --- accidents ------------------------------------------------------------------------------------

LINES = 12_000


def many(tmp_path: Path, mark: str = "r") -> str:
    lines = ["source,destination,asset,amount,time,reference"]
    lines += [
        f"system/mint,telegram:{n % 50},COIN,0.01,2020-01-01T00:00:00Z,{mark}{n}"
        for n in range(LINES)
    ]
    return write(tmp_path, f"many-{mark}.csv", *lines)


async def imported(client: Client) -> int:
    return (await client.supply("COIN")).minted


async def reaches(client: Client, least: int) -> int:
    """Waits until so much is in, whether the server is there or not."""
    async with asyncio.timeout(60):
        while True:
            there = await imported(client)
            if there >= least:
                return there
            await asyncio.sleep(0.01)


async def test_a_killed_import_is_finished_by_the_next(
    shell: Shell, client: Client, tmp_path: Path
) -> None:
    file = many(tmp_path)
    process = await shell.start("import", "transactions", file)
    await reaches(client, 2_000)
    process.kill()
    await process.communicate()
    there = await imported(client)
    assert 2_000 <= there < LINES, "it was killed in the middle"
    done = (await shell("import", "transactions", file, "--json")).json
    assert (done["imported"] + done["replayed"], done["rejected"]) == (LINES, [])
    assert 0 < done["imported"] < LINES
    assert await imported(client) == LINES


async def test_ctrl_c_says_how_far_it_came(shell: Shell, client: Client, tmp_path: Path) -> None:
    file = many(tmp_path)
    process = await shell.start("import", "transactions", file)
    await reaches(client, 1)
    process.send_signal(signal.SIGINT)
    async with asyncio.timeout(60):
        _, err = await process.communicate()
    assert process.returncode == 130
    assert b"The same command again does the rest" in err
    assert (await shell("import", "transactions", file)).code == 0
    assert await imported(client) == LINES


async def test_a_server_killed_in_the_middle_loses_nothing(
    operator: Operator, folder: Path, tmp_path: Path
) -> None:
    """Once while the import waits for it, which then goes on; once for longer than it waits."""
    target = operator.env["TICKETONOMICS_LISTEN"]
    file = many(tmp_path)
    other = many(tmp_path, "s")
    assert (await operator("migrate")).code == 0
    made = await operator("economies", "create", "main", "--file", str(folder / "key"))
    assert made.code == 0, made.err
    shell = Shell(target, (folder / "key").read_text().strip())
    server = await operator.start("serve")
    async with Client(target, api_key=shell.key, timeout_seconds=60) as client:
        await client.create_asset(Asset(code="COIN", kind=Asset.KIND_TICKET, name="C", decimals=2))
        first = await shell.start("import", "transactions", file, "--timeout", "60")
        await reaches(client, 1_000)
        server.kill()
        await server.wait()
        assert first.returncode is None
        server = await operator.start("serve")
        out, err = await first.communicate()
        assert first.returncode == 0, err.decode()
        assert f"Imported {LINES:,} lines" in out.decode() or "were in already" in out.decode()
        assert await imported(client) == LINES

        second = await shell.start("import", "transactions", other, "--timeout", "1")
        await reaches(client, LINES + 1_000)
        server.kill()
        await server.wait()
        _, err = await second.communicate()
        assert second.returncode == 3, err.decode()
        assert "The same command again does the rest" in err.decode()
        server = await operator.start("serve")
        await reaches(client, LINES + 1_000)
        done = (await shell("import", "transactions", other, "--json")).json
        assert done["imported"] + done["replayed"] == LINES
        assert done["replayed"] >= 1_000
        assert await imported(client) == 2 * LINES
    server.send_signal(signal.SIGTERM)
    await server.wait()
    verified = (await operator("verify", "--json")).json
    assert [report["violations"] for report in verified] == [[]]


async def test_a_terminal_is_told_how_far_it_is(
    server: Server, client: Client, tmp_path: Path
) -> None:
    file = many(tmp_path)
    ours, theirs = pty.openpty()
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "ticketonomics_client", "import", "transactions", file),
        env={
            **os.environ,
            "TERM": "xterm",
            "TICKETONOMICS_TARGET": server.target,
            "TICKETONOMICS_API_KEY": server.operator_key,
        },
        stdout=asyncio.subprocess.PIPE,
        stderr=theirs,
    )
    os.close(theirs)
    seen = b""

    def read() -> bytes:
        try:
            return os.read(ours, 65_536)
        except OSError:
            return b""

    async with asyncio.timeout(60):
        while part := await asyncio.to_thread(read):
            seen += part
        await process.communicate()
    os.close(ours)
    assert process.returncode == 0
    assert b"Importing" in seen
    assert f"{LINES}/{LINES}".encode() in seen
