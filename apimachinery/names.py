"""What a name, a label and an annotation key may look like.

Each check returns upstream's messages, empty when the text is fine. Follows
``k8s.io/apimachinery/pkg/util/validation`` (v0.36).
"""

import re
from functools import lru_cache

_LABEL = r"[a-z0-9]([-a-z0-9]*[a-z0-9])?"
_SUBDOMAIN = rf"{_LABEL}(\.{_LABEL})*"
_QUALIFIED = r"([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]"
_VALUE = rf"({_QUALIFIED})?"

_LABEL_RE = re.compile(_LABEL)
_SUBDOMAIN_RE = re.compile(_SUBDOMAIN)
_QUALIFIED_RE = re.compile(_QUALIFIED)
_VALUE_RE = re.compile(_VALUE)
_ENV_VAR_RE = re.compile(r"[ -<>-~]+")
_LABEL_1035 = r"[a-z]([-a-z0-9]*[a-z0-9])?"
_LABEL_1035_RE = re.compile(_LABEL_1035)
_WILDCARD = rf"\*\.{_SUBDOMAIN}"
_WILDCARD_RE = re.compile(_WILDCARD)
_CONFIG_KEY = r"[-._a-zA-Z0-9]+"
_CONFIG_KEY_RE = re.compile(_CONFIG_KEY)
_PERCENT = r"[0-9]+%"
_PERCENT_RE = re.compile(_PERCENT, re.ASCII)
_HTTP_PATH_RE = re.compile(r"[A-Za-z0-9/\-._~%!$&'()*+,;=:]+")

GENERATED_LETTERS = "bcdfghjklmnpqrstvwxz2456789"
"""What the generated part of a name is made of: none makes a word with the others, or is taken for another."""

LABEL_MAX = 63
SUBDOMAIN_MAX = 253
_REMEMBERED = 128
"""How long a key may be of which it is remembered whether anything is wrong with it."""


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


def dns_label_1035(text: str) -> list[str]:
    """RFC 1035 label, which begins with a letter: names of services."""
    problems: list[str] = []
    if len(text) > LABEL_MAX:
        problems.append(_max_length(LABEL_MAX))
    if not _LABEL_1035_RE.fullmatch(text):
        problems.append(
            _pattern_error(
                "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an "
                "alphabetic character, and end with an alphanumeric character",
                _LABEL_1035,
                "my-name",
                "abc-123",
            )
        )
    return problems


def wildcard_subdomain(text: str) -> list[str]:
    """A subdomain behind ``*.``: hosts of ingresses."""
    problems: list[str] = []
    if len(text) > SUBDOMAIN_MAX:
        problems.append(_max_length(SUBDOMAIN_MAX))
    if not _WILDCARD_RE.fullmatch(text):
        problems.append(
            _pattern_error(
                "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must "
                "consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character",
                _WILDCARD,
                "*.example.com",
            )
        )
    return problems


def fully_qualified_name(text: str) -> list[str]:
    """A subdomain of at least three labels: names of webhooks."""
    if not text:
        return ["must not be empty"]
    if problems := dns_subdomain(text):
        return problems
    if text.count(".") < 2:
        return ["should be a domain with at least three segments separated by dots"]
    return []


def domain_prefixed_path(text: str) -> list[str]:
    """A domain and a path behind a slash, such as ``example.com/ingress-controller``."""
    domain, slash, path = text.partition("/")
    if not slash or not domain or not path:
        return ['must be a domain-prefixed path (such as "acme.io/foo")']
    problems = dns_subdomain(domain)
    if not _HTTP_PATH_RE.fullmatch(path):
        problems.append(f"Invalid path (regex used for validation is '{_HTTP_PATH_RE.pattern}')")
    return problems


def config_key(text: str) -> list[str]:
    """Keys of config maps and secrets, which become names of files."""
    problems: list[str] = []
    if len(text) > SUBDOMAIN_MAX:
        problems.append(_max_length(SUBDOMAIN_MAX))
    if not _CONFIG_KEY_RE.fullmatch(text):
        problems.append(
            _pattern_error(
                "a valid config key must consist of alphanumeric characters, '-', '_' or '.'",
                _CONFIG_KEY,
                "key.name",
                "KEY_NAME",
                "key-name",
            )
        )
    if text in {".", ".."}:
        problems.append(f"must not be '{text}'")
    elif text.startswith(".."):
        problems.append("must not start with '..'")
    return problems


def percent(text: str) -> list[str]:
    """A share of a whole: ``25%``."""
    if not _PERCENT_RE.fullmatch(text):
        return [
            _pattern_error(
                "a valid percent string must be a numeric string followed by an ending '%'", _PERCENT, "1%", "93%"
            )
        ]
    return []


def qualified_name(text: str) -> list[str]:
    """Keys of labels, annotations and taints: a name with an optional DNS prefix before a slash."""
    return [] if len(text) <= _REMEMBERED and _is_qualified_name(text) else _qualified_name_problems(text)


@lru_cache(maxsize=4096)
def _is_qualified_name(text: str) -> bool:
    """Whether nothing is wrong with a key; remembered, since the same few keys come again and again."""
    return not _qualified_name_problems(text)


def _qualified_name_problems(text: str) -> list[str]:
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


def is_native_resource(name: str) -> bool:
    """Whether a resource's name is one of Kubernetes' own."""
    return "/" not in name or "kubernetes.io/" in name


def is_extended_resource(name: str) -> bool:
    """Whether a resource is one that only some nodes have, by its name (``IsExtendedResourceName``)."""
    return not is_native_resource(name) and not name.startswith("requests.") and not qualified_name(f"requests.{name}")


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
