"""Checks of arguments that several structures share."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial
from inspect import isclass, isroutine
from typing import Any, TypeVar

from hzclient.core import MemberInfo
from hzclient.util import check_not_none, check_true

T = TypeVar("T")
K = TypeVar("K")
V = TypeVar("V")

_LONGEST_REPR = 100


def shown(value: object) -> str:
    """Return the repr of a wrong argument for an error message, cut if it is long."""
    if isinstance(value, int) and value.bit_length() > 128:  # repr() refuses more than 4,300 digits
        return f"an int of {value.bit_length()} bits"
    text = repr(value)
    return text if len(text) <= _LONGEST_REPR else f"{text[:_LONGEST_REPR]}..."


def list_of(values: Iterable[T], what: str) -> list[T]:
    """Return the values of a collection as a list.

    Args:
        values: Any iterable.
        what: What the values are, in the plural.

    Returns:
        The list.

    Raises:
        AssertionError: `values` is None.
        TypeError: `values` is not iterable.
    """
    check_not_none(values, f"{what} must not be None")
    try:
        return list(values)
    except TypeError:
        raise TypeError(f"{what} must be a list or another collection, not {shown(values)}") from None


def entries_of(values: Mapping[K, V], what: str) -> list[tuple[K, V]]:
    """Return the entries of a mapping.

    Args:
        values: A dict or another object with an `items()` method.
        what: What it is.

    Returns:
        Keys and values.

    Raises:
        AssertionError: `values` is None.
        TypeError: `values` is no mapping.
    """
    check_not_none(values, f"{what} must not be None")
    try:
        return list(values.items())
    except (AttributeError, TypeError):
        raise TypeError(f"{what} must be a dict or another mapping, not {shown(values)}") from None


def check_instance(value: object, expected: type[Any], what: str) -> None:
    """Check the class of an argument.

    Args:
        value: The argument.
        expected: Its class.
        what: What it is, with an article.

    Raises:
        AssertionError: `value` is None.
        TypeError: `value` is of another class.
    """
    check_not_none(value, f"{what} must not be None")
    if not isinstance(value, expected):
        raise TypeError(f"{what} must be a {expected.__name__}, not {shown(value)}")


def check_member(member: MemberInfo) -> None:
    """Check that an argument is a member of the cluster.

    Args:
        member: The argument.

    Raises:
        AssertionError: `member` is None.
        TypeError: `member` is no `MemberInfo`.
    """
    check_instance(member, MemberInfo, "a member")


def check_task(task: object, what: str = "a task") -> None:
    """Check that an argument can be run by members: they run objects of their own classes, no Python code.

    Args:
        task: The argument.
        what: What it is, with an article.

    Raises:
        AssertionError: `task` is None.
        TypeError: `task` is a Python function or class.
    """
    check_not_none(task, f"{what} must not be None")
    if any((isroutine(task), isclass(task), isinstance(task, partial))):
        raise TypeError(
            f"{what} must be an object of a class that the members have too (identified, portable or "
            f"compact): members cannot run the Python {_kind(task)} {shown(task)}"
        )


def _kind(task: object) -> str:
    return "class" if isclass(task) else "function"


def check_int(value: object, what: str) -> None:
    """Check that an argument is an int.

    Args:
        value: The argument.
        what: What it is, with an article.

    Raises:
        AssertionError: `value` is None.
        TypeError: `value` is of another type.
    """
    check_instance(value, int, what)


def check_at_least(value: float, least: float, what: str) -> None:
    """Check that an argument is a number and not too small.

    Args:
        value: The argument.
        least: The smallest value that is allowed.
        what: What it is, with an article.

    Raises:
        AssertionError: `value` is too small, or NaN.
        TypeError: `value` is no number.
    """
    try:
        enough = value >= least
    except TypeError:
        raise TypeError(f"{what} must be a number, not {shown(value)}") from None
    check_true(enough, f"{what} must be at least {shown(least)}, not {shown(value)}")
