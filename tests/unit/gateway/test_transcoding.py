"""From paths, queries and bodies to messages, as a table, with a contract that has everything."""

import json
from typing import Any

import pytest
from google.protobuf import json_format
from google.protobuf.message import Message
from ticketonomics_gateway.contracts import Match
from ticketonomics_gateway.problems import Problem
from ticketonomics_gateway.transcoding import decode_request, encode

from tests.zoos import message, zoo_method


def get(query: str, **values: str) -> Message:
    return decode_request(match("GetAnimal", 0, values or {"animal_id": "1"}), query.encode(), b"")


def move(body: Any, query: str = "", **values: str) -> Message:
    text = body if isinstance(body, bytes) else json.dumps(body).encode()
    return decode_request(match("Move", 0, values or {"animal_id": "1"}), query.encode(), text)


def match(name: str, binding: int, values: dict[str, str]) -> Match:
    method = zoo_method(name)
    return Match(method, method.bindings[binding], tuple(values.items()))


def everything(request: Message) -> dict[str, Any]:
    found: dict[str, Any] = json_format.MessageToDict(request)["everything"]
    return found


def refusal(problem: pytest.ExceptionInfo[Problem]) -> tuple[str, str]:
    assert (problem.value.status, problem.value.reason) == (400, "INVALID_FIELD")
    (violation,) = problem.value.violations
    assert problem.value.metadata == {"field": violation.field}
    return violation.field, violation.description


QUERIES = [
    # query below `everything.`, what it is then
    ("smallNumber=-5", {"smallNumber": -5}),
    ("small_number=-5", {"smallNumber": -5}),
    ("largeNumber=9223372036854775807", {"largeNumber": "9223372036854775807"}),
    ("naturalNumber=4294967295", {"naturalNumber": 4294967295}),
    ("largeNaturalNumber=18446744073709551615", {"largeNaturalNumber": "18446744073709551615"}),
    ("realNumber=1.5e3", {"realNumber": 1500.0}),
    ("realNumber=NaN", {"realNumber": "NaN"}),
    ("isTrue=true", {"isTrue": True}),
    ("text=a+b%20c%2Bd%26e%3D", {"text": "a b c+d&e="}),
    ("text=%D0%AF", {"text": "Я"}),
    ("text=", {}),
    ("text=a=b", {"text": "a=b"}),
    ("raw=AQI%3D", {"raw": "AQI="}),
    ("raw=_-8", {"raw": "/+8="}),
    ("kind=KIND_MOUSE", {"kind": "KIND_MOUSE"}),
    ("kind=2", {"kind": "KIND_MOUSE"}),
    ("kind=77", {"kind": 77}),
    ("kinds=KIND_MOUSE&everything.kinds=1", {"kinds": ["KIND_MOUSE", "KIND_ELEPHANT"]}),
    ("seenTime=2026-01-31T12:00:00.5Z", {"seenTime": "2026-01-31T12:00:00.500Z"}),
    ("seenTime=2026-01-31T14:00:00%2B02:00", {"seenTime": "2026-01-31T12:00:00Z"}),
    ("slept=1.5s", {"slept": "1.500s"}),
    ("mask=text,where.keeper", {"mask": "text,where.keeper"}),
    ("maybeNumber=0", {"maybeNumber": "0"}),
    ("maybeTrue=false", {"maybeTrue": False}),
    ("maybeText=", {"maybeText": ""}),
    ("where.keeper=Ann", {"where": {"keeper": "Ann"}}),
    (
        "where.inner.inner.floors=1&everything.where.inner.inner.floors=2",
        {"where": {"inner": {"inner": {"floors": [1, 2]}}}},
    ),
    ("one=x", {"one": "x"}),
    (
        "fedTimes=2026-01-01T00:00:00Z&everything.fed_times=2026-01-02T00:00:00Z",
        {"fedTimes": ["2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z"]},
    ),
]


@pytest.mark.parametrize(("query", "expected"), QUERIES)
def test_a_query(query: str, expected: dict[str, Any]) -> None:
    assert everything(get(f"everything.{query}")) == expected


