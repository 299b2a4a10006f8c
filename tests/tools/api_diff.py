"""Compare a client package with the recorded API of the official client.

    python -m tests.tools.api_diff [--package hzclient] [--module proxy.map] [--tier public] [--json]

Prints, per module, missing names, different values, parameters and defaults, and wrong exception bases and
codes. Additional names are fine, and so are additional parameters with a default. "unchecked" marks names
that exist but cannot be compared (a wrapper that takes *args, for example); they count as covered. A missing
class or module counts with every name below it. Exit code: 0 if nothing is missing, 1 if something is, 2 if
there is nothing to compare with.
"""

from __future__ import annotations

import argparse
import ast
import enum
import functools
import importlib
import inspect
import json
import os
import sys
import textwrap
from dataclasses import asdict, dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

FACTS = Path(__file__).resolve().parent.parent / "data" / "official-api.json"
GROUPS = ("constants", "functions", "classes", "reexports")
INSIDE = ("members", "attributes", "properties", "methods", "special")
ABSENT = object()
STAR = {"var_pos": inspect.Parameter.VAR_POSITIONAL, "var_kw": inspect.Parameter.VAR_KEYWORD}
Facts = dict[str, Any]
Result = tuple[list[str], bool]  # problems, and whether something could not be checked


@dataclass
class Report:
    """Findings of one module: `names` counts the recorded names, `covered` those without a problem."""

    names: int = 0
    covered: int = 0
    problems: list[str] = field(default_factory=list)
    unchecked: list[str] = field(default_factory=list)

    def note(self, name: str, problems: list[str], unchecked: bool = False, below: int = 0) -> None:
        """Record one name; `below` counts the names lost together with it."""
        self.names += 1 + below
        self.covered += not problems
        self.problems += [
            f"{name}: {problem}" + f" (with {below} names)" * bool(below) for problem in problems
        ]
        self.unchecked += [name] * unchecked


def plain(value: Any) -> Any:
    """Return the comparable form of a constant: enum member -> value, class -> name, struct -> format."""
    if isinstance(value, enum.Enum):
        return value.value
    if isinstance(value, tuple):
        return [plain(item) for item in value]
    if inspect.isclass(value):
        return value.__name__
    return value.format if type(value).__name__ == "Struct" else value


def same_default(recorded: str, actual: Any) -> bool:
    """Return whether `actual` equals the recorded repr; a placeholder (<...>) matches anything."""
    value = actual.value if isinstance(actual, enum.Enum) else actual
    if recorded.startswith("<") or recorded == repr(value):
        return True
    return (
        type(value) in (int, float)
        and ast.literal_eval(recorded) == value
        and recorded not in ("True", "False")
    )


def compare_parameters(recorded: list[dict[str, str]], actual: list[inspect.Parameter]) -> Result:
    """Compare a parameter list without self with the recorded one."""
    problems: list[str] = []
    unchecked = False
    kinds = {p.kind for p in actual}
    by_name = {p.name: p for p in actual if p.kind not in STAR.values()}
    known = {p["name"] for p in recorded}
    places = [name for name, p in by_name.items() if p.kind is not p.KEYWORD_ONLY]
    place = -1
    for want in recorded:
        name, kind = want["name"], want["kind"]
        if kind in STAR:
            problems += (
                [] if STAR[kind] in kinds else [f"does not take {'*' if kind == 'var_pos' else '**'}{name}"]
            )
            continue
        place += kind != "kw"
        got = by_name.get(name)
        if got is None:
            other = places[place] if kind != "kw" and place < len(places) else name
            if other not in known:
                known.add(other)
                problems.append(f"parameter {name} is called {other}")
            elif STAR["var_kw" if kind == "kw" else "var_pos"] in kinds:
                unchecked = True
            else:
                problems.append(f"parameter {name} is missing")
            continue
        if kind != "kw" and got.kind is not got.POSITIONAL_OR_KEYWORD:
            problems.append(f"parameter {name} is {got.kind.description}")
        elif kind != "kw" and places.index(name) != place:
            problems.append(f"parameter {name} is at place {places.index(name) + 1}, expected {place + 1}")
        if "default" in want and (got.default is got.empty or not same_default(want["default"], got.default)):
            found = "missing" if got.default is got.empty else repr(got.default)
            problems.append(f"default of {name} is {found}, expected {want['default']}")
    problems += [
        f"needs an additional parameter {name}"
        for name, p in by_name.items()
        if name not in known and p.default is p.empty
    ]
    return problems, unchecked


