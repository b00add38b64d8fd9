"""Variables that are functions of one other variable need no coordinates of their own.

A constraint ``y == f(x)`` or ``b == (x <= 3)`` defines its variable as a *view* of x: wherever y
or b occurs, the states of x say the same. Flattening makes thousands of such variables.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
from cpmpy.expressions.core import Comparison, Expression
from cpmpy.expressions.utils import is_boolexpr
from cpmpy.expressions.variables import NegBoolView, _BoolVarImpl, _NumVarImpl
from cpmpy.transformations.get_variables import get_variables
from numpy.typing import NDArray

from latent_ebm.modelling.evaluation import Evaluator
from latent_ebm.modelling.variables import MAX_STATES


@dataclass(eq=False)
class View:
    """A function of the variable ``root``: its value at each of the root's values."""

    root: _NumVarImpl
    values: NDArray[np.int64]


@dataclass(eq=False)
class Views:
    """The views found in some flat constraints.

    Attributes
    ----------
    of
        View of each variable that has one, by name.
    restrictions
        What a definition says beyond defining: (root, [values] bool, the constraint).

    Examples
    --------
    >>> import cpmpy as cp
    >>> x, y = cp.intvar(0, 5, name="x"), cp.intvar(0, 3, name="y")
    >>> views = Views()
    >>> views.absorb([x % 3 == y])
    []
    >>> views.of["y"].root, views.of["y"].values.tolist()
    (x, [0, 1, 2, 0, 1, 2])
    """

    of: dict[str, View] = field(default_factory=dict)
    restrictions: list[tuple[_NumVarImpl, NDArray[np.bool_], Expression]] = field(
        default_factory=list
    )
    _roots: set[str] = field(default_factory=set)

    def root(self, variable: _NumVarImpl) -> _NumVarImpl:
        """The variable that a variable is a view of, itself if it is none."""
        view = self.of.get(variable.name)
        return variable if view is None else view.root

    def values(self, variable: _NumVarImpl) -> NDArray[np.int64]:
        """The values of a variable at each value of its root."""
        view = self.of.get(variable.name)
        return np.arange(variable.lb, variable.ub + 1) if view is None else view.values

    def absorb(self, constraints: Iterable[Expression]) -> list[Expression]:
        """Turn the definitions among the constraints into views; return the other constraints.

        Definitions are emitted behind their uses, so the last ones come first.
        """
        left = [(c, _definition(c)) for c in constraints]
        while True:
            kept = [
                (constraint, definition)
                for constraint, definition in reversed(left)
                if definition is None or not self._define(constraint, *definition)
            ]
            kept.reverse()
            if len(kept) == len(left):
                return [constraint for constraint, _ in kept]
            left = kept

    def _define(
        self, constraint: Expression, target: _NumVarImpl, body: Expression, leaves: list[object]
    ) -> bool:
        """Make the target a view of the only root of the body, if that is possible."""
        inner = target._bv if isinstance(target, NegBoolView) else target
        if inner.name in self.of or inner.name in self._roots:
            return False
        roots = {self.root(leaf).name: self.root(leaf) for leaf in leaves}
        if len(roots) != 1 or inner.name in roots:
            return False
        (root,) = roots.values()
        size = root.ub - root.lb + 1
        if size > MAX_STATES:
            return False
        values, defined = Evaluator(self.values).of(body)
        values = np.broadcast_to(values, (size,)).astype(np.int64)
        if isinstance(target, NegBoolView):
            values = 1 - values
        fits = defined & (values >= inner.lb) & (values <= inner.ub)
        if not fits.all():
            self.restrictions.append((root, fits, constraint))
        self.of[inner.name] = View(root, np.clip(values, inner.lb, inner.ub))
        self._roots.add(root.name)
        return True


def _definition(
    constraint: Expression,
) -> tuple[_NumVarImpl, Expression, list[object]] | None:
    """(variable, body, variables of the body) if the constraint says variable == body."""
    if not isinstance(constraint, Comparison) or constraint.name != "==":
        return None
    left, right = constraint.args
    pairs = [(right, left), (left, right)]
    for target, body in pairs:
        if not isinstance(target, _NumVarImpl) or not isinstance(body, Expression):
            continue
        if isinstance(target, _BoolVarImpl) and not is_boolexpr(body):
            continue  # a number equals a truth value: rare, and its bounds need care
        leaves = get_variables(body)
        if leaves:
            return target, body, leaves
    return None
