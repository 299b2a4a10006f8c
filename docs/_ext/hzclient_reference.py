"""Write the generated pages of the reference before Sphinx reads its sources.

Everything comes from the running package: the public modules and their `__all__`, the options of `Config`,
the error classes, the services of the protocol, the help of the command line, and the list of intended
differences that the drop-in tests check. The pages go to `reference/_generated`, which is
not under version control.
"""

from __future__ import annotations

import ast
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

import protocol_usage
import typer

import hzclient
import hzclient.config._generated.typed as typed_options
from hzclient.config import Config, FlakeIdGeneratorConfig, IndexConfig, NearCacheConfig, ReliableTopicConfig
from hzclient.config._files.keys import CLIENT
from hzclient.config.option import OptionSet
from hzclient.sql import SqlErrorCode

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
        "official client does not have is marked *hzclient*. All of them exist since 0.1.0.",
        "",
        "*in files* names the key of `hazelcast-client.yaml`, where the Java client has one for it; "
        "below the key `hzclient` of such a file, every option has its own name. Times in files are in the "
        "Java client's unit. See [Configuration files](../../how-to/configuration-files.md).",
        "",
    ]
    types, keys = option_types(), file_keys()
    for options in OPTION_SETS:
        parts += [f"## {options.__name__}", "", _first_paragraph(options), ""]
        for name, option in options.options.items():
            facts = [
                f"*type* {_code(types.get((options.__name__, name)))}"
                if (options.__name__, name) in types
                else ""
            ]
            facts.append(f"*default* {_plain(option.make_default())}")
            facts.append(f"*unit* {option.unit}" if getattr(option, "unit", None) else "")
            key = keys.get(name)
            facts.append(f"*in files* `{key}`" if key else "")
            facts.append("" if name in official.get(options.__name__, ()) else "*hzclient*")
            parts += [f"`{name}`", f": {' · '.join(filter(None, facts))}", ""]
            text = (option.__doc__ or "").rpartition(" Default: ")[0].partition(" Unit: ")[0]
            parts += [f"  {text}"]
            parts.append("")
    return "\n".join(parts)


def option_types() -> dict[tuple[str, str], str]:
    """Return the type of each option as type checkers see it, by option set and name."""
    source = Path(typed_options.__file__ or "").read_text(encoding="utf-8")
    found: dict[tuple[str, str], str] = {}
    for cls in ast.parse(source).body:
        if isinstance(cls, ast.ClassDef):
            name = cls.name.removesuffix("Options")
            owner = "Config" if name == "Client" else f"{name}Config"
            for field in cls.body:
                if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name):
                    found[owner, field.target.id] = ast.unparse(field.annotation).replace("'", "")
    return found


def file_keys(kind: Any = CLIENT, path: str = "") -> dict[str, str]:
    """Return the key of `hazelcast-client.yaml` that sets each option, by the option's name."""
    found: dict[str, str] = {}
    option = getattr(kind, "option", None)
    if option:
        found[option] = path
    inner = getattr(kind, "section", None)
    if inner is not None:
        found |= file_keys(inner, f"{path}.NAME")
    for key, each in {**getattr(kind, "keys", {}), **getattr(kind, "known", {})}.items():
        further = file_keys(each, f"{path}.{key}".lstrip("."))
        # A section of its own is easier to read than one of the properties.
        found = found | further if key != "properties" else further | found
    return found


def _code(text: str | None) -> str:
    return f"`{text}`"


def _official_options() -> dict[str, set[str]]:
    table = json.loads((ROOT / "tests" / "data" / "config-options.json").read_text(encoding="utf-8"))
    return {name: set(options) for name, options in table["classes"].items()}


def _plain(value: object) -> str:
    text = repr(value)
    return f"`{text}`" if " at 0x" not in text else f"`{type(value).__name__}()`"


def _first_paragraph(value: Any) -> str:
    return (inspect.getdoc(value) or "").split("\n\n")[0].replace("\n", " ")


# ---------------------------------------------------------------------------------------------- errors


