"""Write the generated pages of the reference before Sphinx reads its sources.

Everything comes from the running package: the public modules and their `__all__`, the options of `Config`,
the error classes, the services of the protocol, the help of the command line, and the list of intended
differences that the drop-in tests check. The pages go to `reference/_generated`, which is
not under version control.
"""

from __future__ import annotations

import contextlib
import importlib
import inspect
import io
import json
import pkgutil
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import typer

import hzclient
import hzclient._codec
import hzclient.errors
from hzclient.config import Config, FlakeIdGeneratorConfig, IndexConfig, NearCacheConfig, ReliableTopicConfig
from hzclient.config.option import OptionSet

ROOT = Path(__file__).parents[2]
TARGET = ROOT / "docs" / "reference" / "_generated"
OPTION_SETS: tuple[type[OptionSet], ...] = (
    Config,
    NearCacheConfig,
    ReliableTopicConfig,
    FlakeIdGeneratorConfig,
    IndexConfig,
)
# Members of these bases say nothing about the class that inherits them.
PLAIN_BASES = "object,BaseException,Exception,dict,tuple,int,Enum,IntEnum,Generic,Protocol,ABC"


def public_modules() -> list[str]:
    """Return the names of all modules that applications may import, which have an `__all__`."""
    found = [
        name
        for _, name, _ in pkgutil.walk_packages(hzclient.__path__, "hzclient.")
        if not any(part.startswith("_") for part in name.split("."))
    ]
    modules = ["hzclient", *found]
    return [name for name in modules if getattr(importlib.import_module(name), "__all__", ())]


def public_names(module: str) -> list[str]:
    """Return what a public module offers, in the order of its `__all__`."""
    return list(importlib.import_module(module).__all__)


def write_pages() -> None:
    """Write every generated page that has changed."""
    TARGET.mkdir(exist_ok=True)
    modules = public_modules()
    described = homes(modules)
    pages = {f"{module}.rst": module_page(module, described) for module in modules}
    pages["modules.rst"] = modules_page(modules)
    pages["configuration.md"] = configuration_page()
    pages["errors.md"] = errors_page()
    pages["protocol.md"] = protocol_page()
    pages["command-line.md"] = command_line_page()
    pages["differences.txt"] = differences_page()
    for stale in {path.name for path in TARGET.iterdir()} - pages.keys():
        (TARGET / stale).unlink()
    for name, text in pages.items():
        path = TARGET / name
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")


# --------------------------------------------------------------------------------------------- modules


def modules_page(modules: list[str]) -> str:
    """Return the list of all module pages."""
    lines = [
        "Modules",
        "=======",
        "",
        "Every public module, from the docstrings of the installed package.",
        "",
    ]
    lines += [".. toctree::", "   :maxdepth: 1", "", *(f"   {module}" for module in modules), ""]
    return "\n".join(lines)


def homes(modules: list[str]) -> dict[int, str]:
    """Return where each class and function is described: its own module, or the first that lists it."""
    found: dict[int, str] = {}
    for name in modules:
        module = importlib.import_module(name)
        for member in public_names(name):
            value = getattr(module, member)
            if inspect.isclass(value) or inspect.isroutine(value):
                path = f"{name}.{member}"
                at_home = getattr(value, "__module__", None) == name and value.__name__ == member
                if at_home or id(value) not in found:
                    found[id(value)] = path
    return found


def module_page(name: str, described: dict[int, str]) -> str:
    """Return the page of one module: its docstring, then each of its public names."""
    module = importlib.import_module(name)
    lines = [name, "=" * len(name), "", f".. automodule:: {name}", "   :no-members:", ""]
    for member in public_names(name):
        lines += [*_directive(module, name, member, described), ""]
    return "\n".join(lines)


def _directive(module: ModuleType, name: str, member: str, described: dict[int, str]) -> list[str]:
    value = getattr(module, member)
    path = f"{name}.{member}"
    if inspect.ismodule(value):
        return _entry("data", name, member, f"The module :py:mod:`{value.__name__}`.")
    if not inspect.isclass(value) and not inspect.isroutine(value):
        return [f".. autodata:: {path}"]
    home = described[id(value)]
    if home != path:
        kind = "class" if inspect.isclass(value) else "function"
        return _entry(kind, name, member, f"The same as :py:obj:`{home}`.")
    if inspect.isroutine(value):
        return [f".. autofunction:: {path}"]
    if issubclass(value, BaseException):
        return [f".. autoexception:: {path}", "   :show-inheritance:"]
    lines = [f".. autoclass:: {path}"]
    # What a class of operations defines is shown at each of its faces, with the signature of that face.
    # What a dialect defines are the hooks of SQLAlchemy, which are not for users.
    if not member.endswith("Operations") and name != "hzclient.contrib.sqlalchemy":
        lines += ["   :members:", "   :undoc-members:"]
        # What an integration inherits from its framework is described there.
        if not path.startswith("hzclient.contrib."):
            lines.append(f"   :inherited-members: {PLAIN_BASES}")
    return lines


