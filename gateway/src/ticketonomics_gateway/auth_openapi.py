"""How the OpenAPI document tells the routes of sessions: what they take, and what they answer."""

from typing import Any

from fastapi import APIRouter

_TAG = "Sessions"
_PROBLEM = {"default": {"$ref": "#/components/responses/Problem"}}
_PERSON = {"$ref": "#/components/schemas/identity.v1.Person"}
_TEXT = {"type": "string"}


def _object(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties)}


SESSION = _object(
    person=_PERSON, expireTime={"type": "string", "format": "date-time"}, csrfToken=_TEXT
)
REFERRAL = {
    "type": "object",
    "description": "Whether the referral code was taken, and if not, why; where one was sent.",
    "properties": {"redeemed": {"type": "boolean"}, "reason": _TEXT},
    "required": ["redeemed"],
}
SIGNED_IN = {**SESSION, "properties": {**SESSION["properties"], "referral": REFERRAL}}
CITIZENS = _object(
    citizens={"type": "array", "items": _object(personId=_TEXT, displayName=_TEXT, handle=_TEXT)}
)
APP = _object(
    economy=_TEXT, botUsername=_TEXT, devLogin={"type": "boolean"}, maintenance={"type": "boolean"}
)
NOTHING = {"type": "object"}


def body(*needed: str, optional: tuple[str, ...] = ()) -> dict[str, Any]:
    """Describes a body: an object of texts."""
    schema = {
        "type": "object",
        "properties": {name: {"type": "string", "minLength": 1} for name in needed}
        | dict.fromkeys(optional, _TEXT),
        "required": list(needed),
        "additionalProperties": False,
    }
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}


def add(
    router: APIRouter,
    path: str,
    endpoint: Any,
    method: str,
    answer: dict[str, Any],
    *,
    tag: str = _TAG,
    extra: dict[str, Any] | None = None,
    signed_in: bool = False,
) -> None:
    """Adds a route with what the document tells of it.

    Args:
        answer: The JSON schema of its answer.
        extra: What else its operation has.
        signed_in: Whether it is about the session that a cookie names.
    """
    session: dict[str, list[str]] = {"session": []}
    if method != "GET":
        session["csrfToken"] = []
    described = {"description": "Done.", "content": {"application/json": {"schema": answer}}}
    router.add_api_route(
        path,
        endpoint,
        methods=[method],
        tags=[tag],
        operation_id=f"{tag}_{endpoint.__name__}_{method.lower()}",
        # FastAPI merges both; what stands in both would be there twice.
        responses={200: described},
        openapi_extra={
            "security": [session] if signed_in else [],
            "responses": _PROBLEM,
            **(extra or {}),
        },
    )
