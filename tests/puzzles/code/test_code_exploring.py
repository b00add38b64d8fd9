"""Explorations in confined workers: what they report, and that it is what running shows."""

from __future__ import annotations

import ast
import struct
from collections.abc import Iterator
from dataclasses import replace

import pytest

from latent_ebm.puzzles.code.execution.executor import Executor
from latent_ebm.puzzles.code.execution.exploring.exploration import HEAD, HOPELESS, OVER, SURVIVOR
from latent_ebm.puzzles.code.execution.exploring.found import Found, Hole, unpacked
from latent_ebm.puzzles.code.execution.outcomes import Job, Limits
from latent_ebm.puzzles.code.execution.records import RecordError
from latent_ebm.puzzles.code.grammar.context import Context
from latent_ebm.puzzles.code.grammar.edits import applied
from latent_ebm.puzzles.code.grammar.program import Program
from latent_ebm.puzzles.code.grammar.scope import Observations
from latent_ebm.puzzles.code.grammar.sites import Site, opened, sites
from latent_ebm.puzzles.code.grammar.valued import ValuedHole
from latent_ebm.puzzles.code.testing.cases import Case, Suite

LIMITS = Limits(memory=256 << 20, seconds=0.3, wall_seconds=3.0, ticks=5_000)
SUM_TO = """\
def f(n):
    total = 0
    while n > 0:
        total += ...
        n -= 1
    return total
"""


def _suite(*cases: tuple[tuple[object, ...], object]) -> Suite:
    return Suite("f", tuple(Case(f"{args}", args, expected=value) for args, value in cases))


def _hole(text: str, executor: Executor) -> tuple[ValuedHole, Hole]:
    """The first hole of a program, with the names and types of one slow run."""
    program = Program(text)
    stopped = Program(applied(program.source, opened(program, sites(program))))
    profile = executor.profile(stopped.text)
    seen = Observations(profile.types, profile.locals, profile.lines, [True] * len(profile.lines))
    context = Context(stopped, seen)
    (call,) = _calls(stopped)
    valued = ValuedHole.at(context, Site(0, call), ("int",))
    assert valued is not None
    variants = tuple(valued.uses(stopped.text))
    order = tuple(range(len(executor.suite)))
    return valued, Hole(variants, 0, 1, order, valued.rows, 40, valued.loops)


def _calls(program: Program) -> Iterator[ast.expr | ast.Expr]:
    """Where the first hole is."""
    for node in ast.walk(program.tree):
        match node:
            case ast.Call(func=ast.Name(id="__hole_0__")):
                parent = program.parent(node)
                yield parent if isinstance(parent, ast.Expr) else node


def _explored(executor: Executor, hole: Hole, stretches: int = 8) -> list[Found]:
    number = executor.explorations.begin(hole)
    found: list[Found] = []
    for _ in range(stretches):
        (one,) = executor.explorations.advance([number], 500, 3_000)
        assert one is not None
        found.append(one)
        if one.over:
            break
    return found


def test_an_expression_in_a_loop_is_found_with_few_runs() -> None:
    suite = _suite(((3,), 14), ((4,), 30), ((1,), 1))
    with Executor(suite, workers=1, limits=LIMITS) as executor:
        valued, hole = _hole(SUM_TO, executor)
        found = _explored(executor, hole)
        texts = [valued.filling(v, n).text for one in found for v, _, n in one.survivors]
    assert "n * n" in texts
    assert sum(one.runs for one in found) < 0.2 * sum(one.expressions for one in found)


def test_what_may_pass_is_what_passes_when_it_is_run() -> None:
    text = "def f(a, b):\n    if ...:\n        return a\n    return b\n"
    suite = _suite(((1, 2), 2), ((5, 3), 5), ((4, 4), 4), ((-1, -7), -1), ((0, 9), 9))
    with Executor(suite, workers=1, limits=LIMITS) as executor:
        valued, hole = _hole(text, executor)
        hole = replace(hole, highest=24)
        found = _explored(executor, hole, 40)
        assert found[-1].over
        ranked = [told for one in found for told in one.survivors if told[1] != HOPELESS]
        told = {valued.filling(v, n).text for v, _, n in ranked}
        pool = valued.context.pool_at(valued.site.node)
        every = [x for x in pool.of("bool") if round(4 * x.cost) <= 20]
        jobs = [Job(hole.variants[0][0].replace("__hole_0__()", x.text)) for x in every]
        outcomes = [outcome for (outcome,) in executor.run(jobs)]
    passing = {x.text for x, outcome in zip(every, outcomes, strict=True) if outcome.passed}
    assert passing
    assert {text for text in told if text in {x.text for x in every}} == passing


