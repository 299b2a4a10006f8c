"""Python and other languages exchange values: each kind, in each direction, in each role."""

from __future__ import annotations

import decimal
import itertools
import time
from collections.abc import Callable

import pytest

from hzclient import HazelcastClient, predicate
from hzclient.errors import HazelcastSerializationError
from hzclient.serialization import java
from tests.interop.kinds import KINDS, Kind, describe
from tests.interop.peers import PEERS
from tests.interop.roles import FOUND, KEY, MISSING, ROLES, SECONDS, Listener
from tests.peers import Peer

pytestmark = pytest.mark.timeout(300)

_numbers = itertools.count()
BY_NAME = {kind.name: kind for kind in KINDS}


def unique(prefix: str) -> str:
    """Return a name that nobody else uses."""
    return f"{prefix}-{next(_numbers)}"


def exchanges(from_python: bool) -> list[tuple[str, str, str]]:
    """Return language, role and kind of all exchanges in one direction."""
    return [
        (language, role, kind.name)
        for language in PEERS
        for role in ROLES
        for kind in KINDS
        if role not in MISSING.get(language, ())
        and language in (kind.readers if from_python else kind.writers)
        and (not ROLES[role].rewrites or language in kind.writers - kind.other_bytes)
    ]


@pytest.mark.parametrize(("language", "role_name", "kind_name"), exchanges(from_python=True))
def test_from_python(client: HazelcastClient, peer: Peer, role_name: str, kind_name: str) -> None:
    role, kind, name = ROLES[role_name], BY_NAME[kind_name], unique(role_name)
    if role.listens:
        peer.ask("listen", name, role_name)
    role.write(client, name, kind)
    answer = peer.ask("next", name) if role.listens else peer.ask("read", name, role_name, kind_name)
    assert answer == (role.result or kind.text)


@pytest.mark.parametrize(("language", "role_name", "kind_name"), exchanges(from_python=False))
def test_to_python(client: HazelcastClient, peer: Peer, role_name: str, kind_name: str) -> None:
    role, kind, name = ROLES[role_name], BY_NAME[kind_name], unique(role_name)
    listener = Listener(client, role_name, name) if role.listens else None
    peer.ask("write", name, role_name, kind_name)
    answer = listener.next() if listener else role.read(client, name, kind)
    assert answer == (role.result or kind.text)


def kinds_for(wanted: Callable[[Kind], bool]) -> list[tuple[str, str]]:
    """Return language and kind of all exchanges for which the other language writes the kind."""
    return [
        (language, kind.name)
        for language in PEERS
        for kind in KINDS
        if wanted(kind) and language in kind.writers
    ]


COMPARABLE = kinds_for(lambda kind: kind.comparable)
IN_SQL = kinds_for(lambda kind: kind.sql is not None and kind.comparable)


@pytest.mark.parametrize(("language", "kind_name"), COMPARABLE)
def test_predicates(client: HazelcastClient, peer: Peer, kind_name: str) -> None:
    kind, name = BY_NAME[kind_name], unique("predicate")
    ROLES["value"].write(client, name, kind)
    assert peer.ask("predicate", name, "this", kind_name) == "1"
    peer.ask("write", name, "value", kind_name)
    assert client.get_map(name).blocking().values(predicate.equal("this", kind.value)) != []


def test_predicates_on_fields(client: HazelcastClient, peer: Peer) -> None:
    name = unique("predicate")
    peer.ask("write", name, "value", "compact")
    matching = predicate.and_(predicate.equal("z", "z"), predicate.greater("n", 6))
    assert client.get_map(name).blocking().values(matching) == [BY_NAME["compact"].value]


