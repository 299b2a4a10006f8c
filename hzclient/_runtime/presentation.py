"""What a function of a face shows of itself: name, module, signature, annotations and docstring.

One definition is exposed by several classes, and each of them has a function of its own for it. Tools
(`help`, inspect, IPython, Sphinx) and tracebacks show what the user called: `Map.put`, which returns a
`Future`, and not `EntryOperations.put`. All classes are presented when the package is imported, hence no
signature is computed here: `inspect.signature` does that when asked, from the function in `__wrapped__`.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from types import FunctionType
from typing import Any

Function = Callable[..., Any]

_RETURNS = "\nReturns:\n"


def copied(function: Any) -> Any:
    """Return another function with the same code."""
    copy = FunctionType(
        function.__code__,
        function.__globals__,
        function.__name__,
        function.__defaults__,
        function.__closure__,
    )
    copy.__kwdefaults__ = function.__kwdefaults__
    copy.__annotations__ = function.__annotations__
    copy.__doc__ = function.__doc__
    copy.__dict__.update(function.__dict__)
    return copy


def named(function: Any, cls: type, name: str) -> None:
    """Let a function say that it is a method of a class.

    Args:
        function: The function; tracebacks show the name of its code.
        cls: The class.
        name: Name of the method.
    """
    qualname = f"{cls.__qualname__}.{name}"
    function.__name__ = name
    function.__qualname__ = qualname
    function.__module__ = cls.__module__
    function.__code__ = function.__code__.replace(co_name=name, co_qualname=qualname)


def present(function: Any, definition: Any, cls: type, returned: str, doc: str | None) -> None:
    """Let a function that takes any arguments show those of the definition behind it.

    Args:
        function: The function.
        definition: The definition.
        cls: The class that has the function.
        returned: Annotation of what the function returns.
        doc: Docstring of the function.
    """
    if (wrapped := function.__dict__.get("__wrapped__")) is not None:  # by contextlib, which calls it
        named(wrapped, cls, definition.__name__)
    named(function, cls, definition.__name__)
    shown = copied(definition)
    named(shown, cls, definition.__name__)
    shown.__annotations__ = function.__annotations__ = {**definition.__annotations__, "return": returned}
    shown.__doc__ = function.__doc__ = doc
    function.__wrapped__ = shown


def future_docstring(doc: str | None) -> str | None:
    """Return the docstring of an operation for the face that returns a `Future`."""
    if not doc:
        return doc
    doc = inspect.cleandoc(doc)
    before, returns, result = doc.partition(_RETURNS)
    if returns:
        return f"{before}{returns}    A `Future` with this result: {_in_sentence(result.lstrip())}"
    before, raises, errors = doc.partition("\nRaises:\n")
    done = "    A `Future` that is done when the call is done.\n"
    return f"{before.rstrip()}\n{_RETURNS}{done}{raises}{errors}".rstrip()


def _in_sentence(text: str) -> str:
    """Begin with a small letter, unless the first word is a name."""
    word = text.split(maxsplit=1)[0] if text else ""
    return text[0].lower() + text[1:] if word[1:].islower() or word == "A" else text


def arguments_of(annotation: str) -> list[str]:
    """Return the arguments of a generic type in an annotation: `["A", "B[C, D]"]` for `X[A, B[C, D]]`."""
    inner = annotation.partition("[")[2].rpartition("]")[0]
    arguments: list[str] = []
    depth = start = 0
    for position, character in enumerate(inner):
        if character == "," and not depth:
            arguments.append(inner[start:position].strip())
            start = position + 1
        depth += (character == "[") - (character == "]")
    return [*arguments, inner[start:].strip()]


def rename_in_arguments_error(error: TypeError, called: Any, qualname: str) -> None:
    """Let the error of wrong arguments name the method that the user called.

    Args:
        error: What the call of the function behind that method raised.
        called: That function.
        qualname: Qualified name of the user's method.
    """
    text, behind = str(error), f"{called.__qualname__}()"
    if text.startswith(behind):
        error.args = (f"{qualname}(){text.removeprefix(behind)}", *error.args[1:])
