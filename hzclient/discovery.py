"""How the client finds members: the provider of addresses, which an application may replace."""

from __future__ import annotations

import http.client
import json
import logging
import ssl
from collections.abc import Awaitable, Mapping, Sequence
from typing import Any, Final, Protocol, cast, runtime_checkable
from urllib.parse import quote, urlsplit

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
    "HazelcastCertificationError",
    "HazelcastCloudAddressProvider",
    "HazelcastCloudDiscovery",
)

_logger = logging.getLogger("hzclient.discovery")

_COORDINATOR: Final = "https://api.viridian.hazelcast.com"
_PATH: Final = "/cluster/discovery"

_LARGEST_ANSWER: Final = 1024 * 1024
"""Bytes; the addresses of a cluster are far smaller."""

Candidates = tuple[Sequence[Address], Sequence[Address]]
"""Addresses to try first, and addresses to try when these fail."""


@runtime_checkable
class AddressProvider(Protocol):
    """Finds members, and tells how the client reaches the addresses that members report.

    Any object with these two methods can be given as the `address_provider` option. Each may be a
    plain method, which runs in a worker thread since it may block, or a coroutine method.
    """

    def load_addresses(self) -> Candidates | Awaitable[Candidates]:
        """Finds candidates.

        Returns:
            Two lists: addresses to try first, and addresses to try after these.
        """
        ...

    def translate(self, address: Address) -> Address | None | Awaitable[Address | None]:
        """The address to dial for one that was loaded or that a member reported; None if there is none."""
        ...


class DefaultAddressProvider:
    """The configured members, or the ports 5701 to 5703 of this machine where none are configured."""

    def __init__(self, members: Sequence[str]) -> None:
        """Args:
        members: Texts such as `host`, `host:port`, `[IPv6]:port`.

        Raises:
            ValueError: One of them is not an address.
        """
        self._candidates = [
            AddressHelper.get_possible_addresses(text) for text in members or [DEFAULT_ADDRESS]
        ]

    def load_addresses(self) -> Candidates:
        """The configured addresses; the ports after 5701 of those without a port come second."""
        primary = [address for first, _ in self._candidates for address in first]
        secondary = [address for _, later in self._candidates for address in later]
        return primary, secondary

    def translate(self, address: Address) -> Address:
        """The address itself."""
        return address


class HazelcastCloudDiscovery:
    """Asks the coordinator of the cloud for the members of one cluster."""

    def __init__(self, token: str, timeout: float = 5.0, url: str | None = None) -> None:
        """Args:
        token: Of the cluster; a secret.
        timeout: Seconds to wait for the coordinator at each step; 0 for no limit.
        url: Of the coordinator, HTTPS, with a path or without; by default that of the vendor.

        Raises:
            InvalidConfigurationError: The URL is not one of HTTPS.
        """
        parts = urlsplit(url or _COORDINATOR)
        if parts.scheme != "https" or not parts.hostname:
            raise InvalidConfigurationError(
                "cloud_coordinator_url must be an https:// URL: a token goes there"
            )
        self._host = parts.hostname
        self._port = parts.port
        # Quoted, since errors about odd characters in a path would show the token behind it.
        path = quote(parts.path, safe="/%:@!$&'()*+,;=~") if parts.path not in ("", "/") else _PATH
        self._target = f"{path}?token={quote(token, safe='')}"
        self._timeout = timeout or None

    def discover_nodes(self) -> dict[Address, Address]:
        """The members: private address to public address. Blocks.

        Raises:
            HazelcastIOError: The coordinator cannot be reached, or does not answer as it should.
            HazelcastCertificationError: Its certificate is refused.
        """
        connection = http.client.HTTPSConnection(
            self._host, self._port, timeout=self._timeout, context=ssl.create_default_context()
        )
        try:
            connection.request("GET", self._target, headers={"Accept": "application/json; charset=UTF-8"})
            response = connection.getresponse()
            status, body = response.status, response.read(_LARGEST_ANSWER)
        except ssl.SSLError as error:
            text = f"the certificate of the cloud coordinator {self._host} is refused: {error}"
            raise HazelcastCertificationError(text, error) from error
        except (OSError, http.client.HTTPException) as error:
            raise HazelcastIOError(
                f"the cloud coordinator {self._host} does not answer: {error}", error
            ) from error
        finally:
            connection.close()
        if status != http.client.OK:
            text = body[:500].decode(errors="replace")
            raise HazelcastIOError(
                f"the cloud coordinator {self._host} answered with status {status}: {text}"
            )
        try:
            return dict(map(_member_addresses, json.loads(body)))
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            text = f"the cloud coordinator {self._host} gave no list of addresses: {error!r}"
            raise HazelcastIOError(text, error) from error


def _member_addresses(entry: Any) -> tuple[Address, Address]:
    texts = cast(Mapping[str, str], entry)
    public = AddressHelper.address_from_str(texts["public-address"], DEFAULT_PORT)
    return AddressHelper.address_from_str(texts["private-address"], public.port), public


class HazelcastCloudAddressProvider:
    """The members of a cluster in the cloud, which know only their private addresses.

    Attributes:
        cloud_discovery: Asks for the addresses.
    """

    def __init__(self, token: str, connection_timeout: float = 5.0, url: str | None = None) -> None:
        """Args:
        token: Of the cluster; a secret.
        connection_timeout: Seconds to wait for the coordinator; 0 for no limit.
        url: Of the coordinator; by default that of the vendor.

        Raises:
            InvalidConfigurationError: The URL is not one of HTTPS.
        """
        self.cloud_discovery = HazelcastCloudDiscovery(token, connection_timeout, url)
        self._public: dict[Address, Address] = {}

    def load_addresses(self) -> Candidates:
        """The private addresses, as the coordinator knows them now; none where it cannot be asked."""
        self.refresh()
        return list(self._public), []

    def translate(self, address: Address) -> Address | None:
        """The public address for a private one; asks the coordinator once more where it is not known."""
        if address not in self._public:
            self.refresh()
        return self._public.get(address)

    def refresh(self) -> None:
        """Asks the coordinator; keeps the addresses known so far where that fails, and logs it."""
        try:
            self._public = self.cloud_discovery.discover_nodes()
        except HazelcastError as error:
            _logger.warning("The members cannot be discovered: %s", error)
