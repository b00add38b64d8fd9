"""Programs as ordinary problems: their space, domains, couplings, and the way to texts and back."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from latent_ebm import CodeProblem, repair
from latent_ebm.decoders.derivations import k_best
from latent_ebm.dynamics.gradient_flow import GradientFlow
from latent_ebm.dynamics.protocol import Place
from latent_ebm.energies.coupling import Rule
from latent_ebm.kernels.dispatch import tree_inside
from latent_ebm.loop import Budget, Stage, descend
from latent_ebm.puzzles.problem import Problem

TESTS = [{"args": [[1, 5, 2]], "expected": 5}, {"args": [[4, 3]], "expected": 4}]
DOUBLE = "def double(n):\n    return ...\n"
SUM = """def total(items):
    \"\"\"Of the positive ones.\"\"\"
    found = 0
    for item in items:
        if ...:
            ...
    return math.floor(found)
"""
IMPORTED = "import math\n\n\n"
QUEUED = """import math


def first(items):
    waiting = ...
    return waiting.popleft()
"""
LARGEST = """def largest(items):
    best = items[0]
    for item in items:
        if item < best:
            best = item
    return best
"""
SCOPED = """def f(words, n):
    first = words[0]
    if ...:
        return first
    last = words[-1]
    size = len(last)
    return last if n < size else first