def _entry(kind: str, module: str, name: str, text: str) -> list[str]:
    """Return an entry that has no description of its own."""
    return [f".. py:{kind}:: {name}", f"   :module: {module}", "", f"   {text}"]


# --------------------------------------------------------------------------------------------- options


def configuration_page() -> str:
    """Return the table of every option of every option set."""
    official = _official_options()
    parts = [
        "# Configuration",
        "",
        "Every option, generated from its one definition. Options are keyword arguments of both clients, and "
        "attributes of the classes below. The names are those of the official client; an option that the "
        "official client does not have is marked *hzclient*.",
        "",
    ]
    for options in OPTION_SETS:
        parts += [f"## {options.__name__}", "", _first_paragraph(options), ""]
        for name, option in options.options.items():
            unit = f", in {option.unit}" if getattr(option, "unit", None) else ""
            origin = "" if name in official.get(options.__name__, ()) else " · *hzclient*"
            default = _plain(option.make_default())
            parts += [f"`{name}`", f": *default* {default}{unit}{origin}", ""]
            text = (option.__doc__ or "").rpartition(" Default: ")[0].partition(" Unit: ")[0]
            parts += [f"  {text}"]
            parts.append("")
    return "\n".join(parts)


def _official_options() -> dict[str, set[str]]:
    table = json.loads((ROOT / "tests" / "data" / "config-options.json").read_text(encoding="utf-8"))
    return {name: set(options) for name, options in table["classes"].items()}


def _plain(value: object) -> str:
    text = repr(value)
    return f"`{text}`" if " at 0x" not in text else f"`{type(value).__name__}()`"


def _first_paragraph(value: Any) -> str:
    return (inspect.getdoc(value) or "").split("\n\n")[0].replace("\n", " ")


# ---------------------------------------------------------------------------------------------- errors


def errors_page() -> str:
    """Return the table of error classes with their codes."""
    parts = [
        "# Errors",
        "",
        "Every error of the client derives from `HazelcastError`, unless Python itself has a class for it. "
        "Errors that members report carry the class, message and stack trace of the Java exception. "
        "[Retries, deadlines and failures](../../topics/failures.md) says what to do about them.",
        "",
        "| class | base | code | meaning |",
        "|---|---|---|---|",
    ]
    for name in hzclient.errors.__all__:
        value = getattr(hzclient.errors, name)
        if inspect.isclass(value) and issubclass(value, BaseException):
            code = getattr(value, "code", None)
            shown = code if isinstance(code, int) else ""
            parts.append(
                f"| `{name}` | `{value.__base__.__name__}` | {shown} | {_cell(_first_paragraph(value))} |"
            )
    return "\n".join([*parts, ""])


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


# -------------------------------------------------------------------------------------------- protocol


def protocol_page() -> str:
    """Return the services of the protocol, with the number of their methods."""
    parts = [
        "# Protocol coverage",
        "",
        "hzclient speaks the Open Client Protocol 2.10. The codecs of all services are generated from "
        "`protocol-definitions/`, also those that no public class uses yet.",
        "",
        "| service | methods |",
        "|---|---|",
    ]
    total = 0
    for _, name, _ in sorted(pkgutil.iter_modules(hzclient._codec.__path__), key=lambda found: found[1]):
        if name == "custom":
            continue
        module = importlib.import_module(f"hzclient._codec.{name}")
        methods = [value for value in vars(module).values() if type(value).__name__ == "Method"]
        total += len(methods)
        parts.append(f"| {name.replace('_', ' ')} | {len(methods)} |")
    return "\n".join([*parts, f"| **all** | **{total}** |", ""])


# ---------------------------------------------------------------------------------------- command line


