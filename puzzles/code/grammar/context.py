"""What edits of one program draw on: names with types, constants, and a pool of expressions."""

from __future__ import annotations

import ast
import builtins
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from functools import cached_property
from math import log
from typing import Any

from latent_ebm.puzzles.code.grammar.expressions import ATOM, POSTFIX, Expression, Pool, Production
from latent_ebm.puzzles.code.grammar.operations import productions
from latent_ebm.puzzles.code.grammar.own import own_expressions
from latent_ebm.puzzles.code.grammar.program import Function, Program, head
from latent_ebm.puzzles.code.grammar.runtime_types import UNKNOWN, base, element, value
from latent_ebm.puzzles.code.grammar.scope import Observations, most_common

COMMON = (
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
EMPTY = [
    Expression("[]", "list", 2.0, ATOM, "display"),
    Expression("{}", "dict", 2.5, ATOM, "display"),
    Expression("set()", "set", 2.5, ATOM, "set"),
]
"""Empty containers."""
NAME = 0.7
SPREAD = 0.7
"""How much of log(number of names) a name costs."""


@dataclass(frozen=True)
class Terms:
    """Which energies steer; each can be turned off to see what it is worth.

    Attributes
    ----------
    types
        Fit of run-time types.
    scope
        Only names that are bound where they would stand.
    flow
        Control flow.
    prior
        How natural a change is; off, all changes of one size are alike.
    localisation
        How suspicious a line is.
    tests
        Graded outcomes of candidates already run.
    surrogate
        What the online surrogate says of candidates not yet run.
    """

    types: bool = True
    scope: bool = True
    flow: bool = True
    prior: bool = True
    localisation: bool = True
    tests: bool = True
    surrogate: bool = True


@dataclass(frozen=True, eq=False)
class Context:
    """A program, what its run showed, and what can be written with its names."""

    program: Program
    observations: Observations
    terms: Terms = Terms()
    height: float = 8.0
    limit: int = 300
    pools: dict[object, Pool] = field(default_factory=dict, repr=False)
    _productions: dict[int, list[Production]] = field(default_factory=dict, repr=False)
    _types: dict[int, dict[str, str]] = field(default_factory=dict, repr=False)
    _keys: dict[int, tuple[Any, ...]] = field(default_factory=dict, repr=False)
    _names: dict[int, dict[str, str]] = field(default_factory=dict, repr=False)

    @cached_property
    def used(self) -> Counter[str]:
        """The heads of productions in the program."""
        return Counter(head(node) for node in ast.walk(self.program.tree))

    @cached_property
    def functions(self) -> dict[str, int]:
        """The module's own functions, with how many arguments they need."""
        return {
            node.name: len(node.args.args) - len(node.args.defaults)
            for node in ast.walk(self.program.tree)
            if isinstance(node, Function)
        }

    @cached_property
    def constants(self) -> list[Expression]:
        """Common constants and the program's own, with costs."""
        costs: dict[object, float] = {}
        for number, price in COMMON:
            costs[type(number), number] = price
        for node in ast.walk(self.program.tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, int | float | str | bool):
                if isinstance(node.value, str) and len(node.value) > 40:
                    continue
                for one, price in ((node.value, OWN_CONSTANT),):
                    known = costs.get((type(one), one), 9.0)
                    costs[type(one), one] = min(known, price)
        return [
            Expression(
                repr(constant),
                type(constant).__name__,
                price,
                POSTFIX - 1
                if isinstance(constant, int | float) and not isinstance(constant, bool)
                else ATOM,
                "constant",
            )
            for (_, constant), price in costs.items()  # type: ignore[misc]
        ]

    def local_types(self, function: Function | None) -> dict[str, str]:
        """The names of a function with their usual types; unknown where never seen."""
        if function is None:
            return {}
        if id(function) not in self._types:
            self._types[id(function)] = self._typed_locals(function)
        return self._types[id(function)]

    def _typed_locals(self, function: Function) -> dict[str, str]:
        found: dict[str, Counter[str]] = defaultdict(Counter)
        first, last = function.lineno, function.end_lineno or function.lineno
        for line, names in self.observations.local_types.items():
            if first <= line <= last:
                for name, counts in names.items():
                    found[name].update(counts)
        types = {name: most_common(counts) for name, counts in found.items()}
        for node in ast.walk(function):
            if isinstance(node, ast.arg):
                types.setdefault(node.arg, UNKNOWN)
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                types.setdefault(node.id, UNKNOWN)
            if isinstance(node, ast.Name) and not types.get(node.id):
                seen = self.observations.type_of(node) if isinstance(node.ctx, ast.Load) else ""
                if seen and node.id in types:
                    types[node.id] = seen
        own = {node.name for node in ast.walk(function) if isinstance(node, Function)}
        return {name: kind for name, kind in types.items() if name not in own}

    def names_at(self, node: ast.AST) -> dict[str, str]:
        """The local names that are assigned, or are arguments, before a node's place in the text."""
        if id(node) not in self._names:
            self._names[id(node)] = self._visible(node)
        return self._names[id(node)]

    def _visible(self, node: ast.AST) -> dict[str, str]:
        function = self.program.function(node)
        if not self.terms.scope:
            return self.local_types(function)
        chain = [
            f
            for f in (function, *self.program.ancestors(function or node))
            if isinstance(f, Function)
        ]
        types: dict[str, str] = {}
        line = getattr(self.program.statement(node), "lineno", 0)
        for scope in reversed(chain):
            loops = [
                a.lineno for a in self.program.ancestors(node) if isinstance(a, ast.For | ast.While)
            ]
            bound = self._bound_before(scope, line, min(loops, default=line))
            types |= {n: t for n, t in self.local_types(scope).items() if n in bound}
        for above in self.program.ancestors(node):
            if isinstance(above, ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp):
                for part in above.generators:
                    seen = element(self.observations.type_of(part.iter))
                    for target in ast.walk(part.target):
                        if isinstance(target, ast.Name):
                            types[target.id] = (
                                seen if isinstance(part.target, ast.Name) else UNKNOWN
                            )
            if isinstance(above, ast.Lambda):
                types |= {a.arg: UNKNOWN for a in above.args.args}
        return types

    def _bound_before(self, scope: Function, line: int, loop: int) -> set[str]:
        """Names bound above a line, or anywhere in the loop around it."""
        bound = {a.arg for a in ast.walk(scope.args) if isinstance(a, ast.arg)}
        for node in ast.walk(scope):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                if node.lineno <= line or loop < line:
                    bound.add(node.id)
        return bound

    def atoms(self, function: Function | None) -> list[Expression]:
        """The local names and the constants."""
        types = self.local_types(function)
        price = NAME + SPREAD * log(max(len(types), 1))
        names = [
            Expression(name, kind, price, ATOM, "name", frozenset([name]))
            for name, kind in types.items()
        ]
        own = own_expressions(self.program, self.observations, function, types)
        return names + self.constants + EMPTY + own

    def unbound_before(self, node: ast.AST) -> list[str]:
        """Names that the function reads but has not bound where a node stands."""
        function = self.program.function(node)
        if function is None:
            return []
        line = self.program.statement(node).lineno
        bound = {a.arg for a in ast.walk(function.args) if isinstance(a, ast.arg)}
        bound |= set(self.functions) | BUILTINS
        for part in ast.walk(self.program.tree):
            if isinstance(part, ast.alias):
                bound.add((part.asname or part.name).split(".")[0])
            elif isinstance(part, ast.ClassDef):
                bound.add(part.name)
            elif isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store):
                inside = function.lineno <= part.lineno <= (function.end_lineno or 0)
                step = isinstance(self.program.parent(part), ast.AugAssign)
                within = isinstance(self.program.parent(part), ast.comprehension)
                if not inside or within or (part.lineno < line and not step):
                    bound.add(part.id)
        read = [
            part.id
            for part in ast.walk(function)
            if isinstance(part, ast.Name)
            and not isinstance(part.ctx, ast.Del)
            and (
                isinstance(part.ctx, ast.Load)
                or isinstance(self.program.parent(part), ast.AugAssign)
            )
        ]
        names = dict.fromkeys(name for name in read if name not in bound)
        return [name for name in names if not name.startswith("__hole_")]

    def pool(self, function: Function | None) -> Pool:
        """The expressions over a function's names."""
        if id(function) not in self._keys:
            # programs that differ by an edit mostly have the same names, types and heads
            made = tuple(self.productions(function))
            self._keys[id(function)] = (tuple(self.atoms(function)), made, self.height, self.limit)
        key = self._keys[id(function)]
        if key not in self.pools:
            atoms = [a for a in self.atoms(function) if a.type]
            self.pools[key] = Pool(atoms, list(key[1]), limit=self.limit, height=self.height)
        return self.pools[key]

    def productions(self, function: Function | None) -> list[Production]:
        """What can be built over the types of a function's names and expressions."""
        if id(function) not in self._productions:
            self._productions[id(function)] = self._typed_productions(function)
        return self._productions[id(function)]

    def _typed_productions(self, function: Function | None) -> list[Production]:
        types = {kind for kind in self.local_types(function).values() if kind}
        types |= {"int", "bool"}
        if function is not None:
            for node in ast.walk(function):
                if isinstance(node, ast.expr) and isinstance(
                    getattr(node, "ctx", ast.Load()), ast.Load
                ):
                    types.add(self.observations.type_of(node))
        types |= {inner for kind in list(types) for inner in (element(kind), value(kind)) if inner}
        kept = [
            t
            for t in types
            if t
            and base(t)
            not in ("function", "builtin_function_or_method", "type", "method", "NoneType")
        ]
        return productions(kept[:40], self.used) + list(self._own_calls(function))

    def _own_calls(self, function: Function | None) -> list[Production]:
        """Calls of the module's functions, typed as their calls were seen to be."""
        found = {}
        for node in ast.walk(self.program.tree):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id in self.functions
            ):
                if node.keywords or any(isinstance(a, ast.Starred) for a in node.args):
                    continue
                operands = tuple(self.observations.type_of(a) for a in node.args)
                result = self.observations.type_of(node)
                if all(operands) and result and operands:
                    holes = ", ".join(f"{{{i}}}" for i in range(len(operands)))
                    name = node.func.id
                    found[name, operands, result] = Production(
                        name, f"{name}({holes})", operands, (1,) * len(operands), result, ATOM, 2.0
                    )
        return list(found.values())


BUILTINS = frozenset(dir(builtins))