"""


@pytest.fixture(scope="module")
def double():
    return CodeProblem.of(DOUBLE, [{"args": [3], "expected": 6}, {"args": [4], "expected": 8}])


@pytest.fixture(scope="module")
def positive():
    tests = [{"args": [[1, 5, -2]], "expected": 6}, {"args": [[4, -3]], "expected": 4}]
    return CodeProblem.of(SUM, tests)


@pytest.fixture(scope="module")
def queued():
    return CodeProblem.of(QUEUED, [{"args": [[3, 1]], "expected": 3}])


@pytest.fixture(scope="module")
def largest():
    return CodeProblem.of(LARGEST, TESTS)


@pytest.fixture(scope="module")
def scoped():
    tests = [
        {"args": [["ab", "c"], 3], "expected": "ab"},
        {"args": [["a", "bc"], 0], "expected": "bc"},
    ]
    return CodeProblem.of(SCOPED.replace("...", "n > 2"), tests)


def energy(problem, values):
    x = torch.tensor(problem.landscape.space.one_hot(values[None]))
    return float(problem.landscape.energy(x)[0])


def test_a_program_is_a_problem_with_a_landscape(double):
    assert isinstance(double, Problem)
    landscape = double.landscape
    assert landscape is double.landscape
    assert [domain.name for domain in landscape.hard] == ["syntax and types", "imports"]
    assert [domain.name for domain in landscape.soft] == ["prior", "flow"]
    assert landscape.space.variables[:3] == ("hole 1", "hole 1.1", "hole 1.2")
    assert CodeProblem.masks([double]).shape == (1, *landscape.space.shape)
    assert not CodeProblem.clashing([double])[0]


@pytest.mark.parametrize("text", ["n + n", "n * 2", "abs(n + n)", "n", "max(n, 1)"])
def test_texts_and_states_are_the_same_thing(double, text):
    program = DOUBLE.replace("...", text)
    values = double.values(program)
    assert double.landscape.check(values[None])[0]
    assert double.render(values) == double.encode(values) == program
    assert not double.landscape.violations(values)


def test_a_text_outside_of_the_space_has_no_states(double):
    assert double.values(DOUBLE.replace("...", "unknown_name")) is None
    assert double.values(DOUBLE.replace("...", "n +")) is None
    assert double.values("x = 1\n") is None


def test_the_energy_is_the_sum_of_the_domains(double):
    values = double.values(DOUBLE.replace("...", "n - n"))
    found = double.energies(values)
    assert found["syntax and types"] == 0.0
    assert found["prior"] > 0
    assert found["flow"] == 3.0
    assert energy(double, values) == pytest.approx(sum(found.values()), rel=1e-5)


def test_the_energies_of_a_patch_are_those_of_its_report(largest):
    answer = repair(LARGEST, TESTS, workers=1, time_limit=20.0)
    found = largest.energies(largest.values(answer.text))
    assert {name: found[name] for name in ("prior", "types", "flow")} == pytest.approx(
        {name: answer.after.as_json()[name] for name in ("prior", "types", "flow")}, abs=1e-6
    )


def test_ill_typed_fillings_are_refused_and_cannot_be_written_out(double):
    values = double.values(DOUBLE.replace("...", "n + n"))
    plus = values[0]
    values[1] = plus  # what adds nothing to nothing
    assert not double.landscape.check(values[None])[0]
    assert energy(double, values) > 50
    with pytest.raises(ValueError, match=r"no program: hole 1: hole 1.1.1 under .* found nothing"):
        double.render(values)
    with pytest.raises(ValueError, match=f"{len(values)} variables; found values"):
        double.render(values[:3])


def test_names_out_of_scope_break_their_domain_and_presolve_removes_them(scoped):
    landscape = scoped.landscape
    text = scoped.text.replace("n > 2", "n > size")
    values = scoped.values(text)
    assert scoped.energies(values)["scope"] == 1.0
    assert not landscape.check(values[None])[0]
    assert "is not bound there" in landscape.violations(values)[0]
    left = landscape.presolve(landscape.space.mask[None], Rule.SINGLES)
    assert not left.contradiction[0]
    assert landscape.space.mask[1, values[1]]
    assert not left.mask[0, 1, values[1]]


def test_a_module_that_is_read_brings_its_import(positive):
    landscape = positive.landscape
    at = landscape.space.variables.index("import math")
    filled = SUM.replace("if ...", "if item > 0").replace("...", "found += item")
    values = positive.values(filled)
    assert positive.energies(values)["imports"] == 1.0
    assert "the program reads math" in landscape.violations(values)[0]
    left = landscape.presolve(landscape.space.mask[None], Rule.SINGLES).mask[0, at]
    states = [landscape.space.states[state] for state in np.flatnonzero(left)]
    assert states == ["imported"]
    right = positive.values(IMPORTED + filled)
    assert right is not None
    assert landscape.check(right[None])[0]
    assert positive.render(right) == IMPORTED + filled


def test_a_member_of_a_module_brings_its_import(queued):
    landscape = queued.landscape
    line = "from collections import deque"
    at = landscape.space.variables.index(line)
    filled = QUEUED.replace("...", "deque(items)")
    alone = queued.values(filled)
    assert queued.energies(alone)["imports"] == 1.0
    assert f"needs {line}" in landscape.violations(alone)[0]
    mask = landscape.space.mask.copy()
    mask[:at] = landscape.space.one_hot(alone[None])[0, :at] > 0
    left = landscape.presolve(mask[None], Rule.SINGLES).mask[0, at]
    assert [landscape.space.states[state] for state in np.flatnonzero(left)] == ["imported"]
    whole = filled.replace("import math\n", f"import math\n{line}\n")
    values = queued.values(whole)
    assert landscape.check(values[None])[0]
    assert queued.render(values) == whole
    assert CodeProblem.verified([queued], values[None])[0]
    assert queued.render(queued.values(QUEUED.replace("...", "items"))).count("import") == 1


def test_a_repair_that_lacks_only_an_import_is_the_program_with_it():
    text = "def f(items):\n    return deque(items)\n"
    problem = CodeProblem.of(text, [{"args": [[1, 2]], "expected": [1, 2]}])
    landscape = problem.landscape
    assert "from collections import deque" in landscape.space.variables
    whole = "from collections import deque\n\n\n" + text
    values = problem.values(whole)
    assert landscape.space.states[values[0]] == "unchanged"
    assert landscape.check(values[None])[0]
    assert problem.render(values) == whole
    assert not landscape.check(problem.values(text)[None])[0]


def test_verified_is_what_the_tests_say(positive):
    right = SUM.replace("if ...", "if item > 0").replace("...", "found += item")
    wrong = right.replace("item > 0", "item < 0")
    values = np.stack([positive.values(IMPORTED + text) for text in (right, wrong)])
    assert positive.landscape.check(values).all()
    assert CodeProblem.verified([positive, positive], values).tolist() == [True, False]


def test_marginals_are_those_of_the_inside_outside_pass(double):
    family = double.landscape.hard[0].families[0]
    scores = torch.tensor(-double.relaxed.costs[None])
    potentials = family.log_potentials(scores)
    total, marginals = tree_inside(family.trees, potentials)
    assert torch.isfinite(total).all()
    assert torch.allclose(marginals.sum(dim=-1), torch.ones(1, 15, dtype=marginals.dtype))
    # the space of all derivations of one slot and of two levels is small enough to count
    best = k_best(family.trees, potentials[0].numpy(), 400)
    weights = np.exp([one.score for one in best])
    root = np.bincount([one.values[0] for one in best], weights, family.trees.shape[1])
    assert (marginals[0, 0].numpy() >= root / np.exp(float(total[0])) - 1e-6).all()


@pytest.mark.parametrize("seed", range(3))
def test_gradient_flow_on_the_landscape_alone_finds_a_well_typed_filling(positive, seed):
    landscape = positive.landscape
    mask = landscape.presolve(landscape.space.mask[None], Rule.SINGLES).mask
    flow = GradientFlow(chains=2)
    found = descend(
        landscape, mask, (Stage(flow),), place=Place(seed=seed), budget=Budget(max_steps=200)
    )
    assert found.solved[0]
    compile(positive.render(found.values[0]), "filled", "exec")
    assert not landscape.violations(found.values[0])


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_every_accepted_edit_parses_and_comes_back(largest, seed):
    generator = np.random.default_rng(seed)
    landscape = largest.landscape
    mask = landscape.presolve(landscape.space.mask[None], Rule.SINGLES).mask[0]
    content = int(generator.choice(np.flatnonzero(mask[1, :-1])))
    grammar = landscape.hard[0].families[0].trees.grammar
    location = int(np.flatnonzero(grammar.expects[:-1, 0, grammar.results[content]])[0])
    mask[:2] = False
    mask[[0, 1], [location, content]] = True
    settled = landscape.presolve(mask[None], Rule.SINGLES).mask[0]  # turns on what is imported
    values = settled.argmax(axis=1).astype(np.int16)
    assert landscape.check(values[None])[0]
    text = largest.render(values)
    again = largest.values(text)
    assert largest.render(again) == text
    assert largest.energies(again)["prior"] <= largest.energies(values)["prior"] + 1e-9
