"""What edits of one program draw on: names with types, constants, and a pool of expressions."""

from __future__ import annotations

import ast
import builtins
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from math import isfinite, log
from typing import Any

from latent_ebm.puzzles.code.grammar.binders import Bound, bound
from latent_ebm.puzzles.code.grammar.choices import Choices, outline
from latent_ebm.puzzles.code.grammar.classes import Classes
from latent_ebm.puzzles.code.grammar.expressions import (
    ATOM,
    COMPARE,
    IF,
    NUMBER,
    UNARY,
    Expression,
    Production,
)
from latent_ebm.puzzles.code.grammar.forms import forms
from latent_ebm.puzzles.code.grammar.habits import place_of, unlikeliness
from latent_ebm.puzzles.code.grammar.imports import Imports
from latent_ebm.puzzles.code.grammar.members import member_productions
from latent_ebm.puzzles.code.grammar.modules import module_constants, module_productions
from latent_ebm.puzzles.code.grammar.operations import productions
from latent_ebm.puzzles.code.grammar.own import copied, own_expressions, saved
from latent_ebm.puzzles.code.grammar.pool import Pool
from latent_ebm.puzzles.code.grammar.prices import BY_COPIES, BY_PARTS, BY_PLACES
from latent_ebm.puzzles.code.grammar.program import Program
from latent_ebm.puzzles.code.grammar.runtime_types import base, element, value
from latent_ebm.puzzles.code.grammar.scope import Observations
from latent_ebm.puzzles.code.grammar.special_cases import special_case
from latent_ebm.puzzles.code.grammar.statistics import cost
from latent_ebm.puzzles.code.grammar.syntax import Function, head
from latent_ebm.puzzles.code.grammar.terms import EVEN, Terms
from latent_ebm.puzzles.code.grammar.unbound import unbound_before, unstarted
from latent_ebm.puzzles.code.grammar.visibility import Names, Visibility

__all__ = ["Context", "Terms", "literal"]

Constant = int | float | str | None

COMMON: tuple[tuple[Constant, float], ...] = (
    (0, 1.2),
    (1, 1.0),
    (-1, 2.5),
    (2, 2.5),
    ("", 3.0),
    (True, 3.0),
    (False, 3.0),
    (None, 3.0),
    (3, 4.0),
    (10, 4.0),
    (9, 4.5),
)
"""Constants that may always come, with their cost in nats."""
OWN_CONSTANT = 2.0
"""What a constant of the program costs, in nats."""
LONG_TEXT, LONG_NUMBER = 40, 1000
"""Texts of more letters and integers of more bits are nobody's constants for elsewhere."""
EMPTY = (
    Expression("[]", "list", 2.0, ATOM, "display"),
    Expression("{}", "dict", 2.5, ATOM, "display"),
    Expression("set()", "set", 2.5, ATOM, "set"),
)
"""Empty containers."""
NAME, SPREAD = 0.7, 0.7
"""A name costs NAME + SPREAD * log(number of names), in nats."""
OWN_CALL = 2.0
"""What a call of one of the module's functions costs, in nats."""
MOST_TYPES = 40
"""Productions are made for so many types at most."""
NOT_COMPUTED_WITH = ("function", "builtin_function_or_method", "type", "method", "NoneType")
"""Types whose values are not put together to anything."""
BUILTINS = frozenset(dir(builtins))


def literal(constant: Constant, cost: float = 0.0) -> Expression:
    """A constant as an expression.

    >>> literal(-2).within(NUMBER), literal("a").type, literal(True).binding == ATOM
    ('(-2)', 'str', True)
    """
    level = ATOM
    if isinstance(constant, int | float) and not isinstance(constant, bool):
        level = UNARY if constant < 0 else NUMBER
    return Expression(repr(constant), type(constant).__name__, cost, level, "constant")


