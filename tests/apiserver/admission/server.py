"""An API server inside the test's process, without a socket: fresh for each test, with the plugins it asks for."""

import random
from types import TracebackType
from typing import Any, Self

import httpx

from apimachinery.clock import Clock, ManualClock
from apiserver.app import create_app
from apiserver.bootstrap import create_system_objects
from apiserver.settings import Settings
from store.memory import MemoryStore

JSONObject = dict[str, Any]

NAMESPACE = "default"


class Server:
    """What the methods return is the answer's body; they fail on another code than ``code``."""

    def __init__(
        self,
        *,
        enable: tuple[str, ...] = (),
        disable: tuple[str, ...] = (),
        clock: Clock | None = None,
        **others: Any,
    ) -> None:
        """``others`` are further settings, by name."""
        self.store = MemoryStore()
        self.clock = clock or ManualClock()
        settings = Settings(enable_admission_plugins=enable, disable_admission_plugins=disable, **others)
        self.api = create_app(self.store, clock=self.clock, rng=random.Random(1), settings=settings)
        transport = httpx.ASGITransport(app=self.api.app)
        self.http = httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1", trust_env=False, verify=False)
        self.last: httpx.Response | None = None

    async def __aenter__(self) -> Self:
        await create_system_objects(self.api.context, self.api.services, "127.0.0.1", 8080)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.http.aclose()
        await self.store.close()

    def path(self, plural: str, name: str = "", subresource: str = "", namespace: str = NAMESPACE) -> str:
        info = next(info for info in self.api.context.registry if info.plural == plural and info.hub is None)
        root = f"/apis/{info.api_version}" if info.group else f"/api/{info.version}"
        scope = f"{root}/namespaces/{namespace}" if info.namespaced else root
        return "/".join(part for part in (scope, plural, name, subresource) if part)

    async def request(self, method: str, path: str, *, code: int = 200, **options: Any) -> JSONObject:
        response = self.last = await self.http.request(method, path, **options)
        assert response.status_code == code, f"{method} {path}: {response.status_code} {response.text}"
        answer: JSONObject = response.json()
        return answer

    async def create(
        self, plural: str, obj: JSONObject, *, namespace: str = NAMESPACE, code: int = 201, **params: str
    ) -> JSONObject:
        path = self.path(plural, namespace=namespace)
        return await self.request("POST", path, code=code, json=self._named(plural, obj), params=params)

    async def get(self, plural: str, name: str, *, namespace: str = NAMESPACE, code: int = 200) -> JSONObject:
        return await self.request("GET", self.path(plural, name, namespace=namespace), code=code)

    async def replace(
        self, plural: str, obj: JSONObject, *, subresource: str = "", code: int = 200, **params: str
    ) -> JSONObject:
        path = self.path(plural, obj["metadata"]["name"], subresource)
        return await self.request("PUT", path, code=code, json=self._named(plural, obj), params=params)

    async def patch(
        self, plural: str, name: str, patch: Any, *, subresource: str = "", code: int = 200, **params: str
    ) -> JSONObject:
        headers = {"content-type": "application/merge-patch+json"}
        path = self.path(plural, name, subresource)
        return await self.request("PATCH", path, code=code, json=patch, headers=headers, params=params)

    async def delete(self, plural: str, name: str, *, code: int = 200, **params: str) -> JSONObject:
        return await self.request("DELETE", self.path(plural, name), code=code, params=params)

    async def refused(self, plural: str, obj: JSONObject, **options: Any) -> str:
        """Try to create, and return the message of the 403."""
        status = await self.create(plural, obj, code=403, **options)
        assert (status["reason"], status["status"]) == ("Forbidden", "Failure")
        return str(status["message"])

    @property
    def warnings(self) -> list[str]:
        """The texts of the ``Warning`` headers of the last answer."""
        assert self.last is not None
        texts = (value[value.index('"') + 1 : value.rindex('"')] for value in self.last.headers.get_list("warning"))
        return [text.replace('\\"', '"') for text in texts]

    def _named(self, plural: str, obj: JSONObject) -> JSONObject:
        info = next(info for info in self.api.context.registry if info.plural == plural and info.hub is None)
        return {"kind": info.kind, "apiVersion": info.api_version, **obj}
