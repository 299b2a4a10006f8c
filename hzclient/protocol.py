"""Values of the protocol that applications may meet."""

from __future__ import annotations

from dataclasses import dataclass

from hzclient._slots import fields_text

__all__ = ("RaftGroupId",)


@dataclass(frozen=True, slots=True, init=False, repr=False)
class RaftGroupId:
    """Identifies a CP group.

    Args:
        name: Name of the group.
        seed: Number that changes when the CP subsystem is reset.
        group_id: Index of the commit that created the group.
    """

    name: str
    seed: int
    id: int

    def __init__(self, name: str, seed: int, group_id: int) -> None:
        # The attribute is called `id`, the parameter is not.
        object.__setattr__(self, "name", name)
        object.__setattr__(self, "seed", seed)
        object.__setattr__(self, "id", group_id)

    def __repr__(self) -> str:
        return fields_text(self, "name", "seed", "id")
