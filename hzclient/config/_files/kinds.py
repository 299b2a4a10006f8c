"""Kinds of values in a configuration file, of which the table of keys consists."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol

from hzclient.config._files.reader import Reader
from hzclient.config._files.tree import Node, Scalar
from hzclient.config.option import OptionSet, Schema

__all__ = (
    "BOOL",
    "TEXT",
    "Items",
    "Kind",
    "Named",
    "Open",
    "Parse",
    "Section",
    "Value",
    "choice",
    "integer",
    "number",
)

Finish = Callable[[Reader, Node, dict[str, Any]], None]
"""Function that turns the values of a section, by key, into options."""


class Kind(Protocol):
    """A kind of value: reads a node, and describes itself for editors."""

    def read(self, node: Node, reader: Reader) -> Any:
        """Check a node, and put the options that it stands for into the reader."""
        ...

    def schema(self) -> Schema:
        """Return the JSON schema."""
        ...


@dataclass(frozen=True, slots=True)
class Parse:
    """Conversion of a single value.

    Attributes:
        allowed: What is accepted, to follow "must be".
        convert: Converts a text or the value of a dict. Raises `ValueError` or `TypeError` if it is wrong.
        schema: JSON schema.
    """

    allowed: str
    convert: Callable[[Scalar], Any]
    schema: Schema


# -------------------------------------------------------------------------------------- single values

_TRUE: Final = frozenset({"true", "yes", "on"})
_FALSE: Final = frozenset({"false", "no", "off"})


def _bool(value: Scalar) -> bool:
    if isinstance(value, bool):
        return value
    word = value.lower() if isinstance(value, str) else ""
    if word not in _TRUE | _FALSE:
        raise ValueError
    return word in _TRUE


def _text(value: Scalar) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return str(value)


BOOL: Final = Parse("true or false", _bool, {"type": "boolean"})
TEXT: Final = Parse("a text", _text, {"type": ["string", "number", "boolean"]})


def number(minimum: float | None = None, maximum: float | None = None) -> Parse:
    """Return the conversion of a number within a range."""

    def convert(value: Scalar) -> float:
        if isinstance(value, bool) or value is None:
            raise TypeError
        parsed = float(value)
        _check(parsed, minimum, maximum)
        return parsed

    return _ranged("a number", "number", convert, minimum, maximum)


def integer(minimum: int | None = None, maximum: int | None = None) -> Parse:
    """Return the conversion of an int within a range."""

    def convert(value: Scalar) -> int:
        if isinstance(value, bool | float) or value is None:
            raise TypeError
        parsed = int(value)
        _check(parsed, minimum, maximum)
        return parsed

    return _ranged("an integer", "integer", convert, minimum, maximum)


def _check(value: float, minimum: float | None, maximum: float | None) -> None:
    above = minimum is None or value >= minimum
    below = maximum is None or value <= maximum
    if not (above and below):  # false for NaN too
        raise ValueError


def _ranged(
    name: str, json: str, convert: Callable[[Scalar], Any], minimum: float | None, maximum: float | None
) -> Parse:
    bounds = {"minimum": minimum, "maximum": maximum}
    signs = {"minimum": ">=", "maximum": "<="}
    given = {key: bound for key, bound in bounds.items() if bound is not None}
    limits = " and ".join(f"{signs[key]} {bound}" for key, bound in given.items())
    return Parse(f"{name} {limits}".rstrip(), convert, {"type": json, **given})


def choice(*allowed: str) -> Parse:
    """Return the conversion of one of several words. Upper and lower case are the same."""
    words = {word.lower(): word for word in allowed}

    def convert(value: Scalar) -> str:
        try:
            return words[str(value).lower()]
        except KeyError:
            raise ValueError from None

    return Parse(f"one of {', '.join(allowed)}", convert, {"enum": list(allowed)})


@dataclass(frozen=True, slots=True)
class Value:
    """A single value.

    Attributes:
        parse: Its conversion.
        option: Option that takes it.
        convert: Converts it into the option's value. By default, nothing is converted.
        note: Why it has no effect.
        secret: Whether errors must not show it.
    """

    parse: Parse = TEXT
    option: str | None = None
    convert: Callable[[Any], Any] | None = None
    note: str | None = None
    secret: bool = False

    def read(self, node: Node, reader: Reader) -> Any:
        """Return the converted value."""
        if node.value is None or isinstance(node.value, dict | list):
            given = "empty" if node.value is None else node.kind
            raise node.error(f"must be {self.parse.allowed}, not {given}")
        try:
            value = self.parse.convert(node.value)
        except (TypeError, ValueError):
            given = "what is there" if self.secret else repr(node.value)
            words = {str(word).lower(): word for word in self.parse.schema.get("enum", ())}
            near = [words[each] for each in difflib.get_close_matches(str(node.value).lower(), words, 1)]
            hint = f"; did you mean {near[0]!r}?" if near and not self.secret else ""
            raise node.error(f"must be {self.parse.allowed}, not {given}{hint}") from None
        if self.option is not None:
            reader.put(self.option, value if self.convert is None else self.convert(value), node)
        if self.note is not None:
            reader.note(node, self.note)
        return value

    def schema(self) -> Schema:
        """Return the JSON schema."""
        # A placeholder is a text that may become anything.
        if self.parse is TEXT:
            return self.parse.schema
        return {"anyOf": [self.parse.schema, {"type": "string", "pattern": r"\$(FILE)?\{"}]}


# ------------------------------------------------------------------------------------------ containers


@dataclass(frozen=True, slots=True)
class Section:
    """A mapping with known keys.

    Attributes:
        keys: Its keys.
        finish: Turns its values into options. By default, the keys do so one by one.
        note: Why it has no effect.
    """

    keys: Mapping[str, Kind]
    finish: Finish | None = None
    note: str | None = None

    def read(self, node: Node, reader: Reader) -> dict[str, Any]:
        """Return the values by key."""
        children = {} if node.value is None else node.value
        if not isinstance(children, dict):
            raise node.error(f"must be a mapping with keys such as {next(iter(self.keys))}, not {node.kind}")
        values: dict[str, Any] = {}
        for key, child in children.items():
            if key not in self.keys:
                raise child.error(_unknown(key, self.keys))
            values[key] = self.keys[key].read(child, reader)
        if self.finish is not None:
            self.finish(reader, node, values)
        if self.note is not None:
            reader.note(node, self.note)
        return values

    def schema(self) -> Schema:
        """Return the JSON schema."""
        return {
            "type": ["object", "null"],
            "properties": {key: kind.schema() for key, kind in self.keys.items()},
            "additionalProperties": False,
        }


def _unknown(key: str, keys: Mapping[str, Kind]) -> str:
    near = difflib.get_close_matches(key.lower().replace("_", "-"), keys, 1)
    hint = f"did you mean {near[0]!r}? " if near else ""
    return f"unknown key {key!r}; {hint}The keys here are {', '.join(keys)}"


@dataclass(frozen=True, slots=True)
class Open:
    """A mapping with any keys and single values, such as the properties of a class.

    Attributes:
        known: Keys that have a meaning.
        note: Why the other keys, or all if none is known, have no effect. None if they need no note.
    """

    known: Mapping[str, Value]
    note: str | None = None

    def read(self, node: Node, reader: Reader) -> dict[str, Any]:
        """Return the values by key."""
        children = {} if node.value is None else node.value
        if not isinstance(children, dict):
            raise node.error(f"must be a mapping, not {node.kind}")
        values: dict[str, Any] = {}
        for key, child in children.items():
            values[key] = self.known.get(key, _ANY).read(child, reader)
            if self.note is not None and key not in self.known:
                reader.note(child, self.note)
        return values

    def schema(self) -> Schema:
        """Return the JSON schema."""
        known = {key: kind.schema() for key, kind in self.known.items()}
        return {"type": ["object", "null"], "properties": known, "additionalProperties": TEXT.schema}


_ANY: Final = Value()


@dataclass(frozen=True, slots=True)
class Items:
    """A list.

    Attributes:
        kind: Kind of its items.
        option: Option that takes the list.
        note: Why it has no effect.
    """

    kind: Kind
    option: str | None = None
    note: str | None = None

    def read(self, node: Node, reader: Reader) -> list[Any]:
        """Return the values."""
        items = [] if node.value is None else node.value
        if not isinstance(items, list):
            raise node.error(f"must be a list, not {node.kind}")
        values = [self.kind.read(item, reader) for item in items]
        if self.option is not None:
            reader.put(self.option, values, node)
        if self.note is not None:
            reader.note(node, self.note)
        return values

    def schema(self) -> Schema:
        """Return the JSON schema."""
        return {"type": ["array", "null"], "items": self.kind.schema()}


@dataclass(frozen=True, slots=True)
class Named:
    """A mapping of names to sections, such as the near caches of maps.

    Attributes:
        section: Kind of each section.
        option: Option that takes the option sets by name. None if there is none.
        cls: Class of the option sets.
        note: Why it has no effect.
    """

    section: Section
    option: str | None = None
    cls: type[OptionSet] = OptionSet
    note: str | None = None

    def read(self, node: Node, reader: Reader) -> dict[str, OptionSet]:
        """Return the option sets by name. The section `default` is for all other names, as in Java."""
        children = {} if node.value is None else node.value
        if not isinstance(children, dict):
            raise node.error(f"must be a mapping of names to settings, not {node.kind}")
        made: dict[str, OptionSet] = {}
        for name, child in children.items():
            inner = Reader(self.cls(), reader.notes)
            self.section.read(child, inner)
            made["*" if name == "default" and "*" not in children else name] = inner.made
        if self.option is not None:
            reader.put(self.option, made, node)
        if self.note is not None:
            reader.note(node, self.note)
        return made

    def schema(self) -> Schema:
        """Return the JSON schema."""
        return {"type": ["object", "null"], "additionalProperties": self.section.schema()}
