"""Rewriting a pytest file: graded asserts, the stand-in for pytest, the candidate's names."""

from __future__ import annotations

import ast
from pathlib import Path

from latent_ebm.puzzles.code.testing.cases import SuiteError

__all__ = ["CANDIDATE", "CHECK", "NAMES", "PYTEST", "Rewriter"]

CHECK = "__check__"
"""Called as `check(operator, left, right, message)`; raises `CheckError` if it does not hold."""

PYTEST = "__pytest__"
CANDIDATE = "__candidate__"
TAKE = "__take__"
"""Called as `take(name)`: a name of the candidate, for `from module import name`."""

TAKE_ALL = "__take_all__"
NAMES = frozenset({CHECK, PYTEST, CANDIDATE, TAKE, TAKE_ALL})

_OPERATORS: dict[type[ast.cmpop], str] = {
    ast.Eq: "==", ast.NotEq: "!=", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=",
    ast.Is: "is", ast.IsNot: "is not", ast.In: "in", ast.NotIn: "not in",
}  # fmt: skip

_STAND_IN = frozenset({"raises", "approx", "mark", "param", "fail", "fixture"})


class Rewriter(ast.NodeTransformer):
    """Rewrites the tree of one file.

    Parameters
    ----------
    module
        The dotted name of the module under test.
    module_path
        Its file; an import whose dotted name ends the path leads to it too.
    source
        For messages.
    """

    def __init__(self, module: str, module_path: Path | None, source: str) -> None:
        self.found_module = False
        self._module = module
        path = () if module_path is None else module_path.resolve().with_suffix("").parts
        self._parts = path[:-1] if path and path[-1] == "__init__" else path
        self._source = source

    def _is_module(self, dotted: str, level: int) -> bool:
        names = tuple(dotted.split("."))
        if dotted == self._module and not level:
            return True
        return len(names) <= len(self._parts) and self._parts[-len(names) :] == names

    def visit_Import(self, node: ast.Import) -> list[ast.stmt]:
        """Rename imports of pytest and of the module under test."""
        made: list[ast.stmt] = []
        kept: list[ast.alias] = []
        for alias in node.names:
            plain = alias.asname or "." not in alias.name
            if alias.name == "pytest":
                made.append(_assigned(alias.asname or "pytest", PYTEST))
            elif plain and self._is_module(alias.name, 0):
                self.found_module = True
                made.append(_assigned(alias.asname or alias.name, CANDIDATE))
            else:
                # `import package.module` binds the package: the real import does that
                self.found_module |= self._is_module(alias.name, 0)
                kept.append(alias)
        return [*([ast.Import(kept)] if kept else []), *made]

    def visit_ImportFrom(self, node: ast.ImportFrom) -> list[ast.stmt]:
        """Take names from the stand-in and from the candidate."""
        origin = node.module or ""
        if origin == "pytest":
            return [self._from_pytest(node, alias) for alias in node.names]
        if origin and self._is_module(origin, node.level):
            self.found_module = True
            return [_taken(alias) for alias in node.names]
        made: list[ast.stmt] = []
        kept: list[ast.alias] = []
        for alias in node.names:
            dotted = f"{origin}.{alias.name}" if origin else alias.name
            if self._is_module(dotted, node.level):
                self.found_module = True
                made.append(_assigned(alias.asname or alias.name, CANDIDATE))
            else:
                kept.append(alias)
        if kept and node.level:
            raise SuiteError(
                f"{self._source}, line {node.lineno}: a relative import in a test file"
            )
        return [*([ast.ImportFrom(node.module, kept, 0)] if kept else []), *made]

    def _from_pytest(self, node: ast.ImportFrom, alias: ast.alias) -> ast.stmt:
        if alias.name not in _STAND_IN:
            where = f"{self._source}, line {node.lineno}"
            raise SuiteError(f"{where}: pytest.{alias.name} cannot be run without pytest")
        value = ast.Attribute(_name(PYTEST), alias.name, ast.Load())
        return ast.Assign([ast.Name(alias.asname or alias.name, ast.Store())], value)

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        """Refuse what the stand-in for pytest has not."""
        self.generic_visit(node)
        if (
            isinstance(node.value, ast.Name)
            and node.value.id == "pytest"
            and node.attr not in _STAND_IN
        ):
            where = f"{self._source}, line {node.lineno}"
            raise SuiteError(f"{where}: pytest.{node.attr} cannot be run without pytest")
        return node

    def visit_Assert(self, node: ast.Assert) -> ast.AST | list[ast.stmt]:
        """Turn an assert into graded checks, one for each side of `and`."""
        self.generic_visit(node)
        test = node.test
        if isinstance(test, ast.BoolOp) and isinstance(test.op, ast.And):
            asserts = [ast.Assert(value, node.msg) for value in test.values]
            return [self._checked(each) for each in asserts]
        return self._checked(node)

    def _checked(self, node: ast.Assert) -> ast.stmt:
        test, arguments = node.test, list[ast.expr]()
        if isinstance(test, ast.Compare) and len(test.ops) == 1:
            operator = _OPERATORS[type(test.ops[0])]
            arguments = [ast.Constant(operator), test.left, test.comparators[0]]
        elif isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
            arguments = [ast.Constant("not"), test.operand, ast.Constant(None)]
        else:
            arguments = [ast.Constant("true"), test, ast.Constant(None)]
        if node.msg is not None:
            # evaluated only if the check fails, as by assert
            arguments.append(ast.Lambda(_NO_ARGUMENTS, node.msg))
        return ast.Expr(ast.Call(_name(CHECK), arguments, []))


_NO_ARGUMENTS = ast.arguments([], [], None, [], [], None, [])


def _name(name: str) -> ast.Name:
    return ast.Name(name, ast.Load())


def _assigned(name: str, value: str) -> ast.stmt:
    return ast.Assign([ast.Name(name, ast.Store())], _name(value))


def _taken(alias: ast.alias) -> ast.stmt:
    if alias.name == "*":
        return ast.Expr(ast.Call(_name(TAKE_ALL), [], []))
    value = ast.Call(_name(TAKE), [ast.Constant(alias.name)], [])
    return ast.Assign([ast.Name(alias.asname or alias.name, ast.Store())], value)
