"""Which timers are found due."""

from ticketonomics_server.storage.due_timers import find_due_timers
from ticketonomics_server.storage.economies import create_economy


async def test_so_many_of_each_economy_are_found_earliest_first(database, plain) -> None:
    """Fails without the limit, with one for all economies together, and where all run on."""
    first, second, suspended = [
        await create_economy(plain, name) for name in ("first", "second", "suspended")
    ]
    await plain.execute(
        "UPDATE economies SET suspend_time = now() WHERE economy_id = $1", suspended
    )
    await plain.execute(
        "INSERT INTO timers (economy_id, timer_id, due_time, kind, payload, failures)"
        " SELECT e, n, now() - n * interval '1 minute', 1, '', 0"
        " FROM unnest($1::int[]) e, generate_series(-1, 5) n WHERE n <> 0",
        [first, second, suspended],
    )
    due = await find_due_timers(database, 3)
    assert sorted((timer.economy_id, timer.timer_id) for timer in due) == [
        (economy_id, timer_id) for economy_id in (first, second) for timer_id in (3, 4, 5)
    ]
    assert [timer.due_time for timer in due] == sorted(timer.due_time for timer in due)
