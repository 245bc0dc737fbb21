"""What every request passes before it is handled, on live servers."""

import asyncio
import gzip
import json
import re
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from apimachinery.clock import ManualClock
from apiserver.deadlines import Deadlines, requested_timeout
from apiserver.inflight import InflightLimits
from apiserver.origin import OriginPolicy
from tests.apiserver.conftest import Api, check_status
from tests.live import eventually
from tests.live.processes import ServerProcess, component

JSONObject = dict[str, Any]
Start = Callable[..., ServerProcess]


class TestOrigins:
    """DNS rebinding and drive-by requests of browsers."""

    @pytest.mark.parametrize(
        "host", ["localhost", "localhost:8080", "127.0.0.1", "[::1]:80", "kubernetes", "kubernetes.default.svc:443"]
    )
    async def test_our_names(self, http: httpx.AsyncClient, host: str) -> None:
        assert (await http.get("/version", headers={"host": host})).status_code == 200

    @pytest.mark.parametrize("path", ["/version", "/api/v1/pods", "/metrics", "/healthz"])
    @pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "192.0.2.7"])
    async def test_names_of_others(self, http: httpx.AsyncClient, host: str, path: str) -> None:
        answer = await http.get(path, headers={"host": host})
        check_status(answer.json(), 403, "Forbidden", (), f'the Host header "{host}" is not a name of this server')

    @pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE"])
    async def test_pages_of_others(self, http: httpx.AsyncClient, namespace: str, method: str) -> None:
        path = f"/api/v1/namespaces/{namespace}/configmaps"
        answer = await http.request(method, path, headers={"origin": "https://evil.example"})
        check_status(answer.json(), 403, "Forbidden", (), 'requests from pages of the origin "https://evil.example"')
        assert "access-control-allow-origin" not in answer.headers

    async def test_what_browsers_call_cross_site(self, http: httpx.AsyncClient) -> None:
        answer = await http.get("/version", headers={"sec-fetch-site": "cross-site"})
        check_status(answer.json(), 403, "Forbidden", (), "pages of other sites")
        assert (await http.get("/version", headers={"sec-fetch-site": "same-origin"})).status_code == 200

    async def test_exceptions_are_made_in_so_many_words(self, start_server: Start) -> None:
        server = start_server("--allowed-hosts", "cluster.example", "--cors-allowed-origins", r"//app\.example$")
        async with httpx.AsyncClient(base_url=server.url, trust_env=False) as http:
            assert (await http.get("/version", headers={"host": "cluster.example:80"})).status_code == 200
            allowed = await http.get("/version", headers={"origin": "https://app.example"})
            assert allowed.headers["access-control-allow-origin"] == "https://app.example"
            asked = await http.options("/version", headers={"origin": "https://app.example"})
            assert (asked.status_code, "PATCH" in asked.headers["access-control-allow-methods"]) == (204, True)
            refused = await http.get("/version", headers={"origin": "https://app.example.evil"})
            assert refused.status_code == 403

    def test_an_address_that_others_reach_is_refused(self) -> None:
        process = component("apiserver", "--bind-address", "0.0.0.0", "--port", "0")
        assert process.wait() == 1
        assert "add --insecure-allow-remote if that is what you want" in process.output()

    @pytest.mark.parametrize("pattern", ["example.com", "//example", "example$"])
    def test_patterns_that_are_open_at_an_end(self, pattern: str) -> None:
        with pytest.raises(ValueError, match="pin the start of the host"):
            OriginPolicy("127.0.0.1", cors_allowed_origins=[pattern])


class TestLimits:
    async def test_too_many_reads(self, start_server: Start) -> None:
        server = start_server("--max-requests-inflight", "1", "--max-mutating-requests-inflight", "1")
        async with httpx.AsyncClient(base_url=server.url, trust_env=False) as http:
            path = "/api/v1/namespaces/default/configmaps"

            async def body() -> Any:
                yield b'{"metadata":'
                # The first write is under way for as long as its body is.
                refused = await http.post(path, json={"metadata": {"name": "second"}})
                check_status(refused.json(), 429, "TooManyRequests", (), "Too many requests, please try again later.")
                assert refused.headers["retry-after"] == "1"
                # Reads have a lane of their own, probes and watches need none.
                assert (await http.get(path)).status_code == 200
                assert (await http.get("/readyz")).status_code == 200
                yield b'{"name":"first"}}'

            first = await http.post(path, content=body(), headers={"content-type": "application/json"})
            assert first.status_code == 201, first.text
            assert (await http.post(path, json={"metadata": {"name": "second"}})).status_code == 201

    def test_no_limit(self) -> None:
        lane = InflightLimits(0, 0).lane("GET")
        for _ in range(1000):
            lane.enter()
        assert (lane.current, lane.refused) == (1000, 0)