def compare_callable(recorded: Facts, owner: Any, name: str) -> Result:
    """Compare a function of a module, or a method looked up on its class."""
    target = getattr(owner, name, ABSENT)
    if not callable(target):
        return ["missing" if target is ABSENT else f"is {type(target).__name__}, expected a callable"], False
    try:
        actual = list(inspect.signature(target).parameters.values())
    except (TypeError, ValueError):
        return [], True
    static = isinstance(inspect.getattr_static(owner, name, None), staticmethod)
    if inspect.isclass(owner) and not static and not inspect.ismethod(target):
        if "kind" in recorded:
            return [f"is an instance method, expected a {recorded['kind']}"], False
        actual = actual if actual and actual[0].kind is inspect.Parameter.VAR_POSITIONAL else actual[1:]
    return compare_parameters(recorded["params"], actual)


@functools.cache
def stored_names(cls: type) -> frozenset[str]:
    """Return the instance attributes: annotations, and assignments to self in the source of the class."""
    names: set[str] = set()
    for base in cls.__mro__:
        names.update(vars(base).get("__annotations__", ()))
        try:
            tree = ast.parse(textwrap.dedent(inspect.getsource(base)))
        except (OSError, TypeError, SyntaxError):
            continue
        names.update(
            node.attr
            for node in ast.walk(tree)
            if isinstance(node, ast.Attribute)
            and isinstance(node.ctx, ast.Store)
            and getattr(node.value, "id", "") == "self"
        )
    return frozenset(names)


def below(recorded: Facts) -> int:
    """Return the number of names recorded inside a class; 0 for anything else."""
    return sum(len(recorded.get(key, ())) for key in INSIDE) + bool(recorded.get("user_constructed"))


def check_attribute(cls: type, name: str, recorded: Facts, instance: Any, option: Facts | None) -> list[str]:
    """Compare an attribute or a property; for a configuration option, its default too."""
    static = inspect.getattr_static(cls, name, ABSENT)
    if static is ABSENT and not hasattr(cls, name) and name not in stored_names(cls):
        return ["missing"]
    if inspect.isfunction(static):
        return ["is a method, expected an attribute"]
    if recorded.get("settable") and isinstance(static, property) and static.fset is None:
        return ["cannot be set"]
    value = getattr(instance, name, ABSENT) if option and instance is not None else ABSENT
    if option and value is not ABSENT and not same_default(option["default"], value):
        return [f"default is {value!r}, expected {option['default']}"]
    return []


def check_class(
    report: Report, name: str, recorded: Facts, cls: Any, codes: dict[str, int], options: Facts
) -> None:
    """Compare a class and everything recorded inside it."""
    if not inspect.isclass(cls):
        report.note(f"class {name}", ["missing" if cls is ABSENT else "not a class"], below=below(recorded))
        return
    problems = []
    if "base" in recorded and recorded["base"] not in [base.__name__ for base in cls.__mro__[1:]]:
        problems.append(f"is not derived from {recorded['base']}")
    code = recorded.get("error_code")
    if code is not None and codes and codes.get(name) != code:
        problems.append(f"error code is {codes.get(name)}, expected {code}")
    report.note(f"class {name}", problems, code is not None and not codes)
    instance = None
    if recorded.get("user_constructed"):
        try:
            actual = list(inspect.signature(cls).parameters.values())
            report.note(f"{name}()", *compare_parameters(recorded["constructor"], actual))
            instance = cls() if options else None
        except Exception:  # no signature, or no object without arguments
            report.note(f"{name}()", [], True)
    for member, value in recorded.get("members", {}).items():
        got = plain(getattr(cls, member, ABSENT))
        wrong = "missing" if got is ABSENT else f"is {got!r}, expected {value!r}"
        report.note(f"{name}.{member}", [] if got == value else [wrong])
    for key in ("attributes", "properties"):
        for attribute, facts in recorded.get(key, {}).items():
            found = check_attribute(cls, attribute, facts, instance, options.get(attribute))
            report.note(f"{name}.{attribute}", found)
    for method, facts in recorded.get("methods", {}).items():
        report.note(f"{name}.{method}", *compare_callable(facts, cls, method))
    for special in recorded.get("special", ()):
        holder = next((base for base in cls.__mro__ if special in vars(base)), object)
        present = holder is not object and vars(holder)[special] is not None
        report.note(f"{name}.{special}", [] if present else ["missing"])


def loaded(package: str) -> list[ModuleType]:
    """Return the modules of the package that have been imported."""
    return [m for n, m in sorted(sys.modules.items()) if m and (n == package or n.startswith(package + "."))]


def find_asyncio(name: str, recorded: Facts, module: ModuleType, package: str) -> Any:
    """Return the class of an object of the asyncio client.

    That is the exported class; otherwise the one that is not defined in the module of the sync class of that
    name; otherwise the sync class itself.
    """
    if hasattr(module, name) or recorded["exported"]:
        return getattr(module, name, ABSENT)
    twin = f"{package}.{recorded['sync_twin']}".rpartition(".")[0]
    found = {
        m.__name__: vars(m)[name]
        for m in loaded(package)
        if getattr(vars(m).get(name), "__module__", None) == m.__name__ and "._codec" not in m.__name__
    }
    return next((cls for home, cls in found.items() if home != twin), found.get(twin, ABSENT))


