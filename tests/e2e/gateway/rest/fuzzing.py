"""Sends what the document allows, and what it does not, to each operation of a gateway.

A process of its own: below pytest, which rewrites all of it, schemathesis takes long to load. Takes
`{url, key, examples}` from stdin, and prints the codes that each operation answered.
"""

import json
import sys
from contextlib import suppress
from typing import Any

import httpx
import hypothesis
import schemathesis
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

CHECKS = [content_type_conformance, response_schema_conformance, status_code_conformance]
# A request may ask for less time than there is, or for an entry that is not there yet.
IN_ITS_OWN_FAULT = {"DEADLINE_PASSED", "SEQUENCE_NOT_REACHED"}


def fuzz(url: str, key: str, examples: int) -> dict[str, list[int]]:
    """Sends requests to each operation that does not stream."""
    schema = schemathesis.openapi.from_dict(httpx.get(f"{url}/openapi.json").json())
    called: dict[str, set[int]] = {}
    for result in schema.get_all_operations():
        operation = result.ok()
        if "text/event-stream" in str(operation.definition.raw["responses"].get("200")):
            continue
        codes = called.setdefault(operation.label, set())
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            _send(operation.as_strategy(generation_mode=mode), url, key, examples, codes)
    return {label: sorted(codes) for label, codes in called.items()}


def _send(cases: Any, url: str, key: str, examples: int, codes: set[int]) -> None:
    @hypothesis.settings(
        max_examples=examples,
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=list(hypothesis.HealthCheck),
        phases=[hypothesis.Phase.generate],
    )
    @hypothesis.given(case=cases)
    def send(case: Any) -> None:
        answer = case.call(base_url=url, headers={"authorization": f"Bearer {key}"})
        codes.add(answer.status_code)
        if answer.status_code >= 500 and answer.json()["reason"] not in IN_ITS_OWN_FAULT:
            raise AssertionError(f"{case.as_curl_command()}\n{answer.status_code} {answer.text}")
        case.validate_response(answer, checks=CHECKS)

    # Where nothing is asked for, nothing can be asked for wrongly.
    with suppress(hypothesis.errors.Unsatisfiable):
        send()


if __name__ == "__main__":
    print(json.dumps(fuzz(**json.load(sys.stdin))))
