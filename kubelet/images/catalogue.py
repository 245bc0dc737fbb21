"""The built-in images, by the last part of their repository's name; any tag gives the same image."""

import functools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from kubelet.fake.catalogue import UNPULLABLE, Catalogue
from kubelet.fake.image import FakeImage
from kubelet.fake.tree import build_tree
from kubelet.images import webserver
from kubelet.images.agnhost import agnhost_image, resource_consumer_image
from kubelet.images.base import shell_programs, system_tree
from kubelet.images.hello_world import hello_world_image
from kubelet.images.interpreters import ABOUT as INTERPRETERS
from kubelet.images.interpreters import interpreter_image
from kubelet.images.nginx import nginx_image
from kubelet.images.no_new_privs import no_new_privs_image
from kubelet.images.pause import pause
from kubelet.images.redis import redis_image
from kubelet.images.shells import shell_images
from kubelet.images.stand_ins import STAND_INS
from kubelet.images.tutorials import DEMOS, http_echo_image, liveness_image
from kubelet.images.unknown import serve_declared_ports
from kubelet.images.update_demo import update_demo_image
from kubelet.images.webserver import web_server
from kubelet.images.whoami import whoami_image


@dataclass(frozen=True, slots=True)
class Entry:
    """An image that is built in; ``about`` says in Markdown what it does."""

    about: str
    make: Callable[[], FakeImage]


def _httpd() -> FakeImage:
    programs = {**shell_programs(bash=True), "/usr/local/bin/httpd-foreground": web_server(webserver.HTTPD)}
    return FakeImage(
        system_tree(programs, files={f"{webserver.HTTPD_ROOT}/index.html": webserver.HTTPD_INDEX}),
        programs,
        cmd=("httpd-foreground",),
        stop_signal="SIGWINCH",
        working_dir="/usr/local/apache2",
        size=58_000_000,
    )


def _pause() -> FakeImage:
    return FakeImage(build_tree({}), {"/pause": pause}, ("/pause",), size=320_000)


def entries() -> Mapping[str, Entry]:
    """Return the images that are built in, by the last part of their repository's name."""
    return {
        "agnhost": Entry("the image of upstream's end-to-end tests, with its sub-commands", agnhost_image),
        **{name: Entry(about, make) for name, (about, make) in shell_images().items()},
        "pause": Entry("waits for its end", _pause),
        "nginx": Entry("serves, answers and passes on as `/etc/nginx` says; by default files, on port 80", nginx_image),
        "httpd": Entry("serves `/usr/local/apache2/htdocs` on port 80, with an access log", _httpd),
        "redis": Entry("a server that knows the usual commands, and `redis-cli`", redis_image),
        **{name: Entry(stand_in.about, stand_in.image) for name, stand_in in STAND_INS.items()},
        **{name: Entry(about, partial(interpreter_image, name)) for name, about in INTERPRETERS.items()},
        **{name: Entry(demo.about, demo.image) for name, demo in DEMOS.items()},
        "http-echo": Entry("answers with its `-text` on port 5678", http_echo_image),
        "liveness": Entry("a shell, and `/server`, which is healthy for ten seconds", liveness_image),
        "whoami": Entry("tells over HTTP who answers and what was asked", whoami_image),
        "hello-world": Entry("greets, and ends with 0", hello_world_image),
        "nautilus": Entry("serves `data.json` on port 80", partial(update_demo_image, "nautilus")),
        "kitten": Entry("serves `data.json` on port 80; can be an image volume", partial(update_demo_image, "kitten")),
        "nonewprivs": Entry("prints its effective uid", no_new_privs_image),
        "resource-consumer": Entry("uses as much processor time and memory as it is asked to", resource_consumer_image),
    }


class _OnDemand(Mapping[str, FakeImage]):
    """Images that are made when they are first asked for, since nobody uses all of them."""

    def __init__(self, made_by: Mapping[str, Entry]) -> None:
        self._entries = made_by
        self._made: dict[str, FakeImage] = {}

    def __getitem__(self, name: str) -> FakeImage:
        if name not in self._made:
            self._made[name] = self._entries[name].make()
        return self._made[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)


def builtin_images() -> Mapping[str, FakeImage]:
    """Return the images anew; trees are shared by all containers of an image."""
    return _OnDemand(entries())


def catalogue(unpullable: Sequence[str] = UNPULLABLE) -> Catalogue:
    """Return a fresh catalogue of what is built in; ``unpullable`` are patterns of what cannot be pulled."""
    return Catalogue(builtin_images(), unknown_image(), unpullable=unpullable)


@functools.cache
def unknown_image() -> FakeImage:
    """Return the image that stands in for every name nobody knows.

    It has a shell and the utilities, for those who look inside; any other command runs as its own program does.
    """
    programs = shell_programs(bash=True)
    return FakeImage(
        system_tree(programs), programs, ("/entrypoint",), default_program=serve_declared_ports, size=10_000_000
    )
