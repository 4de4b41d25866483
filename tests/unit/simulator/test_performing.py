import pytest
from ticketonomics_client import RefusedError, UnavailableError
from ticketonomics_simulator.deeds import Act, Deed, Payment, Purpose
from ticketonomics_simulator.performing import KeyLostError
from ticketonomics_simulator.shops import shop_of


def gift(town, amount: int = 5) -> Deed:
    giver, taker = town.community.people[:2]
    town.ledger.balances_now[giver.account] = 100
    town.community.wallets.credit(giver.account, 100)
    return Deed(
        person=giver,
        purpose=Purpose.GIFT,
        payments=(Payment(giver.account, taker.account, amount),),
        memo="thanks",
        story="a gift",
    )


async def perform(town, deed: Deed) -> None:
    town.community.wallets.begin(deed.payments)
    await town.performer.perform(deed)


async def test_a_person_pays_for_themselves(town) -> None:
    deed = gift(town)
    await perform(town, deed)
    (recorded,) = town.ledger.asked
    assert recorded.acting_for == deed.person.person_id
    assert town.tally.gifts == {deed.person.name: 5}
    assert town.tally.accepted == 1


async def test_a_refusal_is_counted_and_gives_the_money_back(town) -> None:
    deed = gift(town, amount=1000)
    await perform(town, deed)
    assert town.tally.refusals == {"INSUFFICIENT_FUNDS": 1}
    assert town.tally.accepted == 0
    assert town.community.wallets.available(deed.person.account) == 100
    assert town.tally.happenings[-1].story == "a gift? Refused: INSUFFICIENT_FUNDS"


async def test_a_server_that_is_away_is_waited_for_with_the_same_id(town) -> None:
    town.ledger.failures = [UnavailableError("away"), UnavailableError("still away")]
    await perform(town, gift(town))
    assert town.tally.accepted == 1
    assert len(town.ledger.transaction_ids) == 3
    assert len(set(town.ledger.transaction_ids)) == 1
    assert [h.story for h in town.tally.happenings if h.tone == "news"] == [
        "The ledger does not answer; everybody waits for it",
        "The ledger is back after 1 s; life goes on",
    ]
    assert town.tally.away_seconds is None


async def test_a_busy_ledger_after_silence_does_not_count_as_no(town) -> None:
    full = RefusedError("full", reason_name="QUEUE_FULL")
    town.ledger.failures = [UnavailableError("away"), full]
    await perform(town, gift(town))
    assert town.tally.accepted == 1
    assert not town.tally.refusals


async def test_a_busy_ledger_alone_is_a_refusal(town) -> None:
    town.ledger.failures = [RefusedError("full", reason_name="QUEUE_FULL")]
    await perform(town, gift(town))
    assert town.tally.refusals == {"QUEUE_FULL": 1}


async def test_a_revoked_key_ends_it(town) -> None:
    town.ledger.failures = [RefusedError("revoked", reason_name="CREDENTIALS_INVALID")]
    with pytest.raises(KeyLostError):
        await perform(town, gift(town))


async def test_a_shop_whose_account_is_open_already_is_taken_over(town) -> None:
    deed = gift(town)
    shop = shop_of(deed.person)
    town.ledger.opened.append(shop.address)
    founding = Deed(
        person=deed.person,
        purpose=Purpose.INVESTMENT,
        payments=(Payment(deed.person.account, shop.address, 50),),
        memo="capital",
        story="founds",
        founds=shop,
    )
    await perform(town, founding)
    assert town.community.shops == [shop]
    assert town.ledger.balances_now[shop.address] == 50


async def test_who_invests_is_remembered_as_a_backer(town) -> None:
    deed = gift(town)
    shop = shop_of(town.community.people[1])
    town.community.open_shop(shop)
    town.ledger.opened.append(shop.address)
    investment = Deed(
        person=deed.person,
        purpose=Purpose.INVESTMENT,
        payments=(Payment(deed.person.account, shop.address, 50),),
        memo="stake",
        story="invests",
    )
    await perform(town, investment)
    assert list(shop.backers) == [deed.person]


def vote(town, do, **more) -> Act:
    return Act(person=town.community.people[0], name="votes", do=do, **more)


async def test_an_act_is_done_for_the_person_and_counted_by_its_name(town) -> None:
    asked = []

    async def do(principal, request_id: str) -> str:
        asked.append((principal.person_id, request_id))
        return "somebody votes yes"

    act = vote(town, do)
    await town.performer.act(act)
    assert asked[0][0] == act.person.person_id
    assert (town.tally.acts, town.tally.accepted) == ({"votes": 1}, 1)
    assert town.tally.happenings[-1].story == "somebody votes yes"


async def test_an_act_that_made_no_sense_or_was_to_be_expected_is_not_counted(town) -> None:
    async def nothing(principal, request_id: str) -> None:
        pass

    async def full(principal, request_id: str) -> str:
        raise RefusedError("full", reason_name="ROUND_FULL")

    await town.performer.act(vote(town, nothing))
    await town.performer.act(vote(town, full, expected=frozenset({"ROUND_FULL"})))
    assert not town.tally.accepted
    assert not town.tally.refusals
    await town.performer.act(vote(town, full))
    assert town.tally.refusals == {"ROUND_FULL": 1}


async def test_an_act_is_asked_again_with_the_same_id(town) -> None:
    ids = []

    async def do(principal, request_id: str) -> str:
        ids.append(request_id)
        if len(ids) < 3:
            raise UnavailableError("away")
        return "done"

    await town.performer.act(vote(town, do))
    assert len(ids) == 3
    assert len(set(ids)) == 1
