"""An expression hole as a part: the slots of its soft AST."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

import numpy as np

from latent_ebm.puzzles.code.grammar.edits import Edit
from latent_ebm.puzzles.code.grammar.expectations import expected
from latent_ebm.puzzles.code.grammar.expressions import Expression, Production
from latent_ebm.puzzles.code.grammar.flow import IDEMPOTENT, flow_of_expression, is_condition
from latent_ebm.puzzles.code.grammar.sites import Site
from latent_ebm.puzzles.code.grammar.soft_ast import SoftAst
from latent_ebm.puzzles.code.relaxed.derivations import derivation
from latent_ebm.puzzles.code.relaxed.looking import Look, open_site
from latent_ebm.puzzles.code.relaxed.parts import Choice, Part

__all__ = ["expression_part"]


def expression_part(look: Look, hole: Site) -> Part:
    """The slots of an expression hole.

    Raises
    ------
    ValueError
        If no expression that can be written there has the type that is wanted.
    """
    node = open_site(look.context.program, hole.number).node
    assert isinstance(node, ast.expr)  # noqa: S101 - a site is a statement or an expression
    name = f"hole {hole.number + 1}"
    wanted = expected(look.context, node, look.results)
    terms = look.context.terms
    soft = SoftAst.at(look.wide, node, wanted if terms.types else ())
    if soft is None:
        raise ValueError(
            f"{name}, line {hole.node.lineno}: nothing that can be written there has a type of "
            f"{' or '.join(wanted)}"
        )
    decides = is_condition(look.context.program, node)
    flow = np.zeros_like(soft.prior)
    flow[0, :-1] = [
        flow_of_expression(s, is_condition=decides) if isinstance(s, Expression) else 0.0
        for s in soft.symbols
    ]
    allowed = np.isfinite(soft.prior)
    visible = look.context.names.at(node).keys()
    start, end = look.program.span(hole.node)
    level = look.context.program.demanded(node)

    def edit(values: Sequence[int]) -> Edit:
        new = soft.expression(tuple(values))
        text, line = new.within(level), hole.node.lineno
        cost = flow_of_expression(new, is_condition=decides) if terms.flow else 0.0
        return Edit(start, end, text, new.cost, "fill", line, type=new.type, flow=cost)

    return Part(
        name,
        tuple(_slots(name, soft)),
        soft.trees,
        soft.symbols,
        tuple(s.text if isinstance(s, Expression) else s.template for s in soft.symbols),
        allowed,
        {"prior": np.where(allowed, -soft.prior, 0.0), **({"flow": flow} if terms.flow else {})},
        tuple(
            ", ".join(sorted(s.names - visible)) if isinstance(s, Expression) else ""
            for s in soft.symbols
        ),
        edit,
        lambda text: derivation(soft, allowed, text),
        {"flow": [*_idempotent(soft, decides)] if terms.flow else []},
    )


def _slots(name: str, soft: SoftAst) -> Iterator[str]:
    """``hole 1``, ``hole 1.2`` for its second operand, ``hole 1.2.1`` for that one's first."""
    names = [name]
    for parent, position in soft.trees.parents[1:].tolist():
        names.append(f"{names[parent]}.{position + 1}")
    yield from names


def _idempotent(soft: SoftAst, decides: bool) -> Iterator[tuple[tuple[Choice, ...], float]]:
    """Operations of an atom with itself at the root whose result is known."""
    left, right = soft.trees.children[0].tolist()
    expects = soft.trees.grammar.expects
    kinds = soft.trees.grammar.results
    atoms = [(a, s) for a, s in enumerate(soft.symbols) if isinstance(s, Expression)]
    for at, symbol in enumerate(soft.symbols):
        if not isinstance(symbol, Production) or symbol.head not in IDEMPOTENT:
            continue
        for a, atom in atoms:
            if expects[at, 0, kinds[a]] and expects[at, 1, kinds[a]]:
                whole = symbol.apply((atom, atom))
                cost = flow_of_expression(whole, is_condition=decides)
                if cost:
                    yield ((0, at), (left, a), (right, a)), cost
