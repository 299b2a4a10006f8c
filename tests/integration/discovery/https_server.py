"""HTTPS server on loopback that stands in for a service of a cloud."""

from __future__ import annotations

import http.server
import ssl
import threading
from abc import abstractmethod
from collections.abc import Mapping
from typing import Any, Self


class HttpsServer:
    """Server for GET requests.

    Attributes:
        requests: Targets that were asked for.
        url: Where it listens.

    Args:
        context: Its certificate is for "localhost".
    """

    def __init__(self, context: ssl.SSLContext) -> None:
        self.requests: list[str] = []
        self._server = _Server(("127.0.0.1", 0), self._handler())
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        self.url = f"https://localhost:{self._server.server_address[1]}"

    @abstractmethod
    def respond(self, target: str, headers: Mapping[str, str]) -> tuple[int, bytes]:
        """Return the status and the content for a target."""

    def _handler(self) -> type[http.server.BaseHTTPRequestHandler]:
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.requests.append(self.path)
                status, content = outer.respond(self.path, dict(self.headers.items()))
                try:
                    self.send_response(status)
                    self.end_headers()
                    self.wfile.write(content)
                except OSError:
                    pass  # the client did not wait

            def log_message(self, format: str, *args: Any) -> None:
                pass

        return Handler

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class _Server(http.server.ThreadingHTTPServer):
    def handle_error(self, request: Any, client_address: Any) -> None:
        pass  # clients that refuse the certificate
