"""What a name, a label and an annotation key may look like.

Each check returns upstream's messages, empty when the text is fine. Follows
``k8s.io/apimachinery/pkg/util/validation`` (v0.36).
"""

import re

_LABEL = r"[a-z0-9]([-a-z0-9]*[a-z0-9])?"
_SUBDOMAIN = rf"{_LABEL}(\.{_LABEL})*"
_QUALIFIED = r"([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]"
_VALUE = rf"({_QUALIFIED})?"

_LABEL_RE = re.compile(_LABEL)
_SUBDOMAIN_RE = re.compile(_SUBDOMAIN)
_QUALIFIED_RE = re.compile(_QUALIFIED)
_VALUE_RE = re.compile(_VALUE)
_ENV_VAR_RE = re.compile(r"[ -<>-~]+")

LABEL_MAX = 63
SUBDOMAIN_MAX = 253


def _pattern_error(message: str, pattern: str, *examples: str) -> str:
    # Upstream's comma before each "or", and the space too many, are what clients compare with.
    shown = " or ".join(f"'{example}', " for example in examples)
    return f"{message} (e.g. {shown}regex used for validation is '{pattern}')"


def _max_length(limit: int) -> str:
    return f"must be no more than {limit} bytes"


def dns_label(text: str) -> list[str]:
    """RFC 1123 label: names of namespaces, containers, volumes."""
    problems: list[str] = []
    if len(text) > LABEL_MAX:
        problems.append(_max_length(LABEL_MAX))
    if not _LABEL_RE.fullmatch(text):
        problems.append(
            _pattern_error(
                "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must "
                "start and end with an alphanumeric character",
                _LABEL,
                "my-name",
                "123-abc",
            )
        )
    return problems


def dns_subdomain(text: str) -> list[str]:
    """RFC 1123 subdomain: names of most objects."""
    problems: list[str] = []
    if len(text) > SUBDOMAIN_MAX:
        problems.append(_max_length(SUBDOMAIN_MAX))
    if not _SUBDOMAIN_RE.fullmatch(text):
        problems.append(
            _pattern_error(
                "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', "
                "and must start and end with an alphanumeric character",
                _SUBDOMAIN,
                "example.com",
            )
        )
    return problems


def qualified_name(text: str) -> list[str]:
    """Keys of labels, annotations and taints: a name with an optional DNS prefix before a slash."""
    problems: list[str] = []
    prefix, slash, name = text.rpartition("/")
    if slash:
        if not prefix:
            problems.append("prefix part must be non-empty")
        else:
            problems += [f"prefix part {problem}" for problem in dns_subdomain(prefix)]
        if "/" in prefix:
            return [
                _pattern_error(
                    "a qualified name must consist of alphanumeric characters, '-', '_' or '.', and must start "
                    "and end with an alphanumeric character",
                    _QUALIFIED,
                    "MyName",
                    "my.name",
                    "123-abc",
                )
                + " with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')"
            ]
    if not name:
        problems.append("name part must be non-empty")
    elif len(name) > LABEL_MAX:
        problems.append(f"name part {_max_length(LABEL_MAX)}")
    if not _QUALIFIED_RE.fullmatch(name):
        problems.append(
            "name part "
            + _pattern_error(
                "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an "
                "alphanumeric character",
                _QUALIFIED,
                "MyName",
                "my.name",
                "123-abc",
            )
        )
    return problems


def label_value(text: str) -> list[str]:
    """Values of labels and selectors; the empty string is one."""
    problems: list[str] = []
    if len(text) > LABEL_MAX:
        problems.append(_max_length(LABEL_MAX))
    if not _VALUE_RE.fullmatch(text):
        problems.append(
            _pattern_error(
                "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', "
                "and must start and end with an alphanumeric character",
                _VALUE,
                "MyValue",
                "my_value",
                "12345",
            )
        )
    return problems


def path_segment(text: str) -> list[str]:
    """What any object's name must at least be, to have a place in a URL path."""
    if text in {".", ".."}:
        return [f"may not be '{text}'"]
    return [f"may not contain '{illegal}'" for illegal in ("/", "%") if illegal in text]


def env_var_name(text: str) -> list[str]:
    """Names of environment variables, in the relaxed form of v1.34 and later: printable ASCII but ``=``."""
    if not _ENV_VAR_RE.fullmatch(text):
        return ["a valid environment variable name must consist only of printable ASCII characters other than '='"]
    return []


def port_name(text: str) -> list[str]:
    """IANA service names: at most 15 characters, a letter among them, no doubled or outer hyphens."""
    problems: list[str] = []
    if len(text) > 15:
        problems.append("must be no more than 15 characters long")
    if not re.fullmatch(r"[-a-z0-9]+", text):
        problems.append("must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)")
    if not re.search(r"[a-z]", text):
        problems.append("must contain at least one letter (a-z)")
    if "--" in text:
        problems.append("must not contain consecutive hyphens")
    if text.startswith("-") or text.endswith("-"):
        problems.append("must not begin or end with a hyphen")
    return problems
