"""Soft domains: the least weight by brute force, anytime answers, the competition's form."""

import subprocess
import sys
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import latent_ebm
from latent_ebm.energies.domain import HardDomain, SoftDomain
from latent_ebm.energies.landscape import Landscape
from latent_ebm.energies.linear import OPEN, Linear
from latent_ebm.energies.space import Space
from latent_ebm.exact import cpsat
from latent_ebm.exact.outcome import Verdict
from latent_ebm.kernels.structure import Csr
from latent_ebm.puzzles.wcnf import Wcnf
from latent_ebm.relaxation import Relaxation
from latent_ebm.solution import Status

literals = st.integers(1, 4).flatmap(lambda v: st.sampled_from([v, -v]))
clauses = st.lists(literals, min_size=1, max_size=3)
weighted = st.tuples(st.sampled_from([1, 2, 7, 10**12]), clauses)


def formula(hard, soft):
    lines = [f"h {' '.join(map(str, clause))} 0" for clause in hard]
    lines += [f"{weight} {' '.join(map(str, clause))} 0" for weight, clause in soft]
    return Wcnf.parse("\n".join(["h 4 -4 0", *lines]) + "\n")


def least(problem):
    """The least cost over all assignments that the hard clauses allow, or None."""
    assignments = map(np.array, product((0, 1), repeat=4))
    return min((problem.cost(v) for v in assignments if problem.verify(v)), default=None)


@given(st.lists(clauses, max_size=6), st.lists(weighted, max_size=8))
@settings(max_examples=60, deadline=None)
def test_hybrid_finds_the_least_weight_and_proves_it(hard, soft):
    problem = formula(hard, soft)
    solution = latent_ebm.solve(problem, strategy="hybrid", max_steps=50)
    right = least(problem)
    if right is None:
        assert solution.status is Status.INFEASIBLE
        return
    assert solution.solved
    assert problem.cost(solution.values) == right
    assert solution.energy == float(right)
    assert solution.optimal is (True if problem.landscape.soft else None)


def test_a_proof_holds_beside_weights_that_doubles_cannot_tell_apart():
    problem = formula([[2]], [(1, [-2]), (1, [1, -1]), (10**12, [1])])
    solution = latent_ebm.solve(problem, strategy="hybrid", max_steps=50)
    assert (solution.energy, solution.optimal) == (1.0, True)


@given(st.lists(clauses, max_size=6), st.lists(weighted, min_size=1, max_size=8))
@settings(max_examples=30, deadline=None)
def test_energy_never_claims_less_than_there_is(hard, soft):
    problem = formula(hard, soft)
    seen = []
    solution = latent_ebm.solve(problem, max_steps=300, on_improvement=seen.append)
    right = least(problem)
    assert solution.status in (Status.SOLVED, Status.UNKNOWN)
    if solution.solved:
        assert problem.cost(solution.values) >= right
        assert solution.energy == float(problem.cost(solution.values))
        assert not solution.optimal or solution.energy == 0
        costs = [problem.cost(one.values) for one in seen]
        assert costs == sorted(set(costs), reverse=True)
        # a formula whose soft clauses are all tautologies has no soft domain
        assert costs[-1:] == ([problem.cost(solution.values)] if problem.landscape.soft else [])


def test_soft_clauses_that_conflict_leave_a_problem_satisfiable():
    solution = latent_ebm.solve(formula([[1]], [(3, [-1]), (2, [2]), (1, [-2])]), max_steps=4_000)
    assert solution.solved
    assert solution.energy == 4
    assert "broken soft factors weigh 4, not proved the least" in str(solution)


def sums():
    """Three digits that add up to 5, and should be small, at fractional prices."""
    rows, digits = Csr.from_rows([[0, 1, 2]]), np.tile(np.arange(4), (3, 1))
    total = Linear(rows, digits, np.array([5]), np.array([5]), 4, ("total",))
    small = [
        SoftDomain(
            f"x{v} small",
            (Linear(Csr.from_rows([[v]]), digits[:1], np.array([-OPEN]), np.array([v]), 4, ("",)),),
            (v + 1) / 10,
        )
        for v in range(3)
    ]
    space = Space.full(list("abc"), list("0123"))
    return Landscape(space, (HardDomain("total", (total,)),), tuple(small))


def test_factors_of_other_kinds_and_fractional_weights_are_weighed():
    relaxed = Relaxation(sums())
    outcome = cpsat.solve(
        relaxed.landscape.factors, relaxed.landscape.space.mask, weights=relaxed.weights
    )
    allowed = [v for v in product(range(4), repeat=3) if sum(v) == 5]
    right = min(relaxed.price(np.array(v)) for v in allowed)
    assert outcome.objective == outcome.bound == right == relaxed.price(outcome.values[:3])
    assert right / relaxed.denominator == pytest.approx(0.1)


def test_a_hint_outside_of_the_mask_is_dropped():
    mask = np.array([[1, 1, 0, 0], [1, 0, 0, 0], [1, 1, 1, 1]], np.bool_)
    table = sums().factors
    hint = np.array([2, 1, 2], np.int16)
    assert cpsat.solve(table, mask, scores=hint).verdict is not Verdict.UNKNOWN


@pytest.mark.parametrize(
    ("strategy", "text", "answer", "code"),
    [
        ("hybrid", "h 1 0\n3 -1 0\n2 2 0\n", ["o 3", "s OPTIMUM FOUND", "v 1 2 0"], 30),
        ("hybrid", "h 1 0\nh -1 0\n3 2 0\n", ["s UNSATISFIABLE"], 20),
        ("energy", "h 1 0\n3 -1 0\n2 2 0\n", ["o 3", "s SATISFIABLE", "v 1 2 0"], 10),
    ],
)
def test_weighted_formulas_are_answered_as_competitions_ask(strategy, text, answer, code, tmp_path):
    path = tmp_path / "a.wcnf"
    path.write_text(text)
    command = [sys.executable, "-m", "latent_ebm.cli.main", "solve", str(path)]
    options = ["--strategy", strategy, "--max-steps", "3000"]
    done = subprocess.run([*command, *options], capture_output=True, text=True, check=False)
    lines = [line for line in done.stdout.splitlines() if not line.startswith("c ")]
    kept = [line for line in lines if not line.startswith("o ")]
    last = [line for line in lines if line.startswith("o ")][-1:]
    assert [*last, *kept] == answer
    assert done.returncode == code
