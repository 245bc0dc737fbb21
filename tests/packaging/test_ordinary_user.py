"""The guides, done by an ordinary user with what is released, from a virtual environment; and two users at once."""

import json
import os
import shutil
import subprocess
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.docs.readers import reader_of
from tests.live.people import WHOEVER_RUNS_THE_TESTS, Person, may_listen_on, ordinary_person
from tests.live.processes import require_kubectl
from tests.live.waiting import eventually
from tests.packaging.building import ROOT, Environment, public_folder, python_for

SECONDS = 60.0
POD = {
    "metadata": {"name": "web", "labels": {"app": "web"}},
    "spec": {"containers": [{"name": "web", "image": "nginx"}]},
}
SERVICE = {"metadata": {"name": "web"}, "spec": {"selector": {"app": "web"}, "ports": [{"port": 80}]}}
BUSY_MACHINE = """
import fcntl, http.server, socket, struct, subprocess, sys, threading

with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
    fcntl.ioctl(any_socket, 0x8914, struct.pack("16sH14x", b"lo", 0x41))  # SIOCSIFFLAGS: IFF_UP, IFF_RUNNING

class Theirs(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"the machine's own\\n")

for port in (80, 10248, 10250, 10256, 10257, 10259):
    server = http.server.ThreadingHTTPServer(("0.0.0.0", port), Theirs)
    threading.Thread(target=server.serve_forever, daemon=True).start()
user = int(sys.argv[1])
sys.exit(subprocess.run(sys.argv[2:], user=user, group=user, extra_groups=[]).returncode)
"""
"""A machine that has a Kubernetes and a web server, in a network namespace of its own."""

ON_A_BUSY_MACHINE = """
set -e
kubemu up --detach --kubeconfig "$HOME/config"
trap 'kubemu down' EXIT
export KUBECONFIG="$HOME/config"
kubectl run web --image=nginx --port=80 --expose
kubectl wait --for=condition=Ready pod/web --timeout=60s
for try in $(seq 100); do
    kubectl get --raw /api/v1/namespaces/default/services/web:80/proxy/ && break; sleep 0.2
done
kubectl get --raw /api/v1/namespaces/default/pods/web:80/proxy/
curl -sS "http://$(kubectl get service web -o jsonpath={.spec.clusterIP}):64080/"
kubectl run client --image=busybox --restart=Never --command -- wget -q -O- http://web/
kubectl wait --for=jsonpath={.status.phase}=Succeeded pod/client --timeout=60s
kubectl logs client
kubemu status
"""

GUIDES = ["docs/tutorials/pod-life.md", "README.md", "docs/tutorials/operator-test.md", "docs/index.md"]

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


@pytest.fixture
def person() -> Person:
    """Somebody without privileges, who can do at all what the guides ask for."""
    require_kubectl()
    found = ordinary_person()
    if python_for(found) is None:
        pytest.skip("every Python here is root's alone")
    kubectl = shutil.which("kubectl")
    assert kubectl is not None
    if subprocess.run([kubectl, "version", "--client"], capture_output=True, check=False, **found.options()).returncode:
        pytest.skip("kubectl is root's alone")
    return found


@pytest.fixture
def folder() -> Iterator[Path]:
    with public_folder() as found:
        yield found


def test_guides_do_what_they_say(person: Person, folder: Path, with_clients: Environment) -> None:
    """S1, S2, S8: two of them at a time, as somebody with several terminals would."""

    def follow(page: str) -> None:
        own = folder / Path(page).stem
        own.mkdir()
        with reader_of(own, programs=with_clients.programs, person=person) as reader:
            if page == "README.md":
                reader.bring(ROOT / "examples")
            reader.follow((ROOT / page).read_text())
            left = [path.name for name in ("runtime", "tmp") for path in (own / name).glob("kubemu*")]
            assert left == [], page

    with ThreadPoolExecutor(2) as terminals:
        # The longest first.
        list(terminals.map(follow, GUIDES))


@dataclass(frozen=True, slots=True)
class Login:
    """Somebody at a shell, with the machine's folder of temporary files and nothing else set."""

    person: Person
    programs: Path
    temporary: Path

    def kubemu(self, *arguments: str, status: int = 0) -> str:
        done = subprocess.run(
            [self.programs / "kubemu", *arguments],
            env={"PATH": f"{self.programs}:{os.environ['PATH']}", "TMPDIR": str(self.temporary)},
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=SECONDS,
            check=False,
            **self.person.options(),
        )
        assert done.returncode == status, done.stdout
        return done.stdout

    def up(self) -> str:
        """Start a cluster in the background; return its server's URL."""
        return str(json.loads(self.kubemu("up", "--detach", "--output", "json"))["server"])

    def clusters(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = json.loads(self.kubemu("status", "--output", "json"))
        return found


def ask(url: str, body: dict[str, Any] | None = None) -> str:
    """Return what is answered to a GET, or to a POST of ``body``."""
    sent = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, sent, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=SECONDS) as answer:
        return str(answer.read().decode())


