"""A contract that the gateway was not written for: its methods are served all the same."""

from collections.abc import AsyncIterator
from typing import Any

import grpc
import pytest
from google.protobuf.any_pb2 import Any as AnyMessage
from google.protobuf.duration_pb2 import Duration
from google.rpc import code_pb2, error_details_pb2, status_pb2

from tests.e2e.gateways import RunningGateway, problem, running_gateway
from tests.zoo_server import Zoo
from tests.zoos import zoo_installed


@pytest.fixture
async def gateway(zoo: Zoo) -> AsyncIterator[RunningGateway]:
    # Nobody tells the gateway of the contract: it is installed, and found.
    with zoo_installed():
        async with running_gateway(zoo.target) as running:
            yield running


ASKED: list[tuple[str, str, Any, Any]] = [
    # verb, path, body, what was asked
    ("GET", "/v1/animals/7", None, {"animalId": "7"}),
    ("GET", "/v1/animals/a%2Fb%20c", None, {"animalId": "a/b c"}),
    ("GET", "/v1/animals/7?where.floors=1&where.floors=2", None,
     {"animalId": "7", "where": {"floors": [1, 2]}}),
    ("GET", "/v1/animals/7?everything.kind=KIND_MOUSE", None,
     {"animalId": "7", "everything": {"kind": "KIND_MOUSE"}}),
    ("GET", "/v1/cages/1/animals/2", None, {"name": "cages/1/animals/2"}),
    ("GET", "/v1/animals/7/by/Ann:look", None, {"animalId": "7", "where": {"keeper": "Ann"}}),
    ("GET", "/v1/places/house/floor%2F2:map", None, {"path": "house/floor%2F2"}),
    ("POST", "/v1/animals/7:move", {"where": {"keeper": "Bob"}},
     {"animalId": "7", "where": {"keeper": "Bob"}}),
    ("REPORT", "/v1/animals/7/moves", {"everything": {"largeNumber": "9"}},
     {"animalId": "7", "everything": {"largeNumber": "9"}}),
]  # fmt: skip


@pytest.mark.parametrize(("verb", "path", "body", "asked"), ASKED)
async def test_each_binding_is_a_route(
    gateway: RunningGateway, verb: str, path: str, body: Any, asked: Any
) -> None:
    answer = await gateway.http.request(verb, f"/api{path}", json=body)
    assert answer.status_code == 200, answer.text
    assert _told(answer.json()["asked"]) == asked


async def test_bodies_that_are_fields(gateway: RunningGateway) -> None:
    hay = {"name": "hay", "grams": "5"}
    answer = await gateway.http.put("/api/v1/animals/7/food?speed=2", json=hay)
    assert answer.json() == hay


async def test_it_is_in_the_document(gateway: RunningGateway) -> None:
    document = (await gateway.http.get("/openapi.json")).json()
    look = document["paths"]["/api/v1/animals/{animal_id}"]["get"]
    assert look["summary"] == "Tells what was asked for."
    assert look["security"][0] == {}
    names = {one.get("name"): one for one in look["parameters"]}
    assert names["animal_id"]["description"] == "Which animal."
    assert names["everything.seenTime"]["schema"]["format"] == "date-time"
    assert names["everything.kinds"]["schema"]["type"] == "array"
    assert "where.inner.keeper" in names
    assert "/api/v1/{name}" in document["paths"]
    listen = document["paths"]["/api/v1/animals:listen"]["get"]["responses"]["200"]
    assert "text/event-stream" in listen["content"]
    food = document["paths"]["/api/v1/animals/{animal_id}/food"]["put"]
    assert food["requestBody"]["content"]["application/json"]["schema"] == {
        "$ref": "#/components/schemas/zoo.v1.Food",
        "description": "What it gets.",
    }
    kinds = document["components"]["schemas"]["zoo.v1.Kind"]
    assert kinds["enum"] == ["KIND_UNSPECIFIED", "KIND_ELEPHANT", "KIND_MOUSE"]
    assert "`KIND_MOUSE`: Small." in kinds["description"]
    assert not any("Hide" in str(item) for item in document["paths"].values())


async def test_a_key_fills_the_request_id(gateway: RunningGateway) -> None:
    given = "01890A5D-AC96-774B-BCCE-B302099A8057"
    answer = await gateway.http.post(
        "/api/v1/animals/7:move", json={}, headers={"idempotency-key": given}
    )
    assert answer.json()["asked"]["requestId"] == given.lower()
    answer = await gateway.http.post(
        "/api/v1/animals/7:move", json={}, headers={"idempotency-key": "once"}
    )
    assert problem(answer)["violations"][0]["field"] == "Idempotency-Key"


async def test_all_that_a_refusal_says_is_in_the_problem(gateway: RunningGateway, zoo: Zoo) -> None:
    details = [
        error_details_pb2.ErrorInfo(
            reason="TOO_WILD", domain="ticketonomics", metadata={"animal": "7"}
        ),
        error_details_pb2.BadRequest(
            field_violations=[
                error_details_pb2.BadRequest.FieldViolation(field="where", description="is wet")
            ]
        ),
        error_details_pb2.RetryInfo(retry_delay=Duration(seconds=1, nanos=500_000_000)),
    ]
    status = status_pb2.Status(code=code_pb2.RESOURCE_EXHAUSTED, message="it is too wild")
    for detail in details:
        packed = AnyMessage()
        packed.Pack(detail)
        status.details.append(packed)
    trailers = (("grpc-status-details-bin", status.SerializeToString()),)
    zoo.refusal = (grpc.StatusCode.RESOURCE_EXHAUSTED, "it is too wild", trailers)

    answer = await gateway.http.get("/api/v1/animals/7")

    assert answer.status_code == 429
    assert answer.headers["retry-after"] == "2"
    assert problem(answer) == {
        "type": "urn:ticketonomics:problem:TOO_WILD",
        "title": "Too wild",
        "status": 429,
        "detail": "it is too wild",
        "reason": "TOO_WILD",
        "domain": "ticketonomics",
        "metadata": {"animal": "7"},
        "violations": [{"field": "where", "description": "is wet"}],
        "retryAfterSeconds": 1.5,
        "requestId": answer.headers["x-request-id"],
    }


CODES = [
    (grpc.StatusCode.INVALID_ARGUMENT, 500),
    (grpc.StatusCode.UNKNOWN, 500),
    (grpc.StatusCode.INTERNAL, 500),
    (grpc.StatusCode.UNAVAILABLE, 503),
    (grpc.StatusCode.DEADLINE_EXCEEDED, 504),
    (grpc.StatusCode.UNIMPLEMENTED, 501),
    (grpc.StatusCode.RESOURCE_EXHAUSTED, 413),
]


@pytest.mark.parametrize(("code", "status"), CODES)
async def test_a_code_without_a_reason_tells_nothing_of_the_inside(
    gateway: RunningGateway, zoo: Zoo, code: grpc.StatusCode, status: int
) -> None:
    zoo.refusal = (code, "at /srv/secret.py line 5", ())
    answer = await gateway.http.get("/api/v1/animals/7")
    assert answer.status_code == status
    assert "secret" not in problem(answer)["detail"]


def _told(asked: dict[str, Any]) -> dict[str, Any]:
    """What is not a default."""
    return {
        name: _told(value) if isinstance(value, dict) else value
        for name, value in asked.items()
        if value not in ("", 0, "0", [], {}, False, "KIND_UNSPECIFIED")
    }
