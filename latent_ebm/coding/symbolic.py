"""Integer and boolean Python as terms of Z3.

Straight-line code, ``if``, ``while`` and ``for`` over ``range`` (unrolled), calls of the module's
own functions (inlined), arithmetic, comparisons, ``min``, ``max``, ``abs``. Every assignment is
guarded by the condition under which it is reached, x <- If(live, new, x), so that one environment
does for all paths. Whatever else there is, is refused by name.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import z3

from latent_ebm.coding.symbolic_expressions import Expressions, Frame, Loop, Outcome
from latent_ebm.coding.symbolic_terms import Term, either, number_of
from latent_ebm.puzzles.code.errors import Refusal

__all__ = ["ROUNDS", "Translation"]

ROUNDS = 24
"""Of each loop, and of calls within each other."""


@dataclass(frozen=True)
class Translation:
    """The functions of one module.

    Attributes
    ----------
    functions
        By name.
    path
        For messages.
    """

    functions: Mapping[str, ast.FunctionDef]
    path: str

    @classmethod
    def of(cls, tree: ast.Module, path: str) -> Translation:
        """The functions at the top of a module."""
        found = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
        return cls(found, path)

    def call(self, name: str, args: Sequence[Term], live: Term, depth: int = 0) -> Outcome:
        """What a function comes to.

        Raises
        ------
        Refusal
            For what cannot be translated, with its line.
        """
        node = self.functions[name]
        parameters = self.parameters(name)
        if len(args) != len(parameters):
            raise self._refused("a call with other than all arguments", node, f"of {name}")
        if depth > ROUNDS:
            return Outcome(beyond=live)
        names = dict(zip(parameters, args, strict=True))
        frame = Frame(names, dict.fromkeys(names, z3.BoolVal(True)), live, Outcome())
        body = node.body[1:] if ast.get_docstring(node) is not None else node.body
        _Body(self, frame, depth).block(body)
        return frame.outcome

    def parameters(self, name: str) -> list[str]:
        """The names of a function's parameters."""
        node = self.functions[name]
        given = node.args
        if given.vararg or given.kwarg or given.kwonlyargs or given.posonlyargs or given.defaults:
            raise self._refused("parameters other than plain ones", node, f"of {name}")
        if node.decorator_list:
            raise self._refused("a decorator", node, "it may change what the function does")
        return [one.arg for one in given.args]

    def expression(self, node: ast.expr, names: Mapping[str, Term]) -> Outcome:
        """An expression on its own."""
        bound = dict.fromkeys(names, z3.BoolVal(True))
        frame = Frame(dict(names), bound, z3.BoolVal(True), Outcome())
        value = Expressions(self, frame, 0).value(node)
        frame.outcome.value = value
        frame.outcome.returns = z3.And(frame.live, z3.Not(frame.outcome.raises))
        return frame.outcome

    def cannot(self, node: ast.AST) -> Refusal:
        """The refusal of what has no terms."""
        name = type(node).__name__
        return self._refused(
            f"{ast.unparse(node).splitlines()[0][:60]!r} ({name})",
            node,
            "cannot be put into integer and boolean terms",
        )

    def _refused(self, construct: str, node: ast.AST, reason: str) -> Refusal:
        return Refusal(construct, self.path, getattr(node, "lineno", 1), reason)


