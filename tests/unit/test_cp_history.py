"""The checker of CP histories: it must accept valid histories and find violations."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.integration.cp.history import History, Resource, check_increments, check_turns, overlaps, read


def increment(start: int, outcome: str = "done") -> dict[str, Any]:
    return {"event": "increment", "client": 1, "from": start, "outcome": outcome}


def enter(client: int, fence: int, accepted: bool = True) -> dict[str, Any]:
    return {"event": "enter", "client": client, "fence": fence, "accepted": accepted}


def leave(client: int, fence: int) -> dict[str, Any]:
    return {"event": "leave", "client": client, "fence": fence}


class TestIncrements:
    @given(st.lists(st.sampled_from(["done", "unknown"])), st.permutations(range(5)))
    def test_each_once_in_any_order_is_right(self, outcomes: list[str], order: list[int]) -> None:
        events = [increment(start, outcome) for start, outcome in enumerate(outcomes)]
        events.sort(key=lambda event: order[event["from"] % 5])
        assert check_increments(events, len(events)) == []

    def test_unknown_outcomes_may_have_been_carried_out_or_not(self) -> None:
        events = [increment(0), increment(1, "unknown"), increment(1, "refused")]
        assert check_increments(events, 1) == []
        assert check_increments(events, 2) == []

    def test_one_value_left_twice(self) -> None:
        assert check_increments([increment(0), increment(0)], 1) == ["2 increments from 0 are done"]

    def test_a_lost_increment(self) -> None:
        assert check_increments([increment(0), increment(1)], 1) == ["the increment from 1 is lost"]

    def test_a_value_out_of_nowhere(self) -> None:
        assert check_increments([increment(0), increment(1, "refused")], 2) == ["nobody incremented from 1"]


class TestTurns:
    def test_one_after_the_other_is_right(self) -> None:
        assert check_turns([enter(1, 5), leave(1, 5), enter(2, 6), leave(2, 6), enter(1, 9)]) == []

    def test_a_greater_fence_may_come_while_one_is_in_that_lost_the_lock(self) -> None:
        events = [enter(1, 5), enter(2, 6), leave(1, 5), leave(2, 6)]
        assert check_turns(events) == []
        assert overlaps(events) == [(1, 2)]
        assert overlaps([enter(1, 5), leave(1, 5), enter(2, 6)]) == []

    def test_the_same_fence_twice(self) -> None:
        assert check_turns([enter(1, 5), leave(1, 5), enter(2, 5)]) != []

    def test_an_older_fence(self) -> None:
        assert check_turns([enter(1, 5), leave(1, 5), enter(2, 4, accepted=False)]) != []

    def test_two_at_once(self) -> None:
        assert check_turns([enter(1, 5), enter(2, 5)]) != []
        assert check_turns([enter(1, 5), enter(1, 6)]) != []

    def test_leaving_without_having_come(self) -> None:
        assert check_turns([leave(1, 5)]) != []
        assert check_turns([enter(1, 5), leave(1, 6)]) != []


def test_the_resource_refuses_old_fences_and_writes_all_down(tmp_path: Path) -> None:
    history = History(tmp_path / "history.jsonl")
    resource = Resource(history)
    assert resource.enter(1, 5) is True
    resource.leave(1, 5)
    assert resource.enter(2, 5) is False
    assert resource.enter(2, 4) is False
    assert resource.enter(3, 6) is True
    history.close()
    assert read(history.path) == [
        enter(1, 5),
        leave(1, 5),
        enter(2, 5, accepted=False),
        enter(2, 4, accepted=False),
        enter(3, 6),
    ]
