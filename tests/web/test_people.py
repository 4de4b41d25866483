"""What a person does in the web app, pressed by a browser and looked at in the ledger."""

import pytest

from tests.e2e.gateway.stage import init_data
from tests.web.test_browser import Scene, chromium, scene

pytestmark = pytest.mark.asyncio(loop_scope="module")

__all__ = ["chromium", "scene"]


async def test_money_moves_once_and_as_shown(scene: Scene) -> None:
    """Claims, taps, pays with a lost answer, accepts, revokes, schedules, exports, and sets."""
    told = await scene.run("money.mjs", person=scene.life.ada, handle="boris", memo="my share")
    assert told["problems"] == []


async def test_a_mini_app_signs_in_and_looks_like_telegram(scene: Scene) -> None:
    """With Telegram's script, and where that cannot be loaded."""
    told = await scene.run(
        "telegram.mjs",
        initData=init_data(8_001, first_name="Zoya", start_param="queue-BRONZE-SMALL"),
        otherData=init_data(8_002),
        name="Zoya",
    )
    assert told["problems"] == []