class TestDeadlines:
    @pytest.mark.parametrize(
        ("text", "seconds"), [("", 60.0), ("10s", 10.0), ("1m30s", 60.0), ("0", 60.0), ("-3s", 60.0), ("250ms", 0.25)]
    )
    def test_what_a_client_may_ask_for(self, text: str, seconds: float) -> None:
        assert requested_timeout(text, 60.0) == seconds

    async def test_nonsense(self, http: httpx.AsyncClient) -> None:
        answer = await http.get("/api/v1/pods", params={"timeout": "soon"})
        text = 'invalid timeout specified in the request URL - time: invalid duration "soon"'
        check_status(answer.json(), 400, "BadRequest", (), text)

    async def test_what_is_late_is_cancelled(self) -> None:
        clock = ManualClock()
        deadlines = Deadlines(clock)
        cancelled = asyncio.Event()

        async def slow() -> None:
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                cancelled.set()
                raise

        async with asyncio.TaskGroup() as group:
            running = group.create_task(deadlines.run(), name="deadlines")
            task = group.create_task(slow(), name="slow")
            deadlines.start(task, clock.monotonic(), 5)
            await clock.advance(4)
            assert not task.cancelled()
            await clock.advance(2)
            await cancelled.wait()
            running.cancel()
        assert deadlines.end(task)

    async def test_a_request_that_takes_too_long(self, start_server: Start) -> None:
        """A client that announces a body and never sends it."""
        server = start_server("--request-timeout", "300ms")
        host, port = server.url.removeprefix("http://").split(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        head = "POST /api/v1/namespaces/default/pods HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{"
        writer.write(head.encode())
        answer = await reader.readuntil(b"\r\n\r\n")
        length = re.search(rb"content-length: (\d+)", answer)
        assert length is not None
        status = json.loads(await reader.readexactly(int(length[1])))
        check_status(status, 504, "Timeout", (), "request did not complete within the allotted timeout")
        writer.close()
        await writer.wait_closed()


class TestMetrics:
    async def test_requests_are_counted(self, fresh_apiserver: ServerProcess) -> None:
        async with httpx.AsyncClient(base_url=fresh_apiserver.url, trust_env=False) as http:
            path = "/api/v1/namespaces/default/configmaps"
            await http.post(path, json={"metadata": {"name": "one"}})
            await http.post(path, json={"metadata": {"name": "two"}}, params={"dryRun": "All"})
            await http.get(path)
            await http.get(f"{path}/missing")
            params = {"watch": "1", "timeoutSeconds": "1", "resourceVersion": "0"}
            await http.get(path, params=params)
            answer = await http.get("/metrics")
        assert answer.headers["content-type"].startswith("text/plain; version=")
        page = answer.text

        def count(**labels: str) -> float:
            wanted = [f'{name}="{value}"' for name, value in labels.items()]
            lines = [line for line in page.splitlines() if line.startswith("apiserver_request_total{")]
            return sum(float(line.split()[-1]) for line in lines if all(pair in line for pair in wanted))

        of = {"group": "", "version": "v1", "resource": "configmaps"}
        assert count(verb="POST", code="201", dry_run="", **of) == 1
        assert count(verb="POST", code="201", dry_run="All", **of) == 1
        assert count(verb="LIST", code="200", scope="namespace", **of) == 1
        assert count(verb="GET", code="404", scope="resource", **of) == 1
        assert count(verb="WATCH", code="200", **of) == 1
        assert re.search(r'apiserver_request_duration_seconds_bucket\{.*verb="LIST"', page)
        assert 'apiserver_current_inflight_requests{request_kind="readOnly"} 1.0' in page
        assert re.search(r'apiserver_watch_events_total\{.*resource="configmaps".*\} \d', page)
        assert re.search(r'apiserver_resource_objects\{group="",resource="namespaces".*\} 4.0', page)
        assert "process_resident_memory_bytes" in page
        assert "kubernetes_build_info" in page

    async def test_nothing_that_a_client_invents_is_a_label(self, http: httpx.AsyncClient) -> None:
        await http.get("/apis/no.such.group/v1/things")
        await http.get("/api/v1/no-such-things")
        page = (await http.get("/metrics")).text
        assert "no-such" not in page
        assert "no.such" not in page


class TestAudit:
    async def test_every_answer_has_an_id(self, http: httpx.AsyncClient) -> None:
        given = await http.get("/api/v1/pods", headers={"audit-id": "mine"})
        assert given.headers["audit-id"] == "mine"
        made = {(await http.get(path)).headers["audit-id"] for path in ("/version", "/api/v1/pods", "/nowhere")}
        assert len(made) == 3
        assert all(
            re.fullmatch(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", text) for text in made
        )

    async def test_requests_are_logged_when_asked(self, start_server: Start) -> None:
        server = start_server("-v", "3")
        async with httpx.AsyncClient(base_url=server.url, trust_env=False) as http:
            headers = {"audit-id": "a1", "user-agent": 'tests "quoted"'}
            await http.get("/api/v1/pods?limit=1", headers=headers)

        async def logged() -> str:
            lines = [line for line in server.process.stderr if 'audit-ID="a1"' in line]
            assert lines, server.process.output()
            return lines[0]

        line = await eventually(logged)
        assert '"HTTP" verb="LIST" URI="/api/v1/pods?limit=1"' in line
        assert r'userAgent="tests \"quoted\""' in line
        assert "resp=200" in line


class TestForms:
    """YAML, metadata alone, indented JSON, gzip."""

    YAML = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: settings\ndata:\n  a: 'yes'\n  b: '1e3'\n"

    def path(self, api: Api, name: str = "") -> str:
        return f"/api/v1/namespaces/{api.namespace}/configmaps" + (f"/{name}" if name else "")

    async def test_yaml_there_and_back(self, api: Api) -> None:
        headers = {"content-type": "application/yaml", "accept": "application/yaml"}
        created = await api.http.post(self.path(api), content=self.YAML, headers=headers)
        assert (created.status_code, created.headers["content-type"]) == (201, "application/yaml")
        assert "a: 'yes'\n" in created.text
        replaced = await api.http.put(self.path(api, "settings"), content=created.text, headers=headers)
        assert replaced.status_code == 200, replaced.text
        assert replaced.text == created.text
        missing = await api.http.get(self.path(api, "nothing"), headers=headers)
        assert "reason: NotFound\n" in missing.text

    async def test_keys_that_stand_twice(self, api: Api) -> None:
        text = self.YAML + "  a: again\n"
        headers = {"content-type": "application/yaml"}
        strict = {"fieldValidation": "Strict"}
        refused = await api.http.post(self.path(api), content=text, headers=headers, params=strict)
        expected = 'strict decoding error: yaml: unmarshal errors:\n  line 8: key "a" already set in map'
        check_status(refused.json(), 400, "BadRequest", (), expected)

    @pytest.mark.parametrize("text", ["a: [", "- 1", "just text", "a: &a [*a]"])
    async def test_what_is_no_object(self, api: Api, text: str) -> None:
        headers = {"content-type": "application/yaml"}
        answer = await api.http.post(self.path(api), content=text, headers=headers)
        assert (answer.status_code, answer.json()["reason"]) == (400, "BadRequest")

    async def test_metadata_alone(self, api: Api) -> None:
        await api.http.post(self.path(api), json={"metadata": {"name": "one"}, "data": {"a": "b"}})
        accept = {"accept": "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1"}
        one = (await api.http.get(self.path(api, "one"), headers=accept)).json()
        assert (one["kind"], one["apiVersion"], "data" in one) == ("PartialObjectMetadata", "meta.k8s.io/v1", False)
        accept = {"accept": "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"}
        listed = (await api.http.get(self.path(api), headers=accept)).json()
        assert listed["kind"] == "PartialObjectMetadataList"
        assert {item["kind"] for item in listed["items"]} == {"PartialObjectMetadata"}

    async def test_watching_metadata_alone(self, api: Api) -> None:
        await api.http.post(self.path(api), json={"metadata": {"name": "one"}, "data": {"a": "b"}})
        params = {
            "watch": "1",
            "timeoutSeconds": "1",
            "sendInitialEvents": "true",
            "resourceVersionMatch": "NotOlderThan",
            "allowWatchBookmarks": "true",
            "fieldSelector": "metadata.name=one",
        }
        accept = {"accept": "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1"}
        lines = (await api.http.get(self.path(api), params=params, headers=accept)).text.splitlines()
        assert [line.split('"')[3] for line in lines[:2]] == ["ADDED", "BOOKMARK"]
        assert all('"kind":"PartialObjectMetadata"' in line for line in lines)

    async def test_people_get_line_breaks(self, api: Api) -> None:
        assert "\n" not in (await api.http.get(self.path(api))).text
        assert "\n  " in (await api.http.get(self.path(api), headers={"user-agent": "curl/8.0"})).text
        assert "\n  " in (await api.http.get(self.path(api), params={"pretty": "true"})).text

    async def test_gzip_for_what_is_large(self, api: Api) -> None:
        for number in range(3):
            body = {"metadata": {"name": f"large-{number}"}, "data": {"a": "x" * 700_000}}
            assert (await api.http.post(self.path(api), json=body)).status_code == 201
        plain = await api.http.get(self.path(api), headers={"accept-encoding": "identity"})
        assert "content-encoding" not in plain.headers
        async with api.http.stream("GET", self.path(api), headers={"accept-encoding": "gzip"}) as packed:
            assert packed.headers["content-encoding"] == "gzip"
            raw = b"".join([part async for part in packed.aiter_raw()])
        assert gzip.decompress(raw) == plain.content
        assert len(raw) < len(plain.content) / 10
        small = await api.http.get("/version", headers={"accept-encoding": "gzip"})
        assert "content-encoding" not in small.headers


class TestHealth:
    async def test_each_check_by_itself(self, http: httpx.AsyncClient) -> None:
        assert (await http.get("/readyz/ping")).text == "ok"
        assert (await http.get("/readyz/poststarthook/bootstrap-namespaces")).text == "ok"
        assert (await http.get("/readyz/nothing")).status_code == 404
        page = (await http.get("/readyz", params={"verbose": "", "exclude": "ping"})).text
        assert "[+]ping excluded: ok" in page
