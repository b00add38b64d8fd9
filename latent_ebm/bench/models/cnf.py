"""SAT: the clauses as they are."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from latent_ebm.bench.models.clauses import Encoding
from latent_ebm.bench.models.exact_cover import Chosen


def _rows(problem: Any) -> list[list[int]]:
    formula = problem.formula
    literals, offsets = formula.literals.tolist(), formula.offsets.tolist()
    return [literals[a:b] for a, b in pairwise(offsets)]


def cpsat(problem: Any, model: Any) -> list[Any]:
    """``add_bool_or`` for every clause."""
    variables = [model.new_bool_var("") for _ in range(len(problem.mask))]
    negated = [~variable for variable in variables]
    for clause in _rows(problem):
        model.add_bool_or([variables[v - 1] if v > 0 else negated[-v - 1] for v in clause])
    return variables


def clauses(problem: Any) -> Encoding:
    """The formula."""
    return Chosen(len(problem.mask), 2, _rows(problem))
