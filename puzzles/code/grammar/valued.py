"""A hole as symbols whose values can be computed: what explorations are asked for."""

from __future__ import annotations

import ast
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

from latent_ebm.puzzles.code.grammar.context import Context
from latent_ebm.puzzles.code.grammar.edits import Edit
from latent_ebm.puzzles.code.grammar.expectations import Types, expected, misfit_of_type
from latent_ebm.puzzles.code.grammar.expressions import IF, STEP, Expression, Production
from latent_ebm.puzzles.code.grammar.flow import flow_of_statement
from latent_ebm.puzzles.code.grammar.habits import surprise, surprise_of
from latent_ebm.puzzles.code.grammar.hints import hints
from latent_ebm.puzzles.code.grammar.holes import as_filling
from latent_ebm.puzzles.code.grammar.open_statements import OpenStatement, open_statements
from latent_ebm.puzzles.code.grammar.own import saved
from latent_ebm.puzzles.code.grammar.prices import BY_COPIES, BY_FLOW, BY_PARTS, BY_PLACES, BY_TYPES
from latent_ebm.puzzles.code.grammar.program import Program
from latent_ebm.puzzles.code.grammar.runtime_types import is_body
from latent_ebm.puzzles.code.grammar.sites import Site
from latent_ebm.puzzles.code.grammar.syntax import Function
from latent_ebm.puzzles.code.grammar.visibility import HOLE_PREFIX
from latent_ebm.puzzles.code.grammar.wholes import wholes

FORM, MOST_FORMS = 7.5, 120
"""Forms that bind names cost at most so many nats, and so many are looked at."""
_INNER = (ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)

Row = tuple[str, tuple[int, ...], tuple[int, ...], int, int, int, bool, bool]


class Use(NamedTuple):
    """A way to use an expression in the hole's place.

    Attributes
    ----------
    roots
        [types] the layers to add where a type comes there.
    statement
        What stands around the expression, if anything has to.
    """

    roots: tuple[int, ...]
    statement: OpenStatement | None


@dataclass(frozen=True, eq=False)
class ValuedHole:
    """The atoms and productions of a hole, numbered, and the statements that may use them.

    Attributes
    ----------
    symbols
        [P].
    types
        Their types, numbered.
    variants
        Ways to use an expression there.
    cheapest
        What the cheapest of them costs, in nats.
    loops
        Whether the function goes on for ever once its names have the same values again: nothing
        else moves on, as the iterator of a ``for`` does.
    """

    context: Context
    site: Site
    results: Types
    symbols: tuple[Expression | Production, ...]
    types: tuple[str, ...]
    variants: tuple[Use, ...]
    cheapest: float
    loops: bool

    @classmethod
    def at(cls, context: Context, site: Site, results: Types) -> ValuedHole | None:
        """The symbols of a hole; None where its names are seen only from further in."""
        program, node = context.program, site.node
        function, above = program.function(node), list(program.ancestors(node))
        if function is None or any(isinstance(one, _INNER) for one in above):
            return None
        visible = context.names.at(node).keys() & _names_within(function)
        given = context.atoms(function)
        kept = [a for a in given if a.type and not is_body(a.type)]
        made = [p for p in context.productions(function) if p.by_value]
        heads = {p.head for p in made if any(map(is_body, p.operands))}
        # what they bind has no value by itself
        forms = [p for p in made if p.head in heads]
        made = [p for p in made if p.head not in heads]
        kept += wholes(context, node, given, forms, FORM)[:MOST_FORMS]
        atoms = [a for a in kept if a.by_value and a.names <= visible]
        symbols: tuple[Expression | Production, ...] = (*atoms, *made)
        found = {*map(_result, symbols), *(kind for p in made for kind in p.operands)}
        types = tuple(sorted(found))
        if isinstance(node, ast.Expr):
            statements = open_statements(context, node, results)
            cheapest = min((one.price for one in statements), default=0.0)
            uses = [_use(context, s, types, cheapest) for s in statements]
        else:
            cheapest = 0.0
            wanted = expected(context, node, results) if context.terms.types else ()
            uses = [Use(_roots(types, wanted), None)]
        if not uses:
            return None
        loops = _only_names_move(program, function, above)
        return cls(context, site, results, symbols, types, tuple(uses), cheapest, loops)

    def uses(self, text: str) -> list[tuple[str, tuple[int, ...]]]:
        """The program of each variant with its roots, where the hole stands in a text."""
        call = f"{HOLE_PREFIX}{self.site.number}__()"
        made = []
        for variant in self.variants:
            statement, node = variant.statement, self.site.node
            if statement is None or not isinstance(node, ast.Expr):
                made.append((text, variant.roots))
            else:
                written = _written(self.context.program, node, statement, call)
                made.append((text.replace(call, written), variant.roots))
        return made

    @cached_property
    def rows(self) -> tuple[Row, ...]:
        """[P] text or template, operands, bindings, result, binding, layer, distinct, symmetric."""
        number = {kind: at for at, kind in enumerate(self.types)}
        rows: list[Row] = []
        for one, price in zip(self.symbols, self._costs, strict=True):
            layer = max(round(price / STEP), 1)
            if isinstance(one, Expression):
                rows.append((one.text, (), (), number[one.type], one.binding, layer, False, False))
            else:
                operands = tuple(number[kind] for kind in one.operands)
                head = (one.template, operands, one.bindings, number[one.result])
                rows.append((*head, one.binding, layer, one.distinct, one.symmetric))
        return tuple(rows)

    @cached_property
    def _costs(self) -> tuple[float, ...]:
        """[P] in nats: what is known of each symbol wherever it stands in the filling."""
        return tuple(map(self._price, self.symbols))

    def _price(self, symbol: Expression | Production) -> float:
        if not self.context.terms.prior:
            return symbol.cost
        price = BY_PARTS * symbol.cost
        if isinstance(symbol, Production):
            return price + BY_PLACES * surprise_of(symbol.head)
        price += BY_PLACES * surprise(symbol.text)
        price -= BY_COPIES * saved(symbol.text, self.context.copied)
        return price + self.context.choices_at(self.site.node).of_atom(symbol.text)

    def filling(self, variant: int, derivation: tuple[int, ...]) -> Edit:
        """What fills the hole where a variant uses the expression of a derivation.

        Raises
        ------
        ValueError
            For a derivation that is none.
        """
        expression, end = self._read(derivation, 0)
        if end != len(derivation):
            raise ValueError(f"{len(derivation) - end} symbols of a derivation are left over")
        context, site = self.context, self.site
        statement = self.variants[variant].statement
        if statement is None:
            edit = as_filling(context, site, expression, self.results)
        else:
            edit = _stated(context, site, statement, expression)
        lacking = hints(context, site.node, wants_value=bool(self.results))
        return replace(edit, flow=edit.flow - lacking.bonus(edit.text))

    def cost(self, variant: int, derivation: tuple[int, ...]) -> float:
        """What productions and statement cost by themselves, wherever they stand, in nats."""
        statement = self.variants[variant].statement
        price = sum(self._costs[number] for number in derivation)
        return price + (statement.price if statement else 0.0)

    def _read(self, derivation: tuple[int, ...], at: int) -> tuple[Expression, int]:
        """The expression whose symbols begin at a place, and where they end."""
        if at >= len(derivation):
            raise ValueError("a derivation is cut short")
        symbol = self.symbols[derivation[at]]
        at += 1
        if isinstance(symbol, Expression):
            return symbol, at
        parts = []
        for _ in symbol.operands:
            part, at = self._read(derivation, at)
            parts.append(part)
        return symbol.apply(tuple(parts)), at


