"""What a person does with tickets in the web app, pressed by a browser, looked at in the ledger."""

import pytest

from tests.web.test_browser import Scene, chromium, scene

pytestmark = pytest.mark.asyncio(loop_scope="module")

__all__ = ["chromium", "scene"]


async def test_money_moves_once_and_as_shown(scene: Scene) -> None:
    """Claims, taps, pays with a lost answer, accepts, revokes, schedules, exports, and sets."""
    told = await scene.run("money.mjs", person=scene.life.ada, handle="boris", memo="my share")
    assert told["problems"] == []
