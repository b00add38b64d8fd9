"""Logic grids: all different in every category, and the clues as relations of positions."""

from __future__ import annotations

from typing import Any

from latent_ebm.bench.models.clauses import Encoding
from latent_ebm.bench.models.latin import cells


def _categories(problem: Any) -> list[list[int]]:
    k = problem.positions
    return [list(range(a, a + k)) for a in range(0, len(problem.items), k)]


def cpsat(problem: Any, model: Any) -> list[Any]:
    """All different; equalities, inequalities, and a distance of one for neighbours."""
    positions = cells(problem, model)
    for category in _categories(problem):
        model.add_all_different([positions[i] for i in category])
    for clue in problem.clues:
        if clue.relation in ("at", "not-at"):
            continue  # in the domains
        a, b = positions[clue.first], positions[clue.second]
        if clue.relation == "next-to":
            distance = model.new_int_var_from_domain(_one_apart(), "")
            model.add(a - b == distance)
        else:
            model.add(
                {
                    "same": a == b,
                    "not-same": a != b,
                    "left-of": a < b,
                    "directly-left-of": a + 1 == b,
                }[clue.relation]
            )
    return positions


def _one_apart() -> Any:
    from ortools.sat.python import cp_model

    return cp_model.Domain.from_values([-1, 1])


def clauses(problem: Any) -> Encoding:
    """One position each; the pairs of positions that a clue forbids."""
    k = problem.positions
    encoding = Encoding(len(problem.items), k)
    encoding.restrict(problem.mask)
    for category in _categories(problem):
        encoding.different(category)
    for clue in problem.clues:
        if clue.relation in ("at", "not-at"):
            continue
        encoding.clauses += [
            [-encoding.entry(clue.first, a), -encoding.entry(clue.second, b)]
            for a in range(k)
            for b in range(k)
            if not _allowed(clue.relation, a, b)
        ]
    return encoding


def _allowed(relation: str, a: int, b: int) -> bool:
    return {
        "same": a == b,
        "not-same": a != b,
        "next-to": abs(a - b) == 1,
        "left-of": a < b,
        "directly-left-of": a + 1 == b,
    }[relation]
