"""Errors for values that the wire format has no room for."""

import struct
from operator import index
from typing import Any, Final
from uuid import UUID

from hzclient.errors import IllegalArgumentError

UNENCODABLE: Final = (struct.error, AttributeError, TypeError, ValueError, OverflowError)
"""What encoders raise for a value that does not fit."""

_BITS: Final = {"byte": 8, "int": 32, "long": 64}
_CLASSES: Final[dict[str, type[Any]]] = {"String": str, "Data": bytes, "byteArray": bytes, "UUID": UUID}
_LONGEST_REPR: Final = 100


def refused(owner: str, error: Exception, types: str, *values: object) -> Exception:
    """Explain why a request could not be encoded.

    Encoders call it after they have failed, so the checks cost nothing in the good case.

    Args:
        owner: The method that was being encoded, such as `Map.get`.
        error: What the encoder raised.
        types: Names and protocol types of parameters, such as `"name: String, ttl: long"`; a type
            ends with `?` if the parameter may be null.
        *values: The value of each of these parameters.

    Returns:
        `TypeError` if a parameter has the wrong type, `IllegalArgumentError` if its value is out of
        range. Both name the parameter.
    """
    for parameter, value in zip(types.split(", ") if types else (), values, strict=True):
        name, _, kind = parameter.partition(": ")
        if value is None and (kind.endswith("?") or kind == "UUID"):  # a UUID has a form for null
            continue
        problem = _problem(kind.rstrip("?"), value)
        if problem is not None:
            wrong_type, wanted = problem
            text = f"{owner}: {name} must be {wanted}, not {_shown(value)}"
            return TypeError(text) if wrong_type else IllegalArgumentError(text)
    if isinstance(error, TypeError):
        return error  # of an encoder further in, which has named the parameter
    text = f"{owner}: an argument cannot be encoded: {error}"
    return TypeError(text) if isinstance(error, AttributeError) else IllegalArgumentError(text)


def refused_composite(owner: str, error: Exception, types: str, value: object) -> Exception:
    """Explain why a composite could not be encoded, as `refused` does for a request.

    Args:
        owner: The composite type.
        error: What the encoder raised.
        types: Names and protocol types of attributes.
        value: What was to be encoded; it may lack the attributes.

    Returns:
        The error.
    """
    names = [each.partition(": ")[0] for each in types.split(", ")] if types else []
    try:
        values = [getattr(value, name) for name in names]
    except AttributeError:
        return TypeError(f"expected a value with the fields of {owner}, not {_shown(value)}")
    return refused(owner, error, types, *values)


def _problem(kind: str, value: Any) -> tuple[bool, str] | None:
    """Whether the value has the wrong type, and what would be right; None if the value is fine."""
    if kind in _BITS:
        return _int_problem(_BITS[kind], value)
    if kind == "float":
        return _float_problem(value)
    expected = _CLASSES.get(kind)
    if expected is None:
        return None
    if not isinstance(value, expected):
        return True, f"a {expected.__name__}"
    if kind == "String":
        return _text_problem(value)
    return None


def _int_problem(bits: int, value: Any) -> tuple[bool, str] | None:
    try:
        number = index(value)
    except TypeError:
        return True, "an int"
    if -(1 << bits - 1) <= number < 1 << bits - 1:
        return None
    return False, f"an int of {bits} bits (from -2**{bits - 1} to 2**{bits - 1} - 1)"


def _float_problem(value: Any) -> tuple[bool, str] | None:
    try:
        struct.pack("<f", value)
    except OverflowError:
        return False, "a float of 32 bits"
    except struct.error:
        return True, "a number"
    return None


def _text_problem(value: str) -> tuple[bool, str] | None:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False, "text without lone surrogates"
    return None


def _shown(value: object) -> str:
    if isinstance(value, int) and value.bit_length() > 128:  # repr() refuses more than 4,300 digits
        return f"{'-' if value < 0 else ''}2**{value.bit_length() - 1} or more"
    text = repr(value)
    return text if len(text) <= _LONGEST_REPR else f"{text[:_LONGEST_REPR]}..."
