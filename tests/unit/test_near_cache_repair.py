"""Detection of lost invalidations by their numbers."""

from __future__ import annotations

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hzclient._services.near_cache_repair import InvalidationCounts

ONE, OTHER = UUID(int=1), UUID(int=2)


class Counts:
    """The counter of partition 7, known up to 10, and the partitions that are dropped."""

    def __init__(self, tolerated: int) -> None:
        self.dropped: list[int] = []
        self.counts = InvalidationCounts(tolerated, self.dropped.append)
        self.check(10, strict=True)
        self.dropped.clear()

    def invalidated(self, *sequences: int, uuid: UUID = ONE) -> None:
        for sequence in sequences:
            self.counts.invalidated(7, uuid, sequence)

    def check(self, sequence: int, strict: bool = False, uuid: UUID = ONE) -> None:
        self.counts.check(7, uuid, sequence, strict=strict)


def test_nothing_is_dropped_if_nothing_was_lost() -> None:
    counts = Counts(0)
    counts.invalidated(11, 12, 13)
    counts.check(13)
    counts.check(13, strict=True)
    counts.check(12, strict=True)
    assert counts.dropped == []


@pytest.mark.parametrize("how", ["event", "check"])
def test_another_uuid_drops_the_partition(how: str) -> None:
    counts = Counts(10)
    if how == "event":
        counts.invalidated(11, uuid=OTHER)
    else:
        counts.check(10, uuid=OTHER)
    assert counts.dropped == [7]
    counts.check(11 if how == "event" else 10, uuid=OTHER)
    assert counts.dropped == [7], "only once"


def test_a_gap_beyond_the_tolerance_drops_at_once() -> None:
    counts = Counts(2)
    counts.invalidated(13)
    assert counts.dropped == []
    counts.invalidated(15)
    assert counts.dropped == [7]
    counts.invalidated(16)
    assert counts.dropped == [7], "the count starts anew"


def test_what_one_check_tolerates_the_next_does_not() -> None:
    counts = Counts(10)
    counts.check(13)
    assert counts.dropped == []
    counts.check(13)
    assert counts.dropped == [7]


def test_a_tolerated_gap_is_dropped_by_the_next_check_but_one() -> None:
    counts = Counts(10)
    counts.invalidated(12)
    counts.check(12)
    assert counts.dropped == []
    counts.check(12)
    assert counts.dropped == [7]


def test_what_arrives_before_the_next_check_was_late_and_not_lost() -> None:
    counts = Counts(10)
    counts.check(12)
    counts.invalidated(11, 12)
    counts.check(12)
    counts.invalidated(14, 13)
    counts.check(14, strict=True)
    assert counts.dropped == []


def test_a_check_after_a_reconnect_tolerates_nothing() -> None:
    counts = Counts(10)
    counts.check(11, strict=True)
    assert counts.dropped == [7]


def test_partitions_are_counted_each_for_itself() -> None:
    counts = Counts(0)
    counts.counts.invalidated(8, ONE, 5)
    counts.counts.invalidated(8, ONE, 7)
    assert counts.dropped == [8, 8]


@given(
    lost=st.lists(st.booleans(), max_size=40),
    checks=st.sets(st.integers(0, 40)),
    tolerated=st.integers(0, 10),
)
def test_every_loss_leads_to_a_drop_within_two_checks(
    lost: list[bool], checks: set[int], tolerated: int
) -> None:
    """Every loss leads to a drop: without tolerance in the next check, otherwise in the one after it."""
    counts = Counts(tolerated)
    last_loss = last_drop = -1
    for number, is_lost in enumerate(lost):
        if is_lost:
            last_loss = number
        else:
            counts.invalidated(11 + number)
        if number in checks:
            counts.check(11 + number)
        if counts.dropped:
            last_drop = number
            counts.dropped.clear()
    counts.check(10 + len(lost))
    if tolerated:
        counts.check(10 + len(lost))
    assert last_drop >= last_loss or counts.dropped
    if not any(lost):
        assert last_drop == -1
        assert not counts.dropped
