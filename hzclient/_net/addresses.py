"""The addresses to try, their order, and the address to dial for each."""

from __future__ import annotations

import logging
import random
from collections.abc import Awaitable, Callable, Iterable
from inspect import isawaitable, iscoroutinefunction
from typing import Any, TypeVar

from hzclient._runtime.base import Runtime
from hzclient.config import Config
from hzclient.core import Address, EndpointQualifier, MemberInfo, ProtocolType
from hzclient.discovery import AddressProvider, DefaultAddressProvider, HazelcastCloudAddressProvider
from hzclient.errors import HazelcastIOError, IllegalStateError

T = TypeVar("T")

_logger = logging.getLogger("hzclient.discovery")

_PUBLIC = EndpointQualifier(ProtocolType.CLIENT, "public")


def address_provider_of(config: Config) -> AddressProvider:
    """Return the address provider that the options of a client ask for.

    Args:
        config: Options of the client.

    Returns:
        The address provider.

    Raises:
        IllegalStateError: Options exclude each other.
    """
    if config.cluster_members and config.cloud_discovery_token is not None:
        raise IllegalStateError("cluster_members and cloud_discovery_token exclude each other")
    if config.address_provider is not None:
        return config.address_provider
    if config.cloud_discovery_token is None:
        return DefaultAddressProvider(config.cluster_members)
    return HazelcastCloudAddressProvider(
        config.cloud_discovery_token, config.connection_timeout, config.cloud_coordinator_url
    )


class AddressBook:
    """Asks the address provider, and shuffles its addresses.

    Args:
        runtime: Runs providers that block.
        provider: Knows the addresses.
        shuffle: Whether to try addresses in random order.
        use_public_ip: Whether to dial the public address of a member that has one.

    Attributes:
        failure: Error of the provider, if it failed when it was last asked.
    """

    def __init__(
        self, runtime: Runtime, provider: AddressProvider, shuffle: bool, use_public_ip: bool
    ) -> None:
        self._runtime = runtime
        self._provider = provider
        self._shuffle = shuffle
        self._use_public_ip = use_public_ip
        self.failure: Exception | None = None
        self._publics: dict[Address, Address] = {}
        self._may_block = not isinstance(provider, DefaultAddressProvider)

    async def candidates(self, members: Iterable[MemberInfo]) -> list[Address]:
        """Return the addresses to try in one round: those of the last known members, then the provider's.

        Addresses that are only guesses (ports after the default one) come last.

        Args:
            members: The last known members.

        Returns:
            The addresses in order, each once.
        """
        members = list(members)
        publics = {member.address: self._public(member) for member in members}
        self._publics = {address: public for address, public in publics.items() if public is not None}
        self.failure = None
        try:
            groups = await self._loaded()
        except Exception as error:
            self.failure = HazelcastIOError(f"the address provider failed: {error!r}")
            _logger.warning("The address provider failed: %r", error)
            groups = []
        ordered: dict[Address, None] = {}
        for group in (list(publics), *groups):
            if self._shuffle:
                random.shuffle(group)
            ordered.update(dict.fromkeys(group))
        return list(ordered)

    async def _loaded(self) -> list[list[Address]]:
        primary, secondary = await self._ask(self._provider.load_addresses)
        groups: list[list[Any]] = [list(primary), list(secondary)]
        for address in (*groups[0], *groups[1]):
            if not isinstance(address, Address):
                raise TypeError(f"the address provider must return Address objects, not {address!r}")
        return groups

    async def translate(self, address: Address) -> Address:
        """Return the address to dial for one of the candidates.

        Args:
            address: The candidate.

        Returns:
            The address to dial.

        Raises:
            ValueError: The provider cannot translate it.
        """
        return self._publics.get(address) or await self._translated(address)

    async def translate_member(self, member: MemberInfo) -> Address:
        """Return the address to dial for a member.

        Args:
            member: The member.

        Returns:
            The address to dial.

        Raises:
            ValueError: The provider cannot translate its address.
        """
        return self._public(member) or await self._translated(member.address)

    def _public(self, member: MemberInfo) -> Address | None:
        return member.address_map.get(_PUBLIC) if self._use_public_ip else None

    async def _translated(self, address: Address) -> Address:
        try:
            translated = await self._ask(self._provider.translate, address)
        except Exception as error:
            raise ValueError(
                f"the address provider cannot translate {address.to_string()}: {error!r}"
            ) from error
        if translated is None:
            raise ValueError(f"the address provider cannot translate {address.to_string()}")
        return translated

    async def _ask(self, method: Callable[..., T | Awaitable[T]], *args: Any) -> T:
        # A provider may look something up, which must not block the loop.
        answer: Any
        if iscoroutinefunction(method) or not self._may_block:
            answer = method(*args)
        else:
            answer = await self._runtime.run_in_thread(method, *args)
        found: T = await answer if isawaitable(answer) else answer
        return found
