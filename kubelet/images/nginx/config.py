"""nginx's configuration: its text as directives, and what of them is followed: servers, locations, upstreams."""

import functools
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

MAIN = "/etc/nginx/nginx.conf"

_TOKEN = re.compile(
    r"""
    \s+ | \#[^\n]*
    | (?P<mark>[{};])
    | "(?P<double>(?:[^"\\]|\\.)*)"
    | '(?P<single>(?:[^'\\]|\\.)*)'
    | (?P<word>[^\s{};]+)
    """,
    re.VERBOSE,
)
_INCLUDED = re.compile(r"[*?]")


class BadConfig(Exception):
    """The configuration cannot be used; the text is nginx's, without its head."""


@dataclass(frozen=True, slots=True)
class Directive:
    """A line of the configuration, and the block behind it, if any."""

    name: str
    arguments: Sequence[str]
    block: Sequence["Directive"] | None = None


@functools.lru_cache(maxsize=64)
def parse(text: str, path: str) -> Sequence[Directive]:
    """Return the directives of a text; raise :class:`BadConfig`. ``path`` is for messages.

    Remembered, since the pods of a Deployment all have the same.
    """
    tokens = [_token(found) for found in _TOKEN.finditer(text) if found.lastgroup]
    directives, end = _block(tokens, 0, path, inner=False)
    assert end == len(tokens)
    return tuple(directives)


def _token(found: re.Match[str]) -> tuple[str, bool]:
    """Return a token's text, and whether it is a mark."""
    if found["mark"]:
        return found["mark"], True
    quoted = found["double"] if found["double"] is not None else found["single"]
    return (re.sub(r"\\(.)", r"\1", quoted.replace("\\n", "\n")) if quoted is not None else found["word"]), False


def _block(tokens: Sequence[tuple[str, bool]], start: int, path: str, *, inner: bool) -> tuple[list[Directive], int]:
    directives: list[Directive] = []
    words: list[str] = []
    place = start
    while place < len(tokens):
        text, is_mark = tokens[place]
        place += 1
        if not is_mark:
            words.append(text)
        elif text == "}":
            if words or not inner:
                raise BadConfig(f'unexpected "}}" in {path}')
            return directives, place
        elif not words:
            raise BadConfig(f'unexpected "{text}" in {path}')
        elif text == ";":
            directives.append(Directive(words[0], words[1:]))
            words = []
        else:
            block, place = _block(tokens, place, path, inner=True)
            directives.append(Directive(words[0], words[1:], block))
            words = []
    if words:
        raise BadConfig(f'unexpected end of file, expecting ";" or "}}" in {path}')
    if inner:
        raise BadConfig(f'unexpected end of file, expecting "}}" in {path}')
    return directives, place


@dataclass(slots=True)
class Location:
    """What is done about requests below ``path``, or to it alone when ``exact``. Empty texts are not given."""

    path: str = "/"
    exact: bool = False
    root: str = ""
    alias: str = ""
    proxy: str = ""
    status: int = 0
    text: str = ""
    content_type: str = ""
    listing: bool = False
    tries: Sequence[str] = ()
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Server:
    """``ports`` that it listens on, ``names`` that it is asked by; locations in the order in which they are tried."""

    ports: list[int]
    names: list[str]
    locations: list[Location]


@dataclass(slots=True)
class Config:
    servers: list[Server] = field(default_factory=list)
    upstreams: dict[str, list[str]] = field(default_factory=dict)
    """Places (``host:port``) by the name of their group."""


def read_config(read: Callable[[str], str], find: Callable[[str], Sequence[str]], path: str, root: str) -> Config:
    """Return what a file and those it includes say; raise :class:`BadConfig`.

    ``read`` returns a file's text or raises ``OSError``; ``find`` the paths that fit a pattern. ``root`` is where
    files come from that nothing else is said about.
    """
    config = Config()

    def load(file: str, depth: int = 0) -> Sequence[Directive]:
        try:
            directives = parse(read(file), file)
        except OSError as error:
            raise BadConfig(f'open() "{file}" failed ({error.errno}: {error.strerror})') from error
        return _expanded(directives, depth)

    def _expanded(directives: Sequence[Directive], depth: int) -> list[Directive]:
        found: list[Directive] = []
        for directive in directives:
            if directive.name == "include" and directive.arguments and depth < 10:
                pattern = directive.arguments[0]
                pattern = pattern if pattern.startswith("/") else f"/etc/nginx/{pattern}"
                for file in find(pattern) if _INCLUDED.search(pattern) else [pattern]:
                    if not file.endswith("mime.types"):
                        found += load(file, depth + 1)
            elif directive.block is not None:
                block = _expanded(directive.block, depth)
                found.append(Directive(directive.name, directive.arguments, block))
            else:
                found.append(directive)
        return found

    for http in _named(load(path), "http"):
        for group in _named(http.block or (), "upstream"):
            places = [place.arguments[0] for place in _named(group.block or (), "server") if place.arguments]
            config.upstreams[group.arguments[0] if group.arguments else ""] = places
        config.servers += [_server(server.block or (), root) for server in _named(http.block or (), "server")]
    return config


def _named(directives: Sequence[Directive], name: str) -> list[Directive]:
    return [directive for directive in directives if directive.name == name]


def _server(block: Sequence[Directive], root: str) -> Server:
    ports: list[int] = []
    names: list[str] = []
    for directive in _named(block, "listen"):
        if not any(word.startswith(("unix:", "[")) for word in directive.arguments[:1]):
            text = directive.arguments[0].rpartition(":")[2] if directive.arguments else ""
            ports.append(int(text) if text.isdigit() else 80)
    for directive in _named(block, "server_name"):
        names += directive.arguments
    whole = _apply(Location(root=root), block)
    locations = [
        _apply(
            Location(directive.arguments[-1], "=" in directive.arguments[:-1], whole.root, headers={**whole.headers}),
            directive.block or (),
        )
        for directive in _named(block, "location")
        # Regular expressions are left to the real one.
        if directive.arguments and directive.arguments[0] not in {"~", "~*"}
    ]
    locations.sort(key=lambda location: (not location.exact, -len(location.path)))
    return Server(list(dict.fromkeys(ports)) or [80], names, [*locations, whole])


def _apply(location: Location, block: Sequence[Directive]) -> Location:
    for directive in block:
        given = list(directive.arguments)
        match directive.name, given:
            case "root", [path]:
                location.root = path.rstrip("/")
            case "alias", [path]:
                location.alias = path
            case "proxy_pass", [url]:
                location.proxy = url
            case "return", [code, *text] if code.isdigit():
                location.status, location.text = int(code), " ".join(text)
            case "return", [url]:
                location.status, location.text = 302, url
            case "default_type", [kind]:
                location.content_type = kind
            case "autoindex", [word]:
                location.listing = word == "on"
            case "try_files", tries:
                location.tries = tries
            case "add_header", [name, value, *_]:
                location.headers[name] = value
    return location