@pytest.mark.parametrize(("language", "kind_name"), IN_SQL)
def test_sql(client: HazelcastClient, peer: Peer, kind_name: str) -> None:
    kind, name = BY_NAME[kind_name], unique("sql")
    mapping = (
        f'CREATE MAPPING "{name}" (__key VARCHAR, this {kind.sql}) TYPE IMap'
        f" OPTIONS ('keyFormat' = 'varchar', 'valueFormat' = '{kind.sql}')"
    )
    client.sql.execute(mapping).result()
    ROLES["value"].write(client, name, kind)
    assert peer.ask("sql", name, kind_name) == kind.text
    peer.ask("write", name, "value", kind_name)
    with client.sql.execute(f'SELECT this FROM "{name}"').result() as rows:
        assert [describe(row["this"]) for row in rows] == [kind.text]


def test_entry_listeners(client: HazelcastClient, peer: Peer) -> None:
    name = unique("map")
    ours = Listener(client, "map", name)
    peer.ask("listen", name, "map")
    kind = BY_NAME["compact"]
    values = client.get_map(name).blocking()
    values.set(KEY, kind.value)
    values.set(KEY, "new")
    values.remove(KEY)
    for expected in (f"ADDED {KEY} {kind.text}", f"UPDATED {KEY} new", f"REMOVED {KEY} null"):
        assert peer.ask("next", name) == expected
        assert ours.next() == expected
    peer.ask("write", name, "value", "compact")
    assert ours.next() == peer.ask("next", name) == f"ADDED {KEY} {kind.text}"


@pytest.mark.parametrize("kind_name", ["string", "compact"])
def test_locks(client: HazelcastClient, peer: Peer, kind_name: str) -> None:
    values, key = client.get_map(unique("lock")).blocking(), BY_NAME[kind_name].value
    name = values.name
    values.lock(key)
    assert peer.ask("try-lock", name, kind_name) == "false"
    values.unlock(key)
    peer.ask("lock", name, kind_name)
    assert values.is_locked(key)
    assert not values.try_lock(key)
    peer.ask("unlock", name, kind_name)
    assert values.try_lock(key)
    values.unlock(key)


@pytest.mark.parametrize(("first", "second"), [("compact", "string"), ("string", "decimal")])
def test_near_caches(client: HazelcastClient, peer: Peer, first: str, second: str) -> None:
    name = unique("near")
    values = client.get_map(name).blocking()
    old, new = BY_NAME[first], BY_NAME[second]

    def theirs() -> str:
        return peer.ask("read", name, "value", first)

    def ours() -> str:
        return describe(values.get(KEY))

    values.set(KEY, old.value)
    assert {theirs(), theirs(), ours(), ours()} == {old.text}
    values.set(KEY, new.value)
    wait_until(lambda: theirs() == new.text)
    peer.ask("write", name, "value", first)
    wait_until(lambda: ours() == old.text)


def wait_until(condition: Callable[[], bool]) -> None:
    """Wait for something that an event brings about."""
    end = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_both_write_under_the_same_keys(client: HazelcastClient, peer: Peer, language: str) -> None:
    """A map that both write under one key of each kind has one entry for each."""
    name = unique("shared")
    kinds = [kind for kind in KINDS if language in kind.writers - kind.other_bytes]
    for kind in kinds:
        ROLES["key"].write(client, name, kind)
        peer.ask("write", name, "key", kind.name)
    values = client.get_map(name).blocking()
    assert values.size() == len(kinds)
    assert set(values.values()) == {FOUND}


def test_limits_of_the_node_client(client: HazelcastClient, peer_of: Callable[[str], Peer]) -> None:
    """If the Node client is mended this fails: update the table of known limits in docs/interop.md."""
    peer = peer_of("node")
    values = client.get_map("node-limits").blocking()
    peer.ask("write", values.name, "value", "minus_one")
    with pytest.raises(HazelcastSerializationError, match="invalid decimal .* it has no digits"):
        values.get(KEY)
    peer.ask("write", values.name, "value", "negative_decimal")
    assert values.get(KEY) == decimal.Decimal("1.06")
    peer.ask("write", values.name, "value", "big_integer")
    assert values.get(KEY) == 1 << 80
    assert not values.replace_if_same(KEY, java.big_integer(1 << 80), "same bytes")
