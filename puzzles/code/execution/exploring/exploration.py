"""One hole explored in a worker: expressions in order of cost, judged by their values."""

from __future__ import annotations

import inspect
import struct
import zlib
from collections import defaultdict, deque
from collections.abc import Generator, Hashable, Iterator
from typing import Any

from latent_ebm.puzzles.code.execution.exploring.guarding import GUARDS, Guarded, guarded
from latent_ebm.puzzles.code.execution.exploring.steady import is_steady
from latent_ebm.puzzles.code.execution.exploring.value_pool import (
    Entry,
    Symbol,
    ValuePool,
    atom_values,
    evaluated,
    operation,
)
from latent_ebm.puzzles.code.execution.exploring.value_tree import State
from latent_ebm.puzzles.code.execution.exploring.values import key_of
from latent_ebm.puzzles.code.execution.exploring.variant import CLOSEST, SLOW, Spent, Variant
from latent_ebm.puzzles.code.execution.runner import Runner
from latent_ebm.puzzles.code.execution.ticks import HoleReached, OutOfTicks, OutOfTime
from latent_ebm.puzzles.code.grammar.expressions import Expression, Production

__all__ = [
    "GOING",
    "GONE",
    "HEAD",
    "HOPELESS",
    "LOST",
    "OVER",
    "REFUSED",
    "SURVIVOR",
    "Exploration",
]

HEAD = struct.Struct("<BIQHH")
"""How it stands, runs, expressions judged, the layer reached, the number of survivors."""
SURVIVOR = struct.Struct("<HHH")
"""Its variant, its rank among those that come to the same, how many symbols u16 it is made of."""
HOPELESS = 2**16 - 1
"""The rank of what cannot pass, but comes closer than what was told before."""
GOING, OVER, REFUSED, LOST = range(4)
"""How an exploration stands."""
GONE = HEAD.pack(LOST, 0, 0, 0, 0)
"""The answer where an exploration is not known, or no longer."""

STATES = 24
"""Values are compared at so many states."""
LOOKS = (24, 200, 1500)
"""After so many runs the states are chosen again, from what the runs have shown."""
KEPT = 2500
"""Expressions of each type that are built upon."""
SMALL, AMPLE, PATIENCE = 400, 4000, 8
"""The budgets of a case in ticks: what runs out of the small one comes again, with the ample one,
so many layers later."""
SOON, DELAYED = 6, 1000
"""Layers that a use of an expression may add and be judged at once, and how many uses of a layer
wait for their turn."""
Survivor = tuple[int, int, tuple[int, ...]]
Coming = tuple[int, Entry | None, int, int]
"""A layer, an expression (None for one that is of no use by itself), a variant and a budget."""


