"""Objects that cannot be pickled or copied, because they belong to a connected client."""

from __future__ import annotations

from typing import NoReturn, SupportsIndex, TypeVar

__all__ = ("BY_NAME", "Uncopied", "twin")

T = TypeVar("T")

BY_NAME = "pass its name, and get it from the client of the process that needs it"


class Uncopied:
    """Refuses pickling, copying and deep-copying with an error that says what to do instead.

    Attributes:
        instead: What to do instead, to follow a colon.
    """

    __slots__ = ()

    instead: str = "create it with the client of the process that needs it"

    def __reduce_ex__(self, protocol: SupportsIndex) -> NoReturn:
        raise TypeError(
            f"{type(self).__name__} objects cannot be pickled or copied, because they belong to a connected "
            f"client: {self.instead}"
        )


def twin(original: T) -> T:
    """Return another object of the same class with the same attributes, within the same client."""
    made = object.__new__(type(original))
    vars(made).update(vars(original))
    return made
