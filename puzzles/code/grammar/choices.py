"""How likely each name, and each kind of statement, is where a hole stands.

Both are log-linear models of the standard library (``choice_weights.py``): with features f of a
name n in role r (``mentions.py``), and g of the place of a statement (``statement_kinds.py``),

    P(n | r)  proportional to  exp(sum over f(n) of w_f + w_rf)      over the names that are visible
    P(k)      proportional to  exp(b_k + sum over g of v_kg)         over the kinds of statements

The energy of a filling is what they add to costs that know neither, for N visible names:

    E = -T_n sum over its names of log(N P(n | r)) - T_k (log P(k) + USUAL)
"""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache, lru_cache
from math import exp, log

from latent_ebm.puzzles.code.grammar.choice_weights import KINDS, NAMES
from latent_ebm.puzzles.code.grammar.habits import is_counted, place_of, unlikeliness
from latent_ebm.puzzles.code.grammar.habits import kind_of as kind_of_expression
from latent_ebm.puzzles.code.grammar.mentions import Traits, traits
from latent_ebm.puzzles.code.grammar.program import Program
from latent_ebm.puzzles.code.grammar.roles import role_of
from latent_ebm.puzzles.code.grammar.statement_kinds import (
    BIND,
    REBIND,
    kind_of,
    surroundings,
    targets,
)

__all__ = ["Choices", "Outline", "features_of", "outline"]

NAME_TEMPERATURE, KIND_TEMPERATURE = 0.6, 1.0
"""T_n and T_k, fitted with the other weights of fillings (``prices.py``)."""
MOST, USUAL, RAREST = 3.0, 2.0, 4.5
"""A name is dearer or cheaper by at most so many times T_n; kinds cost more or less than one of a
share of exp(-USUAL), and none is rarer than exp(-RAREST)."""
NOT_NEEDED = 2.0
"""Nats for binding a name that is bound in time anyway."""
UNUSED = "_"
"""The name of what nobody reads."""
ANYWHERE = ""
"""In place of a role that is not known yet, and of the whole of a filling."""


@dataclass(frozen=True)
class Outline:
    """What a filling is made of, as far as choices are concerned.

    Attributes
    ----------
    kind
        Of a statement; empty for an expression.
    bound
        The names that it assigns to.
    names
        (name, role) in the order of the text; the role of an expression's root is ``ANYWHERE``.
    root
        What an expression counts as (``habits.kind_of``); empty for a statement.
    surprise
        -sum of log P(h | p) of all expressions but the root, in nats.
    """

    kind: str = ""
    bound: frozenset[str] = frozenset()
    names: tuple[tuple[str, str], ...] = ()
    root: str = ""
    surprise: float = 0.0


@lru_cache(maxsize=65536)
def outline(text: str, *, is_statement: bool) -> Outline:
    """The outline of a filling; empty for what does not parse by itself.

    >>> outline("total += items[i]", is_statement=True).names
    (('total', 'updated'), ('items', '[]'), ('i', 'index'))
    """
    try:
        tree = ast.parse(text)
    except SyntaxError:
        return Outline()
    places = {node: (parent, name, index) for parent, name, index, node in _below(tree)}
    found, inner, unlikely = [], set[str](), 0.0
    for node, (parent, name, index) in places.items():
        if isinstance(node, ast.Name):
            whole = isinstance(parent, ast.Expr) and not is_statement
            role = ANYWHERE if whole else role_of(places.__getitem__, node)
            found.append((node.lineno, node.col_offset, node.id, role))
        if isinstance(node, ast.comprehension):
            inner |= {one.id for one in ast.walk(node.target) if isinstance(one, ast.Name)}
        if is_counted(node, parent, name):
            unlikely += unlikeliness(place_of(parent, name, index), kind_of_expression(node))
    names = tuple((name, role) for *_, name, role in sorted(found) if name not in inner)
    first = tree.body[0] if tree.body else ast.Pass()
    if is_statement:
        return Outline(kind_of(first), targets(first), names, "", unlikely)
    root = kind_of_expression(first.value) if isinstance(first, ast.Expr) else ""
    return Outline("", frozenset(), names, root, unlikely)


def _below(tree: ast.AST) -> Iterator[tuple[ast.AST, str, int, ast.AST]]:
    """(parent, field, index within the field or -1, node) of all nodes below one."""
    for parent in ast.walk(tree):
        for name, value in ast.iter_fields(parent):
            if isinstance(value, list):
                for index, item in enumerate(value):
                    if isinstance(item, ast.AST):
                        yield parent, name, index, item
            elif isinstance(value, ast.AST):
                yield parent, name, -1, value


