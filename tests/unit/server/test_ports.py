"""Free ports."""

import socket

import pytest

from hzclient.server import ServerError, _ports


def test_a_port_in_use_is_not_free() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        assert not _ports.is_free("127.0.0.1", server.getsockname()[1])


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_a_free_port_is_outside_the_range_of_outgoing_connections(host: str) -> None:
    port = _ports.free_port(host, ())
    assert 15_000 <= port <= 32_000
    assert _ports.is_free(host, port)


def test_ports_meant_for_others_are_not_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_ports, "_FIRST", 15_000)
    monkeypatch.setattr(_ports, "_LAST", 15_000)
    with pytest.raises(ServerError, match="No free port"):
        _ports.free_port("127.0.0.1", {15_000})
