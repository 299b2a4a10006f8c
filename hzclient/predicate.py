"""Conditions that members check on the entries of a map.

Attributes are named as in `"name"`, `"address.city"`, `"__key"`, `"__key.id"` and `"this"`.
"""

from collections.abc import Iterable
from typing import Any, ClassVar, NamedTuple

from hzclient._slots import fields_text
from hzclient.serialization import java
from hzclient.serialization.api import ObjectDataInput, ObjectDataOutput
from hzclient.serialization.data import Data
from hzclient.serialization.identified import (
    BOOLEAN,
    OBJECT,
    OBJECTS,
    STRING,
    Field,
    Record,
    factory,
)
from hzclient.util import IterationType

__all__ = [
    "Anchor",
    "FACTORY",
    "PREDICATE_FACTORY_ID",
    "PagingPredicate",
    "Predicate",
    "and_",
    "between",
    "equal",
    "false",
    "greater",
    "greater_or_equal",
    "ilike",
    "in_",
    "instance_of",
    "less",
    "less_or_equal",
    "like",
    "multi_partition",
    "not_",
    "not_equal",
    "or_",
    "paging",
    "partition",
    "regex",
    "sql",
    "true",
]


PREDICATE_FACTORY_ID = -20


class Predicate(Record):
    """A condition. The functions of this module make them."""

    FACTORY_ID = PREDICATE_FACTORY_ID

    TEXT: ClassVar[str] = ""
    """Format of the fields in `repr()`, the same as the official client's."""

    def _fields_text(self) -> str:
        return self.TEXT.format(*self._values)

    def __repr__(self) -> str:
        return f"{type(self).__name__.strip('_')}({self._fields_text()})"


class _SqlPredicate(Predicate):
    CLASS_ID = 0
    FIELDS = (STRING,)
    TEXT = "sql='{}'"


class _AndPredicate(Predicate):
    CLASS_ID = 1
    FIELDS = (OBJECTS,)

    def _fields_text(self) -> str:
        return ", ".join(map(str, self._values[0]))


class _BetweenPredicate(Predicate):
    CLASS_ID = 2
    FIELDS = (STRING, OBJECT, OBJECT)
    TEXT = "attribute='{0}', from={2}, to={1}"


class _EqualPredicate(Predicate):
    CLASS_ID = 3
    FIELDS = (STRING, OBJECT)
    TEXT = "attribute='{}', value={}"


class _GreaterLessPredicate(Predicate):
    CLASS_ID = 4
    FIELDS = (STRING, OBJECT, BOOLEAN, BOOLEAN)
    TEXT = "attribute='{}', value={}, is_equal={}, is_less={}"


class _LikePredicate(Predicate):
    CLASS_ID = 5
    FIELDS = (STRING, STRING)
    TEXT = "attribute='{}', expression='{}'"


class _ILikePredicate(Predicate):
    CLASS_ID = 6
    FIELDS = (STRING, STRING)
    TEXT = "attribute='{}', expression='{}'"


class _InPredicate(Predicate):
    CLASS_ID = 7
    FIELDS = (STRING, OBJECTS)

    def _fields_text(self) -> str:
        return f"attribute='{self._values[0]}', {','.join(map(str, self._values[1]))}"


class _InstanceOfPredicate(Predicate):
    CLASS_ID = 8
    FIELDS = (STRING,)
    TEXT = "class_name='{}'"


class _NotEqualPredicate(Predicate):
    CLASS_ID = 9
    FIELDS = (STRING, OBJECT)
    TEXT = "attribute='{}', value={}"


class _NotPredicate(Predicate):
    CLASS_ID = 10
    FIELDS = (OBJECT,)
    TEXT = "predicate={}"


class _OrPredicate(Predicate):
    CLASS_ID = 11
    FIELDS = (OBJECTS,)

    def _fields_text(self) -> str:
        return ", ".join(map(str, self._values[0]))


class _RegexPredicate(Predicate):
    CLASS_ID = 12
    FIELDS = (STRING, STRING)
    TEXT = "attribute='{}', pattern='{}'"


class _FalsePredicate(Predicate):
    CLASS_ID = 13


class _TruePredicate(Predicate):
    CLASS_ID = 14


class _PartitionPredicate(Predicate):
    CLASS_ID = 16
    FIELDS = (OBJECT, OBJECT)
    TEXT = "partition_key={}, predicate={}"


def _write_keys(out: ObjectDataOutput, keys: tuple[Any, ...]) -> None:
    out.write_object(java.linked_hash_set(keys))


