"""REST before a real server: what is asked reaches the ledger, and what it says comes back."""

import asyncio

import httpx
import pytest
from ticketonomics.ledger.v1.transaction_pb2 import Transaction

from tests.conftest import Server, new_id
from tests.e2e.gateways import RunningGateway, key, problem, running_gateway

MINT = Transaction.KIND_MINT

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_a_transfer_happens_once_however_often_it_is_sent(
    gateway: RunningGateway, ledger: Server
) -> None:
    headers = key(ledger.operator_key)
    body = {"source": "orgs/rich", "destination": "orgs/poor", "asset": "BRONZE", "amount": "5"}
    once = {**headers, "idempotency-key": new_id()}

    first = await gateway.http.post("/api/v1/transfers", json=body, headers=once)
    again = await gateway.http.post("/api/v1/transfers", json=body, headers=once)

    assert first.status_code == again.status_code == 200
    transaction = first.json()["transaction"]
    assert transaction["transactionId"] == once["idempotency-key"]
    assert transaction["postings"][0]["amount"] == "5"
    assert isinstance(transaction["sequence"], str)
    assert (first.json()["replayed"], again.json()["replayed"]) == (False, True)
    assert again.json()["transaction"] == transaction

    other = await gateway.http.post("/api/v1/transfers", json={**body, "amount": "6"}, headers=once)
    assert (other.status_code, problem(other)["reason"]) == (409, "REQUEST_ID_REUSED")

    listed = await gateway.http.get("/api/v1/transactions", params={"account": "orgs/poor"})
    ids = [one["transactionId"] for one in listed.json()["transactions"]]
    assert ids.count(once["idempotency-key"]) == 1


async def test_a_body_names_its_own_id(gateway: RunningGateway, ledger: Server) -> None:
    headers = key(ledger.operator_key)
    own, other = new_id(), new_id()
    body = {
        "transactionId": own,
        "source": "orgs/rich",
        "destination": "orgs/poor",
        "asset": "BRONZE",
        "amount": 1,
    }
    answer = await gateway.http.post(
        "/api/v1/transfers", json=body, headers={**headers, "idempotency-key": other}
    )
    assert answer.json()["transaction"]["transactionId"] == own


async def test_the_ledgers_refusals_are_problems(gateway: RunningGateway, ledger: Server) -> None:
    headers = key(ledger.operator_key)
    body = {"source": "orgs/poor", "destination": "orgs/rich", "asset": "BRONZE", "amount": "999"}
    answer = await gateway.http.post(
        "/api/v1/transfers", json=body, headers={**headers, "idempotency-key": new_id()}
    )
    document = problem(answer)
    assert (answer.status_code, document["reason"]) == (400, "INSUFFICIENT_FUNDS")
    assert document["title"] == "Insufficient funds"
    assert document["metadata"]["account"] == "orgs/poor"

    answer = await gateway.http.post("/api/v1/transfers", json=body, headers=headers)
    document = problem(answer)
    assert (answer.status_code, document["reason"]) == (400, "INVALID_FIELD")
    assert document["violations"][0]["field"] == "transaction_id"

    answer = await gateway.http.post("/api/v1/transfers", json=body)
    assert (answer.status_code, problem(answer)["reason"]) == (401, "CREDENTIALS_MISSING")
    assert answer.headers["www-authenticate"].startswith("Bearer")

    answer = await gateway.http.get("/api/v1/accounts/orgs/nobody")
    assert (answer.status_code, problem(answer)["reason"]) == (404, "ACCOUNT_NOT_FOUND")


async def test_paths_queries_and_pages(gateway: RunningGateway) -> None:
    first = await gateway.http.get("/api/v1/accounts", params={"pageSize": 1})
    token = first.json()["nextPageToken"]
    second = await gateway.http.get(
        "/api/v1/accounts", params={"page_size": "1", "pageToken": token}
    )
    names = [answer.json()["accounts"][0]["address"] for answer in (first, second)]
    assert len(set(names)) == 2
    bad = await gateway.http.get("/api/v1/accounts", params={"pageToken": "x"})
    assert (bad.status_code, problem(bad)["reason"]) == (400, "INVALID_PAGE_TOKEN")
    minted = await gateway.http.get("/api/v1/transactions", params={"kind": "KIND_MINT"})
    assert [one["kind"] for one in minted.json()["transactions"]] == ["KIND_MINT"]
    by_number = await gateway.http.get("/api/v1/transactions", params={"kind": MINT})
    assert by_number.json() == minted.json()


async def test_what_nobody_has(gateway: RunningGateway) -> None:
    for verb, path, status, reason in (
        ("GET", "/api/v1/nothing", 404, "ROUTE_NOT_FOUND"),
        ("GET", "/api/", 404, "ROUTE_NOT_FOUND"),
        ("GET", "/api/v1/people/a/b/c", 404, "ROUTE_NOT_FOUND"),
        ("DELETE", "/api/v1/transfers", 405, "METHOD_NOT_ALLOWED"),
        ("GET", "/api/v1/people/x:block", 405, "METHOD_NOT_ALLOWED"),
        ("GET", "/api/v1/people/%zz", 400, "INVALID_FIELD"),
        ("GET", "/api/v1/me?x=1", 400, "INVALID_FIELD"),
        ("GET", "/nothing.txt", 404, "ROUTE_NOT_FOUND"),
    ):
        answer = await gateway.http.request(verb, path)
        assert (answer.status_code, problem(answer)["reason"]) == (status, reason), path
    answer = await gateway.http.request("DELETE", "/api/v1/accounts")
    assert answer.headers["allow"] == "GET, HEAD, POST"


