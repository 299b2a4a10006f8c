"""Data frames from maps and queries, and into maps, on real members."""

from __future__ import annotations

import tracemalloc
from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal
from typing import Any

import pandas
import pytest
from pandas.testing import assert_frame_equal

import hzclient
from hzclient.contrib.pandas import iter_map, iter_query, read_map, read_query, write_map
from hzclient.core import HazelcastJsonValue
from hzclient.errors import UnreadableItemError
from hzclient.predicate import less
from hzclient.serialization.api import FieldKind
from hzclient.serialization.data import Data
from hzclient.serialization.generic_record import compact_record, portable_record
from hzclient.serialization.portable.classdef import ClassDefinitionBuilder
from hzclient.server import LocalCluster


def make_frame() -> pandas.DataFrame:
    return pandas.DataFrame(
        {
            "id": pandas.Series([1, 2, 3], dtype="int64"),
            "small": pandas.Series([1, 2, 3], dtype="int8"),
            "maybe": pandas.Series([2**40, None, 3], dtype="Int64"),
            "ratio": pandas.Series([0.5, float("nan"), 1.5]),
            "flag": pandas.Series([True, False, True]),
            "name": pandas.Series(["a", None, "c"], dtype="str"),
            "at": pandas.Series(
                pandas.to_datetime(["2024-02-29 01:02:03.000004", None, "2025-01-01 00:00:00.5"])
            ).astype("datetime64[us]"),
            "aware": pandas.Series(
                pandas.to_datetime(["2024-02-29 01:02:03", None, "2025-01-01 00:00:00"], utc=True)
            ).astype("datetime64[us, UTC]"),
            "amount": pandas.Series([Decimal("1.50"), None, Decimal(2)], dtype=object),
            "day": pandas.Series([date(2024, 2, 29), None, date(2025, 1, 1)], dtype=object),
            "time": pandas.Series([time(1, 2), None, time(3)], dtype=object),
        }
    )


@pytest.mark.parametrize("page_size", [2, 100])
def test_types_are_kept(a_map: Any, page_size: int) -> None:
    frame = make_frame()
    assert write_map(frame, a_map, key="id") == 3
    read = read_map(a_map, key="id", page_size=page_size).sort_values("id", ignore_index=True)
    assert_frame_equal(read, frame, check_like=True)  # the fields of a record have no order


def test_the_index_is_the_key(a_map: Any) -> None:
    frame = pandas.DataFrame({"x": [1.5, 2.5]}, index=["a", "b"])
    write_map(frame, a_map)
    assert_frame_equal(read_map(a_map).sort_index(), frame)


def test_pages_batches_and_progress(a_map: Any) -> None:
    frame = pandas.DataFrame({"id": range(25), "x": range(25)})
    written: list[int] = []
    read: list[int] = []
    write_map(frame, a_map, key="id", batch_size=10, progress=written.append)
    pages = [len(page) for page in iter_map(a_map, page_size=10, progress=read.append)]
    assert (written, pages, read) == ([10, 20, 25], [10, 10, 5], [10, 20, 25])
    assert sorted(read_map(a_map, key="id", predicate=less("x", 3))["id"]) == [0, 1, 2]


@dataclass
class Point:
    x: int


@pytest.mark.parametrize(
    ("value", "columns"),
    [
        ({"x": 1}, {"x": 1}),
        (HazelcastJsonValue({"x": 1}), {"x": 1}),
        (Point(1), {"x": 1}),
        ("text", {"this": "text"}),
    ],
    ids=["dict", "json", "dataclass", "plain"],
)
def test_values_of_any_kind(a_map: Any, value: Any, columns: dict[str, Any]) -> None:
    a_map.put("k", value)
    assert read_map(a_map, key="key").to_dict("records") == [{"key": "k", **columns}]


def test_records_of_several_schemas(a_map: Any) -> None:
    """A field that a record lacks is missing there; one whose kind has changed keeps both kinds."""
    old = {"x": (FieldKind.INT64, 2**60 + 1), "y": (FieldKind.INT32, 1), "flag": (FieldKind.BOOLEAN, True)}
    new = {"x": (FieldKind.INT64, 2), "y": (FieldKind.STRING, "one")}
    a_map.put_all({1: compact_record("row", old), 2: compact_record("row", new)})
    frame = read_map(a_map).sort_index()
    assert frame["x"].tolist() == [2**60 + 1, 2]
    assert frame["y"].tolist() == [1, "one"]
    assert (str(frame["flag"].dtype), frame["flag"].isna().tolist()) == ("boolean", [False, True])


