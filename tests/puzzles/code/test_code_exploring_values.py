"""Values, guards, trees of runs and pools of expressions, without any process."""

from __future__ import annotations

import marshal
from types import SimpleNamespace

import pytest

from latent_ebm.puzzles.code.execution.exploring.guarding import GUARDS, guarded
from latent_ebm.puzzles.code.execution.exploring.noted import Noted
from latent_ebm.puzzles.code.execution.exploring.value_pool import (
    Entry,
    Symbol,
    ValuePool,
    operation,
)
from latent_ebm.puzzles.code.execution.exploring.value_tree import (
    Reach,
    State,
    Terminal,
    ValueTree,
)
from latent_ebm.puzzles.code.execution.exploring.values import (
    Drawn,
    Raised,
    UnboundedError,
    bounded,
    key_of,
    paths,
    snapshot,
)
from latent_ebm.puzzles.code.execution.ticks import OutOfTicks
from latent_ebm.puzzles.code.grammar.expressions import SUM, TERM, Expression, Production
from latent_ebm.puzzles.code.grammar.pool import Pool

WRONG = Terminal(1, b"wrong", 400)


def test_the_same_list_and_an_equal_one_are_told_apart() -> None:
    names = {"a": [1, 2], "b": [1, 2]}
    known = paths(names)
    keys = {key_of(names["a"], known), key_of(names["b"], known), key_of([1, 2], known)}
    assert len(keys) == 3
    assert key_of([1, 2], known) == key_of([1, 2], {})


@pytest.mark.parametrize(("one", "other"), [(1, True), (1, 1.0), ("1", b"1"), ((1,), [1])])
def test_values_that_are_equal_but_of_other_types_have_other_keys(
    one: object, other: object
) -> None:
    assert key_of(one, {}) != key_of(other, {})


@pytest.mark.parametrize(("one", "other"), [(0.0, -0.0), ({1}, {True}), ({0}, {0.0})])
def test_values_that_are_equal_and_go_on_differently_have_other_keys(
    one: object, other: object
) -> None:
    assert one == other
    assert key_of(one, {}) != key_of(other, {})


def test_values_whose_hashes_are_equal_are_told_apart_by_the_hash_of_their_keys() -> None:
    assert hash(-1) == hash(-2)
    assert hash(key_of(-1, {})) != hash(key_of(-2, {}))


def test_a_list_within_a_tuple_and_a_copy_of_it_are_told_apart() -> None:
    names = {"pair": ([1], [2])}
    known = paths(names)
    assert key_of(names["pair"][0], known) != key_of([1], known)


def test_what_ends_an_expression_is_kept_apart_from_the_values_before() -> None:
    noted = Noted(guarded("[0] * n"), loops=False)

    def program(n: int) -> object:  # noqa: ARG001 - the hole reads it
        return noted()

    assert program(1) == [0]
    with pytest.raises(OutOfTicks):
        program(10**9)
    assert noted.endless
    tree = ValueTree({})
    end = Terminal(3, b"endless", 400)
    tree.add(0, noted.reaches, end)
    first = noted.reaches[0].value
    assert tree.outcome(0, lambda state: first if state.names["n"] == 1 else "another") is None


def test_lists_that_hold_one_another_many_times_are_too_large_to_compare() -> None:
    value: list[object] = [1]
    for _ in range(60):
        value = [value, value]
    with pytest.raises(UnboundedError):
        key_of(value, {})


def test_objects_that_hold_long_chains_of_others_are_too_large_to_compare() -> None:
    chained: object = None
    for _ in range(100):
        chained = SimpleNamespace(following=chained)
    with pytest.raises(UnboundedError):
        key_of(chained, {})
    assert key_of(SimpleNamespace(a=1), {}) == key_of(SimpleNamespace(a=1), {})
    assert key_of({SimpleNamespace: 1}, {}) == key_of({SimpleNamespace: 1}, {})


def test_iterators_are_drawn_so_that_many_can_read_them() -> None:
    drawn = bounded(zip([1], [2], strict=True))
    assert drawn == Drawn("zip", ((1, 2),))
    both = operation("list({0}) + list({0})", 1)
    assert both(drawn) == [(1, 2)]  # one reader: the second finds nothing, as in the program


def test_an_iterator_that_the_program_holds_is_not_drawn() -> None:
    names = {"rest": iter([1, 2])}
    with pytest.raises(UnboundedError):
        bounded(names["rest"], names)
    assert next(names["rest"]) == 1


@pytest.mark.parametrize("text", ["'a' * n", "n * [0]", "n ** n", "2 << n", "list(range(n))"])
def test_what_grows_fast_is_checked_before_it_is_computed(text: str) -> None:
    assert guarded(text).value(dict(GUARDS), {"n": 3}) == eval(text, {"n": 3})
    with pytest.raises(UnboundedError):
        guarded(text).value(dict(GUARDS), {"n": 10**9})


def test_an_operand_that_raises_matters_only_where_it_is_evaluated() -> None:
    error = Raised("IndexError")
    assert operation("{0} and {1}", 2)(False, error) is False
    assert operation("{0} or {1}", 2)(True, error) is True
    assert operation("{0} if {1} else {2}", 3)(error, False, 5) == 5
    assert operation("{0} + {1}", 2)(1, error) == error


