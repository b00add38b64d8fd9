"""What the names in a user's annotations are: classes of the file, of its imports, of builtins."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from latent_ebm.puzzles.code.annotations import Entity, EntityKind, Namespace, to_type
from latent_ebm.puzzles.code.stubs import Definition, definition, entity_in, entity_of, has_module

if TYPE_CHECKING:
    from latent_ebm.puzzles.code.inference import Inference

_MAKERS = ("TypeVar", "ParamSpec", "TypeVarTuple", "NewType")


class FileNames:
    """A file's module scope as a ``Namespace``."""

    def __init__(self, inference: Inference) -> None:
        self._inference = inference
        self._open: set[str] = set()

    def entity(self, dotted: str) -> Entity | None:
        """See ``Namespace``."""
        first, _, rest = dotted.partition(".")
        bindings = self._inference.scopes.module.bindings.get(first)
        if not bindings:
            found = self._starred(first)
            return found or entity_in("builtins", dotted)
        by, node = bindings[-1].by, bindings[-1].node
        if isinstance(by, ast.Import) and isinstance(node, ast.alias):
            module = node.name if node.asname else first
            return self._of_module(module, rest)
        if isinstance(by, ast.ImportFrom) and isinstance(node, ast.alias):
            return self._imported(by, node.name, rest)
        if isinstance(by, ast.ClassDef) and node is by:
            return Entity(EntityKind.CLASS, by.name)
        return self._alias(first, by) if not rest else None

    def alias(self, name: str) -> tuple[ast.expr, Namespace] | None:
        """See ``Namespace``."""
        bindings = self._inference.scopes.module.bindings.get(name, ())
        value = getattr(bindings[-1].by, "value", None) if bindings else None
        return (value, self) if isinstance(value, ast.expr) else None

    def _of_module(self, module: str, rest: str) -> Entity | None:
        while "." in rest and has_module(f"{module}.{rest.split('.')[0]}"):
            head, _, rest = rest.partition(".")
            module = f"{module}.{head}"
        if not rest:
            return Entity(EntityKind.MODULE, module)
        if has_module(module):
            return entity_in(module, rest)
        project = self._inference.project
        return project.entity(module, rest) if project else None

    def _imported(self, by: ast.ImportFrom, name: str, rest: str) -> Entity | None:
        project = self._inference.project
        if project is not None:
            found_there = project.imported_entity(self._inference.source.path, by, name)
            if found_there is not None:
                return found_there
        if by.level or not by.module:
            return None
        found = definition(by.module, name)
        if isinstance(found, str):
            return self._of_module(found, rest)
        if isinstance(found, Definition):
            return entity_in(found.module, f"{found.name}.{rest}") if rest else entity_of(found)
        return None

    def _starred(self, name: str) -> Entity | None:
        for statement in self._inference.scopes.module.star_imports:
            found = self._imported(statement, name, "")
            if found is not None:
                return found
        return None

    def _alias(self, name: str, by: ast.AST) -> Entity | None:
        value = getattr(by, "value", None)
        if not isinstance(value, ast.expr) or name in self._open:
            return None
        if isinstance(value, ast.Call):
            called = value.func
            maker = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
            return Entity(EntityKind.VARIABLE, name) if maker in _MAKERS else None
        self._open.add(name)
        try:
            return Entity(EntityKind.ALIAS, name, to_type(value, self))
        finally:
            self._open.discard(name)