BAD_QUERIES = [
    ("nothing=1", "nothing"),
    ("everything.nothing=1", "everything.nothing"),
    ("everything=1", "everything"),
    ("everything.where=1", "everything.where"),
    ("everything.text.more=1", "everything.text.more"),
    ("everything.history.keeper=x", "everything.history.keeper"),
    ("everything.history=x", "everything.history"),
    ("everything.counts=1", "everything.counts"),
    ("everything.counts.a=1", "everything.counts.a"),
    ("everything.anything=1", "everything.anything"),
    ("everything.smallNumber=2147483648", "everything.smallNumber"),
    ("everything.smallNumber=1.5", "everything.smallNumber"),
    ("everything.smallNumber=", "everything.smallNumber"),
    ("everything.smallNumber=one", "everything.smallNumber"),
    ("everything.largeNumber=9223372036854775808", "everything.largeNumber"),
    ("everything.naturalNumber=-1", "everything.naturalNumber"),
    ("everything.realNumber=x", "everything.realNumber"),
    ("everything.isTrue=yes", "everything.isTrue"),
    ("everything.isTrue=1", "everything.isTrue"),
    ("everything.raw=%25%25", "everything.raw"),
    ("everything.kind=KIND_CAT", "everything.kind"),
    ("everything.kinds=KIND_CAT", "everything.kinds[0]"),
    ("everything.seenTime=yesterday", "everything.seenTime"),
    ("everything.slept=5", "everything.slept"),
    ("everything.one=x&everything.other=1", "everything"),
    ("everything.text=a&everything.text=b", "everything.text"),
    ("everything.text=a&everything.text=", "everything.text"),
    ("animalId=2", "animalId"),
    ("animal_id=1", "animal_id"),
    ("everything.text=%zz", ""),
    ("everything.text=%ff", ""),
    ("=x", ""),
]


@pytest.mark.parametrize(("query", "field"), BAD_QUERIES)
def test_a_query_that_is_refused_names_its_field(query: str, field: str) -> None:
    with pytest.raises(Problem) as problem:
        get(query)
    told, description = refusal(problem)
    assert told == field
    assert "Failed" not in description and "Message type" not in description


def test_too_many_parameters_are_refused() -> None:
    with pytest.raises(Problem):
        get("&".join(["everything.kinds=1"] * 1_001))


def test_too_many_values_are_refused() -> None:
    with pytest.raises(Problem) as problem:
        move({"everything": {"history": [{}] * 200_001}})
    assert refusal(problem) == ("", "has more than 200000 values")


BODIES: list[dict[str, Any]] = [
    {},
    {"smallNumber": 5, "largeNumber": "-9223372036854775808", "naturalNumber": 7},
    {"isTrue": True, "text": "Я\u0000", "raw": "AQI=", "kind": "KIND_MOUSE"},
    {"kinds": ["KIND_MOUSE", "KIND_UNSPECIFIED"], "counts": {"a": 1, "b": 2}},
    {"seenTime": "2026-01-31T12:00:00Z", "slept": "0.500s", "mask": "text"},
    {"maybeNumber": "0", "maybeTrue": False, "maybeText": "", "anything": {"a": [1.0, None]}},
    {"where": {"keeper": "Ann", "inner": {"floors": [1]}}, "history": [{"keeper": "Bob"}, {}]},
    {"other": 0},
]


@pytest.mark.parametrize("body", BODIES)
def test_a_body_is_what_its_json_says(body: dict[str, Any]) -> None:
    assert everything(move({"everything": body})) == body


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ({"small_number": 5}, {"smallNumber": 5}),
        ({"largeNumber": 5}, {"largeNumber": "5"}),
        ({"smallNumber": "5"}, {"smallNumber": 5}),
        ({"smallNumber": 5.0}, {"smallNumber": 5}),
        ({"kind": 2}, {"kind": "KIND_MOUSE"}),
        ({"text": None, "where": None, "kinds": None}, {}),
    ],
)
def test_other_ways_to_write_the_same(written: dict[str, Any], meant: dict[str, Any]) -> None:
    assert everything(move({"everything": written})) == meant


