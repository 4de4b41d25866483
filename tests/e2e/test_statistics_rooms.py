"""Figures of the rooms, as they are now, and what people do in them as progress."""

import io
import json
from fractions import Fraction

from ticketonomics.ledger.v1.asset_pb2 import Asset
from ticketonomics.ledger.v1.transaction_pb2 import Transaction
from ticketonomics.parliament.v1.proposal_pb2 import Ballot, Proposal
from ticketonomics_client import Client

from tests.conftest import Server
from tests.e2e.parliament import gather
from tests.e2e.players import playing
from tests.e2e.test_cli import Shell


async def deeds(client: Client, person: str) -> dict[str, int]:
    return {deed.deed: deed.count for deed in (await client.progress(person)).deeds}


async def test_depth_is_what_swaps_come_to(server: Server) -> None:
    async with Client(server.target, api_key=server.operator_key) as client:
        for code in ("BRONZE", "WOOD"):
            await client.create_asset(
                Asset(code=code, kind=Asset.KIND_MATERIAL, name=code, decimals=2)
            )
        ann = (await client.get_or_create_person(provider="t", subject="ann")).person
        for code in ("BRONZE", "WOOD"):
            await client.mint(destination=ann.account, asset=code, amount=10**9, reason="test")
        assert [pool async for pool in client.pool_depths()] == []
        for number in range(3):
            await client.create_pool(
                f"wood{number}",
                base_asset="WOOD",
                quote_asset="BRONZE",
                account=ann.account,
                base_amount=1_000_000,
                quote_amount=4_000_000 + number,
                fee_bps=30,
            )
        depths = [pool async for pool in client.pool_depths(page_size=2)]
        assert [pool.pool_id for pool in depths] == ["wood0", "wood1", "wood2"]
        steps = depths[0].steps
        assert [(s.asset_in, s.reserve_bps, s.amount_in) for s in steps] == [
            *(("WOOD", 100, 10_000), ("WOOD", 500, 50_000), ("WOOD", 1_000, 100_000)),
            *(("BRONZE", 100, 40_000), ("BRONZE", 500, 200_000), ("BRONZE", 1_000, 400_000)),
        ]
        for step in steps:
            x, y = (1_000_000, 4_000_000) if step.asset_in == "WOOD" else (4_000_000, 1_000_000)
            given = Fraction(step.amount_in * 9_970, 10_000)
            assert step.amount_out == int(given * y / (x + given))
            slippage = 1 - Fraction(step.amount_out) / (given * y / x)
            assert slippage * 10_000 <= step.slippage_bps < slippage * 10_000 + 1
        swapped = await client.swap(
            "wood0", account=ann.account, asset_in="WOOD", asset_out="BRONZE", amount_in=10_000
        )
        assert swapped.amount_out == steps[0].amount_out
        assert await deeds(client, ann.person_id) == {"traded": 1}
        last = (await client.status()).last_sequence
        velocity = await client.velocity("WOOD", minimum_sequence=last)
        assert velocity.volume == "9994", (
            "a part of the fee is burned, and changes hands with nobody"
        )
        shell = Shell(server.target, "")
        assert "wood2" in (await shell("statistics", "pools")).out


async def test_queues_and_parliament_tell_how_they_are_used(server: Server) -> None:
    async with playing(server, 22) as players:
        client = players.operator
        nothing = await client.participation()
        assert not nothing.queues.entries
        assert not nothing.parliament.ended_votes
        before = await players.waiting()
        for person in players.people[:20]:
            await players.join(person)
        drawn = await players.until_over(before.round_id)
        await players.join(players.people[20])
        queues = (await client.participation()).queues
        assert (queues.finished_rounds, queues.expired_rounds) == (1, 0)
        assert (queues.entries, queues.waiting_players) == (21, 1)
        winner = players.people[drawn.winner_position - 1]
        assert await deeds(client, winner) == {"joined_queues": 1, "won_queues": 1}
        assert await deeds(client, players.people[20]) == {"joined_queues": 1}
        earned = [e.achievement_id for e in (await client.progress(winner)).achievements]
        assert earned == ["first_win"]
        last = (await client.status()).last_sequence
        flows = {
            (row.asset, row.kind): row async for row in client.daily_flows(minimum_sequence=last)
        }
        assert flows["SILVER", Transaction.KIND_QUEUE_DRAWN].minted == "100"
        assert flows["BRONZE", Transaction.KIND_QUEUE_DRAWN].burned == "2000"
        assert flows["BRONZE", Transaction.KIND_QUEUE_JOINED].transaction_count == 21
        csv = io.StringIO(newline="")
        await client.write_flows(csv, kind=Transaction.KIND_QUEUE_DRAWN)
        assert csv.getvalue().count("QUEUE_DRAWN") == 2


async def test_turnout_is_of_votes_that_are_over(server: Server) -> None:
    async with gather(server) as house:
        ann = house.ids[0]
        made = await house.person(0).create_proposal("Tea for all")
        assert (await house.operator.participation()).parliament.discussed_proposals == 1
        await house.reached(made, Proposal.STATE_VOTING)
        now = (await house.operator.participation()).parliament
        assert (now.voted_proposals, now.discussed_proposals) == (1, 0)
        await house.vote(made, Ballot.CHOICE_YES, Ballot.CHOICE_NO)
        await house.person(0).cast_vote(made.proposal_id, Ballot.CHOICE_ABSTAIN)
        await house.reached(made, Proposal.STATE_REJECTED, Proposal.STATE_EXECUTED)
        over = (await house.operator.participation()).parliament
        assert (over.ended_votes, over.turnout_bps) == (1, 6_666)
        # Changing a vote is no second one.
        assert await deeds(house.operator, ann) == {"proposed": 1, "voted": 1}
        shell = Shell(server.target, "")
        assert "66.66 % of the last 1" in (await shell("statistics", "participation")).out
        printed = await shell("statistics", "participation", "--json")
        assert json.loads(printed.out)["parliament"]["endedVotes"] == 1
