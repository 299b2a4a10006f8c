"""The histogram and the mix of operations of `bench`."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hzclient.cli._bench import bars, read_mix
from hzclient.cli._exit import USAGE, Stop
from hzclient.cli._histogram import Histogram

_DURATIONS = st.lists(st.floats(1e-6, 900), min_size=1, max_size=200)


def histogram(durations: list[float]) -> Histogram:
    made = Histogram()
    for each in durations:
        made.record(each)
    return made


@given(_DURATIONS, st.floats(0, 100))
def test_percentiles_are_right_within_a_bucket(durations: list[float], percent: float) -> None:
    exact = sorted(durations)[max(1, math.ceil(len(durations) * percent / 100)) - 1]
    found = histogram(durations).percentile(percent)
    assert found is not None
    assert exact * (1 - 1e-9) <= found <= exact * 2 ** (1 / 32) * (1 + 1e-9)


@given(_DURATIONS, _DURATIONS)
def test_histograms_add_up(one: list[float], other: list[float]) -> None:
    added = histogram(one)
    added.add(histogram(other))
    both = histogram(one + other)
    assert (added.count, added.longest) == (both.count, both.longest)
    assert list(added.steps()) == list(both.steps())
    assert added.mean == pytest.approx(both.mean)
    assert sum(count for _, count in added.steps()) == len(one) + len(other)


def test_durations_beyond_the_buckets_are_counted() -> None:
    made = histogram([0.0, 1e9])
    assert made.percentile(100) is not None
    assert sum(count for _, count in made.steps()) == 2


def test_nothing_was_measured() -> None:
    empty = Histogram()
    assert (empty.mean, empty.percentile(50), list(empty.steps()), bars(empty)) == (None, None, [], [])


def test_bars_show_the_share_of_each_step() -> None:
    (first, *between, last) = bars(histogram([0.001] * 3 + [0.1]))
    assert (first.count("#"), last.count("#")) == (50, 17)
    assert "75.0 %" in first
    assert "25.0 %" in last
    assert all("#" not in line for line in between)


def test_a_mix_names_operations_and_shares() -> None:
    assert read_mix("get=80, set=20") == {"get": 80.0, "set": 20.0}


@pytest.mark.parametrize("mix", ["get", "get=", "get=x", "get=0", "get=-1", "get=nan", "get=inf"])
def test_a_share_is_a_positive_number(mix: str) -> None:
    with pytest.raises(Stop, match="share of 'get' in --mix must be a positive number") as stop:
        read_mix(mix)
    assert stop.value.code == USAGE


def test_an_unknown_operation() -> None:
    with pytest.raises(Stop, match="Unknown operation 'read' in --mix; use get, set"):
        read_mix("read=1")
