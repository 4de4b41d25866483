"""What a session may do: what a person may do for itself, from this gateway's own pages."""

import httpx
import pytest

from tests.conftest import new_id
from tests.e2e.gateway.stage import Stage

pytestmark = pytest.mark.asyncio(loop_scope="module")

CLAIM = "/api/v1/rewards/daily:claim"


def reason(answer: httpx.Response) -> tuple[int, str]:
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    return answer.status_code, answer.json()["reason"]


async def test_a_person_acts_for_itself(stage: Stage) -> None:
    async with stage.signed_in(101) as ada, stage.signed_in(102) as bob:
        claimed = await ada.post(CLAIM, idempotency_key=new_id())
        assert claimed.status_code == 200, claimed.text
        transfer = {
            "source": f"users/{ada.person_id}",
            "destination": f"users/{bob.person_id}",
            "asset": "BRONZE",
            "amount": "10",
            "memo": "for pizza",
        }
        key = new_id()
        paid = await ada.post("/api/v1/transfers", transfer, idempotency_key=key)
        assert paid.status_code == 200, paid.text
        again = await ada.post("/api/v1/transfers", transfer, idempotency_key=key)
        assert again.json()["replayed"] is True
        theft = await ada.post(
            "/api/v1/transfers",
            {**transfer, "source": transfer["destination"], "destination": transfer["source"]},
            idempotency_key=new_id(),
        )
        assert reason(theft) == (403, "NOT_ACCOUNT_OWNER")
        found = f"/api/v1/transactions/{paid.json()['transaction']['transactionId']}"
        assert (await ada.get(found)).json()["transaction"]["memo"] == "for pizza"
        assert (await bob.get(found)).json()["transaction"]["memo"] == "for pizza"
        async with stage.signed_in(103) as eve, stage.browser() as anybody:
            for other in (eve, anybody):
                assert (await other.get(found)).json()["transaction"]["memo"] == ""


async def test_what_is_private_of_others_stays_so(stage: Stage) -> None:
    async with stage.signed_in(104, first_name="Ada") as ada, stage.signed_in(105) as eve:
        path = f"/api/v1/people/{ada.person_id}"
        mine = (await ada.get(path)).json()["person"]
        assert mine["displayName"] == "Ada"
        assert mine["linkedIdentities"]
        seen = (await eve.get(path)).json()["person"]
        assert seen["displayName"] == ""
        assert seen["linkedIdentities"] == []
        for below in (":exportPersonalData", "/cooldowns", "/rewards", "/eligibility"):
            answer = await eve.get(path + below)
            if answer.status_code == 404 and answer.json()["reason"] == "ROUTE_NOT_FOUND":
                continue
            assert answer.status_code in {400, 403, 405}, f"{below}: {answer.text}"
        answer = await eve.post(
            f"{path}:setDisplayName", {"displayName": "x", "requestId": new_id()}
        )
        assert reason(answer) == (403, "SCOPE_MISSING")
        answer = await eve.post(f"{path}:createLinkCode", {"requestId": new_id()})
        assert reason(answer) == (403, "SCOPE_MISSING")


@pytest.mark.parametrize(
    ("verb", "path"),
    [
        ("GET", "/api/v1/people"),
        ("GET", "/api/v1/people:lookUp?provider=telegram&subject=1"),
        ("POST", "/api/v1/people"),
        ("GET", "/api/v1/applications"),
        ("POST", "/api/v1/applications"),
        ("GET", "/api/v1/status"),
        ("POST", "/api/v1/webhooks"),
        ("GET", "/api/v1/webhooks"),
        ("POST", "/api/v1/supplies:mint"),
        ("POST", "/api/v1/rewards/adViews"),
        ("POST", "/api/v1/rewards/activity"),
    ],
)
async def test_what_is_for_applications_is_for_no_person(
    stage: Stage, verb: str, path: str
) -> None:
    async with stage.signed_in(106) as eve:
        sent = {"origin": eve.origin, "x-csrf-token": eve.me["csrfToken"]}
        body = {"json": {}} if verb == "POST" else {}
        answer = await eve.http.request(verb, path, headers=sent, **body)  # type: ignore[arg-type]
        if answer.status_code in {404, 405}:
            pytest.fail(f"{path} has moved: {answer.text}")
        assert reason(answer) == (403, "SCOPE_MISSING")


async def test_no_method_is_open_to_a_session_that_is_not_to_a_person(stage: Stage) -> None:
    """By the server's own list, and through the gateway's REST: all of them, deny by default."""
    methods = {method.name: method async for method in stage.operator.methods()}
    document = (await _get(stage, "/openapi.json")).json()
    closed = 0
    async with stage.signed_in(107) as eve:
        sent = {"origin": eve.origin, "x-csrf-token": eve.me["csrfToken"]}
        for path, item in document["paths"].items():
            for verb, operation in item.items():
                service, _, name = operation["operationId"].partition("_")
                method = next(
                    (m for m in methods.values() if m.name.endswith(f".{service}/{name}")), None
                )
                if method is None or method.public or method.personal:
                    continue
                url = path.replace("{", "").replace("}", "")
                body = {"json": {}} if "requestBody" in operation else {}
                answer = await eve.http.request(verb.upper(), url, headers=sent, **body)  # type: ignore[arg-type]
                assert reason(answer) in {
                    (403, "SCOPE_MISSING"),
                    (400, "INVALID_FIELD"),
                }, f"{verb} {path}: {answer.text}"
                closed += answer.status_code == 403
    assert closed > 30


