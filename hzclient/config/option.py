"""Declaration of options: a descriptor with a rule, and a base class of objects that consist of options."""

from __future__ import annotations

import copy
import difflib
import reprlib
from collections.abc import Callable, Mapping
from types import MethodType
from typing import Any, ClassVar, Generic, Self, TypeGuard, TypeVar, overload

from hzclient.config._generated.docs import DOCS
from hzclient.errors import InvalidConfigurationError
from hzclient.util import describe_constants, try_to_get_enum_value

__all__ = (
    "Option",
    "OptionSet",
    "Rejected",
    "Rule",
    "Schema",
    "boolean",
    "constant_of",
    "described",
    "dict_of",
    "instance_of",
    "integer",
    "is_dict",
    "is_list",
    "is_tuple",
    "list_of",
    "named_option_sets",
    "number",
    "object_with",
    "subclass_of",
    "text",
)

Stored = TypeVar("Stored")
Accepted = TypeVar("Accepted")
T = TypeVar("T")
OptionSetType = TypeVar("OptionSetType", bound="OptionSet")

_MOST_LISTED = 12
"""An error lists the options of an option set that has no more than these."""

Rule = Callable[[object], T]
"""Function that returns what to store for an assigned value, or raises `Rejected`."""


Schema = dict[str, Any]
"""Part of a JSON schema."""

R = TypeVar("R", bound=Callable[[object], Any])


def described(schema: Schema) -> Callable[[R], R]:
    """Attach to a rule the JSON schema of what it accepts, if that can be written in a file."""

    def attach(rule: R) -> R:
        rule.__dict__["schema"] = schema
        return rule

    return attach


class Rejected(Exception):
    """A value violates the rule of its option.

    Args:
        error: Class of the error to raise.
        allowed: What the option accepts, to follow "must be".
    """

    def __init__(self, error: type[Exception], allowed: str) -> None:
        super().__init__(error, allowed)
        self.error = error
        self.allowed = allowed


class _WrongItem(Exception):
    """An option set inside a dict of them is wrong.

    Args:
        key: Key of the option set.
        error: What is wrong with it.
    """

    def __init__(self, key: object, error: Exception) -> None:
        super().__init__(key, error)
        self.key = key
        self.error = error


class Option(Generic[Stored, Accepted]):
    """An option of an `OptionSet`: its default value and the values that it accepts.

    The docstring below the attribute says what the option does. Python does not keep it, so `python codecs`
    generates a table of these texts, from which `__doc__` is set.

    Args:
        default: Value of a new object. A container is copied for each object.
        rule: Checks and converts an assigned value.
        unit: What a number counts, `"seconds"` for example.
        secret: Whether to keep the value out of texts.
    """

    def __init__(
        self, default: Stored, rule: Rule[Stored], *, unit: str | None = None, secret: bool = False
    ) -> None:
        self.unit = unit
        self._default = default
        self._rule = rule
        self._secret = secret
        self.name = ""

    def __set_name__(self, owner: type[OptionSet], name: str) -> None:
        self.name = name
        self.__doc__ = DOCS.get(owner.__name__, {}).get(name)

    @overload
    def __get__(self, instance: None, owner: type[OptionSet]) -> Self: ...
    @overload
    def __get__(self, instance: OptionSet, owner: type[OptionSet]) -> Stored: ...
    def __get__(self, instance: OptionSet | None, owner: type[OptionSet]) -> Self | Stored:
        if instance is None:
            return self
        stored: Stored = instance.option_values[self.name]
        return stored

    def __set__(self, instance: OptionSet, value: Accepted) -> None:
        try:
            stored = self._rule(value)
        except Rejected as rejected:
            given = type(value).__name__ if self._secret else reprlib.repr(value)
            raise rejected.error(f"{self.name} must be {rejected.allowed}, not {given}") from None
        except _WrongItem as wrong:
            error = wrong.error
            raise type(error)(f"{self.name}[{wrong.key!r}]: {error}") from None
        instance.option_values[self.name] = stored

    @property
    def schema(self) -> Schema | None:
        """JSON schema of the values, or None if only Python objects are accepted."""
        schema: Schema | None = getattr(self._rule, "schema", None)
        return schema

    @property
    def secret(self) -> bool:
        """Whether texts must not show the value."""
        return self._secret

    def make_default(self) -> Stored:
        """Return the value of a new object."""
        return copy.copy(self._default)

    def describe(self, value: object) -> str | None:
        """Return the text of the option for a repr, or None if the value is the default."""
        if value == self._default:
            return None
        return f"{self.name}={'***' if self._secret else repr(value)}"


