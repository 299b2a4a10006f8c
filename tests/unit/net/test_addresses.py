"""Which addresses are tried, in which order, and where they are dialled."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest

from hzclient._net.addresses import AddressBook
from hzclient._runtime.attached import AttachedRuntime
from hzclient.core import Address, EndpointQualifier, MemberInfo, MemberVersion, ProtocolType
from hzclient.discovery import DefaultAddressProvider

A, B, C, D = (Address(host, 5701) for host in "abcd")
PUBLIC = Address("public", 5701)


class Provider:
    """Says what a test wants it to, as an application's own provider."""

    def __init__(self, found: Any = ((), ()), translate: Callable[[Address], Any] = lambda address: address):
        self.found = found
        self.threads: list[int] = []
        self._translate = translate

    def load_addresses(self) -> Any:
        self.threads.append(threading.get_ident())
        if isinstance(self.found, Exception):
            raise self.found
        return self.found

    def translate(self, address: Address) -> Any:
        self.threads.append(threading.get_ident())
        return self._translate(address)


def book(provider: Any, *, shuffle: bool = False, use_public_ip: bool = False) -> AddressBook:
    return AddressBook(AttachedRuntime(), provider, shuffle, use_public_ip)


def member(address: Address, public: Address | None = None) -> MemberInfo:
    addresses = {EndpointQualifier(ProtocolType.CLIENT, "public"): public} if public is not None else {}
    return MemberInfo(address, uuid4(), {}, False, MemberVersion(5, 7, 0), None, addresses)


# --------------------------------------------------------------------------------------------- candidates


async def test_members_come_first_and_guesses_last() -> None:
    addresses = book(Provider(((B, C), (D, B))))
    assert await addresses.candidates([member(C), member(A)]) == [C, A, B, D]


@pytest.mark.parametrize("shuffle", [False, True])
async def test_only_addresses_of_equal_rank_are_shuffled(shuffle: bool) -> None:
    first = [Address("first", port) for port in range(50)]
    guesses = [Address("guess", port) for port in range(50)]
    found = await book(Provider((first, guesses)), shuffle=shuffle).candidates([])
    assert set(found[:50]) == set(first)
    assert set(found[50:]) == set(guesses)
    assert (found == first + guesses) is not shuffle


@pytest.mark.parametrize("shuffle", [False, True])
async def test_any_collection_of_addresses_will_do(shuffle: bool) -> None:
    for collection in (set, tuple, iter, dict.fromkeys):
        found = collection([A, B]), collection([C])
        assert set(await book(Provider(found), shuffle=shuffle).candidates([])) == {A, B, C}


@pytest.mark.parametrize("shuffle", [False, True])
@pytest.mark.parametrize(
    ("found", "said"),
    [
        (OSError("no network"), "no network"),
        (None, "TypeError"),
        ([A, B, C], "ValueError"),
        ((A, B), "TypeError"),
        ((["h:5701"], []), "Address objects, not 'h:5701'"),
        (("h:5701", ()), "Address objects, not 'h'"),
    ],
)
async def test_a_provider_that_fails_leaves_the_members(
    found: Any, said: str, shuffle: bool, caplog: pytest.LogCaptureFixture
) -> None:
    assert await book(Provider(found), shuffle=shuffle).candidates([member(A)]) == [A]
    assert "The address provider failed" in caplog.text
    assert said in caplog.text


# -------------------------------------------------------------------------------------------- translation


async def test_providers_of_applications_may_block() -> None:
    provider = Provider(((A,), ()))
    addresses = book(provider)
    await addresses.candidates([])
    await addresses.translate(A)
    assert len(provider.threads) == 2
    assert threading.get_ident() not in provider.threads


async def test_providers_may_be_coroutines() -> None:
    class Coroutines:
        async def load_addresses(self) -> tuple[list[Address], list[Address]]:
            return [A], [B]

        async def translate(self, address: Address) -> Address:
            return D

    addresses = book(Coroutines())
    assert await addresses.candidates([]) == [A, B]
    assert await addresses.translate(A) == D
    later = Provider(translate=Coroutines().translate)
    assert await book(later).translate(A) == D


async def test_addresses_to_which_no_way_is_known_are_refused() -> None:
    def fail(address: Address) -> Address:
        raise OSError("no network")

    with pytest.raises(ValueError, match="cannot translate"):
        await book(Provider(translate=lambda address: None)).translate(A)
    with pytest.raises(ValueError, match="no network"):
        await book(Provider(translate=fail)).translate_member(member(A))


async def test_the_default_provider_knows_addresses_as_they_are() -> None:
    addresses = book(DefaultAddressProvider(["a:5701"]))
    assert await addresses.candidates([]) == [A]
    assert await addresses.translate(A) == A


# --------------------------------------------------------------------------------------- public addresses


@pytest.mark.parametrize("use_public_ip", [False, True])
async def test_public_addresses_are_dialled_where_that_is_wanted(use_public_ip: bool) -> None:
    addresses = book(Provider(), use_public_ip=use_public_ip)
    with_public, without = member(A, PUBLIC), member(B)
    dialled = PUBLIC if use_public_ip else A
    assert await addresses.translate_member(with_public) == dialled
    assert await addresses.translate_member(without) == B
    # So too after all connections were lost, when addresses of members are tried.
    assert await addresses.candidates([with_public, without]) == [A, B]
    assert await addresses.translate(A) == dialled
    assert await addresses.translate(B) == B


async def test_a_member_that_left_leaves_no_public_address() -> None:
    addresses = book(Provider(), use_public_ip=True)
    before = member(A, PUBLIC)
    await addresses.candidates([before])
    assert await addresses.translate_member(before) == PUBLIC
    successor = member(A)  # its address was given to another, which has no public one
    assert await addresses.translate_member(successor) == A
    await addresses.candidates([successor])
    assert await addresses.translate(A) == A
