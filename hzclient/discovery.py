"""How the client finds members: the provider of addresses, which an application may replace."""

from __future__ import annotations

from collections.abc import Awaitable, Sequence
from typing import Protocol, runtime_checkable

from hzclient.core import Address, AddressHelper

__all__ = ("AddressProvider", "Candidates", "DefaultAddressProvider")

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

    def translate(self, address: Address) -> Address | None | Awaitable[Address | None]:
        """The address to dial for one that was loaded or that a member reported; None if there is none."""


class DefaultAddressProvider:
    """The configured members, or the ports 5701 to 5703 of this machine where none are configured."""

    def __init__(self, members: Sequence[str]) -> None:
        """Args:
        members: Texts such as `host`, `host:port`, `[IPv6]:port`.

        Raises:
            ValueError: One of them is not an address.
        """
        self._candidates = [AddressHelper.get_possible_addresses(text) for text in members or ["127.0.0.1"]]

    def load_addresses(self) -> Candidates:
        """The configured addresses; the ports after 5701 of those without a port come second."""
        primary = [address for first, _ in self._candidates for address in first]
        secondary = [address for _, later in self._candidates for address in later]
        return primary, secondary

    def translate(self, address: Address) -> Address:
        """The address itself."""
        return address
