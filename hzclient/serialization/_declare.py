"""Families of methods that differ only in the kind of value they take, declared one line each.

A class lists such methods as annotations, which is all a type checker needs:

    @declared
    class CompactWriter:
        write_int32: FieldWriter[int]

`declared` turns each into a method that raises `NotImplementedError`, with the signature and the
documentation of the family; `implemented` lets a concrete class fill them from a table of kinds.
"""

import inspect
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, Protocol, TypeVar, get_args, get_origin

T_co = TypeVar("T_co", covariant=True)
T_contra = TypeVar("T_contra", contravariant=True)
C = TypeVar("C", bound=type)


class FieldReader(Protocol[T_co]):
    """Method that reads the value of a named field."""

    def __call__(self, field_name: str) -> T_co:
        """Read the field as {kind}.

        Args:
            field_name: Name of the field.

        Returns:
            The value.

        Raises:
            HazelcastSerializationError: If there is no such field, or its kind is another one.
        """
        ...


class FieldWriter(Protocol[T_contra]):
    """Method that writes a named field."""

    def __call__(self, field_name: str, value: T_contra) -> None:
        """Write a field of kind {kind}.

        Args:
            field_name: Name of the field, once in each object.
            value: The value.

        Raises:
            HazelcastSerializationError: If the value does not fit the kind.
        """
        ...


class FieldArrayWriter(Protocol[T_contra]):
    """Method that writes a named field which holds an array."""

    def __call__(self, field_name: str, values: Sequence[T_contra] | None) -> None:
        """Write a field of kind {kind}.

        Args:
            field_name: Name of the field, once in each object.
            values: The items, or None for a null array.

        Raises:
            HazelcastSerializationError: If an item does not fit the kind.
        """
        ...


class FieldAdder(Protocol[T_co]):
    """Method that adds a field to a definition."""

    def __call__(self, field_name: str) -> T_co:
        """Add a {kind}.

        Args:
            field_name: Name of the field, once in each definition.

        Returns:
            The same builder.

        Raises:
            HazelcastSerializationError: If there is a field of this name, or the definition is built.
        """
        ...


class ValueReader(Protocol[T_co]):
    """Method that reads the next value of a stream."""

    def __call__(self) -> T_co:
        """Read the next {kind}.

        Returns:
            The value.

        Raises:
            HazelcastSerializationError: If the rest of the data does not hold one.
        """
        ...


class ValueWriter(Protocol[T_contra]):
    """Method that appends a value to a stream."""

    def __call__(self, val: T_contra) -> None:
        """Append a value as {kind}.

        Args:
            val: The value.

        Raises:
            HazelcastSerializationError: If the value does not fit.
        """
        ...


_FAMILIES: tuple[type, ...] = (
    FieldReader,
    FieldWriter,
    FieldArrayWriter,
    FieldAdder,
    ValueReader,
    ValueWriter,
)


def declared(cls: C) -> C:
    """Give a class a method for each annotation that names a family of this module."""
    for name, form in inspect.get_annotations(cls).items():
        family: Any = get_origin(form)
        if family in _FAMILIES:
            setattr(cls, name, _abstract(cls, name, family, get_args(form)[0]))
    return cls


def implemented(methods: dict[str, Callable[..., Any]]) -> Callable[[C], C]:
    """Fill declared methods of a class.

    Args:
        methods: Method name to a function that takes the object first. A name that no base class
            declares is an error, which catches misspelt names.

    Returns:
        A class decorator.
    """

    def fill(cls: C) -> C:
        for name, method in methods.items():
            base: Any = getattr(cls, name)
            method.__name__ = name
            method.__qualname__ = f"{cls.__qualname__}.{name}"
            method.__doc__ = base.__doc__
            setattr(cls, name, method)
        return cls

    return fill


def _abstract(cls: type, name: str, family: Any, value: Any) -> Callable[..., Any]:
    def method(self: object, *args: object, **kwargs: object) -> Any:
        raise NotImplementedError(f"{type(self).__name__}.{name}")

    method.__name__ = name
    method.__qualname__ = f"{cls.__qualname__}.{name}"
    method.__module__ = cls.__module__
    method.__signature__ = _signature(family, value)  # type: ignore[attr-defined]
    method.__doc__ = _docstring(family).format(kind=name.partition("_")[2].replace("_", " "))
    return method


@cache
def _docstring(family: Any) -> str:
    return inspect.cleandoc(family.__call__.__doc__)


@cache
def _signature(family: Any, value: Any) -> inspect.Signature:
    """Return the signature of a family with the type of its values filled in."""
    signature = inspect.signature(family.__call__)
    parameters = [p.replace(annotation=_filled(p.annotation, value)) for p in signature.parameters.values()]
    return signature.replace(
        parameters=parameters, return_annotation=_filled(signature.return_annotation, value)
    )


def _filled(annotation: Any, value: Any) -> Any:
    if isinstance(annotation, TypeVar):
        return value
    return annotation[value] if getattr(annotation, "__parameters__", ()) else annotation
