"""A simulated community on a real server: what it leaves behind adds up, and it comes back."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from ticketonomics_client import Client
from ticketonomics_simulator.access import SCOPES, SetUpError
from ticketonomics_simulator.community import Community
from ticketonomics_simulator.performing import KeyLostError
from ticketonomics_simulator.running import Options, run
from ticketonomics_simulator.showing import SilentShow
from ticketonomics_simulator.tally import Tally
from ticketonomics_simulator.tickets import ASSET, FAUCET

Action = Callable[[], Awaitable[None]]


class After:
    """A show that does something after so many transactions."""

    def __init__(self, transactions: int, action: Action) -> None:
        self.transactions = transactions
        self.action = action

    async def run(self, community: Community, tally: Tally) -> None:
        while tally.accepted < self.transactions:  # noqa: ASYNC110 - shows look, nobody calls them
            await asyncio.sleep(0.01)
        await self.action()


async def live(
    server, transactions: int, action: Action | None = None, **options
) -> tuple[Tally, list[str]]:
    stop = asyncio.Event()
    said: list[str] = []

    async def end() -> None:
        stop.set()

    chosen = {"api_key": server.operator_key, "people": 20, "rate_per_second": 1000.0, **options}
    async with asyncio.timeout(60):
        tally = await run(
            Options(target=server.target, **chosen),
            show=After(transactions, action or end),
            say=said.append,
            stop=stop,
        )
    return tally, said


async def check_books(client: Client) -> None:
    balances = [balance async for balance in client.balances(asset=ASSET)]
    own = [b for b in balances if not b.account.startswith("system/")]
    assert own
    assert all(balance.posted >= 0 for balance in own)
    supply = await client.supply(ASSET)
    assert sum(balance.posted for balance in own) == supply.circulating
    assert supply.circulating == supply.minted - supply.burned


async def test_a_community_lives_adds_up_and_comes_back(server) -> None:
    tally, said = await live(server, 300)
    assert tally.accepted >= 300
    assert set(tally.refusals) <= {"INSUFFICIENT_FUNDS"}
    assert any("20 people" in line for line in said)
    assert tally.acts["swaps"] > 0

    async with Client(server.target, api_key=server.operator_key) as operator:
        await check_books(operator)
        before = await operator.supply(ASSET)
        assert tally.economy.supply == before.circulating
        people = {p.person_id: p.display_name async for p in operator.people()}
        shops = {a.address async for a in operator.accounts(prefix="orgs/")}
        assert len(people) == 20
        assert FAUCET in shops

        again, _ = await live(server, 300)
        assert again.accepted >= 300
        await check_books(operator)
        assert {p.person_id: p.display_name async for p in operator.people()} == people
        assert {a.address async for a in operator.accounts(prefix="orgs/")} >= shops
        after = await operator.supply(ASSET)
        assert after.burned > before.burned
        assert not any("joins the community" in h.story for h in again.happenings)


async def test_its_key_can_do_no_more_than_it_needs_and_ends_with_it(server) -> None:
    await live(server, 10)
    await live(server, 10)
    async with Client(server.target, api_key=server.operator_key) as operator:
        mine = [a async for a in operator.applications() if a.name == "simulator"]
        (application,) = mine
        assert set(application.scopes) == SCOPES
        keys = [key async for key in operator.api_keys(application.application_id)]
        assert len(keys) == 2
        assert all(key.HasField("revoke_time") for key in keys)


async def test_a_key_with_its_scopes_will_do_and_another_will_not(server) -> None:
    await live(server, 10)
    async with Client(server.target, api_key=server.operator_key) as operator:
        enough = await operator.create_application(name="enough", scopes=sorted(SCOPES))
        little = await operator.create_application(name="little", scopes=["ledger.transfer"])
        key = await operator.create_api_key(enough.application_id)
        poor_key = await operator.create_api_key(little.application_id)
    tally, _ = await live(server, 10, api_key=key.secret)
    assert tally.accepted >= 10
    with pytest.raises(SetUpError, match=r"lacks .*identity\.act_for"):
        await live(server, 10, api_key=poor_key.secret)


async def test_a_revoked_key_ends_the_run(server) -> None:
    async def revoke() -> None:
        async with Client(server.target, api_key=server.operator_key) as operator:
            async for application in operator.applications():
                if application.name == "simulator":
                    async for key in operator.api_keys(application.application_id):
                        await operator.revoke_api_key(key.api_key_id)

    with pytest.raises(KeyLostError):
        await live(server, 10, revoke, rate_per_second=100.0)


async def test_a_show_that_fails_ends_the_run_and_says_why(server) -> None:
    async def fail() -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await live(server, 1, fail)


async def test_it_waits_for_a_server_that_is_not_up_and_stops_when_told(unused_tcp_port) -> None:
    stop = asyncio.Event()
    said: list[str] = []

    def say(line: str) -> None:
        said.append(line)
        stop.set()

    options = Options(target=f"127.0.0.1:{unused_tcp_port}", api_key="tkt_nobody")
    async with asyncio.timeout(10):
        tally = await run(options, show=SilentShow(), say=say, stop=stop)
    assert tally.accepted == 0
    assert said == [f"Waiting for the ledger at 127.0.0.1:{unused_tcp_port}"]
