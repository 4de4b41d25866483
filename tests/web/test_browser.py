"""The web app in a real browser, with a real server, a real gateway and a community behind it.

Each test is a script that drives Chromium; what is wrong comes back as a list, which must be empty.
"""

import asyncio
import re

import pytest
from ticketonomics.ledger.v1.transaction_pb2 import Transaction
from ticketonomics_client import Ballot, Proposal

from tests.e2e.players import Players
from tests.web.life import POOL, Life, arrive
from tests.web.scene import ROOT, SCRIPT_SECONDS, WEB, Scene

pytestmark = pytest.mark.asyncio(loop_scope="module")

SCREENSHOTS = ROOT / ".screenshots"
MOST_SCRIPT_BYTES = 150_000


def paths() -> list[str]:
    """All paths that the router knows."""
    return re.findall(r'path: "([^"]+)"', (WEB / "src/router.tsx").read_text())


def addresses(life: Life) -> dict[str, list[str]]:
    """For each path of the router, addresses to open."""
    person, address = life.ada, f"users/{life.ada}"
    return {
        "/": ["/"],
        "/market": ["/market"],
        "/market/:pool": [f"/market/{POOL}"],
        "/queues": ["/queues"],
        "/queues/:tier/:size": ["/queues/BRONZE/small"],
        "/rounds/:id": [f"/rounds/{life.round_id}"],
        "/parliament": ["/parliament"],
        "/parliament/:id": [f"/parliament/{life.voting}", "/parliament/new"],
        "/wallet": ["/wallet"],
        "/wallet/:part": [
            f"/wallet/{part}" for part in ("history", "requests", "holds", "allowances")
        ],
        "/pay": ["/pay"],
        "/pay/:handle": ["/pay/boris"],
        "/explorer": ["/explorer"],
        "/explorer/blocks/:height": ["/explorer/blocks/3"],
        "/explorer/transactions/:id": [f"/explorer/transactions/{life.transaction_id}"],
        "/explorer/accounts/*": [f"/explorer/accounts/{address}"],
        "/explorer/assets": ["/explorer/assets"],
        "/explorer/assets/:code": ["/explorer/assets/IRON"],
        "/economy": ["/economy"],
        "/economy/:part": [f"/economy/{part}" for part in ("flows", "wealth", "activity", "pools")],
        "/profile": ["/profile"],
        "/profile/:part": ["/profile/settings"],
        "/people/:id": [f"/people/{person}"],
        "/leaderboards": ["/leaderboards"],
        "/leaderboards/:board": ["/leaderboards/wealth"],
        "/receipt": ["/receipt"],
        "/receipt/:id": [f"/receipt/{life.transaction_id}"],
        "/more": ["/more"],
    }


# What looks different to somebody who is not signed in.
OF_VISITORS = ("/", "/market/:pool", "/queues", "/parliament/:id", "/wallet", "/receipt/:id")


async def test_every_path_of_the_router_is_looked_at() -> None:
    life = Life(*("x",) * 5)
    assert sorted(addresses(life)) == sorted(paths())


@pytest.mark.parametrize(
    ("size", "language", "theme"), [("phone", "ru", "dark"), ("desktop", "en", "light")]
)
async def test_every_page_is_sound(scene: Scene, size: str, language: str, theme: str) -> None:
    pages = [address for some in addresses(scene.life).values() for address in some]
    assert await problems(scene, pages, scene.life.ada, size, language, theme) == []


async def test_visitors_see_sound_pages(scene: Scene) -> None:
    known = addresses(scene.life)
    pages = [address for path in OF_VISITORS for address in known[path]]
    assert await problems(scene, pages, "", "phone", "en", "light") == []


async def problems(scene: Scene, pages: list[str], person: str, *device: str) -> list[str]:
    """Opens pages on a device, with screenshots, and returns what is wrong with them."""
    size, language, theme = device
    told = await scene.run(
        "crawl.mjs",
        pages=[{"address": page, "name": page.strip("/") or "home"} for page in pages],
        size=size,
        language=language,
        theme=theme,
        person=person,
        names=[POOL],
        screenshots=str(SCREENSHOTS / ("citizen" if person else "visitor")),
    )
    found: list[str] = told["problems"]
    return found