class _Body:
    """Runs the statements of one call on terms."""

    def __init__(self, translation: Translation, frame: Frame, depth: int) -> None:
        self._translation, self._frame = translation, frame
        self._terms = Expressions(translation, frame, depth)

    def block(self, statements: Sequence[ast.stmt]) -> None:
        """One statement after the other, as long as some path is alive."""
        for statement in statements:
            if z3.is_false(z3.simplify(self._frame.live)):
                return
            self._statement(statement)

    def _statement(self, node: ast.stmt) -> None:  # noqa: C901 - one branch a construct
        frame = self._frame
        match node:
            case ast.Pass():
                pass
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                self._assign(name, self._terms.value(value))
            case ast.Assign(targets=[ast.Tuple(elts=targets)], value=ast.Tuple(elts=values)) if len(
                targets
            ) == len(values) and all(isinstance(t, ast.Name) for t in targets):
                found = [self._terms.value(value) for value in values]
                names = [target.id for target in targets if isinstance(target, ast.Name)]
                for name, term in zip(names, found, strict=True):
                    self._assign(name, term)
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                self._assign(name, self._terms.value(value))
            case ast.AugAssign(target=ast.Name(id=name) as target, op=operator, value=value):
                whole = ast.BinOp(ast.Name(name, ast.Load()), operator, value)
                self._assign(name, self._terms.value(ast.copy_location(whole, target)))
            case ast.Return(value=value):
                self._return(None if value is None else self._terms.value(value))
            case ast.If():
                self._if(node)
            case ast.While():
                self._while(node)
            case ast.For(target=ast.Name(id=name)):
                self._for(node, name)
            case ast.Break() | ast.Continue() if frame.loops:
                loop = frame.loops[-1]
                if isinstance(node, ast.Break):
                    loop.broken = z3.Or(loop.broken, frame.live)
                else:
                    loop.continued = z3.Or(loop.continued, frame.live)
                frame.live = z3.BoolVal(False)
            case ast.Raise() | ast.Assert():
                holds = (
                    self._terms.truth(node.test)
                    if isinstance(node, ast.Assert)
                    else z3.BoolVal(False)
                )
                self._terms.raise_unless(holds)
            case ast.Expr(value=ast.Constant()):
                pass
            case _:
                raise self._translation.cannot(node)

    def _assign(self, name: str, value: Term) -> None:
        frame = self._frame
        old = frame.names.get(name)
        if old is None:
            frame.names[name], frame.bound[name] = value, frame.live
            return
        frame.names[name] = z3.simplify(either(frame.live, value, old))
        frame.bound[name] = z3.Or(frame.bound[name], frame.live)

    def _return(self, value: Term | None) -> None:
        frame, outcome = self._frame, self._frame.outcome
        if value is not None:
            old = outcome.value
            outcome.value = value if old is None else either(frame.live, value, old)
            outcome.returns = z3.Or(outcome.returns, frame.live)
        frame.live = z3.BoolVal(False)

    def _if(self, node: ast.If) -> None:
        frame = self._frame
        test = self._terms.truth(node.test)
        before = frame.live
        frame.live = z3.simplify(z3.And(before, test))
        self.block(node.body)
        after = frame.live
        frame.live = z3.simplify(z3.And(before, z3.Not(test)))
        self.block(node.orelse)
        frame.live = z3.simplify(z3.Or(after, frame.live))

    def _while(self, node: ast.While) -> None:
        self._loop(lambda _: self._terms.truth(node.test), node.body, node.orelse, lambda _: None)

    def _for(self, node: ast.For, name: str) -> None:
        match node.iter:
            case ast.Call(func=ast.Name(id="range"), args=args, keywords=[]) if 1 <= len(args) <= 3:
                parts = [number_of(self._terms.value(arg)) for arg in args]
            case _:
                raise self._translation.cannot(node.iter)
        start, stop = (z3.IntVal(0), parts[0]) if len(parts) == 1 else (parts[0], parts[1])
        step = parts[2] if len(parts) == 3 else z3.IntVal(1)
        self._terms.raise_unless(step != 0)

        def goes_on(turn: int) -> Term:
            at = start + turn * step
            return z3.If(step > 0, at < stop, at > stop)

        self._loop(
            goes_on,
            node.body,
            node.orelse,
            lambda turn: self._assign(name, z3.simplify(start + turn * step)),
        )

    def _loop(
        self,
        goes_on: Callable[[int], Term],
        body: Sequence[ast.stmt],
        orelse: Sequence[ast.stmt],
        begin: Callable[[int], None],
    ) -> None:
        frame, loop = self._frame, Loop()
        ended = z3.BoolVal(False)
        frame.loops.append(loop)
        for turn in range(ROUNDS + 1):
            test = goes_on(turn)
            ended = z3.Or(ended, z3.And(frame.live, z3.Not(test)))
            frame.live = z3.simplify(z3.And(frame.live, test))
            if z3.is_false(frame.live) or turn == ROUNDS:
                break
            begin(turn)
            self.block(body)
            frame.live = z3.simplify(z3.Or(frame.live, loop.continued))
            loop.continued = z3.BoolVal(False)
        frame.loops.pop()
        frame.outcome.beyond = z3.Or(frame.outcome.beyond, frame.live)
        frame.live = z3.simplify(ended)
        self.block(orelse)
        frame.live = z3.simplify(z3.Or(frame.live, loop.broken))
