"""What the families say: of what is wrong with values, and of what they refuse to be."""

import numpy as np
import pytest
from brute_force import RUN_OF_TWO, int32

from latent_ebm.energies.all_different import AllDifferent
from latent_ebm.energies.automaton import Automaton
from latent_ebm.energies.cardinality import AtMostOne, Cardinality, ExactlyOne
from latent_ebm.energies.clause import Clauses, implications
from latent_ebm.energies.conditional import Conditional
from latent_ebm.energies.element import Element
from latent_ebm.energies.family import Numbered
from latent_ebm.energies.linear import OPEN, Linear
from latent_ebm.energies.regular import Regular
from latent_ebm.energies.relation import Relation
from latent_ebm.energies.space import Space
from latent_ebm.energies.table import Table
from latent_ebm.kernels.factors import Operator
from latent_ebm.kernels.structure import Csr

RGB = Space.full(["x", "y", "z"], ["red", "green", "blue"])
CELLS = Space.full(["r1c1", "r1c2", "r1c3", "r1c4"], list("123"))
GOOD_BAD = ("good", "bad")
BITS = Automaton(RUN_OF_TWO[0], np.array(RUN_OF_TWO[1], np.bool_), np.array(RUN_OF_TWO[2]))


def csr(*rows):
    return Csr.from_rows([list(row) for row in rows])


def sums(rows, low, high, weights=None, names=GOOD_BAD):
    count = sum(map(len, rows))
    weight = np.tile([1, 2, 3], (count, 1)) if weights is None else np.array(weights)
    return Linear(csr(*rows), weight, np.array(low), np.array(high), 3, names)


def relation(first, operator, second, offset=0, names=("x and y",)):
    return Relation(
        int32([first]), int32([second]), np.array([operator], np.int8), int32([offset]), 3, names
    )


def element(index, array, result, origins):
    return Element(int32([index]), csr(array), int32([result]), csr(origins), 3, ("pick",))


EXPLAINED = [
    (ExactlyOne(csr([0, 3, 6]), 3, ("red",)), [0, 1, 0], "red: chosen at x, z"),
    (AtMostOne(csr([0, 3, 6]), 3, ("red",)), [1, 1, 2], "red: chosen nowhere"),
    (
        Cardinality.exactly(1, csr([0, 3, 6]), 3, ("red",)),
        [0, 0, 1],
        "red: chosen at x, y (2, not 1)",
    ),
    (
        Cardinality.at_least(2, csr([0, 3, 6]), 3, ("red",)),
        [1, 1, 1],
        "red: chosen nowhere (0, not 2 to 3)",
    ),
    (AllDifferent(csr([0, 1, 2]), 3, ("hues",)), [2, 0, 2], "hues: blue at x, z"),
    (AllDifferent(csr([0, 1, 2]), 3, ("hues",)), [2, 0, 1], "hues: holds"),
    (
        Clauses(csr([0, 5]), np.array([1, -1], np.int8), 3, ("clause 7",)),
        [1, 2, 0],
        "clause 7: all literals are false at x=green, y=blue",
    ),
    (
        Table(csr([0, 1]), [np.array([[0, 1], [1, 0]])], 3, ("swap",)),
        [2, 0, 0],
        "swap: x=blue, y=red is none of the 2 allowed",
    ),
    (
        relation(0, Operator.LESS, 1, -1),
        [1, 2, 0],
        "x and y: x < y - 1 is false of green and blue",
    ),
    (relation(0, Operator.NOT_EQUAL, 1), [1, 1, 0], "x and y: x != y is false of green and green"),
    (element(0, [1], 2, [0, 0, 0]), [1, 0, 0], "pick: x=green is outside the array of 1"),
    (element(0, [1], 2, [0, 0, 0]), [0, 1, 2], "pick: x=red picks y=green, but z=blue"),
    (
        Conditional(relation(0, Operator.EQUAL, 1), int32([6])),
        [0, 1, 0],
        "x and y: x == y is false of red and green (demanded by z=red)",
    ),
    (
        Conditional(relation(0, Operator.EQUAL, 1), int32([6])),
        [0, 1, 2],
        "x and y: not demanded, as z=blue",
    ),
]


