"""Whatever is sent by the document, right or wrong: no 5xx, and answers are what it says.

Short here; `make fuzz` does not exist: set TICKETONOMICS_FUZZ_EXAMPLES to look longer.
"""

import asyncio
import os
from typing import Any

import hypothesis
import pytest
import schemathesis
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.conftest import Server
from tests.e2e.gateways import key, running_gateway

pytestmark = pytest.mark.asyncio(loop_scope="module")

EXAMPLES = int(os.environ.get("TICKETONOMICS_FUZZ_EXAMPLES", "2"))
CHECKS = [
    not_a_server_error,
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
]


async def test_no_request_breaks_it(ledger: Server) -> None:
    async with running_gateway(
        ledger.target, rate_limit_rps=100_000, key_rate_limit_rps=100_000
    ) as gateway:
        document = (await gateway.http.get("/openapi.json")).json()
        called = await asyncio.to_thread(_fuzz, document, gateway.url, ledger.operator_key)
    assert len(called) > 130
    assert 200 in set().union(*called.values())


def _fuzz(document: dict[str, Any], url: str, secret: str) -> dict[str, set[int]]:
    """Sends requests to each operation, and returns the codes that came back."""
    schema = schemathesis.openapi.from_dict(document)
    called: dict[str, set[int]] = {}
    for result in schema.get_all_operations():
        operation = result.ok()
        if "text/event-stream" in str(operation.definition.raw["responses"].get("200")):
            continue
        codes = called.setdefault(operation.label, set())
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            _send(operation.as_strategy(generation_mode=mode), url, secret, codes)
    return called


def _send(cases: Any, url: str, secret: str, codes: set[int]) -> None:
    @hypothesis.settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=list(hypothesis.HealthCheck),
        phases=[hypothesis.Phase.generate],
    )
    @hypothesis.given(case=cases)
    def send(case: Any) -> None:
        answer = case.call(base_url=url, headers=key(secret))
        codes.add(answer.status_code)
        case.validate_response(answer, checks=CHECKS)

    send()
