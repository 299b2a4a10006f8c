"""Which addresses are tried, in which order, and how they are dialled."""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable, Iterable, Sequence
from inspect import isawaitable, iscoroutinefunction
from typing import Any, TypeVar

from hzclient._runtime.base import Runtime
from hzclient.core import Address, EndpointQualifier, MemberInfo, ProtocolType
from hzclient.discovery import AddressProvider

T = TypeVar("T")

_PUBLIC = EndpointQualifier(ProtocolType.CLIENT, "public")


class AddressBook:
    """Asks the address provider, and shuffles what it says."""

    def __init__(
        self, runtime: Runtime, provider: AddressProvider, shuffle: bool, use_public_ip: bool
    ) -> None:
        """Args:
        runtime: Where providers that block are run.
        provider: Knows the addresses.
        shuffle: Whether clients shall try them in an order of their own.
        use_public_ip: Dial the public address of a member where it tells one.
        """
        self._runtime = runtime
        self._provider = provider
        self._shuffle = shuffle
        self._use_public_ip = use_public_ip

    async def candidates(self, members: Iterable[MemberInfo]) -> list[Address]:
        """Addresses to try in one round: of the members known last, then those of the provider.

        Those that are only guesses (ports after the default one) come last.
        """
        known = [member.address for member in members]
        primary, secondary = await self._ask(self._provider.load_addresses)
        ordered: dict[Address, None] = {}
        for group in (known, primary, secondary):
            ordered.update(dict.fromkeys(self._shuffled(group)))
        return list(ordered)

    async def translate(self, address: Address) -> Address:
        """The address to dial for one that the provider named.

        Raises:
            ValueError: The provider knows no way to it.
        """
        translated = await self._ask(self._provider.translate, address)
        if translated is None:
            raise ValueError(f"the address provider cannot translate {address}")
        return translated

    async def translate_member(self, member: MemberInfo) -> Address:
        """The address to dial for a member.

        Raises:
            ValueError: The provider knows no way to it.
        """
        if self._use_public_ip and (public := member.address_map.get(_PUBLIC)) is not None:
            return public
        return await self.translate(member.address)

    def _shuffled(self, addresses: Sequence[Address]) -> list[Address]:
        return random.sample(addresses, len(addresses)) if self._shuffle else list(addresses)

    async def _ask(self, method: Callable[..., T | Awaitable[T]], *args: Any) -> T:
        # A provider of the application's may look something up, which must not hold up the loop.
        if iscoroutinefunction(method) or getattr(method, "__module__", "").startswith("hzclient.discovery"):
            answer = method(*args)
        else:
            answer = await self._runtime.run_in_thread(method, *args)
        return await answer if isawaitable(answer) else answer