@pytest.mark.parametrize(("family", "values", "text"), EXPLAINED, ids=[t for _, _, t in EXPLAINED])
def test_explain_names_the_variables_and_states_at_fault(family, values, text):
    assert family.explain(0, RGB, np.array(values)) == text


@pytest.mark.parametrize(
    ("low", "high", "text"),
    [
        (5, 5, "cage 3 (sum 12): r1c1=3, r1c2=1 add up to 4, not 5"),
        (5, OPEN, "cage 3 (sum 12): r1c1=3, r1c2=1 add up to 4, not at least 5"),
        (-OPEN, 3, "cage 3 (sum 12): r1c1=3, r1c2=1 add up to 4, not at most 3"),
        (5, 6, "cage 3 (sum 12): r1c1=3, r1c2=1 add up to 4, not between 5 and 6"),
        (3, 4, "cage 3 (sum 12): holds"),
    ],
)
def test_sums_explain_what_they_add_up_to(low, high, text):
    cage = sums([[0, 1]], [low], [high], names=("cage 3 (sum 12)",))
    assert cage.explain(0, CELLS, np.array([2, 0, 1, 1])) == text


@pytest.mark.parametrize(
    ("word", "text"),
    [
        ([0, 1, 0, 1], "row 1: cannot go on at b3=0"),
        ([0, 0, 0, 1], "row 1: b1=0, b2=0, b3=0, b4=1 may not end there"),
        ([0, 1, 1, 0], "row 1: holds"),
    ],
)
def test_automata_explain_how_far_they_get(word, text):
    space = Space.full([f"b{i}" for i in range(1, 5)], ["0", "1"])
    row = Regular(csr([0, 1, 2, 3]), [BITS], 2, ("row 1",))
    assert row.explain(0, space, np.array(word)) == text


def test_all_different_explains_two_faults_in_one_factor():
    space = Space.full(list("abcd"), list("pqrs"))
    different = AllDifferent(csr([3, 1, 0, 2]), 4, ("row 1",))
    text = different.explain(0, space, np.array([1, 3, 1, 3]))
    assert text == "row 1: q at a, c; s at d, b"


def test_long_explanations_are_cut():
    space = Space.full([f"v{i}" for i in range(40)], ["0", "1"])
    clause = Clauses(csr(range(1, 80, 2)), np.ones(40, np.int8), 2, ("long",))
    text = clause.explain(0, space, np.zeros(40, np.int64))
    assert text.endswith("v10=0, v11=0 and 28 more")


def broken_table(*tuples):
    return Table(csr([0], [0, 1]), [np.array([[1]]), np.array(tuples)], 3, GOOD_BAD)