def _read_keys(inp: ObjectDataInput) -> tuple[Any, ...]:
    return tuple(inp.read_object() or ())


class _MultiPartitionPredicate(Predicate):
    CLASS_ID = 21
    FIELDS = (Field(_write_keys, _read_keys), OBJECT)
    TEXT = "partition_keys={}, predicate={}"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, _MultiPartitionPredicate):
            return NotImplemented
        return (set(other._values[0]), other._values[1]) == (set(self._values[0]), self._values[1])

    def __hash__(self) -> int:
        return hash((frozenset(self._values[0]), self._values[1]))


class Anchor(NamedTuple):
    """Last entry of a page, after which the next page begins.

    Key and value are `Data` as members send them.
    """

    page: int
    key: Any
    value: Any


class PagingPredicate(Predicate):
    """A condition whose results come page by page, in order.

    `Map.key_set`, `Map.values` and `Map.entry_set` with this predicate give the entries of the current
    page, and record in the predicate the last entry of that page.

    Args:
        predicate: Condition for the entries; None for all entries.
        page_size: Entries of a page.
        comparator: Order of the entries: an object whose class the members have. None for the
            natural order of the keys, values or entries.

    Attributes:
        predicate: The condition.
        comparator: The order.
        iteration_type: What is paged, one of `IterationType`; the map sets it.
        anchors: Ends of the pages that are known; the map sets them.
        partition_key: Key whose partition alone is searched, None for all.
    """

    CLASS_ID = 15

    def __init__(
        self, predicate: Predicate | None = None, page_size: int = 1, comparator: Any = None
    ) -> None:
        if isinstance(predicate, PagingPredicate):
            raise TypeError("a paging predicate cannot be the condition of another one")
        if page_size <= 0:
            raise ValueError(f"page_size must be above 0, not {page_size}")
        super().__init__()
        self.predicate = predicate
        self.comparator = comparator
        self.partition_key: Any = None
        self._page_size = page_size
        self.reset()

    @property
    def page(self) -> int:
        """Number of the current page, from 0. It may be set to any page."""
        return self._page

    @page.setter
    def page(self, page_no: int) -> None:
        if page_no < 0:
            raise ValueError(f"page must be 0 or above, not {page_no}")
        self._page = page_no

    @property
    def page_size(self) -> int:
        """Match entries of a page."""
        return self._page_size

    def reset(self) -> None:
        """Go back to the first page, and forget about all others."""
        self._page = 0
        self.anchors: list[Anchor] = []
        self.iteration_type: int = IterationType.ENTRY

    def next_page(self) -> int:
        """Go to the next page, and return its number."""
        self._page += 1
        return self._page

    def previous_page(self) -> int:
        """Go to the page before, if there is one, and return the number of the current page."""
        self._page = max(self._page - 1, 0)
        return self._page

    def write_data(self, object_data_output: ObjectDataOutput) -> None:
        """Write the predicate as part of another object (maps send it in another form)."""
        out = object_data_output
        out.write_string(None)  # user code namespace
        out.write_object(self.predicate)
        out.write_object(self.comparator)
        out.write_int(self._page)
        out.write_int(self._page_size)
        out.write_string(_ITERATION_TYPES[self.iteration_type])
        out.write_int(len(self.anchors))
        for page, key, value in self.anchors:
            out.write_int(page)
            _write_anchor(out, key)
            _write_anchor(out, value)

    def read_data(self, object_data_input: ObjectDataInput) -> None:
        """Read what `write_data` wrote."""
        inp = object_data_input
        inp.read_string()
        self.predicate = inp.read_object()
        self.comparator = inp.read_object()
        self._page = inp.read_int()
        self._page_size = inp.read_int()
        self.iteration_type = _ITERATION_TYPES.index(inp.read_string() or "")
        self.anchors = [
            Anchor(inp.read_int(), inp.read_object(), inp.read_object()) for _ in range(inp.read_int())
        ]

    def _state(self) -> tuple[Any, ...]:
        inner = (self.predicate, self.comparator, self.partition_key)
        return (*inner, self._page, self._page_size, self.iteration_type, *self.anchors)

    def __eq__(self, other: object) -> bool:
        return other._state() == self._state() if isinstance(other, PagingPredicate) else NotImplemented

    __hash__ = None  # type: ignore[assignment]  # it changes with each page

    def __repr__(self) -> str:
        return fields_text(self, "predicate", "page_size", "comparator")


_ITERATION_TYPES = ("KEY", "VALUE", "ENTRY")


def _write_anchor(out: ObjectDataOutput, value: Any) -> None:
    if isinstance(value, Data):
        out.write_int(value.get_type())
        out.write_from(value.buffer, 8)
    else:
        out.write_object(value)


