"""CPMpy's flat expressions on arrays of values: all of a variable's states in one go."""

from __future__ import annotations

import operator
from collections.abc import Callable
from functools import reduce
from typing import Any

import numpy as np
from cpmpy.exceptions import NotSupportedError
from cpmpy.expressions.core import BoolVal, Expression
from cpmpy.expressions.utils import is_num
from cpmpy.expressions.variables import NegBoolView, _NumVarImpl
from numpy.typing import NDArray

Array = NDArray[Any]
ValuesOf = Callable[[_NumVarImpl], Array]

COMPARISONS: dict[str, Callable[[Any, Any], Any]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<=": operator.le,
    "<": operator.lt,
    ">=": operator.ge,
    ">": operator.gt,
}

LARGEST = 2**62


class Evaluator:
    """Computes expressions where ``values_of`` gives each variable's values.

    Numbers come out as int64, truth as bool, together with where they are defined: division by
    zero and an index outside its array are not. A comparison of something undefined is false,
    as in CPMpy.

    Examples
    --------
    >>> import cpmpy as cp
    >>> x = cp.intvar(0, 3)
    >>> truth, _ = Evaluator(lambda _: np.arange(4)).of(6 // x > 2)
    >>> truth.tolist()
    [False, True, True, False]
    """

    def __init__(self, values_of: ValuesOf) -> None:
        self._values_of = values_of

    def of(self, expression: Any) -> tuple[Array, Array]:
        """The values of an expression, and where it is defined."""
        everywhere = np.array(True)
        if isinstance(expression, NegBoolView):
            return ~self._values_of(expression._bv).astype(np.bool_), everywhere
        if isinstance(expression, _NumVarImpl):
            return self._values_of(expression), everywhere
        if isinstance(expression, BoolVal):
            return np.array(bool(expression)), everywhere
        if is_num(expression):
            return np.array(int(expression), np.int64), everywhere
        if not isinstance(expression, Expression) or expression.name not in _RULES:
            raise NotSupportedError(
                f"latent_ebm cannot compute {expression}: no rule for "
                f"{getattr(expression, 'name', type(expression).__name__)!r}; "
                "write it with the constraints listed in docs/modelling.md"
            )
        if not expression.is_bool() and max(map(abs, expression.get_bounds())) > LARGEST:
            raise NotSupportedError(
                f"{expression} can leave the 64-bit integers (bounds {expression.get_bounds()}); "
                "give its variables tighter bounds"
            )
        return _RULES[expression.name](self, expression)

    def numbers(self, arguments: Any) -> tuple[list[Array], Array]:
        """The values of several expressions as int64, and where all are defined."""
        parts = [self.of(argument) for argument in arguments]
        defined = reduce(operator.and_, (d for _, d in parts), np.array(True))
        return [values.astype(np.int64) for values, _ in parts], defined


def _comparison(self: Evaluator, expression: Expression) -> tuple[Array, Array]:
    (left, right), defined = self.numbers(expression.args)
    return COMPARISONS[expression.name](left, right) & defined, np.array(True)


def _fold(function: Callable[[Any, Any], Any], kind: type) -> Any:
    def rule(self: Evaluator, expression: Expression) -> tuple[Array, Array]:
        values, defined = self.numbers(expression.args)
        return reduce(function, (v.astype(kind) for v in values)), defined

    return rule


def _implies(self: Evaluator, expression: Expression) -> tuple[Array, Array]:
    (condition, consequence), defined = self.numbers(expression.args)
    return (condition == 0) | (consequence != 0), defined


def _unary(function: Callable[[Any], Any]) -> Any:
    def rule(self: Evaluator, expression: Expression) -> tuple[Array, Array]:
        (value,), defined = self.numbers(expression.args)
        return function(value), defined

    return rule


def _weighted_sum(self: Evaluator, expression: Expression) -> tuple[Array, Array]:
    weights, arguments = expression.args
    values, defined = self.numbers(arguments)
    zero = np.array(0, np.int64)
    return sum((int(w) * v for w, v in zip(weights, values, strict=True)), zero), defined


def _division(self: Evaluator, expression: Expression) -> tuple[Array, Array]:
    (dividend, divisor), defined = self.numbers(expression.args)
    safe = np.where(divisor == 0, 1, divisor)
    quotient = np.abs(dividend) // np.abs(safe) * np.sign(dividend) * np.sign(safe)
    value = quotient if expression.name == "div" else dividend - safe * quotient
    return value, defined & (divisor != 0)


def _power(self: Evaluator, expression: Expression) -> tuple[Array, Array]:
    (base, exponent), defined = self.numbers(expression.args)
    return base**exponent, defined


def _element(self: Evaluator, expression: Expression) -> tuple[Array, Array]:
    array, index = expression.args
    (place,), defined = self.numbers([index])
    values, _ = self.numbers(array)
    inside = (place >= 0) & (place < len(values))
    place = np.where(inside, place, 0)
    if all(v.ndim == 0 for v in values):
        return np.array(values)[place], defined & inside
    shape = np.broadcast_shapes(place.shape, *(v.shape for v in values))
    chosen = np.zeros(shape, np.int64)
    for i, value in enumerate(values):
        chosen = np.where(place == i, value, chosen)
    return chosen, defined & inside


_RULES: dict[str, Callable[[Evaluator, Any], tuple[Array, Array]]] = {
    **dict.fromkeys(COMPARISONS, _comparison),
    "and": _fold(operator.and_, bool),
    "or": _fold(operator.or_, bool),
    "->": _implies,
    "not": _unary(lambda value: value == 0),
    "sum": _fold(operator.add, int),
    "sub": _fold(operator.sub, int),
    "wsum": _weighted_sum,
    "-": _unary(operator.neg),
    "min": _fold(np.minimum, int),
    "max": _fold(np.maximum, int),
    "mul": _fold(operator.mul, int),
    "abs": _unary(np.abs),
    "div": _division,
    "mod": _division,
    "pow": _power,
    "element": _element,
}
