"""Analysis: the type that an expression's place asks for, and the reason in words."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from latent_ebm.puzzles.code.annotations import dotted_name, substitute, to_type
from latent_ebm.puzzles.code.callables import Function, Signature
from latent_ebm.puzzles.code.calls import unify
from latent_ebm.puzzles.code.environments import own_nodes
from latent_ebm.puzzles.code.meaning import meant
from latent_ebm.puzzles.code.operations import (
    SYMBOLS,
    binary_result,
    contained,
    index_of,
    stored_in,
)
from latent_ebm.puzzles.code.scope_model import ScopeKind
from latent_ebm.puzzles.code.signatures import member
from latent_ebm.puzzles.code.stubs import as_instance_of
from latent_ebm.puzzles.code.types import (
    ANY,
    BOOL,
    BYTES,
    CALLABLE,
    ELLIPSIS,
    FLOAT,
    INT,
    NEVER,
    NONE,
    SLICE,
    STR,
    Type,
    fits,
    joined,
    optional,
    presented,
    tuple_of,
    union,
)

if TYPE_CHECKING:
    from latent_ebm.puzzles.code.inference import Inference


@dataclass(frozen=True, slots=True)
class Expectation:
    """A type and why it is expected; ``boolean`` where any value will do for its truth."""

    type: Type
    reason: str
    boolean: bool = False

    def __str__(self) -> str:
        return f"{self.type}: {self.reason}"


_NUMBER = FLOAT
_EXCEPTION = Type("BaseException")
_OPERANDS = (INT, FLOAT, STR, BYTES)


def expectation(inference: Inference, node: ast.expr) -> Expectation:
    """What the place of ``node`` asks for; ``Any`` with the reason why no more is known."""
    return _Analysis(inference).at(node)


class _Analysis:
    def __init__(self, inference: Inference, depth: int = 0) -> None:
        self._inference, self._depth = inference, depth
        self._parents = inference.source.parents

    def _infer(self, node: ast.expr) -> Type:
        return self._inference.infer(node)

    def at(self, node: ast.AST) -> Expectation:
        parent = self._parents[node]
        rules: dict[type[ast.AST], Callable[[Any, ast.AST], Expectation]] = {
            ast.If: self._condition,
            ast.While: self._condition,
            ast.IfExp: self._if_expression,
            ast.Assert: self._condition,
            ast.match_case: self._condition,
            ast.comprehension: self._generator,
            ast.For: self._loop,
            ast.AsyncFor: self._loop,
            ast.BoolOp: self._bool_op,
            ast.UnaryOp: self._unary,
            ast.BinOp: self._binary,
            ast.Compare: self._compare,
            ast.Call: self._call,
            ast.keyword: self._keyword,
            ast.Subscript: self._subscript,
            ast.Slice: self._slice,
            ast.Return: self._return,
            ast.Assign: self._assign,
            ast.AnnAssign: self._annotated,
            ast.AugAssign: self._augmented,
            ast.NamedExpr: self._named,
            ast.List: self._element,
            ast.Set: self._element,
            ast.Tuple: self._tuple,
            ast.Dict: self._dict,
            ast.ListComp: self._comprehension,
            ast.SetComp: self._comprehension,
            ast.GeneratorExp: self._comprehension,
            ast.DictComp: self._dict_comprehension,
            ast.Lambda: self._lambda,
            ast.Starred: self._starred,
            ast.arguments: self._default,
        }
        rule = rules.get(type(parent))
        if rule is not None:
            return rule(parent, node)
        return self._plain(parent)

    def _plain(self, parent: ast.AST) -> Expectation:  # noqa: C901 - one case a kind
        match parent:
            case ast.Expr():
                return Expectation(ANY, "a statement of its own: its value is not used")
            case ast.Attribute(attr=attr):
                return Expectation(ANY, f"its attribute {attr!r} is taken")
            case ast.FormattedValue():
                return Expectation(ANY, "formatted into a string")
            case ast.Raise():
                kinds = (_EXCEPTION, Type("type", (_EXCEPTION,)))
                return Expectation(union(kinds), f"raised in line {parent.lineno}")
            case ast.withitem():
                return Expectation(Type("AbstractContextManager"), "entered by with")
            case ast.Await():
                return Expectation(Type("Awaitable", (ANY,)), "awaited")
            case ast.Yield():
                return self._yielded(parent)
            case ast.YieldFrom():
                return Expectation(Type("Iterable", (ANY,)), "yielded from")
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                return Expectation(CALLABLE, f"decorates {parent.name}")
            case ast.Delete():
                return Expectation(ANY, "deleted")
        return Expectation(ANY, f"part of a {type(parent).__name__}")

    # conditions

    def _condition(self, parent: ast.AST, node: ast.AST) -> Expectation:
        if isinstance(parent, ast.Assert) and node is parent.msg:
            return Expectation(ANY, "message of the assert")
        word = {ast.If: "if", ast.While: "while", ast.Assert: "assert"}.get(type(parent), "case")
        line = getattr(parent, "lineno", getattr(node, "lineno", 0))
        return Expectation(BOOL, f"condition of the {word} at line {line}", boolean=True)

    def _if_expression(self, parent: ast.IfExp, node: ast.AST) -> Expectation:
        if node is parent.test:
            line = parent.lineno
            return Expectation(BOOL, f"condition of the if expression at line {line}", boolean=True)
        outer = self.at(parent)
        other = parent.orelse if node is parent.body else parent.body
        if outer.type == ANY and self._infer(other) != ANY:
            return Expectation(self._infer(other), "one of two values, as is the other")
        return outer

    def _bool_op(self, parent: ast.BoolOp, node: ast.AST) -> Expectation:
        symbol = SYMBOLS[type(parent.op)]
        outer = self.at(parent)
        if outer.boolean:
            return Expectation(BOOL, f"operand of {symbol}, {outer.reason}", boolean=True)
        last = node is parent.values[-1]
        if not last and isinstance(parent.op, ast.And):
            return Expectation(BOOL, f"operand of {symbol}", boolean=True)
        return Expectation(outer.type, f"operand of {symbol}, {outer.reason}")

    def _unary(self, parent: ast.UnaryOp, _node: ast.AST) -> Expectation:
        if isinstance(parent.op, ast.Not):
            return Expectation(BOOL, "operand of not", boolean=True)
        outer = self.at(parent).type
        kind = INT if isinstance(parent.op, ast.Invert) or outer == INT else _NUMBER
        return Expectation(kind, f"operand of the unary {SYMBOLS[type(parent.op)]}")

    # operators

    def _binary(self, parent: ast.BinOp, node: ast.AST) -> Expectation:
        on_left = node is parent.left
        other = parent.right if on_left else parent.left
        symbol = SYMBOLS[type(parent.op)]
        return self._operand(symbol, other, on_left, self._outer(parent))

    def _outer(self, parent: ast.expr) -> Type:
        outer = self.at(parent)
        return ANY if outer.boolean else outer.type

    def _operand(self, symbol: str, other: ast.expr, on_left: bool, wanted: Type) -> Expectation:
        side = "left" if on_left else "right"
        beside = self._infer(other)
        reason = f"{side} operand of {symbol}"
        if beside != ANY:
            reason += f" beside {_shown(other)}, which is {beside}"
        if symbol == "%" and not on_left and beside == STR:
            return Expectation(ANY, reason)  # what is formatted
        if wanted == ANY and beside in (BOOL, INT, FLOAT):
            return Expectation(_NUMBER, reason)  # strings are rarely multiplied
        candidates = list(dict.fromkeys((*beside.members, *wanted.members, *_OPERANDS)))
        found = []
        for one in candidates:
            if one in (ANY, NONE, NEVER) or (beside == ANY and wanted == ANY):
                continue
            result = (
                binary_result(one, symbol, beside)
                if on_left
                else (binary_result(beside, symbol, one))
            )
            if result in (None, ANY) and beside == ANY and one in wanted.members:
                result = one
            if result is not None and result != ANY and fits(result, wanted):
                found.append(one)
        if not found and symbol not in ("+", "*", "%", "|", "&", "-", "^"):
            return Expectation(_NUMBER, reason)
        return Expectation(union(found) if found else ANY, reason)

    def _compare(self, parent: ast.Compare, node: ast.AST) -> Expectation:
        operands = [parent.left, *parent.comparators]
        index = next(i for i, one in enumerate(operands) if one is node)
        # the operator before the operand, or for the first the one after it
        place = index - 1 if index else 0
        symbol = SYMBOLS[type(parent.ops[place])]
        other = operands[place] if index else operands[1]
        beside = self._infer(other)
        known = f", which is {beside}" if beside != ANY else ""
        reason = f"compared by {symbol} with {_shown(other)}{known}"
        if symbol in ("in", "not in"):
            if index:
                reason = f"searched by {symbol} for {_shown(other)}{known}"
                wanted = (
                    union((STR, Type("Container", (STR,))))
                    if beside == STR
                    else (Type("Container", (beside,)))
                )
                return Expectation(wanted, reason)
            return Expectation(
                contained(beside), f"looked for by {symbol} in {_shown(other)}{known}"
            )
        if symbol in ("is", "is not"):
            return Expectation(ANY if beside in (ANY, NONE) else optional(beside), reason)
        if beside == INT:
            return Expectation(_NUMBER, reason)
        return Expectation(ANY if beside == NONE else beside, reason)

    # calls

    def _keyword(self, parent: ast.keyword, node: ast.AST) -> Expectation:
        call = self._parents[parent]
        if not isinstance(call, ast.Call):
            return Expectation(ANY, f"keyword {parent.arg} of a class")
        if parent.arg is None:
            return Expectation(Type("Mapping", (STR, ANY)), "keywords of a call")
        return self._argument(call, parent.arg, node, f"argument {parent.arg}=")

    def _call(self, parent: ast.Call, node: ast.AST) -> Expectation:
        if node is parent.func:
            count = len(parent.args) + len(parent.keywords)
            wanted = Type("Callable", (ELLIPSIS, self._outer(parent)))
            return Expectation(wanted, f"called with {count} argument{'s' * (count != 1)}")
        index = next(i for i, one in enumerate(parent.args) if one is node)
        if any(isinstance(one, ast.Starred) for one in parent.args[:index]):
            return Expectation(ANY, "an argument behind a starred one")
        return self._argument(parent, index, node, f"argument {index + 1}")

    def _argument(self, call: ast.Call, place: int | str, node: ast.AST, what: str) -> Expectation:
        name = dotted_name(call.func) or "the call"
        signatures = self._inference.callee(call.func)
        found: list[Type] = []
        names: list[str] = []
        for signature in signatures:
            wanted = self._by(signature, call, place, node)
            if wanted is not None:
                kind, parameter = wanted
                found.append(kind)
                names.append(parameter)
        if not found:
            why = "whose signature is not known" if not signatures else "which takes no such"
            return Expectation(ANY, f"{what} of {name}, {why}")
        shown = f" ({names[0]})" if isinstance(place, int) and names[0] else ""
        return Expectation(meant(union(found)), f"{what}{shown} of {name}")

    def _by(
        self, signature: Signature, call: ast.Call, place: int | str, node: ast.AST
    ) -> tuple[Type, str] | None:
        """What one overload asks for here, with variables settled by the other arguments."""
        values: dict[str, Type] = {}
        places: list[tuple[int | str, ast.expr]] = []
        for index, one in enumerate(call.args):
            if isinstance(one, ast.Starred):
                break
            places.append((index, one))
        places += [(k.arg, k.value) for k in call.keywords if k.arg is not None]
        for where, given in places:
            parameter = signature.parameter(where)
            if parameter is None:
                return None
            if given is node or isinstance(given, ast.Lambda):
                continue
            kind = self._infer(given)
            if not self._inference.fits(kind, substitute(parameter.type, {}, ANY)):
                return None
            unify(parameter.type, kind, values)
        parameter = signature.parameter(place)
        if parameter is None:
            return None
        return presented(substitute(parameter.type, values, ANY)), parameter.name

    # containers

    def _subscript(self, parent: ast.Subscript, node: ast.AST) -> Expectation:
        if node is parent.value:
            return Expectation(ANY, f"subscripted with {_shown(parent.slice)}")
        container = self._infer(parent.value)
        known = f", which is {container}" if container != ANY else ""
        wanted = SLICE if isinstance(node, ast.Slice) else presented(index_of(container))
        return Expectation(wanted, f"index of {_shown(parent.value)}{known}")

    def _slice(self, parent: ast.Slice, node: ast.AST) -> Expectation:
        return Expectation(
            INT, "bound of a slice" if node is not parent.step else "step of a slice"
        )

    def _element(self, parent: ast.List | ast.Set, node: ast.AST) -> Expectation:
        head = "list" if isinstance(parent, ast.List) else "set"
        others = [one for one in parent.elts if one is not node]
        return self._within(parent, (head, "Iterable"), 0, others, f"element of a {head}")

    def _within(
        self,
        parent: ast.expr,
        heads: tuple[str, ...],
        argument: int,
        others: list[ast.expr],
        what: str,
    ) -> Expectation:
        outer = self.at(parent)
        for one in outer.type.members:
            for head in heads:
                seen = one if one.name == head else as_instance_of(one, head)
                if seen is not None and len(seen.args) > argument and seen.args[argument] != ANY:
                    return Expectation(seen.args[argument], f"{what}, {outer.reason}")
        kinds = [self._infer(one) for one in others if not isinstance(one, ast.Starred)]
        beside = joined(kind for kind in kinds if kind != ANY)
        if beside != NEVER:
            return Expectation(beside, f"{what} beside {_shown(others[0])}")
        return Expectation(ANY, what)

    def _tuple(self, parent: ast.Tuple, node: ast.AST) -> Expectation:
        index = next(i for i, one in enumerate(parent.elts) if one is node)
        above = self._parents[parent]
        if isinstance(above, ast.Subscript) and above.slice is parent:
            return Expectation(ANY, "part of an index")
        outer = self.at(parent)
        for one in outer.type.members:
            if one.name == "tuple" and one.args and one != tuple_of():
                kind = (
                    one.args[0]
                    if ELLIPSIS in one.args
                    else (one.args[index] if index < len(one.args) else ANY)
                )
                return Expectation(kind, f"element {index + 1} of a tuple, {outer.reason}")
        return Expectation(ANY, f"element {index + 1} of a tuple")

    def _dict(self, parent: ast.Dict, node: ast.AST) -> Expectation:
        for index, key in enumerate(parent.keys):
            if key is node:
                others = [one for one in parent.keys if one is not None and one is not node]
                return self._within(parent, ("dict", "Mapping"), 0, others, "key of a dict")
            if parent.values[index] is node and key is None:
                return Expectation(Type("Mapping", (ANY, ANY)), "merged into a dict")
        rest = [one for one in parent.values if one is not node]
        return self._within(parent, ("dict", "Mapping"), 1, rest, "value of a dict")

    def _comprehension(
        self, parent: ast.ListComp | ast.SetComp | ast.GeneratorExp, _node: ast.AST
    ) -> Expectation:
        names = {ast.ListComp: "list", ast.SetComp: "set"}
        head = names.get(type(parent), "Iterable")
        return self._within(parent, (head, "Iterable"), 0, [], "element of a comprehension")

    def _dict_comprehension(self, parent: ast.DictComp, node: ast.AST) -> Expectation:
        which = 0 if node is parent.key else 1
        what = "key of a comprehension" if which == 0 else "value of a comprehension"
        return self._within(parent, ("dict", "Mapping"), which, [], what)

    def _generator(self, parent: ast.comprehension, node: ast.AST) -> Expectation:
        line = getattr(node, "lineno", 0)
        if node is parent.iter:
            return Expectation(
                Type("Iterable", (ANY,)), f"iterated by the comprehension at line {line}"
            )
        return Expectation(BOOL, f"condition of the comprehension at line {line}", boolean=True)

    def _loop(self, parent: ast.For | ast.AsyncFor, _node: ast.AST) -> Expectation:
        kind = "AsyncIterable" if isinstance(parent, ast.AsyncFor) else "Iterable"
        parts = len(parent.target.elts) if isinstance(parent.target, ast.Tuple) else 0
        item = Type("tuple", (ANY,) * parts) if parts else ANY
        return Expectation(Type(kind, (item,)), f"iterated by the for at line {parent.lineno}")

    # assignments and results

    def _assign(self, parent: ast.Assign, node: ast.AST) -> Expectation:
        found = [self._target(target, node) for target in parent.targets]
        known = [one for one in found if one.type != ANY]
        return (known or found)[0]

    def _target(self, target: ast.expr, value: ast.AST) -> Expectation:
        match target:
            case ast.Name(id=name):
                return self._variable(name, target)
            case ast.Subscript(value=container):
                kind = self._infer(container)
                shown = f"stored in {_shown(container)}, which is {kind}"
                return Expectation(presented(stored_in(kind)), shown)
            case ast.Attribute(attr=attr, value=holder):
                found = self._inference.attribute(self._infer(holder), attr)
                known = presented(found.type) if found else ANY
                return Expectation(known, f"assigned to the attribute {attr!r}")
            case ast.Tuple(elts=elts) if not any(isinstance(e, ast.Starred) for e in elts):
                parts = (self._target(one, value).type for one in elts)
                return Expectation(Type("tuple", tuple(parts)), f"unpacked to {len(elts)} targets")
        return Expectation(Type("Iterable", (ANY,)), "unpacked to several targets")

    def _variable(self, name: str, target: ast.Name) -> Expectation:
        """What the variable is elsewhere: as annotated, or as its other bindings have it."""
        kind = self._inference.name_type(name, target)
        found = self._inference.scopes.lookup(name, target)
        others = [one for one in found.bindings if one.node is not target] if found else []
        if kind == ANY:
            return self._used(name, target)
        if not others:
            return Expectation(kind, f"assigned to {name!r}")
        places = [f"{getattr(one.node, 'lineno', 0)}" for one in others[:3]]
        where = f"line{'s' * (len(places) > 1)} {', '.join(places)}"
        return Expectation(kind, f"assigned to {name!r}, which is {kind} by {where}")

    def _used(self, name: str, target: ast.Name) -> Expectation:
        """What the places that read a variable expect, where its bindings say nothing."""
        plain = Expectation(ANY, f"assigned to {name!r}")
        holder = self._inference.scopes.resolve(name, self._inference.scopes.of(target))
        if holder is None or self._depth > 2:
            return plain
        for use in self._inference.uses_of(name, holder):
            wanted = _Analysis(self._inference, self._depth + 1).at(use)
            above = self._parents[use]
            if isinstance(above, ast.Attribute):
                owners = owners_of(above.attr)
                if owners:
                    return Expectation(
                        union(owners),
                        f"assigned to {name!r}, whose {above.attr!r} is taken in line {use.lineno}",
                    )
            if wanted.type != ANY and not wanted.boolean:
                reason = f"assigned to {name!r}, in line {use.lineno} {wanted.reason}"
                return Expectation(wanted.type, reason)
        return plain

    def _annotated(self, parent: ast.AnnAssign, _node: ast.AST) -> Expectation:
        kind = to_type(parent.annotation, self._inference.environments.names)
        return Expectation(kind, f"annotated as {ast.unparse(parent.annotation)}")

    def _augmented(self, parent: ast.AugAssign, _node: ast.AST) -> Expectation:
        symbol = SYMBOLS[type(parent.op)]
        target = parent.target
        beside = (
            self._infer(target)
            if not isinstance(target, ast.Name)
            else (self._inference.name_type(target.id, target))
        )
        if beside.name == "list" and symbol == "+":
            item = Type("Iterable", beside.args)
            return Expectation(item, f"extends {_shown(target)}, which is {beside}")
        reason = f"right operand of {symbol}= on {_shown(target)}"
        if beside == ANY:
            return Expectation(ANY, reason)
        found = []
        for one in dict.fromkeys((*beside.members, *_OPERANDS)):
            result = None if one == NONE else binary_result(beside, symbol, one)
            if result is not None and fits(result, beside):
                found.append(one)
        return Expectation(union(found) if found else ANY, f"{reason}, which is {beside}")

    def _named(self, parent: ast.NamedExpr, _node: ast.AST) -> Expectation:
        return self.at(parent)

    def _return(self, parent: ast.Return, _node: ast.AST) -> Expectation:
        function = self._function(parent)
        if function is None:
            return Expectation(ANY, "returned outside of a function")
        if function.returns is not None:
            kind = to_type(function.returns, self._inference.environments.names)
            kind = _of_generator(kind, 2)
            return Expectation(kind, f"returned by {function.name}, which is annotated as {kind}")
        others = [
            one.value
            for one in own_nodes(function)
            if isinstance(one, ast.Return) and one is not parent and one.value is not None
        ]
        kinds = [self._infer(one) for one in others]
        kind = joined(one for one in kinds if one != ANY)
        if kind in (NEVER, NONE):
            return Expectation(ANY, f"returned by {function.name}, which says no type")
        return Expectation(kind, f"returned by {function.name}, whose other returns give {kind}")

    def _function(self, node: ast.AST) -> Function | None:
        scope = self._inference.scopes.of(node)
        while scope.kind is ScopeKind.COMPREHENSION and scope.parent is not None:
            scope = scope.parent
        return scope.node if isinstance(scope.node, Function) else None

    def _yielded(self, parent: ast.Yield) -> Expectation:
        function = self._function(parent)
        if function is None or function.returns is None:
            return Expectation(ANY, "yielded")
        kind = _of_generator(to_type(function.returns, self._inference.environments.names), 0)
        return Expectation(kind, f"yielded by {function.name}")

    def _lambda(self, parent: ast.Lambda, _node: ast.AST) -> Expectation:
        wanted = self.at(parent)
        known = wanted.type.name == "Callable" and wanted.type.args
        kind = wanted.type.args[-1] if known else ANY
        return Expectation(kind, f"result of the lambda that is {wanted.reason}")

    def _starred(self, _parent: ast.Starred, _node: ast.AST) -> Expectation:
        return Expectation(Type("Iterable", (ANY,)), "unpacked by a star")

    def _default(self, parent: ast.arguments, node: ast.AST) -> Expectation:
        plain = [*parent.posonlyargs, *parent.args]
        pairs = [
            *zip(plain[len(plain) - len(parent.defaults) :], parent.defaults, strict=True),
            *zip(parent.kwonlyargs, parent.kw_defaults, strict=True),
        ]
        for argument, default in pairs:
            if default is node:
                kind = to_type(argument.annotation, self._inference.environments.names)
                return Expectation(kind, f"default of the parameter {argument.arg!r}")
        return Expectation(ANY, "default of a parameter")


def _of_generator(kind: Type, argument: int) -> Type:
    """The yielded (0) or returned (2) type of a generator's annotation."""
    if kind.name == "Generator" and len(kind.args) > argument:
        return kind.args[argument]
    if argument == 0 and kind.name in ("Iterator", "Iterable") and kind.args:
        return kind.args[0]
    return kind


@lru_cache(maxsize=1_000)
def owners_of(attribute: str) -> tuple[Type, ...]:
    """The builtin types that have an attribute, if they are few.

    >>> [str(one) for one in owners_of("append")], [str(one) for one in owners_of("keys")]
    (['list'], ['dict'])
    """
    kinds = ("list", "dict", "set", "str", "bytes", "int", "float", "tuple")
    found = tuple(Type(kind) for kind in kinds if member(Type(kind), attribute) is not None)
    text = {"str", "bytes"}
    if {one.name for one in found} == text:
        return found[:1]
    return found if len(found) <= 2 else ()


def _shown(node: ast.AST) -> str:
    text = ast.unparse(node)
    return text if len(text) <= 40 else text[:37] + "..."