@dataclass(frozen=True, eq=False)
class Choices:
    """The choices at one hole.

    Attributes
    ----------
    root
        The role of the whole, where an expression comes.
    known
        The traits of the names that are visible.
    place
        What is known of the place of a statement; empty for expressions.
    needed
        The names that the function reads and that are not bound in time.
    """

    root: str
    known: dict[str, Traits]
    place: tuple[str, ...]
    needed: frozenset[str]
    _scores: dict[str, dict[str, tuple[float, float]]] = field(default_factory=dict, repr=False)
    _kinds: dict[str, float] = field(default_factory=dict, repr=False)

    @classmethod
    def at(
        cls,
        program: Program,
        hole: ast.expr | ast.stmt,
        names: Iterable[str],
        needed: frozenset[str],
    ) -> Choices:
        """The choices at a hole.

        Parameters
        ----------
        names
            That are visible there.
        needed
            Names that the function reads and that are not bound in time.
        """
        known = traits(program, hole, names)
        if isinstance(hole, ast.stmt):
            place = surroundings(program, hole, unbound=bool(needed))
            return cls(ANYWHERE, known, place, needed)
        return cls(role_of(program.place, hole), known, (), needed)

    def energy(self, text: str) -> float:
        """What choices add to the cost of a filling, in nats."""
        return self.of(outline(text, is_statement=bool(self.place)))

    def of(self, drawn: Outline) -> float:
        """What choices add to the cost of what has an outline, in nats."""
        energy, used = 0.0, set[str]()
        for name, role in drawn.names:
            if name in self.known:
                energy += self.of_name(name, role or self.root, again=name in used)
                used.add(name)
        return energy + (self.of_kind(drawn) if drawn.kind else 0.0)

    def of_atom(self, text: str) -> float:
        """What is known of a name in any role, in nats; 0 for what is no visible name."""
        return self.of_name(text) if text in self.known else 0.0

    def of_name(self, name: str, role: str = ANYWHERE, *, again: bool = False) -> float:
        """-T_n log(N P(name | role)); ``ANYWHERE`` for what holds in any role."""
        if name == UNUSED:
            return NAME_TEMPERATURE * MOST
        if role not in self._scores:
            self._scores[role] = self._scored(role)
        return self._scores[role][name][again]

    def of_kind(self, drawn: Outline) -> float:
        """-T_k (log P(kind) + USUAL) of a statement."""
        kind, extra = drawn.kind, 0.0
        if kind == REBIND and not drawn.bound & self.known.keys():
            kind, extra = BIND, 0.0 if drawn.bound & self.needed else NOT_NEEDED
        if not self._kinds:
            self._kinds.update(_kind_energies(self.place))
        return extra + self._kinds.get(kind, KIND_TEMPERATURE * (RAREST - USUAL))

    def _scored(self, role: str) -> dict[str, tuple[float, float]]:
        """The energies of all names in a role: that come first, and once more."""
        weights = _weights(NAMES)
        scores = {
            name: sum(_weight(weights, role, one) for one in features_of(known, role))
            for name, known in self.known.items()
        }
        again = _weight(weights, role, "again")
        total = log(sum(map(exp, scores.values())) / len(scores))
        return {
            name: (_bounded(total - score), _bounded(total - score - again))
            for name, score in scores.items()
        }


def features_of(known: Traits, role: str, *, again: bool = False) -> list[str]:
    """The features of a name in a role."""
    found = list(known.features)
    if role in known.roles:
        found.append("same role")
    if again:
        found.append("again")
    return found


def _bounded(energy: float) -> float:
    return NAME_TEMPERATURE * min(max(energy, -MOST), MOST)


def _weight(weights: dict[str, dict[str, float]], role: str, feature: str) -> float:
    here = weights[role].get(feature, 0.0) if role != ANYWHERE else 0.0
    return here + weights[ANYWHERE].get(feature, 0.0)


def _kind_energies(place: tuple[str, ...]) -> dict[str, float]:
    weights = _weights(KINDS)
    scores = {
        kind: bias + sum(weights[kind].get(one, 0.0) for one in place)
        for kind, bias in weights[ANYWHERE].items()
    }
    total = log(sum(map(exp, scores.values())))
    return {
        kind: KIND_TEMPERATURE * (min(total - one, RAREST) - USUAL) for kind, one in scores.items()
    }


@cache
def _weights(table: str) -> dict[str, dict[str, float]]:
    """[role or kind][feature] weights; ``ANYWHERE`` has those that hold for all."""
    found: dict[str, dict[str, float]] = defaultdict(dict)
    for line in table.strip().splitlines():
        group, _, rest = line.partition(": ")
        for item in rest.split("; "):
            name, _, weight = item.rpartition(" ")
            found[ANYWHERE if group == "any" else group][name] = float(weight)
    return found
