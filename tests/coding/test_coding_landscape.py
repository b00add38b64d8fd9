"""Descent on the landscape of a program alone, with tests that steer and decide."""

import pytest

import latent_ebm

QUICK = {"workers": 1, "max_executions": 800, "strategy": "landscape"}
TESTS = [{"args": [[1, 5, 2]], "expected": 5}, {"args": [[4, 3]], "expected": 4}]


@pytest.mark.parametrize("seed", range(2))
def test_a_toy_hole_is_filled_by_descent_on_its_landscape(seed):
    tests = [{"args": [n], "expected": 2 * n} for n in (3, 4, 7)]
    answer = latent_ebm.fill("def double(n):\n    return ...\n", tests, seed=seed, **QUICK)
    assert answer.solved
    assert answer.engine == "landscape"
    assert answer.after.prior > 0
    problem = answer.problem
    found = problem.energies(problem.values(answer.text))
    assert found["syntax and types"] == 0.0


def test_a_program_is_repaired_by_descent_over_locations_and_edits():
    text = """def largest(items):
    best = items[0]
    for item in items:
        if item < best:
            best = item
    return best
"""
    answer = latent_ebm.repair(text, TESTS, **{**QUICK, "max_executions": 60})
    assert answer.solved
    assert "item > best" in answer.text


def test_the_same_seed_gives_the_same_answer():
    tests = [{"args": [a, b], "expected": a * b} for a, b in ((3, 5), (2, 2), (4, 1))]
    answers = [
        latent_ebm.fill("def area(a, b):\n    return ...\n", tests, seed=5, **QUICK)
        for _ in range(2)
    ]
    assert answers[0].text == answers[1].text
    assert answers[0].executions == answers[1].executions
