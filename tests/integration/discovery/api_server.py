"""Stand-in for the API server of Kubernetes: HTTPS on loopback, with tokens, pages and errors."""

from __future__ import annotations

import http.server
import json
import ssl
import threading
import time
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit


class ApiServer:
    """Answers from a table of paths.

    Attributes:
        objects: Object or list of objects by path.
        token: The accepted token.
        failures: Statuses to respond with first, one for each request. `slow` waits first.
        page: Number of items in a page.
        requests: Targets that were asked for.
        url: Where it listens.

    Args:
        context: Its certificate is for "localhost".
        token: The accepted token.
    """

    def __init__(self, context: ssl.SSLContext, token: str) -> None:
        self.objects: dict[str, Any] = {}
        self.token = token
        self.failures: list[int | str] = []
        self.page = 2
        self.requests: list[str] = []
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.requests.append(self.path)
                status, content = outer.respond(self.path, self.headers.get("Authorization", ""))
                try:
                    self.send_response(status)
                    self.end_headers()
                    self.wfile.write(json.dumps(content).encode())
                except OSError:
                    pass  # the client did not wait

            def log_message(self, format: str, *args: Any) -> None:
                pass

        class Server(http.server.ThreadingHTTPServer):
            def handle_error(self, request: Any, client_address: Any) -> None:
                pass  # clients that refuse the certificate

        self._server = Server(("127.0.0.1", 0), Handler)
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        self.url = f"https://localhost:{self._server.server_address[1]}"

    def respond(self, target: str, authorization: str) -> tuple[int, Any]:
        """Return status and content."""
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

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
