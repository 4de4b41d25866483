"""Which method an HTTP request is for."""

from __future__ import annotations

from collections.abc import Iterable
from http import HTTPStatus

from ticketonomics_gateway.contracts import PREFIX, Binding, Match, Method
from ticketonomics_gateway.http_rules import PathError, Paths
from ticketonomics_gateway.problems import (
    METHOD_NOT_ALLOWED,
    ROUTE_NOT_FOUND,
    Problem,
    invalid_field,
)

ANY = "*"


class Routes:
    """All bindings of all methods."""

    def __init__(self, methods: Iterable[Method]) -> None:
        self._paths: Paths[tuple[Method, Binding]] = Paths()
        for method in methods:
            for binding in method.bindings:
                self._paths.add(binding.template, (method, binding))

    def find(self, verb: str, path: str) -> Match | None:
        """Finds the method for a path as it was sent; None where the contracts have no such path.

        Raises:
            Problem: The path has no such verb, 405 with `Allow`; or it cannot be decoded.
        """
        if not path.startswith(PREFIX + "/"):
            return None
        found = self._paths.find(path[len(PREFIX) :])
        if not found:
            return None
        wanted = "GET" if verb == "HEAD" else verb
        for segments, (method, binding) in found:
            if binding.verb in (wanted, ANY):
                return Match(method, binding, _values(binding, segments))
        allowed = _allowed(binding for _, (_, binding) in found)
        raise Problem(
            HTTPStatus.METHOD_NOT_ALLOWED,
            METHOD_NOT_ALLOWED,
            f"{verb} is not among {allowed}",
            metadata={"allow": allowed},
            headers=[(b"allow", allowed.encode())],
        )


def not_found() -> Problem:
    """Makes the problem of a path that nobody has."""
    return Problem(
        HTTPStatus.NOT_FOUND, ROUTE_NOT_FOUND, "there is nothing here; /openapi.json lists all"
    )


def _values(binding: Binding, segments: list[str]) -> tuple[tuple[str, str], ...]:
    variables = binding.template.variables
    if not variables:
        return ()
    try:
        return tuple((one.field_path, one.value(segments)) for one in variables)
    except PathError as error:
        raise invalid_field("", f"the path cannot be read: {error}") from None


def _allowed(bindings: Iterable[Binding]) -> str:
    verbs = {binding.verb for binding in bindings}
    if "GET" in verbs:
        verbs.add("HEAD")
    return ", ".join(sorted(verbs))
