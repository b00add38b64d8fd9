"""Count productions over Python's standard library, and print the table of statistics.py.

python benchmarks/count_productions.py
"""

from __future__ import annotations

import ast
import sys
import sysconfig
from collections import Counter
from pathlib import Path

from latent_ebm.puzzles.code.grammar.forms import forms
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


def heads(node: ast.AST) -> list[str]:
    """The productions that a node counts for; a chain of comparisons counts for each of them."""
    match node:
        case ast.Compare():
            return [OPERATORS[type(operator)][0] for operator in node.ops]
        case ast.Subscript():
            backwards = ast.unparse(node.slice) == "::-1"
            return [head(node), "reversed-slice"] if backwards else [head(node)]
        case ast.List() | ast.Tuple() if not isinstance(node.ctx, ast.Load):
            return []
        case ast.Dict() | ast.Set() | ast.UnaryOp(op=ast.UAdd()):
            return []
        case ast.expr() | ast.stmt():
            return [head(node)]
    return []


def counted(root: Path) -> tuple[Counter[str], list[Path]]:
    """The counts over all files below a folder, and the files that do not parse."""
    counts: Counter[str] = Counter()
    skipped = []
    for path in sorted(root.rglob("*.py")):
        if NOT_LIBRARY.isdisjoint(path.parts):
            try:
                tree = ast.parse(path.read_bytes())
            except (SyntaxError, ValueError):
                skipped.append(path)
                continue
            counts.update(name for node in ast.walk(tree) for name in (*heads(node), *forms(node)))
    return counts, skipped


def main() -> None:
    counts, skipped = counted(Path(sysconfig.get_paths()["stdlib"]))
    for path in skipped:
        print(f"skipped {path}: it does not parse", file=sys.stderr)
    print("COUNTS = {")
    for name in COUNTS:
        print(f'    "{name}": {counts[name]},')
    print("}")


if __name__ == "__main__":
    main()
