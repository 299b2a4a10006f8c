"""The command `doctor` names the true cause of prepared misconfigurations."""

from __future__ import annotations

import asyncio
import datetime
import io
import json
import socketserver
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout, suppress
from pathlib import Path
from typing import Any

import pytest
import trustme

from hzclient._codec import client as codec
from hzclient.cli._app import main
from hzclient.core import Address
from hzclient.server import LocalCluster
from tests.integration.cli.conftest import Run
from tests.integration.security.proxy import Proxy
from tests.member.scripted import ScriptedCluster


def test_nothing_is_wrong(run: Run) -> None:
    found = run("doctor", "--json").json
    assert found["cause"] is None
    assert [step["result"] for step in found["steps"]] == ["ok"] * 8
    assert all(step["ms"] >= 0 for step in found["steps"])


@contextmanager
def other_server(first: Callable[[Any], object]) -> Iterator[str]:
    """Run a server that is no member; yield its address."""

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            first(self.request)

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()


def answer_as_web_server(connection: Any) -> None:
    connection.recv(100)
    connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")


@pytest.mark.parametrize(
    ("options", "cause", "remedy"),
    [
        (["-a", "127.0.0.1:port"], "configuration", "Correct this option"),
        (["-a", "members.invalid:5701"], "DNS", "Correct the name"),
        (["-a", "127.0.0.1:1"], "TCP", "Start the member"),
        (["-c", "wrong"], "cluster name", "--cluster-name"),
        (["--tls"], "TLS", "Leave out --tls"),
    ],
)
def test_wrong_options(run: Run, options: list[str], cause: str, remedy: str) -> None:
    if options[0] == "-a":  # instead of the right address
        found = _examine(options)
    else:
        found = run("doctor", "--json", *options, code=_code(cause)).json
    _check(found, cause, remedy)


def test_the_output_for_people_names_cause_and_remedy(run: Run) -> None:
    shown = run("doctor", "-c", "wrong", code=5).out
    assert "FAILED" in shown
    assert "Remedy: Correct --cluster-name 'wrong'" in shown


@pytest.mark.parametrize("server", [answer_as_web_server, lambda connection: connection.close()])
def test_a_port_of_something_else(server: Callable[[Any], object]) -> None:
    with other_server(server) as address:
        _check(_examine(["-a", address]), "protocol", "Correct the port")


def test_a_port_that_never_answers() -> None:
    ended = threading.Event()
    with other_server(lambda _: ended.wait(60)) as address:
        try:
            _check(_examine(["-a", address]), "protocol", "Correct the port")
        finally:
            ended.set()


def test_credentials_that_members_do_not_expect(run: Run, tmp_path: Path) -> None:
    (tmp_path / "password").write_text("secret\n")
    words = ["--username", "ann", "--password-file", str(tmp_path / "password")]
    _check(run("doctor", "--json", *words, code=5).json, "credentials", "Leave out --username")


