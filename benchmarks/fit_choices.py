"""Fit the choices of names and statements to Python's standard library, and print their tables.

Statements and expressions of its functions are taken out one at a time; the log-linear models of
``choices.py`` learn which names, and what kind of statement, stood there. Every eighth file is held
out: how many nats a name and a kind cost there goes to standard error.

python benchmarks/fit_choices.py > puzzles/code/grammar/choice_weights.py
"""

from __future__ import annotations

import ast
import builtins
import random
import sys
import sysconfig
import textwrap
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import torch
from count_productions import NOT_LIBRARY
from torch import Tensor

from latent_ebm.puzzles.code.grammar.choices import ANYWHERE, features_of, outline
from latent_ebm.puzzles.code.grammar.mentions import traits
from latent_ebm.puzzles.code.grammar.program import Program
from latent_ebm.puzzles.code.grammar.roles import role_of
from latent_ebm.puzzles.code.grammar.scope import Observations
from latent_ebm.puzzles.code.grammar.statement_kinds import BIND, REBIND, surroundings
from latent_ebm.puzzles.code.grammar.syntax import Function
from latent_ebm.puzzles.code.grammar.unbound import unstarted
from latent_ebm.puzzles.code.grammar.visibility import HOLE_PREFIX, Visibility

HELD_OUT = 8
LARGEST_FUNCTION, LARGEST_HOLE = 1200, 10
"""Nodes of functions that are looked at, and expressions within a hole."""
HOLES = 40
"""Taken out of one function at most."""
DECAY, ROLE_DECAY = 2e-5, 2e-4
"""Of the squares of weights, of those of single roles and kinds."""
LEAST = 0.08
"""Smaller weights are left out."""
WIDEST = 96
_SIMPLE = ast.Assign | ast.AugAssign | ast.Return | ast.Expr
_OUTER = ("self", "cls")


class Drawn(NamedTuple):
    """One choice: of a name in a role (the group), or, if it is ``whole``, of a kind of statement.

    A name has the features of each option and which was taken; a kind those of its place.
    """

    whole: bool
    group: str
    options: list[list[str]]
    taken: int = 0


@dataclass(frozen=True, eq=False)
class Opened:
    """A function with a hole in it, and what stood there."""

    program: Program
    hole: ast.expr | ast.stmt
    text: str

    @classmethod
    def of(cls, lines: bytes, node: ast.expr | ast.stmt, program: Program) -> Opened | None:
        """A function with one of its nodes taken out; None where that is part of a text."""
        start, end = program.span(node)
        opened = Program((lines[:start] + f"{HOLE_PREFIX}0__()".encode() + lines[end:]).decode())
        for found in ast.walk(opened.tree):
            match found:
                case ast.Call(func=ast.Name(id=name)) if name == f"{HOLE_PREFIX}0__":
                    above = opened.parent(found)
                    whole = isinstance(node, ast.stmt)
                    hole = above if whole and isinstance(above, ast.stmt) else found
                    return cls(opened, hole, lines[start:end].decode())
        return None


def functions(path: Path) -> Iterator[Program]:
    """The functions of a file, each by itself."""
    text = path.read_text(encoding="utf-8", errors="replace")
    tree = ast.parse(text)
    lines = text.splitlines(keepends=True)
    for node in ast.walk(tree):
        if isinstance(node, Function) and len(node.body) > 1:
            if sum(1 for _ in ast.walk(node)) > LARGEST_FUNCTION:
                continue
            try:
                program = Program(
                    textwrap.dedent("".join(lines[node.lineno - 1 : node.end_lineno]))
                )
            except SyntaxError:  # texts of several lines that begin further out
                continue
            function = program.tree.body[0]
            if isinstance(function, Function) and not _is_method(function):
                yield program


def _is_method(function: Function) -> bool:
    """Whether it works on an instance: methods mostly read and write attributes."""
    return any(one.arg in _OUTER for one in function.args.args[:1])


def openings(program: Program, generator: random.Random) -> Iterator[Opened]:
    """The function with one statement or expression taken out, in several ways."""
    function = program.tree.body[0]
    statements = [
        node
        for node in ast.walk(function)
        if isinstance(node, ast.stmt)
        and node is not function
        and program.function(node) is function
        and not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))
    ]
    generator.shuffle(statements)
    for statement in statements[:HOLES]:
        if isinstance(statement, _SIMPLE | ast.Break | ast.Continue | ast.Pass | ast.If):
            small = (
                sum(isinstance(one, ast.expr) for one in ast.walk(statement)) <= 2 * LARGEST_HOLE
            )
            if small and program.stands_alone(statement):
                opened = Opened.of(program.source, statement, program)
                if opened is not None:
                    yield opened
        found = [node for part in _parts(statement) for node in _readable(program, part)]
        if found:
            opened = Opened.of(program.source, generator.choice(found), program)
            if opened is not None:
                yield opened


