"""Starlette and FastAPI: asyncio client, sessions, response cache and rate limiter (extra `starlette`).

Sessions, cache and limiter share one client per process with all other integrations. Their calls have a
deadline and a circuit breaker: while the cluster is away, requests are served without them.
"""

import json
import secrets
import time
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, Literal, Unpack, cast

import itsdangerous
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

import hzclient.asyncio
from hzclient.config import ClientOptions
from hzclient.contrib._shared import guarded_map, is_unavailable

__all__ = (
    "RateLimiter",
    "ResponseCacheMiddleware",
    "Session",
    "SessionMiddleware",
    "get_client",
    "hazelcast_lifespan",
)

_STATE = "hazelcast"
_ID_BYTES = 32

# ------------------------------------------------------------------------------------------- client


def hazelcast_lifespan(
    **options: Unpack[ClientOptions],
) -> Callable[[Any], AbstractAsyncContextManager[Mapping[str, Any]]]:
    """Return a lifespan for an application, which starts an asyncio client and shuts it down.

    The client is `request.state.hazelcast`, and what `get_client` returns.

    Args:
        **options: Options of the client.

    Returns:
        What `Starlette(lifespan=...)` and `FastAPI(lifespan=...)` expect.
    """

    @asynccontextmanager
    async def lifespan(app: Any) -> AsyncGenerator[Mapping[str, Any], None]:
        del app
        async with hzclient.asyncio.HazelcastClient(**options) as client:
            yield {_STATE: client}

    return lifespan


def get_client(connection: HTTPConnection) -> hzclient.asyncio.HazelcastClient:
    """Return the client that `hazelcast_lifespan` started; a dependency for FastAPI.

    Args:
        connection: The request or the WebSocket.

    Returns:
        The client.

    Raises:
        RuntimeError: The application has no such lifespan.
    """
    client = getattr(connection.state, _STATE, None)
    if client is None:
        raise RuntimeError("the application needs lifespan=hazelcast_lifespan(...), which starts the client")
    return cast(hzclient.asyncio.HazelcastClient, client)


# ----------------------------------------------------------------------------------------- sessions


class Session(dict[str, Any]):
    """Data of one visitor, by texts; the values must be representable in JSON.

    Attributes:
        available: False if the cluster could not be asked. The session is empty then and will not be saved,
            and the visitor keeps the cookie.
        created: Seconds since 1970 at which the session began.
    """

    available: bool = True
    created: float = 0.0
    _rotated: bool = False

    def rotate(self) -> None:
        """Give the session a new id with this response. Call it when the visitor logs in or out.

        The old id is worth nothing afterwards, so an attacker who knew it gains nothing.
        """
        self._rotated = True

    @property
    def is_rotated(self) -> bool:
        """Whether the session gets a new id."""
        return self._rotated


