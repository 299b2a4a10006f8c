"""The command `doctor`: why a client cannot connect, step by step."""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Final

import typer

from hzclient import HazelcastClient
from hzclient._net.tls import TLSSettings
from hzclient.cli._exit import REFUSED, UNREACHABLE, Stop
from hzclient.cli._session import Session
from hzclient.config import Config
from hzclient.core import Address, AddressHelper, EndpointQualifier, MemberInfo, ProtocolType
from hzclient.errors import (
    AuthenticationError,
    ClientNotAllowedInClusterError,
    HazelcastError,
)

_SECONDS: Final = 5.0
_SILENCE_SECONDS: Final = 0.5
_OLDEST: Final = (4, 2)
_PUBLIC: Final = EndpointQualifier(ProtocolType.CLIENT, "public")


_OTHER_NAME: Final = (62, 64)
"""Codes of OpenSSL for a certificate without the host name, or without the IP address."""

_REFUSALS: Final = {
    **dict.fromkeys(
        ("PROTOCOL_VERSION", "UNSUPPORTED_PROTOCOL", "NO_PROTOCOLS_AVAILABLE"),
        (
            "The members do not speak the versions of TLS that the client allows",
            "Allow a version that both have, with ssl_min_protocol and ssl_max_protocol.",
        ),
    ),
    **dict.fromkeys(
        ("CERTIFICATE_REQUIRED", "HANDSHAKE_FAILURE", "BAD_CERTIFICATE", "UNKNOWN_CA"),
        (
            "The members refuse the client in the handshake",
            "They may want a certificate of the client: name it with ssl_certfile and "
            "ssl_keyfile in a file for --config. Or both sides have no cipher in common: see ssl_ciphers.",
        ),
    ),
}
"""By a part of the reason that OpenSSL gives: what is wrong, and what to do about it."""


class Problem(Exception):
    """A step failed.

    Args:
        what: What is wrong.
        remedy: What to do about it.
        step: The step that it belongs to; None for the one that found it.
    """

    def __init__(self, what: str, remedy: str, step: str | None = None) -> None:
        super().__init__(what)
        self.what = what
        self.remedy = remedy
        self.step = step


@dataclass(frozen=True)
class Step:
    """Outcome of a step.

    Attributes:
        name: Name of the step.
        ok: Whether it succeeded.
        seconds: How long it took.
        detail: What was found.
        remedy: What to do if it failed.
    """

    name: str
    ok: bool
    seconds: float
    detail: str
    remedy: str = ""