def _parts(statement: ast.stmt) -> list[ast.AST]:
    if isinstance(statement, _SIMPLE):
        return [statement]
    parts = (getattr(statement, field, None) for field in ("test", "iter"))
    return [part for part in parts if part is not None]


def _readable(program: Program, part: ast.AST) -> Iterator[ast.expr]:
    for node in ast.walk(part):
        if isinstance(node, ast.expr) and isinstance(getattr(node, "ctx", ast.Load()), ast.Load):
            parent, name, _ = program.place(node)
            called = isinstance(parent, ast.Call) and name == "func"
            in_text = any(isinstance(a, ast.JoinedStr) for a in program.ancestors(node))
            small = sum(isinstance(one, ast.expr) for one in ast.walk(node)) <= LARGEST_HOLE
            if small and not called and not in_text and not isinstance(node, ast.FormattedValue):
                yield node


def draws(opened: Opened, given: frozenset[str]) -> Iterator[Drawn]:
    """The choices that were made in a hole: its kind, and its names."""
    program, hole = opened.program, opened.hole
    names = Visibility(program, Observations({}, {}, [], [])).at(hole)
    known = traits(program, hole, names)
    whole = isinstance(hole, ast.stmt)
    drawn = outline(textwrap.dedent(opened.text), is_statement=whole)
    mentioned = {n: one for n, one in known.items() if one.roles or "argument" in one.features}
    if whole and drawn.kind:
        kind = drawn.kind
        if kind == REBIND and not drawn.bound & mentioned.keys():
            kind = BIND
        function = program.function(hole)
        needed = unstarted(program, function, given) if function else frozenset()
        place = list(surroundings(program, hole, unbound=bool(needed)))
        yield Drawn(True, kind, [place])
    root, used = "" if whole else role_of(program.place, hole), set[str]()
    for name, role in drawn.names:
        if name in mentioned and len(mentioned) > 1:
            group = role or root
            yield Drawn(
                False,
                group,
                [features_of(one, group, again=n in used) for n, one in mentioned.items()],
                list(mentioned).index(name),
            )
            used.add(name)


def collected(root: Path) -> tuple[list[Drawn], list[Drawn]]:
    """The choices of the library, and those of the files that are held out."""
    generator = random.Random(0)
    kept: tuple[list[Drawn], list[Drawn]] = ([], [])
    paths = [p for p in sorted(root.rglob("*.py")) if NOT_LIBRARY.isdisjoint(p.parts)]
    for number, path in enumerate(paths):
        try:
            found = list(functions(path))
        except (SyntaxError, ValueError):
            print(f"skipped {path}: it does not parse", file=sys.stderr)
            continue
        for program in found:
            given = frozenset(dir(builtins)) | _outer_names(program)
            for opened in openings(program, generator):
                kept[number % HELD_OUT == 0].extend(draws(opened, given))
    return kept


def _outer_names(program: Program) -> frozenset[str]:
    """What a function reads of its module."""
    names = [node for node in ast.walk(program.tree) if isinstance(node, ast.Name)]
    bound = {node.id for node in names if isinstance(node.ctx, ast.Store)}
    return frozenset(node.id for node in names) - bound


class NameModel:
    """The log-linear model of names."""

    def __init__(self, drawn: list[Drawn]) -> None:
        self.number: dict[tuple[str, str], int] = {}
        for one in drawn:
            for features in one.options:
                for name in features:
                    for key in ((ANYWHERE, name), (one.group, name)):
                        self.number.setdefault(key, len(self.number))
        self.weights = torch.zeros(len(self.number), requires_grad=True)

    def packed(self, drawn: list[Drawn]) -> tuple[Tensor, ...]:
        """Numbers of features, where each option begins, to which choice it belongs, the taken."""
        flat: list[int] = []
        begins, owner, taken = [], [], []
        for at, one in enumerate(drawn):
            taken.append(len(begins) + one.taken)
            for features in one.options:
                begins.append(len(flat))
                owner.append(at)
                keys = [key for f in features for key in ((ANYWHERE, f), (one.group, f))]
                flat += [self.number[key] for key in keys if key in self.number]
        return tuple(map(torch.tensor, (flat, begins, owner, taken)))

    def nats(self, packed: tuple[Tensor, ...]) -> Tensor:
        """[choices] -log P of what was taken."""
        flat, begins, owner, taken = packed
        bag = torch.nn.functional.embedding_bag
        scores = bag(flat, self.weights[:, None], begins, mode="sum")[:, 0]
        total = torch.zeros(len(taken)).index_add(0, owner, scores.exp())
        return total.log() - scores[taken]

    def fit(self, drawn: list[Drawn]) -> None:
        """Least nats, with the decay of weights."""
        packed = self.packed(drawn)
        decay = torch.tensor([DECAY if not group else ROLE_DECAY for group, _ in self.number])
        fitted(self.weights, lambda: self.nats(packed).mean() + (decay * self.weights**2).sum())


