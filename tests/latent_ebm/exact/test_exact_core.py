"""Cores of landscapes: named, minimal, and honest when time is short."""

import numpy as np
import pytest

from latent_ebm.energies.all_different import AllDifferent
from latent_ebm.energies.cardinality import ExactlyOne
from latent_ebm.energies.domain import HardDomain
from latent_ebm.energies.landscape import Landscape
from latent_ebm.energies.space import Space
from latent_ebm.exact.core import explain_infeasible, find_core
from latent_ebm.kernels.structure import Csr
from latent_ebm.puzzles.sudoku import Sudoku

ENGINES = pytest.mark.parametrize("engine", ["auto", "cpsat", "cadical"])


def clash():
    """Three variables on a line; red must be at x, and at y; z is free."""
    line = AllDifferent(Csr.from_rows([[0, 1, 2]]), 4, ("line 1",))
    wishes = ExactlyOne(Csr.from_rows([[0], [4], [9]]), 4, ("red at x", "red at y", "blue at z"))
    domains = (HardDomain("line", (line,)), HardDomain("wish", (wishes,)))
    return Landscape(Space.full("xyz", ("red", "green", "blue", "black")), domains)


@ENGINES
def test_a_core_names_domain_and_factor_and_nothing_that_is_not_needed(engine):
    landscape = clash()
    core = explain_infeasible(landscape, landscape.space.mask, engine=engine)
    assert core.factors == ("line 1", "wish: red at x", "wish: red at y")
    assert core.minimal


@ENGINES
def test_what_is_feasible_has_no_core(engine):
    puzzle = Sudoku.parse("1... .... .... ....")
    assert explain_infeasible(puzzle.landscape, puzzle.mask, engine=engine) is None


@ENGINES
def test_every_factor_of_a_core_is_needed(engine):
    puzzle = Sudoku.parse("123. .... ...4 ....")
    core = explain_infeasible(puzzle.landscape, puzzle.mask, engine=engine)
    # the last of row 1 must be 4, which the column has already
    assert core.factors == ("row 1", "column 4")


@ENGINES
def test_givens_that_leave_a_variable_nothing_are_a_core_by_themselves(engine):
    landscape = clash()
    mask = landscape.space.mask.copy()
    mask[1] = False
    core = explain_infeasible(landscape, mask, engine=engine)
    assert core.factors == ("y: the givens leave it no state",)


@ENGINES
def test_without_time_there_is_no_core(engine):
    landscape = clash()
    limit = {"time_limit": 1e-9}
    assert find_core(landscape.factors, landscape.space.mask, engine=engine, **limit) is None


def test_owners_are_taken_or_left_whole():
    table = clash().factors
    owner = np.where(np.arange(table.count) < 4, 7, 3)
    core = find_core(table, np.ones((3, 4), bool), owner)
    assert core.members == (3, 7)
