"""One suite over all dynamics and the back ends that can run here."""

import time
from dataclasses import dataclass

import numpy as np
import pytest
import torch

from latent_ebm.best import violation_counts
from latent_ebm.dynamics.factor_splitting import FactorSplitting
from latent_ebm.dynamics.gradient_flow import GradientFlow
from latent_ebm.dynamics.moves import Moves
from latent_ebm.dynamics.multipliers import Multipliers
from latent_ebm.dynamics.nogoods import Nogoods
from latent_ebm.dynamics.pair_multipliers import PairMultipliers
from latent_ebm.dynamics.protocol import Place
from latent_ebm.dynamics.registry import DYNAMICS, choose
from latent_ebm.dynamics.splitting import Splitting
from latent_ebm.energies.cardinality import AtMostOne, ExactlyOne
from latent_ebm.energies.domain import HardDomain
from latent_ebm.energies.landscape import Landscape
from latent_ebm.energies.space import Space
from latent_ebm.kernels.dispatch import IMPLEMENTATIONS, BackendError, availability
from latent_ebm.kernels.structure import Csr
from latent_ebm.loop import Budget, Stage, descend
from latent_ebm.puzzles.sudoku import Sudoku

# The clues do not clash, but row 1 needs a 3 and box 2 has one already.
UNSOLVABLE = Sudoku.parse("12.. ..3. .... ....")

OPERATIONS = {
    "splitting": "splitting",
    "factor-splitting": "factor_splitting",
    "multipliers": "multipliers",
    "pair-multipliers": "pairs",
}


CHAINS = {
    "splitting": 64,
    "factor-splitting": 2,
    "multipliers": 2,
    "pair-multipliers": 1,
    "gradient-flow": 16,
}


@dataclass(frozen=True)
class Setup:
    """Some dynamics and where they run."""

    name: str
    bridge: str | None
    backend: str
    device: str

    def make(self, **changes):
        made = choose(self.name, self.bridge)
        return type(made)(
            **{"bridge": self.bridge, **changes} if self.bridge is not None else changes
        )

    def init(self, puzzles, seed=0, **changes):
        dynamics = self.make(**changes)
        place = Place(self.backend, self.device, seed)
        return dynamics, dynamics.init(puzzles[0].landscape, type(puzzles[0]).masks(puzzles), place)

    def descend(self, puzzles, seed=0, max_steps=None, time_limit=None, **rest):
        return descend(
            puzzles[0].landscape,
            type(puzzles[0]).masks(puzzles),
            (Stage(self.make()),),
            place=Place(self.backend, self.device, seed),
            budget=Budget(max_steps, time_limit),
            **rest,
        )


def setups():
    devices = ["cpu", *(["cuda"] if torch.cuda.is_available() else [])]
    for name, operation in OPERATIONS.items():
        for device in devices:
            for backend in IMPLEMENTATIONS[operation]:
                # on the device cpu, triton would be its interpreter: tests/kernels has that
                emulated = backend == "triton" and device == "cpu"
                if availability(backend, device).ok and not emulated:
                    yield Setup(name, None, backend, device)
    for bridge in ("softmax", "gumbel-softmax", "straight-through"):
        for device in devices:
            yield Setup("gradient-flow", bridge, "auto", device)


SETUPS = list(setups())
CPU = Setup("splitting", None, "cpu", "cpu")


