"""Factors in CP-SAT's own forms, over integer expressions for whole variables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from latent_ebm.exact.clauses import Factor, live_rows
from latent_ebm.exact.literals import FALSE
from latent_ebm.kernels.factors import Kind, Operator

if TYPE_CHECKING:
    from latent_ebm.exact.cpsat import Model

LARGEST_RELATION = 40
"""Ordered pairs of variables with more states than this are linear, not clauses."""


class NativeForms:
    """Adds tables, automata and wide ordering pairs to a model.

    Integer variables are made for the variables that need one, and tied to their literals.
    CP-SAT's own element constraint is left alone: in 9.15 it aborts the process on some models
    whose result also stands in the array.
    """

    def __init__(self, model: Model) -> None:
        self._model = model
        self._integers: dict[int, Any] = {}

    def add(self, factor: Factor) -> bool:
        """Add an unconditional factor; False if it has no better form than the general one."""
        add = {
            Kind.TABLE: self._add_table,
            Kind.REGULAR: self._add_automaton,
            Kind.RELATION: self._add_relation,
        }.get(factor.kind)
        # no expression stands for a variable without a live state
        return add is not None and bool(factor.live.any(axis=1).all()) and add(factor)

    def _add_table(self, factor: Factor) -> bool:
        rows = live_rows(factor).tolist()
        if not rows:
            return False
        self._model.proto.add_allowed_assignments(self._expressions(factor), rows)
        return True

    def _add_automaton(self, factor: Factor) -> bool:
        states, start = factor.parameters[:2].tolist()
        accepting = np.flatnonzero(factor.parameters[2 : 2 + states] > 0).tolist()
        table = factor.parameters[2 + states :].reshape(states, -1)
        arcs = [(s, a, int(table[s, a])) for s, a in np.argwhere(table >= 0).tolist()]
        if not accepting or not arcs or not len(factor.literals):
            return False
        self._model.proto.add_automaton(self._expressions(factor), start, accepting, arcs)
        return True

    def _add_relation(self, factor: Factor) -> bool:
        operator, offset = Operator(int(factor.parameters[0])), int(factor.parameters[1])
        ordering = operator in (Operator.LESS, Operator.AT_MOST)
        if not ordering or factor.live.sum(axis=1).max() <= LARGEST_RELATION:
            return False
        first, second = self._expressions(factor)
        strict = int(operator is Operator.LESS)
        self._model.proto.add(first + strict <= second + offset)
        return True

    def _expressions(self, factor: Factor) -> list[Any]:
        """The position of each block as an affine expression."""
        first = factor.members[:, 0] // factor.members.shape[1]
        return [
            self._expression(int(variable), literals)
            for variable, literals in zip(first, factor.literals.tolist(), strict=True)
        ]

    def _expression(self, variable: int, literals: list[int]) -> Any:
        live = [a for a, literal in enumerate(literals) if literal != FALSE]
        if len(live) == 1:
            return self._model.proto.new_constant(live[0])
        if len(live) == 2:
            return live[0] + (live[1] - live[0]) * self._model.of(literals[live[1]])
        if variable not in self._integers:
            self._integers[variable] = self._tied(live, literals)
        return self._integers[variable]

    def _tied(self, live: list[int], literals: list[int]) -> Any:
        proto = self._model.proto
        from ortools.sat.python import cp_model

        integer = proto.new_int_var_from_domain(cp_model.Domain.from_values(live), "")
        for a in live:
            literal = self._model.of(literals[a])
            proto.add(integer == a).only_enforce_if(literal)
            proto.add(integer != a).only_enforce_if(~literal)
        return integer
