"""Weighted SAT: clauses as they are; CP-SAT also minimises the weights of soft ones that fail."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from latent_ebm.bench.models.clauses import Encoding
from latent_ebm.bench.models.exact_cover import Chosen


def _rows(formula: Any) -> list[list[int]]:
    literals, offsets = formula.literals.tolist(), formula.offsets.tolist()
    return [literals[a:b] for a, b in pairwise(offsets)]


def cpsat(problem: Any, model: Any) -> list[Any]:
    """``add_bool_or``; a soft clause has a literal more, which costs its weight."""
    variables = [model.new_bool_var("") for _ in range(len(problem.mask))]

    def literals(clause: list[int]) -> list[Any]:
        return [variables[v - 1] if v > 0 else ~variables[-v - 1] for v in clause]

    for clause in _rows(problem.hard):
        model.add_bool_or(literals(clause))
    costs = []
    for clause, weight in zip(_rows(problem.soft), problem.weights.tolist(), strict=True):
        failed = model.new_bool_var("")
        model.add_bool_or([*literals(clause), failed])
        costs.append(weight * failed)
    model.minimize(sum(costs))
    return variables


def clauses(problem: Any) -> Encoding:
    """The hard clauses alone."""
    return Chosen(len(problem.mask), 2, _rows(problem.hard))
