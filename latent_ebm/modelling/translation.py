"""A CPMpy model's flat constraints as a landscape, and the way back."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from cpmpy.expressions.core import Expression
from cpmpy.expressions.variables import _BoolVarImpl, _NumVarImpl

from latent_ebm.energies.domain import HardDomain
from latent_ebm.energies.family import Values
from latent_ebm.energies.landscape import Landscape
from latent_ebm.energies.propagation import standard_couplings
from latent_ebm.energies.space import Space
from latent_ebm.modelling.assembly import Assembly
from latent_ebm.modelling.posting import post, speaks_of_one
from latent_ebm.modelling.scopes import Scope
from latent_ebm.modelling.variables import Literal, Variables
from latent_ebm.modelling.views import Views

GROUPS = "groups"
"""The domain of exactly-one and at-most-one factors."""


@dataclass(frozen=True)
class Flat:
    """A flat constraint, and the constraint that the user wrote."""

    constraint: Expression
    source: Expression


@dataclass(frozen=True, eq=False)
class Translation:
    """A landscape whose solutions are those of some CPMpy constraints.

    Attributes
    ----------
    scope
        Which term of the landscape each CPMpy variable is.
    user
        The variables that the user knows.
    domains
        The hard domains; presolve looks at the one of groups.
    contradiction
        Why there can be no solution, if translating shows that.
    """

    scope: Scope
    user: tuple[_NumVarImpl, ...]
    domains: tuple[HardDomain, ...]
    contradiction: str

    @classmethod
    def of(cls, flat: Iterable[Flat], user: Iterable[_NumVarImpl]) -> Translation:
        """Translate flat constraints; the user's variables come first.

        Raises
        ------
        NotSupportedError
            For a constraint that has no form here, or that is too large.

        Examples
        --------
        >>> import cpmpy as cp
        >>> import numpy as np
        >>> x, y = cp.intvar(1, 3, shape=2, name="xy")
        >>> translation = Translation.of([Flat(x < y, x < y)], [x, y])
        >>> translation.landscape.check(np.array([[0, 1], [1, 1]])).tolist()
        [True, False]
        """
        flat, user = list(flat), tuple(user)
        views = Views()
        source = {id(f.constraint): f.source for f in flat}
        left = views.absorb([f.constraint for f in flat])
        assembly = Assembly(Variables())
        scope = Scope(assembly, views)
        for variable in user:
            scope.variable(variable)
        for root, allowed, constraint in views.restrictions:
            assembly.source = source[id(constraint)]
            assembly.restrict(scope.variable(root).variable, allowed)
        # masks first: they decide which form the others take
        left.sort(key=lambda constraint: not speaks_of_one(scope, constraint))
        for constraint in left:
            assembly.source = source[id(constraint)]
            post(scope, constraint)
        if not assembly.variables.count:
            assembly.variables.add("nothing", 0, 0)
        domains = (
            HardDomain(GROUPS, assembly.groups()),
            HardDomain("factors", assembly.others()),
        )
        filled = tuple(domain for domain in domains if domain.families)
        return cls(scope, user, filled, assembly.contradiction)

    @cached_property
    def landscape(self) -> Landscape:
        """The landscape; without restrictions where there is a contradiction."""
        variables = self.scope.assembly.variables
        mask = variables.matrix()
        count, k = mask.shape
        origins = set(variables.origins)
        least = next(iter(origins)) if len(origins) == 1 else None
        states = [f"least + {s}" if least is None else str(least + s) for s in range(k)]
        space = Space(mask, tuple(variables.names), tuple(states))
        return Landscape(space, self.domains, couplings=standard_couplings(self.domains, count, k))

    def extended(self, source: object, add: Callable[[Assembly], None]) -> Translation:
        """The same with more factors, which ``add`` puts into an assembly; this one stays."""
        variables = copy.copy(self.scope.assembly.variables)
        variables.names, variables.origins = list(variables.names), list(variables.origins)
        variables.masks = list(variables.masks)
        assembly = Assembly(variables, source=source)
        add(assembly)
        scope = replace(self.scope, assembly=assembly)
        domains = self.domains
        if assembly.rows:
            more = HardDomain(f"search {len(self.domains)}", assembly.families())
            domains = (*domains, more)
        contradiction = self.contradiction or assembly.contradiction
        return replace(self, scope=scope, domains=domains, contradiction=contradiction)

    def values(self, states: Values) -> dict[_NumVarImpl, int | bool]:
        """The values of the user's variables at states [N]."""
        return {v: self._value(v, states) for v in self.user}

    def _value(self, variable: _NumVarImpl, states: Values) -> int | bool:
        term = self.scope.variable(variable)
        value = int(term.values[states[term.variable]])
        return bool(value) if isinstance(variable, _BoolVarImpl) else value

    def is_value(self, variable: _NumVarImpl, value: int | bool) -> Literal:
        """The statement that a variable has a value."""
        term = self.scope.variable(variable)
        return term.at(term.values == int(value))

    def differs(self, solution: Mapping[_NumVarImpl, int | bool]) -> list[Literal]:
        """A clause: some variable has another value than in a solution."""
        return [~self.is_value(variable, value) for variable, value in solution.items()]