REFUSED = [
    (lambda: ExactlyOne(csr([0], []), 3, GOOD_BAD), "bad has no entries"),
    (lambda: AllDifferent(csr([0, 1], [2, 0, 2]), 4, GOOD_BAD), "bad repeats a variable"),
    (lambda: AllDifferent(csr([0, 1], [0, 1, 2]), 2, GOOD_BAD), "bad has 3 variables but only 2"),
    (lambda: Cardinality.exactly(1, csr([0], []), 3, GOOD_BAD), "bad has no entries"),
    (lambda: Cardinality.exactly(1, csr([0], [1, 1]), 3, GOOD_BAD), "bad repeats entry 1"),
    (lambda: Cardinality.exactly(2, csr([0, 1], [1]), 3, GOOD_BAD), "bad asks for more"),
    (lambda: Cardinality.at_least(2, csr([0, 1], [1]), 3, GOOD_BAD), "bad asks for more"),
    (lambda: Cardinality.at_most(-1, csr([0, 1], [1]), 3, GOOD_BAD), "good asks for .* fewer"),
    (
        lambda: Cardinality(csr([0], [1]), int32([0, 1]), int32([1, 0]), 3, GOOD_BAD),
        "bad has low > high",
    ),
    (
        lambda: Cardinality(csr([0], [1]), int32([0]), int32([1, 0]), 3, GOOD_BAD),
        "2 factors need as many of low; found 1",
    ),
    (lambda: Clauses(csr([0], []), np.ones(1, np.int8), 3, GOOD_BAD), "bad has no entry"),
    (lambda: Clauses(csr([0], [2, 2]), np.ones(3, np.int8), 3, GOOD_BAD), "bad repeats entry 2"),
    (lambda: Clauses(csr([0], [-2]), np.ones(2, np.int8), 3, GOOD_BAD), "bad has a negative entry"),
    (lambda: Clauses(csr([0], [2]), np.ones(3, np.int8), 3, GOOD_BAD), "2 literals need as many"),
    (lambda: Clauses(csr([0], [2]), np.array([1, 0], np.int8), 3, GOOD_BAD), "1 or -1; found 0"),
    (lambda: implications(csr([0]), csr([1], [2]), 3, GOOD_BAD), "found 1 and 2"),
    (lambda: implications(csr([0], [1]), csr([1], [1]), 3, GOOD_BAD), "bad repeats entry 1"),
    (lambda: sums([[0], [1, 1]], [1, 1], [3, 3]), "bad repeats variable 1"),
    (lambda: sums([[0], [1]], [1, 3], [1, 2]), "bad has low > high"),
    (lambda: sums([[0], [1]], [1, 4], [1, 4]), "bad adds up to .* 1 and at most 3, .* never is 4"),
    (lambda: sums([[0], [1]], [1, -OPEN], [1, 0]), "bad adds up .* never is at most 0"),
    (
        lambda: sums([[0], [1]], [1, 0], [1, 0], [[0, 0, 1], [0, 0, 2**31]]),
        "bad has sums beyond 32 bits; divide",
    ),
    (
        lambda: sums([[0], [1]], [1, 0], [1, 0], [[0, 0, 1], [0, 0, 2**62]]),
        "bad has sums beyond 32 bits; divide",
    ),
    (lambda: sums([[0], [1]], [1, 0], [1, 0], [[0, 0, 1]]), r"\(2, 3\); found \(1, 3\)"),
    (lambda: broken_table([0, 3]), r"bad has the tuple \(0, 3\); states are 0 to 2"),
    (lambda: broken_table([0, -1]), r"bad has the tuple \(0, -1\)"),
    (lambda: broken_table([0, 1], [2, 2], [0, 1]), "bad repeats a tuple"),
    (lambda: broken_table([0, 1, 2]), r"bad has 2 variables and needs tuples \[T, 2\]"),
    (
        lambda: Table(csr([0]), [np.zeros((0, 1), np.int64)], 3, ("none",)),
        "none has no tuples; it can never hold",
    ),
    (lambda: Automaton(-1, BITS.accepting, BITS.transitions), "start -1 is no state"),
    (lambda: Automaton(3, BITS.accepting, BITS.transitions), "start 3 is no state"),
    (lambda: Automaton(0, BITS.accepting[:2], BITS.transitions), r"2 states needs .*\(3, 2\)"),
    (lambda: Automaton(0, BITS.accepting, BITS.transitions + 1), "states 0 to 2"),
    (
        lambda: Regular(csr([0, 1], [1]), [BITS, BITS], 2, GOOD_BAD),
        "bad has an automaton that accepts no word of its length, 1",
    ),
    (
        lambda: Regular(csr([0, 1]), [BITS], 3, ("bad",)),
        "bad has an automaton that reads 2 values; its variables have 3",
    ),
    (lambda: relation(1, Operator.LESS, 1), "x and y repeats variable 1"),
    (lambda: relation(0, 4, 1), "x and y has an unknown operator"),
    (lambda: relation(0, Operator.LESS, 1, -2), "x and y allows no pair of the 3 states"),
    (lambda: relation(0, Operator.AT_MOST, 1, -3), "x and y allows no pair"),
    (lambda: relation(0, Operator.EQUAL, 1, 3), "x and y allows no pair"),
    (lambda: element(0, [1, 0], 2, [0, 0, 0, 0]), "pick repeats variable 0"),
    (lambda: element(0, [1], 2, [0, 0]), "pick needs an origin of the index"),
    (lambda: element(0, [1], 2, [1, 0, 0]), "pick has no index within the array"),
    (lambda: element(0, [1], 2, [0, 0, 3]), "pick has no index .* can be the result"),
    (
        lambda: Conditional(relation(0, Operator.LESS, 1), int32([5])),
        "x and y is guarded by one of its own variables",
    ),
    (lambda: Conditional(relation(0, Operator.LESS, 1), int32([-1])), "has a negative guard"),
    (lambda: Conditional(relation(0, Operator.LESS, 1), int32([6, 7])), "1 factors need as many"),
    (
        lambda: Conditional(Conditional(relation(0, Operator.LESS, 1), int32([6])), int32([9])),
        "cannot have two guards",
    ),
]


