"""The rules of `google.api.http`, as a table: templates, and the paths that they match."""

import pytest
from ticketonomics_gateway.http_rules import Paths, Template, TemplateError, unescape

MATCHES = [
    # template, path, values
    ("/v1/status", "/v1/status", {}),
    ("/v1/people/{id}", "/v1/people/abc", {"id": "abc"}),
    ("/v1/people/{id=*}", "/v1/people/abc", {"id": "abc"}),
    ("/v1/{a.b.c}/x", "/v1/y/x", {"a.b.c": "y"}),
    ("/v1/*/x/{id}", "/v1/any/x/1", {"id": "1"}),
    ("/v1/people/{id}:block", "/v1/people/abc:block", {"id": "abc"}),
    ("/v1/people:lookUp", "/v1/people:lookUp", {}),
    ("/v1/{name=shelves/*}", "/v1/shelves/1", {"name": "shelves/1"}),
    ("/v1/{name=shelves/*/books/*}", "/v1/shelves/1/books/2", {"name": "shelves/1/books/2"}),
    ("/v1/{a=x/*}/{b=y/*}", "/v1/x/1/y/2", {"a": "x/1", "b": "y/2"}),
    (
        "/v1/balances/{asset}/{account=**}",
        "/v1/balances/B/users/1",
        {"asset": "B", "account": "users/1"},
    ),
    ("/v1/{path=**}", "/v1/a/b/c", {"path": "a/b/c"}),
    ("/v1/{path=**}:map", "/v1/a/b/c:map", {"path": "a/b/c"}),
    ("/v1/{path=files/**}", "/v1/files/a/b", {"path": "files/a/b"}),
    # `**` is zero or more segments.
    ("/v1/places/{path=**}", "/v1/places", {"path": ""}),
    ("/v1/**", "/v1/whatever/there/is", {}),
    # A colon belongs to the value where no verb is known, and with a verb only the last one counts.
    ("/v1/people/{id}", "/v1/people/abc:unknown", {"id": "abc:unknown"}),
    ("/v1/people/{id}:block", "/v1/people/a:b:block", {"id": "a:b"}),
    # Percent-encoding: one segment decodes all, several keep what would separate them.
    ("/v1/people/{id}", "/v1/people/a%20b", {"id": "a b"}),
    ("/v1/people/{id}", "/v1/people/a%2Fb%2fc", {"id": "a/b/c"}),
    ("/v1/people/{id}", "/v1/people/%D0%AF%3A", {"id": "Я:"}),
    ("/v1/people/{id}", "/v1/people/a%3Ablock", {"id": "a:block"}),
    ("/v1/people/{id}", "/v1/people/a+b", {"id": "a+b"}),
    ("/v1/people/{id}", "/v1/people/100%2525", {"id": "100%25"}),
    ("/v1/{path=**}", "/v1/a%20b/c%2Fd%2fe", {"path": "a b/c%2Fd%2fe"}),
    ("/v1/{name=x/*}", "/v1/x/a%2Fb", {"name": "x/a%2Fb"}),
    ("/v1/people/{id}", "/v1/p%65ople/1", {"id": "1"}),
]
MISSES = [
    ("/v1/people/{id}", "/v1/people"),
    ("/v1/people/{id}", "/v1/people/"),
    ("/v1/people/{id}", "/v1/people/a/b"),
    ("/v1/people/{id}", "/v1//people/a"),
    ("/v1/people/{id}", "v1/people/a"),
    ("/v1/people/{id}", ""),
    ("/v1/people/{id}", "/"),
    ("/v1/people/{id}:block", "/v1/people/abc"),
    ("/v1/people/{id}:block", "/v1/people/:block"),
    ("/v1/people:lookUp", "/v1/people"),
    ("/v1/people:lookUp", "/v1/people%3AlookUp"),
    ("/v1/{name=shelves/*}", "/v1/books/1"),
    ("/v1/{path=**}", "/v1/a//b"),
    ("/v1/status", "/v1/Status"),
    ("/v1/status", "/v1/status/"),
]
MALFORMED = [
    "",
    "v1/people",
    "/",
    "/v1//people",
    "/v1/people/",
    "/v1/{id",
    "/v1/{}",
    "/v1/{1d}",
    "/v1/{id=}",
    "/v1/{a={b}}",
    "/v1/{a}/{a}",
    "/v1/**/x",
    "/v1/{a=**}/{b}",
    "/v1/x:",
    "/v1/x:a:b",
    "/v1/x y",
    "/v1/{a.}",
]


def matches(template: str, path: str) -> list[dict[str, str]]:
    paths: Paths[Template] = Paths()
    parsed = Template.parse(template)
    paths.add(parsed, parsed)
    return [
        {one.field_path: one.value(segments) for one in found.variables}
        for segments, found in paths.find(path)
    ]


@pytest.mark.parametrize(("template", "path", "values"), MATCHES)
def test_a_path_that_matches(template: str, path: str, values: dict[str, str]) -> None:
    assert matches(template, path) == [values]


@pytest.mark.parametrize(("template", "path"), MISSES)
def test_a_path_that_does_not_match(template: str, path: str) -> None:
    assert matches(template, path) == []


@pytest.mark.parametrize("template", MALFORMED)
def test_a_template_that_breaks_the_grammar(template: str) -> None:
    with pytest.raises(TemplateError):
        Template.parse(template)


def test_literals_win_over_one_segment_and_that_over_many() -> None:
    paths: Paths[str] = Paths()
    for template in ("/v1/{path=**}", "/v1/{one}", "/v1/known", "/v1/{one}/{two}"):
        paths.add(Template.parse(template), template)
    assert [value for _, value in paths.find("/v1/known")] == [
        "/v1/known",
        "/v1/{one}",
        "/v1/{path=**}",
    ]
    assert [value for _, value in paths.find("/v1/other")] == ["/v1/{one}", "/v1/{path=**}"]
    assert [value for _, value in paths.find("/v1/a/b")] == ["/v1/{one}/{two}", "/v1/{path=**}"]
    assert [value for _, value in paths.find("/v1/a/b/c")] == ["/v1/{path=**}"]


def test_a_path_goes_back_where_a_literal_leads_nowhere() -> None:
    paths: Paths[str] = Paths()
    for template in ("/v1/known/only", "/v1/{one}/other"):
        paths.add(Template.parse(template), template)
    assert [value for _, value in paths.find("/v1/known/other")] == ["/v1/{one}/other"]


def test_a_known_verb_wins_over_the_same_text_in_a_value() -> None:
    paths: Paths[str] = Paths()
    for template in ("/v1/people/{id}", "/v1/people/{id}:block"):
        paths.add(Template.parse(template), template)
    assert [value for _, value in paths.find("/v1/people/a:block")] == ["/v1/people/{id}:block"]
    assert [value for _, value in paths.find("/v1/people/a%3Ablock")] == ["/v1/people/{id}"]


@pytest.mark.parametrize("text", ["%", "%2", "%zz", "a%", "%ff", "%C3%28", "%ED%A0%80"])
def test_what_is_no_percent_encoding_of_utf_8_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"percent|%"):
        unescape(text)
