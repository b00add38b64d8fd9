"""The import hole: which imports a program lacks, what turns one on, and where it is written.

Scope and imports are coupled both ways. A name that is chosen and bound nowhere turns its import
on: it is part of the edit that chose the name, and goes with it. An import that is on puts its
names into scope, where they cost less (``modules.py``).
"""

from __future__ import annotations

import ast
import builtins
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache

from latent_ebm.puzzles.code.grammar.module_statistics import FILES, USES
from latent_ebm.puzzles.code.grammar.program import Program
from latent_ebm.puzzles.code.grammar.visibility import HOLE_PREFIX
from latent_ebm.puzzles.code.stubs import module_names

FURTHER = ("typing", "dataclasses", "pathlib", "enum", "contextlib", "abc", "os", "sys", "time")
"""Modules whose names a program may lack, besides those that compute."""


def by_name(module: str) -> bool:
    """Whether names are mostly imported from a module, and not the module itself.

    >>> by_name("collections"), by_name("math")
    (True, False)
    """
    whole, single = FILES[module]
    return single > whole


@cache
def import_of(name: str, *, is_owner: bool) -> str | None:
    """The import that binds a name, None if none is known.

    Parameters
    ----------
    is_owner
        Whether an attribute is read of it, as one does of a module.

    Examples
    --------
    >>> import_of("math", is_owner=True), import_of("deque", is_owner=False)
    ('import math', 'from collections import deque')
    """
    if is_owner and name in sys.stdlib_module_names:
        return f"import {name}"
    holders = [module for module in FILES if f"{module}.{name}" in USES]
    if not holders:
        holders = [one for one in (*FILES, *FURTHER) if name in _public(one)][:1]
    if holders:
        module = max(holders, key=lambda one: USES.get(f"{one}.{name}", 0))
        return f"from {module} import {name}"
    return f"import {name}" if name in sys.stdlib_module_names else None


@cache
def _public(module: str) -> frozenset[str]:
    return frozenset(module_names(module))


_OFFERED = {module: f"import {module}" for module in FILES if not by_name(module)} | {
    use.partition(".")[2]: "from {} import {}".format(*use.split(".", 1))
    for use in USES
    if by_name(use.partition(".")[0])
}
_ROOT = re.compile(rf"(?<![\w.])({'|'.join(map(re.escape, _OFFERED))})\b")


@dataclass(frozen=True, eq=False)
class Imports:
    """What a program imports and lacks."""

    program: Program

    @cached_property
    def bound(self) -> frozenset[str]:
        """The names that are bound anywhere in the program."""
        found = set(dir(builtins))
        for node in ast.walk(self.program.tree):
            match node:
                case ast.alias(name=name, asname=other):
                    found.add((other or name).partition(".")[0])
                case ast.arg(arg=name) | ast.Name(id=name, ctx=ast.Store()):
                    found.add(name)
                case ast.ExceptHandler(name=str() as name):
                    found.add(name)
                case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                    found.add(node.name)
                case ast.MatchAs(name=str() as name) | ast.MatchStar(name=str() as name):
                    found.add(name)
                case ast.MatchMapping(rest=str() as name):
                    found.add(name)
        return frozenset(found)

    @cached_property
    def modules(self) -> dict[str, str]:
        """Names that stand for modules, with these."""
        return {
            alias.asname or alias.name: alias.name
            for node in ast.walk(self.program.tree)
            if isinstance(node, ast.Import)
            for alias in node.names
        }

    @cached_property
    def members(self) -> dict[str, str]:
        """Names that stand for members of modules, as ``deque`` for ``collections.deque``."""
        return {
            alias.asname or alias.name: f"{node.module}.{alias.name}"
            for node in ast.walk(self.program.tree)
            if isinstance(node, ast.ImportFrom) and node.module and not node.level
            for alias in node.names
        }

    @cached_property
    def missing(self) -> dict[ast.Name, str]:
        """Where names that are bound nowhere are first read, with the imports that bind them."""
        found: dict[str, tuple[ast.Name, str]] = {}
        if any(alias.name == "*" for alias in self._aliases()):
            return {}
        for node in ast.walk(self.program.tree):
            if not isinstance(node, ast.Name) or node.id.startswith(HOLE_PREFIX):
                continue
            if node.id not in self.bound and node.id not in found:
                owns = isinstance(self.program.parent(node), ast.Attribute)
                line = import_of(node.id, is_owner=owns)
                if line is not None:
                    found[node.id] = (node, line)
        return dict(found.values())

    def needed(self, text: str) -> tuple[str, ...]:
        r"""The imports that a new piece of the program turns on.

        >>> Imports(Program("import math\n")).needed("math.gcd(*deque(xs))")
        ('from collections import deque',)
        """
        names = {name for name in _ROOT.findall(text) if name not in self.bound}
        if names and ("'" in text or '"' in text):
            names &= _read(text)
        return tuple(sorted(_OFFERED[name] for name in names))

    def _aliases(self) -> Iterator[ast.alias]:
        for node in ast.walk(self.program.tree):
            if isinstance(node, ast.ImportFrom):
                yield from node.names


def _read(text: str) -> set[str]:
    """The names in a text, without what stands in strings; all of them where it does not parse."""
    try:
        nodes = list(ast.walk(ast.parse(text.strip())))
    except SyntaxError:
        return set(_OFFERED)
    return {node.id for node in nodes if isinstance(node, ast.Name)}


@lru_cache(maxsize=64)
def _place_of_imports(source: bytes) -> tuple[int, ast.stmt | None]:
    """The byte where imports are written, and what they follow: an import or the docstring."""
    tree = ast.parse(source)
    last: ast.stmt | None = None
    for at, node in enumerate(tree.body):
        if isinstance(node, ast.Import | ast.ImportFrom) or (at == 0 and _is_text(node)):
            last = node
        else:
            break
    lines = source.splitlines(keepends=True)
    if last is not None:
        return sum(map(len, lines[: last.end_lineno])), last
    first = tree.body[0] if tree.body else None
    decorators = getattr(first, "decorator_list", [])
    line = min([first.lineno, *(one.lineno for one in decorators)]) if first else 1
    return sum(map(len, lines[: line - 1])), None


def _is_text(node: ast.stmt) -> bool:
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )


def import_text(source: bytes, lines: frozenset[str]) -> tuple[int, bytes]:
    r"""Where imports come in a program, and their text there.

    >>> import_text(b"def f(): pass", frozenset(["import math"]))
    (0, b'import math\n\n\n')
    """
    at, last = _place_of_imports(source)
    newline = "\r\n" if b"\r\n" in source else "\n"
    text = "".join(f"{line}{newline}" for line in sorted(lines))
    before = newline if at and not source[:at].endswith((b"\n", b"\r")) else ""
    if last is None or _is_text(last):  # no import stood there: blank lines set it off
        before += newline * (last is not None)
        rest = source[at:].decode()
        blank = rest[: len(rest) - len(rest.lstrip())].count("\n")
        text += newline * max(2 - blank, 0) * bool(rest.strip())
    return at, f"{before}{text}".encode()
