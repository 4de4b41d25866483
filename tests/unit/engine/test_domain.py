import pytest
from ticketonomics_server.engine.domain import Domain, Handling, Registry

HANDLING = Handling(lambda *_: None, lambda *_: None)


def domain(name: str, commands=(), timers=()) -> Domain:
    return Domain(
        name=name,
        tables=(),
        commands=dict.fromkeys(commands, HANDLING),
        timers=dict.fromkeys(timers, lambda _: None),
    )


def test_rooms_are_joined() -> None:
    registry = Registry([domain("a", [int], [1]), domain("b", [str], [2])])
    assert set(registry.commands) == {int, str}
    assert set(registry.timers) == {1, 2}


@pytest.mark.parametrize(
    ("second", "complaint"),
    [(domain("b", [int]), "commands of another"), (domain("b", [], [1]), "timers of another")],
)
def test_rooms_do_not_share_commands_or_timers(second: Domain, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        Registry([domain("a", [int], [1]), second])
