"""The landscape of a model has the solutions that CPMpy's own evaluation finds."""

import cpmpy as cp
import numpy as np
import pytest
from cpmpy.exceptions import NotSupportedError
from enumeration import by_cpmpy, by_landscape
from expressions import NUMBERS, TRUTHS, Maker
from hypothesis import given, reject, settings
from hypothesis import strategies as st

from latent_ebm.kernels.factors import Kind
from latent_ebm.modelling import CPM_latent_ebm

SEEDS = st.integers(0, 10**6)

EXAMPLES = 5
"""Of each kind of expression; benchmarks/cpmpy_fuzz.py runs as many as one likes."""


def made(make):
    """What ``make`` makes; an expression that CPMpy itself refuses is no test of ours."""
    try:
        return make()
    except (TypeError, cp.exceptions.TypeError, ZeroDivisionError):
        reject()


def holds_alike(*constraints) -> None:
    model = cp.Model(*constraints)
    try:
        wanted = by_cpmpy(model)
    except (TypeError, ZeroDivisionError):
        reject()
    assert by_landscape(model) == wanted


def landscape(*constraints):
    return CPM_latent_ebm(cp.Model(*constraints)).native_model.landscape


@pytest.mark.parametrize("kind", TRUTHS)
@given(seed=SEEDS)
@settings(max_examples=EXAMPLES)
def test_a_constraint_of_every_kind_has_cpmpys_solutions(kind, seed):
    maker = Maker(seed)
    holds_alike(made(lambda: getattr(maker, kind)(1)))


@pytest.mark.parametrize("kind", TRUTHS)
@given(seed=SEEDS)
@settings(max_examples=EXAMPLES)
def test_a_reified_constraint_of_every_kind_has_cpmpys_solutions(kind, seed):
    maker = Maker(seed)
    constraint = made(lambda: getattr(maker, kind)(0))
    holds_alike(maker.truths[0] == constraint)
    holds_alike(maker.truths[1].implies(constraint))
    holds_alike(~constraint)


@pytest.mark.parametrize("kind", NUMBERS)
@given(seed=SEEDS)
@settings(max_examples=EXAMPLES)
def test_a_function_of_every_kind_has_cpmpys_values(kind, seed):
    maker = Maker(seed)
    number = made(lambda: getattr(maker, kind)(1))
    other = maker.pick([maker.number(0), maker.constant()])
    holds_alike(made(lambda: number == other))
    holds_alike(made(lambda: maker.truths[0] == (number < other)))


@given(seed=SEEDS)
@settings(max_examples=20 * EXAMPLES)
def test_models_of_several_nested_constraints_have_cpmpys_solutions(seed):
    maker = Maker(seed)
    holds_alike(*made(lambda: [maker.truth(2) for _ in range(3)]))


def test_truths_about_one_variable_need_no_variables_of_their_own():
    x, b = cp.intvar(0, 9, name="x"), cp.boolvar(shape=3, name="b")
    space = landscape(b[0] == (x == 3), b[1] == (x > 5), cp.sum(b) == 1, b[2] | (x < 2)).space
    assert set(space.variables) == {"x", "b[2]"}


def test_functions_of_one_variable_need_no_variables_of_their_own():
    queens = cp.intvar(1, 6, shape=6, name="q")
    rows = np.arange(6)
    found = landscape(
        cp.AllDifferent(queens), cp.AllDifferent(queens + rows), cp.AllDifferent(queens - rows)
    )
    assert found.space.shape == (6, 6)
    assert found.factors.are_groups


def test_what_speaks_of_one_variable_goes_into_its_mask():
    x = cp.intvar(0, 9, name="x")
    found = landscape(x > 2, x != 5, x % 2 == 1, x <= 8)
    assert np.flatnonzero(found.space.mask[0]).tolist() == [3, 7]
    assert found.factors.count == 0


