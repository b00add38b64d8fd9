"""The classes of a program: attributes and methods, with the types that were seen."""

from __future__ import annotations

import ast
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from latent_ebm.puzzles.code.grammar.program import Program
from latent_ebm.puzzles.code.grammar.runtime_types import UNKNOWN, base
from latent_ebm.puzzles.code.grammar.scope import Observations, most_common
from latent_ebm.puzzles.code.grammar.syntax import Function
from latent_ebm.puzzles.code.grammar.visibility import Visibility

STATIC = ("staticmethod", "classmethod")
PROPERTY = ("property", "cached_property")
CONSTRUCTOR = "__init__"


@dataclass(frozen=True)
class Method:
    """A method, or a class as it is called.

    Attributes
    ----------
    name
        Its name.
    parameters
        The types of the positional arguments that it needs, without ``self``; unknown ones empty.
    most
        How many positional arguments it takes.
    result
        What it gives.
    """

    name: str
    parameters: tuple[str, ...]
    most: int
    result: str


@dataclass(frozen=True, eq=False)
class Classes:
    """The classes of a program, and what was seen of their instances."""

    program: Program
    observations: Observations
    names: Visibility

    @cached_property
    def nodes(self) -> Mapping[str, ast.ClassDef]:
        """The classes by name."""
        every = ast.walk(self.program.tree)
        return {node.name: node for node in every if isinstance(node, ast.ClassDef)}

    def attributes(self, kind: str) -> Mapping[str, str]:
        """The attributes of what is of a type, with their own types; unknown ones empty."""
        return self._attributes.get(base(kind), {})

    def methods(self, kind: str) -> Mapping[str, Method]:
        """The methods of what is of a type, those of its bases included."""
        return self._methods.get(base(kind), {})

    @cached_property
    def constructors(self) -> list[Method]:
        """The classes as they are called."""
        found = []
        for name, node in self.nodes.items():
            made = self.methods(name).get(CONSTRUCTOR)
            if made is not None:
                found.append(Method(name, made.parameters, made.most, name))
            elif _is_record(node):
                fields = [part for part in node.body if isinstance(part, ast.AnnAssign)]
                types = self.attributes(name)
                needed = [
                    types.get(part.target.id, UNKNOWN)
                    for part in fields
                    if isinstance(part.target, ast.Name) and part.value is None
                ]
                found.append(Method(name, tuple(needed), len(fields), name))
            else:
                found.append(Method(name, (), 0, name))
        return found

    @cached_property
    def _attributes(self) -> dict[str, dict[str, str]]:
        seen: dict[str, dict[str, Counter[str]]] = defaultdict(lambda: defaultdict(Counter))
        for node in ast.walk(self.program.tree):
            if isinstance(node, ast.Attribute):
                owner = base(self._type(node.value))
                if owner in self.nodes:
                    seen[owner][node.attr][self._value(node)] += 1
        for name, node in self.nodes.items():
            for attribute, kind in self._declared(node):
                seen[name][attribute][kind] += 1
        found = {}
        for name in self.nodes:
            whole: dict[str, str] = {}
            for line in reversed(self._lineage(name)):
                counts = seen[line.name].items()
                whole |= {a: most_common(kinds) for a, kinds in counts}
            methods = self.methods(name)
            found[name] = {a: kind for a, kind in whole.items() if a not in methods}
        return found

    def _value(self, node: ast.Attribute) -> str:
        """The type of an attribute that is read, or of what is assigned to it."""
        if isinstance(node.ctx, ast.Load):
            return self.observations.type_of(node)
        parent = self.program.parent(node)
        if isinstance(parent, ast.Assign | ast.AnnAssign) and parent.value is not None:
            return self._type(parent.value)
        return UNKNOWN

    def _declared(self, node: ast.ClassDef) -> Iterable[tuple[str, str]]:
        """What a class's body and its methods bind."""
        for part in node.body:
            match part:
                case ast.AnnAssign(target=ast.Name(id=name), annotation=hint):
                    yield name, ast.unparse(hint) if isinstance(hint, ast.Name) else UNKNOWN
                case ast.Assign(targets=[ast.Name(id=name)], value=value):
                    yield name, self._type(value)
        for method in self._functions(node):
            own = method.args.args[0].arg if method.args.args else ""
            decorators = {_last_name(one) for one in method.decorator_list}
            if decorators & set(PROPERTY):
                yield method.name, self._result(method)
            for inner in ast.walk(method):
                match inner:
                    case ast.Attribute(value=ast.Name(id=name), attr=attribute, ctx=ast.Store()):
                        if name == own:
                            yield attribute, self._value(inner)

    @cached_property
    def _methods(self) -> dict[str, dict[str, Method]]:
        found = {}
        for name in self.nodes:
            whole: dict[str, Method] = {}
            for line in reversed(self._lineage(name)):
                whole |= {one: self._method(node) for one, node in self._own_methods(line).items()}
            found[name] = whole
        return found

    def _own_methods(self, node: ast.ClassDef) -> dict[str, Function]:
        return {
            method.name: method
            for method in self._functions(node)
            if not {_last_name(one) for one in method.decorator_list} & {*STATIC, *PROPERTY}
        }

    def _functions(self, node: ast.ClassDef) -> list[Function]:
        return [part for part in node.body if isinstance(part, Function)]

    def _method(self, node: Function) -> Method:
        arguments, types = node.args.args[1:], self.names.of_function(node)
        needed = arguments[: len(arguments) - len(node.args.defaults)]
        kinds = tuple(types.get(one.arg, UNKNOWN) for one in needed)
        return Method(node.name, kinds, len(arguments), self._result(node))

    def _result(self, node: Function) -> str:
        """The type of what a function was seen to return."""
        returns = [n for n in ast.walk(node) if isinstance(n, ast.Return) and n.value is not None]
        if not returns:
            return "NoneType"
        counts: Counter[str] = Counter()
        for one in returns:
            if one.value is not None and (kind := self._type(one.value)):
                counts[kind] += 1
        return most_common(counts) if counts else UNKNOWN

    def _lineage(self, name: str) -> list[ast.ClassDef]:
        """A class and those of its bases that the program defines, the nearest first."""
        found: list[ast.ClassDef] = []
        todo = [name]
        while todo:
            node = self.nodes.get(todo.pop(0))
            if node is not None and node not in found:
                found.append(node)
                todo += [_last_name(one) for one in node.bases]
        return found

    def _type(self, node: ast.expr) -> str:
        seen = self.observations.type_of(node)
        match node:
            case ast.Name(id=name) if not seen:
                return self.names.of_function(self.program.function(node)).get(name, UNKNOWN)
            case ast.Constant(value=constant) if not seen and constant is not ...:
                return type(constant).__name__
        return seen


def _last_name(node: ast.expr) -> str:
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case ast.Call(func=function):
            return _last_name(function)
        case ast.Subscript(value=value):
            return _last_name(value)
    return ""


def _is_record(node: ast.ClassDef) -> bool:
    """Whether a class is a dataclass or a named tuple."""
    names = {_last_name(one) for one in (*node.decorator_list, *node.bases)}
    return bool(names & {"dataclass", "NamedTuple"})
