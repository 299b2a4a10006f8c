"""Table of the layers and their allowed imports, and its check."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.tools.imports import Sources, find_cycle

PACKAGE = Path(__file__).parents[2] / "hzclient"


@dataclass(frozen=True, slots=True)
class Layer:
    """Row of the table.

    Attributes:
        modules: Modules and packages of the layer, including all modules below them, without "hzclient.".
        may_import: Names of other layers whose modules it may import.
        never: Modules that it must not import in any case, including all modules below them. An entry that
            ends in "_" matches all names with that prefix.
    """

    modules: tuple[str, ...]
    may_import: tuple[str, ...]
    never: tuple[str, ...] = ()


LAYERS = {
    "values": Layer(
        modules=(
            *("errors", "core", "health", "types", "util", "vector", "security", "protocol", "observation"),
            *(
                "_decimals",
                "_environment",
                "_lazy",
                "_locks",
                "_pauses",
                "_slots",
                "_speed",
                "_unseen",
                "_version",
            ),
        ),
        may_import=(),
        never=("asyncio", "socket"),
    ),
    "_protocol": Layer(
        modules=("_protocol",),
        may_import=("values",),
        never=("asyncio", "threading", "socket", "time"),
    ),
    "_codec": Layer(
        modules=("_codec",),
        may_import=("_protocol", "values"),
        never=("asyncio", "threading", "socket", "time"),
    ),
    "serialization": Layer(
        modules=("serialization",),
        may_import=("values",),
        never=("asyncio", "socket"),
    ),
    "queries": Layer(
        modules=("predicate", "aggregator", "projection"),
        may_import=("values", "serialization"),
        never=("asyncio", "threading", "socket", "hzclient.serialization._"),
    ),
    "discovery": Layer(modules=("discovery", "_dns", "_kubernetes"), may_import=("values",)),
    "config": Layer(
        modules=("config",),
        may_import=("values", "serialization", "discovery"),
        never=("hzclient.serialization._",),
    ),
    "_runtime": Layer(modules=("_runtime", "future"), may_import=("values",)),
    "_services": Layer(
        modules=("_services", "statistics"),
        may_import=("_protocol", "_codec", "_runtime", "serialization", "values"),
        never=("asyncio", "threading", "socket", "ssl"),
    ),
    "_net": Layer(
        modules=("_net",),
        may_import=("_services", "_protocol", "_codec", "_runtime", "config", "discovery", "values"),
    ),
    "proxy": Layer(
        modules=("proxy", "cp", "sql", "transaction", "cluster", "lifecycle", "partition", "near_cache"),
        may_import=(
            *("_services", "_codec", "_protocol", "_runtime", "serialization", "queries", "config"),
            "values",
        ),
        never=("socket",),
    ),
    "client": Layer(
        modules=(
            "",
            "client",
            "asyncio",
            "db",
            "_alias",
            "_client_operations",
            "_management",
            "_run",
            "_engine",
            "_starting",
            "_structures",
        ),
        may_import=(
            *("values", "_protocol", "_codec", "serialization", "queries", "discovery", "config"),
            *("_runtime", "_services", "_net", "proxy"),
        ),
    ),
    "contrib": Layer(
        modules=("contrib",),
        may_import=("values", "serialization", "queries", "config", "_runtime", "proxy", "client", "server"),
        never=("hzclient._", "hzclient.serialization._", "hzclient.proxy._"),
    ),
    "server": Layer(modules=("server",), may_import=("values",)),
    "testing": Layer(modules=("testing",), may_import=("server", "client")),
    "cli": Layer(
        modules=("cli",),
        may_import=(
            "client",
            "commands",
            "server",
            "proxy",
            "serialization",
            "config",
            "discovery",
            "values",
        ),
        never=("hzclient.serialization._", "hzclient._services", "hzclient._codec"),
    ),
    "commands": Layer(modules=("__main__", "_run"), may_import=("server", "client", "cli")),
}

EXCEPTIONS = {
    (
        "hzclient.contrib._shared.breaker",
        "hzclient._locks.new_lock",
    ): "the client's loop takes its lock too",
    (
        "hzclient.statistics",
        "asyncio.Task",
    ): "the type of what runs it",
    (
        "hzclient.cli._doctor",
        "hzclient._net.tls.TLSSettings",
    ): "it examines the connection that the client itself would make",
    (
        "hzclient._net.manager",
        "hzclient.lifecycle.LifecycleState",
    ): "the public names of the states it reports",
}
"""Allowed exceptions from the table, with reasons, by module and import. Unused entries fail the test."""


def layer_of(module: str) -> str | None:
    """Return the layer with the longest entry that covers `module`; "" covers the package itself only."""
    inner = module.partition(".")[2]
    covering = [
        (len(entry), name)
        for name, layer in LAYERS.items()
        for entry in layer.modules
        if inner == entry or (entry and inner.startswith(f"{entry}."))
    ]
    return max(covering)[1] if covering else None


def _prefix(entry: str) -> str:
    return entry if entry.endswith("_") else f"{entry}."


def violations(sources: Sources, module: str) -> list[str]:
    """Return the forbidden imports of `module`, with their lines."""
    name = layer_of(module)
    if name is None:
        return [f"{module} has no layer: add it to the table"]
    layer, found = LAYERS[name], []
    for used in sources.imports(module):
        target = sources.resolve(used.target)
        forbidden = any(f"{used.target}.".startswith(entry) for entry in map(_prefix, layer.never))
        if target is not None and layer_of(target) not in (name, *layer.may_import, None):
            forbidden = True
        if forbidden and (module, used.target) not in EXCEPTIONS:
            found.append(f"{module}:{used.line} ({name}) must not import {used.target}")
    return found


SOURCES = Sources(PACKAGE)


@pytest.mark.parametrize("module", SOURCES.paths)
def test_imports_go_down_the_layers(module: str) -> None:
    assert violations(SOURCES, module) == []


def test_no_modules_import_each_other_in_a_circle() -> None:
    graph = {
        module: {used.target for used in SOURCES.internal(module) if not used.deferred}
        for module in SOURCES.paths
    }
    assert find_cycle(graph) == []


def test_every_layer_named_exists() -> None:
    assert {name for layer in LAYERS.values() for name in layer.may_import} <= LAYERS.keys()


@pytest.mark.parametrize(("module", "target"), EXCEPTIONS)
def test_exceptions_are_in_use(module: str, target: str) -> None:
    assert target in {used.target for used in SOURCES.imports(module)}


class TestTheCheckItself:
    """The check can fail."""

    @pytest.fixture
    def package(self, tmp_path: Path) -> Path:
        root = tmp_path / "hzclient"
        for folder in ("", "_protocol", "_services", "_net"):
            (root / folder).mkdir()
            (root / folder / "__init__.py").touch()
        return root

    @pytest.mark.parametrize(
        "source",
        [
            "import asyncio",
            "from time import monotonic",
            "from hzclient._services import x",
            "from hzclient import _net",
            "from .._services import x",
            "def f():\n    import hzclient._net",
            "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from hzclient._services import x",
        ],
    )
    def test_refuses_an_import_against_the_table(self, package: Path, source: str) -> None:
        (package / "_protocol" / "frames.py").write_text(source)
        assert len(violations(Sources(package), "hzclient._protocol.frames")) == 1

    def test_allows_what_the_table_allows(self, package: Path) -> None:
        (package / "errors.py").touch()
        (package / "_protocol" / "frames.py").write_text("import struct\nfrom hzclient.errors import x")
        assert violations(Sources(package), "hzclient._protocol.frames") == []

    def test_refuses_a_module_without_a_place(self, package: Path) -> None:
        (package / "novelty.py").touch()
        assert "no layer" in violations(Sources(package), "hzclient.novelty")[0]

    def test_refuses_private_modules_where_only_public_ones_are_allowed(self, package: Path) -> None:
        (package / "config.py").write_text("from hzclient.serialization._service import x")
        (package / "serialization.py").touch()
        assert len(violations(Sources(package), "hzclient.config")) == 1

    def test_finds_circles_but_not_by_deferred_imports(self, package: Path) -> None:
        assert find_cycle({"a": {"b"}, "b": {"c"}, "c": {"b"}}) == ["b", "c", "b"]
        assert find_cycle({"a": {"b", "c"}, "b": {"c"}, "c": set()}) == []
        (package / "errors.py").write_text("def f():\n    from hzclient import core")
        (package / "core.py").touch()
        assert [used.deferred for used in Sources(package).internal("hzclient.errors")] == [True]