@pytest.fixture(autouse=True)
def _one_thread():
    """Tensors this small are no work for two threads, least of all on a busy machine."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(params=SETUPS, ids=lambda s: f"{s.name}-{s.bridge or s.backend}-{s.device}")
def setup(request):
    return request.param


def assert_same(one, other):
    for field in ("solved", "values", "steps", "restarts"):
        np.testing.assert_array_equal(getattr(one, field), getattr(other, field), err_msg=field)


def assert_progress_same(one, other):
    for field in ("open", "finished", "values", "steps", "restarts"):
        np.testing.assert_array_equal(getattr(one, field), getattr(other, field), err_msg=field)


def test_every_dynamics_of_the_registry_is_in_this_suite():
    # nogoods give up on UNSOLVABLE, which the others sweep on and on: test_latent_ebm_nogoods.py
    # moves are for sums and prices, not for 9x9 Sudokus: test_latent_ebm_moving.py
    assert {setup.name for setup in SETUPS} == set(DYNAMICS) - {"nogoods", "moves"}
    assert {type(choose(name)) for name in DYNAMICS} == {
        Splitting,
        FactorSplitting,
        Multipliers,
        Moves,
        PairMultipliers,
        GradientFlow,
        Nogoods,
    }
    assert all(choose(name).name == name for name in DYNAMICS)


def test_a_4x4_is_solved(setup, puzzles_of):
    puzzles = puzzles_of(4, 5)
    found = setup.descend(puzzles, max_steps=2_000)
    assert found.solved.all()
    assert Sudoku.verified(puzzles, found.values).all()
    assert (found.steps > 0).all()
    assert set(found.engine) == {setup.name}
    assert set(found.backend) == {"torch" if setup.backend == "auto" else setup.backend}


def test_a_6x6_is_solved(setup, puzzles_of):
    puzzles = puzzles_of(6, 1)
    found = setup.descend(puzzles, max_steps=5_000)
    assert found.solved.all()
    assert Sudoku.verified(puzzles, found.values).all()


@pytest.mark.parametrize(
    "setup",
    # the other bridges take minutes for a 9x9 without presolve
    [setup for setup in SETUPS if setup.bridge in (None, "softmax")],
    ids=str,
)
def test_a_9x9_is_solved(setup):
    puzzle = Sudoku.parse(
        "53..7....6..195....98....6.8...6...34..8.3..17...2...6.6....28....419..5....8..79"
    )
    found = setup.descend([puzzle], max_steps=5_000)
    assert found.solved.all()
    assert puzzle.verify(found.values[0])


def test_a_16x16_is_solved_by_splitting(puzzles_of):
    puzzles = puzzles_of(16, 3)
    found = CPU.descend(puzzles, max_steps=5_000)
    assert found.solved.all()
    assert Sudoku.verified(puzzles, found.values).all()


def test_the_same_seed_gives_the_same_run(setup, puzzles_of):
    puzzles = puzzles_of(6, 2)
    assert_same(*(setup.descend(puzzles, seed=5, max_steps=50) for _ in range(2)))


def test_other_seeds_run_otherwise_and_solve_as_well(setup, puzzles_of):
    puzzles = puzzles_of(4, 2)
    runs = [setup.descend(puzzles, seed=seed, max_steps=2_000) for seed in range(3)]
    assert all(Sudoku.verified(puzzles, run.values).all() for run in runs)
    assert len({run.steps.tobytes() for run in runs}) > 1


def test_the_global_random_state_is_left_alone(setup, puzzles_of):
    torch_before, numpy_before = torch.get_rng_state(), np.random.get_state()[1].copy()  # noqa: NPY002
    setup.descend(puzzles_of(4, 1), max_steps=20)
    assert torch.equal(torch.get_rng_state(), torch_before)
    assert np.array_equal(np.random.get_state()[1], numpy_before)  # noqa: NPY002


def test_an_element_alone_gives_what_it_gives_in_a_batch(setup, puzzles_of):
    puzzles = [*puzzles_of(4, 4), UNSOLVABLE]
    together = setup.descend(puzzles, max_steps=120)
    assert together.solved.tolist() == [True] * 4 + [False]
    for b, puzzle in enumerate(puzzles):
        alone = setup.descend([puzzle], max_steps=120)
        for field in ("solved", "values", "steps", "restarts"):
            got, expected = getattr(alone, field)[0], getattr(together, field)[b]
            np.testing.assert_array_equal(got, expected, err_msg=f"{field} of element {b}")


def test_an_element_gives_the_same_in_any_place_of_a_batch(setup, puzzles_of):
    puzzles = [UNSOLVABLE, *puzzles_of(4, 3)]
    forward = setup.descend(puzzles, max_steps=100)
    backward = setup.descend(puzzles[::-1], max_steps=100)
    np.testing.assert_array_equal(forward.values, backward.values[::-1])
    np.testing.assert_array_equal(forward.steps, backward.steps[::-1])


def test_finished_elements_freeze(setup, puzzles_of):
    puzzles = [*puzzles_of(4, 3), UNSOLVABLE]
    dynamics, state = setup.init(puzzles)
    dynamics.advance(state, 200)
    progress = state.progress
    assert progress.finished.tolist() == [True, True, True, False]
    assert progress.open.tolist() == [False, False, False, True]
    values, steps = progress.values.copy(), progress.steps.copy()
    dynamics.advance(state, 30)
    np.testing.assert_array_equal(progress.values[:3], values[:3])
    np.testing.assert_array_equal(progress.steps - steps, [0, 0, 0, 30])
    assert Sudoku.verified(puzzles[:3], progress.values[:3]).all()


def test_elements_that_the_loop_closes_freeze(setup):
    puzzles = [UNSOLVABLE, UNSOLVABLE, UNSOLVABLE]
    dynamics, state = setup.init(puzzles)
    dynamics.advance(state, 5)
    state.progress.open[1] = False
    values = state.progress.values[1].copy()
    dynamics.advance(state, 7)
    assert state.progress.steps.tolist() == [12, 5, 12]
    np.testing.assert_array_equal(state.progress.values[1], values)
    np.testing.assert_array_equal(state.progress.values[0], state.progress.values[2])


@pytest.mark.parametrize("parts", [(5, 7), (1,) * 12, (11, 1)], ids=str)
def test_advancing_in_parts_equals_advancing_at_once(setup, puzzles_of, parts):
    puzzles = [*puzzles_of(4, 2), UNSOLVABLE]
    dynamics, whole = setup.init(puzzles, restart_every=6)
    dynamics.advance(whole, sum(parts))
    _, pieces = setup.init(puzzles, restart_every=6)
    for part in parts:
        dynamics.advance(pieces, part)
    assert_progress_same(whole.progress, pieces.progress)
    assert whole.progress.steps[2] == 12
    np.testing.assert_array_equal(
        dynamics.candidates(whole, 2), dynamics.candidates(pieces, 2), err_msg="latent"
    )


def test_steps_are_counted_one_by_one_up_to_the_first_solution(setup, puzzles_of):
    puzzles = puzzles_of(4, 1)
    steps = int(setup.descend(puzzles, max_steps=2_000).steps[0])
    dynamics, state = setup.init(puzzles)
    dynamics.advance(state, steps - 1)
    assert not state.progress.finished[0]
    assert state.progress.steps[0] == steps - 1
    dynamics.advance(state, 1)
    assert state.progress.finished[0]
    assert state.progress.steps[0] == steps


@pytest.mark.parametrize("limit", [0, 1, 13, 250])
def test_no_more_than_max_steps_are_taken(setup, limit):
    found = setup.descend([UNSOLVABLE], max_steps=limit)
    assert found.steps.tolist() == [limit]
    assert not found.solved.any()


def test_max_steps_that_just_suffice_do(setup, puzzles_of):
    puzzles = puzzles_of(4, 1)
    steps = int(setup.descend(puzzles, max_steps=2_000).steps[0])
    assert setup.descend(puzzles, max_steps=steps).solved.all()


@pytest.mark.parametrize(("sweeps", "restarts"), [(9, 0), (10, 0), (11, 1), (30, 2), (31, 3)])
def test_restarts_are_counted(setup, sweeps, restarts):
    dynamics, state = setup.init([UNSOLVABLE, UNSOLVABLE], restart_every=10)
    dynamics.advance(state, sweeps)
    assert state.progress.restarts.tolist() == [restarts, restarts]
    assert state.progress.steps.tolist() == [sweeps, sweeps]


def test_a_restart_begins_somewhere_else(setup):
    dynamics, state = setup.init([UNSOLVABLE], restart_every=10)
    seen = []
    for sweeps in (1, 10, 10, 10):
        dynamics.advance(state, sweeps)
        seen.append(dynamics.candidates(state, 0).tobytes())
    assert state.progress.restarts[0] == 3
    assert len(set(seen)) > 1


@pytest.mark.parametrize("limit", [1, 40])
def test_candidates_decode_every_chain_and_keep_the_clues(setup, limit):
    dynamics, state = setup.init([UNSOLVABLE, UNSOLVABLE])
    dynamics.advance(state, limit)
    chains = dynamics.candidates(state, 1)
    assert chains.dtype == np.int16
    assert chains.shape[1] == 16
    assert len(chains) == CHAINS[setup.name]
    assert ((chains >= 0) & (chains < 4)).all()
    given = UNSOLVABLE.givens > 0
    assert (chains[:, given] + 1 == UNSOLVABLE.givens[given]).all()


def test_candidates_do_not_alias_the_latent(setup):
    dynamics, state = setup.init([UNSOLVABLE])
    dynamics.advance(state, 3)
    before = state.progress.values.copy()
    dynamics.candidates(state, 0)[:] = 3
    np.testing.assert_array_equal(state.progress.values, before)


def test_the_candidate_of_an_unsolved_element_keeps_the_clues(setup):
    found = setup.descend([UNSOLVABLE], max_steps=50)
    given = UNSOLVABLE.givens > 0
    assert (found.values[0, given] + 1 == UNSOLVABLE.givens[given]).all()


def test_only_allowed_states_are_ever_decoded(setup, puzzles_of):
    puzzle = puzzles_of(4, 1)[0]
    mask = np.random.default_rng(0).random((3, 16, 4)) < 0.6
    mask[..., 1] = True
    dynamics = setup.make()
    state = dynamics.init(puzzle.landscape, mask, Place(setup.backend, setup.device, 0))
    for _ in range(8):
        dynamics.advance(state, 4)
        for b in np.flatnonzero(~state.progress.finished):
            taken = np.take_along_axis(mask[b][None], dynamics.candidates(state, b)[..., None], 2)
            assert taken.all()
        held = np.take_along_axis(mask, state.progress.values[..., None].astype(int), 2)
        assert held.all()


def test_the_mask_and_the_landscape_are_left_alone(setup, puzzles_of):
    puzzles = puzzles_of(4, 2)
    mask = Sudoku.masks(puzzles)
    before = mask.copy()
    setup.make().init(puzzles[0].landscape, mask, Place(setup.backend, setup.device, 0))
    setup.descend(puzzles, max_steps=30)
    np.testing.assert_array_equal(mask, before)
    np.testing.assert_array_equal(Sudoku.masks(puzzles), before)


def test_a_time_limit_ends_what_cannot_be_solved(setup):
    found = setup.descend([UNSOLVABLE, UNSOLVABLE], time_limit=0.2)
    assert not found.solved.any()
    assert (found.seconds >= 0.2).all()
    assert (found.steps > 0).all()
    assert ((found.values >= 0) & (found.values < 4)).all()


class Slow:
    """Splitting whose sweeps take a millisecond or more, as those of gradient flow do."""

    name = "slow"
    first_chunk = 1

    def init(self, landscape, mask, place):
        return Splitting().init(landscape, mask, place)

    def advance(self, state, sweeps):
        time.sleep(sweeps * 1e-3)
        Splitting().advance(state, sweeps)

    def candidates(self, state, element):
        return Splitting().candidates(state, element)


@pytest.mark.parametrize("limit", [1e-6, 0.1])
def test_a_time_limit_holds_for_slow_sweeps_from_the_first_chunk_on(limit):
    # no clock is read: sweeps that were taken are time that has passed
    found = descend(
        UNSOLVABLE.landscape,
        UNSOLVABLE.mask[None],
        (Stage(Slow()),),
        place=Place("cpu"),
        budget=Budget(time_limit=limit),
    )
    assert found.steps[0] * 1e-3 <= limit + 0.5


def test_the_loop_reports_progress(setup, puzzles_of):
    puzzles = puzzles_of(4, 3)
    seen = []
    setup.descend(puzzles, max_steps=2_000, on_progress=lambda done, of: seen.append((done, of)))
    assert seen[-1] == (3, 3)
    assert seen == sorted(seen)


def test_the_loop_closes_elements_by_their_own_time(puzzles_of):
    """Time is shared out by sweeps, so what is solved early has little, and the rest go on."""
    puzzles = [*puzzles_of(4, 2), UNSOLVABLE]
    found = CPU.descend(puzzles, time_limit=0.05)
    assert found.solved.tolist() == [True, True, False]
    assert found.seconds[2] >= 0.05
    assert (found.seconds[:2] < found.seconds[2]).all()
    assert found.steps[2] > found.steps[:2].max()


def test_stages_take_over_what_the_ones_before_leave_open(puzzles_of):
    puzzles = puzzles_of(9, 3)
    found = descend(
        puzzles[0].landscape,
        Sudoku.masks(puzzles),
        (Stage(PairMultipliers(), sweeps=3), Stage(Splitting())),
        place=Place("cpu"),
        budget=Budget(max_steps=5_000),
    )
    assert found.solved.all()
    assert set(found.engine) == {"splitting"}
    alone = CPU.descend(puzzles, max_steps=5_000)
    np.testing.assert_array_equal(found.steps, alone.steps + 3)


def test_max_steps_are_over_all_stages():
    found = descend(
        UNSOLVABLE.landscape,
        UNSOLVABLE.mask[None],
        (Stage(PairMultipliers(), sweeps=30), Stage(Splitting(), sweeps=100)),
        place=Place("cpu"),
        budget=Budget(max_steps=50),
    )
    assert found.steps.tolist() == [50]


@dataclass
class Wanderer:
    """Dynamics that never come to rest; after s sweeps their two chains are at ``way[s]``."""

    way: list
    name = "wanderer"
    first_chunk = 1

    def init(self, landscape, mask, place):
        return Splitting().init(landscape, mask, place)

    def advance(self, state, sweeps):
        state.progress.steps += sweeps * state.progress.open

    def candidates(self, state, element):
        return np.array(self.way[state.progress.steps[element]], np.int16)


def wander(way, max_steps):
    return descend(
        UNSOLVABLE.landscape,
        np.ones((2, 16, 4), np.bool_),
        (Stage(Wanderer(way)),),
        place=Place("cpu"),
        budget=Budget(max_steps=max_steps),
    )


FITTING = [int(c) - 1 for c in "1234341221434321"]
NEAR = [*FITTING[:-1], 3]
FAR = [0] * 16


@pytest.mark.parametrize("chain", [0, 1])
@pytest.mark.parametrize("at", [1, 2, 4, 6])
def test_an_unsolved_element_keeps_the_best_candidate_of_any_chain(chain, at):
    """They are looked at after 1, 2, 4, ... sweeps and at the end."""
    way = [[FAR, FAR] for _ in range(7)]
    way[at][chain] = NEAR
    found = wander(way, max_steps=6)
    assert not found.solved.any()
    assert found.steps.tolist() == [6, 6]
    assert found.values.tolist() == [NEAR, NEAR]


def test_a_candidate_that_fits_finishes_an_element_though_the_dynamics_go_on():
    way = [[NEAR, FAR], [NEAR, FAR], [FAR, FITTING], [NEAR, NEAR]]
    found = wander(way, max_steps=3)
    assert found.solved.all()
    assert found.steps.tolist() == [2, 2]
    assert found.values.tolist() == [FITTING, FITTING]


@pytest.mark.parametrize("name", list(DYNAMICS))
def test_more_sweeps_never_give_a_worse_candidate(name):
    setup, violated = Setup(name, None, "auto", "cpu"), []
    for doublings in range(5):
        steps = choose(name).first_chunk * 2**doublings
        found = setup.descend([UNSOLVABLE], max_steps=steps)
        violated += violation_counts(UNSOLVABLE.landscape, found.values).tolist()
    assert violated == sorted(violated, reverse=True)
    assert violated[-1] > 0


class Liar:
    """Dynamics that call the first thing they see a solution."""

    name = "liar"
    first_chunk = 10

    def init(self, landscape, mask, place):
        state = Splitting().init(landscape, mask, place)
        state.backend = "nowhere"
        return state

    def advance(self, state, sweeps):
        state.progress.steps += min(sweeps, 1)
        state.progress.finished[:] = True
        state.progress.open[:] = False

    def candidates(self, state, element):
        return state.progress.values[element : element + 1]


def test_what_dynamics_call_finished_is_checked_by_the_loop():
    with pytest.raises(AssertionError, match="liar on nowhere called a candidate finished"):
        descend(
            UNSOLVABLE.landscape,
            UNSOLVABLE.mask[None],
            (Stage(Liar()),),
            place=Place(),
            budget=Budget(),
        )


def test_all_back_ends_of_an_operation_run_alike(puzzles_of):
    puzzles = puzzles_of(6, 3)
    for name in OPERATIONS:
        runs = [setup.descend(puzzles, max_steps=60) for setup in SETUPS if setup.name == name]
        assert len(runs) > 1
        for run in runs[1:]:
            assert_same(runs[0], run)


def test_pair_multipliers_refuse_groups_that_pairs_do_not_imply():
    one = HardDomain("d", (ExactlyOne(Csr.from_rows([[0, 3, 6]]), 3, ("one x",)),))
    landscape = Landscape(Space.full(list("abc"), list("xyz")), (one,))
    with pytest.raises(ValueError, match=r"no set of pairs implies\. Use --dynamics splitting"):
        PairMultipliers().init(landscape, np.ones((1, 3, 3), np.bool_), Place())


@pytest.mark.parametrize("name", ["splitting", "gradient-flow"])
def test_exactly_one_groups_are_solved_by_those_that_take_them(name):
    sets = [[0, 3, 6], [1, 4, 7], [2, 5, 8]]  # a permutation: each value at one variable
    one = HardDomain("d", (ExactlyOne(Csr.from_rows(sets), 3, ("x", "y", "z")),))
    landscape = Landscape(Space.full(list("abc"), list("xyz")), (one,))
    found = descend(
        landscape,
        np.ones((2, 3, 3), np.bool_),
        (Stage(choose(name)),),
        place=Place(),
        budget=Budget(max_steps=1_000),
    )
    assert found.solved.all()
    assert (np.sort(found.values, axis=1) == [0, 1, 2]).all()


@pytest.mark.parametrize("backend", ["cpu", "reference"])
@pytest.mark.parametrize("lone_groups", [False, True])
def test_splitting_settles_any_number_of_variables_without_constraints(backend, lone_groups):
    sets = [[entry] for entry in range(200 * 9)] if lone_groups else [[0, 9]]
    family = AtMostOne(Csr.from_rows(sets), 9, tuple(map(str, range(len(sets)))))
    variables, states = [f"v{i}" for i in range(200)], list("123456789")
    landscape = Landscape(Space.full(variables, states), (HardDomain("d", (family,)),))
    mask = np.random.default_rng(1).random((3, 200, 9)) < 0.5
    mask[..., 4] = True
    found = descend(
        landscape,
        mask,
        (Stage(Splitting()),),
        place=Place(backend),
        budget=Budget(max_steps=100),
    )
    assert found.solved.all()
    assert np.take_along_axis(mask, found.values[..., None].astype(int), axis=2).all()
    assert landscape.check(found.values).all()


def test_unknown_names_are_refused_with_the_choices():
    with pytest.raises(ValueError, match="no dynamics 'newton'; choose from auto, splitting"):
        choose("newton")
    with pytest.raises(ValueError, match="no bridge 'hard'; choose from softmax"):
        choose("gradient-flow", "hard")
    with pytest.raises(ValueError, match="no optimizer 'lbfgs'; choose from adam, sgd"):
        GradientFlow(optimizer="lbfgs")
    with pytest.raises(ValueError, match="--bridge softmax is for gradient-flow"):
        choose("splitting", "softmax")


@pytest.mark.parametrize("name", list(OPERATIONS))
def test_a_back_end_that_does_not_exist_is_refused(name):
    with pytest.raises(BackendError, match="no back end 'fpga'"):
        choose(name).init(UNSOLVABLE.landscape, UNSOLVABLE.mask[None], Place("fpga"))


@pytest.mark.parametrize("changes", [{"optimizer": "sgd", "step_size": 0.5}, {"langevin": 0.01}])
def test_gradient_flow_solves_with_other_optimizers_and_with_noise(changes, puzzles_of):
    puzzles = puzzles_of(4, 2)
    found = descend(
        puzzles[0].landscape,
        Sudoku.masks(puzzles),
        (Stage(GradientFlow(**changes)),),
        place=Place(),
        budget=Budget(max_steps=1_500),
    )
    assert found.solved.all()


def test_gradient_flow_leaves_the_threads_of_torch_alone(puzzles_of):
    before = torch.get_num_threads()
    try:
        torch.set_num_threads(before + 1)
        Setup("gradient-flow", "softmax", "auto", "cpu").descend(puzzles_of(4, 1), max_steps=3)
        assert torch.get_num_threads() == before + 1
    finally:
        torch.set_num_threads(before)


def test_gradient_flow_cools_from_hot_to_cold_over_a_period():
    flow = GradientFlow(hot=2.0, cold=0.25, restart_every=101)
    temperatures = [flow.temperature(age) for age in range(101)]
    assert temperatures[0] == 2.0
    assert temperatures[100] == pytest.approx(0.25)
    ratios = np.divide(temperatures[1:], temperatures[:-1])
    assert np.allclose(ratios, ratios[0])
    assert ratios[0] < 1
