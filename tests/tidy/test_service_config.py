"""The contracts' service config: an entry for each method, and retries only where they are safe."""

import json
from typing import Any

import grpc
import pytest
from google.api import annotations_pb2
from google.protobuf import descriptor_pool, message_factory
from google.protobuf.descriptor import MethodDescriptor
from ticketonomics_client.policies import Policy, policy_of, service_config
from ticketonomics_server.app import SERVICES
from ticketonomics_server.rpc.permissions import PERMISSIONS

from tests.tidy.repository import ROOT, table

CONFIG = json.loads((ROOT / "proto/ticketonomics/service_config.json").read_text())
POOL = descriptor_pool.Default()
METHODS = [method for service in SERVICES for method in POOL.FindServiceByName(service).methods]


def _name(method: MethodDescriptor) -> str:
    return f"{method.containing_service.full_name}/{method.name}"


def _entries() -> dict[str, dict[str, Any]]:
    return {
        f"{name['service']}/{name['method']}": entry
        for entry in CONFIG["methodConfig"]
        for name in entry["name"]
    }


def _reads(method: MethodDescriptor) -> bool:
    rule = method.GetOptions().Extensions[annotations_pb2.http]
    return bool(rule.WhichOneof("pattern") == "get")


def _carries_ids(method: MethodDescriptor) -> bool:
    fields = method.input_type.fields_by_name
    # A hold's id is that of the request that creates it.
    if {"request_id", "transaction_id", "hold_id"} & set(fields.keys()):
        return True
    items = [field.message_type for field in fields.values() if field.message_type]
    return any("transaction_id" in item.fields_by_name for item in items)


def test_every_method_has_one_entry_and_nothing_else_has() -> None:
    names = [
        f"{name['service']}/{name['method']}"
        for entry in CONFIG["methodConfig"]
        for name in entry["name"]
    ]
    assert len(names) == len(set(names))
    assert set(names) == {_name(method) for method in METHODS}
    assert {f"/{name}" for name in names} <= PERMISSIONS.keys()


@pytest.mark.parametrize("method", METHODS, ids=_name)
def test_only_what_is_safe_is_retried(method: MethodDescriptor) -> None:
    entry = _entries()[_name(method)]
    if method.server_streaming:
        assert entry.keys() == {"name"}, "a stream is resumed by its cursor, and goes on for ever"
        return
    assert 1 <= float(entry["timeout"].removesuffix("s")) <= 60
    if "retryPolicy" in entry:
        assert _reads(method) or _carries_ids(method)


def test_the_retried_codes_are_those_that_may_pass() -> None:
    advice: dict[str, set[str]] = {}
    for row in table("docs/errors.md", "## All reasons"):
        advice.setdefault(row[1].strip("`"), set()).add(row[4].split(",")[0].split(" ")[0])
    # A deadline that has passed leaves no time to try again.
    always = {code for code, said in advice.items() if said == {"yes"}} - {"DEADLINE_EXCEEDED"}
    sometimes = {code for code, said in advice.items() if "yes" in said}
    for entry in CONFIG["methodConfig"]:
        if "retryPolicy" in entry:
            codes = set(entry["retryPolicy"]["retryableStatusCodes"])
            assert always <= codes <= sometimes
            assert codes <= grpc.StatusCode.__members__.keys()


@pytest.mark.parametrize("method", METHODS, ids=_name)
def test_the_sdk_finds_each_methods_policy(method: MethodDescriptor) -> None:
    entry = _entries()[_name(method)]
    policy = policy_of(message_factory.GetMessageClass(method.input_type)())
    assert policy.retried is ("retryPolicy" in entry)
    if "timeout" in entry:
        assert policy.timeout_seconds == float(entry["timeout"].removesuffix("s"))


def test_the_installed_contracts_have_the_file() -> None:
    assert json.loads(service_config()) == CONFIG


def test_pauses_grow_to_their_longest() -> None:
    policy = Policy(first_pause_seconds=0.1, longest_pause_seconds=1, pause_multiplier=3)
    ceilings = [policy.pause_ceiling_seconds(attempt) for attempt in (1, 2, 3, 4, 10**6)]
    assert ceilings == pytest.approx([0.1, 0.3, 0.9, 1, 1])
