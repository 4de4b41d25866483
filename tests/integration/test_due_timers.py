from ticketonomics_server.storage.due_timers import find_due_timers


async def test_so_many_of_each_economy_are_found_earliest_first(database, plain) -> None:
    """Fails without the limit, and with one limit for all economies together."""
    await plain.execute(
        "INSERT INTO timers (economy_id, timer_id, due_time, kind, payload, failures)"
        " SELECT e, n, now() - n * interval '1 minute', 1, '', 0"
        " FROM generate_series(1, 2) e, generate_series(-1, 5) n WHERE n <> 0"
    )
    due = await find_due_timers(database, 3)
    assert sorted((timer.economy_id, timer.timer_id) for timer in due) == [
        (economy_id, timer_id) for economy_id in (1, 2) for timer_id in (3, 4, 5)
    ]
    assert [timer.timer_id for timer in due] == [5, 5, 4, 4, 3, 3]