def test_a_loop_whose_state_comes_again_takes_no_budget() -> None:
    text = "def f(n):\n    while n > 1:\n        n = ...\n    return n\n"
    suite = _suite(((8,), 1), ((5,), 1))
    with Executor(suite, workers=1, limits=replace(LIMITS, ticks=10**9)) as executor:
        valued, hole = _hole(text, executor)
        found = _explored(executor, hole, 2)
        texts = [valued.filling(v, n).text for one in found for v, _, n in one.survivors]
    assert "1" in texts
    assert "n" not in texts  # nor is it told as coming close


CALLED_TWICE = """\
def f(n):
    return g(n) + g(n)

def g(x):
    y = ...
    return y
"""
COUNTING = """\
count = 0

def tick():
    global count
    count += 1
    return count

def f(n):
    x = 0
    while tick() < n:
        x = ...
    return x
"""


OF_A_CLASS = """\
class Clock:
    count = 0

    @classmethod
    def tick(cls):
        cls.count += 1
        return cls.count

def f(n):
    x = 0
    while Clock.tick() < n:
        x = ...
    return x
"""
IN_A_DEFAULT = """\
def tick(seen=[]):
    seen.append(0)
    return len(seen)

def f(n):
    x = 0
    while tick() < n:
        x = ...
    return x
"""


@pytest.mark.parametrize(
    ("text", "suite", "right"),
    [
        (OF_A_CLASS, _suite(((3,), 4), ((5,), 6)), "n + 1"),
        (IN_A_DEFAULT, _suite(((3,), 4), ((5,), 6)), "n + 1"),
        (CALLED_TWICE, _suite(((3,), 8), ((5,), 12)), "x + 1"),
        (COUNTING, _suite(((3,), 4), ((5,), 6)), "n + 1"),
    ],
)
def test_equal_names_in_another_call_or_beside_other_state_are_no_loop(
    text: str, suite: Suite, right: str
) -> None:
    with Executor(suite, workers=1, limits=LIMITS) as executor:
        valued, hole = _hole(text, executor)
        found = _explored(executor, hole)
        texts = [valued.filling(v, n).text for one in found for v, _, n in one.survivors]
    assert right in texts


SYMBOLS = (("a", (), (), 0, 0, 1, False), ("{0} < {1}", (0, 0), (0, 0), 1, 0, 1, False))


@pytest.mark.parametrize(
    "numbers", [(), (2,), (1,), (1, 0), (0, 0), (1, 0, 1), (1, 1, 0, 0, 0), (1, 0, 0, 0)]
)
def test_a_worker_that_answers_with_what_is_no_expression_is_refused(
    numbers: tuple[int, ...],
) -> None:
    hole = Hole((("", (0, 0)),), 0, 1, (0,), SYMBOLS, 8, False)
    body = SURVIVOR.pack(0, 0, len(numbers)) + struct.pack(f"<{len(numbers)}H", *numbers)
    with pytest.raises(RecordError, match="what was not sent"):
        unpacked(HEAD.pack(OVER, 1, 1, 1, 1) + body, hole)


def test_a_derivation_is_taken_as_it_was_sent() -> None:
    hole = Hole((("", (0, 0)),), 0, 1, (0,), SYMBOLS, 8, False)
    body = HEAD.pack(OVER, 1, 2, 3, 1) + SURVIVOR.pack(0, 4, 3) + struct.pack("<3H", 1, 0, 0)
    assert unpacked(body, hole) == Found(True, 1, 2, 3, ((0, 4, (1, 0, 0)),))
    with pytest.raises(RecordError, match="goes on"):
        unpacked(body + b"x", hole)


