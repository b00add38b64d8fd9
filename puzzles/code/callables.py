"""Signatures as data, and from definitions."""

from __future__ import annotations

import ast
from dataclasses import dataclass, replace
from enum import Enum, auto

from latent_ebm.puzzles.code.annotations import Namespace, dotted_name, literal_values, to_type
from latent_ebm.puzzles.code.types import ANY, ELLIPSIS, Type


class ParameterKind(Enum):
    """How an argument reaches a parameter."""

    POSITIONAL_ONLY = auto()
    POSITIONAL = auto()  # or by keyword
    VARIADIC = auto()  # *args
    KEYWORD_ONLY = auto()
    KEYWORDS = auto()  # **kwargs


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter; of ``*args`` the type is each argument's."""

    name: str
    kind: ParameterKind
    type: Type
    required: bool
    values: tuple[object, ...] | None = None  # the only ones of the type that it takes


@dataclass(frozen=True, slots=True)
class Signature:
    """Name, parameters and result of a callable, one overload; ``self`` is not among them.

    ``str()`` shows it as a stub would. Type variables that only arguments settle stay in it.
    """

    name: str
    parameters: tuple[Parameter, ...]
    result: Type

    def __str__(self) -> str:
        shown = []
        for one in self.parameters:
            star = {ParameterKind.VARIADIC: "*", ParameterKind.KEYWORDS: "**"}.get(one.kind, "")
            shown.append(f"{star}{one.name}: {one.type}{'' if one.required or star else ' = ...'}")
        return f"{self.name}({', '.join(shown)}) -> {self.result}"

    @property
    def positional(self) -> tuple[Parameter, ...]:
        """The parameters that positional arguments fill, in order, without ``*args``."""
        wanted = (ParameterKind.POSITIONAL_ONLY, ParameterKind.POSITIONAL)
        return tuple(one for one in self.parameters if one.kind in wanted)

    @property
    def least(self) -> int:
        """How many positional arguments it needs, keywords unused."""
        return sum(one.required for one in self.positional)

    @property
    def most(self) -> int | None:
        """How many positional arguments it takes; None: any number."""
        several = any(one.kind is ParameterKind.VARIADIC for one in self.parameters)
        return None if several else len(self.positional)

    def parameter(self, place: int | str) -> Parameter | None:
        """The parameter of a positional argument, by index, or of a keyword, by name."""
        if isinstance(place, int):
            positional = self.positional
            if place < len(positional):
                return positional[place]
            return self._of_kind(ParameterKind.VARIADIC)
        for one in self.parameters:
            if one.name == place and one.kind in (
                ParameterKind.POSITIONAL,
                ParameterKind.KEYWORD_ONLY,
            ):
                return one
        return self._of_kind(ParameterKind.KEYWORDS)

    def _of_kind(self, kind: ParameterKind) -> Parameter | None:
        return next((one for one in self.parameters if one.kind is kind), None)

    @property
    def type(self) -> Type:
        """As the type of a value."""
        if any(one.kind is ParameterKind.VARIADIC for one in self.parameters):
            return Type("Callable", (ELLIPSIS, self.result))
        needed = (one.type for one in self.positional if one.required)
        return Type("Callable", (*needed, self.result))


Function = ast.FunctionDef | ast.AsyncFunctionDef


def signature_from(
    node: Function | ast.Lambda, names: Namespace, *, bound: bool = False, name: str | None = None
) -> Signature:
    """The signature that a definition writes down; ``bound`` drops its first parameter."""
    arguments = node.args
    found: list[Parameter] = []
    plain = [(one, ParameterKind.POSITIONAL_ONLY) for one in arguments.posonlyargs]
    plain += [(one, ParameterKind.POSITIONAL) for one in arguments.args]
    defaults = [None] * (len(plain) - len(arguments.defaults)) + list(arguments.defaults)
    for (one, kind), default in zip(plain, defaults, strict=True):
        if one.arg.startswith("__") and not one.arg.endswith("__"):
            kind = ParameterKind.POSITIONAL_ONLY
        found.append(_parameter(one, kind, default, names))
    if bound and found:
        found = found[1:]
    if arguments.vararg:
        found.append(
            replace(
                _parameter(arguments.vararg, ParameterKind.VARIADIC, None, names), required=False
            )
        )
    for one, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
        found.append(_parameter(one, ParameterKind.KEYWORD_ONLY, default, names))
    if arguments.kwarg:
        found.append(
            replace(
                _parameter(arguments.kwarg, ParameterKind.KEYWORDS, None, names), required=False
            )
        )
    result = ANY if isinstance(node, ast.Lambda) else to_type(node.returns, names)
    if isinstance(node, ast.AsyncFunctionDef) and result.name not in (
        "AsyncGenerator",
        "AsyncIterator",
    ):
        result = Type("Coroutine", (ANY, ANY, result))
    called = "<lambda>" if isinstance(node, ast.Lambda) else node.name
    return Signature(name or called, tuple(found), result)


def _parameter(
    one: ast.arg, kind: ParameterKind, default: ast.expr | None, names: Namespace
) -> Parameter:
    values = literal_values(one.annotation, names)
    return Parameter(one.arg, kind, to_type(one.annotation, names), default is None, values)


def decorators_of(node: ast.AST) -> set[str]:
    """The last names of a definition's decorators."""
    found = set()
    for one in getattr(node, "decorator_list", ()):
        called = one.func if isinstance(one, ast.Call) else one
        found.add((dotted_name(called) or "").rpartition(".")[2])
    return found
