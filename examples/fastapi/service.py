"""A FastAPI service whose replicas share sessions, tokens and rate limits.

Start any number of replicas, each with a port of its own:

    pip install "hzclient-hazelcast[starlette]" fastapi uvicorn
    HAZELCAST=127.0.0.1:5701 SECRET_KEY=change-me uvicorn --app-dir examples/fastapi service:app --port 8001
"""

import os
import secrets
from typing import Annotated, Any

from fastapi import Depends, FastAPI, HTTPException, Request

from hzclient.asyncio import HazelcastClient
from hzclient.config import ClientOptions
from hzclient.contrib.starlette import RateLimiter, SessionMiddleware, get_client, hazelcast_lifespan

OPTIONS: ClientOptions = {
    "cluster_members": os.environ.get("HAZELCAST", "127.0.0.1:5701").split(","),
    "redo_operation": True,  # all that is stored here may be stored twice
}
TOKEN_SECONDS = 3600

app = FastAPI(lifespan=hazelcast_lifespan(**OPTIONS))
app.add_middleware(
    SessionMiddleware,
    secret_key=os.environ["SECRET_KEY"],
    client_options=OPTIONS,
    https_only=False,  # only because this example is served without TLS
    deadline=5.0,
)
limit = RateLimiter(1000, 60, name="tokens", client_options=OPTIONS)
Client = Annotated[HazelcastClient, Depends(get_client)]


@app.post("/login/{user}")
async def login(request: Request, user: str) -> dict[str, str]:
    """Begin a session. A real service checks a password here."""
    session: Any = request.session
    session["user"] = user
    session["visits"] = 0
    session.rotate()
    return {"user": user}


@app.get("/visit")
async def visit(request: Request) -> dict[str, Any]:
    """Count a visit in the session."""
    session: Any = request.session
    if not session.available:
        raise HTTPException(503, "Try again soon")
    if "user" not in session:
        raise HTTPException(401, "Log in first")
    session["visits"] += 1
    return dict(session)


@app.get("/token/{service}", dependencies=[Depends(limit)])
async def token(client: Client, service: str) -> dict[str, str]:
    """Return a token for a service; all replicas give the same one until it expires."""
    tokens = (await client.get_map("tokens")).with_timeout(5)
    made = secrets.token_hex(16)  # in a real service: ask the identity provider
    return {"token": await tokens.put_if_absent(service, made, ttl=TOKEN_SECONDS) or made}
