"""Columns into maps, as compact records."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, Final, NamedTuple

from hzclient.contrib._frames._reading import Progress
from hzclient.proxy.map import BlockingMap
from hzclient.serialization.api import FieldKind
from hzclient.serialization.generic_record import GenericRecord, compact_record

_VALUE_KINDS: Final[tuple[tuple[type, FieldKind], ...]] = (
    (str, FieldKind.STRING),
    (Decimal, FieldKind.DECIMAL),
    (datetime, FieldKind.TIMESTAMP),
    (date, FieldKind.DATE),
    (time, FieldKind.TIME),
)
"""Kinds of fields by the type of values, for columns of objects. A datetime is a date, so it comes first."""


class Field(NamedTuple):
    """Name and kind of a field of the records."""

    name: str
    kind: FieldKind


class Batch(NamedTuple):
    """Rows to write: keys, and the values of each field; None for missing ones."""

    keys: list[Any]
    columns: Sequence[list[Any]]


def kind_of_values(values: Iterable[Any]) -> FieldKind | None:
    """Return the kind of a column of Python objects.

    Args:
        values: The values that are not missing.

    Returns:
        The kind; `STRING` if there are no values; None if the values are of several or other types.
    """
    types = set(map(type, values))
    if not types:
        return FieldKind.STRING
    for type_, kind in _VALUE_KINDS:
        if all(issubclass(each, type_) for each in types):
            return kind
    return None


def unwritable(name: str, type_: object, instead: str) -> ValueError:
    """Return the error for a column whose type a compact record does not have.

    Args:
        name: Name of the column.
        type_: Its type.
        instead: How to convert it.

    Returns:
        The error.
    """
    return ValueError(f"column {name!r} of {type_} has no Compact type: use {instead}")


def check_keys(what: str, missing: bool, unique: bool) -> None:
    """Raise `ValueError` unless keys are all there and unique.

    Args:
        what: Where they come from.
        missing: Whether some are missing.
        unique: Whether no two are equal.
    """
    if missing or not unique:
        raise ValueError(f"{what} cannot be the key: its values must be unique, and none may be missing")


def write_batches(
    target: BlockingMap[Any, Any],
    type_name: str | None,
    fields: Sequence[Field],
    batches: Iterable[Batch],
    progress: Progress | None,
) -> int:
    """Write rows as entries whose values are compact records.

    Args:
        target: The map.
        type_name: Compact type of the values; the name of the map if it is None.
        fields: The fields.
        batches: The rows.
        progress: Called after each batch with the number of rows written so far.

    Returns:
        Number of rows.
    """
    empty = {field.name: (field.kind, None) for field in fields}
    template = compact_record(type_name or target.name, empty)
    count = 0
    for batch in batches:
        target.put_all(dict(zip(batch.keys, _records(template, fields, batch), strict=True)))
        count += len(batch.keys)
        if progress is not None:
            progress(count)
    return count


def _records(template: GenericRecord, fields: Sequence[Field], batch: Batch) -> Iterator[GenericRecord]:
    names = [field.name for field in fields]
    rows = zip(*batch.columns, strict=True) if names else iter([()] * len(batch.keys))
    return (template.replace(dict(zip(names, row, strict=True))) for row in rows)
