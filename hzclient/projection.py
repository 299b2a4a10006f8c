"""What members give of each entry of a map, instead of the whole of it."""

from typing import Any, Generic

from hzclient.core import MapEntry
from hzclient.serialization.identified import STRING, STRINGS, Record, factory
from hzclient.types import ProjectionType

__all__ = [
    "FACTORY",
    "Projection",
    "identity",
    "multi_attribute",
    "single_attribute",
]


class Projection(Record, Generic[ProjectionType]):
    """A view of an entry. The functions of this module make them."""

    FACTORY_ID = -30


class _SingleAttributeProjection(Projection[Any]):
    CLASS_ID = 0
    FIELDS = (STRING,)


class _MultiAttributeProjection(Projection[list[Any]]):
    CLASS_ID = 1
    FIELDS = (STRINGS,)


class _IdentityProjection(Projection[MapEntry[Any, Any]]):
    CLASS_ID = 2


def single_attribute(attribute_path: str) -> Projection[Any]:
    """Project each entry to one attribute.

    Args:
        attribute_path: Path of the attribute, such as `"address.city"`.

    Returns:
        The projection.

    Raises:
        ValueError: If the path is empty or contains `[any]`.
    """
    _check(attribute_path)
    return _SingleAttributeProjection(attribute_path)


def multi_attribute(*attribute_paths: str) -> Projection[list[Any]]:
    """Project each entry to a list of attributes.

    Args:
        *attribute_paths: Paths of the attributes.

    Returns:
        The projection.

    Raises:
        ValueError: If there is no path, or one is empty or contains `[any]`.
    """
    if not attribute_paths:
        raise ValueError("at least one attribute path is needed")
    for path in attribute_paths:
        _check(path)
    return _MultiAttributeProjection(attribute_paths)


def identity() -> Projection[MapEntry[Any, Any]]:
    """Project each entry to itself."""
    return _IdentityProjection()


def _check(attribute_path: str) -> None:
    if not attribute_path:
        raise ValueError("an attribute path cannot be empty")
    if "[any]" in attribute_path:
        raise ValueError(f"[any] is not for projections: {attribute_path!r}")


FACTORY = factory((_SingleAttributeProjection, _MultiAttributeProjection, _IdentityProjection))
"""Class by class id."""