def test_a_state_keeps_what_can_be_copied() -> None:
    names = {"n": 1, "later": (i for i in range(3)), "queue": {1: [2]}}
    kept = snapshot(names)
    assert isinstance(kept, dict)
    assert set(kept) == {"n", "queue"}
    assert kept["queue"] is not names["queue"]
    with pytest.raises(UnboundedError):
        snapshot({"text": "x" * 100_000})


def test_a_run_is_known_for_every_expression_with_its_values() -> None:
    tree = ValueTree({})
    states = [marshal.dumps({"i": i}) for i in range(3)]
    tree.add(0, [Reach(state, ("v", i)) for i, state in enumerate(states)], WRONG)
    assert tree.outcome(0, lambda state: ("v", state.names["i"])) == WRONG
    assert tree.outcome(0, lambda _: ("v", 0)) is None
    assert tree.outcome(1, lambda _: ("v", 0)) is None
    tree.add(1, (), WRONG)
    assert tree.outcome(1, lambda _: "whatever it gives") == WRONG


def test_a_case_that_ran_out_of_a_small_budget_may_come_to_another_end_with_more() -> None:
    tree = ValueTree({})
    run = [Reach(marshal.dumps({"i": 0}), 1)]
    tree.add(0, run, Terminal(3, b"T", 400))
    tree.add(0, run, WRONG)
    assert tree.outcome(0, lambda _: 1) == WRONG


def test_a_tree_begins_as_another_until_a_run_shows_otherwise() -> None:
    states: dict[bytes, State] = {}
    first, second = ValueTree(states), ValueTree(states)
    first.begin(0, marshal.dumps({"i": 0}))
    first.begin(1, marshal.dumps({"i": 1}))
    first.add(2, (), WRONG)
    second.begin_as(first)
    assert second.outcome(2, lambda _: 1) == WRONG  # the hole is not reached
    assert second.sample(2, (0, 1)) == first.sample(2, (0, 1))
    second.add(0, (), WRONG)  # its statement raises before the hole
    second.add(1, (), Terminal(3, b"T", 400))  # it only ran out of its budget before
    assert second.outcome(0, lambda _: 1) == WRONG
    assert second.outcome(1, lambda _: 1) is None
    assert first.outcome(0, lambda _: 1) is None


def test_trees_share_states_that_are_equal() -> None:
    states: dict[bytes, State] = {}
    trees = [ValueTree(states), ValueTree(states)]
    for tree in trees:
        tree.add(0, [Reach(marshal.dumps({"i": 0}), 1)], WRONG)
    assert trees[0].nodes[0].state is trees[1].nodes[0].state
    assert trees[0].nodes[0].edges is not trees[1].nodes[0].edges


ATOMS = [Expression("a", "int", 1.0, names=frozenset("a")), Expression("1", "int", 1.5)]
MADE = [
    Production("+", "{0} + {1}", ("int", "int"), (SUM, SUM + 1), "int", SUM, 1.0),
    Production("*", "{0} * {1}", ("int", "int"), (TERM, TERM + 1), "int", TERM, 1.5),
    Production("-", "-{0}", ("int",), (TERM,), "int", TERM, 0.5),
]


def _texts(states: list[State], highest: float) -> list[str]:
    """The expressions of a value pool over the atoms and productions above."""
    symbols = [Symbol(a.text, (), 0, round(4 * a.cost), False, False) for a in ATOMS]
    symbols += [
        Symbol(m.template, (0,) * len(m.operands), 0, round(4 * m.cost), m.distinct, m.symmetric)
        for m in MADE
    ]
    functions = [None] * len(ATOMS) + [operation(m.template, len(m.operands)) for m in MADE]
    values = [tuple(eval(a.text, dict(s.names)) for s in states) for a in ATOMS]
    pool = ValuePool(symbols, functions, [*values, None, None, None], states, 10_000)

    def written(entry: Entry) -> Expression:
        made = [*ATOMS, *MADE][entry.symbol]
        if isinstance(made, Expression):
            return made
        return made.apply(tuple(map(written, entry.parts)))

    return [written(entry).text for entry in pool.entries(round(4 * highest)) if entry]


def test_where_no_state_tells_values_apart_all_that_the_grammar_makes_comes() -> None:
    grammar = Pool(ATOMS, MADE, limit=10_000, height=5.5)
    distinct = [State({"a": a}) for a in (3, 10_007, -5_000_011)]
    every = _texts(distinct, 5.5)
    assert set(every) <= {x.text for x in grammar.of("int")}
    values = {tuple(eval(x.text, {"a": s.names["a"]}) for s in distinct) for x in grammar.of("int")}
    assert {tuple(eval(t, {"a": s.names["a"]}) for s in distinct) for t in every} == values


def test_of_expressions_with_equal_values_only_the_cheapest_is_built_upon() -> None:
    at_one = _texts([State({"a": 1})], 5.5)
    assert {"a + a", "1 + a"} <= set(at_one)
    assert "a + a + a" in at_one
    assert not any("1 + a +" in text or "(1 + a)" in text for text in at_one)
