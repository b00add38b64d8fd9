"""Run CPMpy's own solver tests with latent_ebm as the solver.

    pip download --no-deps --no-binary :all: cpmpy==1.1.1 && tar xzf cpmpy-1.1.1.tar.gz
    python benchmarks/cpmpy_suite.py cpmpy-1.1.1/tests [--every=20] [--strategy=energy] [options]

The archive leaves out the tests' own conftest.py and utils.py, so that what they provide is
provided here. Only tests that take a ``solver`` are run; those that name a solver are not ours.
test_constraints.py makes tens of thousands of constraints; ``--every=20`` takes each 20th.
Further options are pytest's.

With ``--strategy=energy`` a solve gets two seconds where a test sets no limit, and a test in
which one ends undecided (there is no solution, or no proof of the optimum) counts as skipped.
"""

from __future__ import annotations

import sys
import types
from pathlib import Path

import pytest

# this folder has a module named as a solver that CPMpy looks for
sys.path.pop(0)

from cpmpy.solvers.solver_interface import ExitStatus
from cpmpy.solvers.utils import SolverLookup

from latent_ebm.modelling import CPM_latent_ebm, register_cpmpy

MODULES = [
    "test_constraints.py",
    "test_globalconstraints.py",
    "test_solveAll.py",
    "test_solverinterface.py",
    "test_solvers.py",
    "test_solvers_solhint.py",
]


class OneSolver:
    """What CPMpy's conftest.py does, for one solver; of generated cases every ``step``-th."""

    def __init__(self, step: int) -> None:
        self.step = step

    def pytest_configure(self, config: pytest.Config) -> None:
        """Know their marks."""
        for mark in ("generate_constraints", "requires_solver", "requires_dependency"):
            config.addinivalue_line("markers", mark)

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """Once for latent_ebm, and for each constraint that the mark makes."""
        if "constraint" in metafunc.fixturenames:
            (make,) = metafunc.definition.get_closest_marker("generate_constraints").args
            cases = [("latent_ebm", constraint) for constraint in make("latent_ebm")]
            cases = cases[:: self.step]
            metafunc.parametrize(("solver", "constraint"), cases, ids=str)
        elif "solver" in metafunc.fixturenames:
            metafunc.parametrize("solver", ["latent_ebm"])

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Only what takes a solver and needs no other."""
        items[:] = [
            item
            for item in items
            if "solver" in getattr(item, "fixturenames", ())
            and all("latent_ebm" in mark.args for mark in item.iter_markers("requires_solver"))
        ]

    @pytest.fixture
    def solver(self) -> str:
        """The name of ours."""
        return "latent_ebm"


class Undecided(CPM_latent_ebm):
    """The energy strategy, which skips the test where it ends undecided."""

    def __init__(self, cpm_model=None, subsolver=None) -> None:
        super().__init__(cpm_model, subsolver or "energy")

    def solve(self, time_limit=None, **options) -> bool:
        """For two seconds where the test sets no limit."""
        found = super().solve(time_limit or SECONDS, **options)
        status = self.status().exitstatus
        short = self.has_objective() and status is ExitStatus.FEASIBLE
        if status is ExitStatus.UNKNOWN or short:
            pytest.skip("undecided")
        return found

    def solveAll(self, display=None, time_limit=None, **options) -> int:  # noqa: N802
        """For two seconds where the test sets no limit."""
        count = super().solveAll(display, time_limit or SECONDS, **options)
        if self.status().exitstatus is not ExitStatus.OPTIMAL:
            pytest.skip("undecided")
        return count


SECONDS = 2.0


def let_energy_answer() -> None:
    """Put ``Undecided`` in the place of the solver."""
    known = SolverLookup.base_solvers
    SolverLookup.base_solvers = lambda: [
        (name, Undecided if name == "latent_ebm" else solver) for name, solver in known()
    ]


def provide_utils() -> None:
    """The helpers that CPMpy's tests import."""
    utils = types.ModuleType("utils")
    utils.skip_on_missing_pblib = lambda **_: lambda test: test
    utils.inclusive_range = lambda low, high: range(low, high + 1)

    def lambda_assert(check):
        def run() -> None:
            assert check()

        return run

    utils.lambda_assert = lambda_assert
    sys.modules["utils"] = utils


def main() -> int:
    folder, *options = sys.argv[1:]
    every = [option for option in options if option.startswith("--every=")]
    energy = "--strategy=energy" in options
    options = [o for o in options if o not in every and not o.startswith("--strategy=")]
    step = int(every[0].removeprefix("--every=")) if every else 1
    provide_utils()
    register_cpmpy()
    if energy:
        let_energy_answer()
    files = [str(Path(folder) / name) for name in MODULES]
    chosen = [option for option in options if option.endswith(".py")]
    settings = ["-q", "-p", "no:cacheprovider", "-c", "/dev/null", "--rootdir", folder]
    return pytest.main([*settings, *(options if chosen else [*files, *options])], [OneSolver(step)])


if __name__ == "__main__":
    sys.exit(main())
