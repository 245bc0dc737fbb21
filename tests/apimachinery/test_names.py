"""What may be a name, a label, a port's name."""

from collections.abc import Callable

import pytest

from apimachinery import names


@pytest.mark.parametrize(
    ("check", "text"),
    [
        (names.dns_label, "a"),
        (names.dns_label, "123-abc"),
        (names.dns_label, "a" * 63),
        (names.dns_subdomain, "node-1.example.com"),
        (names.dns_subdomain, "a" * 253),
        (names.qualified_name, "app"),
        (names.qualified_name, "App_Name.v1-x"),
        (names.qualified_name, "example.com/MyName"),
        (names.qualified_name, f"{'a' * 253}/{'b' * 63}"),
        (names.label_value, ""),
        (names.label_value, "v1.2_3-X"),
        (names.path_segment, "system:node"),
        (names.env_var_name, "HOME"),
        (names.env_var_name, "odd name-with.things"),
        (names.port_name, "http"),
        (names.port_name, "a-1"),
    ],
)
def test_fine(check: Callable[[str], list[str]], text: str) -> None:
    assert check(text) == []


@pytest.mark.parametrize(
    ("check", "text", "said"),
    [
        (names.dns_label, "", "a lowercase RFC 1123 label must consist of"),
        (names.dns_label, "A", "a lowercase RFC 1123 label must consist of"),
        (names.dns_label, "a.b", "a lowercase RFC 1123 label must consist of"),
        (names.dns_label, "-a", "a lowercase RFC 1123 label must consist of"),
        (names.dns_label, "a-", "a lowercase RFC 1123 label must consist of"),
        (names.dns_label, "a\n", "a lowercase RFC 1123 label must consist of"),
        (names.dns_label, "a" * 64, "must be no more than 63 bytes"),
        (names.dns_subdomain, "a..b", "a lowercase RFC 1123 subdomain must consist of"),
        (names.dns_subdomain, "a" * 254, "must be no more than 253 bytes"),
        (names.qualified_name, "", "name part must be non-empty"),
        (names.qualified_name, "/a", "prefix part must be non-empty"),
        (names.qualified_name, "example.com/", "name part must be non-empty"),
        (names.qualified_name, "a/b/c", "a qualified name must consist of"),
        (names.qualified_name, "Example.com/a", "prefix part a lowercase RFC 1123 subdomain"),
        (names.qualified_name, "a b", "name part must consist of"),
        (names.qualified_name, "b" * 64, "name part must be no more than 63 bytes"),
        (names.label_value, "-", "a valid label must be an empty string or consist of"),
        (names.label_value, "a" * 64, "must be no more than 63 bytes"),
        (names.path_segment, ".", "may not be '.'"),
        (names.path_segment, "..", "may not be '..'"),
        (names.path_segment, "a/b", "may not contain '/'"),
        (names.path_segment, "50%", "may not contain '%'"),
        (names.env_var_name, "", "a valid environment variable name must consist only of printable ASCII"),
        (names.env_var_name, "a=b", "a valid environment variable name must consist only of printable ASCII"),
        (names.env_var_name, "é", "a valid environment variable name must consist only of printable ASCII"),
        (names.port_name, "", "must contain at least one letter"),
        (names.port_name, "80", "must contain at least one letter"),
        (names.port_name, "a--b", "must not contain consecutive hyphens"),
        (names.port_name, "-a", "must not begin or end with a hyphen"),
        (names.port_name, "HTTP", "must contain only alpha-numeric characters (a-z, 0-9)"),
        (names.port_name, "a" * 16, "must be no more than 15 characters long"),
    ],
)
def test_refused(check: Callable[[str], list[str]], text: str, said: str) -> None:
    assert any(message.startswith(said) for message in check(text)), check(text)


def test_the_whole_message_is_upstreams() -> None:
    assert names.dns_label("A b") == [
        "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and "
        "end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is "
        "'[a-z0-9]([-a-z0-9]*[a-z0-9])?')"
    ]
    assert names.dns_subdomain("A b") == [
        "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must "
        "start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is "
        r"'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
    ]