def _use(
    context: Context, statement: OpenStatement, types: tuple[str, ...], cheapest: float
) -> Use:
    more = round((statement.price - cheapest) / STEP)
    wanted = statement.wanted if context.terms.types else ()
    return Use(tuple(more + one for one in _roots(types, wanted)), statement)


def _written(program: Program, node: ast.Expr, statement: OpenStatement, text: str) -> str:
    template = statement.template.replace("\n", "\n" + program.indentation(node))
    return template.format(text)


def _stated(context: Context, site: Site, statement: OpenStatement, expression: Expression) -> Edit:
    """The statement with the expression, as the filling of a hole."""
    node = site.node
    assert isinstance(node, ast.Expr)  # noqa: S101 - statements come where one stands
    start, end = context.program.span(node)
    text = _written(context.program, node, statement, expression.within(IF))
    prefix = f"hole {site.number} "
    features = (
        prefix + statement.head,
        f"{prefix}head {expression.head}",
        f"{prefix}type {expression.type}",
        *(f"{prefix}name {name}" for name in sorted(statement.names | expression.names)),
    )
    price = context.filled(node, text, statement.cost + expression.cost)
    kind = f"{statement.head}:{expression.type}"
    flow = BY_FLOW * flow_of_statement(text) if context.terms.flow else 0.0
    return Edit(start, end, text, price, "fill", node.lineno, features, kind, flow=flow)


def _roots(types: tuple[str, ...], wanted: Types) -> tuple[int, ...]:
    """[types] the layers of the types energy."""
    if not wanted:
        return (0,) * len(types)
    return tuple(round(BY_TYPES * misfit_of_type(kind, wanted) / STEP) for kind in types)


def _names_within(function: Function) -> set[str]:
    """The names that a frame of a function holds: its own, and those of outer ones it reads."""
    own = {node.id for node in ast.walk(function) if isinstance(node, ast.Name)}
    return own | {node.arg for node in ast.walk(function.args) if isinstance(node, ast.arg)}


def _only_names_move(program: Program, function: Function, above: list[ast.AST]) -> bool:
    if any(isinstance(one, ast.For | ast.AsyncFor) for one in above):
        return False
    waiting = ast.Yield | ast.YieldFrom | ast.Await
    if any(isinstance(node, waiting) for node in ast.walk(function)):
        return False
    # what the function calls may move names of others
    return not any(isinstance(node, ast.Global | ast.Nonlocal) for node in ast.walk(program.tree))


def _result(symbol: Expression | Production) -> str:
    return symbol.type if isinstance(symbol, Expression) else symbol.result
