"""The reasons: the contract's enum, the engine's, the table of statuses and the document agree."""

import re

from ticketonomics.errors.v1.reason_pb2 import Reason as ContractReason
from ticketonomics_server.engine.rejection import Reason
from ticketonomics_server.rpc.errors import STATUS_OF_REASON

from tests.tidy.repository import ROOT, SERVER, modules, table

DOCUMENT = "docs/errors.md"
CODES = {reason.value: status.name for reason, status in STATUS_OF_REASON.items()}


def test_the_contract_and_the_engine_have_the_same_reasons() -> None:
    names = ContractReason.keys()
    contract = {name.removeprefix("REASON_") for name in names} - {"UNSPECIFIED"}
    assert contract == {reason.value for reason in Reason}
    assert all(reason.name == reason.value for reason in Reason)


def test_every_reason_has_a_status() -> None:
    assert STATUS_OF_REASON.keys() == set(Reason)


def test_the_contract_tells_the_status_that_is_sent() -> None:
    text = (ROOT / "proto/ticketonomics/errors/v1/reason.proto").read_text()
    comments = re.findall(r"((?:  //.*\n)+)  REASON_([A-Z_]+) =", text)
    told = {}
    for comment, reason in comments:
        words = re.findall(r"\b[A-Z]+(?:_[A-Z]+)+\b|\b(?:INTERNAL|ABORTED|UNAVAILABLE)\b|"
                           r"\bUNAUTHENTICATED\b", comment)  # fmt: skip
        told[reason] = [word for word in words if word in set(CODES.values())]
    del told["UNSPECIFIED"]
    assert told == {reason: [code] for reason, code in CODES.items()}


def test_the_document_has_a_row_for_each_reason_with_its_status() -> None:
    rows = table(DOCUMENT, "## All reasons")
    documented = {row[0].strip("`"): row[1].strip("`") for row in rows}
    assert documented == CODES
    assert len(rows) == len(CODES), "a reason has two rows"
    for row in rows:
        assert len(row) == 5, row
        assert all(row), f"{row[0]} has an empty cell"
        assert row[4].split(",")[0].split(" ")[0] in {"no", "yes"}, row


def test_every_reason_is_used() -> None:
    text = "\n".join(
        path.read_text()
        for path in modules(SERVER)
        if path.name not in {"rejection.py", "errors.py"}
    )
    unused = {reason for reason in Reason if f"Reason.{reason.name}" not in text}
    assert not unused