def add_commands(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command("doctor")(doctor)


def doctor(context: typer.Context) -> None:
    """Find out why a client cannot connect.

    Checks the address, DNS, TCP, TLS, the protocol, cluster name and credentials, the version, and whether
    the addresses that the members report can be reached from here. Stops at the first step that fails, and
    says what to do about it.
    """
    session: Session = context.obj
    session.set_up_logging()
    steps = Examination(session).run()
    failed = next((step for step in steps if not step.ok), None)
    output = session.output
    rows = [
        [each.name, "ok" if each.ok else "FAILED", round(each.seconds * 1000, 1), each.detail]
        for each in steps
    ]
    if output.as_json:
        columns = ("step", "result", "ms", "detail")
        output.entry(
            steps=[dict(zip(columns, row, strict=True)) for row in rows],
            cause=failed.name if failed else None,
            detail=failed.detail if failed else None,
            remedy=failed.remedy if failed else None,
        )
    else:
        output.table("", ("step", "result", "ms", "found"), rows)
        output.line(f"Cause: {failed.detail}\nRemedy: {failed.remedy}" if failed else "Nothing is wrong.")
    if failed is not None:
        raise Stop(REFUSED if failed.name in ("cluster name", "credentials", "permission") else UNREACHABLE)


def _wait_for_refusal(tls: ssl.SSLSocket) -> None:
    """Wait a moment, because a member may refuse the client's certificate only after the handshake (TLS 1.3).

    Args:
        tls: The connection after the handshake.

    Raises:
        SSLError: It does.
        Problem: It closes the connection without a reason.
    """
    tls.settimeout(_SILENCE_SECONDS)
    with suppress(TimeoutError):
        if not tls.recv(1):
            what, remedy = _REFUSALS["CERTIFICATE_REQUIRED"]
            raise Problem(f"{what}: it is closed right after that.", remedy)


class Examination:
    """The steps, in order. Each uses what the steps before have found.

    Args:
        session: Its options say how to connect.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._steps: list[Step] = []
        self._config = Config()
        self._address = Address("", 0)
        self._members: list[MemberInfo] = []

    def run(self) -> list[Step]:
        """Run the steps until one fails, and return their outcomes."""
        steps: list[tuple[str, Callable[[], str]]] = [
            ("configuration", self._configuration),
            ("DNS", self._dns),
            ("TCP", self._tcp),
            ("TLS", self._tls),
            ("protocol", self._protocol),
            ("cluster name", self._authentication),
            ("version", self._version),
            ("address translation", self._translation),
        ]
        for name, step in steps:
            if not self._passes(name, step):
                break
        return self._steps

    def _passes(self, name: str, step: Callable[[], str]) -> bool:
        started = time.perf_counter()
        try:
            detail, remedy = step(), ""
        except Problem as problem:
            detail, remedy = problem.what, problem.remedy
            name = problem.step or name
        self._steps.append(Step(name, not remedy, time.perf_counter() - started, detail, remedy))
        return not remedy

    # ------------------------------------------------------------------------------------------ steps

    def _configuration(self) -> str:
        try:
            self._config = self._session.config()
            self._config.cluster_connect_timeout = _SECONDS
            self._config.connection_timeout = min(self._config.connection_timeout or _SECONDS, _SECONDS)
            given = self._config.cluster_members or ["127.0.0.1:5701"]
            self._address = AddressHelper.get_possible_addresses(given[0])[0][0]
            self._context()
        except (ValueError, OSError, HazelcastError) as error:
            raise Problem(str(error), "Correct this option or file.") from error
        return f"{self._address.to_string()}, cluster {self._config.cluster_name!r}"

    def _context(self) -> ssl.SSLContext | None:
        settings = TLSSettings.of(self._config)
        return None if settings is None else settings.make_context()

    def _dns(self) -> str:
        host, port = self._address.host, self._address.port
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except OSError as error:
            raise Problem(
                f"The host name {host!r} has no address here: {error.strerror}.",
                "Correct the name, or ask the DNS server of the network in which the members run.",
            ) from error
        return ", ".join(dict.fromkeys(str(entry[4][0]) for entry in found))

    def _tcp(self) -> str:
        try:
            with self._connected():
                return f"connected to {self._address.to_string()}"
        except TimeoutError as error:
            raise Problem(
                f"Nothing answers at {self._address.to_string()}.",
                "A firewall or a wrong address: allow TCP to this port, or correct the address.",
            ) from error
        except OSError as error:
            raise Problem(
                f"{self._address.to_string()} cannot be reached: {error.strerror}.",
                "Start the member, or correct the port: members listen on 5701 unless configured otherwise.",
            ) from error

    def _connected(self) -> socket.socket:
        return socket.create_connection((self._address.host, self._address.port), _SECONDS)

    def _tls(self) -> str:
        context = self._context()
        if context is None:
            return self._no_tls()
        try:
            with (
                self._connected() as plain,
                context.wrap_socket(plain, server_hostname=self._address.host) as tls,
            ):
                found = f"{tls.version()}, {(tls.cipher() or ('unknown',))[0]}"
                _wait_for_refusal(tls)
                return found
        except ssl.SSLCertVerificationError as error:
            if error.verify_code in _OTHER_NAME:
                raise Problem(
                    f"The member's certificate is for another host: {error.verify_message}.",
                    f"Connect to a name that it has, renew it with {self._address.host!r}, or set "
                    "ssl_check_hostname to False.",
                ) from error
            raise Problem(
                f"The member's certificate is not accepted: {error.verify_message}.",
                "Name the authority of the members with --ca-file, or renew an expired certificate.",
            ) from error
        except (ssl.SSLError, OSError) as error:
            reason = getattr(error, "reason", None) or error.strerror or str(error)
            for word, (what, remedy) in _REFUSALS.items():
                if word in reason:
                    raise Problem(f"{what}: {reason}.", remedy) from error
            raise Problem(
                f"There is no TLS at {self._address.to_string()}: {reason}.",
                "Leave out --tls, or switch TLS on in the members. If it is on, their logs have the reason.",
            ) from error

    def _no_tls(self) -> str:
        """Find out whether the member expects TLS although the client does not use it."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE  # nothing is sent: only whether the other side speaks TLS
        try:
            with self._connected() as plain:
                plain.settimeout(_SILENCE_SECONDS)
                with context.wrap_socket(plain):
                    pass
        except OSError:
            return "not used"
        raise Problem(
            f"{self._address.to_string()} expects TLS.", "Add --tls, and --ca-file for a private authority."
        )

    def _protocol(self) -> str:
        """Send the three bytes that begin the protocol: a member waits for more, others answer or hang up."""
        context = self._context()
        try:
            with self._connected() as plain:
                channel = (
                    plain
                    if context is None
                    else context.wrap_socket(plain, server_hostname=self._address.host)
                )
                with channel:
                    channel.settimeout(_SILENCE_SECONDS)
                    channel.sendall(b"CP2")
                    received = channel.recv(64)
        except TimeoutError:
            return "Open Client Protocol"
        except OSError:
            received = b""
        raise self._no_member(f"it answers {received[:20]!r}" if received else "it closes the connection")

    def _no_member(self, observed: str) -> Problem:
        return Problem(
            f"{self._address.to_string()} is not a port for Hazelcast clients: {observed}.",
            "Correct the port. Members may have a port of their own for clients (advanced network), and "
            "Management Center is not a member.",
            "protocol",
        )

    def _authentication(self) -> str:
        try:
            self._members = self._connect(self._config)
        except ClientNotAllowedInClusterError as error:
            raise Problem(str(error), "Unblock this client in Management Center.", "permission") from error
        except AuthenticationError as error:
            raise self._refusal(str(error)) from error
        except HazelcastError as error:
            raise self._no_member(f"it does not answer ({error})") from error
        return f"{self._config.cluster_name!r} accepts the client"

    def _connect(self, config: Config) -> list[MemberInfo]:
        config.cluster_members = [self._address.to_string()]
        config.smart_routing = False
        with HazelcastClient(config) as client:
            return client.cluster_service.get_members()

    def _refusal(self, text: str) -> Problem:
        """Find out whether the credentials or the cluster name are refused: members do not say which."""
        if self._config.creds_username is None and self._config.token_provider is None:
            return Problem(
                text,
                f"Correct --cluster-name {self._config.cluster_name!r}; or give --username, if security "
                "is enabled in the members.",
            )
        if "creds_username" not in self._session.options:  # they are in the file
            return Problem(text, "Correct the credentials or the cluster name in the file.", "credentials")
        options = {
            name: value for name, value in self._session.options.items() if not name.startswith("creds_")
        }
        without = replace(self._session, options=options).config()
        without.cluster_connect_timeout = _SECONDS
        try:
            self._connect(without)
        except HazelcastError:
            return Problem(text, "Correct the user name, the password or --cluster-name.", "credentials")
        return Problem(
            "The members refuse these credentials, but accept a client without any.",
            "Leave out --username: security is not enabled in the members.",
            "credentials",
        )

    def _version(self) -> str:
        versions = sorted(
            {(each.version.major, each.version.minor, each.version.patch) for each in self._members}
        )
        shown = ", ".join(".".join(map(str, version)) for version in versions)
        if versions and versions[0][:2] < _OLDEST:
            raise Problem(f"The members have version {shown}.", "Use members of version 4.2 or newer.")
        return f"Hazelcast {shown}"

    def _translation(self) -> str:
        if not self._session.config().smart_routing:
            return "not needed: the client connects to one member only"
        public = self._config.use_public_ip
        unreachable: list[str] = []
        for member in self._members:
            address = member.address_map.get(_PUBLIC, member.address) if public else member.address
            try:
                socket.create_connection((address.host, address.port), _SECONDS / 2).close()
            except OSError:
                unreachable.append(address.to_string())
        if unreachable:
            raise Problem(
                f"The members report addresses that cannot be reached from here: {', '.join(unreachable)}.",
                "Use --public-addresses if the members have such addresses, or else --unisocket.",
            )
        return f"{len(self._members)} members can be reached at the addresses that they report"
