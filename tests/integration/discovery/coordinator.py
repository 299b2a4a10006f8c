"""Stand-in for the cloud's coordinator: an HTTPS server on loopback that sends a list of addresses."""

from __future__ import annotations

import http.server
import json
import ssl
import threading
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit


class Coordinator:
    """Responds on the discovery path to clients that send the token.

    Attributes:
        members: What it answers: the JSON value, or bytes to send as they are.
        requests: The targets that were asked for.
        url: URL of the server.

    Args:
        context: Its certificate is for "localhost".
        token: Token that it expects.
        members: Members that it responds with.
    """

    def __init__(self, context: ssl.SSLContext, token: str, members: Any) -> None:
        self.members = members
        self.requests: list[str] = []
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.requests.append(self.path)
                parts = urlsplit(self.path)
                known = parts.path == "/cluster/discovery" and parse_qs(parts.query).get("token") == [token]
                content = (
                    outer.members if isinstance(outer.members, bytes) else json.dumps(outer.members).encode()
                )
                self.send_response(200 if known else 404)
                self.end_headers()
                self.wfile.write(content if known else b'{"message": "no such cluster"}')

            def log_message(self, format: str, *args: Any) -> None:
                pass

        class Server(http.server.ThreadingHTTPServer):
            def handle_error(self, request: Any, client_address: Any) -> None:
                pass  # clients that refuse the certificate

        self._server = Server(("127.0.0.1", 0), Handler)
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        self.url = f"https://localhost:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
