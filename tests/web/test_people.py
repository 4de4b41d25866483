"""What a person does in the web app, pressed by a browser and looked at in the ledger."""

import pytest

from tests.e2e.gateway.stage import init_data
from tests.web.scene import Scene

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_money_moves_once_and_as_shown(scene: Scene) -> None:
    """Claims, taps, pays with a lost answer, accepts, revokes, schedules, exports, and sets."""
    told = await scene.run("money.mjs", person=scene.life.ada, handle="boris", memo="my share")
    assert told["problems"] == []


async def test_a_mini_app_signs_in_and_looks_like_telegram(scene: Scene) -> None:
    """With Telegram's script, and where that cannot be loaded."""
    told = await scene.run(
        "telegram.mjs",
        initData=init_data(8_001, first_name="Zoya", start_param="queue-BRONZE-small"),
        otherData=init_data(8_002),
        name="Zoya",
    )
    assert told["problems"] == []


async def test_what_others_do_is_seen_at_once(scene: Scene) -> None:
    """A payment arrives, a connection is lost and found, a session ends."""
    life = scene.life
    told = await scene.run("live.mjs", person=life.boris, other=life.ada, handle="ada")
    assert told["problems"] == []


async def test_maintenance_is_told_and_nothing_begins(scene: Scene) -> None:
    """The operator says so; looking goes on."""
    operator = scene.stage.operator
    await operator.set_parameter("faces.maintenance", True)
    try:
        told = await scene.run("live.mjs", person=scene.life.boris, handle="ada", maintenance=True)
    finally:
        await operator.set_parameter("faces.maintenance", False)
    assert told["problems"] == []