def test_statements_are_explored_around_their_expressions() -> None:
    text = "def f(items):\n    total = 0\n    for item in items:\n        ...\n    return total\n"
    suite = _suite((([1, 2],), 5), (([3],), 9), (([],), 0))
    with Executor(suite, workers=2, limits=LIMITS) as executor:
        valued, hole = _hole(text, executor)
        found = _explored(executor, hole)
        texts = [valued.filling(v, n).text for one in found for v, _, n in one.survivors]
    assert "total += item * item" in texts


def test_an_expression_that_ends_the_worker_is_left_out_and_the_rest_goes_on() -> None:
    suite = _suite(((3,), 14), ((4,), 30))
    with Executor(suite, workers=1, limits=LIMITS) as executor:
        valued, hole = _hole(SUM_TO, executor)
        (text, roots), *_ = hole.variants
        number = hole.symbols[0][3]
        endless = ("sum(iter(int, 1)) if n < 2 else n", (), (), number, 0, 0, False, False)
        symbols = (*hole.symbols, endless)
        found = _explored(executor, replace(hole, symbols=symbols, variants=((text, roots),)))
        texts = [
            valued.filling(v, n).text
            for one in found
            for v, _, n in one.survivors
            if max(n) < len(hole.symbols)
        ]
    assert "n * n" in texts


@pytest.mark.parametrize("workers", [1, 2])
def test_several_explorations_are_asked_at_once_and_one_that_ends_a_worker_takes_no_other_along(
    workers: int,
) -> None:
    suite = _suite(((3,), 14), ((4,), 30))
    with Executor(suite, workers=workers, limits=LIMITS) as executor:
        valued, hole = _hole(SUM_TO, executor)
        (text, roots), *_ = hole.variants
        endless = (
            "sum(iter(int, 1)) if n < 2 else n",
            (),
            (),
            hole.symbols[0][3],
            0,
            0,
            False,
            False,
        )
        deadly = replace(hole, symbols=(*hole.symbols, endless), variants=((text, roots),))
        explorations = executor.explorations
        numbers = [explorations.begin(one) for one in (deadly, hole, hole)]
        for number in numbers:
            explorations.ask(number, 500, 3_000)
        found = explorations.answers()
        assert explorations.answers() == {}
    assert found.keys() == set(numbers)
    for number in numbers[1:]:
        one = found[number]
        assert one is not None
        assert "n * n" in [valued.filling(v, n).text for v, _, n in one.survivors]
    assert found[numbers[1]] == found[numbers[2]]


def test_a_worker_that_died_while_it_waited_is_put_in_its_place_again() -> None:
    suite = _suite(((3,), 14), ((4,), 30))
    with Executor(suite, workers=1, limits=LIMITS) as executor:
        _, hole = _hole(SUM_TO, executor)
        explorations = executor.explorations
        for slot in [*(home.slot for home in explorations._homes), *executor._pool.running]:
            slot.process.kill()
        executor.calibrate(SUM_TO.replace("...", "n"))
        assert executor.run([Job(SUM_TO.replace("...", "n * n"))])[0][0].passed
        assert _explored(executor, hole, 1)[0].expressions


def test_programs_that_need_a_process_of_their_own_are_not_explored() -> None:
    text = "import os\n\ndef f(n):\n    os.getcwd()\n    return ...\n"
    with Executor(_suite(((1,), 1)), workers=1, limits=LIMITS) as executor:
        _, hole = _hole(text, executor)
        number = executor.explorations.begin(hole)
        assert executor.explorations.advance([number], 100, 100) == [None]


@pytest.mark.parametrize("text", ["def f(n):\n    return [... for i in range(n)]\n"])
def test_holes_that_see_the_names_of_a_comprehension_are_not_explored(text: str) -> None:
    program = Program(text)
    stopped = Program(applied(program.source, opened(program, sites(program))))
    (call,) = _calls(stopped)
    context = Context(stopped, Observations({}, {}, [], []))
    assert ValuedHole.at(context, Site(0, call), ()) is None
