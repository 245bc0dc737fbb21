"""The built-in images, by the last part of their repository's name; any tag gives the same image."""

import functools
from collections.abc import Mapping, Sequence

from kubelet.fake.catalogue import UNPULLABLE, Catalogue
from kubelet.fake.image import FakeImage
from kubelet.fake.tree import build_tree
from kubelet.images import webserver
from kubelet.images.agnhost import agnhost_image
from kubelet.images.base import shell_programs, system_tree
from kubelet.images.pause import pause
from kubelet.images.shells import shell_images
from kubelet.images.unknown import serve_declared_ports
from kubelet.images.utilities.curl import curl
from kubelet.images.webserver import web_server


def builtin_images() -> Mapping[str, FakeImage]:
    """Return the images anew; trees are shared by all containers of an image."""
    shell = shell_programs(bash=True)
    nginx = {**shell, "/usr/bin/curl": curl, "/usr/sbin/nginx": web_server(webserver.NGINX)}
    httpd = {**shell, "/usr/local/bin/httpd-foreground": web_server(webserver.HTTPD)}
    return {
        **shell_images(),
        "agnhost": agnhost_image(),
        "pause": FakeImage(build_tree({}), {"/pause": pause}, ("/pause",), size=320_000),
        "nginx": FakeImage(
            system_tree(nginx, files={f"{webserver.NGINX_ROOT}/index.html": webserver.NGINX_INDEX}),
            nginx,
            cmd=("nginx", "-g", "daemon off;"),
            stop_signal="SIGQUIT",
            size=72_000_000,
        ),
        "httpd": FakeImage(
            system_tree(httpd, files={f"{webserver.HTTPD_ROOT}/index.html": webserver.HTTPD_INDEX}),
            httpd,
            cmd=("httpd-foreground",),
            stop_signal="SIGWINCH",
            working_dir="/usr/local/apache2",
            size=58_000_000,
        ),
    }


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
