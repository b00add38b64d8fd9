"""Definite assignment: which names of a scope surely have a value where a node is evaluated.

A forward data-flow over statements. The state is a bit mask of names; two paths join by ``&``,
and a place that no path reaches holds every bit. With gen and kill of statement s,

    out(s) = (in(s) & ~kill(s)) | gen(s),     in(s) = AND of out(p) over the predecessors p.

Loops need no iteration: the head's state is the entry's without what the loop may delete. A handler
may follow after any part of its ``try``, so it starts from the entry's state likewise.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

UNREACHABLE = -1

# context managers that never swallow an exception; of others one must expect it
_LETS_THROUGH = frozenset(
    {"open", "fdopen", "Lock", "RLock", "Condition", "Semaphore", "closing", "nullcontext", "Pool"}
    | {"ThreadPoolExecutor", "ProcessPoolExecutor", "TemporaryDirectory", "NamedTemporaryFile"}
    | {"TemporaryFile", "localcontext", "catch_warnings", "ZipFile", "Popen", "redirect_stdout"}
)

Comprehension = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp


@dataclass
class _Loop:
    breaks: list[int] = field(default_factory=list)


class Flow:
    """The states of one function, lambda, class or module; comprehensions run within.

    Parameters
    ----------
    names
        The names that the scope binds.
    given
        Those that have a value at its start: parameters.
    never
        Those that code elsewhere may delete (``nonlocal x; del x``): nothing is said of them.
    """

    def __init__(
        self, names: Iterable[str], given: Iterable[str] = (), never: Iterable[str] = ()
    ) -> None:
        self.bits = {name: 1 << i for i, name in enumerate(sorted(set(names)))}
        self.start = 0
        for name in given:
            self.start |= self.bits[name]
        self._never = 0
        for name in never:
            self._never |= self.bits.get(name, 0)
        self.start &= ~self._never
        self.at: dict[ast.AST, int] = {}
        self._loops: list[_Loop] = []

    def run(self, body: Sequence[ast.stmt]) -> int:
        """Go through ``body``; the state at its end, ``UNREACHABLE`` if it never falls through."""
        return self._block(body, self.start)

    def run_expression(self, body: ast.expr) -> int:
        """Go through the body of a lambda."""
        return self._expr(body, self.start)

    def has(self, node: ast.AST, name: str) -> bool:
        """Whether ``name`` surely has a value when ``node`` is evaluated."""
        return bool(self.at.get(node, 0) & self.bits.get(name, 0))

    # states

    def _gen(self, state: int, name: str) -> int:
        return state | (self.bits.get(name, 0) & ~self._never)

    @staticmethod
    def _kill(state: int, bits: int) -> int:
        return state if state == UNREACHABLE else state & ~bits

    def _note(self, node: ast.AST, state: int) -> None:
        self.at[node] = self.at.get(node, UNREACHABLE) & state

    def _deleted(self, nodes: Iterable[ast.AST]) -> int:
        bits = 0
        for top in nodes:
            for node in ast.walk(top):
                if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Del):
                    bits |= self.bits.get(node.id, 0)
                elif isinstance(node, ast.ExceptHandler) and node.name:
                    bits |= self.bits.get(node.name, 0)
        return bits

    # statements

    def _block(self, body: Sequence[ast.stmt], state: int) -> int:
        for statement in body:
            state = self._statement(statement, state)
        return state

    def _statement(self, node: ast.stmt, state: int) -> int:  # noqa: C901 - one case a kind
        self._note(node, state)
        match node:
            case ast.Assign():
                state = self._expr(node.value, state)
                for target in node.targets:
                    state = self._bind(target, state)
                return state
            case ast.AugAssign(target=target):
                if isinstance(target, ast.Name):
                    self._note(target, state)
                else:
                    state = self._expr(target, state)
                return self._bind(target, self._expr(node.value, state))
            case ast.AnnAssign():
                state = self._expr(node.value, state) if node.value else state
                self._expr(node.annotation, state)
                return self._bind(node.target, state) if node.value else state
            case ast.If():
                true, false = self._condition(node.test, state)
                return self._block(node.body, true) & self._block(node.orelse, false)
            case ast.While():
                return self._while(node, state)
            case ast.For() | ast.AsyncFor():
                return self._for(node, state)
            case ast.With() | ast.AsyncWith():
                return self._with(node, state)
            case ast.Try() | ast.TryStar():
                return self._try(node, state)
            case ast.Match():
                return self._match(node, state)
            case ast.Return() | ast.Raise():
                self._children(node, state)
                return UNREACHABLE
            case ast.Break() | ast.Continue():
                if isinstance(node, ast.Break) and self._loops:
                    self._loops[-1].breaks.append(state)
                return UNREACHABLE
            case ast.Delete():
                for target in node.targets:
                    state = self._kill(self._expr(target, state), self._deleted([target]))
                return state
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                return self._definition(node, state)
            case ast.Import() | ast.ImportFrom():
                for alias in node.names:
                    state = self._gen(state, alias.asname or alias.name.split(".")[0])
                return state
            case ast.Assert():
                # under -O the test does not run
                true, _ = self._condition(node.test, state)
                if node.msg:
                    self._expr(node.msg, state)
                return state if true == UNREACHABLE else true & state
        if type(node).__name__ == "TypeAlias":  # Python 3.12
            return self._bind(node.name, state)  # type: ignore[attr-defined]
        return self._children(node, state)

    def _definition(
        self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef, state: int
    ) -> int:
        for decorator in node.decorator_list:
            state = self._expr(decorator, state)
        if isinstance(node, ast.ClassDef):
            for part in (*node.bases, *node.keywords):
                state = self._children(part, self._seen(part, state))
        else:
            state = self._arguments(node.args, state)
            if node.returns:
                self._expr(node.returns, state)
        return self._gen(state, node.name)

    def _seen(self, node: ast.AST, state: int) -> int:
        self._note(node, state)
        return state

    def _arguments(self, arguments: ast.arguments, state: int) -> int:
        for default in (*arguments.defaults, *arguments.kw_defaults):
            if default is not None:
                state = self._expr(default, state)
        several = (arguments.vararg, arguments.kwarg)
        for one in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, *several):
            if one is not None and one.annotation:
                self._expr(one.annotation, state)
        return state

    def _while(self, node: ast.While, state: int) -> int:
        head = self._kill(state, self._deleted([node]))
        true, false = self._condition(node.test, head)
        self._loops.append(_Loop())
        self._block(node.body, true)
        breaks = self._loops.pop().breaks
        return _joined([self._block(node.orelse, false), *breaks])

    def _for(self, node: ast.For | ast.AsyncFor, state: int) -> int:
        head = self._kill(self._expr(node.iter, state), self._deleted([node]))
        self._loops.append(_Loop())
        self._block(node.body, self._bind(node.target, head))
        breaks = self._loops.pop().breaks
        return _joined([self._block(node.orelse, head), *breaks])

    def _with(self, node: ast.With | ast.AsyncWith, state: int) -> int:
        swallowed = UNREACHABLE
        for item in node.items:
            state = self._expr(item.context_expr, state)
            if not _lets_through(item.context_expr):
                # binding the target may fail too, and be swallowed
                swallowed &= state
            if item.optional_vars:
                state = self._bind(item.optional_vars, state)
        if swallowed != UNREACHABLE:
            swallowed = self._kill(swallowed, self._deleted(node.body))
        return self._block(node.body, state) & swallowed

    def _try(self, node: ast.Try | ast.TryStar, state: int) -> int:
        marks = [(loop, len(loop.breaks)) for loop in self._loops[-1:]]
        out = self._block(node.body, state)
        failed = self._kill(state, self._deleted(node.body))
        ends = [self._block(node.orelse, out)]
        ends += [self._handler(handler, failed) for handler in node.handlers]
        end = _joined(ends)
        if not node.finalbody:
            return end
        entry = self._kill(state, self._deleted((*node.body, *node.handlers, *node.orelse)))
        final = self._block(node.finalbody, entry)
        dropped = self._deleted(node.finalbody)
        for loop, mark in marks:
            loop.breaks[mark:] = [self._kill(one, dropped) for one in loop.breaks[mark:]]
        if UNREACHABLE in (final, end):
            return UNREACHABLE
        # entry is part of end, so what the last part adds to one it adds to the other
        return final | self._kill(end, dropped)

    def _handler(self, handler: ast.ExceptHandler, state: int) -> int:
        self._note(handler, state)
        if handler.type:
            state = self._expr(handler.type, state)
        if not handler.name:
            return self._block(handler.body, state)
        mark = len(self._loops[-1].breaks) if self._loops else 0
        end = self._block(handler.body, self._gen(state, handler.name))
        bit = self.bits.get(handler.name, 0)  # the name is deleted on every way out
        if self._loops:
            breaks = self._loops[-1].breaks
            breaks[mark:] = [self._kill(one, bit) for one in breaks[mark:]]
        return self._kill(end, bit)

    def _match(self, node: ast.Match, state: int) -> int:
        state = self._expr(node.subject, state)
        ends = []
        for case in node.cases:
            self._note(case, state)
            bound = self._pattern(case.pattern, state)
            failed = state
            if case.guard:
                bound, guarded = self._condition(case.guard, bound)
                failed = guarded if _irrefutable(case.pattern) else state & guarded
            elif _irrefutable(case.pattern):
                failed = UNREACHABLE
            ends.append(self._block(case.body, bound))
            state = failed
        return _joined([*ends, state])

    def _pattern(self, pattern: ast.AST, state: int) -> int:
        self._note(pattern, state)
        if isinstance(pattern, ast.MatchOr):
            return _joined([self._pattern(one, state) for one in pattern.patterns])
        for child in ast.iter_child_nodes(pattern):
            if isinstance(child, ast.expr):
                self._expr(child, state)
            elif isinstance(child, ast.pattern):
                state = self._pattern(child, state)
        name = getattr(pattern, "name", None) or getattr(pattern, "rest", None)
        return self._gen(state, name) if name else state

    def _bind(self, target: ast.AST, state: int) -> int:
        match target:
            case ast.Name():
                self._note(target, state)
                return self._gen(state, target.id)
            case ast.Tuple() | ast.List():
                self._note(target, state)
                for one in target.elts:
                    state = self._bind(one, state)
                return state
            case ast.Starred():
                self._note(target, state)
                return self._bind(target.value, state)
        return self._children(target, self._seen(target, state))

    # expressions

    def _children(self, node: ast.AST, state: int) -> int:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.expr):
                state = self._expr(child, state)
            elif isinstance(child, (ast.keyword, ast.FormattedValue)):
                state = self._children(child, self._seen(child, state))
        return state

    def _expr(self, node: ast.expr, state: int) -> int:
        match node:
            case ast.BoolOp() | ast.UnaryOp(op=ast.Not()) | ast.IfExp():
                true, false = self._condition(node, state)
                return true & false
        self._note(node, state)
        match node:
            case ast.NamedExpr():
                return self._bind(node.target, self._expr(node.value, state))
            case ast.Lambda():
                return self._arguments(node.args, state)
            case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
                return self._comprehension(node, state)
            case ast.Dict():
                for key, value in zip(node.keys, node.values, strict=True):
                    state = self._expr(key, state) if key else state
                    state = self._expr(value, state)
                return state
            case ast.Compare(left=left, comparators=[first, *rest]):
                state = self._expr(first, self._expr(left, state))
                later = state
                for one in rest:  # only if all before hold
                    later = self._expr(one, later)
                return state
        return self._children(node, state)

    def _condition(self, node: ast.expr, state: int) -> tuple[int, int]:
        """The states where ``node`` came out true and false."""
        match node:
            case ast.BoolOp(op=op, values=values):
                self._note(node, state)
                ways, going = [], state
                for value in values:
                    true, false = self._condition(value, going)
                    stop, going = (false, true) if isinstance(op, ast.And) else (true, false)
                    ways.append(stop)
                stopped = _joined(ways)
                return (going, stopped) if isinstance(op, ast.And) else (stopped, going)
            case ast.UnaryOp(op=ast.Not()):
                self._note(node, state)
                true, false = self._condition(node.operand, state)
                return false, true
            case ast.IfExp():
                self._note(node, state)
                true, false = self._condition(node.test, state)
                body, orelse = self._condition(node.body, true), self._condition(node.orelse, false)
                return body[0] & orelse[0], body[1] & orelse[1]
            case ast.Constant(value=bool() | int() | None as value):
                self._note(node, state)
                return (state, UNREACHABLE) if value else (UNREACHABLE, state)
            case ast.Compare(left=left, comparators=[first, *rest]):
                self._note(node, state)
                going = self._expr(first, self._expr(left, state))
                stopped = going
                for one in rest:
                    going = self._expr(one, going)
                return going, stopped
        state = self._expr(node, state)
        return state, state

    def _comprehension(self, node: Comprehension, state: int) -> int:
        outer = state
        own = 0
        for generator in node.generators:
            for target in ast.walk(generator.target):
                if isinstance(target, ast.Name):
                    own |= self._own_bit(target.id)
        for index, generator in enumerate(node.generators):
            if index == 0:
                outer = self._expr(generator.iter, state)
                state = self._kill(outer, own)
            else:
                state = self._expr(generator.iter, state)
            state = self._bind_own(generator.target, state)
            for test in generator.ifs:
                state, _ = self._condition(test, state)
        if isinstance(node, ast.DictComp):
            self._expr(node.value, self._expr(node.key, state))
        else:
            self._expr(node.elt, state)
        return outer

    def _own_bit(self, name: str) -> int:
        if name not in self.bits:
            self.bits[name] = 1 << len(self.bits)
        return self.bits[name]

    def _bind_own(self, target: ast.expr, state: int) -> int:
        never, self._never = self._never, 0  # a comprehension's variable is its own
        state = self._bind(target, state)
        self._never = never
        return state


def _joined(states: Iterable[int]) -> int:
    joined = UNREACHABLE
    for state in states:
        joined &= state
    return joined


def _lets_through(context: ast.expr) -> bool:
    if not isinstance(context, ast.Call):
        return False
    called = context.func
    name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
    return name in _LETS_THROUGH


def _irrefutable(pattern: ast.pattern) -> bool:
    match pattern:
        case ast.MatchAs(pattern=None):
            return True
        case ast.MatchAs(pattern=inner) if inner is not None:
            return _irrefutable(inner)
        case ast.MatchOr(patterns=patterns):
            return any(_irrefutable(one) for one in patterns)
    return False
