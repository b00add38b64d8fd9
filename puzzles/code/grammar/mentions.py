"""Where names are mentioned around a hole, as features of the choice of a name.

Which name comes follows from what the function does with each of them elsewhere: what is bound and
not yet read is likely read next, what was used in the same role likely has it again, what the
statement mentions already does not come once more.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from itertools import takewhile

from latent_ebm.puzzles.code.grammar.program import Program
from latent_ebm.puzzles.code.grammar.roles import BINDING, role_of
from latent_ebm.puzzles.code.grammar.syntax import Function, Loop
from latent_ebm.puzzles.code.grammar.visibility import HOLE_PREFIX

Position = tuple[int, int]
_NOWHERE: Position = (0, 0)
_CHANGING = frozenset((*BINDING, "grown", "stored []"))
_USES = {
    "subscripted": frozenset(("[]", "stored []")),
    "index": frozenset(("index", "slice", "stored index")),
    "iterated": frozenset(("for",)),
    "measured": frozenset(("len()",)),
    "computed with": frozenset(f"{sign} {side}" for sign in "+-*/" for side in ("left", "right"))
    | {"op=", "range()"},
    "called for": frozenset(("receiver", "grown")),
    "returned": frozenset(("return",)),
    "ordered": frozenset(("< left", "< right")),
}
MOST_READ, MOST_RECENT, MOST_NEXT, MOST_BOUND = 3, 4, 2, 3
"""Larger numbers are not told apart."""


@dataclass(frozen=True)
class Mention:
    """A name where it stands outside of the hole."""

    at: Position
    role: str
    node: ast.Name

    @property
    def binds(self) -> bool:
        """Whether it is assigned to."""
        return isinstance(self.node.ctx, ast.Store)


@dataclass(frozen=True)
class Traits:
    """What speaks for a name and against it.

    Attributes
    ----------
    features
        That hold whatever the role in which it comes.
    roles
        That it has elsewhere in the function.
    """

    features: tuple[str, ...]
    roles: frozenset[str]


def traits(program: Program, hole: ast.expr | ast.stmt, names: Iterable[str]) -> dict[str, Traits]:
    r"""What is known of each name, for a hole in a function.

    Examples
    --------
    >>> program = Program("def f(a, b):\n    c = a\n    return c + hole()\n")
    >>> known = traits(program, program.tree.body[0].body[1].value.right, ["a", "b", "c"])
    >>> "in statement" in known["c"].features, "reads 1" in known["b"].features
    (True, False)
    """
    function = program.function(hole)
    if function is None:
        return {}
    around = _Around(program, hole, function)
    return {name: around.traits(name) for name in around.ranked(names)}


class _Around:
    """The mentions of a function around a hole."""

    def __init__(self, program: Program, hole: ast.expr | ast.stmt, function: Function) -> None:
        self._program = program
        self._where = (hole.lineno, hole.col_offset)
        self._arguments = [a.arg for a in ast.walk(function.args) if isinstance(a, ast.arg)]
        inside = {id(node) for node in ast.walk(hole)}
        self._mentions: dict[str, list[Mention]] = defaultdict(list)
        for node in ast.walk(function):
            if isinstance(node, ast.Name) and id(node) not in inside:
                at = (node.lineno, node.col_offset)
                self._mentions[node.id].append(Mention(at, role_of(program.place, node), node))
        # what is not read yet may be read in another hole
        self._least_read = int(any(name.startswith(HOLE_PREFIX) for name in self._mentions))
        statement = program.statement(hole)
        above = [one for one in program.ancestors(hole) if isinstance(one, ast.stmt)]
        around = takewhile(lambda one: one is not function, above)
        within = [one for one in around if one is not statement]
        self._loops = [one for one in within if isinstance(one, Loop)]
        self._targets = self._loop_targets()
        self._header = _names(_condition(within[0])) if within else frozenset[str]()
        parts = _heads(statement)
        self._beside = frozenset(n for part in parts for n in _names(part, inside))
        self._bound_here = frozenset(
            name for part in parts for name in _names(part, inside, ast.Store)
        )
        self._order: dict[str, tuple[int, int, int]] = {}

    def ranked(self, names: Iterable[str]) -> list[str]:
        """The names, with their places in the orders of mention and binding known."""
        given = list(names)
        last = {n: self._last(n, binding=False) for n in given}
        bound = {n: self._last(n, binding=True) for n in given}
        later = {
            n: min((m.at for m in self._mentions[n] if m.at >= self._where), default=None)
            for n in given
        }
        recent = sorted(given, key=last.__getitem__, reverse=True)
        binding = sorted(given, key=bound.__getitem__, reverse=True)
        coming = sorted(n for n in given if later[n] is not None)
        coming.sort(key=lambda n: later[n] or _NOWHERE)
        for name in given:
            following = coming.index(name) if name in coming else MOST_NEXT + 1
            self._order[name] = recent.index(name), following, binding.index(name)
        return given

    def traits(self, name: str) -> Traits:
        mentions = self._mentions[name]
        roles = frozenset(mention.role for mention in mentions)
        found = [*self._origin(name), *self._counts(name), *self._beside_of(name)]
        found += [use for use, some in _USES.items() if roles & some]
        return Traits(tuple(found), roles)

    def _last(self, name: str, *, binding: bool) -> Position:
        found = (m.at for m in self._mentions[name] if m.at < self._where)
        if binding:
            found = (m.at for m in self._mentions[name] if m.binds and m.at < self._where)
        return max(found, default=_NOWHERE)

    def _origin(self, name: str) -> Iterator[str]:
        """Where a name comes from."""
        bindings = [mention for mention in self._mentions[name] if mention.binds]
        earlier = [mention for mention in bindings if mention.at < self._where]
        inner = self._loops[0] if self._loops else None
        if name in self._targets:
            yield "loop" if self._targets[name] == 0 else "outer loop"
        elif name in self._arguments:
            yield "argument"
        elif inner is not None and any(_contains(inner, mention) for mention in earlier):
            yield "bound in loop"
        else:
            yield "bound before" if earlier else "bound later"
        changes = [m for m in self._mentions[name] if m.role in _CHANGING]
        if inner is None:
            yield from ("changed" for _ in changes[:1])
        elif name not in self._targets and any(_contains(inner, one) for one in changes):
            yield "changed in loop"
        if any(self._begins(mention) for mention in bindings):
            yield "begins"

    def _begins(self, mention: Mention) -> bool:
        """Whether a name is given a constant or an empty display."""
        match self._program.parent(mention.node):
            case ast.Assign(value=ast.Constant() | ast.List(elts=[]) | ast.Dict(keys=[])):
                return True
        return False

    def _counts(self, name: str) -> Iterator[str]:
        """How often and how near it is mentioned."""
        reads = [mention for mention in self._mentions[name] if not mention.binds]
        yield f"reads {min(max(len(reads), self._least_read), MOST_READ)}"
        if not any(mention.at >= self._where for mention in reads):
            yield "not read after"
        recent, following, binding = self._order[name]
        yield f"recent {min(recent, MOST_RECENT)}"
        if following <= MOST_NEXT:
            yield f"next {following}"
        yield f"binding {min(binding, MOST_BOUND)}"

    def _beside_of(self, name: str) -> Iterator[str]:
        """Whether it stands in the same statement or in the condition around."""
        if name in self._beside:
            yield "in statement"
        if name in self._bound_here:
            yield "target"
        if name in self._header:
            yield "header"
        if len(name) == 1:
            yield "letter"

    def _loop_targets(self) -> dict[str, int]:
        """The targets of the loops around, with how far out they are."""
        found: dict[str, int] = {}
        for depth, loop in enumerate(self._loops):
            if isinstance(loop, ast.For | ast.AsyncFor):
                for name in _names(loop.target):
                    found.setdefault(name, depth)
        return found


def _contains(loop: ast.stmt, mention: Mention) -> bool:
    return loop.lineno <= mention.at[0] <= (loop.end_lineno or loop.lineno)


def _condition(statement: ast.stmt) -> ast.AST | None:
    """What decides whether a block runs."""
    return getattr(statement, "test", None) or getattr(statement, "iter", None)


def _heads(statement: ast.stmt) -> list[ast.AST]:
    """The parts of a statement that stand in its own lines."""
    if hasattr(statement, "body"):
        parts = (getattr(statement, field, None) for field in ("test", "iter", "target"))
        return [part for part in parts if part is not None]
    return [statement]


def _names(
    part: ast.AST | None,
    without: Collection[int] = (),
    mode: type[ast.expr_context] = ast.expr_context,
) -> frozenset[str]:
    if part is None:
        return frozenset()
    return frozenset(
        node.id
        for node in ast.walk(part)
        if isinstance(node, ast.Name) and isinstance(node.ctx, mode) and id(node) not in without
    )