async def test_head_is_get_without_its_body(gateway: RunningGateway) -> None:
    whole = await gateway.http.get("/api/v1/assets")
    head = await gateway.http.head("/api/v1/assets")
    assert head.status_code == 200
    assert head.content == b""
    assert head.headers["content-length"] == str(len(whole.content))


async def test_streams_have_no_head(gateway: RunningGateway) -> None:
    answer = await gateway.http.head("/api/v1/transactions:watch")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET")


async def test_a_large_batch(gateway: RunningGateway, ledger: Server) -> None:
    posting = {"source": "orgs/rich", "destination": "orgs/poor", "asset": "BRONZE", "amount": 1}
    batch = [{"transactionId": new_id(), "postings": [posting]} for _ in range(300)]
    answer = await gateway.http.post(
        "/api/v1/transactions:batchCreate",
        json={"transactions": batch},
        headers=key(ledger.operator_key),
    )
    assert answer.status_code == 200, answer.text
    assert all(int(result["sequence"]) for result in answer.json()["results"])


async def test_request_ids_come_back_if_they_are_fit_to(gateway: RunningGateway) -> None:
    for given, kept in (("abc-1.2_3", True), ("a b", False), ("x" * 129, False), ("", False)):
        answer = await gateway.http.get("/api/v1/assets", headers={"x-request-id": given})
        assert (answer.headers["x-request-id"] == given) is kept
        assert answer.headers["x-request-id"]


@pytest.mark.parametrize("text", ["0", "-1", "x", "1e3", "", "99999999999", "1,5"])
async def test_a_deadline_that_is_none(gateway: RunningGateway, text: str) -> None:
    answer = await gateway.http.get("/api/v1/assets", headers={"ticketonomics-timeout": text})
    assert problem(answer)["violations"][0]["field"] == "Ticketonomics-Timeout"


async def test_a_key_that_no_header_can_carry(gateway: RunningGateway) -> None:
    answer = await gateway.http.get("/api/v1/me", headers={"authorization": b"Bearer \xe9"})
    assert (answer.status_code, problem(answer)["reason"]) == (401, "CREDENTIALS_INVALID")


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"content-type": "application/json"}, 200),
        ({"content-type": "application/json; charset=UTF-8"}, 200),
        ({"content-type": "application/vnd.x+json"}, 200),
        ({}, 200),
        ({"content-type": "text/plain"}, 415),
        ({"content-type": "application/x-www-form-urlencoded"}, 415),
        ({"content-type": "application/json; charset=latin-1"}, 415),
        ({"content-type": "application/json", "content-encoding": "gzip"}, 415),
    ],
)
async def test_only_json_is_taken(
    gateway: RunningGateway, ledger: Server, headers: dict[str, str], status: int
) -> None:
    made = new_id()
    content = b'{"address":"orgs/%s","requestId":"%s"}' % (made[:8].encode(), made.encode())
    answer = await gateway.http.post(
        "/api/v1/accounts", content=content, headers=key(ledger.operator_key, **headers)
    )
    assert answer.status_code == status, answer.text


async def test_the_server_is_away_and_comes_back(ledger: Server, gateway: RunningGateway) -> None:
    async with running_gateway("127.0.0.1:1") as alone:
        answer = await alone.http.get("/api/v1/assets")
        document = problem(answer)
        assert (answer.status_code, document["reason"]) == (503, "SERVER_UNAVAILABLE")
        assert answer.headers["retry-after"] == "1"
        assert "127.0.0.1" not in document["detail"]
        assert (await alone.http.get("/healthz")).status_code == 200
        assert (await alone.http.get("/readyz")).status_code == 503
    assert (await gateway.http.get("/readyz")).status_code == 200


async def test_metrics_are_for_those_who_may_read_them(
    ledger: Server, gateway: RunningGateway
) -> None:
    await gateway.http.get("/api/v1/assets")
    metrics = await gateway.http.get("/metrics")
    assert 'method="ticketonomics.ledger.v1.LedgerService.ListAssets"' in metrics.text
    forwarded = await gateway.http.get("/metrics", headers={"x-forwarded-for": "127.0.0.1"})
    assert forwarded.status_code == 404
    async with running_gateway(ledger.target, metrics_readers="10.0.0.0/8") as other:
        assert (await other.http.get("/metrics")).status_code == 404


async def test_many_calls_at_once(gateway: RunningGateway) -> None:
    answers: list[httpx.Response] = await asyncio.gather(
        *(gateway.http.get("/api/v1/assets") for _ in range(50))
    )
    assert {answer.status_code for answer in answers} == {200}
