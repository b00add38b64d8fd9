"""Random instances of every family against the same plain definitions."""

import brute_force as build
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from lowered import lowered_holds

from latent_ebm.kernels.factors import Operator

N, K = 4, 3
"""The last variable is kept for guards."""


def rows(items, least=1, most=3):
    return st.lists(st.integers(0, items - 1), min_size=least, max_size=most, unique=True)


def some(factor):
    return st.lists(factor, min_size=1, max_size=3)


ENTRY_ROWS = rows((N - 1) * K, most=5)
VARIABLE_ROWS = rows(N - 1)
SMALL = st.integers(-4, 4)
STATES = st.integers(0, K - 1)


@st.composite
def bounded_set(draw):
    row = draw(ENTRY_ROWS)
    low, high = sorted((draw(st.integers(-1, len(row))), draw(st.integers(0, len(row) + 1))))
    return row, low, high


@st.composite
def literals(draw):
    return [(entry, draw(st.sampled_from([1, -1]))) for entry in draw(ENTRY_ROWS)]


@st.composite
def rule(draw):
    row = draw(ENTRY_ROWS)
    cut = draw(st.integers(0, len(row)))
    return row[:cut], row[cut:]


@st.composite
def bounded_sum(draw):
    """Bounds that at least one assignment meets."""
    row = draw(VARIABLE_ROWS)
    weights = [draw(st.lists(SMALL, min_size=K, max_size=K)) for _ in row]
    met = sum(draw(st.sampled_from(states)) for states in weights)
    below = draw(st.one_of(st.integers(0, 3), st.just(build.OPEN + met)))
    above = draw(st.one_of(st.integers(0, 3), st.just(build.OPEN - met)))
    return row, weights, met - below, met + above


@st.composite
def tuples(draw):
    row = draw(VARIABLE_ROWS)
    one = st.tuples(*[STATES] * len(row))
    return row, [list(t) for t in draw(st.lists(one, min_size=1, max_size=6, unique=True))]


@st.composite
def automaton(draw):
    """One that accepts at least the word drawn."""
    row, states = draw(VARIABLE_ROWS), draw(st.integers(1, 3))
    following = st.integers(-1, states - 1)
    transitions = [draw(st.lists(following, min_size=K, max_size=K)) for _ in range(states)]
    accepting = draw(st.lists(st.sampled_from([0, 1]), min_size=states, max_size=states))
    start = state = draw(st.integers(0, states - 1))
    for _ in row:
        a = draw(STATES)
        transitions[state][a] = max(transitions[state][a], 0)
        state = transitions[state][a]
    accepting[state] = 1
    return row, (start, accepting, transitions)


@st.composite
def comparison(draw):
    first, second = draw(rows(N - 1, 2, 2))
    operator = draw(st.sampled_from(list(Operator)))
    least = {Operator.LESS: 2 - K, Operator.AT_MOST: 1 - K, Operator.EQUAL: 1 - K}.get(operator, -K)
    most = K - 1 if operator is Operator.EQUAL else K + 1
    return first, operator, second, draw(st.integers(least, most))


@st.composite
def access(draw):
    """The first index that the array has reaches an item that can be the result."""
    index, result, *array = draw(rows(N, 3, N))
    origins = [draw(st.integers(-2, 0)), *(draw(st.integers(-1, 1)) for _ in array)]
    return index, array, result, [*origins, origins[1 + max(origins[0], 0)]]


def maybe_guarded(case):
    guards = st.lists(
        st.integers((N - 1) * K, N * K - 1),
        min_size=case.family.count,
        max_size=case.family.count,
    )
    return st.one_of(st.just(case), guards.map(lambda drawn: build.conditional(case, drawn)))


FAMILIES = {
    "exactly one": (build.exactly_one, some(ENTRY_ROWS)),
    "at most one": (build.at_most_one, some(ENTRY_ROWS)),
    "cardinality": (build.cardinality, some(bounded_set())),
    "clauses": (build.clauses, some(literals())),
    "implications": (build.implied, some(rule())),
    "different": (build.different, some(VARIABLE_ROWS)),
    "linear": (build.linear, some(bounded_sum())),
    "table": (build.table, some(tuples())),
    "regular": (build.regular, some(automaton())),
    "relation": (build.relation, some(comparison())),
    "element": (build.element, some(access())),
    "trees": (build.random_trees, st.integers(0, 2**32)),
}


@pytest.mark.parametrize("name", FAMILIES)
@given(st.data())
@settings(max_examples=40, deadline=None)
def test_random_factors_agree_with_their_plain_definition(name, data):
    make, drawn = FAMILIES[name]
    case = make(data.draw(drawn), N, K)
    if name != "element":
        case = data.draw(maybe_guarded(case))
    values = build.all_assignments(N, K)
    expected = case.expected(values)
    assert np.array_equal(case.family.check(values), expected)
    energy = case.family.energy(build.corners(values, K)).numpy()
    assert np.array_equal(energy == 0, expected)
    assert (energy >= 0).all()
    lowered = case.family.factors()
    each = lowered.count // case.family.count
    for v, holds in zip(values.tolist()[::5], expected[::5], strict=True):
        found = np.array([lowered_holds(lowered, f, v) for f in range(lowered.count)])
        assert np.array_equal(found.reshape(-1, each).all(axis=1), holds)


@pytest.mark.parametrize("name", FAMILIES)
@given(st.data())
@settings(max_examples=25, deadline=None)
def test_random_projections_are_the_best_feasible_points(name, data):
    make, drawn = FAMILIES[name]
    case = make(data.draw(drawn), N, K)
    if name != "element":
        case = data.draw(maybe_guarded(case))
    seed = data.draw(st.integers(0, 2**31))
    scores = np.random.default_rng(seed).normal(0.4, 0.6, (1, N, K))
    found = case.family.project(torch.from_numpy(scores)).numpy()[0]
    for f in range(case.family.count):
        points = list(build.local_points(case, f))
        assert found[f].tolist() in points
        best = max(build.worth(case, f, p, scores[0]) for p in points)
        assert build.worth(case, f, found[f], scores[0]) == pytest.approx(best, abs=1e-9)
