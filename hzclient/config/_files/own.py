"""The section `hzclient`: options by the names that they have in Python."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hzclient.config._files.kinds import BOOL, TEXT, Items, Kind, Named, Section, Value, number
from hzclient.config._files.kinds import choice as choice_of
from hzclient.config._files.kinds import integer as integer_of
from hzclient.config._files.reader import Reader
from hzclient.config._files.references import instance_of_reference, is_reference, referred_object
from hzclient.config._files.tree import Node
from hzclient.config.option import Option, OptionSet, Schema
from hzclient.config.structures import FlakeIdGeneratorConfig, NearCacheConfig, ReliableTopicConfig

__all__ = ("options_section",)

_NAMED: Mapping[str, type[OptionSet]] = {
    "near_caches": NearCacheConfig,
    "flake_id_generators": FlakeIdGeneratorConfig,
    "reliable_topics": ReliableTopicConfig,
}


def options_section(cls: type[OptionSet]) -> Section:
    """Return the section whose keys are the options of a class.

    Args:
        cls: Class of the option set.

    Returns:
        The section. What only Python can express is given as `module:Name`.
    """
    return Section({name: _kind(name, option) for name, option in cls.options.items()})


def _kind(name: str, option: Option[Any, Any]) -> Kind:
    if name in _NAMED:
        return Named(options_section(_NAMED[name]), name, _NAMED[name])
    schema = option.schema
    if schema is None:
        return _Reference(name)
    if schema.get("type") == "array":
        return Items(Value(), name)
    if "enum" in schema:
        return Value(choice_of(*schema["enum"]), name)
    parses = {"boolean": BOOL, "string": TEXT, "integer": integer_of()}
    return Value(parses.get(schema.get("type", ""), number()), name, secret=option.secret)


@dataclass(frozen=True, slots=True)
class _Reference:
    """An option whose value is a Python object.

    Attributes:
        option: Its name.
    """

    option: str

    def read(self, node: Node, reader: Reader) -> Any:
        """Import the object. A class is given as it is if the option takes it, and else an instance."""
        items = node.value if isinstance(node.value, list) else None
        if items is not None:
            reader.put(self.option, [instance_of_reference(_text(item), item) for item in items], node)
            return
        text = _text(node)
        takes_class = self.option == "global_serializer"
        made = referred_object(text, node) if takes_class else instance_of_reference(text, node)
        reader.put(self.option, made, node)

    def schema(self) -> Schema:
        """Return the JSON schema."""
        one = {"type": "string", "pattern": r"^[\w.]+:[\w.]+$"}
        return {"anyOf": [one, {"type": "array", "items": one}]}


def _text(node: Node) -> str:
    if not isinstance(node.value, str) or not is_reference(node.value):
        raise node.error(f"must refer to a Python object as `module:Name`, not {node.value!r}")
    return node.value
