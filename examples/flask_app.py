"""A Flask application whose sessions and cached views are in Hazelcast.

python examples/flask_app.py                   # with a cluster on this machine, port 5701
python examples/flask_app.py HOST:PORT ...     # with that cluster
"""

import sys

from flask import Flask, session
from flask_caching import Cache
from flask_session import Session  # type: ignore[import-untyped]

from hzclient.contrib.cachelib import HazelcastCache

members = sys.argv[1:] or ["127.0.0.1:5701"]
app = Flask(__name__)
app.config.update(
    SESSION_TYPE="cachelib",
    SESSION_CACHELIB=HazelcastCache(members, key_prefix="session:", deadline=2.0),
    CACHE_TYPE="hzclient.contrib.cachelib.HazelcastCache",
    CACHE_ARGS=[members],
    CACHE_OPTIONS={"key_prefix": "view:", "deadline": 2.0},
)
Session(app)
cache = Cache(app)


@app.get("/visit")
def visit() -> str:
    """Count the visits of a session."""
    session["visits"] = session.get("visits", 0) + 1
    return f"visit {session['visits']}"


@app.get("/report")
@cache.cached(timeout=60)
def report() -> str:
    """Return a report that is made once and then cached."""
    print("making the report")
    return "report"


def main() -> None:
    """Send requests to the application."""
    with app.app_context():
        cache.clear()
    browser = app.test_client()
    for path in ("/visit", "/visit", "/report", "/report"):
        print(browser.get(path).text)


if __name__ == "__main__":
    main()