@pytest.mark.parametrize(
    ("make", "kind"),
    [
        (lambda x: (x[0] > 1) | (x[1] > 1), Kind.CLAUSE),
        (lambda x: cp.Count(x, 3) == 2, Kind.CARDINALITY),
        (lambda x: 2 * x[0] + x[1] <= 5, Kind.LINEAR),
        (lambda x: x[0] + 2 <= x[1], Kind.RELATION),
        (lambda x: x[0] * x[1] == x[2], Kind.TABLE),
        (lambda x: cp.Element(list(x[1:3]), x[0]) == x[3], Kind.ELEMENT),
        (lambda x: cp.Regular(list(x), [(0, 1, 0), (0, 2, 1), (1, 1, 0)], 0, [0, 1]), Kind.REGULAR),
    ],
)
def test_a_constraint_becomes_the_factor_made_for_it(make, kind):
    x = cp.intvar(0, 9, shape=4, name="x")
    assert Kind(landscape(make(x)).factors.kind[0]) is kind


def test_a_sudoku_is_the_group_landscape_that_the_set_kernels_run():
    cells = cp.intvar(1, 4, shape=(4, 4), name="c")
    model = cp.Model(cells[0, 0] == 1)
    model += [cp.AllDifferent(row) for row in cells]
    model += [cp.AllDifferent(column) for column in cells.T]
    found = CPM_latent_ebm(model).native_model.landscape
    assert found.factors.are_groups
    assert found.factors.parameters.items.reshape(-1, 2).tolist() == [[1, 1]] * 32


def test_factors_are_named_after_the_constraints_that_the_user_wrote():
    x = cp.intvar(0, 9, shape=2, name="x")
    found = landscape((x[0] < x[1]) | (x[0] * x[1] == 6))
    labels = {
        family.labels[i]
        for domain in found.hard
        for family in domain.families
        for i in range(family.count)
    }
    assert labels == {"((x[0]) < (x[1])) or ((x[0]) * (x[1]) == 6)"}


def test_a_constraint_that_can_never_hold_is_named():
    x = cp.intvar(0, 9, name="x")
    translation = CPM_latent_ebm(cp.Model(x > 3, x < 2)).native_model.translation
    assert "can never hold" in translation.contradiction
    assert "x" in translation.contradiction


class TestRefusals:
    """Before any solving, with the constraint's name and what to do."""

    def test_a_domain_too_large_names_the_variable(self):
        far = cp.intvar(0, 10**6, name="far")
        with pytest.raises(NotSupportedError, match="far has 1,000,001 values.*tighter bounds"):
            landscape(far % 7 == 3, far + cp.intvar(0, 5) > 4)

    def test_a_product_too_large_names_the_constraint(self):
        x = cp.intvar(0, 999, shape=3, name="x")
        with pytest.raises(NotSupportedError, match=r"x\[0\].*'mul'.*tighter bounds"):
            landscape(x[0] * x[1] == x[2])

    def test_a_landscape_too_large_says_how_large(self):
        x, wide = cp.boolvar(shape=2000, name="b"), cp.intvar(0, 15_000, name="wide")
        with pytest.raises(NotSupportedError, match="wide has most.*coordinates"):
            landscape(cp.sum(x) == wide)

    def test_a_direct_constraint_belongs_to_another_solver(self):
        x = cp.intvar(0, 3, shape=2, name="x")
        direct = cp.DirectConstraint("AddAllDifferent", x)
        with pytest.raises(NotSupportedError, match="DirectConstraint.*CPMpy's expressions"):
            landscape(direct)

    def test_an_unknown_global_constraint_is_named(self):
        class Unheard(cp.expressions.globalconstraints.GlobalConstraint):
            def __init__(self, x):
                super().__init__("unheard", (x,))

        with pytest.raises(NotSupportedError, match="unheard.*docs/modelling.md"):
            landscape(Unheard(cp.intvar(0, 3, name="x")))

    def test_an_objective_with_fractions_is_refused(self):
        x = cp.intvar(0, 3, name="x")
        solver = CPM_latent_ebm()
        with pytest.raises(NotSupportedError, match="fractions.*scale"):
            solver.minimize(cp.FloatSum([0.5], [x]))
