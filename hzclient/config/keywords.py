"""Functions that take the options of a client as keyword arguments, as tools see them at run time."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from inspect import Parameter
from typing import Any, TypeVar

from hzclient.config._generated.docs import KEYWORDS
from hzclient.config._generated.typed import ClientOptions
from hzclient.config.client import Config

__all__ = ("takes_options",)

C = TypeVar("C", bound=Callable[..., Any])


def takes_options(function: C) -> C:
    """List every option in the signature and the docstring of a function that takes `**options`.

    Type checkers and editors read `Unpack[ClientOptions]`. `help()`, IPython and other tools that work on
    live objects do not, so this adds what they show.

    Args:
        function: Function whose last parameter is `**options`.

    Returns:
        The same function.
    """
    options = Parameter("options", Parameter.VAR_KEYWORD)
    given = inspect.signature(function)
    named = [each for each in given.parameters.values() if each.kind is not Parameter.VAR_KEYWORD]
    function.__signature__ = given.replace(parameters=[*named, *_parameters(), options])  # type: ignore[attr-defined]
    doc = f"{inspect.cleandoc(function.__doc__)}\n\n" if function.__doc__ else ""
    function.__doc__ = f"{doc}Options:\n{KEYWORDS.rstrip()}"
    return function


def _parameters() -> list[Parameter]:
    types = ClientOptions.__annotations__
    return [
        Parameter(name, Parameter.KEYWORD_ONLY, default=option.make_default(), annotation=types[name])
        for name, option in Config.options.items()
    ]
