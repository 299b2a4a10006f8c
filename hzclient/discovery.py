"""How the client finds members: the address provider, which an application may replace."""

from __future__ import annotations

import json
import logging
import ssl
from collections.abc import Awaitable, Mapping, Sequence
from typing import Any, Final, Protocol, cast, runtime_checkable
from urllib.parse import quote, urlsplit

from hzclient._dns import DnsAddressProvider
from hzclient._kubernetes import KubernetesAddressProvider
from hzclient.core import DEFAULT_PORT, Address, AddressHelper
from hzclient.errors import (
    HazelcastCertificationError,
    HazelcastError,
    HazelcastIOError,
    InvalidConfigurationError,
)
from hzclient.util import DEFAULT_ADDRESS

__all__ = (
    "AddressProvider",
    "Candidates",
    "DefaultAddressProvider",
    "DnsAddressProvider",
    "HazelcastCertificationError",
    "HazelcastCloudAddressProvider",
    "HazelcastCloudDiscovery",
    "KubernetesAddressProvider",
)

_logger = logging.getLogger("hzclient.discovery")

_COORDINATOR: Final = "https://api.viridian.hazelcast.com"
_PATH: Final = "/cluster/discovery"

_LARGEST_RESPONSE: Final = 1024 * 1024
"""Bytes. The addresses of a cluster need far less."""

Candidates = tuple[Sequence[Address], Sequence[Address]]
"""Addresses to try first, and addresses to try if these fail."""


@runtime_checkable
class AddressProvider(Protocol):
    """Finds members, and translates the addresses that members report into addresses to connect to.

    Any object that has these two methods can be given as the `address_provider` option. Each may be a
    coroutine method, or a plain method, which runs in a worker thread because it may block.
    """

    def load_addresses(self) -> Candidates | Awaitable[Candidates]:
        """Find candidates.

        Returns:
            Two lists: addresses to try first, and addresses to try if these fail.
        """
        ...

    def translate(self, address: Address) -> Address | None | Awaitable[Address | None]:
        """Translate an address.

        Args:
            address: Address that was loaded, or that a member reported.

        Returns:
            The address to connect to, or None if there is none.
        """
        ...


class DefaultAddressProvider:
    """Provides the configured members, or ports 5701 to 5703 of this machine if none are configured.

    Args:
        members: Addresses such as `host`, `host:port` or `[IPv6]:port`.

    Raises:
        ValueError: One of them is not an address.
    """

    def __init__(self, members: Sequence[str]) -> None:
        self._candidates = [
            AddressHelper.get_possible_addresses(text) for text in members or [DEFAULT_ADDRESS]
        ]

    def load_addresses(self) -> Candidates:
        """Return the configured addresses.

        Returns:
            Two lists: the configured addresses, with port 5701 for those without a port, and the same hosts
            with the next ports.
        """
        primary = [address for first, _ in self._candidates for address in first]
        secondary = [address for _, later in self._candidates for address in later]
        return primary, secondary

    def translate(self, address: Address) -> Address:
        """Return the address unchanged.

        Args:
            address: Any address.

        Returns:
            The same address.
        """
        return address


class HazelcastCloudDiscovery:
    """Asks the cloud's coordinator for the members of a cluster.

    Args:
        token: Discovery token of the cluster, a secret.
        timeout: Seconds to wait for the coordinator in each step. 0 means no limit.
        url: HTTPS URL of the coordinator, with or without a path. The vendor's by default.

    Raises:
        InvalidConfigurationError: The URL does not begin with `https://`.
    """

    def __init__(self, token: str, timeout: float = 5.0, url: str | None = None) -> None:
        parts = urlsplit(url or _COORDINATOR)
        if parts.scheme != "https" or not parts.hostname:
            raise InvalidConfigurationError(
                "cloud_coordinator_url must be an https:// URL, because it is sent a secret token"
            )
        self._host = parts.hostname
        self._port = parts.port
        # Quoted, because an error about invalid characters in the path would show the token after it.
        path = quote(parts.path, safe="/%:@!$&'()*+,;=~") if parts.path not in ("", "/") else _PATH
        self._target = f"{path}?token={quote(token, safe='')}"
        self._timeout = timeout or None

    def discover_nodes(self) -> dict[Address, Address]:
        """Ask for the members. This blocks.

        Returns:
            The public address of each member by its private address.

        Raises:
            HazelcastIOError: The coordinator could not be reached, or its response was invalid.
            HazelcastCertificationError: The coordinator's certificate is invalid.
        """
        import http.client  # few clients need it, and it takes long to import

        connection = http.client.HTTPSConnection(
            self._host, self._port, timeout=self._timeout, context=ssl.create_default_context()
        )
        try:
            connection.request("GET", self._target, headers={"Accept": "application/json; charset=UTF-8"})
            response = connection.getresponse()
            status, body = response.status, response.read(_LARGEST_RESPONSE)
        except ssl.SSLError as error:
            text = f"the certificate of the cloud coordinator {self._host} is invalid: {error}"
            raise HazelcastCertificationError(text, error) from error
        except (OSError, http.client.HTTPException) as error:
            raise HazelcastIOError(
                f"the cloud coordinator {self._host} cannot be reached: {error}", error
            ) from error
        finally:
            connection.close()
        if status != http.client.OK:
            text = body[:500].decode(errors="replace")
            raise HazelcastIOError(
                f"the cloud coordinator {self._host} responded with status {status}: {text}"
            )
        try:
            return dict(map(_member_addresses, json.loads(body)))
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            text = f"the cloud coordinator {self._host} sent no list of addresses: {error!r}"
            raise HazelcastIOError(text, error) from error


def _member_addresses(entry: Any) -> tuple[Address, Address]:
    texts = cast(Mapping[str, str], entry)
    public = AddressHelper.address_from_str(texts["public-address"], DEFAULT_PORT)
    return AddressHelper.address_from_str(texts["private-address"], public.port), public


class HazelcastCloudAddressProvider:
    """Provides the members of a cloud cluster, which know only their private addresses.

    Args:
        token: Discovery token of the cluster, a secret.
        connection_timeout: Seconds to wait for the coordinator in each step. 0 means no limit.
        url: HTTPS URL of the coordinator. The vendor's by default.

    Attributes:
        cloud_discovery: Asks the coordinator.

    Raises:
        InvalidConfigurationError: The URL does not begin with `https://`.
    """

    def __init__(self, token: str, connection_timeout: float = 5.0, url: str | None = None) -> None:
        self.cloud_discovery = HazelcastCloudDiscovery(token, connection_timeout, url)
        self._public: dict[Address, Address] = {}

    def load_addresses(self) -> Candidates:
        """Ask the coordinator for the private addresses.

        Returns:
            Two lists: the private addresses, and an empty one. If the coordinator cannot be asked, the
            addresses are those of the last time.
        """
        self.refresh()
        return list(self._public), []

    def translate(self, address: Address) -> Address | None:
        """Return the public address for a private one. Ask the coordinator again if it is unknown.

        Args:
            address: Private address of a member.

        Returns:
            The public address, or None if the coordinator does not know it either.
        """
        if address not in self._public:
            self.refresh()
        return self._public.get(address)

    def refresh(self) -> None:
        """Ask the coordinator. If that fails, log a warning and keep the known addresses."""
        try:
            self._public = self.cloud_discovery.discover_nodes()
        except HazelcastError as error:
            _logger.warning("Cannot discover the members: %s", error)
