"""The map with a near cache, and one without, against a dict."""

from __future__ import annotations

import itertools
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

import hzclient.predicate as p
from tests.integration.models.disturbed import Disturbed, eventually

KEYS = range(4)
key = st.sampled_from(KEYS)
keys = st.lists(key, max_size=4, unique=True)


class MapModel(RuleBasedStateMachine):
    """Two clients change a map in turn; one has a near cache.

    The client without a near cache sees the truth. The other one sees its own changes at once. After a
    change by the other client it may see the old value until the invalidation arrives, but once it has seen
    the new value, it must not see an older one again. In the end it sees the truth.

    Args:
        disturbed: The members and the clients.
    """

    def __init__(self, disturbed: Disturbed) -> None:
        super().__init__()
        self.disturbed = disturbed
        self.near = disturbed.future.get_map("model")
        self.plain = disturbed.blocking.get_map("model").blocking()
        self.near.clear().result()
        self.seen: dict[int, list[int | None]] = {each: [None] for each in KEYS}
        """Values that the near cache may return for each key, the true one last."""
        self.numbers = itertools.count()

    def truth(self, key: int) -> int | None:
        return self.seen[key][-1]

    def changed(self, near: bool, key: int, value: int | None) -> None:
        """Record a change by the client with the near cache or by the other one."""
        self.seen[key] = [value] if near else [*self.seen[key], value]

    def call(self, near: bool, name: str, *args: Any) -> Any:
        """Call an operation of one of the clients."""
        return getattr(self.near, name)(*args).result() if near else getattr(self.plain, name)(*args)

    # --------------------------------------------------------------------------------------- changes

    @rule(near=st.booleans(), key=key, name=st.sampled_from(["put", "set", "try_put", "put_transient"]))
    def put(self, near: bool, key: int, name: str) -> None:
        value, before = next(self.numbers), self.truth(key)
        expected = {"put": before, "set": None, "try_put": True, "put_transient": None}[name]
        assert self.call(near, name, key, value) == expected
        self.changed(near, key, value)

    @rule(near=st.booleans(), key=key)
    def put_if_absent(self, near: bool, key: int) -> None:
        value, before = next(self.numbers), self.truth(key)
        assert self.call(near, "put_if_absent", key, value) == before
        self.changed(near, key, value if before is None else before)

    @rule(near=st.booleans(), key=key)
    def replace(self, near: bool, key: int) -> None:
        value, before = next(self.numbers), self.truth(key)
        assert self.call(near, "replace", key, value) == before
        self.changed(near, key, None if before is None else value)

    @rule(near=st.booleans(), key=key, same=st.booleans())
    def replace_if_same(self, near: bool, key: int, same: bool) -> None:
        value, before = next(self.numbers), self.truth(key)
        matches = same and before is not None
        old = before if matches else -1
        assert self.call(near, "replace_if_same", key, old, value) is matches
        self.changed(near, key, value if matches else before)

    @rule(near=st.booleans(), key=key, name=st.sampled_from(["remove", "delete", "try_remove", "evict"]))
    def remove(self, near: bool, key: int, name: str) -> None:
        before = self.truth(key)
        result = self.call(near, name, key)
        there = before is not None
        assert result == {"remove": before, "delete": None, "try_remove": there, "evict": there}[name]
        self.changed(near, key, None)

    @rule(near=st.booleans(), key=key, same=st.booleans())
    def remove_if_same(self, near: bool, key: int, same: bool) -> None:
        before = self.truth(key)
        matches = same and before is not None
        assert self.call(near, "remove_if_same", key, before if matches else -1) is matches
        self.changed(near, key, None if matches else before)

    @rule(near=st.booleans(), keys=keys)
    def put_all(self, near: bool, keys: list[int]) -> None:
        entries = {each: next(self.numbers) for each in keys}
        self.call(near, "put_all", entries)
        for each, value in entries.items():
            self.changed(near, each, value)

    @rule(near=st.booleans(), name=st.sampled_from(["clear", "evict_all", "remove_all"]))
    def remove_everything(self, near: bool, name: str) -> None:
        self.call(near, name, *([p.true()] if name == "remove_all" else []))
        for each in KEYS:
            self.changed(near, each, None)

    # ----------------------------------------------------------------------------------------- reads

    def check_seen(self, key: int, value: int | None) -> None:
        assert value in self.seen[key], f"{key} is {value}, but may be one of {self.seen[key]}"
        self.seen[key] = self.seen[key][self.seen[key].index(value) :]

    @rule(key=key)
    def get(self, key: int) -> None:
        self.check_seen(key, self.call(True, "get", key))
        assert self.call(False, "get", key) == self.truth(key)

    @rule(keys=keys)
    def get_all(self, keys: list[int]) -> None:
        found = self.call(True, "get_all", keys)
        assert found.keys() <= set(keys)
        for each in keys:
            self.check_seen(each, found.get(each))
        assert self.call(False, "get_all", keys) == {
            each: self.truth(each) for each in keys if self.truth(each) is not None
        }

    @rule(key=key)
    def contains_key(self, key: int) -> None:
        assert self.call(True, "contains_key", key) in {value is not None for value in self.seen[key]}
        assert self.call(False, "contains_key", key) is (self.truth(key) is not None)

    @rule(near=st.booleans())
    def whole_map(self, near: bool) -> None:
        truth = {each: self.truth(each) for each in KEYS if self.truth(each) is not None}
        assert dict(self.call(near, "entry_set")) == truth
        assert sorted(self.call(near, "key_set")) == sorted(truth)
        assert self.call(near, "size") == len(truth)

    @rule()
    def settle(self) -> None:
        """Wait until all invalidations have arrived."""
        truth = {each: self.truth(each) for each in KEYS}
        eventually(lambda: {each: self.call(True, "get", each) for each in KEYS} == truth)
        self.seen = {each: [value] for each, value in truth.items()}

    @invariant()
    def disturb(self) -> None:
        self.disturbed.step(lambda: None)

    def teardown(self) -> None:
        self.settle()


def test_map_with_near_cache(disturbed: Disturbed) -> None:
    disturbed.run(MapModel)
