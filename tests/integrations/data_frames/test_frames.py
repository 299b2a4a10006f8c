"""Data frames of polars and Arrow tables, from maps and queries, and into maps, on real members."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from decimal import Decimal
from types import ModuleType
from typing import Any

import polars
import pyarrow
import pytest

import hzclient
import hzclient.contrib.polars
import hzclient.contrib.pyarrow
from hzclient.core import HazelcastJsonValue
from hzclient.predicate import less

VALUES: dict[str, list[Any]] = {
    "id": [1, 2, 3],
    "amount": [Decimal("1.50"), None, Decimal("2.25")],
    "at": [datetime(2024, 2, 29, 1, 2, 3, 4), None, datetime(2025, 1, 1)],
    "aware": [datetime(2024, 2, 29, tzinfo=UTC), None, datetime(2025, 1, 1, tzinfo=UTC)],
    "day": [date(2024, 2, 29), None, date(2025, 1, 1)],
    "flag": [True, None, False],
    "name": ["a", None, "ü"],
    "ratio": [0.5, None, 1.5],
    "time": [time(1, 2, 3, 4), None, time(3)],
}
SMALL: dict[str, tuple[Any, Any]] = {
    "i8": (polars.Int8, pyarrow.int8()),
    "i16": (polars.Int16, pyarrow.int16()),
    "i32": (polars.Int32, pyarrow.int32()),
    "f32": (polars.Float32, pyarrow.float32()),
}


def polars_frame(values: dict[str, list[Any]]) -> Any:
    return polars.DataFrame(values)


def arrow_table(values: dict[str, list[Any]]) -> Any:
    return pyarrow.table(values)


class Library:
    """What the tests need of a library: its module, and how its frames are made and read."""

    def __init__(self, module: ModuleType, make: Any, small: int) -> None:
        self.module: Any = module
        self.make = make
        self.small = small

    def typed(self) -> Any:
        """Return a frame of all types."""
        frame = self.make(VALUES)
        for name, types in SMALL.items():
            if self.small:
                frame = frame.append_column(name, pyarrow.array([1, None, 3], types[1]))
            else:
                frame = frame.with_columns(polars.Series(name, [1, None, 3], types[0]))
        return frame

    def rows(self, frame: Any) -> list[dict[str, Any]]:
        """Return the rows of a frame."""
        return list(frame.to_pylist() if self.small else frame.to_dicts())


LIBRARIES = {
    "polars": Library(hzclient.contrib.polars, polars_frame, 0),
    "pyarrow": Library(hzclient.contrib.pyarrow, arrow_table, 1),
}


@pytest.fixture(params=LIBRARIES)
def library(request: pytest.FixtureRequest) -> Library:
    return LIBRARIES[request.param]


def by_id(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(rows, key=lambda row: row["id"])


@pytest.mark.parametrize("page_size", [2, 100])
def test_types_are_kept(library: Library, a_map: Any, page_size: int) -> None:
    frame = library.typed()
    assert library.module.write_map(frame, a_map, key="id") == 3
    read = library.module.read_map(a_map, key="id", page_size=page_size)
    assert by_id(library.rows(read)) == library.rows(frame)
    if library.small:
        kept = {field.name: field.type for field in read.schema}
        expected = {field.name: field.type for field in frame.schema}
        assert pyarrow.types.is_decimal(kept.pop("amount")) and expected.pop("amount")
        assert kept == expected
    else:
        assert dict(read.schema) == dict(frame.schema)


def test_fields_that_must_not_be_null(a_map: Any) -> None:
    schema = pyarrow.schema([pyarrow.field(name, pyarrow.int64(), nullable=False) for name in ("id", "x")])
    hzclient.contrib.pyarrow.write_map(pyarrow.table([[1], [2]], schema=schema), a_map, key="id")
    assert {name: kind.name for name, kind in a_map.get(1).kinds.items()} == {"x": "INT64"}


def test_nanoseconds_are_cut(a_map: Any) -> None:
    table = pyarrow.table(
        {
            "__key": [1],
            "at": pyarrow.array([1_700_000_000_123_456_789], pyarrow.timestamp("ns")),
            "time": pyarrow.array([123_456_789], pyarrow.time64("ns")),
        }
    )
    hzclient.contrib.pyarrow.write_map(table, a_map)
    assert a_map.get(1)["at"] == datetime(2023, 11, 14, 22, 13, 20, 123_456)
    assert a_map.get(1)["time"] == time(0, 0, 0, 123_456)


def test_the_key_has_its_column(library: Library, a_map: Any) -> None:
    library.module.write_map(library.make({"__key": ["a", "b"], "x": [1.5, 2.5]}), a_map)
    rows = library.rows(library.module.read_map(a_map, predicate=less("x", 2)))
    assert rows == [{"__key": "a", "x": 1.5}]


def test_pages_batches_and_progress(library: Library, a_map: Any) -> None:
    written: list[int] = []
    read: list[int] = []
    frame = library.make({"id": list(range(25)), "x": list(range(25))})
    library.module.write_map(frame, a_map, key="id", batch_size=10, progress=written.append)
    pages = [len(page) for page in library.module.iter_map(a_map, page_size=10, progress=read.append)]
    assert (written, pages, read) == ([10, 20, 25], [10, 10, 5], [10, 20, 25])
    for call in (
        lambda: library.module.write_map(frame, a_map, key="id", batch_size=0),
        lambda: library.module.iter_map(a_map, page_size=0),
    ):
        with pytest.raises(ValueError, match="must be at least 1, not 0"):
            call()


def test_values_that_are_no_records(library: Library, a_map: Any) -> None:
    a_map.put(1, {"x": 1})
    assert library.rows(library.module.read_map(a_map, key="id")) == [{"id": 1, "x": 1}]
    a_map.put(2, {"x": "text"})
    with pytest.raises(ValueError, match="column 'x' has values of the types int, str"):
        library.module.read_map(a_map)


def test_an_empty_map_and_an_empty_frame(library: Library, a_map: Any) -> None:
    assert library.module.write_map(library.typed()[:0], a_map, key="id") == 0
    assert len(library.module.read_map(a_map)) == 0


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"id": [1, 1]}, "must be unique"),
        ({"id": [1, None]}, "none may be missing"),
        ({"id": [1], "x": [["list"]]}, "column 'x' of .* has no Compact type: use cast"),
        ({"id": [1], "x": [b"bytes"]}, "column 'x' of .* has no Compact type: use cast"),
    ],
)
def test_what_cannot_be_written_is_refused(
    library: Library, a_map: Any, values: dict[str, list[Any]], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        library.module.write_map(library.make(values), a_map, key="id")
    assert a_map.size() == 0


def test_queries(library: Library, client: hzclient.HazelcastClient) -> None:
    sql = (
        "SELECT v, CAST(v AS VARCHAR) AS t, CAST(v AS DOUBLE) AS d, CAST('[1]' AS JSON) AS j, "
        "CAST('2024-02-29' AS DATE) AS a_day, NULLIF(v, 2) AS n FROM TABLE(generate_series(1, ?))"
    )
    rows = library.rows(library.module.read_query(client, sql, 3, page_size=2))
    day = date(2024, 2, 29)
    assert sorted(rows, key=lambda row: row["v"]) == [
        {"v": v, "t": str(v), "d": float(v), "j": "[1]", "a_day": day, "n": None if v == 2 else v}
        for v in (1, 2, 3)
    ]
    empty = library.module.read_query(client, sql + " WHERE v > 100", 3)
    assert (len(empty), len(empty.columns)) == (0, 6)
    with pytest.raises(ValueError, match="returns no rows"):
        library.module.read_query(client, "DROP MAPPING IF EXISTS no_such_mapping")


def test_json_values(library: Library, a_map: Any) -> None:
    a_map.put(1, HazelcastJsonValue({"x": "a"}))
    assert library.rows(library.module.read_map(a_map, key="id")) == [{"id": 1, "x": "a"}]