def test_portable_records(a_map: Any) -> None:
    definition = ClassDefinitionBuilder(7, 1).add_float_field("ratio").add_string_field("name").build()
    a_map.put(1, portable_record(definition, {"ratio": 1.5, "name": "a"}))
    assert read_map(a_map, key="id").to_dict("records") == [{"id": 1, "ratio": 1.5, "name": "a"}]


def test_a_client_that_has_not_seen_the_schema(hazelcast_cluster: LocalCluster, a_map: Any) -> None:
    write_map(make_frame(), a_map, key="id")
    with hzclient.HazelcastClient(cluster_members=hazelcast_cluster.addresses) as other:
        table = other.get_map(a_map.name).blocking()
        assert sorted(read_map(table, key="id", predicate=less("small", 3))["id"]) == [1, 2]


def test_an_unreadable_key_is_named(a_map: Any) -> None:
    write_map(pandas.DataFrame({"x": [1]}), a_map)
    a_map.put(Data(bytes(4) + (-9999).to_bytes(4, "big", signed=True) + b"key"), a_map.get(0))
    with pytest.raises(UnreadableItemError, match="the key of entry"):
        read_map(a_map)


def test_an_empty_map_and_an_empty_frame(a_map: Any) -> None:
    assert write_map(make_frame().head(0), a_map, key="id") == 0
    assert read_map(a_map).empty


@pytest.mark.parametrize(
    ("frame", "message"),
    [
        (pandas.DataFrame({"id": [1, 1]}), "must be unique"),
        (pandas.DataFrame({"id": [1.0, None]}), "none may be missing"),
        (pandas.DataFrame({"id": [1], "x": pandas.Series([1], dtype="uint64")}), "column 'x' of uint64"),
        (pandas.DataFrame({"id": [1], "x": [["list"]]}), "column 'x' of object has no Compact type"),
    ],
)
def test_what_cannot_be_written_is_refused(a_map: Any, frame: pandas.DataFrame, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        write_map(frame, a_map, key="id")
    assert a_map.size() == 0


def test_queries(client: hzclient.HazelcastClient) -> None:
    sql = "SELECT v, CAST(v AS VARCHAR) AS t, CAST(v AS DOUBLE) AS d FROM TABLE(generate_series(1, ?))"
    frame = read_query(client, sql, 25, page_size=10)
    assert sorted(frame["v"]) == list(range(1, 26))
    assert [str(dtype) for dtype in frame.dtypes] == ["Int32", "str", "float64"]
    assert [len(page) for page in iter_query(client, sql, 20, page_size=10)] == [10, 10]
    empty = read_query(client, sql + " WHERE v > 100", 5)
    assert (empty.columns.tolist(), len(empty)) == (["v", "t", "d"], 0)
    with pytest.raises(ValueError, match="returns no rows"):
        read_query(client, "DROP MAPPING IF EXISTS no_such_mapping")


def test_members_query_what_was_written(client: hzclient.HazelcastClient, a_map: Any) -> None:
    write_map(pandas.DataFrame({"id": [1, 2], "x": [10, 20]}), a_map, key="id", type_name="frame_row")
    client.sql.execute(
        f"CREATE OR REPLACE MAPPING {a_map.name} (__key INT, x BIGINT) TYPE IMap OPTIONS "
        "('keyFormat'='int', 'valueFormat'='compact', 'valueCompactTypeName'='frame_row')"
    ).result()
    assert read_query(client, f"SELECT SUM(x) AS s FROM {a_map.name}")["s"].tolist() == [30]


def test_reading_by_page_holds_no_more_than_pages(a_map: Any) -> None:
    write_map(pandas.DataFrame({"text": ["x" * 1000] * 20_000}), a_map)
    tracemalloc.start()
    try:
        rows = sum(len(page) for page in iter_map(a_map, page_size=1000))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert rows == 20_000
    assert peak < 16_000_000  # all rows are more than 20 MB, and at most eight requests of 500 are held