def error_codes(package: str) -> dict[str, int]:
    """Return the code of each exception, from tables in the package or `code` class attributes."""
    codes: dict[str, int] = {}
    for value in [value for module in loaded(package) for value in vars(module).values()]:
        if isinstance(value, dict) and len(value) > 9:
            pairs = [(k, v) if inspect.isclass(v) else (v, k) for k, v in value.items()]
            if all(
                isinstance(k, int) and inspect.isclass(v) and issubclass(v, BaseException) for k, v in pairs
            ):
                codes.update({v.__name__: int(k) for k, v in pairs})
        elif inspect.isclass(value) and issubclass(value, BaseException):
            own = [vars(value)[key] for key in ("code", "error_code", "CODE") if key in vars(value)]
            codes.update((value.__name__, code) for code in own if isinstance(code, int))
    return codes


def check_module(package: str, path: str, table: dict[str, Facts], options: Facts) -> Report:
    """Compare one module with its recorded names."""
    report = Report()
    full = package + ("." + path if path else "")
    try:
        module = importlib.import_module(full)
    except Exception as error:  # importing a module may raise anything
        lost = isinstance(error, ModuleNotFoundError) and f"{full}.".startswith(f"{error.name}.")
        reason = "missing" if lost else f"cannot be imported: {error!r}"
        report.note(
            f"module {full}", [reason], below=sum(1 + below(f) for g in table.values() for f in g.values())
        )
        return report
    report.note(f"module {full}", [])
    for name, facts in table["constants"].items():
        got = plain(getattr(module, name, ABSENT))
        want = float(facts["value"]) if facts["type"] == "float" else facts.get("value")
        wrong = "missing" if got is ABSENT else f"is {got!r}, expected {want!r}"
        report.note(name, [] if got is not ABSENT and (want is None or got == want) else [wrong])
    for name, facts in table["functions"].items():
        report.note(name, *compare_callable(facts, module, name))
    for name in table["reexports"]:
        report.note(name, [] if hasattr(module, name) else ["missing"])
    codes = error_codes(package) if path == "errors" else {}
    for name, facts in table["classes"].items():
        cls = (
            find_asyncio(name, facts, module, package) if path == "asyncio" else getattr(module, name, ABSENT)
        )
        check_class(report, name, facts, cls, codes, options.get(name, {}) if path == "config" else {})
    return report


def load(path: Path = FACTS) -> Facts:
    """Read the recorded API."""
    facts: Facts = json.loads(path.read_text(encoding="utf-8"))
    return facts


def tables(facts: Facts, tier: str) -> dict[str, dict[str, Facts]]:
    """Return the recorded names of one tier ("all" for both), by module and group."""
    found = {
        path: {
            group: {name: f for name, f in recorded.get(group, {}).items() if tier in ("all", f["tier"])}
            for group in GROUPS
        }
        for path, recorded in facts["modules"].items()
    }
    return {path: table for path, table in found.items() if any(table.values())}


def main(argv: list[str] | None = None) -> int:
    """Run from the command line; return the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--package", default="hzclient", help="package to compare (default: %(default)s)")
    parser.add_argument(
        "--module",
        action="append",
        metavar="NAME",
        help="only this module and those below it, named as in the facts; '.' is the package itself",
    )
    parser.add_argument(
        "--tier",
        choices=("public", "support", "all"),
        default="public",
        help="public: names for users (default); support: importable but undocumented names",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of text")
    parser.add_argument(
        "--facts", type=Path, default=FACTS, help="facts file (default: tests/data/official-api.json)"
    )
    args = parser.parse_args(argv)
    try:
        facts = load(args.facts)
    except (OSError, ValueError) as error:
        parser.error(f"cannot read the facts: {error}")
    sys.path.insert(0, os.getcwd())
    reports: dict[str, Report] = {}
    for path, table in tables(facts, args.tier).items():
        wanted = args.module is None or any(
            path == name.strip(".") or path.startswith(name + ".") for name in args.module
        )
        if wanted:
            reports[path] = check_module(args.package, path, table, facts["config_options"]["classes"])
    if not reports:
        parser.error("no such module in the facts")
    names, covered = (sum(getattr(r, key) for r in reports.values()) for key in ("names", "covered"))
    if args.json:
        print(
            json.dumps(
                {
                    **{"package": args.package, "tier": args.tier, "names": names, "covered": covered},
                    "modules": {path: asdict(report) for path, report in reports.items()},
                },
                indent=1,
            )
        )
        return int(covered < names)
    for path, report in reports.items():
        lines = report.problems + [f"unchecked {name}" for name in report.unchecked]
        if lines:
            print(f"{path or args.package}: covered {report.covered} of {report.names}", *lines, sep="\n  ")
    print(f"covered {covered} of {names} names ({100 * covered / names:.1f}%)")
    return int(covered < names)


if __name__ == "__main__":
    sys.exit(main())
