"""Type names of dataclasses, and the way back from a name to a class."""

import dataclasses
import sys
from typing import Any, Final
from weakref import WeakValueDictionary

ATTRIBUTE: Final = "__compact_type_name__"

_declared: Final[WeakValueDictionary[str, type]] = WeakValueDictionary()


def declare(cls: type, type_name: str) -> None:
    """Give a class a type name other than its default.

    Args:
        cls: The class.
        type_name: Name of its compact type.

    Raises:
        ValueError: If another class has the name.
    """
    known = _declared.get(type_name)
    # A module that is loaded again defines the same class again.
    if known is not None and _full_name(known) != _full_name(cls):
        raise ValueError(f"the type name {type_name!r} of {_full_name(cls)} belongs to {_full_name(known)}")
    setattr(cls, ATTRIBUTE, type_name)
    _declared[type_name] = cls


def is_declared(cls: type) -> bool:
    """Return whether a class was given a type name by `declare`."""
    return _declared.get(cls.__dict__.get(ATTRIBUTE, "")) is cls


def type_name_of(cls: type) -> str | None:
    """Return the type name of a class, None if it shall have none.

    By default that is what a Java class with the same package and name is called: `app.models.Employee`,
    `app.models.Outer$Inner`, and no package for a class of the main script.
    """
    if ATTRIBUTE in cls.__dict__:
        name: str | None = cls.__dict__[ATTRIBUTE]
        return name
    name = cls.__qualname__.replace(".", "$")
    return name if cls.__module__ == "__main__" else f"{cls.__module__}.{name}"


def find_dataclass(type_name: str) -> type[Any] | None:
    """Return the dataclass of a type name, None if there is none.

    Only modules that are loaded are looked at: data must not make the process import anything.
    """
    return _declared.get(type_name) or _find_loaded(type_name)


def _find_loaded(type_name: str) -> type[Any] | None:
    module_name, _, path = type_name.rpartition(".")
    found: Any = sys.modules.get(module_name or "__main__")
    for name in path.split("$"):
        # Not getattr: a module may define __getattr__, and data must not make it run.
        found = getattr(found, "__dict__", {}).get(name)
    if isinstance(found, type) and dataclasses.is_dataclass(found) and type_name_of(found) == type_name:
        return found
    return None


def _full_name(cls: type) -> str:
    return f"{cls.__module__}.{cls.__qualname__}"
