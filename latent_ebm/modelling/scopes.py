"""From CPMpy's variables and constants to terms of a landscape in the making."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from cpmpy.exceptions import NotSupportedError
from cpmpy.expressions.core import BoolVal
from cpmpy.expressions.utils import is_num
from cpmpy.expressions.variables import NegBoolView, _NumVarImpl
from cpmpy.transformations.get_variables import get_variables
from numpy.typing import NDArray

from latent_ebm.modelling.assembly import Assembly, Name
from latent_ebm.modelling.evaluation import Evaluator
from latent_ebm.modelling.variables import Literal, Term
from latent_ebm.modelling.views import Views

MAX_TUPLES = 200_000
"""Combinations of values that a constraint without a form of its own may be listed by."""


@dataclass(eq=False)
class Scope:
    """Which term each CPMpy variable is, adding variables to ``assembly`` when first met."""

    assembly: Assembly
    views: Views
    _terms: dict[str, Term] = field(default_factory=dict)

    def term(self, expression: Any) -> Term | int:
        """The term of a variable or of its negation; a constant stays one.

        Raises
        ------
        NotSupportedError
            If it is neither.
        """
        if isinstance(expression, NegBoolView):
            inner = self.variable(expression._bv)
            return Term(inner.variable, 1 - inner.values)
        if isinstance(expression, _NumVarImpl):
            return self.variable(expression)
        if isinstance(expression, BoolVal) or is_num(expression):
            return int(expression)
        raise NotSupportedError(
            f"{Name(self.assembly.source)}: latent_ebm expected a variable or an integer and "
            f"found {expression} ({type(expression).__name__}); give it a variable of its own"
        )

    def variable(self, variable: _NumVarImpl) -> Term:
        """The term of a variable."""
        name = variable.name
        if name not in self._terms:
            root = self.views.root(variable)
            if root.name not in self._terms:
                self._terms[root.name] = self.assembly.variables.add(
                    root.name, int(root.lb), int(root.ub)
                )
            place = self._terms[root.name].variable
            self._terms[name] = Term(place, self.views.values(variable))
        return self._terms[name]

    def known(self, variable: _NumVarImpl, term: Term) -> None:
        """Say which term a new CPMpy variable is."""
        self._terms[variable.name] = term

    def literal(self, expression: Any) -> Literal:
        """The statement that a Boolean variable, negation or constant is true."""
        term = self.term(expression)
        if isinstance(term, int):
            if not self.assembly.variables.count:
                self.assembly.variables.add("constant", 0, 0)
            size = len(self.assembly.variables.masks[0])
            return Literal(0, np.full(size, bool(term)))
        return term.at(term.values != 0)

    def roots(self, expression: Any) -> list[int]:
        """The variables of the landscape that an expression speaks of."""
        found = (self.variable(v).variable for v in get_variables(expression))
        return list(dict.fromkeys(found))

    def combinations(self, roots: list[int]) -> int:
        """How many combinations of states some variables have."""
        total = 1
        for v in roots:
            total *= int(self.assembly.variables.masks[v].sum())
        return total

    def truth(self, expression: Any, roots: list[int]) -> NDArray[np.integer]:
        """[T, roots] the combinations of the roots' states at which an expression is true."""
        masks = self.assembly.variables.masks
        live = [np.flatnonzero(masks[v]) for v in roots]
        grid = dict(zip(roots, np.meshgrid(*live, indexing="ij", sparse=True), strict=True))

        def values_of(variable: _NumVarImpl) -> NDArray[np.int64]:
            term = self.variable(variable)
            return term.values[grid[term.variable]]

        holds, defined = Evaluator(values_of).of(expression)
        shape = tuple(len(states) for states in live)
        places = np.argwhere(np.broadcast_to(holds.astype(np.bool_) & defined, shape))
        return np.stack([s[places[:, i]] for i, s in enumerate(live)], axis=1)
