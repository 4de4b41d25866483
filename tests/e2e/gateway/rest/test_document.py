"""The OpenAPI document, and the page that shows it."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from ticketonomics_gateway.contracts import discover

from tests.e2e.gateways import RunningGateway

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def document_of(gateway: RunningGateway) -> dict[str, Any]:
    answer = await gateway.http.get("/openapi.json")
    assert answer.headers["content-type"] == "application/json"
    document: dict[str, Any] = answer.json()
    return document


async def test_every_binding_of_every_method_is_in_it(gateway: RunningGateway) -> None:
    document = await document_of(gateway)
    described = {
        operation["operationId"].removesuffix("_1")
        for item in document["paths"].values()
        for operation in item.values()
    }
    bound = {
        f"{method.descriptor.containing_service.name}_{method.descriptor.name}"
        for method in discover()
        if method.bindings
    }
    assert bound <= described
    assert len(bound) > 150


async def test_whatever_it_refers_to_is_there(gateway: RunningGateway) -> None:
    document = await document_of(gateway)
    for reference in _references(document):
        where: Any = document
        for part in reference.removeprefix("#/").split("/"):
            assert part in where, reference
            where = where[part]


async def test_names_of_operations_are_their_own(gateway: RunningGateway) -> None:
    document = await document_of(gateway)
    names = [one["operationId"] for item in document["paths"].values() for one in item.values()]
    assert len(names) == len(set(names))


async def test_paths_and_their_parameters_agree(gateway: RunningGateway) -> None:
    document = await document_of(gateway)
    for path, item in document["paths"].items():
        for operation in item.values():
            told = [
                one["name"] for one in operation.get("parameters", []) if one.get("in") == "path"
            ]
            assert sorted(re.findall(r"{([^}]*)}", path)) == sorted(told), path


async def test_everything_is_explained(gateway: RunningGateway) -> None:
    document = await document_of(gateway)
    parameters = document["components"]["parameters"]
    for path, item in document["paths"].items():
        for verb, operation in item.items():
            assert operation["summary"], f"{verb} {path}"
            for one in operation.get("parameters", []):
                told = parameters[one["$ref"].rpartition("/")[2]] if "$ref" in one else one
                by_hand = "Service" not in operation["tags"][0]
                assert by_hand or told["description"], f"{verb} {path} {one}"


async def test_it_is_sent_again_only_when_it_has_changed(gateway: RunningGateway) -> None:
    first = await gateway.http.get("/openapi.json")
    assert first.headers["content-encoding"] == "gzip"
    again = await gateway.http.get(
        "/openapi.json", headers={"if-none-match": first.headers["etag"]}
    )
    assert (again.status_code, again.content) == (304, b"")
    plain = await gateway.http.get("/openapi.json", headers={"accept-encoding": "identity"})
    assert "content-encoding" not in plain.headers
    assert plain.json() == first.json()


async def test_the_page_loads_nothing_from_elsewhere(gateway: RunningGateway) -> None:
    page = await gateway.http.get("/docs")
    assert page.headers["content-type"].startswith("text/html")
    assert "script-src 'self'" in page.headers["content-security-policy"]
    # No script and no style stands in the page: its policy would refuse it.
    assert not re.findall(r"<style|style=|<script>|onload", page.text)
    files = re.findall(r'(?:src|href)="([^"]*)"', page.text)
    assert len(files) == 4
    for file in files:
        assert file.startswith("/docs/")
        answer = await gateway.http.get(file)
        assert answer.status_code == 200, file
        assert "url(http" not in answer.text


def _references(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        for name, value in part.items():
            if name == "$ref":
                yield value
            else:
                yield from _references(value)
    elif isinstance(part, list):
        for item in part:
            yield from _references(item)
