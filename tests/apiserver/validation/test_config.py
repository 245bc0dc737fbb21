"""ConfigMaps and Secrets that are refused, and in which words."""

import base64
import json

import pytest

from apiserver.registry.config import ConfigMapStrategy, SecretStrategy, ServiceAccountStrategy
from apiserver.registry.strategy import Strategy
from tests.apiserver.objects import JSONObject
from tests.apiserver.validation.causes import lines

KEY = (
    "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  "
    "or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')"
)
FROZEN = "Forbidden: field is immutable when `immutable` is set"
MEBIBYTE = 1024 * 1024


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def checked(strategy: Strategy, obj: JSONObject) -> list[str]:
    obj = {"metadata": {"name": "c"}, **obj}
    strategy.default(obj)
    strategy.prepare_for_create(obj)
    return lines(strategy.validate(obj))


def changed(strategy: Strategy, old: JSONObject, new: JSONObject) -> list[str]:
    old, new = {"metadata": {}, **old}, {"metadata": {}, **new}
    for obj in (old, new):
        strategy.default(obj)
    strategy.prepare_for_update(new, old)
    return lines(strategy.validate_update(new, old))


@pytest.mark.parametrize(
    ("obj", "expected"),
    [
        pytest.param({}, [], id="empty"),
        pytest.param({"data": {"a/b": "x"}}, [f'data[a/b]: Invalid value: "a/b": {KEY}'], id="key"),
        pytest.param({"data": {"..": "x"}}, ["data[..]: Invalid value: \"..\": must not be '..'"], id="two dots"),
        pytest.param(
            {"data": {"..a": "x"}},
            ["data[..a]: Invalid value: \"..a\": must not start with '..'"],
            id="two dots and more",
        ),
        pytest.param(
            {"data": {"a": "x"}, "binaryData": {"a": encoded("x")}},
            ['data[a]: Invalid value: "a": duplicate of key present in binaryData'],
            id="one key twice",
        ),
        pytest.param({"data": {"a": "x" * MEBIBYTE}}, [], id="the limit"),
        pytest.param(
            {"data": {"a": "x" * MEBIBYTE}, "binaryData": {"b": encoded("x")}},
            [": Too long: may not be more than 1048576 bytes"],
            id="beyond the limit",
        ),
        pytest.param(
            {"binaryData": {"a": "x*"}},
            ['binaryData[a]: Invalid value: "x*": illegal base64 data at input byte 1'],
            id="no base64",
        ),
    ],
)
def test_config_maps(obj: JSONObject, expected: list[str]) -> None:
    assert checked(ConfigMapStrategy(), obj) == expected


@pytest.mark.parametrize(
    ("new", "expected"),
    [
        pytest.param({"immutable": True, "data": {"a": "1"}}, [], id="the same"),
        pytest.param({"data": {"a": "1"}}, [f"immutable: {FROZEN}"], id="no longer immutable"),
        pytest.param({"immutable": True, "data": {"a": "2"}}, [f"data: {FROZEN}"], id="another value"),
        pytest.param(
            {"immutable": True, "data": {"a": "1"}, "binaryData": {"b": "eA=="}},
            [f"binaryData: {FROZEN}"],
            id="a value more",
        ),
    ],
)
def test_immutable_config_maps(new: JSONObject, expected: list[str]) -> None:
    assert changed(ConfigMapStrategy(), {"immutable": True, "data": {"a": "1"}}, new) == expected


@pytest.mark.parametrize(
    ("kind", "data", "expected"),
    [
        pytest.param("", {"a": "x"}, [], id="opaque"),
        pytest.param("example.com/own", {}, [], id="a type of one's own"),
        pytest.param("kubernetes.io/tls", {}, ["data[tls.crt]", "data[tls.key]"], id="tls"),
        pytest.param("kubernetes.io/tls", {"tls.crt": "", "tls.key": ""}, [], id="tls with empty values"),
        pytest.param("kubernetes.io/basic-auth", {}, ["data[username]", "data[password]"], id="basic auth"),
        pytest.param("kubernetes.io/basic-auth", {"username": "a"}, [], id="basic auth with half of it"),
        pytest.param("kubernetes.io/ssh-auth", {"ssh-privatekey": ""}, ["data[ssh-privatekey]"], id="ssh"),
        pytest.param("kubernetes.io/dockercfg", {}, ["data[.dockercfg]"], id="dockercfg"),
        pytest.param("kubernetes.io/dockerconfigjson", {}, ["data[.dockerconfigjson]"], id="dockerconfigjson"),
        pytest.param(
            "kubernetes.io/dockerconfigjson",
            {".dockerconfigjson": json.dumps({"auths": {}})},
            [],
            id="dockerconfigjson with content",
        ),
        pytest.param(
            "kubernetes.io/service-account-token",
            {},
            ["metadata.annotations[kubernetes.io/service-account.name]"],
            id="token of nobody",
        ),
    ],
)
def test_secrets_need_the_keys_of_their_type(kind: str, data: dict[str, str], expected: list[str]) -> None:
    problems = checked(SecretStrategy(), {"type": kind, "stringData": data})
    assert problems == [f"{field}: Required value" for field in expected]


def test_content_of_docker_configs_is_not_shown() -> None:
    problems = checked(
        SecretStrategy(), {"type": "kubernetes.io/dockerconfigjson", "stringData": {".dockerconfigjson": "hunter2"}}
    )
    assert len(problems) == 1
    assert problems[0].startswith('data[.dockerconfigjson]: Invalid value: "<secret contents redacted>": ')
    assert "hunter2" not in problems[0]


def test_string_data_is_merged_into_data() -> None:
    secret: JSONObject = {"data": {"a": encoded("1"), "b": encoded("2")}, "stringData": {"b": "3", "c": "ü"}}
    SecretStrategy().default(secret)
    assert secret == {"type": "Opaque", "data": {"a": encoded("1"), "b": encoded("3"), "c": encoded("ü")}}


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        pytest.param({"a": encoded("x" * MEBIBYTE)}, [], id="the limit"),
        pytest.param(
            {"a": encoded("x" * MEBIBYTE), "b": encoded("x")},
            ["data: Too long: may not be more than 1048576 bytes"],
            id="beyond the limit",
        ),
        pytest.param({"a b": ""}, [f'data[a b]: Invalid value: "a b": {KEY}'], id="key"),
    ],
)
def test_secrets(data: JSONObject, expected: list[str]) -> None:
    assert checked(SecretStrategy(), {"data": data}) == expected


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        pytest.param({"type": "a"}, {"type": "b"}, ['type: Invalid value: "b": field is immutable'], id="another type"),
        pytest.param({}, {"type": "Opaque"}, [], id="the default type"),
        pytest.param(
            {"immutable": True, "data": {"a": "eA=="}},
            {"immutable": True, "stringData": {"a": "y"}},
            [f"data: {FROZEN}"],
            id="another value",
        ),
        pytest.param({"immutable": True}, {"immutable": False}, [f"immutable: {FROZEN}"], id="no longer immutable"),
    ],
)
def test_changed_secrets(old: JSONObject, new: JSONObject, expected: list[str]) -> None:
    assert changed(SecretStrategy(), old, new) == expected


def test_service_accounts_keep_of_secrets_the_names() -> None:
    account: JSONObject = {"metadata": {}, "secrets": [{"name": "a", "namespace": "b", "kind": "Secret"}]}
    ServiceAccountStrategy().prepare_for_create(account)
    assert account["secrets"] == [{"name": "a"}]
