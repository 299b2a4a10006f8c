"""A Flask application with sessions and a cache, one process of several.

python -m tests.integrations.cachelib.shop ADDRESS ...     prints the port that it listens on
"""

from __future__ import annotations

import os
import sys

from flask import Flask, session
from flask_caching import Cache
from flask_session import Session  # type: ignore[import-untyped]
from werkzeug.serving import make_server

from hzclient.contrib.cachelib import HazelcastCache


def main(*addresses: str) -> None:
    """Serve until the process is killed."""
    app = Flask(__name__)
    app.config.update(
        SESSION_TYPE="cachelib",
        SESSION_CACHELIB=HazelcastCache(addresses, key_prefix="session:"),
        CACHE_TYPE="hzclient.contrib.cachelib.HazelcastCache",
        CACHE_ARGS=[list(addresses)],
        CACHE_OPTIONS={"key_prefix": "view:"},
    )
    Session(app)
    cache = Cache(app)

    @app.get("/visit")
    def visit() -> str:
        session["visits"] = session.get("visits", 0) + 1
        return str(session["visits"])

    @app.get("/maker")
    @cache.cached(timeout=60)
    def maker() -> str:
        return str(os.getpid())

    server = make_server("127.0.0.1", 0, app, threaded=True)
    sys.stdout.write(f"{server.server_port}\n")
    sys.stdout.flush()
    server.serve_forever()


if __name__ == "__main__":
    main(*sys.argv[1:])
