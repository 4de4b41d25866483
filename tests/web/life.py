"""A small community that has lived for a moment: something to see on every page."""

import asyncio
from dataclasses import dataclass

from ticketonomics.identity.v1.person_pb2 import Person
from ticketonomics.ledger.v1.asset_pb2 import Asset
from ticketonomics.spending.v1.limit_pb2 import PERIOD_DAY
from ticketonomics_client import Ballot, Client, Posting, Proposal

from tests.e2e.parliament import QUICK, House
from tests.e2e.players import Players

NAMES = (
    *("Ada", "Boris", "Chen", "Dina", "Emil", "Фёдор", "Greta", "Hugo", "Ирина", "Jonas"),
    *("Kira", "Leo", "Mila", "Nils", "Olga", "Pavel", "Quinn", "Рита", "Sven", "Tara"),
    *("Uma", "Вера"),
)
TICKET = 100
POOL = "iron-bronze"
MARKET = "orgs/community/market"
MEMO = "for the pizza"


@dataclass
class Life:
    """What there is to see.

    Attributes:
        ada: A person who has everything; the others are those who live beside.
        transaction_id: Ada's payment, with a memo.
        round_id: A round that was drawn.
        voting: A proposal that is voted on.
    """

    ada: str
    boris: str
    transaction_id: str
    round_id: str
    voting: str


async def live(operator: Client) -> Life:
    """Lets a community live through a few seconds."""
    for name, value in QUICK.items():
        await operator.set_parameter(name, value)
    await operator.set_parameter("parliament.voting_period", 86_400)
    await operator.set_parameter("parliament.open_proposals", 10)
    await operator.open_queues()
    people = [
        await arrive(operator, str(number), name, (50 + number**2) * TICKET)
        for number, name in enumerate(NAMES)
    ]
    ada, boris, *others = people
    for person, handle in ((ada, "ada"), (boris, "boris")):
        await operator.acting_for(person).set_handle(person, handle)
    await _trade(operator, people)
    proposal = await _decide(operator, ada, boris)
    transaction_id = await _pay(operator, ada, boris)
    round_id = await _play(operator, others)
    for person in others[:5]:
        await operator.acting_for(person).claim_daily()
    return Life(ada, boris, transaction_id, round_id, proposal)


async def arrive(
    operator: Client, subject: str, name: str = "Somebody", gift: int = 100 * TICKET
) -> str:
    """Somebody comes, with a name that all see and a gift; returns the person's id."""
    answer = await operator.get_or_create_person(
        provider="simulator", subject=subject, display_name=name
    )
    person = answer.person.person_id
    await operator.acting_for(person).set_privacy(person, Person.PRIVACY_PUBLIC)
    await operator.mint(
        destination=f"users/{person}",
        asset="BRONZE",
        amount=gift,
        reason="a gift to begin with",
    )
    return person


async def _trade(operator: Client, people: list[str]) -> None:
    await operator.create_asset(Asset(code="IRON", kind=Asset.KIND_MATERIAL, name="Iron"))
    await operator.open_account(MARKET)
    for asset, amount in (("IRON", 5_000), ("BRONZE", 10_000 * TICKET)):
        await operator.mint(
            destination=MARKET, asset=asset, amount=amount, reason="the market's first liquidity"
        )
    await operator.create_pool(
        POOL,
        base_asset="IRON",
        quote_asset="BRONZE",
        account=MARKET,
        base_amount=5_000,
        quote_amount=10_000 * TICKET,
    )
    for number, person in enumerate(people[:12], start=1):
        account = f"users/{person}"
        await operator.acting_for(person).swap(
            POOL,
            account=account,
            asset_in="BRONZE",
            asset_out="IRON",
            amount_in=(4 + number) * TICKET,
        )


async def _pay(operator: Client, ada: str, boris: str) -> str:
    """Pays, asks to be paid, sets aside and allows; returns the payment's id."""
    hers, his = f"users/{ada}", f"users/{boris}"
    paid = await operator.acting_for(ada).transfer(
        source=hers, destination=his, asset="BRONZE", amount=250, memo=MEMO
    )
    await operator.acting_for(boris).request_payment(
        payee=his, payer=hers, asset="BRONZE", amount=100, memo="my share"
    )
    await operator.acting_for(ada).create_hold(
        [Posting(source=hers, destination=his, asset="BRONZE", amount=100)], memo="a deposit"
    )
    shop = await operator.create_application(name="shop", scopes=["ledger.transfer"])
    await operator.acting_for(ada).grant_allowance(
        ada, application_id=shop.application_id, asset="BRONZE", amount=500, period=PERIOD_DAY
    )
    return paid.transaction_id


async def _play(operator: Client, people: list[str]) -> str:
    """Fills a round; returns the id of the one that was drawn."""
    players = Players(operator, people)
    joined = await asyncio.gather(*(players.join(person) for person in people[:20]))
    round_id = joined[0].round.round_id
    await players.until_over(round_id)
    return round_id


async def _decide(operator: Client, ada: str, boris: str) -> str:
    """Makes proposals; returns one that is voted on."""
    house = House(operator, [ada, boris])
    voting = await house.person(0).create_proposal(
        "A market day every week", body="On Saturdays,\nwith music."
    )
    spam = await house.person(1).create_proposal("Buy my tickets")
    await house.reached(voting, Proposal.STATE_VOTING)
    await house.person(1).cast_vote(voting.proposal_id, Ballot.CHOICE_YES)
    await operator.veto_proposal(spam.proposal_id, reason="This is an advertisement.", spam=True)
    await operator.set_parameter("parliament.discussion_period", 86_400)
    await house.person(1).create_proposal("Planting trees", body="One for each of us.")
    return voting.proposal_id