class OptionSet:
    """Base of objects that consist of options. Undeclared attributes cannot be set."""

    __slots__ = ("option_values",)

    options: ClassVar[Mapping[str, Option[Any, Any]]] = {}
    skips_none: ClassVar[bool] = False

    option_values: dict[str, Any]

    def __init_subclass__(cls) -> None:
        cls.options = {name: value for name, value in vars(cls).items() if isinstance(value, Option)}

    def __init__(self) -> None:
        self.option_values = {name: option.make_default() for name, option in self.options.items()}

    @classmethod
    def from_dict(cls, d: Mapping[str, Any]) -> Self:
        """Create an object from options by name.

        Args:
            d: Options that differ from their defaults.

        Returns:
            The object.

        Raises:
            InvalidConfigurationError: An option is unknown.
            TypeError: A value has the wrong type.
            ValueError: A value is out of range.
        """
        made = cls()
        for name, value in d.items():
            if name not in cls.options:
                raise cls._unknown(name)
            if value is not None or not cls.skips_none:
                setattr(made, name, value)
        return made

    @classmethod
    def _unknown(cls, name: object) -> Exception:
        if not isinstance(name, str):
            return TypeError(f"names of options must be str, not {name!r}")
        return InvalidConfigurationError(f"{cls.__name__} has no option {name!r}{cls._hint(name)}")

    @classmethod
    def _hint(cls, name: str) -> str:
        initials = [option for option in cls.options if "".join(w[0] for w in option.split("_")) == name]
        similar = initials or difflib.get_close_matches(name, cls.options, n=1)
        if similar:
            return f"; did you mean {similar[0]!r}?"
        return f"; it has {', '.join(cls.options)}" if len(cls.options) <= _MOST_LISTED else ""

    def __copy__(self) -> Self:
        made = type(self).__new__(type(self))
        made.option_values = dict(self.option_values)
        return made

    def __repr__(self) -> str:
        parts = [option.describe(self.option_values[name]) for name, option in self.options.items()]
        return f"{type(self).__name__}({', '.join(part for part in parts if part)})"


# ------------------------------------------------------------------------------------------------ rules


# Type guards, because isinstance() alone leaves the type of the items unknown.


def is_list(value: object) -> TypeGuard[list[Any]]:
    """Return whether a value is a list."""
    return isinstance(value, list)


def is_tuple(value: object) -> TypeGuard[tuple[Any, ...]]:
    """Return whether a value is a tuple."""
    return isinstance(value, tuple)


def is_dict(value: object) -> TypeGuard[dict[Any, Any]]:
    """Return whether a value is a dict."""
    return isinstance(value, dict)


@described({"type": "boolean"})
def boolean(value: object) -> bool:
    """Accept True and False."""
    if not isinstance(value, bool):
        raise Rejected(TypeError, "True or False")
    return value


@described({"type": "string"})
def text(value: object) -> str:
    """Accept a str."""
    if not isinstance(value, str):
        raise Rejected(TypeError, "a str")
    return value


def number(
    *,
    minimum: float | None = None,
    above: float | None = None,
    maximum: float | None = None,
    also: float | None = None,
) -> Rule[float]:
    """Accept an int or float within a range, or one value outside of it."""
    limits = _describe_range(minimum, above, maximum) + ("" if also is None else f", or {also}")
    inside: Schema = {"type": "number", **_range_schema(minimum, above, maximum)}

    @described(inside if also is None else {"anyOf": [inside, {"const": also}]})
    def rule(value: object) -> float:
        if not isinstance(value, (int, float)):
            raise Rejected(TypeError, f"a number{limits}")
        # These comparisons are false for NaN, so NaN is outside every range.
        inside = (
            (minimum is None or value >= minimum)
            and (above is None or value > above)
            and (maximum is None or value <= maximum)
        )
        if not inside and value != also:
            raise Rejected(ValueError, f"a number{limits}")
        return value

    return rule


