"""Containers that grow: ``x.append(...)``, ``x[k] = v`` and the like say what they hold."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from latent_ebm.puzzles.code.scope_model import Scope
from latent_ebm.puzzles.code.types import ANY, NEVER, Type, joined, union

if TYPE_CHECKING:
    from latent_ebm.puzzles.code.inference import Inference

_GROWS = {"append": "list", "appendleft": "list", "add": "set"}
_EXTENDS = {"extend": "list", "update": "set"}


class Growth:
    """What is put into the containers of a file."""

    def __init__(self, inference: Inference) -> None:
        self._inference = inference
        self._by_name: dict[Scope, dict[str, list[ast.AST]]] | None = None

    def of(self, scope: Scope) -> dict[str, list[ast.AST]]:
        """``x.append(...)``, ``x[k] = v`` and the like, by the scope and name of ``x``."""
        if self._by_name is None:
            self._by_name = {}
            scopes = self._inference.scopes
            for node in ast.walk(self._inference.source.tree):
                name = _grown_name(node)
                if name is None:
                    continue
                holder = scopes.resolve(name, scopes.of(node))
                if holder is not None:
                    self._by_name.setdefault(holder, {}).setdefault(name, []).append(node)
        return self._by_name.get(scope, {})

    def grown(self, found: Type, node: ast.AST) -> Type:
        """A container's type with what a node puts into it."""
        raw = self._inference.raw
        heads = {one.name for one in found.members}
        match node:
            case ast.Call(func=ast.Attribute(attr=attr), args=[value]) if attr in _GROWS:
                return _filled(found, _GROWS[attr], raw(value))
            case ast.Call(func=ast.Attribute(attr=attr), args=[value]) if attr in _EXTENDS:
                return _filled(found, _EXTENDS[attr], self._inference.iterate(raw(value)))
            case ast.Call(func=ast.Attribute(attr="insert"), args=[_, value]):
                return _filled(found, "list", raw(value))
            case ast.Call(func=ast.Attribute(attr="setdefault"), args=[key, value]):
                return _filled(found, "dict", raw(key), raw(value))
            case ast.Assign(targets=[ast.Subscript(slice=index)], value=value):
                if "dict" in heads:
                    return _filled(found, "dict", raw(index), raw(value))
                if not isinstance(index, ast.Slice):
                    return _filled(found, "list", raw(value))
        return found


def _filled(found: Type, head: str, *items: Type) -> Type:
    """Join elements into an empty display's type; known ones stay as they are."""
    members = []
    for one in found.members:
        if one.name == head and len(one.args) == len(items):
            pairs = zip(one.args, items, strict=True)
            one = Type(head, tuple(_element_joined(old, new) for old, new in pairs))
        members.append(one)
    return union(members) if found.name == "Union" else members[0]


def _element_joined(old: Type, new: Type) -> Type:
    if old == NEVER:
        return new
    return old if new in (NEVER, ANY) else joined((old, new))


def _grown_name(node: ast.AST) -> str | None:
    match node:
        case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr=attr)):
            wanted = attr in _GROWS or attr in _EXTENDS or attr in ("insert", "setdefault")
            return name if wanted else None
        case ast.Assign(targets=[ast.Subscript(value=ast.Name(id=name))]):
            return name
    return None