class Exploration:
    """The expressions of one hole; see the package's docstring.

    Parameters
    ----------
    runner
        Of the worker.
    request
        The fields of ``found.Hole``, as they were sent.
    """

    def __init__(self, runner: Runner, request: dict[str, Any]) -> None:
        self._runner = runner
        self._request = request
        self._highest: int = request["highest"]
        self._made: list[Expression | Production] = []
        self._symbols: list[Symbol] = []
        for template, operands, bindings, result, binding, layer, *flags in request["symbols"]:
            self._symbols.append(Symbol(template, tuple(operands), result, layer, *flags))
            self._made.append(
                Production("", template, ("",) * len(operands), bindings, "", binding, 0.0)
                if operands
                else Expression(template, "", 0.0, binding)
            )
        self._variants: list[Variant] = []
        self._judged: set[int] = set()
        self._count = self._layer = 0
        self._names: dict[str, Any] = {}
        self._codes: dict[int, Guarded] = {}
        self._entries: Generator[Coming] | None = None
        self._late: dict[int, deque[tuple[Entry, int]]] = defaultdict(deque)
        self._pool: ValuePool | None = None
        self._states: list[State] = []
        self._index: dict[State, int] = {}
        self._spent = Spent()
        self._looks = list(LOOKS)
        self._over = self._refused = False
        self._first: int = request["first"]
        self._deadly = frozenset(request["deadly"])

    def advance(self, work: int, expressions: int) -> bytes:
        """Go on for so much work or so many expressions; what was found, packed."""
        spent = self._spent
        runs, judged = spent.runs, self._count
        found: list[Survivor] = []
        if self._entries is None and not self._refused:
            self._begin()
        if self._refused:
            return HEAD.pack(REFUSED, 0, 0, 0, 0)
        enough = spent.work + work
        try:
            while spent.work < enough and self._count - judged < expressions and not self._over:
                if self._looks and spent.runs >= self._looks[0]:
                    self._looks.pop(0)
                    self._look_again()
                found += self._step()
            self._runner.rest()
        except OutOfTime:  # between two expressions, which have their own clocks
            self._runner.rest()
        state = OVER if self._over else GOING
        head = HEAD.pack(state, spent.runs - runs, self._count - judged, self._layer, len(found))
        bodies = [
            SURVIVOR.pack(variant, rank, len(numbers)) + struct.pack(f"<{len(numbers)}H", *numbers)
            for variant, rank, numbers in found
        ]
        return head + b"".join(bodies)

    @property
    def size(self) -> int:
        """How many expressions are kept."""
        return 100 + (self._pool.size if self._pool else 0) + len(self._judged) // 10

    def _begin(self) -> None:
        """Run the cases to where the hole is reached first."""
        request, runner = self._request, self._runner
        texts = [text for text, _ in request["variants"]]
        programs = [runner.programs.program(text) for text in texts]
        self._refused = any(
            runner.refuses(program) or "random" in program.screening.imports for program in programs
        )
        if self._refused:
            return
        try:
            runner.pulse()
            self._names = runner.namespace(programs[0], [None] * request["holes"])
            runner.rest()
        except (Exception, OutOfTicks, OutOfTime, HoleReached):  # it does not come to its end
            runner.rest()
            self._refused = True
            return
        # what changes besides the names of a function may end a loop whose names do not change
        loops = request["loops"] and is_steady(self._names, texts)
        self._names.update(GUARDS)
        hole, holes, order = request["hole"], request["holes"], request["order"]
        states: dict[bytes, State] = {}
        for program, (_, roots) in zip(programs, request["variants"], strict=True):
            spent = self._spent
            variant = Variant(runner, program, hole, holes, order, roots, loops, states, spent)
            if self._variants:
                variant.tree.begin_as(self._variants[0].tree)
            else:
                variant.begin()
            self._variants.append(variant)
        self._refused = self._variants[0].refused
        for number, symbol in enumerate(self._symbols):
            if not symbol.operands:
                self._codes[number] = guarded(symbol.template)
        self._look_again()

    def _look_again(self) -> None:
        """Choose the states at which values are compared, and begin with the cheapest again."""
        order, (first, *others) = self._request["order"], self._variants
        states = first.tree.sample(STATES if not others else STATES // 2, order)
        left = (STATES - len(states)) // max(len(others), 1)
        for variant in others if left else ():
            states += variant.tree.sample(left, ())
        self._states = list(dict.fromkeys(states))
        self._index = {state: at for at, state in enumerate(self._states)}
        self._entries = self._in_order()

    def _in_order(self) -> Generator[Coming]:
        """Expressions, each with a variant, in order of cost with what the use costs there."""
        self._runner.pulse()
        functions = [
            operation(s.template, len(s.operands)) if s.operands else None for s in self._symbols
        ]
        values = [None if s.operands else self._values(n) for n, s in enumerate(self._symbols)]
        pool = self._pool = ValuePool(self._symbols, functions, values, self._states, KEPT)
        later: dict[int, list[tuple[Entry, int]]] = defaultdict(list)
        layer = 0
        for entry in pool.entries(self._highest):
            if entry is None:
                yield layer, None, 0, SMALL
                continue
            while layer < entry.layer:
                yield from ((layer, held, at, SMALL) for held, at in later.pop(layer, ()))
                layer += 1
                yield from self._patiently(layer)
            kind, used = self._symbols[entry.symbol].result, False
            for at, variant in enumerate(self._variants):
                more = variant.roots[kind]
                if 0 <= more <= SOON:
                    used = True
                    yield layer, entry, at, SMALL
                elif more > 0 and len(later[layer + more]) < DELAYED:
                    later[layer + more].append((entry, at))
            if not used:
                yield layer, None, 0, SMALL
        for rest in range(layer, self._highest + 1):
            yield from ((rest, held, at, SMALL) for held, at in later.pop(rest, ()))
            yield from self._patiently(rest + 1)

    def _values(self, atom: int) -> tuple[Any, ...] | None:
        """An atom's values at the states; None if it cannot be used."""
        mark = _mark(0, (atom,))
        if mark in self._deadly:
            return None
        self._runner.pulse()
        self._runner.judging(mark)
        return atom_values(self._codes[atom], self._names, self._states)

    def _patiently(self, layer: int) -> Iterator[Coming]:
        """What ran out of a small budget and comes again now, with a large one."""
        for due in [one for one in self._late if one <= layer]:
            waiting = self._late[due]
            while waiting:  # what has not come when all begins again is still there then
                yield layer, *waiting.popleft(), AMPLE
            del self._late[due]

    def _step(self) -> list[Survivor]:
        """Judge the expression that comes next."""
        entries = self._entries
        assert entries is not None  # noqa: S101 - begun
        self._count += 1
        self._runner.pulse()
        try:
            following = next(entries, None)
            if following is not None:
                self._layer, entry, variant, budget = following
                return [] if entry is None else self._judge(entry, variant, budget)
        except OutOfTime:
            if inspect.getgeneratorstate(entries) != inspect.GEN_CLOSED:
                return []  # it was the judging
        self._over = True
        return []

    def _judge(self, entry: Entry, at: int, budget: int) -> list[Survivor]:
        """Whether an expression may pass all cases as a variant uses it."""
        derivation = entry.derivation
        mark = hash((at, derivation, budget))
        written = _mark(at, derivation)
        if mark in self._judged or self._layer < self._first or written in self._deadly:
            return []
        self._judged.add(mark)
        self._runner.judging(written)
        code: Guarded | None = None

        def compiled() -> Guarded:
            nonlocal code
            code = code or guarded(self._expression(entry).text)
            return code

        def value(state: State) -> Hashable:
            known = self._index.get(state)
            if known is not None and entry.values:
                return key_of(entry.values[known], state.paths)
            return key_of(evaluated(compiled(), self._names, state), state.paths)

        rank = self._variants[at].rank(value, compiled, budget)
        if rank == SLOW:
            self._late[self._layer + PATIENCE].append((entry._replace(values=()), at))
        if rank == CLOSEST:
            return [(at, HOPELESS, derivation)]
        return [(at, rank, derivation)] if rank >= 0 else []

    def _expression(self, entry: Entry) -> Expression:
        made = self._made[entry.symbol]
        if isinstance(made, Expression):
            return made
        return made.apply(tuple(self._expression(part) for part in entry.parts))


def _mark(variant: int, derivation: tuple[int, ...]) -> int:
    """A number, the same in every process, for an expression and its use."""
    return zlib.crc32(struct.pack(f"<{len(derivation) + 1}H", variant, *derivation))
