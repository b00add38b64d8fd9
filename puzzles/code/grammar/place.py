"""An expression's place in a program: what stands there, and edits of it."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from latent_ebm.puzzles.code.grammar import expressions as e
from latent_ebm.puzzles.code.grammar.context import Context
from latent_ebm.puzzles.code.grammar.edits import Edit
from latent_ebm.puzzles.code.grammar.expectations import Types, expected
from latent_ebm.puzzles.code.grammar.expressions import Expression
from latent_ebm.puzzles.code.grammar.flow import flow_of_expression, is_condition
from latent_ebm.puzzles.code.grammar.pool import Pool
from latent_ebm.puzzles.code.grammar.program import Program
from latent_ebm.puzzles.code.grammar.runtime_types import fits
from latent_ebm.puzzles.code.grammar.syntax import binding, head
from latent_ebm.puzzles.code.grammar.visibility import Names


class Change(NamedTuple):
    """Something that may come in a place.

    Attributes
    ----------
    new
        What comes.
    kind
        What sort of change, as ``operator`` or ``swap``.
    prior
        Its energy in nats.
    types
        The types energy, in nats; None where it follows from what stood there.
    """

    new: Expression
    kind: str
    prior: float
    types: float | None = None


@dataclass(frozen=True, eq=False)
class Place:
    """Where an expression stands.

    Attributes
    ----------
    context
        The program.
    node
        What stands there.
    """

    context: Context
    node: ast.expr

    @property
    def program(self) -> Program:
        """The program."""
        return self.context.program

    @cached_property
    def type(self) -> str:
        """The type that was seen there."""
        return self.context.observations.type_of(self.node)

    @cached_property
    def expected(self) -> Types:
        """The types that fit there by what stands around, whatever was seen; empty if unknown."""
        return expected(self.context, self.node, ())

    def takes(self, kind: str) -> bool:
        """Whether a type fits, by what was seen there or by what stands around."""
        return fits(kind, self.type) or any(fits(kind, one) for one in self.expected)

    @property
    def is_iterated(self) -> bool:
        """Whether a loop or a comprehension runs over it."""
        parent, field, _ = self.program.place(self.node)
        return isinstance(parent, ast.For | ast.AsyncFor | ast.comprehension) and field == "iter"

    @cached_property
    def visible(self) -> Names:
        """The names that may be read there."""
        return self.context.names.at(self.node)

    @cached_property
    def pool(self) -> Pool:
        """The expressions over the function's names."""
        return self.context.pool_at(self.node)

    @cached_property
    def is_condition(self) -> bool:
        """Whether it decides which way the program goes."""
        return is_condition(self.program, self.node)

    @cached_property
    def is_callee(self) -> bool:
        """Whether it is what a call calls."""
        parent, field, _ = self.program.place(self.node)
        return isinstance(parent, ast.Call) and field == "func"

    @cached_property
    def is_pattern(self) -> bool:
        """Whether it stands in a ``case``, where only literals may."""
        return isinstance(self.program.parent(self.node), ast.pattern)

    @cached_property
    def here(self) -> Expression:
        """What stands there, at no cost."""
        return self.part(self.node)

    def part(self, node: ast.expr) -> Expression:
        """A node's text as an expression of no cost."""
        text, level = self.program.segment(node), binding(node)
        if isinstance(node, ast.Tuple):
            text, level = (text if _in_parentheses(text) else f"({text})"), e.ATOM
        elif "\n" in text and not _is_whole(text):
            text, level = f"({text})", e.ATOM  # its lines were joined by parentheses around it
        return Expression(text, self.context.observations.type_of(node), 0.0, level, head(node))

    def element(self, node: ast.expr) -> str:
        """A node's text as it may stand between commas."""
        if isinstance(node, ast.Starred):
            return self.program.segment(node)
        return self.part(node).within(e.IF)

    def edit(self, change: Change, types: float) -> Edit:
        """The edit that makes a change."""
        new, kind, prior, _ = change
        start, end, line, level, mark, old = self._fixed
        bare = new.binding >= level or not self.context.terms.syntax
        text = new.text if bare else f"({new.text})"
        if isinstance(self.node, ast.GeneratorExp) and self._is_argument:
            text = f"({text})"  # its span has the call's own parentheses
        names = [f"names {name}" for name in sorted(new.names)] if new.names else ()
        features = (kind, f"{kind} {old}>{new.head}", mark, *names, f"head {new.head}")
        flow = flow_of_expression(new, is_condition=self.is_condition)
        what = f"{self.type}>{new.type}"
        return Edit(start, end, text, prior, kind, line, features, what, types, flow)

    @cached_property
    def _fixed(self) -> tuple[int, int, int, int, str, str]:
        """(start, end, line, binding demanded, the line's feature, head) of what stands there."""
        line = self.program.statement(self.node).lineno
        level = self.program.demanded(self.node)
        return (*self.program.span(self.node), line, level, f"line {line}", head(self.node))

    @cached_property
    def _is_argument(self) -> bool:
        return isinstance(self.program.parent(self.node), ast.Call)


def _in_parentheses(text: str) -> bool:
    """Whether a tuple's text has parentheses of its own around it."""
    if not text.startswith("("):
        return False
    call = ast.parse(f"f({text}\n)", mode="eval").body  # a last line may end with a comment
    return isinstance(call, ast.Call) and len(call.args) == 1


def _is_whole(text: str) -> bool:
    """Whether a text of several lines is an expression without parentheses around it."""
    try:
        ast.parse(text, mode="eval")
    except SyntaxError:
        return False
    return True
