"""Run a program that was written for the official client on this one."""

from __future__ import annotations

import importlib.util
import io
import os
import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec, PathFinder
from types import CodeType, ModuleType, TracebackType
from typing import Any

from hzclient._alias import install_as_hazelcast

__all__ = ("run",)

_USAGE = """usage: python -m hzclient run program.py [argument ...]
       python -m hzclient run -m module [argument ...]

Runs a program that imports hazelcast on hzclient, without a change to the program. Processes that the
program starts are not affected.
"""


def run(arguments: Sequence[str]) -> int:
    """Run a program as `python` would, with `import hazelcast` meaning this package.

    The program becomes the module `__main__` and stays it, for threads and exit handlers that outlive it.
    Exceptions that it does not catch are reported without the frames of this package, and then raised, so
    that the exit code is the usual one.

    Args:
        arguments: Path of the program, or `-m` and the name of a module, then the program's own arguments.

    Returns:
        Exit code: 0 if the program ended, 1 or 2 if it could not be started.
    """
    given = list(arguments)
    is_module = given[:1] == ["-m"]
    given = given[is_module:]
    if not given or given[0].startswith("-"):
        asked = bool(given) and given[0] in ("-h", "--help")
        print(_USAGE, end="", file=sys.stdout if asked else sys.stderr)
        return 0 if asked else 2
    install_as_hazelcast()
    sys.argv[:] = given
    main = ModuleType("__main__")
    try:
        code = _module(given[0], main) if is_module else _program(given[0], main)
    except SyntaxError as error:
        _report(error, None)
        raise
    except (OSError, ImportError) as error:
        print(f"{sys.executable}: {error}", file=sys.stderr)
        return 2 if isinstance(error, OSError) else 1
    sys.modules["__main__"] = main
    try:
        exec(code, vars(main))  # noqa: S102 - the program that the user runs
    except SystemExit:
        raise
    except BaseException as error:
        _report(error, vars(main))
        raise
    return 0


def _program(path: str, main: ModuleType) -> CodeType:
    """Prepare `main` for a file, or for a folder or archive that contains a `__main__.py`."""
    spec = None if os.path.isfile(path) and not path.endswith(".zip") else _spec_within(path)
    if not sys.flags.safe_path:
        sys.path[0] = os.path.abspath(path) if spec is not None else os.path.dirname(os.path.realpath(path))
    if spec is not None:
        return _code_of(spec, main, "")
    absolute = os.path.abspath(path)
    with io.open_code(absolute) as file:
        code = compile(file.read(), absolute, "exec", dont_inherit=True)
    main.__file__ = absolute
    return code


def _spec_within(path: str) -> ModuleSpec:
    spec = PathFinder.find_spec("__main__", [path])
    if spec is not None:
        return spec
    if os.path.exists(path):
        raise ImportError(f"can't find '__main__' module in {path!r}")
    raise FileNotFoundError(f"can't open file {path!r}")


def _module(name: str, main: ModuleType) -> CodeType:
    """Prepare `main` for a module that is found by its name."""
    spec = importlib.util.find_spec(name)
    if spec is not None and spec.submodule_search_locations is not None:
        name = f"{name}.__main__"
        spec = importlib.util.find_spec(name)
    if spec is None:
        raise ImportError(f"No module named {name}")
    code = _code_of(spec, main, spec.parent)
    sys.argv[0] = main.__file__ or sys.argv[0]
    return code


def _code_of(spec: ModuleSpec, main: ModuleType, package: str | None) -> CodeType:
    loader: Any = spec.loader
    code: CodeType | None = loader.get_code(spec.name)
    if code is None:
        raise ImportError(f"No code object available for {spec.name}")
    main.__file__ = spec.origin
    main.__spec__ = spec
    main.__loader__ = spec.loader
    main.__package__ = package
    return code


def _report(error: BaseException, namespace: dict[str, Any] | None) -> None:
    """Report an exception as the interpreter would, and keep the interpreter from reporting it again."""
    trace = error.__traceback__
    while trace is not None and trace.tb_frame.f_globals is not namespace:
        trace = trace.tb_next
    hook = sys.excepthook
    sys.excepthook = _report_nothing
    error.__traceback__ = trace
    hook(type(error), error, trace)


def _report_nothing(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """Replace the hook after an exception has been reported."""
