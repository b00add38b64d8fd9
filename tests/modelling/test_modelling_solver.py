"""CPMpy's solver interface: answers, statuses, objectives, hints, enumeration."""

import subprocess
import sys

import cpmpy as cp
import numpy as np
import pytest
from cpmpy.exceptions import NotSupportedError
from cpmpy.solvers.solver_interface import ExitStatus
from cpmpy.transformations.normalize import toplevel_list

import latent_ebm
from latent_ebm.modelling import CPM_latent_ebm


def knapsack() -> tuple[cp.Model, cp.expressions.variables.NDVarArray]:
    weights, values = [12, 2, 1, 4, 1], [4, 2, 1, 10, 2]
    taken = cp.boolvar(shape=5, name="taken")
    return cp.Model(cp.sum(weights * taken) <= 15, maximize=cp.sum(values * taken)), taken


def latin(side: int) -> tuple[cp.Model, cp.expressions.variables.NDVarArray]:
    cells = cp.intvar(1, side, shape=(side, side), name="c")
    model = cp.Model([cp.AllDifferent(row) for row in cells])
    model += [cp.AllDifferent(column) for column in cells.T]
    return model, cells


def test_a_model_is_solved_and_its_variables_have_values():
    x, y = cp.intvar(1, 9, shape=2, name="xy")
    model = cp.Model(x + y == 4, x < y)
    assert model.solve(solver="latent_ebm")
    assert (x.value(), y.value()) == (1, 3)
    assert model.status().exitstatus is ExitStatus.FEASIBLE
    assert model.status().solver_name == "latent_ebm"


def test_truth_values_come_back_as_truth_values():
    b = cp.boolvar(name="b")
    cp.Model(~b).solve(solver="latent_ebm")
    assert b.value() is False


def test_a_contradiction_is_unsatisfiable_and_leaves_no_values():
    x, y = cp.intvar(1, 9, shape=2, name="xy")
    model = cp.Model(x < y, y < x)
    assert not model.solve(solver="latent_ebm")
    assert model.status().exitstatus is ExitStatus.UNSATISFIABLE
    assert x.value() is None


def test_an_optimum_is_proved():
    model, taken = knapsack()
    assert model.solve(solver="latent_ebm")
    assert model.status().exitstatus is ExitStatus.OPTIMAL
    assert (model.objective_value(), taken.value().tolist()) == (15, [0, 1, 1, 1, 1])


def test_a_minimum_is_proved():
    x = cp.intvar(-5, 5, shape=3, name="x")
    model = cp.Model(cp.AllDifferent(x), cp.sum(x) > -7, minimize=cp.max(x) + cp.sum(x))
    assert model.solve(solver="latent_ebm")
    best = model.objective_value()
    assert model.status().exitstatus is ExitStatus.OPTIMAL
    model.solve(solver="ortools")
    assert model.objective_value() == best


def test_every_improvement_goes_through_the_callback():
    model, taken = knapsack()
    seen = []
    solver = CPM_latent_ebm(model)
    solver.solve(solution_callback=lambda s: seen.append((s.objective_value(), sum(taken.value()))))
    values = [value for value, _ in seen]
    assert values == sorted(set(values))
    assert seen[-1] == (15, 4)


def test_constraints_can_be_added_between_solves():
    x = cp.intvar(0, 9, name="x")
    solver = CPM_latent_ebm(cp.Model(x > 3))
    assert solver.solve()
    solver += x < 5
    assert solver.solve()
    assert x.value() == 4
    solver += x != 4
    assert not solver.solve()


def test_all_solutions_are_found_once_each():
    model, cells = latin(3)
    seen = []
    assert (
        model.solveAll(solver="latent_ebm", display=lambda: seen.append(str(cells.value()))) == 12
    )
    assert len(set(seen)) == 12
    assert model.status().exitstatus is ExitStatus.OPTIMAL


def test_a_solution_limit_ends_the_enumeration():
    model, _ = latin(3)
    assert model.solveAll(solver="latent_ebm", solution_limit=5) == 5
    assert model.status().exitstatus is ExitStatus.FEASIBLE


