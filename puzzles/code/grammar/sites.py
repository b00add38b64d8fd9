"""Where the holes of a program are."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from latent_ebm.puzzles.code.grammar.edits import Edit
from latent_ebm.puzzles.code.grammar.program import Program
from latent_ebm.puzzles.code.grammar.syntax import Function
from latent_ebm.puzzles.code.grammar.visibility import HOLE_PREFIX
from latent_ebm.puzzles.code.hole_marks import imports_arrays

HOLE = "__hole__"
"""A name that is always a hole; ``...`` is one unless it means something where it stands."""
STUB_DECORATORS = ("overload", "abstractmethod")
"""Decorators of functions whose body may be ``...``."""


@dataclass(frozen=True, eq=False)
class Site:
    """A hole in a program.

    Attributes
    ----------
    number
        In the order of the text.
    node
        The expression, or the statement that consists of it.
    """

    number: int
    node: ast.expr | ast.Expr

    @property
    def is_statement(self) -> bool:
        """Whether a statement has to come."""
        return isinstance(self.node, ast.Expr)


def sites(program: Program) -> list[Site]:
    r"""The holes of a program: ``__hole__`` and ``...``, in the order of the text.

    Not a hole is ``...`` in an annotation or beside other indices, as in ``tuple[int, ...]`` and
    ``array[..., 0]``, and where it stands for nothing: as the body of a class, and in a function of
    a protocol or one that is an overload or abstract. docs/holes.md has it all.

    Raises
    ------
    ValueError
        If a hole stands where its place cannot be told, in an f-string.

    Examples
    --------
    >>> text = "def f(x: tuple[int, ...]):\n    if ...:\n        ...\n    return __hole__\n"
    >>> [(site.node.lineno, site.is_statement) for site in sites(Program(text))]
    [(2, False), (3, True), (4, False)]
    """
    found: list[ast.expr | ast.Expr] = []
    for node in _marks(program):
        _check_place(program, node)
        parent = program.parent(node)
        found.append(parent if isinstance(parent, ast.Expr) else node)
    found.sort(key=program.span)
    return [Site(number, node) for number, node in enumerate(found)]


def opened(program: Program, holes: list[Site]) -> list[Edit]:
    """The edits that make every hole a call that stops where it is reached."""
    edits = []
    for hole in holes:
        start, end = program.span(hole.node)
        line = program.statement(hole.node).lineno
        edits.append(Edit(start, end, f"{HOLE_PREFIX}{hole.number}__()", 0.0, "hole", line))
    return edits


def _marks(program: Program) -> Iterator[ast.expr]:
    """The expressions that mark holes."""
    for node in ast.walk(program.tree):
        match node:
            case ast.Name(id=name) if name == HOLE:
                yield node
            case ast.Constant() if node.value is ... and not _means_something(program, node):
                yield node


def _means_something(program: Program, node: ast.expr) -> bool:
    """Whether ``...`` is meant as it stands."""
    parent, field, _ = program.place(node)
    beside = isinstance(parent, ast.Tuple | ast.List)
    while isinstance(parent, ast.Tuple | ast.List):  # Callable[[int, ...], str]
        parent, field, _ = program.place(parent)
    if (
        isinstance(parent, ast.Subscript)
        and field == "slice"
        and (beside or imports_arrays(program.tree) or _annotates(program, parent))
    ):
        return True
    if isinstance(parent, ast.Compare) and isinstance(parent.ops[0], ast.Is | ast.IsNot):
        return True
    owner = next(
        (a for a in program.ancestors(node) if isinstance(a, Function | ast.ClassDef)), None
    )
    if isinstance(owner, ast.ClassDef):
        return isinstance(program.parent(node), ast.Expr)
    return owner is not None and _is_stub(program, owner)


def _annotates(program: Program, node: ast.AST) -> bool:
    """Whether a node is part of an annotation."""
    while isinstance(node, ast.expr):
        node, field, _ = program.place(node)
        if field in ("annotation", "returns"):
            return True
    return False


def _is_stub(program: Program, function: Function) -> bool:
    """Whether a function only says what others look like."""
    parent = program.parent(function)
    if any(_last_name(one) in STUB_DECORATORS for one in function.decorator_list):
        return True
    return isinstance(parent, ast.ClassDef) and any(
        _last_name(one) == "Protocol" for one in parent.bases
    )


def _last_name(node: ast.expr) -> str:
    """``Protocol`` of ``typing.Protocol[T]``."""
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case ast.Subscript(value=value) | ast.Call(func=value):
            return _last_name(value)
    return ""


def _check_place(program: Program, node: ast.expr) -> None:
    if program.segment(node) not in (HOLE, "..."):
        raise ValueError(
            f"line {node.lineno}: a hole in an f-string cannot be located; write it outside, "
            f'as in `value = ...` and `f"{{value}}"`'
        )
