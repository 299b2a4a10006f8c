"""Starlette and FastAPI over real members: requests through httpx, and two replicas served by uvicorn."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import httpx
import pytest
from fastapi import Depends, FastAPI
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

import hzclient
from hzclient.config import ClientOptions
from hzclient.contrib._shared import close_shared_clients
from hzclient.contrib.starlette import (
    RateLimiter,
    ResponseCacheMiddleware,
    SessionMiddleware,
    get_client,
    hazelcast_lifespan,
)
from hzclient.server import LocalCluster
from tests.integration.faces import unique_name

pytestmark = pytest.mark.timeout(300)

SERVICE = Path(__file__).parents[2] / "examples" / "fastapi"


async def show(request: Request) -> Response:
    return JSONResponse({"data": dict(request.session), "available": getattr(request.session, "available")})  # noqa: B009


async def change(request: Request) -> Response:
    request.session.update(request.query_params)
    return PlainTextResponse("ok")


async def login(request: Request) -> Response:
    request.session["user"] = "ann"
    request.session.rotate()  # type: ignore[attr-defined]
    return PlainTextResponse("ok")


async def logout(request: Request) -> Response:
    request.session.clear()
    return PlainTextResponse("ok")


def session_app(options: ClientOptions, **more: Any) -> Any:
    routes = [Route(f"/{each.__name__}", each) for each in (show, change, login, logout)]
    more.setdefault("map_name", unique_name("sessions"))
    return SessionMiddleware(
        Starlette(routes=routes), "key", client_options=options, https_only=False, **more
    )


def browser(app: Any) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://test")


class TestSessions:
    @pytest.fixture
    async def page(self, shared_options: ClientOptions) -> AsyncIterator[httpx.AsyncClient]:
        async with browser(session_app(shared_options)) as page:
            yield page

    async def test_data_are_kept_and_the_cookie_holds_only_an_id(self, page: httpx.AsyncClient) -> None:
        assert (await page.get("/show")).headers.get("set-cookie") is None
        cookie = (await page.get("/change?color=red")).headers["set-cookie"]
        assert "red" not in cookie
        assert "HttpOnly" in cookie
        assert "SameSite=lax" in cookie
        assert (await page.get("/show")).json()["data"] == {"color": "red"}

    async def test_rotation_keeps_the_data_and_ends_the_old_id(self, page: httpx.AsyncClient) -> None:
        await page.get("/change?color=red")
        old = page.cookies["session"]
        await page.get("/login")
        assert page.cookies["session"] != old
        assert (await page.get("/show")).json()["data"] == {"color": "red", "user": "ann"}
        page.cookies.clear()
        assert (await page.get("/show", headers={"cookie": f"session={old}"})).json()["data"] == {}

    async def test_log_out_deletes_the_session(self, page: httpx.AsyncClient) -> None:
        await page.get("/login")
        old = page.cookies["session"]
        assert "Max-Age=0" in (await page.get("/logout")).headers["set-cookie"]
        assert (await page.get("/show", headers={"cookie": f"session={old}"})).json()["data"] == {}

    async def test_a_forged_cookie_is_no_session(self, page: httpx.AsyncClient) -> None:
        await page.get("/login")
        forged = page.cookies["session"].replace(".", "x.", 1)
        page.cookies.clear()
        assert (await page.get("/show", headers={"cookie": f"session={forged}"})).json()["data"] == {}

    async def test_an_id_that_has_ended_is_not_taken_over(self, page: httpx.AsyncClient) -> None:
        await page.get("/login")
        old = page.cookies["session"]
        await page.get("/logout")
        page.cookies.clear()
        await page.get("/change?a=b", headers={"cookie": f"session={old}"})
        assert page.cookies["session"] != old

    async def test_idle_sessions_end_and_requests_prolong_them(self, shared_options: ClientOptions) -> None:
        name = unique_name("sessions")
        async with browser(session_app(shared_options, map_name=name, idle_timeout=60)) as page:
            await page.get("/login")
            with hzclient.HazelcastClient(**shared_options) as client:
                sessions = client.get_map(name).blocking()
                (key,) = sessions.key_set()
                sessions.set_ttl(key, 20)
                await page.get("/show")
                view = sessions.get_entry_view(key)
                assert view is not None
                assert view.ttl == 60_000
                sessions.set_ttl(key, 1)
                async with asyncio.timeout(30):
                    while (
                        sessions.get(key) is not None
                    ):  # expired entries count in size() until they are read
                        await asyncio.sleep(0.1)
            assert (await page.get("/show")).json()["data"] == {}

    async def test_the_lifetime_ends_sessions_in_use(
        self, shared_options: ClientOptions, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        async with browser(session_app(shared_options, lifetime=1000)) as page:
            await page.get("/login")
            now = time.time()
            monkeypatch.setattr("hzclient.contrib.starlette.time.time", lambda: now + 1001)
            assert (await page.get("/show")).json()["data"] == {}

    async def test_without_a_cluster_requests_are_served_and_the_cookie_stays(self) -> None:
        options: ClientOptions = {"cluster_members": ["127.0.0.1:1"]}
        async with browser(session_app(options, deadline=0.2)) as page:
            response = await page.get("/change?a=b")
            assert response.status_code == 200
            assert "set-cookie" not in response.headers
        close_shared_clients()

    @pytest.mark.parametrize(
        ("options", "text"),
        [
            ({"secret_key": ""}, "secret_key must not be empty"),
            ({"secret_key": "x", "idle_timeout": 0}, "idle_timeout must be more than 0"),
            ({"secret_key": "x", "lifetime": -1}, "lifetime must be more than 0"),
        ],
    )
    def test_wrong_options(self, options: Any, text: str) -> None:
        with pytest.raises(ValueError, match=text):
            SessionMiddleware(Starlette(), **options)


class TestResponseCache:
    async def test_one_computation_for_all_replicas(self, shared_options: ClientOptions) -> None:
        computed: list[str] = []

        async def answer(request: Request) -> Response:
            computed.append(str(request.url))
            headers = {
                "x-from": "app",
                **({"cache-control": "no-store"} if "private" in request.url.path else {}),
            }
            return PlainTextResponse(f"{len(computed)}", headers=headers)

        name = unique_name("responses")

        def replica() -> httpx.AsyncClient:
            app = Starlette(routes=[Route("/{page}", answer)])
            return browser(ResponseCacheMiddleware(app, 60, client_options=shared_options, map_name=name))

        async with replica() as one, replica() as two:
            first, second = await one.get("/a?x=1"), await two.get("/a?x=1")
            assert (first.text, first.headers["x-cache"]) == ("1", "miss")
            assert (second.text, second.headers["x-cache"], second.headers["x-from"]) == ("1", "hit", "app")
            assert second.headers["content-type"] == first.headers["content-type"]
            assert (await two.get("/a?x=2")).text == "2"
            assert (await two.get("/a?x=1", headers={"authorization": "Bearer t"})).text == "3"
            assert (await two.get("/private")).text == "4"
            assert (await two.get("/private")).text == "5"

    async def test_long_bodies_are_not_kept(self, shared_options: ClientOptions) -> None:
        app = Starlette(routes=[Route("/", lambda _: PlainTextResponse("x" * 100))])
        cached = ResponseCacheMiddleware(
            app, 60, client_options=shared_options, map_name=unique_name("responses"), max_bytes=99
        )
        async with browser(cached) as page:
            for _ in range(2):
                assert (await page.get("/")).headers["x-cache"] == "miss"


class TestRateLimiter:
    async def test_the_limit_holds_for_many_concurrent_requests(self, shared_options: ClientOptions) -> None:
        name = unique_name("rates")
        limiters = [
            RateLimiter(20, 3600, client_options=shared_options, map_name=name, deadline=20) for _ in range(2)
        ]
        outcomes = await asyncio.gather(*(limiters[n % 2].admit("ann") for n in range(60)))
        assert sum(seconds == 0 for seconds in outcomes) == 20
        assert all(0 <= seconds <= 3600 for seconds in outcomes)
        assert await limiters[0].admit("bob") == 0
        with hzclient.HazelcastClient(**shared_options) as client:
            rates = client.get_map(name).blocking()
            for key in rates.key_set():
                view = rates.get_entry_view(key)
                assert view is not None
                assert view.ttl == 7_200_000  # increments do not make the entry stay for ever

    async def test_as_a_dependency(self, shared_options: ClientOptions) -> None:
        limiter = RateLimiter(1, 3600, client_options=shared_options, map_name=unique_name("rates"))
        app = FastAPI()

        @app.get("/", dependencies=[Depends(limiter)])
        async def root() -> str:
            return "ok"

        async with browser(app) as page:
            assert (await page.get("/")).status_code == 200
            refused = await page.get("/")
            assert refused.status_code == 429
            assert 0 < int(refused.headers["retry-after"]) <= 3601

    async def test_without_a_cluster_everybody_is_let_through(self) -> None:
        limiter = RateLimiter(1, 60, client_options={"cluster_members": ["127.0.0.1:1"]}, deadline=0.2)
        assert [await limiter.admit("ann") for _ in range(2)] == [0, 0]
        close_shared_clients()


class TestClient:
    async def test_lifespan_and_dependency(self, hazelcast_cluster: LocalCluster) -> None:
        app = FastAPI(lifespan=hazelcast_lifespan(cluster_members=hazelcast_cluster.addresses))

        @app.get("/")
        async def root(client: Annotated[Any, Depends(get_client)]) -> int:
            entries = await client.get_map("lifespan")
            await entries.set("a", 7)
            return await entries.get("a")

        async with app.router.lifespan_context(app) as state:
            assert state is not None
            scope_state = {"state": dict(state)}

            async def with_state(scope: Any, receive: Any, send: Any) -> None:
                await app({**scope, **scope_state}, receive, send)

            async with browser(with_state) as page:
                assert (await page.get("/")).json() == 7
        assert not state["hazelcast"].lifecycle_service.is_running()

    async def test_without_the_lifespan(self) -> None:
        with pytest.raises(RuntimeError, match="needs lifespan=hazelcast_lifespan"):
            get_client(Request({"type": "http", "state": {}}))


@contextmanager
def replica(addresses: list[str]) -> Iterator[str]:
    """Serve the example in a process of its own; yield its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [
        *(sys.executable, "-m", "uvicorn", "service:app", "--app-dir", str(SERVICE)),
        *("--port", str(port), "--log-level", "warning"),
    ]
    environment = {**os.environ, "HAZELCAST": ",".join(addresses), "SECRET_KEY": "key"}
    process = subprocess.Popen(command, env=environment)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(30)


async def test_two_replicas_survive_the_death_of_a_member() -> None:
    with (
        LocalCluster(members=3) as cluster,
        replica(cluster.addresses) as one,
        replica(cluster.addresses) as two,
    ):
        async with httpx.AsyncClient(timeout=60) as page:
            async with asyncio.timeout(60):
                while True:
                    try:
                        for each in (one, two):
                            await page.get(f"{each}/openapi.json")
                    except httpx.TransportError:
                        await asyncio.sleep(0.1)
                    else:
                        break
            await page.post(f"{one}/login/ann")
            token = (await page.get(f"{one}/token/mail")).json()
            visits, slowest = 0, 0.0
            for number in range(200):
                if number == 50:
                    cluster.members[0].kill()
                started = time.monotonic()
                response = await page.get(f"{(one, two)[number % 2]}/visit")
                slowest = max(slowest, time.monotonic() - started)
                assert response.status_code == 200, response.text
                visits += 1
                assert response.json() == {"user": "ann", "visits": visits}
            assert slowest < 30
            for each in (one, two):
                assert (await page.get(f"{each}/token/mail")).json() == token
