"""Compressed form of metrics, and attributes."""

from __future__ import annotations

import io
import logging
import struct
import zlib
from typing import Any

import psutil
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hzclient._services import gauges
from hzclient._services.metrics import Metric, Unit, compress
from hzclient.statistics import escaped

words = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20)
metrics = st.builds(
    Metric,
    words,
    st.one_of(st.integers(-(2**63), 2**63 - 1), st.floats(allow_nan=False)),
    st.none() | words,
    st.none() | st.tuples(words, words),
    st.none() | st.sampled_from(Unit),
)


def decompress(blob: bytes) -> list[Metric]:
    """Decompress as members do."""
    version, length = struct.unpack_from(">hi", blob)
    assert version == 1
    dictionary = io.BytesIO(zlib.decompress(blob[6 : 6 + length]))
    names: dict[int, str | None] = {-1: None}
    word = ""
    order: list[bytes] = []
    for _ in range(_read(dictionary, ">i")):
        number, shared, rest = _read(dictionary, ">i"), _read(dictionary, ">B"), _read(dictionary, ">B")
        units = word.encode("utf-16-be")[: 2 * shared] + dictionary.read(2 * rest)
        order.append(units)
        names[number] = word = units.decode("utf-16-be")
    assert order == sorted(order)
    assert not dictionary.read()
    count = struct.unpack_from(">i", blob, 6 + length)[0]
    body = io.BytesIO(zlib.decompress(blob[10 + length :]))
    fields = [-1, -1, -1, -1, 0xFF, 0, 0]
    found = []
    for _ in range(count):
        mask = _read(body, ">B")
        for bit in range(7):
            if not mask & (1 << bit):
                fields[bit] = _read(body, ">i" if bit < 4 else ">B")
        value = _read(body, ">d" if _read(body, ">B") else ">q")
        prefix, name, key, tag = (names[number] for number in fields[:4])
        unit = None if fields[4] == 0xFF else Unit(fields[4])
        assert name is not None
        found.append(Metric(name, value, prefix, (key, tag) if key and tag else None, unit))
    assert not body.read()
    return found


def _read(source: io.BytesIO, layout: str) -> Any:
    return struct.unpack(layout, source.read(struct.calcsize(layout)))[0]


@given(st.lists(metrics, max_size=20))
def test_members_read_what_was_written(given: list[Metric]) -> None:
    assert decompress(compress(given)) == given


def test_a_field_that_stays_is_left_out() -> None:
    one = Metric("hits", 1, "nearcache", ("name", "m"), Unit.COUNT)
    other = Metric("misses", 2, "nearcache", ("name", "m"), Unit.COUNT)
    blob = compress([one, other])
    length = struct.unpack_from(">i", blob, 2)[0]
    body = zlib.decompress(blob[10 + length :])
    first = 1 + 4 * 4 + 3 + 9
    assert body[0] == 0
    assert body[first] == 0b1111101
    assert len(body) == first + 1 + 4 + 9


def test_words_too_long_are_cut() -> None:
    (found,) = decompress(compress([Metric("m" * 300, 1)]))
    assert found.name == "m" * 255


def test_characters_beyond_the_basic_plane_stand_as_pairs() -> None:
    (found,) = decompress(compress([Metric("hits", 1, "nearcache", ("name", "m\N{GRINNING FACE}"))]))
    assert found.discriminator == ("name", "m\N{GRINNING FACE}")


@pytest.mark.parametrize(
    ("text", "expected"), [("plain", "plain"), (r"a,b.c=d\e", r"a\,b\.c\=d\\e"), ("", "")]
)
def test_separators_are_escaped(text: str, expected: str) -> None:
    assert escaped(text) == expected


class TestGauges:
    def test_numbers_of_this_machine(self) -> None:
        numbers = gauges.Gauges().read()
        assert numbers["os.totalPhysicalMemorySize"] > numbers["os.freePhysicalMemorySize"] > 0
        assert numbers["runtime.availableProcessors"] >= 1
        assert numbers["runtime.usedMemory"] > 1024 * 1024
        assert [name for name, value in numbers.items() if isinstance(value, float)] == [
            "os.systemLoadAverage"
        ]

    def test_one_that_the_platform_lacks_is_left_out(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delattr("os.getloadavg")
        numbers = gauges.Gauges().read()
        assert "os.systemLoadAverage" not in numbers
        assert "os.totalPhysicalMemorySize" in numbers

    def test_a_process_that_may_not_look_at_itself(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def denied(_: object) -> float:
            raise psutil.AccessDenied

        monkeypatch.setattr(psutil.Process, "create_time", denied)
        numbers = gauges.Gauges().read()
        assert "runtime.uptime" not in numbers
        assert "runtime.usedMemory" in numbers

    def test_without_psutil_there_are_none(self, monkeypatch: pytest.MonkeyPatch, caplog: Any) -> None:
        monkeypatch.setitem(__import__("sys").modules, "psutil", None)
        assert gauges.Gauges().read() == {}
        (record,) = caplog.records
        assert record.levelno == logging.WARNING
        assert 'pip install "hzclient-hazelcast[stats]"' in record.getMessage()
