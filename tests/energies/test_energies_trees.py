"""Typed trees: what they say, what they refuse, and that presolve and engines take them."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from agreement import faults_of
from brute_force import grammar, random_trees
from random_tables import solutions

from latent_ebm.dynamics.factor_splitting import FactorSplitting
from latent_ebm.dynamics.protocol import Place
from latent_ebm.energies.all_different import AllDifferent
from latent_ebm.energies.domain import HardDomain
from latent_ebm.energies.landscape import Landscape
from latent_ebm.energies.space import Space
from latent_ebm.energies.tree_grammar import TreeGrammar
from latent_ebm.kernels.dispatch import propagate_factors, tree_inside
from latent_ebm.kernels.log_partition import log_partition
from latent_ebm.kernels.structure import Csr
from latent_ebm.kernels.trees import Grammar, Trees

NUMBERS = Grammar(
    ("int", "str"),
    np.array([0, 1, 0, 0]),
    np.array([0, 0, 1, 2]),
    np.array([[[0, 0]] * 2, [[0, 0]] * 2, [[0, 1], [0, 0]], [[1, 0], [1, 0]]], np.bool_),
)
BINARY = Trees.complete(NUMBERS, 2)
X, S, LEN, PLUS, EMPTY, OTHER = range(6)
SPACE = Space.full([f"slot {i}" for i in range(7)], ["x", "s", "len", "+", "EMPTY", "red"])


def hole(roots=("int",), **changed):
    family = TreeGrammar.of(BINARY, [range(7)], {"hole": roots}, 6)
    return replace(family, **changed)


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ([PLUS, X, LEN, EMPTY, EMPTY, S, EMPTY], "hole: holds"),
        (
            [PLUS, X, S, EMPTY, EMPTY, EMPTY, EMPTY],
            "hole: slot 2 under +: expected int, found s (str)",
        ),
        (
            [PLUS, X, EMPTY, EMPTY, EMPTY, EMPTY, EMPTY],
            "hole: slot 2 under +: expected int, found nothing",
        ),
        (
            [X, X, EMPTY, EMPTY, EMPTY, EMPTY, EMPTY],
            "hole: slot 1 under x: expected nothing, found x (int)",
        ),
        (
            [S, EMPTY, S, EMPTY, EMPTY, S, X],
            "hole: slot 0, the root: expected int, found s (str), and 3 more slots at fault",
        ),
        ([EMPTY] * 7, "hole: slot 0, the root: expected int, found nothing"),
        (
            [OTHER] + [EMPTY] * 6,
            "hole: slot 0, the root: expected int, found what is no production",
        ),
        (
            [PLUS, OTHER, X, EMPTY, EMPTY, EMPTY, EMPTY],
            "hole: slot 1 under +: expected int, found what is no production",
        ),
        (
            [PLUS, X, PLUS, EMPTY, EMPTY, LEN, X],
            "hole: slot 5: len has children that the skeleton has no slots for",
        ),
    ],
)
def test_explain_names_the_slot_and_what_was_expected(values, text):
    family = hole()
    assert family.explain(0, SPACE, np.array(values)).startswith(text)
    assert family.check(np.array([values]))[0, 0] == text.endswith("holds")


def test_explain_names_a_state_that_the_mask_forbids():
    masks = np.ones((1, *BINARY.shape), np.bool_)
    masks[0, 0, X] = False
    family = hole(masks=masks)
    text = family.explain(0, SPACE, np.array([X] + [EMPTY] * 6))
    assert text == "hole: slot 0: x is not allowed there"


def unfit(**changed):
    return lambda: replace(hole(), **changed)


def cyclic():
    return Trees(np.array([[1, -1], [0, -1]]), NUMBERS)


REFUSED = [
    (unfit(roots=np.ones((1, 3), np.bool_)), r"roots \(1, 2\); found \(1, 3\)"),
    (unfit(masks=np.ones((1, 7, 6), np.bool_)), r"masks \(1, 7, 5\); found \(1, 7, 6\)"),
    (unfit(slots=np.arange(6)[None]), r"slots \(1, 7\); found \(1, 6\)"),
    (unfit(slots=np.array([[0, 1, 2, 3, 4, 5, 5]])), "hole repeats variable 5"),
    (unfit(num_values=4), "4 productions needs 5 states with EMPTY; the space has 4"),
    (unfit(roots=np.zeros((1, 2), np.bool_)), "hole has no derivation"),
    (unfit(masks=np.zeros((1, 7, 5), np.bool_)), "hole has no derivation"),
    (unfit(labels=()), "1 factors need as many labels"),
    (cyclic, r"the child of exactly one slot; found the children \[0, 1\]"),
    (
        lambda: Trees(np.array([[2, -1], [-1, -1], [1, -1]]), NUMBERS),
        "slot 2 comes after its child",
    ),
    (lambda: Trees(np.array([[-1]]), NUMBERS), r"needs children \[S, 2\]; found \(1, 1\)"),
    (lambda: grammar([(0, []), (0, [[]])], 1), "production 1 uses position 0 but accepts no type"),
    (lambda: grammar([(0, []), (2, [[0]])], 1), r"results are types 0 to 0; found \[0, 2\]"),
    (
        lambda: Grammar(("t",), np.array([0]), np.array([2]), np.ones((1, 1, 1), np.bool_)),
        r"arities are 0 to 1, .*; found \[2\]",
    ),
    (
        lambda: Grammar(("t",), np.array([0]), np.array([0]), np.ones((1, 1, 2), np.bool_)),
        "1 productions and 1 types needs",
    ),
    (
        lambda: Grammar(("t",), np.array([0]), np.array([0]), np.ones((1, 1, 1))),
        "needs booleans accepts",
    ),
    (
        lambda: Grammar(("t",), np.array([0]), np.array([0]), np.ones((1, 0, 1), np.bool_)),
        "a production and a child position at least",
    ),
]


@pytest.mark.parametrize(("make", "message"), REFUSED, ids=[message for _, message in REFUSED])
def test_what_does_not_fit_or_can_never_hold_is_refused(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def test_a_root_of_an_unknown_type_is_refused():
    with pytest.raises(KeyError, match="float"):
        hole(roots=("float",))


def test_no_trees_are_a_family():
    family = TreeGrammar.of(BINARY, [], {}, 6)
    assert family.energy(torch.ones(2, 7, 6)).shape == (2, 0)
    assert family.check(np.zeros((2, 7), np.int64)).shape == (2, 0)
    assert family.factors().count == 0


def test_a_corner_costs_more_the_more_slots_are_wrong():
    values = [
        [PLUS, X, LEN, EMPTY, EMPTY, S, EMPTY],
        [PLUS, X, LEN, EMPTY, EMPTY, X, EMPTY],
        [PLUS, S, LEN, EMPTY, EMPTY, X, EMPTY],
        [PLUS, S, LEN, EMPTY, X, X, EMPTY],
    ]
    x = torch.nn.functional.one_hot(torch.tensor(values), 6).float()
    energy = hole().energy(x)[:, 0]
    assert energy[0] == 0
    assert energy.diff().min() > 50


@pytest.mark.parametrize("seed", range(30))
def test_propagation_leaves_exactly_the_states_of_derivations(seed):
    """The lowered factors form a tree, so that arc consistency is all there is."""
    case = random_trees(seed, 6, 5)
    whole = case.family
    family = replace(
        whole, slots=whole.slots[:1], roots=whole.roots[:1], masks=whole.masks[:1], labels=("",)
    )
    rng = np.random.default_rng(seed)
    mask = rng.random((1, case.n, case.k)) < 0.7
    mask[0, np.setdiff1d(np.arange(case.n), family.slots)] = True
    scores = torch.where(torch.as_tensor(mask), 0.0, -torch.inf)
    total, marginals = tree_inside(family.trees, family.log_potentials(scores))
    if not mask.any(axis=2).all():
        return
    left, contradiction = propagate_factors(case.n, family.factors(), mask)
    assert contradiction[0] == (total[0] == -torch.inf)
    if not contradiction[0]:
        states = family.trees.shape[1]
        assert np.array_equal(left[0, family.slots[0], :states], marginals[0].numpy() > 0)
        assert not left[0, family.slots[0], states:].any()


@pytest.mark.parametrize("seed", range(12))
def test_engines_and_dynamics_agree_with_brute_force(seed):
    case = random_trees(seed, 4, 4)
    mask = np.random.default_rng(seed).random((case.n, case.k)) < 0.9
    assert faults_of(case.family.factors(), mask, seed) == []


def test_lowered_solutions_are_the_derivations():
    case = random_trees(5, 4, 4)
    every = np.array(solutions(case.family.factors(), np.ones((case.n, case.k), np.bool_)))
    assert case.family.check(every).all()


def test_a_landscape_takes_trees_beside_other_factors():
    """Two typed holes that must differ at their roots: presolve, names and violations."""
    trees = Trees.complete(NUMBERS, 1)
    holes = TreeGrammar.of(trees, [range(3), range(3, 6)], {"left": ["int"], "right": ["int"]}, 5)
    space = Space.full(
        [f"{hole} {s}" for hole in ("left", "right") for s in range(3)], list("xsl+E")
    )
    differ = AllDifferent(Csr.from_rows([[0, 3]]), 5, ("roots differ",))
    domains = (HardDomain("syntax", (holes,)), HardDomain("distinct", (differ,)))
    landscape = Landscape(space, domains)
    table = landscape.factors
    assert [landscape.name_of(f) for f in range(table.count)] == [
        *["left"] * 3,
        *["right"] * 3,
        *["roots differ"] * 5,
    ]
    same = np.array([X, EMPTY, EMPTY, X, EMPTY, S])
    assert landscape.violations(same) == (
        "right: right 2 under x: expected nothing, found s (str)",
        "roots differ: x at left 0, right 0",
    )
    state = FactorSplitting().init(landscape, np.ones((1, 6, 5), np.bool_), Place(seed=1))
    FactorSplitting().advance(state, 500)
    assert state.progress.finished[0]
    assert landscape.check(state.progress.values).all()


def test_second_derivatives_are_the_reference_s():
    family = hole()
    scores = torch.randn(1, *BINARY.shape, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradgradcheck(
        lambda s: log_partition(family.trees, s, backend="reference"), scores
    )
    (gradient,) = torch.autograd.grad(
        log_partition(family.trees, scores, backend="cpu").sum(), scores, create_graph=True
    )
    with pytest.raises(NotImplementedError, match="backend='reference'"):
        gradient.square().sum().backward()