def error_classes() -> dict[str, type[BaseException]]:
    """Return every public exception class by its name."""
    found: dict[str, type[BaseException]] = {}
    for module in public_modules():
        for name in public_names(module):
            value = getattr(importlib.import_module(module), name)
            if inspect.isclass(value) and issubclass(value, BaseException) and value.__name__ == name:
                found.setdefault(name, value)
    return found


def error_advice() -> dict[str, str]:
    """Return what to do about each error, by the name of its class.

    Raises:
        ValueError: A class stands in two entries.
    """
    path = Path(__file__).with_name("error_advice.toml")
    entries = tomllib.loads(path.read_text(encoding="utf-8"))["advice"]
    found: dict[str, str] = {}
    for entry in entries:
        for name in entry["errors"]:
            if name in found:
                raise ValueError(f"{path.name} has two entries for {name}")
            found[name] = entry["text"]
    return found


def errors_page() -> str:
    """Return the table of error classes with their codes, and what to do about each."""
    parts = [
        "# Errors",
        "",
        "Every error of the client derives from `HazelcastError`, unless Python itself has a class for it. "
        "An error that a member reports has the class, message and stack of the Java exception as "
        "`server_class`, `server_message` and `server_stack`. The code is that of the protocol; errors "
        "without a code come from the client. The client retries *retried* errors itself, until "
        "`invocation_timeout`: then the call raises `OperationTimeoutError`. "
        "[Retries, deadlines and failures](../../topics/failures.md) explains the rules.",
        "",
    ]
    advice = error_advice()
    by_module: dict[str, list[str]] = {}
    for name, cls in error_classes().items():
        by_module.setdefault(cls.__module__, []).append(name)
    order = sorted(by_module, key=lambda module: (module != "hzclient.errors", module))
    for module in order:
        parts += [f"## {module}", "", "| class | code | meaning | what to do |", "|---|---|---|---|"]
        for name in sorted(by_module[module]):
            parts.append(_error_row(name, error_classes()[name], advice[name]))
        parts.append("")
    parts += [
        "## Codes without a class here",
        "",
        "Code 50, a failure of a member's socket, arrives as the built-in `OSError`. A code that no class "
        "has arrives as `UndefinedErrorCodeError`. Applications may add classes: "
        "`class QuotaError(HazelcastError, code=1001)`.",
        "",
        "## Codes of SQL",
        "",
        "`HazelcastSqlError.code` is one of these:",
        "",
        "| code | name |",
        "|---|---|",
    ]
    codes = {name: value for name, value in vars(SqlErrorCode).items() if name.isupper()}
    parts += [f"| {value} | `{name}` |" for name, value in codes.items()]
    return "\n".join([*parts, ""])


def _error_row(name: str, cls: type[BaseException], advice: str) -> str:
    code = cls.__dict__.get("error_code")
    shown = str(code) if code is not None else ""
    if getattr(cls, "retryable", False):
        shown += " retried"
    return f"| `{name}` | {shown.strip()} | {_cell(_first_paragraph(cls))} | {_cell(advice)} |"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


# -------------------------------------------------------------------------------------------- protocol


def protocol_page() -> str:
    """Return which messages of the protocol the client uses."""
    used = protocol_usage.used_methods()
    services = protocol_usage.services()
    rows: list[str] = []
    for service, methods in services.items():
        names = [
            sorted(
                method.name.partition(".")[2]
                for key, method in methods.items()
                if (key in used[service]) is is_used
            )
            for is_used in (True, False)
        ]
        shown = ["<br>".join(f"`{name}`" for name in group) for group in names]
        rows.append(
            f"| {service.replace('_', ' ')} | {len(names[0])} of {len(methods)} | {' | '.join(shown)} |"
        )
    total = sum(map(len, services.values()))
    total_used = sum(map(len, used.values()))
    return "\n".join(
        [
            "# Protocol coverage",
            "",
            "hzclient speaks the Open Client Protocol 2.10. The codecs of all services are generated from "
            f"`protocol-definitions/`: {total} methods. Of these, the client uses {total_used}; this page is "
            "generated from its source. The others are for JCache, Jet jobs, configuration at run time, "
            "XA transactions and continuous queries, which have no public class, or do what another message "
            "does better.",
            "",
            "| service | used | messages that the client sends | others |",
            "|---|---|---|---|",
            *rows,
            "",
        ]
    )


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
