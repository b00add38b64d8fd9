"""Graph colouring: neighbours differ; the colours of a large clique are fixed beforehand."""

from __future__ import annotations

from typing import Any

from latent_ebm.bench.models.clauses import Encoding
from latent_ebm.puzzles.cliques import large_clique


def cpsat(problem: Any, model: Any) -> list[Any]:
    """An integer per vertex, not equal along edges, all different on a large clique."""
    vertices = [model.new_int_var(0, problem.colors - 1, "") for _ in range(problem.num_vertices)]
    for u, v in problem.edges.tolist():
        model.add(vertices[u] != vertices[v])
    clique = large_clique(problem.num_vertices, problem.edges)
    model.add_all_different([vertices[v] for v in clique])
    for color, v in enumerate(clique[: problem.colors]):
        model.add(vertices[v] == color)
    return vertices


def clauses(problem: Any) -> Encoding:
    """A literal per vertex and colour, at least one each, a clause per edge and colour."""
    encoding = Encoding(problem.num_vertices, problem.colors)
    for u, v in problem.edges.tolist():
        for a in range(problem.colors):
            encoding.clauses.append([-encoding.entry(u, a), -encoding.entry(v, a)])
    clique = large_clique(problem.num_vertices, problem.edges)
    for color, v in enumerate(clique[: problem.colors]):
        encoding.clauses.append([encoding.entry(v, color)])
    return encoding
