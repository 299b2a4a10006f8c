"""Find the imports in the sources of a package, without importing anything."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Import:
    """Imported module, or name within a module.

    Attributes:
        target: Full dotted name, as far as the statement contains it.
        line: Line of the statement.
        deferred: Whether it runs inside a function only, or for type checkers only.
    """

    target: str
    line: int
    deferred: bool


class Sources:
    """Modules of a package, by full name.

    Args:
        root: Folder of the package, with the name of the package.
    """

    def __init__(self, root: Path) -> None:
        self.paths: dict[str, Path] = {}
        for path in sorted(root.rglob("*.py")):
            parts = path.relative_to(root.parent).with_suffix("").parts
            self.paths[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path

    def tree(self, module: str) -> ast.Module:
        return ast.parse(self.paths[module].read_text(encoding="utf-8"))

    def imports(self, module: str) -> Iterator[Import]:
        """Return all imports of `module`; relative imports are made absolute."""
        package = module if self.paths[module].name == "__init__.py" else module.rpartition(".")[0]
        yield from _walk(self.tree(module), package, deferred=False)

    def internal(self, module: str) -> Iterator[Import]:
        """Return the imports of `module` from this package."""
        for found in self.imports(module):
            target = self.resolve(found.target)
            if target is not None and target != module:
                yield Import(target, found.line, found.deferred)

    def resolve(self, name: str) -> str | None:
        """Return the module of a dotted name; None if it is not part of this package."""
        while name and name not in self.paths:
            name = name.rpartition(".")[0]
        return name or None


def _walk(node: ast.AST, package: str, deferred: bool) -> Iterator[Import]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import):
            for alias in child.names:
                yield Import(alias.name, child.lineno, deferred)
        elif isinstance(child, ast.ImportFrom):
            base = child.module or ""
            if child.level:
                ancestors = package.split(".")
                base = ".".join((*ancestors[: len(ancestors) - child.level + 1], *base.split("."))).rstrip(
                    "."
                )
            for alias in child.names:
                yield Import(f"{base}.{alias.name}", child.lineno, deferred)
        else:
            later = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef) or _for_types_only(child)
            yield from _walk(child, package, deferred or later)


def _for_types_only(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)


def find_cycle(graph: Mapping[str, set[str]]) -> list[str]:
    """Return a path of modules that ends at its first one; an empty list if there is none."""
    finished: set[str] = set()
    path: list[str] = []

    def visit(module: str) -> list[str]:
        if module in path:
            return [*path[path.index(module) :], module]
        if module in finished:
            return []
        path.append(module)
        for target in sorted(graph[module]):
            if cycle := visit(target):
                return cycle
        path.pop()
        finished.add(module)
        return []

    return next((cycle for module in sorted(graph) if (cycle := visit(module))), [])