class SessionMiddleware:
    """Keeps the data of `request.session` in a map. The cookie holds only a signed random id.

    A session ends after `idle_timeout` seconds without a request, or `lifetime` seconds after it began. If
    two requests change one session at the same time, the later one wins.

    Args:
        app: The application.
        secret_key: Signs the cookies. Several keys are for a change of key: the last one signs, all verify.
        client_options: Options of the shared client.
        map_name: Name of the map.
        cookie: Name of the cookie.
        idle_timeout: Seconds without a request after which a session ends.
        lifetime: Seconds after which a session ends in any case; None for no limit.
        path: Path of the cookie.
        domain: Domain of the cookie; None for the host only.
        same_site: The attribute SameSite of the cookie.
        https_only: Whether browsers send the cookie over HTTPS only.
        deadline: Seconds that a call to the cluster may take.

    Raises:
        ValueError: `secret_key` is empty, or `idle_timeout` or `lifetime` is not more than 0.
    """

    def __init__(
        self,
        app: ASGIApp,
        secret_key: str | Sequence[str],
        *,
        client_options: ClientOptions | None = None,
        map_name: str = "hzclient-sessions",
        cookie: str = "session",
        idle_timeout: float = 14 * 24 * 3600,
        lifetime: float | None = None,
        path: str = "/",
        domain: str | None = None,
        same_site: Literal["lax", "strict", "none"] = "lax",
        https_only: bool = True,
        deadline: float = 1.0,
    ) -> None:
        keys = [secret_key] if isinstance(secret_key, str) else list(secret_key)
        if not keys or not all(keys):
            raise ValueError("secret_key must not be empty: make one with `secrets.token_urlsafe(32)`")
        for name, seconds in (("idle_timeout", idle_timeout), ("lifetime", lifetime)):
            if seconds is not None and not seconds > 0:
                raise ValueError(f"{name} must be more than 0 seconds, not {seconds!r}")
        self._app = app
        self._signer = itsdangerous.Signer(keys, salt="hzclient.session")
        self._map = guarded_map(map_name, client_options or {}, deadline=deadline)
        self._cookie = cookie
        self._idle_timeout = idle_timeout
        self._lifetime = lifetime
        self._flags = f"Path={path}; HttpOnly; SameSite={same_site}"
        if domain is not None:
            self._flags += f"; Domain={domain}"
        if https_only:
            self._flags += "; Secure"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request with its session."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        old_id = self._id_in(HTTPConnection(scope).cookies.get(self._cookie))
        session, before = await self._load(old_id)
        scope["session"] = session
        begins = "http.response.start", "websocket.accept"

        async def send_with_cookie(message: Message) -> None:
            if message["type"] in begins and session.available:
                message.setdefault("headers", [])
                await self._finish(MutableHeaders(scope=message), session, before, old_id)
            await send(message)

        await self._app(scope, receive, send_with_cookie)

    def _id_in(self, cookie: str | None) -> str | None:
        """Return the id that a cookie holds; None if it was not signed here."""
        try:
            return None if cookie is None else self._signer.unsign(cookie).decode()
        except (itsdangerous.BadSignature, UnicodeDecodeError):
            return None

    async def _load(self, session_id: str | None) -> tuple[Session, str | None]:
        """Return a session, and its data as they are stored; None if nothing is."""
        session = Session()
        session.created = time.time()
        if session_id is None:
            return session, None
        try:
            stored = await self._map.call(lambda sessions: sessions.get(session_id))
        except Exception as error:
            if not is_unavailable(error):
                raise
            session.available = False
            return session, None
        if stored is None:
            return session, None
        record = json.loads(stored)
        if self._lifetime is not None and time.time() >= record["created"] + self._lifetime:
            await self._do(lambda sessions: sessions.delete(session_id))
            return session, None
        session.created = record["created"]
        session.update(record["data"])
        return session, json.dumps(record["data"])

    async def _finish(
        self, headers: MutableHeaders, session: Session, before: str | None, old_id: str | None
    ) -> None:
        """Save the session if it has changed, and set the cookie."""
        after = json.dumps(session)
        if not session:
            if before is not None:
                await self._do(lambda sessions: sessions.delete(old_id))
                headers.append("Set-Cookie", f"{self._cookie}=; Max-Age=0; {self._flags}")
            return
        # An id that the cluster does not know is never taken over: a stranger may have chosen it.
        keeps_id = before is not None and not session.is_rotated
        session_id = cast(str, old_id) if keeps_id else secrets.token_urlsafe(_ID_BYTES)
        if keeps_id and after == before:
            saved = await self._do(lambda sessions: sessions.set_ttl(session_id, self._idle_timeout))
        else:
            text = json.dumps({"created": session.created, "data": dict(session)})
            saved = await self._do(lambda sessions: sessions.set(session_id, text, ttl=self._idle_timeout))
        if saved and session.is_rotated and before is not None:
            await self._do(lambda sessions: sessions.delete(old_id))
        if saved:
            value = self._signer.sign(session_id).decode()
            age = int(self._idle_timeout)
            headers.append("Set-Cookie", f"{self._cookie}={value}; Max-Age={age}; {self._flags}")

    async def _do(self, use: Callable[[Any], Any]) -> bool:
        """Change the map. Return False if the cluster is away, which the circuit breaker logs and counts."""
        try:
            await self._map.call(use)
        except Exception as error:
            if not is_unavailable(error):
                raise
            return False
        return True