class KindModel:
    """Multinomial regression of the kinds of statements."""

    def __init__(self, drawn: list[Drawn]) -> None:
        self.kinds = sorted({one.group for one in drawn})
        features = {name for one in drawn for name in one.options[0]}
        self.features = {name: at for at, name in enumerate(sorted(features))}
        counts = Counter(one.group for one in drawn)
        share = torch.tensor([counts[kind] / len(drawn) for kind in self.kinds])
        self.bias = share.log()
        self.weights = torch.zeros(len(self.kinds), len(features), requires_grad=True)

    def nats(self, rows: Tensor, taken: Tensor) -> Tensor:
        """[choices] -log P of the kind."""
        scores = self.bias + rows @ self.weights.T
        return torch.nn.functional.cross_entropy(scores, taken, reduction="none")

    def packed(self, drawn: list[Drawn]) -> tuple[Tensor, Tensor]:
        """[choices, features] rows and [choices] kinds."""
        rows = torch.zeros(len(drawn), len(self.features))
        for row, one in zip(rows, drawn, strict=True):
            row[[self.features[name] for name in one.options[0] if name in self.features]] = 1.0
        return rows, torch.tensor([self.kinds.index(one.group) for one in drawn])

    def fit(self, drawn: list[Drawn]) -> None:
        """Least nats, with the decay of weights."""
        packed = self.packed(drawn)
        fitted(
            self.weights, lambda: self.nats(*packed).mean() + ROLE_DECAY * (self.weights**2).sum()
        )


def fitted(weights: Tensor, loss: Callable[[], Tensor]) -> None:
    """Minimise a loss of weights."""
    optimiser = torch.optim.LBFGS([weights], max_iter=100, line_search_fn="strong_wolfe")

    def closure() -> Tensor:
        optimiser.zero_grad()
        value = loss()
        value.backward()
        return value

    optimiser.step(closure)  # type: ignore[arg-type]


def print_table(name: str, doc: str, groups: dict[str, dict[str, float]]) -> None:
    """A table of weights, largest first."""
    print(f'{name} = """')
    for group, weights in sorted(groups.items()):
        kept = [(f, w) for f, w in weights.items() if abs(w) >= LEAST or group == "any"]
        kept.sort(key=lambda one: (-abs(one[1]), one[0]))
        line = f"{group}:"
        for feature, weight in kept:
            item = f" {feature} {weight:.2f};"
            if len(line) + len(item) > WIDEST:
                print(line.rstrip(";"))
                line = f"{group}:"
            line += item
        if kept:
            print(line.rstrip(";"))
    print(f'"""\n"""{doc}"""')


def main() -> None:
    kept, held = collected(Path(sysconfig.get_paths()["stdlib"]))
    names, kinds = ([d for d in kept if d.whole == one] for one in (False, True))
    held_names, held_kinds = ([d for d in held if d.whole == one] for one in (False, True))
    by_name, by_kind = NameModel(names), KindModel(kinds)
    by_name.fit(names)
    by_kind.fit(kinds)
    with torch.no_grad():
        cost = by_name.nats(by_name.packed(held_names))
        even = torch.tensor([float(len(one.options)) for one in held_names]).log()
        print(
            f"{len(names)} names; held out {cost.mean():.3f} nats, all alike {even.mean():.3f}",
            file=sys.stderr,
        )
        by_role = defaultdict(list)
        for one, nats, alike in zip(held_names, cost.tolist(), even.tolist(), strict=True):
            by_role[one.group].append((nats, alike))
        for role, rows in sorted(by_role.items(), key=lambda item: -len(item[1])):
            nats, alike = (sum(column) / len(rows) for column in zip(*rows, strict=True))
            print(f"  {role:14s}{len(rows):6d} {nats:.2f} of {alike:.2f}", file=sys.stderr)
        held_kinds = [one for one in held_kinds if one.group in by_kind.kinds]
        cost = by_kind.nats(*by_kind.packed(held_kinds))
        even = -by_kind.bias[by_kind.packed(held_kinds)[1]]
        print(
            f"{len(kinds)} kinds; held out {cost.mean():.3f} nats, alike everywhere "
            f"{even.mean():.3f}",
            file=sys.stderr,
        )
    print('"""Weights of the choices of names and statements (``choices.py``).\n')
    print(
        "Fitted to the standard library of Python "
        f"{sys.version_info.major}.{sys.version_info.minor};"
    )
    print('``python benchmarks/fit_choices.py`` fits again.\n"""\n')
    table: dict[str, dict[str, float]] = defaultdict(dict)
    for (role, feature), weight in zip(by_name.number, by_name.weights.tolist(), strict=True):
        table[role or "any"][feature] = weight
    print_table("NAMES", "[role][feature]; ``any`` for all roles.", table)
    table = defaultdict(dict)
    weights = by_kind.weights.tolist()
    for at, kind in enumerate(by_kind.kinds):
        table["any"][kind] = float(by_kind.bias[at])
        for feature, column in by_kind.features.items():
            table[kind][feature] = weights[at][column]
    print_table("KINDS", "[kind][feature]; ``any`` has the logarithms of their shares.", table)


if __name__ == "__main__":
    main()
