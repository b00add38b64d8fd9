"""From annotations to types, for stubs and for users' files alike."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto
from typing import Protocol

from latent_ebm.puzzles.code.types import (
    ANY,
    BOOL,
    BYTES,
    CALLABLE,
    ELLIPSIS,
    EMPTY,
    INT,
    MAX_NESTING,
    NEVER,
    NONE,
    STR,
    Type,
    optional,
    union,
)


class EntityKind(Enum):
    """What a name in an annotation is."""

    CLASS = auto()
    SPECIAL = auto()  # of typing; by its name there
    VARIABLE = auto()
    ALIAS = auto()
    MODULE = auto()


@dataclass(frozen=True, slots=True)
class Entity:
    """What a name refers to; ``name`` is that of the type, ``value`` what an alias stands for."""

    kind: EntityKind
    name: str
    value: Type = ANY


class Namespace(Protocol):
    """Where an annotation's names are looked up."""

    def entity(self, dotted: str) -> Entity | None:
        """What a name, or names joined by dots, is; None if that is not known."""
        ...

    def alias(self, name: str) -> tuple[ast.expr, Namespace] | None:
        """What an alias is written as, and the namespace of that; None for other names."""
        ...


# special forms that stand for their argument
_WRAPPERS = {"ClassVar", "Final", "Annotated", "Required", "NotRequired", "ReadOnly", "Unpack"}
_PLAIN: Mapping[str, Type] = {
    "Any": ANY,
    "NoReturn": NEVER,
    "Never": NEVER,
    "LiteralString": STR,
    "Text": STR,
    "Self": Type("~Self"),
    "Callable": CALLABLE,
    "TypeGuard": BOOL,
    "TypeIs": BOOL,
    "Type": Type("type"),
    "Tuple": Type("tuple"),
    "Hashable": Type("Hashable"),
}


def to_type(node: ast.expr | None, names: Namespace, depth: int = 0) -> Type:
    """The type that an annotation stands for; ``Any`` where it is absent or not understood."""
    if node is None or depth > 4 * MAX_NESTING:
        return ANY
    match node:
        case ast.Constant(value=None):
            return NONE
        case ast.Constant(value=str() as text):
            try:
                inner = ast.parse(text.strip(), mode="eval").body
            except (SyntaxError, ValueError, RecursionError, MemoryError):
                return ANY
            return to_type(inner, names, depth + 1)
        case ast.Constant(value=value) if value is Ellipsis:
            return ELLIPSIS
        case ast.BinOp(op=ast.BitOr(), left=left, right=right):
            return union((to_type(left, names, depth + 1), to_type(right, names, depth + 1)))
        case ast.Name() | ast.Attribute():
            return _named(node, names)
        case ast.Subscript():
            return _subscripted(node, names, depth)
    return ANY


def dotted_name(node: ast.expr) -> str | None:
    """``a.b.c`` of names and attributes; None for other expressions."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name):
        return None
    return ".".join([node.id, *reversed(parts)])


def _entity(node: ast.expr, names: Namespace) -> Entity | None:
    dotted = dotted_name(node)
    return None if dotted is None else names.entity(dotted)


def _named(node: ast.expr, names: Namespace) -> Type:
    entity = _entity(node, names)
    if entity is None or entity.kind is EntityKind.MODULE:
        return ANY
    if entity.kind is EntityKind.SPECIAL:
        return _PLAIN.get(entity.name, ANY)
    if entity.kind is EntityKind.ALIAS:
        return entity.value
    if entity.kind is EntityKind.VARIABLE:
        return Type(f"~{entity.name}")
    return Type(entity.name)


def _subscripted(node: ast.Subscript, names: Namespace, depth: int) -> Type:
    index = node.slice
    parts = index.elts if isinstance(index, ast.Tuple) else [index]
    entity = _entity(node.value, names)
    if entity is None:
        return ANY
    if entity.kind is EntityKind.SPECIAL:
        return _special(entity.name, parts, names, depth)
    args = tuple(to_type(part, names, depth + 1) for part in parts)
    if entity.kind is EntityKind.ALIAS:
        return _applied(entity.value, args)
    if entity.name == "tuple":
        return Type("tuple", args or (EMPTY,))
    if entity.kind is not EntityKind.CLASS:
        return ANY
    return Type(entity.name, args)


def _special(name: str, parts: list[ast.expr], names: Namespace, depth: int) -> Type:
    def convert(part: ast.expr) -> Type:
        return to_type(part, names, depth + 1)

    if name == "Literal":
        return union(_of_literal(part) for part in parts)
    if name == "Callable":
        if len(parts) != 2:
            return CALLABLE
        first, result = parts
        given = tuple(map(convert, first.elts)) if isinstance(first, ast.List) else (ELLIPSIS,)
        return Type("Callable", (*given, convert(result)))
    if name == "Optional":
        return optional(convert(parts[0]))
    if name == "Union":
        return union(map(convert, parts))
    if name in _WRAPPERS:
        return convert(parts[0])
    if name == "Type":
        return Type("type", (convert(parts[0]),))
    if name == "Tuple":
        return Type("tuple", tuple(map(convert, parts)) or (EMPTY,))
    return _PLAIN.get(name, ANY)


def _of_literal(node: ast.expr) -> Type:
    if isinstance(node, ast.UnaryOp):
        node = node.operand
    if not isinstance(node, ast.Constant):
        return ANY  # a member of an enumeration
    for kind, found in ((bool, BOOL), (int, INT), (str, STR), (bytes, BYTES)):
        if isinstance(node.value, kind):
            return found
    return NONE if node.value is None else ANY


def literal_values(
    node: ast.expr | None, names: Namespace, depth: int = 0
) -> tuple[object, ...] | None:
    """The values that an annotation by ``Literal`` allows, through aliases; None for others."""
    match node:
        case ast.Subscript(value=ast.Name(id="Literal"), slice=index):
            parts = index.elts if isinstance(index, ast.Tuple) else [index]
            return tuple(part.value for part in parts if isinstance(part, ast.Constant)) or None
        case ast.BinOp(op=ast.BitOr(), left=left, right=right):
            found = [literal_values(side, names, depth) for side in (left, right)]
            return None if None in found else tuple(v for side in found for v in side or ())
        case ast.Name(id=name) if depth < MAX_NESTING:
            alias = names.alias(name)
            return None if alias is None else literal_values(*alias, depth + 1)
    return None


def variables_of(item: Type) -> tuple[str, ...]:
    """The type variables in a type, in order, once each."""
    if item.name.startswith("~"):
        return (item.name,)
    return tuple(dict.fromkeys(name for one in item.args for name in variables_of(one)))


def substitute(item: Type, values: Mapping[str, Type], default: Type | None = None) -> Type:
    """``item`` with type variables replaced; those without a value by ``default`` if given."""
    if item.name.startswith("~"):
        return values.get(item.name, item if default is None else default)
    if not item.args:
        return item
    args = tuple(substitute(one, values, default) for one in item.args)
    if args == item.args:
        return item
    return union(args) if item.name == "Union" else Type(item.name, args)


def _applied(alias: Type, args: tuple[Type, ...]) -> Type:
    return substitute(alias, dict(zip(variables_of(alias), args, strict=False)))
