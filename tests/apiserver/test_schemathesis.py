"""What our own OpenAPI documents say can be asked for, asked for by schemathesis: no 5xx, and answers as described."""

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import APIOperation, Case, GenerationMode

from tests.apiserver.manifests import NAMESPACE, Manifest, manifests, registry
from tests.live.processes import ServerProcess

JSONObject = dict[str, Any]

DOCUMENTS = sorted({f"apis/{info.api_version}" if info.group else f"api/{info.api_version}" for info in registry()})
MANIFESTS = {manifest.collection: manifest for manifest in manifests()}

# Drawing requests takes much longer than answering them. The quick run sends little, but to every operation there is.
_QUICK = settings(
    max_examples=2,
    deadline=None,
    database=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
_NEGATED = "apis/coordination.k8s.io/v1"
"""Whose parameters and bodies are wrong in the quick run as well: they are read alike for every kind."""


@pytest.fixture(scope="module")
def session() -> Iterator[requests.Session]:
    with requests.Session() as opened:
        opened.trust_env = False
        yield opened


def load(server: ServerProcess, name: str) -> schemathesis.BaseSchema:
    document = httpx.get(f"{server.url}/openapi/v3/{name}", trust_env=False).json()
    return schemathesis.openapi.from_dict(document)


def manifest_of(operation: APIOperation) -> Manifest | None:
    """Return what is created where an operation reads and writes."""
    collection = operation.path.replace("{namespace}", NAMESPACE).partition("/{name}")[0]
    return MANIFESTS.get(collection)


def is_watch(case: Case) -> bool:
    return str((case.query or {}).get("watch", "")).lower() in {"1", "t", "true"}


def check(session: requests.Session, url: str, case: Case) -> None:
    sent = case.as_transport_kwargs(base_url=url)
    with session.request(**sent, stream=True, timeout=20, allow_redirects=False) as answer:
        shown = f"{case.method} {sent['url']} {sent.get('params')} {sent.get('json')}: {answer.status_code}"
        if is_watch(case) and answer.status_code == 200:
            # Its events are other tests' affair, and it would not end by itself.
            return
        text = answer.text
        shown = f"{shown} {text}"
        if answer.status_code >= 500:
            # What upstream answers for a resource version of the future, and for a proxy that leads nowhere.
            connects = case.operation.definition.raw.get("x-kubernetes-action") == "connect"
            assert answer.status_code == 504 or (connects and answer.status_code in {502, 503}), shown
        if answer.status_code >= 400 and case.method != "HEAD" and "json" in answer.headers.get("content-type", ""):
            status = json.loads(text)
            assert (status["kind"], status["code"]) == ("Status", answer.status_code), shown


def can_be_negated(operation: APIOperation) -> bool:
    """Where there is nothing to say, nothing can be said wrongly."""
    return bool(list(operation.iter_parameters()) or list(operation.body))


def run(server: ServerProcess, session: requests.Session, name: str, how: settings, *, negate: bool) -> None:
    for found in load(server, name).get_all_operations():
        operation = found.ok()
        send(server, session, operation, GenerationMode.POSITIVE, how)
        if negate and can_be_negated(operation):
            send(server, session, operation, GenerationMode.NEGATIVE, how)


def send(
    server: ServerProcess, session: requests.Session, operation: APIOperation, mode: GenerationMode, how: settings
) -> None:
    manifest = manifest_of(operation)
    names: JSONObject | None = None
    if manifest and manifest.stored:
        # What there is to read or to change; other operations may just have taken it away.
        session.post(f"{server.url}{manifest.collection}", json=manifest.obj)
        names = {"namespace": NAMESPACE, "name": manifest.name} if "{name}" in operation.path else None

    @how
    @given(operation.as_strategy(generation_mode=mode, path_parameters=names))
    def one(case: Case) -> None:
        check(session, server.url, case)

    one()


@pytest.mark.parametrize("name", DOCUMENTS)
def test_operations(own_apiserver: ServerProcess, session: requests.Session, name: str) -> None:
    run(own_apiserver, session, name, _QUICK, negate=name == _NEGATED)