# ------------------------------------------------------------------------------------ response cache


class ResponseCacheMiddleware:
    """Keeps responses to GET requests in a map, for all replicas of the service.

    Only what is the same for everybody is kept: requests with `Authorization` or a `Cookie` pass by, and so
    do responses other than 200, with `Set-Cookie`, with `Vary`, or with `Cache-Control: private`, `no-store`
    or `no-cache`. Responses have a header `X-Cache`, which is `hit` or `miss`.

    Args:
        app: The application.
        ttl: Seconds to keep a response, more than 0. `Cache-Control: max-age` of a response takes precedence
            if it is less.
        client_options: Options of the shared client.
        map_name: Name of the map.
        prefix: Only paths that begin with it are cached.
        max_bytes: Longer bodies are not kept.
        deadline: Seconds that a call to the cluster may take.

    Raises:
        ValueError: `ttl` is not more than 0.
    """

    def __init__(
        self,
        app: ASGIApp,
        ttl: float,
        *,
        client_options: ClientOptions | None = None,
        map_name: str = "hzclient-responses",
        prefix: str = "/",
        max_bytes: int = 1 << 20,
        deadline: float = 1.0,
    ) -> None:
        if not ttl > 0:
            raise ValueError(f"ttl must be more than 0 seconds, not {ttl!r}")
        self._app = app
        self._ttl = ttl
        self._prefix = prefix
        self._max_bytes = max_bytes
        self._map = guarded_map(map_name, client_options or {}, deadline=deadline)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request from the cache, or pass it on and keep the response."""
        if not self._is_shared(scope):
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        key = "\n".join((headers.get("host", ""), scope["path"], scope["query_string"].decode("latin-1")))
        kept = await self._call(lambda responses: responses.get(key))
        if kept is not None:
            await _send_kept(kept, send)
            return
        recorder = _Recorder(send, self._max_bytes)
        await self._app(scope, receive, recorder.send)
        if recorder.complete and (ttl := min(self._ttl, recorder.max_age)) > 0:
            response = [recorder.head, bytes(recorder.body)]
            await self._call(lambda responses: responses.set(key, response, ttl=ttl))

    def _is_shared(self, scope: Scope) -> bool:
        if scope["type"] != "http" or scope["method"] != "GET" or not scope["path"].startswith(self._prefix):
            return False
        headers = Headers(scope=scope)
        private = any(name in headers for name in ("authorization", "cookie", "range"))
        return not private and "no-store" not in headers.get("cache-control", "")

    async def _call(self, use: Callable[[Any], Any]) -> Any:
        try:
            return await self._map.call(use)
        except Exception as error:
            if not is_unavailable(error):
                raise
            return None


async def _send_kept(kept: Any, send: Send) -> None:
    head, body = kept
    headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in json.loads(head)]
    start = {"type": "http.response.start", "status": 200, "headers": [*headers, (b"x-cache", b"hit")]}
    await send(start)
    await send({"type": "http.response.body", "body": bytes(body)})


class _Recorder:
    """Passes a response on, and keeps it if it may be kept."""

    def __init__(self, send: Send, max_bytes: int) -> None:
        self._send = send
        self._max_bytes = max_bytes
        self._keeps = False
        self.head = ""
        self.body = bytearray()
        self.max_age = float("inf")
        self.complete = False

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            self._keeps = message["status"] == 200 and self._may_keep(headers)
            self.head = json.dumps(headers.items())
            headers["X-Cache"] = "miss"
        elif message["type"] == "http.response.body" and self._keeps:
            self.body += message.get("body", b"")
            self._keeps = len(self.body) <= self._max_bytes
            self.complete = self._keeps and not message.get("more_body", False)
        await self._send(message)

    def _may_keep(self, headers: MutableHeaders) -> bool:
        control = headers.get("cache-control", "")
        for directive in control.split(","):
            name, _, seconds = directive.strip().partition("=")
            if name == "max-age" and seconds.isdigit():
                self.max_age = float(seconds)
        forbidden = any(word in control for word in ("private", "no-store", "no-cache"))
        return not forbidden and "set-cookie" not in headers and "vary" not in headers


# -------------------------------------------------------------------------------------- rate limiter


class RateLimiter:
    """Limits requests per client and period, over all replicas; a dependency for FastAPI.

    `Depends(RateLimiter(100, 60))` refuses the 101st request of a client within a minute with status 429 and
    `Retry-After`. Time is divided into periods, and each counts anew. While the cluster is away, every
    request is let through.

    Args:
        limit: Number of requests per period, at least 1.
        period: Seconds, more than 0.
        name: Name of what is limited. Limiters with one name share their counts.
        client_options: Options of the shared client.
        map_name: Name of the map.
        identify: Returns the client of a request. By default its IP address, so behind a reverse proxy
            configure the server to trust the proxy's headers.
        deadline: Seconds that a call to the cluster may take.

    Raises:
        ValueError: `limit` or `period` is out of range.
    """

    def __init__(
        self,
        limit: int,
        period: float,
        *,
        name: str = "",
        client_options: ClientOptions | None = None,
        map_name: str = "hzclient-rates",
        identify: Callable[[HTTPConnection], str] | None = None,
        deadline: float = 1.0,
    ) -> None:
        if limit < 1:
            raise ValueError(f"limit must be at least 1, not {limit!r}")
        if not period > 0:
            raise ValueError(f"period must be more than 0 seconds, not {period!r}")
        self._limit = limit
        self._period = period
        self._name = name
        self._identify = identify or _address_of
        self._map = guarded_map(map_name, client_options or {}, deadline=deadline)

    async def __call__(self, connection: HTTPConnection) -> None:
        """Count a request.

        Args:
            connection: The request.

        Raises:
            HTTPException: Status 429: the client has used up its limit.
        """
        seconds = await self.admit(self._identify(connection))
        if seconds > 0:
            raise HTTPException(429, "Too Many Requests", {"Retry-After": str(int(seconds) + 1)})

    async def admit(self, client: str) -> float:
        """Count a request of a client.

        Args:
            client: Who makes the request.

        Returns:
            0 if it is admitted, otherwise the seconds until the next period.
        """
        window, passed = divmod(time.time(), self._period)
        key = f"{self._name}\n{client}\n{self._period}\n{int(window)}"
        try:
            admitted = await self._count(key)
        except Exception as error:
            if not is_unavailable(error):
                raise
            return 0.0
        return 0.0 if admitted else self._period - passed

    async def _count(self, key: str) -> bool:
        """Add 1 to a count by compare and set, unless it has reached the limit."""
        while True:
            count = await self._map.call(lambda rates: rates.get(key))
            if count is not None and count >= self._limit:
                return False
            if count is None:
                # Twice the period, since the clocks of the replicas may differ.
                done = (
                    await self._map.call(lambda rates: rates.put_if_absent(key, 1, ttl=2 * self._period))
                ) is None
            else:
                done = await self._replace(key, count)
            if done:
                return True

    async def _replace(self, key: str, count: int) -> bool:
        # A replaced entry stays for ever, so its time to live is set anew, by a request that follows at once.
        replacing = self._map.call(lambda rates: rates.replace_if_same(key, count, count + 1))
        expiring = self._map.call(lambda rates: rates.set_ttl(key, 2 * self._period))
        replaced: bool = await replacing
        await expiring
        return replaced


def _address_of(connection: HTTPConnection) -> str:
    return connection.client.host if connection.client is not None else "unknown"
