"""The replicated map, which is eventually consistent, against a dict."""

from __future__ import annotations

from functools import partial
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from tests.integration.models.disturbed import Disturbed, eventually

KEYS = range(4)
key, value = st.sampled_from(KEYS), st.integers(0, 9)


class ReplicatedMapModel(RuleBasedStateMachine):
    """Two clients change a replicated map in turn.

    The owner of a key's partition serves reads and changes of single keys, so they are consistent. Operations
    on the whole map are served by some replica, which has to follow in the end.

    Args:
        disturbed: The members and the clients.
    """

    def __init__(self, disturbed: Disturbed) -> None:
        super().__init__()
        self.disturbed = disturbed
        self.first = disturbed.future.get_replicated_map("model")
        self.second = disturbed.blocking.get_replicated_map("model").blocking()
        self.second.clear()
        self.truth: dict[int, int] = {}
        self.settle()

    def call(self, first: bool, name: str, *args: Any) -> Any:
        """Call an operation of one of the clients."""
        return getattr(self.first, name)(*args).result() if first else getattr(self.second, name)(*args)

    # --------------------------------------------------------------------------------------- changes

    @rule(first=st.booleans(), key=key, value=value)
    def put(self, first: bool, key: int, value: int) -> None:
        assert self.call(first, "put", key, value) == self.truth.get(key)
        self.truth[key] = value

    @rule(first=st.booleans(), entries=st.dictionaries(key, value))
    def put_all(self, first: bool, entries: dict[int, int]) -> None:
        self.call(first, "put_all", entries)
        self.truth |= entries
        self.settle()

    @rule(first=st.booleans(), key=key)
    def remove(self, first: bool, key: int) -> None:
        assert self.call(first, "remove", key) == self.truth.pop(key, None)

    @rule(first=st.booleans())
    def clear(self, first: bool) -> None:
        self.settle()  # a change that is still being replicated may survive
        self.call(first, "clear")
        self.truth.clear()
        self.settle()

    # ----------------------------------------------------------------------------------------- reads

    @rule(first=st.booleans(), key=key)
    def one_key(self, first: bool, key: int) -> None:
        assert self.call(first, "get", key) == self.truth.get(key)
        assert self.call(first, "contains_key", key) is (key in self.truth)

    @rule()
    def settle(self) -> None:
        """Wait until both clients see all changes."""
        for first in (True, False):
            eventually(partial(self.is_settled, first))
            assert sorted(self.call(first, "key_set")) == sorted(self.truth)
            assert sorted(self.call(first, "values")) == sorted(self.truth.values())
            assert self.call(first, "size") == len(self.truth)
            assert self.call(first, "is_empty") is (not self.truth)

    def is_settled(self, first: bool) -> bool:
        """Return whether a replica and the owner of each key have all changes.

        A member that joins serves reads before it has received the entries.
        """
        values = {each: self.call(first, "get", each) for each in KEYS}
        return (
            dict(self.call(first, "entry_set"))
            == self.truth
            == {each: value for each, value in values.items() if value is not None}
        )

    @invariant()
    def disturb(self) -> None:
        self.disturbed.step(self.settle)

    def teardown(self) -> None:
        self.settle()


def test_replicated_map(disturbed: Disturbed) -> None:
    disturbed.run(ReplicatedMapModel)
