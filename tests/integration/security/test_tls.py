"""TLS: what is accepted, what is refused and how it says so, in both runtimes."""

from __future__ import annotations

import datetime
import logging
import socket
import ssl
import time
from typing import Any

import pytest

from hzclient.errors import HazelcastCertificationError, IllegalStateError
from tests.integration.faces import end_client, eventually, make_client
from tests.integration.security.conftest import Certificates, ProxyMaker
from tests.integration.security.proxy import Doorkeeper, Proxy, Translation

RUNTIMES = ("asyncio", "blocking")
TIMEOUT = 2.0


@pytest.fixture(params=RUNTIMES)
def runtime(request: pytest.FixtureRequest) -> str:
    return str(request.param)


async def connect(runtime: str, proxies: list[Proxy], **options: Any) -> Any:
    host = options.pop("host", None)
    options = {"ssl_enabled": True, "cluster_connect_timeout": 0, "connection_timeout": TIMEOUT} | options
    if proxies:
        options["address_provider"] = Translation(*proxies, host=host)
    return await make_client(runtime, **options)


async def put_and_get(runtime: str, client: Any) -> None:
    if runtime == "asyncio":
        m = await client.get_map("tls")
        await m.set("k", "v" * 100_000)
        assert await m.get("k") == "v" * 100_000
    else:
        m = client.get_map("tls").blocking()
        m.set("k", "v" * 100_000)
        assert m.get("k") == "v" * 100_000


async def check(runtime: str, proxies: list[Proxy], **options: Any) -> None:
    client = await connect(runtime, proxies, **{"connection_timeout": 20} | options)
    try:
        await put_and_get(runtime, client)
    finally:
        await end_client(client)


async def refused(runtime: str, proxies: list[Proxy], kind: type[Exception], **options: Any) -> str:
    """Return the error text of a client that cannot connect, within its time limit."""
    start = time.monotonic()
    with pytest.raises(kind) as caught:
        await connect(runtime, proxies, **options)
    assert time.monotonic() - start < TIMEOUT * len(proxies) + 15
    return str(caught.value)