@dataclass(frozen=True, eq=False)
class Context:
    """A program, what its run showed, and what can be written with its names.

    Attributes
    ----------
    program, observations
        The program and what its run showed.
    terms
        Which energies steer.
    height, limit
        Up to which cost expressions are made, in nats, and how many of each type.
    pools
        Expressions made so far; programs that are alike may share them.
    results
        What functions should return by their tests, where that is known.
    """

    program: Program
    observations: Observations
    terms: Terms = field(default_factory=Terms)
    height: float = 8.0
    limit: int = 300
    pools: dict[object, Any] = field(default_factory=dict, repr=False)
    results: Mapping[str, str] = field(default_factory=dict)
    _productions: dict[Function | None, list[Production]] = field(default_factory=dict, repr=False)
    _own: dict[Function | None, Pool] = field(default_factory=dict, repr=False)
    _unstarted: dict[Function, frozenset[str]] = field(default_factory=dict, repr=False)
    _bound: dict[Function | None, Bound] = field(default_factory=dict, repr=False)
    _choices: dict[ast.AST, Choices] = field(default_factory=dict, repr=False)

    @cached_property
    def used(self) -> Counter[str]:
        """The heads of productions in the program."""
        nodes = list(ast.walk(self.program.tree))
        return Counter([*map(head, nodes), *(form for node in nodes for form in forms(node))])

    @cached_property
    def functions(self) -> dict[str, int]:
        """The module's own functions, with how many arguments they need."""
        return {
            node.name: len(node.args.args) - len(node.args.defaults)
            for node in ast.walk(self.program.tree)
            if isinstance(node, Function)
        }

    @cached_property
    def parameters(self) -> dict[str, list[str]]:
        """The parameters of the module's own functions that may be given by keyword."""
        return {
            node.name: [one.arg for one in (*node.args.args, *node.args.kwonlyargs)]
            for node in ast.walk(self.program.tree)
            if isinstance(node, Function)
        }

    @cached_property
    def names(self) -> Visibility:
        """The names of functions, with types."""
        return Visibility(self.program, self.observations, self.terms.scope)

    @cached_property
    def classes(self) -> Classes:
        """The program's classes, and what was seen of their instances."""
        return Classes(self.program, self.observations, self.names)

    @cached_property
    def imports(self) -> Imports:
        """What the program imports and lacks."""
        return Imports(self.program)

    @cached_property
    def constants(self) -> list[Expression]:
        """Common constants and the program's own, with costs."""
        costs: dict[tuple[type, Constant], float] = {(type(c), c): price for c, price in COMMON}
        for node in ast.walk(self.program.tree):
            match node:
                case ast.Constant(value=(int() | float() | str()) as own) if _is_usual(own):
                    mark = type(own), own
                    costs[mark] = min(costs.get(mark, OWN_CONSTANT), OWN_CONSTANT)
        return [literal(constant, price) for (_, constant), price in costs.items()]

    def unbound_before(self, node: ast.AST) -> list[str]:
        """Names that the function reads but has not bound where a node stands."""
        return unbound_before(self.program, node, BUILTINS | self.functions.keys())

    def unstarted(self, node: ast.AST) -> frozenset[str]:
        """The names that a node's function reads above all that binds them."""
        function = self.program.function(node)
        if function is None:
            return frozenset()
        if function not in self._unstarted:
            self._unstarted[function] = unstarted(self.program, function, BUILTINS)
        return self._unstarted[function]

    def pool(self, function: Function | None) -> Pool:
        """The expressions over a function's names."""
        if function not in self._own:
            # programs that differ by an edit mostly have the same names, types and heads
            atoms, made = tuple(self.atoms(function)), tuple(self.productions(function))
            key = (atoms, made, self.height, self.limit)
            if key not in self.pools:
                typed = [atom for atom in atoms if atom.type]
                self.pools[key] = Pool(typed, list(made), limit=self.limit, height=self.height)
            self._own[function] = self.pools[key]
        return self._own[function]

    def pool_at(self, node: ast.AST) -> Pool:
        """The expressions over the names of the function around a node."""
        return self.pool(self.program.function(node))

    def choices_at(self, hole: ast.expr | ast.stmt) -> Choices:
        """How likely names and kinds of statements are where a hole stands."""
        if hole not in self._choices:
            names, needed = self.names.at(hole), self.unstarted(hole)
            self._choices[hole] = Choices.at(self.program, hole, names, needed)
        return self._choices[hole]

    def filled(self, hole: ast.expr | ast.stmt, text: str, price: float) -> float:
        """The prior energy of a filling whose parts cost ``price`` by themselves, in nats.

        E = BY_PARTS price - BY_PLACES sum of log P(h | p) - BY_COPIES what copies save, and the
        energies of its choices and special cases.
        """
        if not self.terms.prior:
            return price
        whole = isinstance(hole, ast.stmt)
        drawn = outline(text, is_statement=whole)
        unlikely = drawn.surprise
        if drawn.root and not whole:
            unlikely += unlikeliness(place_of(*self.program.place(hole)), drawn.root)
        usual = BY_PLACES * unlikely + self.choices_at(hole).of(drawn)
        usual -= BY_COPIES * saved(text, self.copied)
        return BY_PARTS * price + usual + special_case(text)

    @cached_property
    def copied(self) -> list[tuple[str, float]]:
        """The program's compound expressions, with what copying them saves, in nats."""
        return copied(self.program)

    def productions(self, function: Function | None) -> list[Production]:
        """What can be built over the types of a function's names and expressions."""
        made = [*self._unbound(function), *self._binding(function).forms]
        return made if self.terms.prior else [replace(one, cost=EVEN) for one in made]

    def atoms(self, function: Function | None) -> list[Expression]:
        """Names, constants, empty containers, small expressions of the program's own, bodies."""
        found = [*self._values(function), *self._binding(function).parts]
        return found if self.terms.prior else [replace(one, cost=EVEN) for one in found]

    def bodies(self, node: ast.AST, item: str) -> Iterator[tuple[str, Expression]]:
        """What lambdas over something of a type may give where a node stands, with the name."""
        return self._binding(self.program.function(node)).over(item)

    def _unbound(self, function: Function | None) -> list[Production]:
        """The productions that bind no names."""
        if function not in self._productions:
            types = self._types(function)
            given = [*self.names.of_function(function).values(), "int", *types]
            self._productions[function] = [
                *productions(types, self.used),
                *self._own_calls(),
                *member_productions(self.classes, types, self.used),
                *module_productions(self.imports, given),
            ]
        return self._productions[function]

    def _binding(self, function: Function | None) -> Bound:
        """The productions that bind names, with their bodies."""
        if function not in self._bound:
            names = self.names.of_function(function)
            self._bound[function] = bound(
                names,
                self._types(function),
                BUILTINS | self.functions.keys() | names.keys(),
                self._values(function),
                self._unbound(function),
                self.used,
                self.pools,
            )
        return self._bound[function]

    def _values(self, function: Function | None) -> list[Expression]:
        """The atoms that are values."""
        types: Names = self.names.of_function(function)
        price = NAME + SPREAD * log(max(len(types), 1))
        names = [
            Expression(name, kind, price, ATOM, "name", frozenset([name]))
            for name, kind in types.items()
        ]
        names += [
            Expression(
                f"{name} {symbol} None",
                "bool",
                price + cost(symbol),
                COMPARE,
                symbol,
                frozenset([name]),
                2,
            )
            for name in self.names.nullable(function)
            for symbol in ("is", "is not")
        ]
        own = own_expressions(self.program, self.observations, function, types)
        return [*names, *self.constants, *EMPTY, *module_constants(self.imports), *own]

    def _types(self, function: Function | None) -> list[str]:
        """The types of a function's names and expressions, and of what they hold."""
        types = {"int", "bool", *self.names.of_function(function).values(), *self.results.values()}
        for node in ast.walk(function) if function is not None else ():
            if isinstance(node, ast.expr) and _is_read(node):
                types.add(self.observations.type_of(node))
        for _ in range(2):
            types |= {inner for kind in list(types) for inner in (element(kind), value(kind))}
            types |= {
                held for kind in list(types) for held in self.classes.attributes(kind).values()
            }
        kept = sorted(t for t in types if t and base(t) not in NOT_COMPUTED_WITH)
        return kept[:MOST_TYPES]

    def _own_calls(self) -> Iterator[Production]:
        """Calls of the module's functions, typed as their calls and their parameters were seen."""
        seen = set()
        for name, operands, result in (*self._calls_seen(), *self._calls_thought()):
            if all(operands) and result and (name, operands, result) not in seen:
                seen.add((name, operands, result))
                yield _own_call(name, operands, result)

    def _calls_seen(self) -> Iterator[tuple[str, tuple[str, ...], str]]:
        for node in ast.walk(self.program.tree):
            match node:
                case ast.Call(func=ast.Name(id=name), args=[_, *_], keywords=[]):
                    starred = any(isinstance(a, ast.Starred) for a in node.args)
                    if name in self.functions and not starred:
                        operands = tuple(self.observations.type_of(a) for a in node.args)
                        yield name, operands, self.observations.type_of(node)

    def _calls_thought(self) -> Iterator[tuple[str, tuple[str, ...], str]]:
        """By the types of parameters, or of other variables of the same names, and of results."""
        functions = [node for node in ast.walk(self.program.tree) if isinstance(node, Function)]
        types: dict[str, str] = {}
        for node in functions:
            types |= {n: kind for n, kind in self.names.of_function(node).items() if kind}
        for node in functions:
            if isinstance(self.program.parent(node), ast.ClassDef) or node.args.posonlyargs:
                continue
            own = self.names.of_function(node)
            needed = [one.arg for one in node.args.args][: self.functions[node.name]]
            operands = tuple(own.get(name) or types.get(name, "") for name in needed)
            if operands:
                yield node.name, operands, self._result_of(node)

    def _result_of(self, function: Function) -> str:
        """The type that a function was seen to return, or should by its tests."""
        if function.name in self.results:
            return self.results[function.name]
        returns = [n for n in ast.walk(function) if isinstance(n, ast.Return) and n.value]
        seen = [self.observations.type_of(n.value) for n in returns if n.value is not None]
        return next((kind for kind in seen if kind), "" if returns else "NoneType")


def _own_call(name: str, operands: tuple[str, ...], result: str) -> Production:
    holes = ", ".join(f"{{{i}}}" for i in range(len(operands)))
    bindings = (IF,) * len(operands)
    template = f"{name}({holes})"
    return Production(name, template, operands, bindings, result, ATOM, OWN_CALL, by_value=False)


def _is_read(node: ast.expr) -> bool:
    return isinstance(getattr(node, "ctx", ast.Load()), ast.Load)


def _is_usual(constant: int | float | str) -> bool:
    """Whether a constant of the program may come elsewhere in it."""
    if isinstance(constant, str):
        return len(constant) <= LONG_TEXT
    if isinstance(constant, float):
        return isfinite(constant)
    return constant.bit_length() <= LONG_NUMBER
