"""Objective against time: the energy strategy, the hybrid one and CP-SAT on random problems.

    python benchmarks/anytime.py --limit 10

Weighted MaxSAT (hard and soft 3-clauses, weights 1 to 9), assignments (a permutation of least
cost), knapsacks (one or five capacities of a third of all weight), weighted colourings (each vertex
has a cost for each colour; a proper colouring is hidden), all uniformly random from --seed. CP-SAT
has the natural model, through CPMpy or, for formulas, OR-Tools itself. Two workers or chains each.
Prints the best objective (smaller is better; knapsacks: larger) at a tenth, a third and all of the
limit, seconds with translation and without the loading of kernels; ``*`` where proved best.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass, field

import cpmpy as cp
import numpy as np

import latent_ebm
from latent_ebm.exact.outcome import Clock
from latent_ebm.modelling import register_cpmpy
from latent_ebm.modelling.natural import NaturalModel
from latent_ebm.modelling.solver import CPM_latent_ebm
from latent_ebm.puzzles.wcnf import Wcnf

SHARES = (0.1, 1 / 3, 1.0)


@dataclass
class Curve:
    """Objectives as they were reached, with the seconds."""

    limit: float
    clock: Clock = field(default_factory=lambda: Clock(None))
    points: list[tuple[float, int]] = field(default_factory=list)
    proved: bool = False

    def note(self, objective: float) -> None:
        """Another one, now."""
        self.points.append((self.clock.spent, int(objective)))

    def __str__(self) -> str:
        cells = []
        for share in SHARES:
            reached = [o for seconds, o in self.points if seconds <= share * self.limit * 1.1]
            cells.append(f"{reached[-1]:,}" if reached else "-")
        return ", ".join(cells) + (" *" if self.proved else "")


def formula(rng, variables, hard, soft):
    lines = []
    for c in range(hard + soft):
        literals = (rng.choice(variables, 3, replace=False) + 1) * rng.choice([-1, 1], 3)
        head = "h" if c < hard else str(rng.integers(1, 10))
        lines.append(f"{head} {' '.join(map(str, literals))} 0")
    return Wcnf.parse("\n".join(lines) + "\n")


def knapsack(rng, items, capacities):
    taken = cp.boolvar(shape=items)
    model = cp.Model(maximize=cp.sum(rng.integers(5, 100, items) * taken))
    for _ in range(capacities):
        weights = rng.integers(5, 100, items)
        model += cp.sum(weights * taken) <= int(weights.sum()) // 3
    return model


def assignment(rng, n):
    costs, x = rng.integers(1, 1_000, (n, n)), cp.intvar(0, n - 1, shape=n)
    total = cp.sum([cp.Element(row.tolist(), x[i]) for i, row in enumerate(costs)])
    return cp.Model(cp.AllDifferent(x), minimize=total)


def colouring(rng, vertices, degree=12, colours=6):
    x, hidden = cp.intvar(0, colours - 1, shape=vertices), rng.integers(colours, size=vertices)
    costs = rng.integers(1, 100, (vertices, colours))
    total = cp.sum([cp.Element(row.tolist(), x[i]) for i, row in enumerate(costs)])
    pairs = rng.integers(vertices, size=(vertices * degree, 2))
    pairs = pairs[hidden[pairs[:, 0]] != hidden[pairs[:, 1]]][: vertices * degree // 2]
    return cp.Model([x[i] != x[j] for i, j in pairs.tolist()], minimize=total)


PROBLEMS: dict[str, Callable[[np.random.Generator], Wcnf | cp.Model]] = {
    "MaxSAT, 1,000 soft, 600 hard, 400 variables": lambda r: formula(r, 400, 600, 1_000),
    "MaxSAT, 4,000 soft, 1,000 hard, 1,000 variables": lambda r: formula(r, 1_000, 1_000, 4_000),
    "MaxSAT, 10,000 soft, 3,000 hard, 2,500 variables": lambda r: formula(r, 2_500, 3_000, 10_000),
    "MaxSAT, 10,000 soft, 15,000 hard, 5,000 variables": lambda r: formula(r, 5_000, 15_000, 10**4),
    "assignment, 60": lambda r: assignment(r, 60),
    "assignment, 150": lambda r: assignment(r, 150),
    "knapsack, 1,000 items (larger is better)": lambda r: knapsack(r, 1_000, 1),
    "knapsack, 10,000 items": lambda r: knapsack(r, 10_000, 1),
    "knapsack, 2,000 items, 5 capacities": lambda r: knapsack(r, 2_000, 5),
    "colouring, 1,000 vertices": lambda r: colouring(r, 1_000),
}  # fmt: skip


def ours(problem, strategy: str, limit: float, seed: int) -> Curve:
    curve = Curve(limit)
    if isinstance(problem, Wcnf):
        answer = latent_ebm.solve(
            problem, strategy=strategy, time_limit=limit, seed=seed,
            on_improvement=lambda solution: curve.note(solution.energy),
        )  # fmt: skip
        curve.proved = bool(answer.optimal)
        return curve
    solver = CPM_latent_ebm(problem, strategy)
    solver.solve(
        time_limit=max(limit - curve.clock.spent, 0.1), seed=seed,
        solution_callback=lambda s: curve.note(s.objective_value()),
    )  # fmt: skip
    curve.proved = solver.status().exitstatus.name == "OPTIMAL"
    return curve


def theirs(problem, limit: float, seed: int) -> Curve:
    curve = Curve(limit)
    if isinstance(problem, Wcnf):
        curve.proved = _formula_by_cpsat(problem, curve, limit, seed)
        return curve
    sign = 1 if problem.objective_is_min else -1
    user = CPM_latent_ebm(cp.Model(problem.constraints), "energy")
    user._know(problem.objective_)
    natural = NaturalModel(user.native_model, sign * problem.objective_)

    def found(solution) -> None:
        for variable, value in solution.items():
            variable._value = value
        curve.note(problem.objective_.value())

    curve.clock = Clock(None)
    curve.proved = natural.solve(time_limit=limit, seed=seed, found=found).proved
    return curve


def _formula_by_cpsat(problem: Wcnf, curve: Curve, limit: float, seed: int) -> bool:
    from ortools.sat.python import cp_model

    model = cp_model.CpModel()
    x = [model.new_bool_var("") for _ in range(problem.hard.num_variables)]
    price = []
    for clauses, weights in ((problem.hard, None), (problem.soft, problem.weights)):
        for c in range(clauses.num_clauses):
            literals = [x[v - 1] if v > 0 else ~x[-v - 1] for v in clauses.clause(c).tolist()]
            if weights is not None:
                broken = model.new_bool_var("")
                price.append(int(weights[c]) * broken)
                literals.append(broken)
            model.add_bool_or(literals)
    model.minimize(sum(price))

    class Report(cp_model.CpSolverSolutionCallback):
        def on_solution_callback(self) -> None:
            curve.note(self.objective_value)

    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 2
    solver.parameters.max_time_in_seconds = limit
    solver.parameters.random_seed = seed
    return solver.solve(model, Report()) == cp_model.OPTIMAL


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--limit", type=float, default=10.0, help="seconds for each")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", default="", help="problems whose names have this")
    options = parser.parse_args()
    register_cpmpy()
    limit, seed = options.limit, options.seed
    print("| problem | energy | hybrid | CP-SAT |\n|---|---|---|---|")
    for name, make in PROBLEMS.items():
        if options.only not in name:
            continue
        problem = make(np.random.default_rng(seed))
        cells = [ours(problem, strategy, limit, seed) for strategy in ("energy", "hybrid")]
        cells.append(theirs(problem, limit, seed))
        print(f"| {name} | {' | '.join(map(str, cells))} |", flush=True)


if __name__ == "__main__":
    main()
