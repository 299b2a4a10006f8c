"""The common face of records without a class."""

import abc
from collections.abc import Iterator, Mapping
from typing import Any, Self

from hzclient.errors import HazelcastSerializationError


class GenericRecord(Mapping[str, Any], abc.ABC):
    """Object of a compact or portable class that does not exist here: a mapping of field names to values.

    Reading gives one for data whose class is unknown. It is immutable: `replace` makes a changed copy.
    Written back, what was not changed keeps its bytes. `compact_record` and `portable_record` make new ones.
    """

    __slots__ = ("_values",)

    def __init__(self, values: dict[str, Any]) -> None:
        self._values = values

    @property
    @abc.abstractmethod
    def kinds(self) -> Mapping[str, int]:
        """Kind of each field: a `FieldKind` for compact records, a `FieldType` for portable ones."""

    @abc.abstractmethod
    def replace(self, changes: Mapping[str, Any]) -> Self:
        """Return a copy with other values.

        Args:
            changes: New values by field name. A value must be of the kind of its field.

        Returns:
            The copy.

        Raises:
            HazelcastSerializationError: If there is no such field.
        """

    def __getitem__(self, field_name: str) -> Any:
        return self._values[field_name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def _merged(self, changes: Mapping[str, Any], what: str) -> dict[str, Any]:
        unknown = changes.keys() - self._values.keys()
        if unknown:
            names = ", ".join(sorted(map(repr, unknown)))
            raise HazelcastSerializationError(f"{what} has no field {names}")
        return {**self._values, **changes}


GenericRecord.__module__ = "hzclient.serialization.generic_record"