class TestTLS:
    @pytest.fixture
    def authority(self) -> trustme.CA:
        return trustme.CA()

    @pytest.fixture
    def secured(self, hazelcast_cluster: LocalCluster, authority: trustme.CA) -> Callable[..., Any]:
        def make(*names: str, **options: Any) -> Proxy:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            authority.issue_cert(*(names or ("localhost", "127.0.0.1")), **options).configure_cert(context)
            return Proxy(hazelcast_cluster.addresses[0], context)

        return make

    @pytest.fixture
    def examine(self, authority: trustme.CA, tmp_path: Path) -> Callable[..., Any]:
        """Return a function that examines a proxy with the right authority and further options."""

        def run_doctor(address: str, **options: Any) -> Any:
            authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
            options |= {"ssl_enabled": True, "ssl_cafile": str(tmp_path / "ca.pem")}
            (tmp_path / "client.json").write_text(json.dumps({"hzclient": options}))
            words = ["-a", address, "--config", str(tmp_path / "client.json")]
            return _examine(words)

        return run_doctor

    def test_everything_is_right(self, secured: Callable[..., Any], examine: Callable[..., Any]) -> None:
        with secured() as proxy:
            found = examine(proxy.address.to_string(), ssl_check_hostname=True, smart_routing=False)
        assert found["cause"] is None, found

    def test_the_certificate_is_for_another_host(
        self, secured: Callable[..., Any], examine: Callable[..., Any]
    ) -> None:
        with secured("members.example", "10.1.2.3") as proxy:
            found = examine(proxy.address.to_string(), ssl_check_hostname=True)
        _check(found, "TLS", "ssl_check_hostname")
        assert "another host" in found["detail"]

    @pytest.fixture
    def refusing(self, authority: trustme.CA) -> Callable[[ssl.SSLContext], Any]:
        """Return a function that runs a server which does the handshake only, and sends why it fails."""

        def make(context: ssl.SSLContext) -> Any:
            authority.issue_cert("127.0.0.1").configure_cert(context)

            def shake_hands(connection: Any) -> None:
                with suppress(OSError), context.wrap_socket(connection, server_side=True) as tls:
                    tls.recv(1)

            return other_server(shake_hands)

        return make

    def test_there_is_no_common_version(
        self, refusing: Callable[[ssl.SSLContext], Any], examine: Callable[..., Any]
    ) -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_3
        with refusing(context) as address:
            found = examine(address, ssl_max_protocol="TLSv1_2")
        _check(found, "TLS", "ssl_max_protocol")
        assert "versions of TLS" in found["detail"]

    @pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
    def test_the_members_want_a_certificate(
        self,
        refusing: Callable[[ssl.SSLContext], Any],
        examine: Callable[..., Any],
        authority: trustme.CA,
        version: ssl.TLSVersion,
    ) -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.maximum_version = version
        context.verify_mode = ssl.CERT_REQUIRED
        authority.configure_trust(context)
        with refusing(context) as address:
            found = examine(address, ssl_min_protocol="TLSv1_2", ssl_max_protocol="TLSv1_3")
        _check(found, "TLS", "ssl_certfile")

    def test_the_members_want_a_certificate_and_say_nothing(
        self, secured: Callable[..., Any], examine: Callable[..., Any], authority: trustme.CA
    ) -> None:
        with secured() as proxy:
            assert proxy.context is not None
            proxy.context.verify_mode = ssl.CERT_REQUIRED
            authority.configure_trust(proxy.context)
            found = examine(proxy.address.to_string(), ssl_min_protocol="TLSv1_3", ssl_max_protocol="TLSv1_3")
        _check(found, "TLS", "ssl_certfile")

    def test_the_members_expect_tls(self, secured: Callable[..., Any]) -> None:
        with secured() as proxy:
            _check(_examine(["-a", proxy.address.to_string()]), "TLS", "Add --tls")

    def test_the_authority_is_unknown(self, secured: Callable[..., Any]) -> None:
        with secured() as proxy:
            found = _examine(["-a", proxy.address.to_string(), "--tls"])
        _check(found, "TLS", "--ca-file")

    def test_the_certificate_has_expired(
        self, secured: Callable[..., Any], authority: trustme.CA, tmp_path: Path
    ) -> None:
        authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
        with secured(not_after=datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)) as proxy:
            found = _examine(["-a", proxy.address.to_string(), "--ca-file", str(tmp_path / "ca.pem")])
        _check(found, "TLS", "expired")
        assert "expired" in found["detail"]

    def test_the_file_of_the_authority_is_none(self, secured: Callable[..., Any], tmp_path: Path) -> None:
        (tmp_path / "ca.pem").write_text("this is no certificate")
        with secured() as proxy:
            found = _examine(["-a", proxy.address.to_string(), "--ca-file", str(tmp_path / "ca.pem")])
        _check(found, "configuration", "Correct this option or file")


async def test_an_address_that_only_the_members_can_reach() -> None:
    async with ScriptedCluster() as cluster:
        cluster.view.members[0].address = Address("127.0.0.1", 1)
        found = await asyncio.to_thread(_examine, ["-a", cluster.addresses[0]])
    _check(found, "address translation", "--unisocket")


async def test_a_client_that_is_blocked() -> None:
    async with ScriptedCluster() as cluster:
        accepted: Any = cluster.members[0]._authenticate

        def refuse(*args: Any) -> codec.AuthenticationResponse:
            return accepted(*args)._replace(status=3)

        cluster.on(codec.AUTHENTICATION, refuse)
        found = await asyncio.to_thread(_examine, ["-a", cluster.addresses[0]])
    _check(found, "permission", "Management Center")


def _examine(words: list[str]) -> Any:
    """Examine and return what the command prints; not with `run`, whose address is right."""
    out = io.StringIO()
    with redirect_stdout(out):
        code = main(["doctor", "--json", *words])
    found = json.loads(out.getvalue())
    assert code == _code(found["cause"])
    return found


def _code(cause: str | None) -> int:
    if cause is None:
        return 0
    return 5 if cause in ("cluster name", "credentials", "permission") else 4


def _check(found: Any, cause: str, remedy: str) -> None:
    assert (found["cause"], remedy in found["remedy"]) == (cause, True), found
    assert [step["step"] for step in found["steps"] if step["result"] != "ok"] == [cause]