def command_line_page() -> str:
    """Return the help texts of the command line, as the program prints them."""
    parts = [
        "# Command line",
        "",
        "The how-to guide [Work from a shell](../../how-to/command-line.md) has examples.",
        "",
    ]
    parts += [
        "The program `hzclient` needs the extra `cli`. `python -m hzclient` is the same; its commands",
        "`server` and `run` work without the extra.",
        "",
    ]
    for command in _commands():
        title = " ".join(["hzclient", *command])
        parts += [f"## `{title}`", "", "```text", _help_of(command).strip(), "```", ""]
    return "\n".join(parts)


def _commands() -> Iterator[list[str]]:
    """Yield the words of each command, with a name for the structure where the program needs one."""
    from hzclient.cli._app import make_app

    program: Any = typer.main.get_command(make_app())
    yield []
    for name, command in sorted(program.commands.items()):
        if name in ("server", "run"):
            continue
        yield [name]
        inner_commands = getattr(command, "commands", {})
        needs_name = inner_commands and any(each.param_type_name == "argument" for each in command.params)
        for inner in inner_commands:
            yield [name, *(["NAME"] if needs_name else []), inner]
    yield from (["server", each] for each in ("start", "stop", "status", "health"))
    yield ["run"]


def _help_of(command: list[str]) -> str:
    from hzclient.__main__ import main

    out = io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.suppress(SystemExit):
        main([*command, "--help"])
    return out.getvalue()


# ----------------------------------------------------------------------------------------- differences


def differences_page() -> str:
    """Return the list of intended differences, which `tests/dropin` compares on every run."""
    table = tomllib.loads((ROOT / "tests" / "dropin" / "differences.toml").read_text(encoding="utf-8"))
    parts = ["| the official client prints | hzclient prints | why |", "|---|---|---|"]
    for entry in table["difference"]:
        cells = [_lines(entry["official"]), _lines(entry["hzclient"]), _cell(entry["reason"])]
        parts.append(f"| {' | '.join(cells)} |")
    return "\n".join([*parts, ""])


def _lines(text: str) -> str:
    return "<br>".join(f"`{_cell(line)}`" for line in text.splitlines())


# ------------------------------------------------------------------------------------------ docstrings

# Docstrings use Google sections and, in their text, Markdown: indented code and tables. napoleon reads the
# sections; what follows turns the rest into reStructuredText before that.

_JOINED = re.compile(r"(`[^`]+`)(?=\w)")  # "`Future`s": reStructuredText needs a separator there
_CELLS = re.compile(r"\|(?=(?:[^`]*`[^`]*`)*[^`]*$)")


def process_docstring(
    app: Any, what: str, name: str, value: object, options: object, lines: list[str]
) -> None:
    """Turn indented code and tables of a docstring into reStructuredText, in place."""
    lines[:] = [_JOINED.sub(r"\1\\ ", line) for line in _with_tables(_with_code(lines))]


def _with_code(lines: list[str]) -> list[str]:
    """Mark a paragraph before indented text as the introduction of code."""
    result: list[str] = []
    for line in lines:
        after_blank = len(result) > 1 and not result[-1]
        if line.startswith("    ") and after_blank and result[-2] and not result[-2].startswith(" "):
            result[-2] = result[-2].removesuffix("::").removesuffix(":") + "::"
        result.append(line)
    return result


def _with_tables(lines: list[str]) -> list[str]:
    """Turn tables with columns between bars into `list-table`."""
    result: list[str] = []
    table = False
    for line in lines:
        if not line.startswith("|"):
            table = False
            result.append(line)
        elif not table:
            table = True
            result += [".. list-table::", "   :header-rows: 1", "", *_row(line)]
        elif not set(line) <= set("|-: "):
            result += _row(line)
    return result


def _row(line: str) -> list[str]:
    cells = [cell.strip() for cell in _CELLS.split(line)[1:-1]]
    return [f"   {'*' if number == 0 else ' '} - {cell}" for number, cell in enumerate(cells)]


def skip_member(app: Any, what: str, name: str, value: object, skip: bool, options: object) -> bool | None:
    """Leave out classes that another class only refers to, such as `db.Connection.Error`."""
    if what == "class" and inspect.isclass(value) and "." not in value.__qualname__:
        return True
    return None


def setup(app: Any) -> dict[str, bool]:
    """Register the generator and the treatment of docstrings with Sphinx."""
    app.setup_extension("sphinx.ext.autodoc")
    app.connect("builder-inited", lambda _: write_pages())
    app.connect("autodoc-process-docstring", process_docstring)
    app.connect("autodoc-skip-member", skip_member)
    return {"parallel_read_safe": True}
