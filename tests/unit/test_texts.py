"""What values print: the same as the official client's values, in `print()` and in printed lists."""

import decimal
import json
import uuid
from pathlib import Path
from typing import Any

import pytest

from hzclient import cluster, config, core, errors, predicate, protocol, sql, vector
from hzclient.core import Address, MemberInfo, MemberVersion
from hzclient.cp import CPGroupAvailabilityEvent, CPMember, CPMembershipEvent
from hzclient.protocol import RaftGroupId
from hzclient.proxy import base
from hzclient.proxy._map_journal import JournalEvent
from hzclient.proxy._map_listeners import MapPartitionLostEvent
from hzclient.proxy.base import EntryEventType, ItemEvent, ItemEventType
from hzclient.serialization.portable import classdef
from hzclient.sql import SqlColumnMetadata, SqlColumnType, SqlRowMetadata

OFFICIAL: dict[str, list[str]] = json.loads(
    (Path(__file__).parents[1] / "data" / "official-texts.json").read_text("utf-8")
)["values"]

MODULES = (cluster, config, core, errors, protocol, sql, vector, base, classdef)
NAMES: dict[str, Any] = {
    **{name: value for module in MODULES for name, value in vars(module).items()},
    # Both modules have an `IndexConfig`; the texts are of the one for maps.
    "IndexConfig": config.IndexConfig,
    "Decimal": decimal.Decimal,
    "UUID": uuid.UUID,
    "p": predicate,
}

ID = uuid.UUID(int=5)


@pytest.mark.parametrize("expression", OFFICIAL)
def test_official_text(expression: str) -> None:
    value = eval(expression, dict(NAMES))
    assert [str(value), repr(value)] == OFFICIAL[expression]


def test_column_metadata_prints_name_and_type() -> None:
    columns = [SqlColumnMetadata("c", SqlColumnType.VARCHAR, True), SqlColumnMetadata("d", 4, False)]
    assert str(columns[0]) == repr(columns[0]) == "c VARCHAR"
    assert str(SqlRowMetadata(columns)) == "[c VARCHAR, d INTEGER]"


# The official client has no text for these; they follow the pattern of those that it has.
@pytest.mark.parametrize(
    ("value", "text"),
    [
        (
            ItemEvent("q", "i", ItemEventType.REMOVED, None),
            "ItemEvent(name=q, item=i, event_type=REMOVED, member=None)",
        ),
        (
            JournalEvent(3, 7, EntryEventType.UPDATED, "k", "v", None),
            "JournalEvent(partition_id=3, sequence=7, event_type=UPDATED, key=k, value=v, old_value=None)",
        ),
        (MapPartitionLostEvent(3, ID), f"MapPartitionLostEvent(partition_id=3, uuid={ID})"),
        (CPMember(ID, Address("h", 1)), f"CPMember(uuid={ID}, address=Address(host=h, port=1))"),
        (
            CPMembershipEvent(CPMember(ID, Address("h", 1)), 2),
            f"CPMembershipEvent(member=CPMember(uuid={ID}, address=Address(host=h, port=1)),"
            " event_type=REMOVED)",
        ),
        (
            CPGroupAvailabilityEvent(RaftGroupId("g", 1, 2), (), (), False),
            "CPGroupAvailabilityEvent(group_id=RaftGroupId(name=g, seed=1, id=2), members=(),"
            " unavailable_members=(), is_shutdown=False)",
        ),
        (
            predicate.partition("k", predicate.true()),
            "PartitionPredicate(partition_key=k, predicate=TruePredicate())",
        ),
    ],
    ids=lambda value: type(value).__name__ if not isinstance(value, str) else "",
)
def test_text_without_official_model(value: object, text: str) -> None:
    assert str(value) == repr(value) == text


def test_address_to_string_is_what_the_configuration_takes() -> None:
    assert Address("10.0.0.1", 5701).to_string() == "10.0.0.1:5701"
    assert Address("::1", 5701).to_string() == "[::1]:5701"


def test_member_in_a_list_is_complete() -> None:
    member = MemberInfo(Address("h", 1), ID, {}, False, MemberVersion(5, 7, 0), None, {})
    assert f"{[member]}" == f"[{member!r}]"
    assert str(member) == f"Member [h]:1 - {ID}"
