"""Handles, preferences and names for lists, as pages ask for them."""

import pytest

from tests.conftest import new_id
from tests.e2e.gateway.stage import Stage

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_people_are_found_by_handle_and_read_many_at_once(stage: Stage) -> None:
    async with (
        stage.signed_in(301, first_name="Ada") as ada,
        stage.signed_in(302) as bob,
        stage.browser() as anybody,
    ):
        path = f"/api/v1/people/{ada.person_id}:setHandle"
        set_it = await ada.post(path, {"handle": "ada_l"}, idempotency_key=new_id())
        assert set_it.json()["person"]["handle"] == "ada_l", set_it.text
        found = (await anybody.get("/api/v1/handles/ada_l")).json()["person"]
        assert (found["personId"], found["displayName"]) == (ada.person_id, "")
        many = f"/api/v1/people:batchGet?personIds={bob.person_id}&personIds={ada.person_id}"
        people = (await ada.get(many)).json()["people"]
        assert [p["personId"] for p in people] == [bob.person_id, ada.person_id]
        assert [p["displayName"] for p in people] == ["", "Ada"]
        assert (await anybody.get(many)).json()["people"][1]["displayName"] == ""
        taken = await bob.post(
            f"/api/v1/people/{bob.person_id}:setHandle",
            {"handle": "ada_l"},
            idempotency_key=new_id(),
        )
        assert (taken.status_code, taken.json()["reason"]) == (409, "HANDLE_TAKEN")
        assert taken.json()["metadata"]["handle"] == "ada_l"
        missing = await anybody.get("/api/v1/handles/nobody_here")
        assert (missing.status_code, missing.json()["reason"]) == (404, "HANDLE_NOT_FOUND")


async def test_preferences_are_ones_own(stage: Stage) -> None:
    async with stage.signed_in(303) as ada, stage.signed_in(304) as eve:
        path = f"/api/v1/people/{ada.person_id}"
        wished = {"language": "ru", "mutedNotifications": ["NOTIFICATION_BROADCAST"]}
        answer = await ada.post(f"{path}:setPreferences", wished, idempotency_key=new_id())
        assert answer.status_code == 200, answer.text
        mine = (await ada.get(f"{path}/preferences")).json()["preferences"]
        assert mine == {"language": "ru", "muted": ["NOTIFICATION_BROADCAST"]}
        for refused in (
            await eve.get(f"{path}/preferences"),
            await eve.post(f"{path}:setPreferences", wished, idempotency_key=new_id()),
        ):
            assert (refused.status_code, refused.json()["reason"]) == (403, "SCOPE_MISSING")
