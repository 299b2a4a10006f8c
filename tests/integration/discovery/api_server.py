"""Stand-in for the API server of Kubernetes: HTTPS on loopback, with tokens, pages and errors."""

from __future__ import annotations

import json
import ssl
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.integration.discovery.https_server import HttpsServer


class ApiServer(HttpsServer):
    """Answers from a table of paths.

    Attributes:
        objects: Object or list of objects by path.
        token: The accepted token.
        failures: Statuses to respond with first, one for each request. `slow` waits first.
        page: Number of items in a page.

    Args:
        context: Its certificate is for "localhost".
        token: The accepted token.
    """

    def __init__(self, context: ssl.SSLContext, token: str) -> None:
        self.objects: dict[str, Any] = {}
        self.token = token
        self.failures: list[int | str] = []
        self.page = 2
        super().__init__(context)

    def respond(self, target: str, headers: Mapping[str, str]) -> tuple[int, bytes]:
        """Return the status and the content for a target."""
        status, content = self._found(target, headers.get("Authorization", ""))
        return status, json.dumps(content).encode()

    def _found(self, target: str, authorization: str) -> tuple[int, Any]:
        if authorization != f"Bearer {self.token}":
            return 401, {"kind": "Status", "code": 401}
        parts, failure = urlsplit(target), self.failures.pop(0) if self.failures else 200
        if failure == "slow":
            time.sleep(1.0)
        elif failure != 200:
            return int(failure), {"kind": "Status", "code": failure}
        found = self.objects.get(parts.path)
        if not isinstance(found, list):
            return (404, {"kind": "Status"}) if found is None else (200, found)
        query = parse_qs(parts.query)
        start = int(query.get("continue", ["0"])[0])
        end = start + self.page
        return 200, {
            "items": found[start:end],
            "metadata": {"continue": str(end)} if end < len(found) else {},
        }