def sql(expression: str) -> Predicate:
    """Match entries that a `WHERE` clause of SQL accepts, such as `"age > 30 AND active"`."""
    return _SqlPredicate(expression)


def equal(attribute: str, value: Any) -> Predicate:
    """Match entries whose attribute equals a value; None for a null attribute."""
    return _EqualPredicate(attribute, value)


def not_equal(attribute: str, value: Any) -> Predicate:
    """Match entries whose attribute does not equal a value."""
    return _NotEqualPredicate(attribute, value)


def like(attribute: str, pattern: str | None) -> Predicate:
    """Match entries whose attribute fits a pattern: `%` is any text, `_` is one character."""
    return _LikePredicate(attribute, pattern)


def ilike(attribute: str, pattern: str | None) -> Predicate:
    """Match entries whose attribute fits a pattern as in `like`, whatever the case of letters."""
    return _ILikePredicate(attribute, pattern)


def regex(attribute: str, pattern: str | None) -> Predicate:
    """Match entries whose whole attribute fits a regular expression of Java."""
    return _RegexPredicate(attribute, pattern)


def and_(*predicates: Predicate) -> Predicate:
    """Match entries that fulfil all of some predicates."""
    return _AndPredicate(predicates)


def or_(*predicates: Predicate) -> Predicate:
    """Match entries that fulfil at least one of some predicates."""
    return _OrPredicate(predicates)


def not_(predicate: Predicate) -> Predicate:
    """Match entries that do not fulfil a predicate."""
    return _NotPredicate(predicate)


def between(attribute: str, from_: Any, to: Any) -> Predicate:
    """Match entries whose attribute lies between two values, both included."""
    return _BetweenPredicate(attribute, to, from_)


def in_(attribute: str, *values: Any) -> Predicate:
    """Match entries whose attribute equals one of some values."""
    return _InPredicate(attribute, values)


def instance_of(class_name: str) -> Predicate:
    """Match entries whose value is of a Java class, given by its full name."""
    return _InstanceOfPredicate(class_name)


def false() -> Predicate:
    """Match no entry."""
    return _FalsePredicate()


def true() -> Predicate:
    """Match all entries."""
    return _TruePredicate()


def paging(predicate: Predicate | None, page_size: int, comparator: Any = None) -> PagingPredicate:
    """Match entries that fulfil a predicate, page by page.

    Args:
        predicate: Condition for the entries; None for all entries.
        page_size: Entries of a page.
        comparator: Order of the entries: an object whose class the members have; None for natural order.

    Returns:
        The predicate, at its first page.

    Raises:
        TypeError: If the predicate is a paging predicate itself.
        ValueError: If the page size is not above 0.
    """
    return PagingPredicate(predicate, page_size, comparator)


def greater(attribute: str, value: Any) -> Predicate:
    """Match entries whose attribute is above a value."""
    return _GreaterLessPredicate(attribute, value, False, False)


def greater_or_equal(attribute: str, value: Any) -> Predicate:
    """Match entries whose attribute is a value or above it."""
    return _GreaterLessPredicate(attribute, value, True, False)


def less(attribute: str, value: Any) -> Predicate:
    """Match entries whose attribute is below a value."""
    return _GreaterLessPredicate(attribute, value, False, True)


def less_or_equal(attribute: str, value: Any) -> Predicate:
    """Match entries whose attribute is a value or below it."""
    return _GreaterLessPredicate(attribute, value, True, True)


def partition(partition_key: Any, predicate: Predicate) -> Predicate:
    """Match entries that fulfil a predicate, searched in the partition of one key only."""
    return _PartitionPredicate(partition_key, predicate)


def multi_partition(partition_keys: Iterable[Any], predicate: Predicate) -> Predicate:
    """Match entries that fulfil a predicate, searched in the partitions of some keys only."""
    return _MultiPartitionPredicate(tuple(partition_keys), predicate)


FACTORY = factory(
    (
        _SqlPredicate,
        _AndPredicate,
        _BetweenPredicate,
        _EqualPredicate,
        _GreaterLessPredicate,
        _LikePredicate,
        _ILikePredicate,
        _InPredicate,
        _InstanceOfPredicate,
        _NotEqualPredicate,
        _NotPredicate,
        _OrPredicate,
        _RegexPredicate,
        _FalsePredicate,
        _TruePredicate,
        PagingPredicate,
        _PartitionPredicate,
        _MultiPartitionPredicate,
    )
)
"""Class by class id."""
