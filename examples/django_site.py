"""A Django site whose cache and sessions are in Hazelcast.

python examples/django_site.py                   # with a cluster on this machine, port 5701
python examples/django_site.py HOST:PORT ...     # with that cluster
"""

import asyncio
import sys

from django.conf import settings

settings.configure(
    ALLOWED_HOSTS=["*"],
    CACHES={
        "default": {
            "BACKEND": "hzclient.contrib.django.HazelcastCache",
            "LOCATION": sys.argv[1:] or ["127.0.0.1:5701"],
            "KEY_PREFIX": "example",
            "OPTIONS": {"deadline": 2.0},
        }
    },
    MIDDLEWARE=["django.contrib.sessions.middleware.SessionMiddleware"],
    ROOT_URLCONF=__name__,
    SESSION_ENGINE="hzclient.contrib.django.sessions",
    SECRET_KEY="not a secret: this is an example",
)

import django  # noqa: E402
from django.core.cache import cache  # noqa: E402
from django.http import HttpRequest, HttpResponse, JsonResponse  # noqa: E402
from django.test import Client  # noqa: E402
from django.urls import path  # noqa: E402

from hzclient.contrib.django import HazelcastCache, health  # noqa: E402

hazelcast: HazelcastCache = cache  # type: ignore[assignment]
"""The same cache, for what Django's caches do not have: locks, patterns, health."""


def visit(request: HttpRequest) -> HttpResponse:
    """Count the visits of a session."""
    request.session["visits"] = request.session.get("visits", 0) + 1
    return HttpResponse(f"visit {request.session['visits']}")


async def report(request: HttpRequest) -> JsonResponse:
    """Return a report that is made once and then cached, and by one process at a time."""
    text = await cache.aget("report")
    if text is None:
        async with hazelcast.lock("report", timeout=30):
            text = await cache.aget_or_set("report", lambda: "made now", timeout=60)
    return JsonResponse({"report": text, "readers": await cache.aincr("readers")})


urlpatterns = [path("visit", visit), path("report", report), path("health", health)]


def main() -> None:
    """Send requests to the site."""
    django.setup()
    cache.clear()
    cache.set("readers", 0, timeout=60)
    browser = Client()
    for _ in range(2):
        print(browser.get("/visit").content.decode())
    for _ in range(2):
        print(browser.get("/report").json())
    print("available:", browser.get("/health").json()["available"])

    cache.set_many({f"user:{number}": f"name {number}" for number in range(100)})
    print(len(list(hazelcast.iter_keys("user:*"))), "users are cached")
    print(asyncio.run(hazelcast.adelete_pattern("user:?")), "of them are removed")


if __name__ == "__main__":
    main()
