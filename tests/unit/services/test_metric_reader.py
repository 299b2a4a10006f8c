"""The reader of metrics undoes what the writer does, and refuses what is damaged."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hzclient._services.metric_reader import decompress
from hzclient._services.metrics import Metric, Unit, compress

_WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
_METRICS = st.builds(
    Metric,
    name=_WORDS,
    value=st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False),
    prefix=st.none() | _WORDS,
    discriminator=st.none() | st.tuples(_WORDS.filter(bool), _WORDS),
    unit=st.none() | st.sampled_from(Unit),
)


@given(st.lists(_METRICS, max_size=12))
def test_what_was_written_is_read(metrics: list[Metric]) -> None:
    read = decompress(compress(metrics))
    assert [(each.prefix, each.name, each.labels, each.value) for each in read] == [
        (each.prefix or "", each.name, dict([each.discriminator] if each.discriminator else []), each.value)
        for each in metrics
    ]


def test_every_damage_is_an_error_that_says_so() -> None:
    blob = compress([Metric("hits", 5, "nearcache", ("name", "a")), Metric("load", 0.5, "os")])
    for end in range(len(blob)):
        with pytest.raises(ValueError, match="damaged"):
            decompress(blob[:end])
    with pytest.raises(ValueError, match="metrics of version 9 cannot be read"):
        decompress(b"\x00\x09" + blob[2:])
