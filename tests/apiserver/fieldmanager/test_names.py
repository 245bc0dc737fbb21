"""What managers are called."""

import pytest

from apiserver.fieldmanager.names import LIMIT, of_user_agent, validate, validate_entries


@pytest.mark.parametrize(
    ("user_agent", "name"),
    [
        pytest.param("kubectl/v1.36.0 (linux/amd64) kubernetes/abc", "kubectl", id="kubectl"),
        pytest.param("Mozilla", "Mozilla", id="no-slash"),
        pytest.param("", "", id="empty"),
        pytest.param("/x", "", id="nothing-before"),
        pytest.param("a\x07b/1", "ab", id="unprintable"),
        pytest.param("x" * 200, "x" * LIMIT, id="long"),
        pytest.param("é" * 100, "é" * 64, id="bytes-count"),
        pytest.param("my tool/1", "my tool", id="space"),
    ],
)
def test_the_user_agent_names_a_manager(user_agent: str, name: str) -> None:
    assert of_user_agent(user_agent) == name
    assert validate(name) == []


@pytest.mark.parametrize(
    ("name", "messages"),
    [
        pytest.param("x" * LIMIT, [], id="limit"),
        pytest.param("x" * (LIMIT + 1), ["Too long: may not be more than 128 bytes"], id="long"),
        pytest.param("é\n", ['Invalid value: "é\n": invalid character U+000A (at position 2)'], id="position-in-bytes"),
    ],
)
def test_names_are_checked(name: str, messages: list[str]) -> None:
    assert [cause.message for cause in validate(name)] == messages


def test_entries_are_checked() -> None:
    causes = validate_entries([{"manager": "ok"}, {"manager": "x" * 129, "subresource": "s" * 257}])
    assert [cause.field for cause in causes] == [
        "metadata.managedFields[1].manager",
        "metadata.managedFields[1].subresource",
    ]
