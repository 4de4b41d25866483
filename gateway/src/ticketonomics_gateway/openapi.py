"""OpenAPI 3.1 of everything that the gateway offers, from the contracts and their comments."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from google.protobuf.descriptor import ServiceDescriptor

from ticketonomics_gateway.contracts import PREFIX, Binding, Method, descriptor_of, find_field
from ticketonomics_gateway.problems import MEDIA_TYPE
from ticketonomics_gateway.rest import request_id_field
from ticketonomics_gateway.schemas import Schema, Schemas

VERSION = "3.1.1"
TITLE = "Ticketonomics"

_DESCRIPTION = """\
Everything that the contracts offer, as REST. Messages are proto3 JSON: names in camelCase, 64-bit
integers as texts, enums by name, times as RFC 3339. What is not known is refused by its name.

Errors are problem documents (RFC 9457): branch on `reason`, never on text. Give every change an
`Idempotency-Key`, and send it again with the same one when no answer came: it happens once.

Lists have pages: pass `nextPageToken` of one as `pageToken` of the next. What streams is offered as
Server-Sent Events, and at the same address as a WebSocket."""

_PUBLIC = re.compile(r"Permission: public\b")
_ANY = "*"
# A path item has no place for other verbs.
_VERBS = {"GET", "PUT", "POST", "DELETE", "PATCH", "OPTIONS", "HEAD", "TRACE"}

_HEADERS: dict[str, Schema] = {
    "IdempotencyKey": {
        "name": "Idempotency-Key",
        "in": "header",
        "description": "Fills the request's id where the body has none: the same request with the "
        "same key happens once.",
        "schema": {"type": "string", "format": "uuid"},
    },
    "Timeout": {
        "name": "Ticketonomics-Timeout",
        "in": "header",
        "description": "Seconds that the call may take; the gateway has a longest.",
        "schema": {"type": "number", "exclusiveMinimum": 0, "maximum": 9999},
    },
    "ActingFor": {
        "name": "Ticketonomics-Acting-For",
        "in": "header",
        "description": "The person whom an application acts for.",
        "schema": {"type": "string"},
    },
    "Economy": {
        "name": "Ticketonomics-Economy",
        "in": "header",
        "description": "Which economy to read without an API key; a key belongs to one.",
        "schema": {"type": "string", "pattern": "^[a-z][a-z0-9-]{0,31}$"},
    },
    "LastEventId": {
        "name": "Last-Event-ID",
        "in": "header",
        "description": "Goes on behind the event that had this id.",
        "schema": {"type": "string"},
    },
}
_PROBLEM: Schema = {
    "type": "object",
    "description": "Why a request was refused. `reason` is for branching on; docs/errors.md and "
    "docs/gateway.md list them.",
    "required": ["type", "title", "status", "detail", "reason", "domain", "metadata", "requestId"],
    "properties": {
        "type": {"type": "string", "examples": ["urn:ticketonomics:problem:INSUFFICIENT_FUNDS"]},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "For people who develop, in English."},
        "reason": {"type": "string", "examples": ["INSUFFICIENT_FUNDS"]},
        "domain": {"type": "string", "const": "ticketonomics"},
        "metadata": {"type": "object", "additionalProperties": {"type": "string"}},
        "violations": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "field": {"type": "string"},
                    "description": {"type": "string"},
                },
            },
        },
        "retryAfterSeconds": {"type": "number"},
        "requestId": {"type": "string"},
    },
}
_SECURITY: dict[str, Schema] = {
    "apiKey": {
        "type": "http",
        "scheme": "bearer",
        "description": "An application's API key.",
    },
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": "__Host-ticketonomics",
        "description": "Somebody who has signed in by `/api/v1/auth/telegram`, in a browser. "
        "Without TLS, on loopback, the cookie is `ticketonomics`.",
    },
    "csrfToken": {
        "type": "apiKey",
        "in": "header",
        "name": "X-CSRF-Token",
        "description": "What a page in a browser shows beside its session's cookie when it changes "
        "something.",
    },
}


def make_document(
    methods: Iterable[Method], comments: Mapping[str, str], web: FastAPI, *, version: str
) -> dict[str, Any]:
    """Makes the document.

    Args:
        comments: Of the contracts, by full name.
        web: Has the gateway's own routes.
        version: The gateway's.
    """
    document = _Document(comments)
    for method in methods:
        document.add(method)
    own = get_openapi(title=TITLE, version=version, routes=web.routes)
    components = own.get("components", {})
    return {
        "openapi": VERSION,
        "info": {"title": TITLE, "version": version, "description": _DESCRIPTION},
        "servers": [{"url": "/"}],
        "tags": document.tags,
        "paths": document.paths | own.get("paths", {}),
        "components": {
            "schemas": {
                "Problem": _PROBLEM,
                **document.schemas.components,
                **components.get("schemas", {}),
            },
            "parameters": _HEADERS,
            "responses": {
                "Problem": {
                    "description": "Refused, or failed.",
                    "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
                }
            },
            "securitySchemes": _SECURITY | components.get("securitySchemes", {}),
        },
    }


class _Document:
    def __init__(self, comments: Mapping[str, str]) -> None:
        self._comments = comments
        self.schemas = Schemas(comments)
        self.paths: dict[str, dict[str, Any]] = {}
        self.tags: list[dict[str, str]] = []

    def add(self, method: Method) -> None:
        if method.bindings:
            self._add_tag(method.descriptor.containing_service)
        for number, binding in enumerate(method.bindings):
            path = PREFIX + path_of(binding)
            verb = "POST" if binding.verb == _ANY else binding.verb
            if verb in _VERBS:
                item = self.paths.setdefault(path, {})
                # Of two that look the same here, the first declared is the one that is served.
                item.setdefault(verb.lower(), self._operation(method, binding, number))

    def _add_tag(self, service: ServiceDescriptor) -> None:
        if all(tag["name"] != service.name for tag in self.tags):
            description = self._comments.get(service.full_name, "")
            self.tags.append({"name": service.name, "description": description})

    def _operation(self, method: Method, binding: Binding, number: int) -> dict[str, Any]:
        service = method.descriptor.containing_service.name
        comment = self._comments.get(method.full_name, "")
        summary, _, description = comment.partition("\n\n")
        operation: dict[str, Any] = {
            "operationId": f"{service}_{method.descriptor.name}" + (f"_{number}" if number else ""),
            "tags": [service],
            "summary": " ".join(summary.split()),
            "description": description,
            "parameters": [*self._parameters(method, binding), *_headers(method, binding)],
            "responses": {"200": self._answer(method, binding), "default": _ref_problem()},
            "security": _security(binding, public=bool(_PUBLIC.search(comment))),
        }
        if binding.body:
            operation["requestBody"] = self._body(method, binding)
        return operation

    def _parameters(self, method: Method, binding: Binding) -> list[dict[str, Any]]:
        request = descriptor_of(method.request_class)
        parameters: list[dict[str, Any]] = []
        bound = {variable.field_path for variable in binding.template.variables}
        for variable in binding.template.variables:
            *_, field = find_field(request, variable.field_path)
            notes = [self._comments.get(field.full_name, "")]
            if variable.many:
                notes.append("May hold slashes.")
            parameters.append(
                {
                    "name": variable.field_path,
                    "in": "path",
                    "required": True,
                    "description": "\n\n".join(note for note in notes if note),
                    "schema": self.schemas.single(field),
                }
            )
        if binding.body != _ANY:
            for name, field in self.schemas.leaves(request, {*bound, binding.body}):
                parameters.append(self._query(name, field))
        return parameters

    def _query(self, name: str, field: Any) -> dict[str, Any]:
        parameter = {"name": name, "in": "query", "schema": self.schemas.field(field)}
        if description := self._comments.get(field.full_name):
            parameter["description"] = description
        return parameter

    def _body(self, method: Method, binding: Binding) -> dict[str, Any]:
        request = descriptor_of(method.request_class)
        if binding.body == _ANY:
            bound = {variable.field_path for variable in binding.template.variables}
            schema = self.schemas.properties(request, bound)
            schema["additionalProperties"] = False
        else:
            schema = self.schemas.described(request.fields_by_name[binding.body])
        return {"content": {"application/json": {"schema": schema}}}

    def _answer(self, method: Method, binding: Binding) -> dict[str, Any]:
        response = descriptor_of(method.response_class)
        if binding.response_body:
            schema = self.schemas.field(response.fields_by_name[binding.response_body])
        else:
            schema = self.schemas.message(response)
        if not method.server_streaming:
            return {"description": "Done.", "content": {"application/json": {"schema": schema}}}
        return {
            "description": "Events `message`, each with one message as JSON in `data` and the "
            "place to go on from in `id`; an event `problem` before an end by an error. Upgraded "
            'to a WebSocket, each frame is `{"message": …, "cursor": …}` or `{"problem": …}`.',
            "content": {"text/event-stream": {"schema": {"type": "string"}, "x-message": schema}},
        }


def path_of(binding: Binding) -> str:
    """Writes a template as OpenAPI does: a variable is its name alone."""
    template = binding.template
    parts: list[str] = []
    variables = {variable.start: variable for variable in template.variables}
    at = 0
    while at < len(template.segments):
        variable = variables.get(at)
        if variable is None:
            parts.append(template.segments[at])
            at += 1
            continue
        parts.append(f"{{{variable.field_path}}}")
        at = len(template.segments) if variable.length is None else at + variable.length
    verb = f":{template.verb}" if template.verb else ""
    return "/" + "/".join(parts) + verb


def _headers(method: Method, binding: Binding) -> list[dict[str, str]]:
    names = ["ActingFor", "Economy"]
    names.insert(0, "LastEventId" if method.server_streaming else "Timeout")
    if request_id_field(method, binding):
        names.insert(0, "IdempotencyKey")
    return [{"$ref": f"#/components/parameters/{name}"} for name in names]


def _ref_problem() -> dict[str, str]:
    return {"$ref": "#/components/responses/Problem"}


def _security(binding: Binding, *, public: bool) -> list[dict[str, list[str]]]:
    session: dict[str, list[str]] = {"session": []}
    if binding.verb != "GET":
        session["csrfToken"] = []
    ways: list[dict[str, list[str]]] = [{"apiKey": []}, session]
    return [{}, *ways] if public else ways
