"""A Django site in one file: `python django_site.py runserver PORT`."""

from __future__ import annotations

import sys
from typing import Any

from django.conf import settings
from django.core.management import execute_from_command_line
from django.http import HttpRequest, HttpResponse
from django.urls import path

from tests.hosts.apps.web import application as wsgi

settings.configure(
    DEBUG=True, SECRET_KEY="hosts", ROOT_URLCONF=__name__, ALLOWED_HOSTS=["*"], USE_TZ=True, DATABASES={}
)


def index(request: HttpRequest) -> HttpResponse:
    """Answer a request."""
    body: Any = wsgi({}, lambda *_: None)
    return HttpResponse(body)


urlpatterns = [path("", index)]

if __name__ == "__main__":
    execute_from_command_line(sys.argv)
