"""Address providers, without a network."""

from __future__ import annotations

from typing import Any

import pytest

from hzclient._net.addresses import address_provider_of
from hzclient.config import Config
from hzclient.core import Address
from hzclient.discovery import (
    AddressProvider,
    DefaultAddressProvider,
    HazelcastCloudAddressProvider,
    HazelcastCloudDiscovery,
)
from hzclient.errors import HazelcastIOError, IllegalStateError, InvalidConfigurationError

PRIVATE, PUBLIC = Address("10.0.0.1", 5701), Address("52.0.0.1", 30001)


class TestStatic:
    def test_without_members_this_machine(self) -> None:
        primary, secondary = DefaultAddressProvider([]).load_addresses()
        assert primary == [Address("127.0.0.1", 5701)]
        assert secondary == [Address("127.0.0.1", 5702), Address("127.0.0.1", 5703)]

    def test_ports_that_are_guessed_come_last(self) -> None:
        primary, secondary = DefaultAddressProvider(["a", "b:1", "[::1]:2"]).load_addresses()
        assert primary == [Address("a", 5701), Address("b", 1), Address("::1", 2)]
        assert secondary == [Address("a", 5702), Address("a", 5703)]


def test_members_and_a_token_exclude_each_other() -> None:
    config = Config.from_dict({"cluster_members": ["a"], "cloud_discovery_token": "t"})
    with pytest.raises(IllegalStateError, match="exclude each other"):
        address_provider_of(config)


def test_a_token_leads_to_the_cloud() -> None:
    provider = address_provider_of(Config.from_dict({"cloud_discovery_token": "t"}))
    assert isinstance(provider, HazelcastCloudAddressProvider)
    assert isinstance(provider, AddressProvider)


@pytest.mark.parametrize("url", ["http://localhost", "localhost:8443", "https://"])
def test_the_coordinator_is_asked_by_https_only(url: str) -> None:
    with pytest.raises(InvalidConfigurationError, match="https://"):
        HazelcastCloudDiscovery("t", url=url)


@pytest.mark.parametrize("path", ["/odd path", "/späť"])
def test_odd_paths_do_not_give_the_token_away(path: str) -> None:
    discovery = HazelcastCloudDiscovery("secret", url=f"https://127.0.0.1:1{path}")
    with pytest.raises(HazelcastIOError, match=r"127\.0\.0\.1 cannot be reached") as raised:
        discovery.discover_nodes()
    assert "secret" not in str(raised.value)


class TestCloud:
    @pytest.fixture
    def provider(self, monkeypatch: pytest.MonkeyPatch) -> Any:
        """Return a provider whose coordinator responds from a list."""
        answers: list[Any] = []

        def discover(_: object) -> dict[Address, Address]:
            answer = answers.pop(0)
            if isinstance(answer, Exception):
                raise answer
            return dict(answer)

        monkeypatch.setattr(HazelcastCloudDiscovery, "discover_nodes", discover)
        provider: Any = HazelcastCloudAddressProvider("t")
        provider.answers = answers
        return provider

    def test_private_addresses_are_candidates(self, provider: Any) -> None:
        provider.answers.append({PRIVATE: PUBLIC})
        assert provider.load_addresses() == ([PRIVATE], [])
        assert provider.translate(PRIVATE) == PUBLIC

    def test_a_miss_asks_once_more(self, provider: Any) -> None:
        provider.answers += [{}, {PRIVATE: PUBLIC}, {}]
        provider.load_addresses()
        assert provider.translate(PRIVATE) == PUBLIC
        assert provider.translate(Address("10.0.0.9", 1)) is None

    def test_a_failure_keeps_what_was_known(self, provider: Any, caplog: Any) -> None:
        provider.answers += [{PRIVATE: PUBLIC}, HazelcastIOError("down")]
        provider.load_addresses()
        assert provider.load_addresses() == ([PRIVATE], [])
        assert "down" in caplog.text
