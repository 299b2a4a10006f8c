"""The multimap against a dict of sets."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from tests.integration.models.disturbed import Disturbed

KEYS, VALUES = range(3), range(4)
key, value = st.sampled_from(KEYS), st.sampled_from(VALUES)


class MultiMapModel(RuleBasedStateMachine):
    """Two clients change a multimap in turn, and both always see the truth.

    Args:
        disturbed: The members and the clients.
    """

    def __init__(self, disturbed: Disturbed) -> None:
        super().__init__()
        self.disturbed = disturbed
        self.first = disturbed.future.get_multi_map("model")
        self.second = disturbed.blocking.get_multi_map("model").blocking()
        self.second.clear()
        self.truth: dict[int, set[int]] = {each: set() for each in KEYS}

    def call(self, first: bool, name: str, *args: Any) -> Any:
        """Call an operation of one of the clients."""
        return getattr(self.first, name)(*args).result() if first else getattr(self.second, name)(*args)

    # --------------------------------------------------------------------------------------- changes

    @rule(first=st.booleans(), key=key, value=value)
    def put(self, first: bool, key: int, value: int) -> None:
        assert self.call(first, "put", key, value) is (value not in self.truth[key])
        self.truth[key].add(value)

    @rule(first=st.booleans(), entries=st.dictionaries(key, st.sets(value, min_size=1)))
    def put_all(self, first: bool, entries: dict[int, set[int]]) -> None:
        self.call(first, "put_all", entries)
        for key, values in entries.items():
            self.truth[key] |= values

    @rule(first=st.booleans(), key=key, value=value)
    def remove(self, first: bool, key: int, value: int) -> None:
        assert self.call(first, "remove", key, value) is (value in self.truth[key])
        self.truth[key].discard(value)

    @rule(first=st.booleans(), key=key)
    def remove_all(self, first: bool, key: int) -> None:
        assert sorted(self.call(first, "remove_all", key)) == sorted(self.truth[key])
        self.truth[key].clear()

    @rule(first=st.booleans(), key=key)
    def delete(self, first: bool, key: int) -> None:
        self.call(first, "delete", key)
        self.truth[key].clear()

    @rule(first=st.booleans())
    def clear(self, first: bool) -> None:
        self.call(first, "clear")
        for values in self.truth.values():
            values.clear()

    # ----------------------------------------------------------------------------------------- reads

    @rule(first=st.booleans(), key=key, value=value)
    def one_key(self, first: bool, key: int, value: int) -> None:
        values = self.truth[key]
        assert sorted(self.call(first, "get", key)) == sorted(values)
        assert self.call(first, "value_count", key) == len(values)
        assert self.call(first, "contains_key", key) is bool(values)
        assert self.call(first, "contains_entry", key, value) is (value in values)

    @rule(first=st.booleans(), value=value)
    def whole_map(self, first: bool, value: int) -> None:
        entries = sorted((key, each) for key, values in self.truth.items() for each in values)
        assert sorted(self.call(first, "entry_set")) == entries
        assert sorted(self.call(first, "key_set")) == sorted({key for key, _ in entries})
        assert sorted(self.call(first, "values")) == sorted(each for _, each in entries)
        assert self.call(first, "size") == len(entries)
        assert self.call(first, "contains_value", value) is any(each == value for _, each in entries)

    @invariant()
    def disturb(self) -> None:
        self.disturbed.step(lambda: None)


def test_multi_map(disturbed: Disturbed) -> None:
    disturbed.run(MultiMapModel)
