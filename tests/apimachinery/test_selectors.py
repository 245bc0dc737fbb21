"""Selectors: what parses, what matches, what is refused."""

import pytest

from apimachinery.selectors import (
    SelectorSyntaxError,
    from_label_selector,
    object_operator,
    parse_field_selector,
    parse_label_selector,
)
from apimachinery.types.base import LabelSelector

WEB = {"app": "web", "tier": "front", "size": "10", "empty": ""}


@pytest.mark.parametrize(
    ("text", "matches"),
    [
        ("", True),
        ("   ", True),
        ("app=web", True),
        ("app==web", True),
        (" app = web , tier = front ", True),
        ("app=db", False),
        ("app!=db", True),
        ("app!=web", False),
        ("missing!=x", True),
        ("app", True),
        ("missing", False),
        ("!missing", True),
        ("! app", False),
        ("app in (web,db)", True),
        ("app in (web, db),tier notin (back)", True),
        ("app notin (web)", False),
        ("missing notin (web)", True),
        ("missing in (web)", False),
        ("size>9", True),
        ("size>10", False),
        ("size<11", True),
        ("app>1", False),
        ("missing>1", False),
        ("empty=", True),
        ("app=", False),
        ("empty in ()", True),
        ("app in (,web)", True),
        ("app=web,app=db", False),
        ("example.com/key=v", False),
        ("in=x", False),
    ],
)
def test_label_selectors(text: str, matches: bool) -> None:
    assert parse_label_selector(text).matches(WEB) is matches


@pytest.mark.parametrize(
    "text",
    [
        "app=web,",
        ",app",
        "app=web tier=front",
        "app in web",
        "app in (web",
        "app in (web tier)",
        "=web",
        "app===web",
        "app=!",
        "app gt",
        "app>x",
        "app>",
        "!",
        "!!app",
        "app notin",
        "a b",
        "-app=x",
        "app=-x",
        "app=a b",
        "a/b/c=d",
        "app in (a,(b))",
        f"app={'x' * 64}",
        "app=ü",
    ],
)
def test_what_does_not_parse(text: str) -> None:
    with pytest.raises(SelectorSyntaxError, match=r"."):
        parse_label_selector(text)


def test_a_selector_is_a_value() -> None:
    assert parse_label_selector("b=1,a in (y,x)") == parse_label_selector("a in (x,y), b==1")
    assert parse_label_selector("").empty
    assert not parse_label_selector("a").empty


@pytest.mark.parametrize(
    ("selector", "matches"),
    [
        ({}, True),
        ({"matchLabels": {"app": "web"}}, True),
        ({"matchLabels": {"app": "db"}}, False),
        ({"matchExpressions": [{"key": "app", "operator": "In", "values": ["db", "web"]}]}, True),
        ({"matchExpressions": [{"key": "app", "operator": "NotIn", "values": ["web"]}]}, False),
        ({"matchExpressions": [{"key": "app", "operator": "Exists"}]}, True),
        ({"matchExpressions": [{"key": "app", "operator": "DoesNotExist"}]}, False),
        ({"matchLabels": {"app": "web"}, "matchExpressions": [{"key": "x", "operator": "Exists"}]}, False),
    ],
)
def test_selectors_in_objects(selector: dict[str, object], matches: bool) -> None:
    found = from_label_selector(LabelSelector.model_validate(selector))
    assert found is not None
    assert found.matches(WEB) is matches


def test_no_selector_selects_nothing() -> None:
    assert from_label_selector(None) is None


@pytest.mark.parametrize(
    ("text", "equality"),
    [
        ("app=web", ("app", "web")),
        ("app in (web)", ("app", "web")),
        ("app in (web,db)", None),
        ("app!=web", None),
        ("app", None),
        ("app=web,tier=front", None),
        ("", None),
    ],
)
def test_what_is_no_more_than_an_equality(text: str, equality: tuple[str, str] | None) -> None:
    assert parse_label_selector(text).equality == equality


def test_an_unknown_operator_is_named() -> None:
    with pytest.raises(SelectorSyntaxError, match='"Near" is not a valid label selector operator'):
        object_operator("Near")


POD_FIELDS = {"metadata.name": "web-1", "spec.nodeName": "", "status.phase": "Running", "odd": "a,b=c\\d"}


@pytest.mark.parametrize(
    ("text", "matches"),
    [
        ("", True),
        ("metadata.name=web-1", True),
        ("metadata.name==web-1", True),
        ("metadata.name!=web-1", False),
        ("spec.nodeName=", True),
        ("spec.nodeName!=", False),
        ("status.phase=Running,metadata.name=web-1", True),
        ("status.phase=Running,metadata.name=web-2", False),
        ("unknown=", True),
        (r"odd=a\,b\=c\\d", True),
    ],
)
def test_field_selectors(text: str, matches: bool) -> None:
    assert parse_field_selector(text).matches(POD_FIELDS) is matches


@pytest.mark.parametrize("text", ["metadata.name", "a=b,c", "metadata.name>1"])
def test_field_selectors_that_do_not_parse(text: str) -> None:
    with pytest.raises(SelectorSyntaxError, match="invalid selector"):
        parse_field_selector(text)


def test_the_exact_value_of_a_field_is_known() -> None:
    selector = parse_field_selector("spec.nodeName=n1,status.phase!=Failed")
    assert selector.exact("spec.nodeName") == "n1"
    assert selector.exact("status.phase") is None
    selector.check_supported({"spec.nodeName", "status.phase"})
    with pytest.raises(SelectorSyntaxError, match=r'"status\.phase" is not a known field selector'):
        selector.check_supported({"spec.nodeName"})
