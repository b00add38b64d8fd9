"""Count productions over Python's standard library, and print the tables of the grammar.

The first is that of ``statistics.py``, the others are those of ``module_statistics.py``: what of
other modules of pure computation is used, and how these are imported; the last is that of
``habit_statistics.py``: which expressions stand in which places.

python benchmarks/count_productions.py
"""

from __future__ import annotations

import ast
import sys
import sysconfig
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from latent_ebm.puzzles.code.grammar.forms import forms
from latent_ebm.puzzles.code.grammar.habits import places
from latent_ebm.puzzles.code.grammar.statistics import COUNTS
from latent_ebm.puzzles.code.grammar.syntax import OPERATORS, head

NOT_LIBRARY = {
    "__pycache__",
    "ensurepip",
    "idlelib",
    "lib2to3",
    "site-packages",
    "test",
    "tests",
    "turtledemo",
}
"""Folders that hold tests, other people's packages, or little of the library's own style."""
WIDEST = 96
"""Letters of a line."""
FEWEST = 50
"""Places that are seen less often are left out."""
COMPUTING = (
    *("array", "bisect", "calendar", "collections", "copy", "datetime", "decimal", "fractions"),
    *("functools", "heapq", "itertools", "math", "operator", "random", "re", "statistics"),
    *("string", "textwrap"),
)
"""Modules that compute: they read and write nothing, and start nothing."""


_SUBSCRIPTS = {"::-1": ("reversed-slice",), "-1": ("last-item",)}
"""Productions that are subscripts with certain indices."""


def heads(node: ast.AST) -> list[str]:
    """The productions that a node counts for; a chain of comparisons counts for each of them."""
    match node:
        case ast.Compare():
            return [OPERATORS[type(operator)][0] for operator in node.ops]
        case ast.Subscript():
            return [head(node), *_SUBSCRIPTS.get(ast.unparse(node.slice), ())]
        case ast.List() | ast.Tuple() if not isinstance(node.ctx, ast.Load):
            return []
        case ast.Dict() | ast.Set() | ast.UnaryOp(op=ast.UAdd()):
            return []
        case ast.expr() | ast.stmt():
            return [head(node)]
    return []


def trees_below(root: Path, skipped: list[Path]) -> Iterator[ast.Module]:
    """The files below a folder, parsed; those that do not parse are added to ``skipped``."""
    for path in sorted(root.rglob("*.py")):
        if NOT_LIBRARY.isdisjoint(path.parts):
            try:
                yield ast.parse(path.read_bytes())
            except (SyntaxError, ValueError):
                skipped.append(path)


def counted(root: Path) -> tuple[Counter[str], list[Path]]:
    """The counts over all files below a folder, and the files that do not parse."""
    counts: Counter[str] = Counter()
    skipped: list[Path] = []
    for tree in trees_below(root, skipped):
        counts.update(name for node in ast.walk(tree) for name in (*heads(node), *forms(node)))
    return counts, skipped


def habits(trees: Iterable[ast.Module]) -> dict[str, Counter[str]]:
    """How often each kind of expression stands in each place."""
    found: dict[str, Counter[str]] = {}
    for tree in trees:
        for place, kind in places(tree):
            found.setdefault(place, Counter())[kind] += 1
    return found


def used(trees: Iterable[ast.Module]) -> tuple[Counter[str], dict[str, list[int]]]:
    """How often names of modules are used, and how many files import a module, or names from it."""
    uses: Counter[str] = Counter()
    files = {module: [0, 0] for module in COMPUTING}
    for tree in trees:
        modules, names = {}, {}
        for node in ast.walk(tree):
            for alias in node.names if isinstance(node, ast.Import | ast.ImportFrom) else ():
                module = alias.name if isinstance(node, ast.Import) else node.module
                if module in COMPUTING and not getattr(node, "level", 0):
                    whole = isinstance(node, ast.Import)
                    (modules if whole else names)[alias.asname or alias.name] = (
                        module if whole else f"{module}.{alias.name}"
                    )
        for module in files:
            files[module][0] += module in modules.values()
            files[module][1] += any(name.startswith(f"{module}.") for name in names.values())
        for node in ast.walk(tree):
            match node:
                case ast.Attribute(value=ast.Name(id=name), attr=attribute) if name in modules:
                    uses[f"{modules[name]}.{attribute}"] += 1
                case ast.Name(id=name, ctx=ast.Load()) if name in names:
                    uses[names[name]] += 1
    return uses, files


def print_row(place: str, items: list[str]) -> None:
    """A place and its counts, on as many lines as they take."""
    line = f"{place}: "
    for item in items:
        if len(line) + len(item) > WIDEST:
            print(line.rstrip(", "))
            line = f"{place}: "
        line += f"{item}, "
    print(line.rstrip(", "))


def main() -> None:
    root = Path(sysconfig.get_paths()["stdlib"])
    counts, skipped = counted(root)
    for path in skipped:
        print(f"skipped {path}: it does not parse", file=sys.stderr)
    print("COUNTS = {")
    for name in COUNTS:
        print(f'    "{name}": {counts[name]},')
    print("}")
    uses, files = used(tree for tree in trees_below(root, []))
    print("USES = {")
    for name, count in sorted(uses.items(), key=lambda item: (item[0].split(".")[0], -item[1])):
        if not name.partition(".")[2].startswith("_"):
            print(f'    "{name}": {count},')
    print("}\nFILES = {")
    for module, (whole, single) in files.items():
        print(f'    "{module}": ({whole}, {single}),')
    print('}\nTABLE = """')
    for place, kinds in sorted(habits(trees_below(root, [])).items()):
        if kinds.total() >= FEWEST:
            print_row(place, [f"{kind} {n}" for kind, n in kinds.most_common() if n > 1])
    print('"""')


if __name__ == "__main__":
    main()
