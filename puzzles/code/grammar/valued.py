"""An expression hole as symbols whose values can be computed: what explorations are asked for."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from latent_ebm.puzzles.code.grammar.context import Context
from latent_ebm.puzzles.code.grammar.expectations import Types
from latent_ebm.puzzles.code.grammar.expressions import STEP, Expression, Production
from latent_ebm.puzzles.code.grammar.prices import MISFIT
from latent_ebm.puzzles.code.grammar.runtime_types import fits
from latent_ebm.puzzles.code.grammar.syntax import Function

_INNER = (ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


@dataclass(frozen=True, eq=False)
class ValuedHole:
    """The atoms and productions of a hole, numbered.

    Attributes
    ----------
    symbols
        [P].
    types
        Their types, numbered.
    roots
        [types] the layers to add where a type stands at the hole.
    loops
        Whether the function goes on for ever once its names have the same values again: nothing
        else moves on, as the iterator of a ``for`` does.
    """

    symbols: tuple[Expression | Production, ...]
    types: tuple[str, ...]
    roots: tuple[int, ...]
    loops: bool

    @classmethod
    def at(cls, context: Context, node: ast.expr, wanted: Types) -> ValuedHole | None:
        """The symbols where types are wanted; None where names are seen only from further in."""
        program = context.program
        function = program.function(node)
        above = list(program.ancestors(node))
        functions = sum(isinstance(one, Function) for one in above)
        if functions != 1 or any(isinstance(one, _INNER) for one in above):
            return None
        visible = context.names.at(node).keys()
        atoms = [a for a in context.atoms(function) if a.type and a.by_value and a.names <= visible]
        made = [p for p in context.productions(function) if p.by_value]
        symbols: tuple[Expression | Production, ...] = (*atoms, *made)
        found = {*map(_result, symbols), *(kind for p in made for kind in p.operands)}
        types = tuple(sorted(found))
        fit = [not wanted or any(kind and fits(kind, one) for one in wanted) for kind in types]
        roots = tuple(0 if one else round(MISFIT / STEP) for one in fit)
        return cls(symbols, types, roots, _only_names_move(function, above))

    def rows(self) -> list[tuple[str, tuple[int, ...], tuple[int, ...], int, int, int, bool]]:
        """[P] text or template, operands, bindings, result, binding, layer, symmetric."""
        number = {kind: at for at, kind in enumerate(self.types)}
        rows = []
        for one in self.symbols:
            layer = round(one.cost / STEP)
            if isinstance(one, Expression):
                rows.append((one.text, (), (), number[one.type], one.binding, layer, False))
            else:
                operands = tuple(number[kind] for kind in one.operands)
                result = number[one.result]
                head = (one.template, operands, one.bindings, result)
                rows.append((*head, one.binding, layer, one.symmetric))
        return rows

    def expression(self, derivation: tuple[int, ...]) -> Expression:
        """The expression that a derivation, the outermost symbol first, stands for.

        Raises
        ------
        ValueError
            For one that is none.
        """
        made, end = self._read(derivation, 0)
        if end != len(derivation):
            raise ValueError(f"{len(derivation) - end} symbols of a derivation are left over")
        return made

    def _read(self, derivation: tuple[int, ...], at: int) -> tuple[Expression, int]:
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


def _only_names_move(function: Function | None, above: list[ast.AST]) -> bool:
    if function is None or any(isinstance(one, ast.For | ast.AsyncFor) for one in above):
        return False
    moving = ast.Global | ast.Nonlocal | ast.Yield | ast.YieldFrom | ast.Await
    return not any(isinstance(node, moving) for node in ast.walk(function))


def _result(symbol: Expression | Production) -> str:
    return symbol.type if isinstance(symbol, Expression) else symbol.result
