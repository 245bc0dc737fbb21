"""The form of a ``FakeImage`` (``fakeimages.kubemu.io/v1alpha1``): every field, its rules, its default.

The same models check files and make the schema of the CustomResourceDefinition, so that both know the same fields.
"""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator
from pydantic.alias_generators import to_camel

from kubelet.wishes import WISHES

GROUP = "fakeimages.kubemu.io"
VERSION = "v1alpha1"
API_VERSION = f"{GROUP}/{VERSION}"
KIND = "FakeImage"

_DURATION = r"^([0-9]+(\.[0-9]+)?(ns|us|ms|s|m|h))+$"
_QUANTITY = r"^[0-9]+(\.[0-9]+)?([numkMGTPE]|[KMGTPE]i)?$"


def _readable(wish: str) -> AfterValidator:
    """Check a value as the annotation of that name is."""

    def check(text: str) -> str:
        WISHES[wish].read(text)
        return text

    return AfterValidator(check)


def _as_text(given: Any) -> Any:
    return str(given) if isinstance(given, int | float) and not isinstance(given, bool) else given


Duration = Annotated[str, Field(pattern=_DURATION)]
Quantity = Annotated[str, BeforeValidator(_as_text), Field(pattern=_QUANTITY)]
Path = Annotated[str, Field(pattern=r"^/")]
Failing = Annotated[
    str,
    Field(pattern=r"^((liveness|readiness|startup):)?(always|[0-9][0-9a-z.]*-([0-9][0-9a-z.]*)?)$"),
    _readable("fail-probe"),
]


class _Part(BaseModel):
    model_config = ConfigDict(
        alias_generator=to_camel, validate_by_name=False, extra="forbid", use_attribute_docstrings=True
    )


class HTTPAnswer(_Part):
    """What an HTTP request is answered with."""

    path: Path = "/"
    """The request's path. One that ends with a slash is for everything below it, too."""
    method: str = ""
    """The request's method; any when empty."""
    status: int = Field(200, ge=200, le=599)
    """The status code."""
    headers: dict[str, str] = Field(default_factory=dict)
    """Headers of the answer; Content-Type is text/plain unless it is among them."""
    body: str = ""
    """The body of the answer."""
    delay: Duration = "0s"
    """How long the answer takes."""


class Port(_Part):
    """A port that the container listens on. One without answers takes connections, and reads what comes."""

    port: int = Field(ge=1, le=65535)
    """The port's number."""
    protocol: Literal["TCP", "UDP"] = "TCP"
    """TCP or UDP."""
    http: list[HTTPAnswer] = Field(default_factory=list)
    """Answers to HTTP requests. The longest path that fits counts, and the first of those; nothing fitting is a 404."""
    send: str = ""
    """What is sent when a TCP connection is opened, or as the answer to a datagram."""

    @model_validator(mode="after")
    def _one_protocol(self) -> "Port":
        if self.http and (self.protocol == "UDP" or self.send):
            raise ValueError("http is for a TCP port without send")
        return self


class LogLine(_Part):
    """A line that the container writes, once or again and again."""

    line: str
    """The text."""
    stream: Literal["stdout", "stderr"] = "stdout"
    """Where it goes."""
    after: Duration = "0s"
    """How long after the program's start it is first written."""
    every: Duration = "0s"
    """After how long it is written again, each time; not at all with 0s."""


class Exit(_Part):
    """The end of the container's program by itself."""

    after: Duration = "0s"
    """How long after its start the program ends."""
    code: int = Field(0, ge=0, le=255)
    """The exit code."""


class Pull(_Part):
    """What pulling the image is like."""

    time: Duration = "0s"
    """How long it takes."""
    error: str = ""
    """Why it fails; empty when it does not."""


class Usage(_Part):
    """What a container uses of its node while it runs, unless annotations of its pod say something else."""

    cpu: Quantity = "0"
    """Cores; 0 leaves it to the processes."""
    memory: Quantity = "0"
    """Bytes; 0 leaves it to the processes."""


class FakeImageSpec(_Part):
    """What containers of the image do."""

    references: list[Annotated[str, Field(min_length=1)]] = Field(default_factory=list)
    """Which image references stand for it: with a tag, without one for every tag, with * for anything. By default
    the object's name."""
    ports: list[Port] = Field(default_factory=list)
    """What it listens on."""
    logs: list[LogLine] = Field(default_factory=list)
    """What it writes."""
    start_delay: Duration = "0s"
    """How long its program takes to begin."""
    exit: Exit | None = None
    """When and how its program ends; without it, it runs until it is told to end."""
    fail_probes: list[Failing] = Field(default_factory=list)
    """When its probes fail whatever it answers: always, 10s-30s after its start, readiness:10s-30s."""
    pull: Pull = Field(default_factory=Pull)
    """What pulling it is like."""
    usage: Usage = Field(default_factory=Usage)
    """What it uses."""
    env: dict[str, str] = Field(default_factory=dict)
    """Variables of its environment."""
    entrypoint: list[str] = Field(default_factory=list)
    """What it runs instead of the program described here, such as a shell script."""
    args: list[str] = Field(default_factory=list)
    """The arguments of its entry point, which a pod's args replace."""
    working_dir: Path = "/"
    """Where it runs."""
    user: Annotated[str, BeforeValidator(_as_text)] = "0"
    """Whom it runs as: a number, or a name of its /etc/passwd."""
    files: dict[Path, str] = Field(default_factory=dict)
    """Files by their paths, beside those of a small Linux system with a shell."""
    size: Quantity = "10M"
    """Its size on the node's disk."""