async def serves_web(server: str, person: Person) -> list[str]:
    """Have a pod and a Service on port 80, check that they are where they should be, and return their addresses."""
    namespace = f"{server}/api/v1/namespaces/default"
    ask(f"{namespace}/pods", POD)
    address = json.loads(ask(f"{namespace}/services", SERVICE))["spec"]["clusterIP"]

    async def ready() -> str:
        status = json.loads(ask(f"{namespace}/pods/web"))["status"]
        assert [entry["ready"] for entry in status.get("containerStatuses", ())] == [True]
        return str(status["podIP"])

    pod = await eventually(ready, timeout=SECONDS)
    direct = may_listen_on(80, person)
    for host in (pod, address):

        async def answers(host: str = host) -> bool:
            try:
                return "Welcome to nginx" in ask(f"http://{host}:{80 if direct else 64080}/")
            except OSError:
                return False

        await eventually(answers, timeout=SECONDS)
    assert "Welcome to nginx" in ask(f"{namespace}/pods/web:80/proxy/")

    async def told() -> bool:
        events = json.loads(ask(f"{namespace}/events"))["items"]
        told = [event["message"] for event in events if event["reason"] == "PortMapped"]
        return told == (
            [] if direct else [f"no permission to listen on {pod}:80: from outside, it is reached at {pod}:64080"]
        )

    await eventually(told, timeout=SECONDS)
    return [pod, address]


@pytest.mark.skipif(os.getuid() != 0, reason="only root can be two users")
async def test_two_users_at_once(person: Person, folder: Path, with_clients: Environment) -> None:
    """Root and somebody else start clusters of one name at one time; each has, sees and ends their own."""
    shared = folder / "tmp"
    shared.mkdir()
    shared.chmod(0o1777)
    root, other = (Login(each, with_clients.programs, shared) for each in (WHOEVER_RUNS_THE_TESTS, person))
    try:
        with ThreadPoolExecutor() as both:
            servers = list(both.map(Login.up, (root, other)))
        assert sorted(os.listdir(shared)) == ["kubemu-0", f"kubemu-{person.uid}"]
        for login, server in zip((root, other), servers, strict=True):
            assert [(one["name"], one["server"]) for one in login.clusters()] == [("default", server)]
        addresses = [
            address
            for login, server in zip((root, other), servers, strict=True)
            for address in await serves_web(server, login.person)
        ]
        assert len({address.split(".")[1] for address in addresses}) == 4, addresses
        assert root.kubemu("down", "--all") == "default is down\n"
        assert [one["podsReady"] >= 1 for one in other.clusters()] == [True]
        assert "no cluster runs" in root.kubemu("status", status=1)
        assert other.kubemu("down") == "default is down\n"
        assert os.listdir(shared) == []
    finally:
        for login in (root, other):
            login.kubemu("down", "--all")


@pytest.mark.skipif(os.getuid() != 0, reason="only root can have a network of its own")
def test_a_machine_with_servers_of_its_own(person: Person, folder: Path, with_clients: Environment) -> None:
    """Somebody else's listen on all addresses at the ports that a cluster would have, and at that of a pod."""
    folder = folder / "home"
    folder.mkdir()
    person.own(folder)
    command = [
        *("unshare", "--net", with_clients.python, "-c", BUSY_MACHINE, str(person.uid)),
        *("bash", "-c", ON_A_BUSY_MACHINE),
    ]
    done = subprocess.run(
        command,
        env={"PATH": f"{with_clients.programs}:{os.environ['PATH']}", "HOME": str(folder), "TMPDIR": str(folder)},
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=2 * SECONDS,
        check=False,
    )
    if "unshare failed" in done.stdout:
        pytest.skip(done.stdout)
    assert done.returncode == 0, done.stdout
    assert done.stdout.count("<title>Welcome to nginx!</title>") == 4, done.stdout
    assert "the machine's own" not in done.stdout
    assert "1 of 1 nodes ready" in done.stdout
    assert done.stdout.endswith("default is down\n")
