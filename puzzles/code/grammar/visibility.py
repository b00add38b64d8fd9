"""Which names can be read where, and of what types they were."""

from __future__ import annotations

import ast
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from latent_ebm.puzzles.code.grammar.program import Program
from latent_ebm.puzzles.code.grammar.runtime_types import UNKNOWN, element
from latent_ebm.puzzles.code.grammar.scope import Observations, most_common
from latent_ebm.puzzles.code.grammar.syntax import Comprehension, Function, Loop

Names = dict[str, str]
"""Names with their usual types, in the order in which they first appear."""


@dataclass(frozen=True, eq=False)
class Visibility:
    """The local names of a program's functions.

    Attributes
    ----------
    program, observations
        The program and what its run showed.
    bound_only
        Whether a name is visible only where it is bound; else in all of its function.
    """

    program: Program
    observations: Observations
    bound_only: bool = True
    _locals: dict[Function, Names] = field(default_factory=dict, repr=False)
    _stores: dict[Function, list[tuple[str, int]]] = field(default_factory=dict, repr=False)
    _visible: dict[ast.AST, Names] = field(default_factory=dict, repr=False)

    def of_function(self, function: Function | None) -> Names:
        """The names of a function with their usual types; unknown where never seen."""
        if function is None:
            return {}
        if function not in self._locals:
            self._locals[function] = self._typed(function)
        return self._locals[function]

    def nullable(self, function: Function | None) -> list[str]:
        """The names of a function that were seen as None and as something else."""
        seen: dict[str, set[str]] = defaultdict(set)
        if function is not None:
            for names in self._observed(function):
                for name, counts in names.items():
                    seen[name].update(counts)
        return [name for name, kinds in seen.items() if "NoneType" in kinds and len(kinds) > 1]

    def _observed(self, function: Function) -> Iterator[Mapping[str, Counter[str]]]:
        """The names that were seen at the lines of a function, with types."""
        first, last = function.lineno, function.end_lineno or function.lineno
        for line, names in self.observations.local_types.items():
            if first <= line <= last:
                yield names

    def at(self, node: ast.AST) -> Names:
        """The local names that are assigned, or are arguments, before a node in the text."""
        if node not in self._visible:
            self._visible[node] = self._at(node)
        return self._visible[node]

    def _typed(self, function: Function) -> Names:
        found: dict[str, Counter[str]] = defaultdict(Counter)
        for names in self._observed(function):
            for name, counts in names.items():
                found[name].update(counts)
        types = {name: most_common(counts) for name, counts in found.items()}
        nodes = list(ast.walk(function))
        for node in nodes:
            if isinstance(node, ast.arg):
                types.setdefault(node.arg, UNKNOWN)
            elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                types.setdefault(node.id, UNKNOWN)
        for node in nodes:  # a comprehension reads its names before it binds them in the text
            if isinstance(node, ast.Name) and types.get(node.id) == UNKNOWN:
                types[node.id] = self.observations.type_of(node)
        own = {node.name for node in ast.walk(function) if isinstance(node, Function)}
        return {name: kind for name, kind in types.items() if name not in own}

    def _at(self, node: ast.AST) -> Names:
        if not self.bound_only:
            return self.of_function(self.program.function(node))
        if isinstance(node, ast.stmt):
            return self._before(node)
        types = dict(self.at(self.program.statement(node)))
        below, bound = node, 0
        for above in self.program.ancestors(node):
            if isinstance(above, ast.stmt):
                break
            if isinstance(above, ast.comprehension):
                # what is iterated over does not see the target yet
                _, _, index = self.program.place(above)
                bound = index + (below is not above.iter)
            elif isinstance(above, Comprehension):
                inside = isinstance(below, ast.comprehension)
                for part in above.generators[:bound] if inside else above.generators:
                    types |= self._targets(part)
            elif isinstance(above, ast.Lambda):
                types |= {argument.arg: UNKNOWN for argument in above.args.args}
            below = above
        return types

    def _before(self, node: ast.stmt) -> Names:
        """Names bound above a statement, or anywhere in a function if it stands in a loop there."""
        scopes = [a for a in self.program.ancestors(node) if isinstance(a, Function)]
        loops = [a.lineno for a in self.program.ancestors(node) if isinstance(a, Loop)]
        again = min(loops, default=node.lineno) < node.lineno
        types: Names = {}
        for scope in reversed(scopes):
            bound = {name for name, line in self._bound(scope) if again or line <= node.lineno}
            types |= {n: kind for n, kind in self.of_function(scope).items() if n in bound}
        return types

    def _bound(self, scope: Function) -> list[tuple[str, int]]:
        """What a function binds, with the lines; arguments in line 0."""
        if scope not in self._stores:
            arguments = [(a.arg, 0) for a in ast.walk(scope.args) if isinstance(a, ast.arg)]
            parts = [node for node in ast.walk(scope) if isinstance(node, ast.comprehension)]
            within = {name for part in parts for name in ast.walk(part.target)}
            stores = [
                (node.id, node.lineno)
                for node in ast.walk(scope)
                if isinstance(node, ast.Name)
                and isinstance(node.ctx, ast.Store)
                and node not in within
            ]
            self._stores[scope] = arguments + stores
        return self._stores[scope]

    def _targets(self, part: ast.comprehension) -> Names:
        """What one ``for`` of a comprehension binds."""
        one = isinstance(part.target, ast.Name)
        kind = element(self.observations.type_of(part.iter)) if one else UNKNOWN
        return {name.id: kind for name in ast.walk(part.target) if isinstance(name, ast.Name)}


HOLE_PREFIX = "__hole_"
"""How the names that stand for holes begin."""
