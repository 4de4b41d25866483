"""Permissions: the map, the contracts' comments and the document say the same."""

import re
from dataclasses import replace

from grpc_health.v1 import health_pb2
from grpc_reflection.v1alpha import reflection_pb2
from ticketonomics_server.app import SERVICES
from ticketonomics_server.identity.scopes import ALL_SCOPES, MEANING_OF_SCOPE
from ticketonomics_server.rpc.permissions import ANY_KEY, PERMISSIONS, PUBLIC, Permission

from tests.contracts import METHODS
from tests.contracts import SERVICES as CONTRACTS
from tests.tidy.repository import ROOT, table

DOCUMENT = "docs/permissions.md"
# What these need depends on the request: the servicer or the decision asks for it. The first words
# of their permission, as the contracts have them.
ANY_KEY_SAYS = {
    "OpenAccount": "`ledger.accounts`; addresses under `apps/{application_id}/` also by that",
    "CloseAccount": "as OpenAccount",
    "GetApplication": "`identity.applications`, or the application itself",
    "RotateApiKey": "`identity.applications` (within its own scopes), or the key's own application",
    "RevokeApiKey": "`identity.applications`, or the key's own application",
    "ListApiKeys": "`identity.applications`, or the application itself",
    "CreateLinkCode": "`identity.people`, or the person acted for",
    "UnlinkIdentity": "`identity.people`, or the person acted for",
    "SetDisplayName": "`identity.people`, or the person acted for",
    "SetPrivacy": "`identity.people`, or the person acted for",
    "SetHandle": "`identity.people`, or the person acted for",
    "GetPreferences": "`identity.people`, or the person acted for",
    "SetPreferences": "`identity.people`, or the person acted for",
    "GetEligibility": "`identity.people`, or the person acted for",
    "ExportPersonalData": "`identity.people`, or the person acted for",
    "WhoAmI": "any valid key",
    "GetSchedule": "the right to debit a source, or `ledger.private`",
    "ListSchedules": "the right to debit the account, or `ledger.private`",
    "ListScheduleRuns": "the right to debit a source, or `ledger.private`",
    "GetPaymentRequest": "the right to debit payee or payer, or `ledger.private`",
    **dict.fromkeys(
        (
            *("CreateWebhook", "UpdateWebhook", "PauseWebhook", "ResumeWebhook", "GetWebhook"),
            *("RotateWebhookSecret", "ReplayWebhook", "DeleteWebhook", "ListWebhooks"),
            *("SendTestEvent", "ListDeadLetters", "RetryDeadLetters"),
        ),
        "`identity.applications`, or the application itself",
    ),
    "ListPaymentRequests": "the right to debit the account, or `ledger.private`",
    "RevokeAllowance": "`spending.consent`, acting for the person; or the application itself",
    "GetAllowance": "who acts for the person, the application itself, or `ledger.private`",
    "ListAllowances": "any key",
    "ListBudgets": "the application itself, or `identity.applications`",
    "ListSpendingRecords": "any key",
    **dict.fromkeys(
        ("GetCooldowns", "ListRewards"),
        "to act for the person, or `rewards.claim`, `rewards.manage` or `ledger.private` for",
    ),
}


def _methods(*modules: object) -> set[str]:
    return {
        f"/{service.full_name}/{method.name}"
        for module in modules
        for service in module.DESCRIPTOR.services_by_name.values()
        for method in service.methods
    }


def _ours() -> set[str]:
    return {f"/{method.containing_service.full_name}/{method.name}" for method in METHODS}


def test_the_map_covers_every_method_and_nothing_else() -> None:
    reflection = _methods(reflection_pb2)
    # grpcio may serve the newer name of the same service.
    newer = {method.replace("v1alpha", "v1") for method in reflection}
    health = {f"/grpc.health.v1.Health/{method}" for method in ("Check", "Watch")}
    assert health <= _methods(health_pb2)
    assert set(PERMISSIONS) == _ours() | health | reflection | newer


def test_the_server_serves_every_service_of_the_contracts() -> None:
    assert {name.partition("/")[0] for name in (m.removeprefix("/") for m in _ours())} == set(
        SERVICES
    )
    packages = {
        path.parent.relative_to(ROOT / "proto").as_posix().replace("/", ".")
        for path in (ROOT / "proto/ticketonomics").rglob("*_service.proto")
    }
    assert packages == {service.file.package for service in CONTRACTS}


def test_every_scope_of_the_map_exists() -> None:
    assert {p.scope for p in PERMISSIONS.values()} - {""} <= ALL_SCOPES
    assert set(MEANING_OF_SCOPE) == ALL_SCOPES


def _comments() -> dict[str, str]:
    """The comment of each RPC, on one line, by its full method name."""
    found = {}
    for path in (ROOT / "proto/ticketonomics").rglob("*_service.proto"):
        text = path.read_text()
        package = re.search(r"^package (.+);", text, re.M)[1]
        service = re.search(r"^service (\w+)", text, re.M)[1]
        for comment, method in re.findall(r"((?:  //.*\n)+)  rpc (\w+)\(", text):
            words = " ".join(line.strip().removeprefix("//") for line in comment.splitlines())
            found[f"/{package}.{service}/{method}"] = " ".join(words.split())
    return found


def _said(comment: str) -> str:
    match = re.search(r"Permission: (.+?)\.(?: |$)(?=[A-Z]|$)", comment)
    assert match, f"no «Permission:» in {comment}"
    return match[1]


def test_each_contract_comment_tells_the_permission_of_the_map() -> None:
    comments = _comments()
    assert comments.keys() == _ours()
    for method, comment in comments.items():
        said, permission = _said(comment), replace(PERMISSIONS[method], personal=False)
        if permission == PUBLIC:
            assert said.split(";")[0] == "public", method
        elif permission == ANY_KEY:
            assert said.startswith(ANY_KEY_SAYS[method.rpartition("/")[2]]), (method, said)
        else:
            assert re.match(rf"`{re.escape(permission.scope)}`(?:$|[;,])", said), (method, said)


def test_any_key_is_the_exception() -> None:
    with_any_key = {m for m, p in PERMISSIONS.items() if replace(p, personal=False) == ANY_KEY}
    assert {method.rpartition("/")[2] for method in with_any_key} == set(ANY_KEY_SAYS)


def test_the_document_lists_every_scope_with_its_meaning() -> None:
    listed = {row[0].strip("`"): row[1] for row in table(DOCUMENT, "## Scopes")}
    assert listed == {scope.value: meaning for scope, meaning in MEANING_OF_SCOPE.items()}


def test_the_document_lists_every_method_with_what_it_needs() -> None:
    rows = table(DOCUMENT, "## Methods")
    listed = {row[0].strip("`"): _read(row[1], row[2]) for row in rows}
    assert len(listed) == len(rows)
    assert listed == {name.removeprefix("/"): p for name, p in PERMISSIONS.items()}


def test_what_everybody_may_is_not_marked_as_personal() -> None:
    assert not [name for name, p in PERMISSIONS.items() if p.public and p.personal]


def _read(needs: str, personal: str) -> Permission:
    special = {"public": PUBLIC, "any key": ANY_KEY}
    found = special.get(needs) or Permission(scope=needs.strip("`"))
    return replace(found, personal=personal == "yes")