def test_values_that_auxiliary_variables_leave_open_count_once():
    x = cp.intvar(0, 2, shape=2, name="x")
    model = cp.Model(cp.sum(x) != 2)
    assert model.solveAll(solver="latent_ebm") == 6


def test_enumeration_without_an_end_is_refused():
    model, _ = latin(3)
    with pytest.raises(NotSupportedError, match="solution_limit"):
        model.solveAll(solver="latent_ebm:energy")


def test_the_energy_strategy_alone_solves_groups():
    model, cells = latin(6)
    assert model.solve(solver="latent_ebm:energy", seed=1)
    assert all(len(set(row)) == 6 for row in cells.value())


def test_a_hint_that_is_a_solution_is_taken():
    model, cells = latin(4)
    square = np.add.outer(np.arange(4), np.arange(4)) % 4 + 1
    solver = CPM_latent_ebm(model)
    solver.solution_hint(cells, square)
    assert solver.solve()
    assert (cells.value() == square).all()


def test_part_of_a_solution_as_a_hint_is_kept():
    model, cells = latin(4)
    solver = CPM_latent_ebm(model)
    solver.solution_hint(cells[0], [3, 1, 4, 2])
    assert solver.solve()
    assert cells[0].value().tolist() == [3, 1, 4, 2]


@pytest.mark.parametrize("hint", [[1, 1, 2, 3], [7, 1, 2, 3]])
def test_a_hint_that_cannot_be_is_dropped(hint):
    model, cells = latin(4)
    solver = CPM_latent_ebm(model)
    solver.solution_hint(cells[0], hint)
    assert solver.solve()


def test_assumptions_hold_for_one_call_and_name_a_core():
    a, b, c = cp.boolvar(shape=3, name="abc")
    solver = CPM_latent_ebm(cp.Model(a | b, ~a | ~b))
    assert not solver.solve(assumptions=[c, a, b])
    assert set(solver.get_core()) == {a, b}
    assert solver.solve(assumptions=[a])
    assert (a.value(), b.value()) == (True, False)
    assert solver.solve()


def test_solve_takes_a_model_and_verifies_it_by_cpmpys_own_evaluation():
    model, _ = latin(5)
    solution = latent_ebm.solve(model, strategy="hybrid")
    assert solution.solved
    assert solution.problem.kind == "cpmpy"
    assert cp.all(toplevel_list(model.constraints)).value()
    assert "c[0,0] = " in solution.problem.render(solution.values)
    assert model.status().exitstatus is ExitStatus.FEASIBLE


def test_a_problem_refuses_what_cpmpy_finds_false_whatever_the_landscape_says():
    x = cp.intvar(0, 3, shape=2, name="x")
    problem = CPM_latent_ebm(cp.Model(x[0] < x[1])).native_model
    assert type(problem).verified([problem] * 2, np.array([[0, 1], [1, 0]])).tolist() == [
        True,
        False,
    ]
    assert x[0].value() is None


def test_unknown_settings_are_refused():
    model, _ = latin(3)
    with pytest.raises(ValueError, match="no strategy 'magic'"):
        model.solve(solver="latent_ebm:magic")
    with pytest.raises(TypeError, match="patience"):
        model.solve(solver="latent_ebm", patience=3)


def run(code: str) -> str:
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.strip()


def test_importing_latent_ebm_after_cpmpy_is_enough():
    code = "import cpmpy as cp, latent_ebm; x = cp.intvar(2, 3); m = cp.Model(x > 2)\n"
    assert run(code + "print(m.solve(solver='latent_ebm'), x.value())") == "True 3"


def test_importing_latent_ebm_does_not_import_cpmpy():
    assert run("import latent_ebm, sys; print('cpmpy' in sys.modules)") == "False"


def test_without_cpmpy_the_message_says_what_to_install():
    code = (
        "import sys; sys.modules['cpmpy'] = None\n"
        "try:\n    import latent_ebm.modelling\n"
        "except ModuleNotFoundError as error:\n    print(error)"
    )
    assert "pip install 'latent-ebm[cpmpy]'" in run(code)
