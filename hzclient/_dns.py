"""Members found by DNS: all addresses of a name, or the SRV records of a service."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hzclient.core import DEFAULT_PORT, Address
from hzclient.errors import HazelcastIOError, InvalidConfigurationError

__all__ = ("DnsAddressProvider",)


class DnsAddressProvider:
    """Finds members by DNS, for example those of a headless service. The name is looked up for each search.

    Needs the extra `dns`.

    Args:
        name: Name with A or AAAA records, or with SRV records if it begins with an underscore, such as
            `_hazelcast._tcp.members.shop.svc.cluster.local`.
        port: Port of the members. SRV records have a port of their own.
        nameservers: Addresses of name servers. Those of the system by default.
        nameserver_port: Port of the name servers.
        timeout: Seconds that a look-up may take.

    Raises:
        InvalidConfigurationError: dnspython is not installed.
    """

    def __init__(
        self,
        name: str,
        port: int = DEFAULT_PORT,
        *,
        nameservers: Sequence[str] = (),
        nameserver_port: int = 53,
        timeout: float = 5.0,
    ) -> None:
        try:
            from dns import resolver
        except ImportError:
            raise InvalidConfigurationError(
                "discovery by DNS needs dnspython: pip install 'hzclient-hazelcast[dns]'"
            ) from None
        self._name = name
        self._port = port
        self._resolver = resolver.Resolver(configure=not nameservers)
        if nameservers:
            self._resolver.nameservers = list(nameservers)
        self._resolver.port = nameserver_port
        self._resolver.lifetime = timeout

    def load_addresses(self) -> tuple[list[Address], list[Address]]:
        """Look the name up.

        Returns:
            Two lists: the addresses, for SRV records in the order of their priority, and an empty one.

        Raises:
            HazelcastIOError: The name has no such records, or the name servers do not respond.
        """
        if self._name.startswith("_"):
            records = sorted(self._records("SRV"), key=lambda record: (record.priority, -record.weight))
            found = [Address(str(record.target).rstrip("."), record.port) for record in records]
        else:
            found = [
                Address(each.address, self._port) for kind in ("A", "AAAA") for each in self._records(kind)
            ]
        if not found:
            raise HazelcastIOError(f"the name {self._name} has no addresses in DNS")
        return found, []

    def _records(self, kind: str) -> list[Any]:
        from dns.exception import DNSException
        from dns.resolver import NXDOMAIN, NoAnswer

        try:
            return list(self._resolver.resolve(self._name, kind, search=True))
        except (NXDOMAIN, NoAnswer):
            return []
        except DNSException as error:
            raise HazelcastIOError(f"the name {self._name} cannot be looked up: {error}") from error

    def translate(self, address: Address) -> Address:
        """Return the address unchanged.

        Args:
            address: Any address.

        Returns:
            The same address.
        """
        return address