@pytest.mark.parametrize(("make", "message"), REFUSED, ids=[message for _, message in REFUSED])
def test_what_can_never_hold_or_does_not_fit_is_refused_by_name(make, message):
    with pytest.raises(ValueError, match=message):
        make()


@pytest.mark.parametrize("names", [(), ("a",), ("a", "b", "c")])
@pytest.mark.parametrize(
    "make",
    [
        lambda names: ExactlyOne(csr([0], [1]), 3, names),
        lambda names: AllDifferent(csr([0], [1]), 3, names),
        lambda names: Cardinality.exactly(1, csr([0], [1]), 3, names),
        lambda names: Clauses(csr([0], [1]), np.ones(2, np.int8), 3, names),
        lambda names: sums([[0], [1]], [1, 1], [3, 3], names=names),
        lambda names: Table(csr([0], [1]), [np.array([[1]])] * 2, 3, names),
        lambda names: Regular(csr([0, 1], [2, 3]), [BITS] * 2, 2, names),
    ],
)
def test_factors_need_as_many_labels(make, names):
    with pytest.raises(ValueError, match=f"2 .* need as many labels; found {len(names)}"):
        make(names)


def test_a_million_clauses_are_made_and_checked_without_a_loop_over_them():
    count = 1_000_000
    rng = np.random.default_rng(0)
    variables = np.sort(rng.integers(0, 250_000 - 2, (count, 3)), axis=1) + np.arange(3)
    signs = rng.choice(np.array([1, -1], np.int8), 3 * count)
    family = Clauses(Csr.rectangle(variables * 2 + 1), signs, 2, Numbered("clause", count))
    broken = ~family.check(rng.integers(0, 2, (1, 250_000)))
    assert abs(broken.mean() - 1 / 8) < 0.01
    assert family.factors().count == count


def test_families_without_factors_are_families():
    import torch

    none, empty = Csr.from_rows([]), int32([])
    x = torch.zeros(2, 3, 2)
    for family in (
        Clauses(none, np.zeros(0, np.int8), 2, ()),
        Cardinality(none, empty, empty, 2, ()),
        Linear(none, np.zeros((0, 2), np.int64), empty, empty, 2, ()),
        Table(none, [], 2, ()),
        Regular(none, [], 2, ()),
        Relation(empty, empty, empty, empty, 2, ()),
        Element(empty, none, empty, none, 2, ()),
        Conditional(Table(none, [], 2, ()), empty),
    ):
        assert family.energy(x).shape == (2, 0)
        assert family.check(np.zeros((2, 3), np.int64)).shape == (2, 0)
        assert family.factors().count == 0
