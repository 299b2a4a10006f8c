"""Certificates, proxies and clients for tests of TLS."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
import trustme

from hzclient.server import LocalCluster
from tests.integration.security.proxy import Proxy


class Certificates:
    """An authority, and files with what it issued.

    Attributes:
        authority: The authority.
        cafile: File with its certificate.
        folder: Folder of the files.

    Args:
        folder: As the attribute.
    """

    def __init__(self, folder: Path) -> None:
        self.authority = trustme.CA()
        self.folder = folder
        self.cafile = str(folder / "ca.pem")
        self.authority.cert_pem.write_to_path(self.cafile)

    def server_context(self, *names: str, **options: object) -> ssl.SSLContext:
        """Return the context of a server whose certificate is for `names`."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.authority.issue_cert(*names, **options).configure_cert(context)  # type: ignore[arg-type]
        return context

    def issue(self, name: str) -> tuple[str, str]:
        """Return the paths of a client's certificate and its key."""
        leaf = self.authority.issue_cert(f"{name}@example.org", common_name=name)
        cert, key = self.folder / f"{name}.pem", self.folder / f"{name}.key"
        cert.write_bytes(b"".join(blob.bytes() for blob in leaf.cert_chain_pems))
        leaf.private_key_pem.write_to_path(str(key))
        return str(cert), str(key)


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    """One authority for all tests."""
    return Certificates(tmp_path_factory.mktemp("certificates"))


ProxyMaker = Callable[[ssl.SSLContext | None], list[Proxy]]


@pytest.fixture
def proxies_with(hazelcast_cluster: LocalCluster) -> Iterator[ProxyMaker]:
    """Start a proxy in front of each member, all with one context."""
    with ExitStack() as stack:
        yield lambda context: [
            stack.enter_context(Proxy(address, context)) for address in hazelcast_cluster.addresses
        ]
