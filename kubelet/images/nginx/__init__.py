"""``nginx``: serves files, answers and passes requests on, as its configuration says."""

from kubelet.fake.image import FakeImage
from kubelet.images.base import shell_programs, system_tree
from kubelet.images.nginx.config import MAIN
from kubelet.images.nginx.server import ROOT, nginx
from kubelet.images.utilities.curl import curl

_INDEX = b"""<!DOCTYPE html>
<html>
<head><title>Welcome to nginx!</title></head>
<body>
<h1>Welcome to nginx!</h1>
<p>This page is served by a fake container.</p>
</body>
</html>
"""
_CONFIG = b"""worker_processes auto;
pid /run/nginx.pid;
events { worker_connections 1024; }
http {
    access_log /var/log/nginx/access.log main;
    keepalive_timeout 65;
    include /etc/nginx/conf.d/*.conf;
}
"""
_SITE = b"""server {
    listen 80;
    server_name localhost;
    location / {
        root /usr/share/nginx/html;
        index index.html;
    }
}
"""


def nginx_image() -> FakeImage:
    """Return the image."""
    programs = {**shell_programs(bash=True), "/usr/bin/curl": curl, "/usr/sbin/nginx": nginx}
    files: dict[str, bytes | str | None] = {
        f"{ROOT}/index.html": _INDEX,
        MAIN: _CONFIG,
        "/etc/nginx/conf.d/default.conf": _SITE,
    }
    return FakeImage(
        system_tree(programs, files=files),
        programs,
        cmd=("nginx", "-g", "daemon off;"),
        stop_signal="SIGQUIT",
        size=72_000_000,
    )
