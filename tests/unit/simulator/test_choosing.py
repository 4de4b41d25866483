async def test_the_same_seed_and_people_lead_the_same_life(make_town) -> None:
    first, again, other = make_town(seed=5), make_town(seed=5), make_town(seed=6)
    for town in (first, again, other):
        await town.live(2000)
    assert first.ledger.asked == again.ledger.asked
    assert [h.story for h in first.tally.happenings] == [h.story for h in again.tally.happenings]
    assert first.ledger.asked != other.ledger.asked


async def test_the_economy_stays_alive_for_hours(make_town) -> None:
    town = make_town(seed=3, count=40, rate_per_second=5.0)
    wealth = []
    for _ in range(6):
        accepted = town.tally.accepted
        await town.live(9000)
        assert town.tally.accepted - accepted > 8800
        wealth.append(town.community.wealth)
    # It has found its level: neither does it dry up nor inflate.
    assert max(wealth[2:]) < 1.2 * min(wealth[2:])
    assert len(town.community.shops) == 8
    assert town.tally.refusals.total() < 0.005 * town.tally.accepted


async def test_what_is_known_here_is_what_the_ledger_has(town) -> None:
    await town.live(3000)
    wallets = town.community.wallets
    for account, amount in town.ledger.balances_now.items():
        assert wallets.available(account) == amount
        assert amount >= 0
    assert sum(town.ledger.balances_now.values()) == town.ledger.minted - town.ledger.burned


async def test_only_dreams_are_refused(town) -> None:
    await town.live(20_000)
    assert set(town.tally.refusals) == {"INSUFFICIENT_FUNDS"}
    refused = [h.story for h in town.tally.happenings if h.tone == "refused"]
    assert all("tries to buy" in story for story in refused)


async def test_memory_is_bounded(town) -> None:
    await town.live(5000)
    tally = town.tally
    assert len(tally.happenings) <= tally.happenings.maxlen
    assert len(tally.gifts) <= len(town.community.people)
    assert len(tally.turnover) <= len(town.community.shops)