async def _get(stage: Stage, path: str) -> httpx.Response:
    async with stage.browser() as browser:
        return await browser.get(path)


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"x_csrf_token": ""}, "CSRF_TOKEN_INVALID"),
        ({"x_csrf_token": "0" * 64}, "CSRF_TOKEN_INVALID"),
        ({"origin": "https://evil.example"}, "ORIGIN_FOREIGN"),
        ({"origin": "null"}, "ORIGIN_FOREIGN"),
        ({"origin": "http://127.0.0.1:1"}, "ORIGIN_FOREIGN"),
        ({"origin": "http://127.0.0.1.evil.example"}, "ORIGIN_FOREIGN"),
    ],
)
async def test_another_sites_page_cannot_act_with_the_cookie(
    stage: Stage, headers: dict[str, str], expected: str
) -> None:
    async with stage.signed_in(108) as ada:
        answer = await ada.post(CLAIM, idempotency_key=new_id(), **headers)
        assert reason(answer) == (403, expected)
        cooldowns = await ada.get(f"/api/v1/people/{ada.person_id}/cooldowns")
        assert cooldowns.status_code == 200, cooldowns.text


async def test_another_sessions_token_is_no_good(stage: Stage) -> None:
    async with stage.signed_in(109) as ada, stage.signed_in(110) as eve:
        answer = await ada.post(CLAIM, x_csrf_token=eve.me["csrfToken"], idempotency_key=new_id())
        assert reason(answer) == (403, "CSRF_TOKEN_INVALID")


async def test_where_there_is_no_origin_the_token_is_enough(stage: Stage) -> None:
    async with stage.signed_in(111) as ada:
        token = {"x-csrf-token": ada.me["csrfToken"], "idempotency-key": new_id()}
        answer = await ada.http.post(CLAIM, json={}, headers=token)
        assert answer.status_code == 200, answer.text
        foreign = {**token, "sec-fetch-site": "cross-site"}
        answer = await ada.http.post(CLAIM, json={}, headers=foreign)
        assert reason(answer) == (403, "ORIGIN_FOREIGN")


async def test_another_sites_page_reads_what_anybody_reads(stage: Stage) -> None:
    async with stage.signed_in(112, first_name="Ada") as ada:
        path = f"/api/v1/people/{ada.person_id}"
        for headers in ({"sec-fetch-site": "cross-site"}, {"origin": "https://evil.example"}):
            seen = await ada.get(path, headers=headers)
            assert seen.json()["person"]["displayName"] == ""
            assert reason(await ada.get("/api/v1/auth/me", headers=headers))[0] == 401
        own = await ada.get(path, headers={"sec-fetch-site": "same-origin"})
        assert own.json()["person"]["displayName"] == "Ada"


async def test_an_applications_key_wins_over_a_cookie_and_needs_no_token(stage: Stage) -> None:
    async with stage.signed_in(113) as ada:
        key = {"authorization": f"Bearer {stage.server.operator_key}"}
        who = await ada.get("/api/v1/me", headers=key)
        assert who.status_code == 200, who.text
        assert "person" not in who.json() or not who.json()["person"]
        bad = {"authorization": f"Bearer {stage.server.operator_key[:-1]}"}
        assert reason(await ada.get("/api/v1/assets", headers=bad)) == (401, "CREDENTIALS_INVALID")
        basic = {"authorization": "Basic YTpi"}
        assert reason(await ada.get("/api/v1/assets", headers=basic))[0] == 401


@pytest.mark.parametrize("name", ["authorization", "ticketonomics-acting-for"])
async def test_credentials_are_shown_once(stage: Stage, name: str) -> None:
    async with stage.browser() as browser:
        headers = [(name, "Bearer x"), (name, "Bearer y")]
        answer = await browser.http.get("/api/v1/assets", headers=headers)
        assert reason(answer) == (400, "REQUEST_MALFORMED")


async def test_nobody_acts_for_somebody_without_a_key(stage: Stage) -> None:
    async with stage.signed_in(114) as ada, stage.signed_in(115) as eve:
        acting = {"ticketonomics-acting-for": ada.person_id}
        answer = await eve.get(f"/api/v1/people/{ada.person_id}", headers=acting)
        assert reason(answer) == (401, "CREDENTIALS_MISSING")


async def test_anybody_reads_what_is_public_and_nothing_else(stage: Stage) -> None:
    async with stage.browser() as anybody:
        assert (await anybody.get("/api/v1/assets")).status_code == 200
        assert reason(await anybody.post(CLAIM)) == (401, "CREDENTIALS_MISSING")
        assert reason(await anybody.get("/api/v1/people")) == (401, "CREDENTIALS_MISSING")


async def test_what_the_page_must_know_is_there_for_everybody(stage: Stage) -> None:
    async with stage.browser() as anybody:
        assert (await anybody.get("/api/v1/app")).json() == {
            "economy": "main",
            "botUsername": "",
            "devLogin": False,
            "maintenance": False,
        }