async def test_dealing_while_others_do(scene: Scene) -> None:
    """A price that moves, liquidity, a round that others fill, votes and proposals."""
    boris, operator = scene.life.boris, scene.stage.operator
    others = [await arrive(operator, f"other{number}") for number in range(20)]
    await operator.mint(
        destination=f"users/{boris}", asset="BRONZE", amount=50_000, reason="for this test"
    )
    iron = await operator.balance(f"users/{boris}", "IRON")

    filling = asyncio.create_task(fill_round_with(scene, boris, others))
    told = await scene.run(
        "dealing.mjs", person=boris, other=others[0], pool=POOL, proposal=scene.life.voting
    )
    await filling

    assert told["complaints"] == []
    assert "price" in told["refusal"], told["refusal"]
    # One swap came to pass; of the liquidity, less than a piece stayed with the pool.
    has = (await operator.balance(f"users/{boris}", "IRON")).posted
    assert iron.posted + 1 <= has <= iron.posted + 3
    assert [p async for p in operator.positions(f"users/{boris}") if p.shares] == []
    drawn = await operator.round(told["round"])
    expected = "You were drawn!" if drawn.winner_person_id == boris else "Not this time"
    assert told["told"] == expected
    assert (await operator.ballot(scene.life.voting, boris)).choice == Ballot.CHOICE_ABSTAIN
    proposal = await operator.proposal(told["proposal"])
    assert proposal.state == Proposal.STATE_WITHDRAWN
    assert proposal.parameter_change.value.integer == 500


async def fill_round_with(scene: Scene, person: str, others: list[str]) -> None:
    """Waits until somebody is in the first round, and takes all the places that are left."""
    players = Players(scene.stage.operator, others)
    async with asyncio.timeout(SCRIPT_SECONDS):
        while True:
            waiting = await players.waiting()
            entries = [e async for e in scene.stage.operator.round_entries(waiting.round_id)]
            if person in [entry.person_id for entry in entries]:
                break
            await asyncio.sleep(0.2)
    for other in others[: waiting.places - len(entries)]:
        await players.join(other)


async def test_the_first_page_needs_little_script(scene: Scene) -> None:
    told = await scene.run("first_load.mjs")
    assert told["complaints"] == []
    assert len(told["sizes"]) >= 2, "scripts were seen"
    assert 0 < sum(told["sizes"].values()) < MOST_SCRIPT_BYTES, told["sizes"]


async def test_the_first_minute_of_somebody_new(scene: Scene) -> None:
    ada, operator = scene.life.ada, scene.stage.operator
    before = await operator.balance(f"users/{ada}", "IRON")

    told = await scene.run("story.mjs", pool=POOL)

    assert told["complaints"] == []
    # Everything happened once, and to the right person.
    rewards = [reward async for reward in operator.rewards(person_id=ada)]
    assert len(rewards) == 1
    assert (await operator.balance(f"users/{ada}", "IRON")).posted == before.posted + 2
    ballot = await operator.ballot(scene.life.voting, ada)
    assert ballot.choice == Ballot.CHOICE_YES
    waiting = await Players(operator, []).waiting()
    assert [entry.person_id async for entry in operator.round_entries(waiting.round_id)] == [ada]
    receipt = await operator.receipt(told["receipt"])
    assert receipt.transaction.kind == Transaction.KIND_QUEUE_JOINED


async def test_what_is_not_true_is_told(scene: Scene) -> None:
    life = scene.life
    told = await scene.run("truth.mjs", receipt=life.transaction_id, person=life.ada)

    assert told["complaints"] == []
    assert told["csv"].splitlines()[0].startswith("asset,day,kind")
    assert "KIND_SWAP" in told["csv"]
    account = f"/explorer/accounts/users/{life.ada}"
    assert told["found"] == [
        f"/explorer/transactions/{life.transaction_id}",
        "/explorer/blocks/3",
        account,
        account,
        account,
        "/explorer/assets/IRON",
    ]
