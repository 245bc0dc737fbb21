"""The built-in images, by the last part of their repository's name; any tag gives the same image."""

import functools
import importlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial

from kubelet.fake.image import FakeImage
from kubelet.fake.tree import build_tree
from kubelet.images.base import shell_programs, system_tree
from kubelet.images.interpreters import ABOUT as INTERPRETERS
from kubelet.images.interpreters import interpreter_image
from kubelet.images.pause import pause
from kubelet.images.shells import shell_images
from kubelet.images.stand_ins import STAND_INS
from kubelet.images.tutorials import DEMOS, http_echo_image, liveness_image
from kubelet.images.unknown import serve_declared_ports


@dataclass(frozen=True, slots=True)
class Entry:
    """An image that is built in; ``about`` says in Markdown what it does."""

    about: str
    make: Callable[[], FakeImage]


def _late(module: str, name: str, *args: str) -> Callable[[], FakeImage]:
    """Return what makes an image with a function that is imported when the image is asked for."""

    def make() -> FakeImage:
        image: FakeImage = getattr(importlib.import_module(f"kubelet.images.{module}"), name)(*args)
        return image

    return make


def _httpd() -> FakeImage:
    from kubelet.images import webserver

    programs = {
        **shell_programs(bash=True),
        "/usr/local/bin/httpd-foreground": webserver.web_server(webserver.HTTPD),
    }
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
        "agnhost": Entry(
            "the image of upstream's end-to-end tests, with its sub-commands", _late("agnhost", "agnhost_image")
        ),
        **{name: Entry(about, make) for name, (about, make) in shell_images().items()},
        "pause": Entry("waits for its end", _pause),
        "nginx": Entry(
            "serves, answers and passes on as `/etc/nginx` says; by default files, on port 80",
            _late("nginx", "nginx_image"),
        ),
        "httpd": Entry("serves `/usr/local/apache2/htdocs` on port 80, with an access log", _httpd),
        "redis": Entry("a server that knows the usual commands, and `redis-cli`", _late("redis", "redis_image")),
        **{name: Entry(stand_in.about, stand_in.image) for name, stand_in in STAND_INS.items()},
        **{name: Entry(about, partial(interpreter_image, name)) for name, about in INTERPRETERS.items()},
        **{name: Entry(demo.about, demo.image) for name, demo in DEMOS.items()},
        "http-echo": Entry("answers with its `-text` on port 5678", http_echo_image),
        "liveness": Entry("a shell, and `/server`, which is healthy for ten seconds", liveness_image),
        "whoami": Entry("tells over HTTP who answers and what was asked", _late("whoami", "whoami_image")),
        "hello-world": Entry("greets, and ends with 0", _late("hello_world", "hello_world_image")),
        "nautilus": Entry("serves `data.json` on port 80", _late("update_demo", "update_demo_image", "nautilus")),
        "kitten": Entry(
            "serves `data.json` on port 80; can be an image volume", _late("update_demo", "update_demo_image", "kitten")
        ),
        "sample-apiserver": Entry(
            "serves `wardle.example.com` over HTTPS on port 443, from its own memory, while etcd takes connections",
            _late("sample_apiserver", "sample_apiserver_image"),
        ),
        "etcd": Entry("etcd's ports, `/health` and `/version`; it keeps no keys", _late("etcd", "etcd_image")),
        "nonewprivs": Entry("prints its effective uid", _late("no_new_privs", "no_new_privs_image")),
        "resource-consumer": Entry(
            "uses as much processor time and memory as it is asked to", _late("agnhost", "resource_consumer_image")
        ),
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


@functools.cache
def unknown_image() -> FakeImage:
    """Return the image that stands in for every name nobody knows.

    It has a shell and the utilities, for those who look inside; any other command runs as its own program does.
    """
    programs = shell_programs(bash=True)
    return FakeImage(
        system_tree(programs), programs, ("/entrypoint",), default_program=serve_declared_ports, size=10_000_000
    )
