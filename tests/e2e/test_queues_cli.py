"""`ticketonomics queues` against the real server, and the examples of the page about queues."""

import asyncio
import json
from contextlib import aclosing
from types import SimpleNamespace

from ticketonomics_client.sync import Client as BlockingClient

from tests.conftest import Server
from tests.e2e.players import TICKET, Players, playing
from tests.e2e.reading import blocks, run
from tests.e2e.test_cli import Shell, shell

__all__ = ["shell"]


async def pair(players: Players) -> None:
    """Opens queues that two people fill, and gives both a ticket."""
    await players.operator.set_parameter("queues.places", [2, 2, 2])
    await players.operator.open_queues()
    for person in players.people:
        await players.operator.mint(
            destination=f"users/{person}", asset="BRONZE", amount=3 * TICKET, reason="start"
        )


async def test_a_round_is_played_on_the_command_line(server: Server, shell: Shell) -> None:
    async with playing(server, 2, opened=False) as players:
        refused = await shell("queues", "join", "bronze", "small", players.people[0])
        assert refused.code == 1
        assert "QUEUE_NOT_OPEN" in refused.err
        assert "queues open" in refused.err
        await pair(players)
        ann, bob = players.people
        assert "21 queues are open." in (await shell("queues", "open")).out
        assert len((await shell("queues", "list", "--json")).json) == 21
        assert "0/2" in (await shell("queues", "list")).out

        watching = await shell.start("queues", "watch", "--tier", "bronze", "--person", ann)
        assert watching.stdout is not None
        for _ in range(3):
            await asyncio.wait_for(watching.stdout.readline(), 30)
        joined = await shell("queues", "join", "bronze", "small", ann, "--nonce", "mine", "--json")
        round_id = joined.json["round"]["roundId"]
        line = (await asyncio.wait_for(watching.stdout.readline(), 30)).decode()
        assert f"{round_id}  1/2  waiting  place 1" in line
        watching.terminate()
        await watching.wait()
        left = await shell("queues", "leave", "bronze", "small", ann)
        assert "The stake is back." in left.out
        again = await shell("queues", "leave", "bronze", "small", ann)
        assert (again.code, "NOT_IN_ROUND" in again.err) == (1, True)
        early = await shell("queues", "verify", round_id)
        assert (early.code, "not finished" in early.err) == (1, True)

        await shell("queues", "join", "bronze", "small", ann)
        said = (await shell("queues", "join", "bronze", "small", bob)).out
        commitment = said.split("check the draw: ")[1].strip()
        drawn = await players.until_over(round_id)
        checked = await shell("queues", "verify", round_id, "--commitment", commitment)
        assert checked.code == 0
        assert f"{drawn.winner_person_id} won" in checked.out
        valid = (await shell("queues", "verify", round_id, "--json")).json
        assert valid == {"valid": True, "round": round_id, "winner": drawn.winner_person_id}
        forged = await shell("queues", "verify", round_id, "--commitment", "00" * 32, "--json")
        assert (forged.code, json.loads(forged.out)["valid"]) == (1, False)
        malformed = await shell("queues", "verify", round_id, "--commitment", "xyz")
        assert malformed.code == 2
        shown = (await shell("queues", "show", round_id)).out
        assert drawn.secret.hex() in shown
        assert "finished" in shown
        assert "0.10 SILVER" in shown
        stats = (await shell("queues", "stats", "bronze", "small")).out
        assert "Half fill within" in stats
        assert drawn.winner_person_id in (await shell("queues", "board", "silver")).out
        off = await shell("queues", "convert-down", "silver", ann)
        assert (off.code, "CONVERSION_OFF" in off.err) == (1, True)


async def test_the_examples_of_queues_run_one_after_the_other(server: Server) -> None:
    async with playing(server, 2, opened=False) as players:
        await pair(players)
        ann, bob = players.people
        joined = await players.join(ann, size="large")
        await players.join(bob, size="large")
        finished = joined.round.round_id
        await players.until_over(finished)
        names = {
            "client": players.operator,
            "ann": SimpleNamespace(person_id=ann),
            "aclosing": aclosing,
            "finished": finished,
            "kept": joined.round.commitment,
        }
        for line, block in blocks("docs/queues.md", "python"):
            await run(block, "docs/queues.md", line, names)


async def test_scripts_without_a_loop_play_too(server: Server) -> None:
    async with playing(server, 2, opened=False) as players:
        await pair(players)

        def play() -> str:
            with BlockingClient(server.target, api_key=server.operator_key) as client:
                for person in players.people:
                    joined = client.join_queue("BRONZE", "small", person)
                (found,) = client.rounds(person_id=players.people[0])
                assert found.round_id == joined.round.round_id
                assert [e.position for e in client.round_entries(found.round_id)] == [1, 2]
                return found.round_id

        round_id = await asyncio.to_thread(play)
        await players.until_over(round_id)

        def check() -> str:
            with BlockingClient(server.target, api_key=server.operator_key) as client:
                client.queue_statistics("BRONZE", "small")
                assert len(client.tier_progression()) == 7
                return client.verify_round(round_id).person_id

        assert await asyncio.to_thread(check) in players.people
