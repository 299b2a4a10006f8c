"""What reading a configuration produces: an option set, and notes about what has no effect."""

from __future__ import annotations

from typing import Any

from hzclient.config._files.tree import Node
from hzclient.config.option import OptionSet
from hzclient.errors import InvalidConfigurationError

__all__ = ("Reader",)


class Reader:
    """Receives the options that are read.

    Args:
        made: Option set to fill.
        notes: List to which notes are added.

    Attributes:
        made: The option set.
        notes: Texts that say what has no effect, each with its place and its reason.
    """

    def __init__(self, made: OptionSet, notes: list[str]) -> None:
        self.made = made
        self.notes = notes

    def put(self, option: str, value: Any, node: Node) -> None:
        """Set an option.

        Args:
            option: Its name.
            value: Its value. None leaves the default.
            node: Where it was read.

        Raises:
            InvalidConfigurationError: The option does not accept the value.
        """
        if value is None:
            return
        try:
            setattr(self.made, option, value)
        except (TypeError, ValueError, InvalidConfigurationError) as error:
            raise node.error(str(error)) from None

    def note(self, node: Node, text: str) -> None:
        """Remember that something has no effect.

        Args:
            node: Where it was read.
            text: Why it has no effect.
        """
        self.notes.append(f"{node.place}: {text}")