class TestAccepted:
    async def test_every_member_behind_tls(
        self, runtime: str, certificates: Certificates, proxies_with: ProxyMaker
    ) -> None:
        proxies = proxies_with(certificates.server_context("127.0.0.1"))
        await check(runtime, proxies, ssl_cafile=certificates.cafile, ssl_check_hostname=True)
        assert [version for proxy in proxies for version, _ in proxy.handshakes] == ["TLSv1.2"] * 2

    async def test_the_authorities_of_the_system(
        self,
        runtime: str,
        certificates: Certificates,
        proxies_with: ProxyMaker,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setenv("SSL_CERT_FILE", certificates.cafile)
        await check(runtime, proxies_with(certificates.server_context("127.0.0.1")))

    async def test_the_name_does_not_matter_without_the_check(
        self, runtime: str, certificates: Certificates, proxies_with: ProxyMaker, caplog: Any
    ) -> None:
        proxies = proxies_with(certificates.server_context("elsewhere.example.org"))
        await check(runtime, proxies, ssl_cafile=certificates.cafile)
        warnings = [r.getMessage() for r in caplog.records if r.name == "hzclient.connection"]
        assert len(warnings) == 1
        assert "ssl_check_hostname is off" in warnings[0]

    async def test_a_host_name(
        self, runtime: str, certificates: Certificates, proxies_with: ProxyMaker
    ) -> None:
        proxies = proxies_with(certificates.server_context("localhost"))
        options = {"host": "localhost", "ssl_check_hostname": True}
        await check(runtime, proxies, ssl_cafile=certificates.cafile, **options)

    async def test_mutual_authentication(
        self, runtime: str, certificates: Certificates, proxies_with: ProxyMaker
    ) -> None:
        context = certificates.server_context("127.0.0.1")
        context.verify_mode = ssl.CERT_REQUIRED
        certificates.authority.configure_trust(context)
        proxies = proxies_with(context)
        certfile, keyfile = certificates.issue("mutual")
        options = {"ssl_certfile": certfile, "ssl_keyfile": keyfile}
        await check(runtime, proxies, ssl_cafile=certificates.cafile, **options)
        _, certificate = proxies[0].handshakes[0]
        assert ("commonName", "mutual") in [pair for part in certificate["subject"] for pair in part]

    async def test_certificates_are_read_again_at_each_connection(
        self, runtime: str, certificates: Certificates, proxies_with: ProxyMaker
    ) -> None:
        context = certificates.server_context("127.0.0.1")
        context.verify_mode = ssl.CERT_REQUIRED
        certificates.authority.configure_trust(context)
        proxies = proxies_with(context)
        certfile, keyfile = certificates.issue("rotating")
        options = {"ssl_certfile": certfile, "ssl_keyfile": keyfile, "cluster_connect_timeout": -1}
        client = await connect(runtime, proxies, ssl_cafile=certificates.cafile, **options)
        try:
            before = {
                str(certificate["serialNumber"]) for proxy in proxies for _, certificate in proxy.handshakes
            }
            certificates.issue("rotating")
            for proxy in proxies:
                proxy.handshakes.clear()
                proxy.drop()
            await eventually(lambda: all(proxy.handshakes for proxy in proxies))
            await put_and_get(runtime, client)
            after = {
                str(certificate["serialNumber"]) for proxy in proxies for _, certificate in proxy.handshakes
            }
            assert len(before) == len(after) == 1
            assert before != after
        finally:
            await end_client(client)


class TestVersions:
    @pytest.mark.parametrize(
        ("options", "spoken"),
        [
            ({"ssl_protocol": "TLSv1_2"}, "TLSv1.2"),
            ({"ssl_protocol": "TLSv1_3"}, "TLSv1.3"),
            ({"ssl_min_protocol": "TLSv1_2"}, "TLSv1.3"),
            ({"ssl_max_protocol": "TLSv1_2"}, "TLSv1.2"),
            ({"ssl_min_protocol": "TLSv1_2", "ssl_max_protocol": "TLSv1_3"}, "TLSv1.3"),
            ({"ssl_ciphers": "ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES128-GCM-SHA256"}, "TLSv1.2"),
        ],
    )
    async def test_spoken(
        self,
        runtime: str,
        certificates: Certificates,
        proxies_with: ProxyMaker,
        options: dict[str, Any],
        spoken: str,
    ) -> None:
        proxies = proxies_with(certificates.server_context("127.0.0.1"))
        await check(runtime, proxies, ssl_cafile=certificates.cafile, **options)
        assert proxies[0].handshakes[0][0] == spoken

    async def test_none_in_common(self, runtime: str, certificates: Certificates) -> None:
        context = certificates.server_context("127.0.0.1")
        context.minimum_version = ssl.TLSVersion.TLSv1_3
        with Doorkeeper(context) as door:
            text = await refused(
                runtime,
                [],
                HazelcastCertificationError,
                cluster_members=[door.address],
                ssl_cafile=certificates.cafile,
            )
        assert "the member refused" in text
        assert "protocol version" in text


class TestRefused:
    async def test_another_authority(
        self, runtime: str, certificates: Certificates, proxies_with: ProxyMaker, tmp_path: Any, caplog: Any
    ) -> None:
        other = Certificates(tmp_path)
        proxies = proxies_with(other.server_context("127.0.0.1"))
        text = await refused(runtime, proxies, HazelcastCertificationError, ssl_cafile=certificates.cafile)
        assert "certificate was refused: unable to get local issuer certificate" in text
        logged = [r.getMessage() for r in caplog.records if r.levelno == logging.WARNING]
        assert sum("unable to get local issuer certificate" in line for line in logged) == len(proxies)

    async def test_expired(self, runtime: str, certificates: Certificates, proxies_with: ProxyMaker) -> None:
        yesterday = datetime.datetime.now(datetime.UTC) - datetime.timedelta(days=1)
        context = certificates.server_context("127.0.0.1", not_after=yesterday)
        text = await refused(
            runtime, proxies_with(context), HazelcastCertificationError, ssl_cafile=certificates.cafile
        )
        assert "certificate has expired" in text

    async def test_another_host(
        self, runtime: str, certificates: Certificates, proxies_with: ProxyMaker
    ) -> None:
        proxies = proxies_with(certificates.server_context("elsewhere.example.org"))
        options = {"ssl_cafile": certificates.cafile, "ssl_check_hostname": True}
        text = await refused(runtime, proxies, HazelcastCertificationError, **options)
        assert "certificate is not valid for '127.0.0.1'" in text

    @pytest.mark.parametrize("version", ["TLSv1_2", "TLSv1_3"])
    async def test_no_certificate_where_one_is_asked_for(
        self, runtime: str, certificates: Certificates, version: str
    ) -> None:
        context = certificates.server_context("127.0.0.1")
        context.verify_mode = ssl.CERT_REQUIRED
        certificates.authority.configure_trust(context)
        with Doorkeeper(context) as door:
            text = await refused(
                runtime,
                [],
                HazelcastCertificationError,
                cluster_members=[door.address],
                ssl_cafile=certificates.cafile,
                ssl_protocol=version,
            )
        assert "the member refused" in text

    async def test_a_port_that_says_nothing(self, runtime: str, certificates: Certificates) -> None:
        with socket.create_server(("127.0.0.1", 0)) as silent:
            options = {"cluster_members": [f"127.0.0.1:{silent.getsockname()[1]}"], "connection_timeout": 0.5}
            text = await refused(runtime, [], IllegalStateError, ssl_cafile=certificates.cafile, **options)
        assert "the TLS handshake with 127.0.0.1" in text
        assert "took longer than 0.5 s" in text

    async def test_tls_to_a_member_without(
        self, runtime: str, certificates: Certificates, proxies_with: ProxyMaker
    ) -> None:
        text = await refused(runtime, proxies_with(None), IllegalStateError, ssl_cafile=certificates.cafile)
        assert "the TLS handshake with 127.0.0.1" in text
        assert "is TLS enabled on that port?" in text

    async def test_no_tls_to_a_member_with(
        self, runtime: str, certificates: Certificates, proxies_with: ProxyMaker
    ) -> None:
        proxies = proxies_with(certificates.server_context("127.0.0.1"))
        text = await refused(runtime, proxies, IllegalStateError, ssl_enabled=False)
        assert "does that port expect TLS? see ssl_enabled" in text

    async def test_files_that_are_missing(self, runtime: str, proxies_with: ProxyMaker) -> None:
        text = await refused(
            runtime, proxies_with(None), HazelcastCertificationError, ssl_cafile="/no/such.pem"
        )
        assert "ssl_cafile '/no/such.pem' cannot be used" in text
        assert "No such file" in text
