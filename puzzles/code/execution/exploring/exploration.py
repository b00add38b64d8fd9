"""One hole explored in a worker: expressions in order of cost, judged by their values."""

from __future__ import annotations

import struct
import sys
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Generator, Hashable
from types import CodeType
from typing import Any

from latent_ebm.puzzles.code.execution.exploring.value_pool import (
    Entry,
    Symbol,
    ValuePool,
    atom_values,
    evaluated,
    operation,
)
from latent_ebm.puzzles.code.execution.exploring.value_tree import (
    Node,
    Reach,
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
from latent_ebm.puzzles.code.execution.outcomes import Verdict
from latent_ebm.puzzles.code.execution.runner import Hole, Runner
from latent_ebm.puzzles.code.execution.ticks import HoleReached, OutOfTicks, OutOfTime
from latent_ebm.puzzles.code.grammar.expressions import Expression, Production

__all__ = ["GONE", "HEAD", "SURVIVOR", "Exploration"]

HEAD = struct.Struct("<BIQHH")
"""How it stands, runs, expressions judged, the layer reached, the number of survivors."""
SURVIVOR = struct.Struct("<HH")
"""Its rank among those that come to the same, and the length of its derivation, in symbols u16."""

GOING, OVER, REFUSED, LOST = range(4)
"""How an exploration stands."""
GONE = HEAD.pack(LOST, 0, 0, 0, 0)
"""The answer where an exploration is not known, or no longer."""
ALIVE = (Verdict.PASS, Verdict.TIMEOUT, Verdict.HOLE)
STATES = 24
"""Values are compared at so many states."""
LOOKS = (24, 200, 1500)
"""After so many runs the states are chosen again, from what the runs have shown."""
MISFITS = 500
"""Expressions of each layer whose type does not fit that are judged all the same."""
KEPT = 2500
"""Expressions of each type that are built upon."""
ALIKE, PASSING = 6, 40
"""Survivors told of each kind, and of those that pass every test."""
TICKS, TICKS_OF_WORK = 3000, 300
"""The budget of a case, and how many are one unit of work, as is every run."""
MOST_SLOW = 2
"""An expression with which the first cases run out of their budgets is not looked at further."""
ENDLESS = b"endless"
"""The trace of a case in which a state came again."""
_CONTAINERS = (list, dict, set, deque)
MOST_REACHES = 300
"""Of one run; what a run with more comes to is not kept."""


class Exploration:
    """The expressions of one hole; see the package's docstring.

    Parameters
    ----------
    text
        The program, its open holes calls of ``__hole_0__()``, ``__hole_1__()``, ...
    runner
        Of the worker.
    request
        The fields of ``hosting.Hole``, as they were sent.
    """

    def __init__(self, runner: Runner, request: dict[str, Any]) -> None:
        self._runner = runner
        self._program = runner.programs.program(request["text"])
        self._hole: int = request["hole"]
        self._holes: list[Hole] = [None] * request["holes"]
        self._order: list[int] = list(request["order"])
        self._roots: list[int] = request["roots"]
        self._highest: int = request["highest"]
        self._made: list[Expression | Production] = []
        self._symbols: list[Symbol] = []
        for template, operands, bindings, result, binding, layer, symmetric in request["symbols"]:
            self._symbols.append(Symbol(template, tuple(operands), result, layer, symmetric))
            self._made.append(
                Production("", template, ("",) * len(operands), bindings, "", binding, 0.0)
                if operands
                else Expression(template, "", 0.0, binding)
            )
        self.refused = runner.refuses(self._program) or "random" in self._program.screening.imports
        self._tree = ValueTree()
        self._classes: Counter[tuple[bytes, ...]] = Counter()
        self._judged: set[int] = set()
        self._runs = self._count = self._work = 0
        self._loops = bool(request["loops"])
        self._names: dict[str, Any] = {}
        self._codes: dict[int, CodeType] = {}
        self._entries: Generator[tuple[int, Entry | None]] | None = None
        self._states: list[Node] = []
        self._index: dict[int, int] = {}
        self._looks = list(LOOKS)
        self._layer = 0
        self._over = False

    def advance(self, work: int, expressions: int) -> bytes:
        """Go on for so much work or so many expressions; what was found, packed."""
        begun, judged = self._runs, self._count
        found: list[tuple[int, tuple[int, ...]]] = []
        if self._entries is None and not self.refused:
            self._begin()
        if self.refused:
            return HEAD.pack(REFUSED, 0, 0, 0, 0)
        started = self._work
        try:
            while (
                self._work - started < work
                and self._count - judged < expressions
                and not self._over
            ):
                if self._looks and self._runs >= self._looks[0]:
                    self._looks.pop(0)
                    self._look_again()
                found += self._step()
            self._runner.rest()
        except OutOfTime:  # between two expressions, which have their own clocks
            self._runner.rest()
        head = HEAD.pack(
            self._over, self._runs - begun, self._count - judged, self._layer, len(found)
        )
        bodies = [
            SURVIVOR.pack(rank, len(numbers)) + struct.pack(f"<{len(numbers)}H", *numbers)
            for rank, numbers in found
        ]
        return head + b"".join(bodies)

    def _step(self) -> list[tuple[int, tuple[int, ...]]]:
        """Judge the expression that comes next."""
        entries = self._entries
        assert entries is not None  # noqa: S101 - begun
        self._count += 1
        self._runner.pulse()
        try:
            following = next(entries, None)
            if following is not None:
                self._layer, entry = following
                return [] if entry is None else self._judge(entry)
        except OutOfTime:
            if entries.gi_frame is not None:
                return []  # it was the judging
        self._over = True
        return []

    def _begin(self) -> None:
        """Run every case once to where the hole is reached first."""
        try:
            self._names = self._runner.namespace(self._program, self._holes)
        except (Exception, OutOfTicks, HoleReached):  # the module does not come to its end
            self.refused = True
            return
        # what changes besides the names of a function may end a loop whose names do not change
        self._loops &= not any(type(one) in _CONTAINERS for one in self._names.values())
        for number, symbol in enumerate(self._symbols):
            if not symbol.operands:
                self._codes[number] = compile(symbol.template, "<atom>", "eval")
        for case in self._order:
            self._run(case, None)
        self._look_again()

    def _look_again(self) -> None:
        """Choose the states at which values are compared, and begin with the cheapest again."""
        self._states = self._tree.sample(STATES, self._order)
        self._index = {id(state): at for at, state in enumerate(self._states)}
        self._entries = self._in_order()

    def _in_order(self) -> Generator[tuple[int, Entry | None]]:
        """What may stand at the hole, in order of cost with what its type costs there."""
        self._runner.pulse()
        functions = [
            operation(s.template, len(s.operands), self._names) if s.operands else None
            for s in self._symbols
        ]
        values = [
            atom_values(self._codes[n], self._names, self._states) if not s.operands else None
            for n, s in enumerate(self._symbols)
        ]
        pool = ValuePool(self._symbols, functions, values, self._states, KEPT)
        later: dict[int, list[Entry]] = defaultdict(list)
        layer = 0
        for entry in pool.entries(self._highest):
            if entry is None:
                yield layer, None
                continue
            while layer < entry.layer:
                yield from ((layer, held) for held in later.pop(layer, ()))
                layer += 1
            more = self._roots[self._symbols[entry.symbol].result]
            yield layer, entry if more == 0 else None
            if more and len(later[layer + more]) < MISFITS:
                later[layer + more].append(entry)
        for rest in range(layer, self._highest + 1):
            yield from ((rest, held) for held in later.pop(rest, ()))

    def _judge(self, entry: Entry) -> list[tuple[int, tuple[int, ...]]]:
        """Whether an expression may pass all cases; run what is not known."""
        derivation = entry.derivation
        mark = hash(derivation)
        if mark in self._judged:
            return []
        self._judged.add(mark)
        code: CodeType | None = None

        def value(node: Node) -> Hashable:
            nonlocal code
            at = self._index.get(id(node))
            if at is not None:
                return key_of(entry.values[at], node.paths)
            if code is None:
                code = compile(self._text(entry), "<filling>", "eval")
            return key_of(evaluated(code, self._names, node), node.paths)

        ends: dict[int, Terminal] = {}
        ran, slow = False, 0
        for place, case in enumerate(self._order):
            try:
                end = self._tree.outcome(case, value)
                if end is None:
                    if code is None:
                        code = compile(self._text(entry), "<filling>", "eval")
                    self._runs += not ran
                    ran = True
                    end = self._run(case, code)
            except UnboundedError:
                return []
            slow += end.verdict == Verdict.TIMEOUT
            endless = end.trace == ENDLESS or slow == len(ends) + 1 == MOST_SLOW
            if end.verdict not in ALIVE or endless:
                if place:  # what shows most wrong comes first
                    self._order.insert(place // 2, self._order.pop(place))
                return []
            ends[case] = end
        verdicts = {end.verdict for end in ends.values()}
        if verdicts == {Verdict.TIMEOUT}:
            return []
        signature = tuple(ends[case].trace for case in sorted(ends))
        rank = self._classes[signature]
        self._classes[signature] += 1
        most = PASSING if verdicts == {Verdict.PASS} else ALIKE
        return [(rank, derivation)] if rank < most else []

    def _text(self, entry: Entry) -> str:
        return self._expression(entry).text

    def _expression(self, entry: Entry) -> Expression:
        made = self._made[entry.symbol]
        if isinstance(made, Expression):
            return made
        return made.apply(tuple(self._expression(part) for part in entry.parts))

    def _run(self, case: int, code: CodeType | None) -> Terminal:
        """Run a case with an expression at the hole (None: end where it is reached first)."""
        stop = self._runner.open_hole(self._hole)
        noted = Noted(code, stop, self._loops)
        holes = list(self._holes)
        holes[self._hole] = noted
        tally = self._runner.case(self._program, holes, case, TICKS)
        spent = TICKS - max(self._runner.counter.left(), 0)
        self._work += 1 + spent // TICKS_OF_WORK
        trace = ENDLESS if noted.endless else tally.pieces[-1]
        end = Terminal(tally.verdicts[case], tally.energies[case], trace, tally.hole)
        if code is not None:
            self._tree.add(case, noted.reaches, end if noted.whole else None)
        elif noted.reaches:
            self._tree.begin(case, noted.reaches[0].state)
        else:  # the hole is not reached, or in a state that is too large
            self.refused |= not noted.whole
            self._tree.add(case, (), end)
        return end


class Noted:
    """A hole that gives an expression's value, and notes it with the state; it may be called.

    Parameters
    ----------
    code
        The expression; None to end the test at once.
    stop
        What ends it.
    loops
        Whether a state that comes again comes for ever.

    Attributes
    ----------
    reaches
        The states and values so far.
    whole
        Whether all were noted.
    endless
        Whether a state came again.
    """

    def __init__(self, code: CodeType | None, stop: Callable[[], Any], loops: bool) -> None:
        self._code, self._stop = code, stop
        self._states: set[tuple[int, bytes]] | None = set() if loops else None
        self.reaches: list[Reach] = []
        self.whole = True
        self.endless = False

    def __call__(self) -> Any:
        """Called by the program."""
        frame = sys._getframe(1)
        names, code = frame.f_locals, self._code
        self.whole = self.whole and len(self.reaches) < MOST_REACHES
        if self.whole:
            try:
                state = snapshot(names)
            except UnboundedError:
                self.whole = False
        if code is None:
            if self.whole and not self.reaches:
                self.reaches.append(Reach(state, None))
            return self._stop()
        if not self.whole:
            return eval(code, frame.f_globals, names)  # noqa: S307 - in the sandbox
        if self._states is not None and isinstance(state, bytes):
            mark = (id(frame), state)
            if mark in self._states:
                self.endless = True
                raise OutOfTicks
            self._states.add(mark)
        known = paths(names)
        try:
            value = bounded(eval(code, frame.f_globals, names))  # noqa: S307 - in the sandbox
        except UnboundedError:
            self.whole = False
            return eval(code, frame.f_globals, names)  # noqa: S307 - by value: once more is the same
        except Exception as raised:
            self.reaches.append(Reach(state, key_of(Raised(type(raised).__name__), known)))
            raise
        self.reaches.append(Reach(state, key_of(value, known)))
        return iter(value.items) if type(value) is Drawn else value
