"""A Django site whose sessions are in the cache, one process of several.

python -m tests.integrations.django.site ADDRESS ...     prints the port that it listens on
"""

from __future__ import annotations

import sys
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

from django.conf import settings
from django.core.servers.basehttp import ThreadedWSGIServer
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse
from django.urls import path

from hzclient.contrib.django import health


def visit(request: HttpRequest) -> HttpResponse:
    """Count the visits of a session."""
    request.session["visits"] = request.session.get("visits", 0) + 1
    return HttpResponse(str(request.session["visits"]))


urlpatterns = [path("visit", visit), path("health", health)]


class Quiet(WSGIRequestHandler):
    """Does not log requests."""

    def log_message(self, format: str, *args: Any) -> None:
        """Log nothing."""


def main(*addresses: str) -> None:
    """Serve until the process is killed."""
    settings.configure(
        ALLOWED_HOSTS=["*"],
        CACHES={
            "default": {
                "BACKEND": "hzclient.contrib.django.HazelcastCache",
                "LOCATION": list(addresses),
                "OPTIONS": {"map_name": "site"},
            }
        },
        MIDDLEWARE=["django.contrib.sessions.middleware.SessionMiddleware"],
        ROOT_URLCONF=__name__,
        SECRET_KEY="only for tests",
        SESSION_ENGINE="hzclient.contrib.django.sessions",
    )
    server = make_server("127.0.0.1", 0, get_wsgi_application(), ThreadedWSGIServer, Quiet)
    sys.stdout.write(f"{server.server_port}\n")
    sys.stdout.flush()
    server.serve_forever()


if __name__ == "__main__":
    main(*sys.argv[1:])