BAD_BODIES = [
    (b"", None),
    (b"{", ""),
    (b"[]", ""),
    (b"1", ""),
    (b"null", ""),
    (b'"text"', ""),
    (b"\xff", ""),
    (b'{"everything": {"realNumber": NaN}}', ""),
    (b'{"everything": {"smallNumber": ' + b"1" * 5_000 + b"}}", ""),
    (b"[" * 100_000, ""),
    (b'{"where": ' + b'{"inner": ' * 40 + b"{}" + b"}" * 41, "where" + ".inner" * 32),
    (b'{"where": {}, "where": {}}', "where"),
    (b'{"nothing": 1}', "nothing"),
    (b'{"where": {"nothing": 1}}', "where.nothing"),
    (b'{"everything": {"history": [{}, {"no such": 1}]}}', "everything.history[1].no such"),
    (b'{"everything": {"history": [{}, {"nothing": 1}]}}', "everything.history[1].nothing"),
    (b'{"everything": {"history": {}}}', "everything.history"),
    (b'{"everything": {"history": [null]}}', "everything.history[0]"),
    (b'{"everything": {"kinds": ["KIND_CAT"]}}', "everything.kinds[0]"),
    (b'{"everything": {"kind": "KIND_CAT"}}', "everything.kind"),
    (b'{"everything": {"kind": true}}', "everything.kind"),
    (b'{"everything": {"text": "a", "counts": {"a": null}}}', "everything.counts[a]"),
    (b'{"everything": {"counts": []}}', "everything.counts"),
    (b'{"everything": {"smallNumber": 1, "small_number": 1}}', "everything.small_number"),
    (b'{"everything": {"raw": "%%"}}', "everything.raw"),
    (b'{"everything": {"maybeNumber": {}}}', "everything.maybeNumber"),
    (b'{"everything": {"maybeTrue": 1}}', "everything.maybeTrue"),
    (b'{"everything": {"anything": []}}', "everything.anything"),
    (b'{"everything": {"text": 5}}', "everything.text"),
    (b'{"everything": {"text": {}}}', "everything.text"),
    (b'{"everything": {"text": "\\ud800"}}', "everything.text"),
    (b'{"everything": {"smallNumber": true}}', "everything.smallNumber"),
    (b'{"everything": {"smallNumber": 1.5}}', "everything.smallNumber"),
    (b'{"everything": {"isTrue": "true"}}', "everything.isTrue"),
    (b'{"everything": {"raw": 5}}', "everything.raw"),
    (b'{"everything": {"seenTime": 5}}', "everything.seenTime"),
    (b'{"everything": {"seenTime": "2026-13-01T00:00:00Z"}}', "everything.seenTime"),
    (b'{"everything": {"mask": 5}}', "everything.mask"),
    (b'{"everything": {"where": "x"}}', "everything.where"),
    (b'{"everything": []}', "everything"),
    (b'{"everything": {"counts": {"a": "x"}}}', "everything.counts"),
    (b'{"everything": {"one": "x", "other": 1}}', "everything"),
    (b'{"animalId": "2"}', "animal_id"),
    (b'{"animal_id": "2"}', "animal_id"),
    (b'{"animalId": 1}', "animal_id"),
]


@pytest.mark.parametrize(("body", "field"), BAD_BODIES)
def test_a_body_that_is_refused_names_its_field(body: bytes, field: str | None) -> None:
    if not body:
        assert move(body) == message("MoveRequest", animal_id="1")
        return
    with pytest.raises(Problem) as problem:
        move(body)
    told, description = refusal(problem)
    assert field is None or told == field
    assert "Failed" not in description and "Message type" not in description


def test_a_body_may_repeat_what_the_path_says() -> None:
    assert move({"animalId": "1"}) == move({"animal_id": "1"}) == move({})


def test_with_a_whole_body_there_is_no_query() -> None:
    with pytest.raises(Problem) as problem:
        move({}, query="where.keeper=x")
    assert refusal(problem)[0] == "where.keeper"


def test_a_body_that_is_a_field_leaves_the_rest_to_the_query() -> None:
    feed = match("Feed", 0, {"animal_id": "1"})
    request = decode_request(feed, b"speed=3", b'{"name": "hay", "grams": "5"}')
    food = message("Food", name="hay", grams=5)
    assert request == message("FeedRequest", animal_id="1", food=food, speed=3)
    with pytest.raises(Problem) as problem:
        decode_request(feed, b"food.name=x", b"{}")
    assert refusal(problem)[0] == "food.name"
    with pytest.raises(Problem) as problem:
        decode_request(feed, b"", b'{"colour": 1}')
    assert refusal(problem)[0] == "food.colour"


def test_a_method_without_a_body_takes_none() -> None:
    with pytest.raises(Problem):
        decode_request(match("GetAnimal", 0, {"animal_id": "1"}), b"", b"{}")


def test_a_path_fills_nested_fields() -> None:
    request = get("", **{"animal_id": "1", "where.keeper": "Ann"})
    where = message("Where", keeper="Ann")
    assert request == message("GetAnimalRequest", animal_id="1", where=where)


def test_answers_tell_defaults_and_only_what_is_asked() -> None:
    answer = message("FeedResponse", eaten=message("Food", grams=2**53 + 1))
    assert json.loads(encode(answer)) == {
        "eaten": {"name": "", "grams": "9007199254740993"},
        "keeper": "",
    }
    assert json.loads(encode(answer, "eaten")) == {"name": "", "grams": "9007199254740993"}
    assert encode(message("FeedResponse"), "eaten") == b"null"
    assert b"\n" not in encode(message("Food", name="a\nb"))
