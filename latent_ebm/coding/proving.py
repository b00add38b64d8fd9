"""Whether a function equals a reference expression on all integers: a proof by Z3, or an input."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

from latent_ebm.puzzles.code.errors import Refusal
from latent_ebm.puzzles.code.source import Source

__all__ = ["Claim", "MissingProverError", "Proof"]

SECONDS = 20.0
"""That Z3 may take."""


class MissingProverError(ValueError):
    """Z3 is not installed."""


@dataclass(frozen=True)
class Proof:
    """What came of a claim.

    Attributes
    ----------
    holds
        Whether it was proved, within ``rounds``.
    counterexample
        Arguments for which it does not hold; None where none was found.
    message
        In words.
    rounds
        Of loops and recursion, up to which it was proved; None if for all inputs.
    """

    holds: bool
    counterexample: Mapping[str, int | bool] | None
    message: str
    rounds: int | None = None

    def __str__(self) -> str:
        return self.message

    def as_json(self) -> dict[str, Any]:
        """As the command line prints it."""
        return {
            "holds": self.holds,
            "counterexample": None if self.counterexample is None else dict(self.counterexample),
            "message": self.message,
            "rounds": self.rounds,
        }


@dataclass(frozen=True)
class Claim:
    r"""That a function gives, for all arguments, what an expression over its parameters gives.

    Inputs for which the expression has no value (a division by zero) are left out.

    Examples
    --------
    >>> claim = Claim.of("double", "n + n")
    >>> print(claim.check("def double(n):\n    return 2 * n\n"))
    proved: double(n) == n + n for all integers
    >>> print(claim.check("def double(n):\n    return n * n\n").counterexample is None)
    False
    """

    function: str
    expression: ast.expr
    text: str

    @classmethod
    def of(cls, function: str | None, text: str) -> Claim:
        """A claim from a text.

        Raises
        ------
        ValueError
            For an expression that does not parse, or where no function is named.
        MissingProverError
            If Z3 is not installed.
        """
        if find_spec("z3") is None:
            raise MissingProverError(
                "proofs need Z3, which is not installed; pip install 'latent-ebm[z3]'"
            )
        if function is None:
            raise ValueError("a proof is about one function; name it with --function")
        if "." in function:
            raise ValueError(f"a proof is about a function of the module; found {function!r}")
        try:
            tree = ast.parse(text.strip(), mode="eval")
        except (SyntaxError, ValueError, RecursionError) as error:
            raise ValueError(f"the expression to prove, {text!r}: {error}") from error
        return cls(function, tree.body, text.strip())

    def check(self, program: str, path: str = "<string>", seconds: float = SECONDS) -> Proof:
        """Prove it of a module's text, or find arguments for which it does not hold.

        Raises
        ------
        Refusal
            For what cannot be put into terms, with its line.
        """
        import z3

        from latent_ebm.coding.symbolic import ROUNDS, Translation

        translation = Translation.of(Source(program, path).tree, path)
        if self.function not in translation.functions:
            raise Refusal(f"{self.function!r}", path, 1, "is no plain function of the module")
        names = translation.parameters(self.function)
        kinds = _kinds(translation.functions[self.function], path)
        terms = {name: z3.Bool(name) if kinds[name] == "bool" else z3.Int(name) for name in names}
        found = translation.call(self.function, list(terms.values()), z3.BoolVal(True))
        wanted = Translation({}, f"{path} (--prove)").expression(self.expression, terms)
        differs = z3.BoolVal(True)
        if found.value is not None:
            value, goal = found.value, wanted.value
            if z3.is_bool(value) != z3.is_bool(goal):
                value, goal = (
                    z3.If(term, z3.IntVal(1), z3.IntVal(0)) if z3.is_bool(term) else term
                    for term in (value, goal)
                )
            differs = z3.Or(z3.Not(found.returns), value != goal)
        solver = z3.Solver()
        solver.set("timeout", int(seconds * 1000))
        solver.add(wanted.returns, z3.Not(found.beyond), differs)
        answer = solver.check()
        shown = f"{self.function}({', '.join(names)}) == {self.text}"
        if answer == z3.sat:
            return self._refuted(solver.model(), terms, found, wanted)
        if answer == z3.unknown:
            return Proof(False, None, f"neither proved nor refuted in {seconds:g} s: {shown}")
        bounded = z3.Solver()
        bounded.set("timeout", int(seconds * 1000))
        bounded.add(found.beyond)
        if bounded.check() == z3.unsat:
            kind = "booleans" if set(kinds.values()) == {"bool"} else "integers"
            return Proof(True, None, f"proved: {shown} for all {kind}")
        limit = f"for all inputs that need at most {ROUNDS} rounds of each loop and recursion"
        return Proof(True, None, f"proved: {shown} {limit}", ROUNDS)

    def _refuted(self, model: Any, terms: Mapping[str, Any], found: Any, wanted: Any) -> Proof:
        import z3

        values: dict[str, int | bool] = {}
        for name, term in terms.items():
            value = model.eval(term, model_completion=True)
            values[name] = z3.is_true(value) if z3.is_bool(term) else value.as_long()
        shown = ", ".join(map(repr, values.values()))
        goal = model.eval(wanted.value, model_completion=True)
        if z3.is_true(model.eval(found.raises, model_completion=True)):
            given = "raises"
        elif found.value is None or not z3.is_true(model.eval(found.returns, True)):
            given = "returns no value"
        else:
            given = f"gives {model.eval(found.value, model_completion=True)}"
        message = f"refuted: {self.function}({shown}) {given}, {self.text} is {goal}"
        return Proof(False, values, message)


def _kinds(node: ast.FunctionDef, path: str) -> dict[str, str]:
    """Whether int or bool, for each parameter, as annotated; int without an annotation."""
    kinds = {}
    for one in node.args.args:
        kind = "int" if one.annotation is None else ast.unparse(one.annotation)
        if kind not in ("int", "bool"):
            reason = "proofs are about integers and booleans"
            raise Refusal(f"parameter {one.arg}: {kind}", path, one.lineno, reason)
        kinds[one.arg] = kind
    return kinds