def integer(*, minimum: int, maximum: int | None = None) -> Rule[int]:
    """Accept an int within a range."""
    limits = _describe_range(minimum, None, maximum)

    @described({"type": "integer", **_range_schema(minimum, None, maximum)})
    def rule(value: object) -> int:
        if not isinstance(value, int):
            raise Rejected(TypeError, f"an int{limits}")
        if value < minimum or (maximum is not None and value > maximum):
            raise Rejected(ValueError, f"an int{limits}")
        return value

    return rule


def _describe_range(minimum: float | None, above: float | None, maximum: float | None) -> str:
    bounds = [
        f"{sign} {bound}"
        for sign, bound in ((">=", minimum), (">", above), ("<=", maximum))
        if bound is not None
    ]
    return " " + " and ".join(bounds) if bounds else ""


def _range_schema(minimum: float | None, above: float | None, maximum: float | None) -> Schema:
    bounds = {"minimum": minimum, "exclusiveMinimum": above, "maximum": maximum}
    return {name: bound for name, bound in bounds.items() if bound is not None}


def constant_of(constants: type) -> Rule[Any]:
    """Accept a constant of a class, by value or by name."""

    @described({"enum": [name for name in vars(constants) if not name.startswith("_")]})
    def rule(value: object) -> Any:
        try:
            return try_to_get_enum_value(value, constants)
        except TypeError:
            raise Rejected(TypeError, describe_constants(constants)) from None

    return rule


def instance_of(cls: type[T], allowed: str) -> Rule[T]:
    """Accept an instance of a class."""

    def rule(value: object) -> T:
        if not isinstance(value, cls):
            raise Rejected(TypeError, allowed)
        return value

    return rule


def subclass_of(cls: type[T]) -> Rule[type[T]]:
    """Accept a class derived from a class."""

    def rule(value: object) -> type[T]:
        if not (isinstance(value, type) and issubclass(value, cls)):
            raise Rejected(TypeError, f"a class derived from {cls.__name__}")
        return value

    return rule


def object_with(*methods: str) -> Rule[Any]:
    """Accept an object that has bound methods with these names."""

    def rule(value: object) -> Any:
        if not all(isinstance(getattr(value, method, None), MethodType) for method in methods):
            raise Rejected(TypeError, f"an object with the methods {', '.join(methods)}")
        return value

    return rule


def list_of(accepts: Callable[[object], bool], allowed: str) -> Rule[list[Any]]:
    """Accept a list whose items all pass a check. The list is not copied."""

    def rule(value: object) -> list[Any]:
        if not (is_list(value) and all(map(accepts, value))):
            raise Rejected(TypeError, f"a list of {allowed}")
        return value

    return rule


def dict_of(
    accepts_key: Callable[[object], bool], accepts_value: Callable[[object], bool], allowed: str
) -> Rule[dict[Any, Any]]:
    """Accept a dict whose keys and values all pass a check. The dict is not copied."""

    def rule(value: object) -> dict[Any, Any]:
        if not (is_dict(value) and all(accepts_key(k) and accepts_value(v) for k, v in value.items())):
            raise Rejected(TypeError, f"a dict of {allowed}")
        return value

    return rule


def named_option_sets(cls: type[OptionSetType]) -> Rule[dict[str, OptionSetType]]:
    """Accept a dict of names to option sets, each of which may be a dict. It is stored as a new dict."""
    allowed = f"a dict of str to {cls.__name__} or dict"
    fields = {name: option.schema for name, option in cls.options.items() if option.schema is not None}
    item: Schema = {"type": "object", "properties": fields, "additionalProperties": False}

    def convert(name: object, value: object) -> tuple[str, OptionSetType]:
        if isinstance(name, str):
            if isinstance(value, cls):
                return name, value
            if is_dict(value):
                try:
                    return name, cls.from_dict(value)
                except (InvalidConfigurationError, TypeError, ValueError) as error:
                    raise _WrongItem(name, error) from None
        raise Rejected(TypeError, allowed)

    @described({"type": "object", "additionalProperties": item})
    def rule(value: object) -> dict[str, OptionSetType]:
        if not is_dict(value):
            raise Rejected(TypeError, allowed)
        return dict(convert(name, item) for name, item in value.items())

    return rule
