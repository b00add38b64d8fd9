"""Which marks of a file are holes: `...` and `__hole__`, unless they mean something."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from latent_ebm.puzzles.code.callables import Function, decorators_of
from latent_ebm.puzzles.code.errors import Refusal
from latent_ebm.puzzles.code.inference import HOLE
from latent_ebm.puzzles.code.source import Source

MAX_HOLES = 100


ARRAYS = ("numpy", "torch", "jax", "cupy", "xarray", "tensorflow")
"""Libraries of arrays, in whose subscripts ``...`` stands for all axes in between."""


def hole_nodes(source: Source) -> Iterator[ast.expr | ast.stmt]:
    """The nodes that are holes: expressions, or the statements that consist of one."""
    excluded = set(_meaningful(source))
    for node in ast.walk(source.tree):
        _refuse_odd(source, node)
        if not isinstance(node, (ast.Name, ast.Constant)):
            continue
        if isinstance(node, ast.Constant) and (node.value is not Ellipsis or node in excluded):
            continue
        if isinstance(node, ast.Name) and node.id != HOLE:
            continue
        source.span(node)  # refuses f-strings
        parent = source.parents[node]
        yield parent if isinstance(parent, ast.Expr) else node


def _refuse_odd(source: Source, node: ast.AST) -> None:
    match node:
        case ast.Name(id="__hole__", ctx=ast.Store() | ast.Del()):
            what = "a hole that is assigned to"
        case ast.Attribute(attr="__hole__"):
            what = "a hole as an attribute's name"
        case ast.arg(arg="__hole__") | ast.keyword(arg="__hole__"):
            what = "a hole as a parameter's name"
        case (
            ast.FunctionDef(name="__hole__")
            | ast.AsyncFunctionDef(name="__hole__")
            | ast.ClassDef(name="__hole__")
        ):
            what = "a hole as the name of a definition"
        case ast.alias(name="__hole__") | ast.alias(asname="__hole__"):
            what = "a hole in an import"
        case _:
            return
    line = getattr(node, "lineno", 0)
    raise Refusal(what, source.path, line, "put __hole__ for a whole expression or statement")


def _meaningful(source: Source) -> Iterator[ast.AST]:  # noqa: C901 - one case a kind
    """The ``...`` that stand for themselves."""
    stub = source.path.endswith(".pyi")
    arrays = imports_arrays(source.tree)
    for node in ast.walk(source.tree):
        match node:
            case ast.Subscript(slice=index) if arrays or isinstance(index, ast.Tuple):
                yield from _ellipses(index)
            case ast.Compare(left=left, ops=[ast.Is() | ast.IsNot()], comparators=[right]):
                yield from (left, right)
            case ast.AnnAssign(annotation=annotation):
                yield from _ellipses(annotation)
                if stub and node.value is not None:
                    yield node.value
            case ast.arg(annotation=annotation) if annotation is not None:
                yield from _ellipses(annotation)
            case ast.ClassDef(body=[*body]):
                for one in body:
                    if isinstance(one, ast.Expr):
                        yield one.value
        if isinstance(node, Function):
            if node.returns is not None:
                yield from _ellipses(node.returns)
            if stub or _is_declaration(source, node):
                yield from (one.value for one in node.body if isinstance(one, ast.Expr))
                yield from node.args.defaults
                yield from (one for one in node.args.kw_defaults if one is not None)


def imports_arrays(tree: ast.Module) -> bool:
    """Whether a module imports a library whose arrays are subscripted with ``...``."""
    names = (
        name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in (
            [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else [alias.name for alias in node.names]
        )
    )
    return any(name.partition(".")[0] in ARRAYS for name in names)


def _ellipses(top: ast.AST) -> Iterator[ast.AST]:
    yield from (
        node for node in ast.walk(top) if isinstance(node, ast.Constant) and node.value is Ellipsis
    )


def _is_declaration(source: Source, node: Function) -> bool:
    """Whether a function only declares: overloaded, abstract, or of a protocol."""
    if decorators_of(node) & {"overload", "abstractmethod", "abstractproperty"}:
        return True
    holder = source.parents[node]
    return isinstance(holder, ast.ClassDef) and any(
        "Protocol" in ast.unparse(base) for base in holder.bases
    )
