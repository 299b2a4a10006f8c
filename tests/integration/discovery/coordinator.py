"""Stand-in for the cloud's coordinator: an HTTPS server on loopback that sends a list of addresses."""

from __future__ import annotations

import json
import ssl
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.integration.discovery.https_server import HttpsServer


class Coordinator(HttpsServer):
    """Responds on the discovery path to clients that send the token.

    Attributes:
        members: What it answers: the JSON value, or bytes to send as they are.

    Args:
        context: Its certificate is for "localhost".
        token: Token that it expects.
        members: Members that it responds with.
    """

    def __init__(self, context: ssl.SSLContext, token: str, members: Any) -> None:
        self.members = members
        self._token = token
        super().__init__(context)

    def respond(self, target: str, headers: Mapping[str, str]) -> tuple[int, bytes]:
        """Return the status and the content for a target."""
        parts = urlsplit(target)
        if parts.path != "/cluster/discovery" or parse_qs(parts.query).get("token") != [self._token]:
            return 404, b'{"message": "no such cluster"}'
        return 200, self.members if isinstance(self.members, bytes) else json.dumps(self.members).encode()
