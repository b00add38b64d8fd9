"""Classes that the user wrote: their attributes, methods and constructors."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, TypeGuard

from latent_ebm.puzzles.code.annotations import dotted_name, to_type
from latent_ebm.puzzles.code.callables import (
    Function,
    Parameter,
    ParameterKind,
    Signature,
    decorators_of,
)
from latent_ebm.puzzles.code.environments import known_ones, own_nodes
from latent_ebm.puzzles.code.signatures import Member, member
from latent_ebm.puzzles.code.types import ANY, NEVER, Type, fits, joined

if TYPE_CHECKING:
    from latent_ebm.puzzles.code.inference import Inference

_Store = tuple[ast.expr | None, ast.expr | None]
_ANYTHING = (
    Parameter("args", ParameterKind.VARIADIC, ANY, False),
    Parameter("kwargs", ParameterKind.KEYWORDS, ANY, False),
)
_PROPERTIES = {"property", "cached_property"}


class UserClasses:
    """The classes of one file, by name."""

    def __init__(self, inference: Inference) -> None:
        self._inference = inference
        self.nodes: dict[str, ast.ClassDef] = {
            node.name: node
            for node in ast.walk(inference.source.tree)
            if isinstance(node, ast.ClassDef)
        }
        self._open: set[tuple[str, str]] = set()
        self._stores: dict[ast.ClassDef, dict[str, list[_Store]]] = {}

    def bases(self, node: ast.ClassDef) -> list[Type]:
        """The bases of a class, without those that are not known."""
        names = self._inference.environments.names
        found = (to_type(base, names) for base in node.bases)
        return [one for one in found if one != ANY]

    def bases_of(self, name: str) -> list[Type]:
        """The bases of a class of the file, or of another file of the user's."""
        if name in self.nodes:
            return self.bases(self.nodes[name])
        project = self._inference.project
        return project.class_bases(name) if project else []

    def upcast_fits(self, value: Type, place: Type) -> bool:
        """Whether a base of the user's class ``value`` fits ``place``."""
        if value.name == "Union":
            return all(fits(one, place) or self.upcast_fits(one, place) for one in value.args)
        on_class = value.name == "type" and bool(value.args)
        queue, seen = [value.args[0] if on_class else value], {value.name}
        while queue:
            for base in self.bases_of(queue.pop(0).name):
                if base.name in seen:
                    continue
                seen.add(base.name)
                if fits(Type("type", (base,)) if on_class else base, place):
                    return True
                queue.append(base)
        return False

    def member(self, item: Type, name: str) -> Member | None:
        """The attribute of an instance, or of the class where ``item`` is ``type[...]``."""
        on_class = item.name == "type" and bool(item.args)
        instance = item.args[0] if on_class else item
        node = self.nodes.get(instance.name)
        if node is None:
            project = self._inference.project
            return project.class_member(item, name) if project else None
        key = (str(item), name)
        if key in self._open:
            return None
        self._open.add(key)
        try:
            found = self._own(node, name, on_class)
            if found is not None:
                return found
            for base in self.bases(node):
                if base.name == node.name:
                    continue
                seen = Type("type", (base,)) if on_class else base
                inherited = self.member(seen, name) or member(seen, name)
                if inherited is not None:
                    return inherited
            return None
        finally:
            self._open.discard(key)

    def _own(self, node: ast.ClassDef, name: str, on_class: bool) -> Member | None:
        scope = self._inference.scopes.opened[node]
        environments = self._inference.environments
        bindings = scope.bindings.get(name, ())
        definitions = [b.by for b in bindings if isinstance(b.by, Function) and b.node is b.by]
        if definitions:
            method = definitions[-1]
            marks = decorators_of(method)
            if marks & _PROPERTIES:
                result = environments.result_of(method)
                declared = to_type(method.returns, environments.names)
                return Member(name, declared if method.returns else result)
            bound = "staticmethod" not in marks and (not on_class or "classmethod" in marks)
            signatures = environments.function_signatures(method, bound=bound)
            return Member(name, signatures[0].type if signatures else ANY, signatures)
        found = environments.type_of(name, scope) if bindings else NEVER
        stored = [] if on_class else self._stored(node, name)
        whole = joined([found, *stored])
        return None if whole == NEVER and not bindings and not stored else Member(name, whole)

    def _stored(self, node: ast.ClassDef, name: str) -> list[Type]:
        """The types of ``self.name = ...`` in the methods; one that is annotated says it all."""
        if node not in self._stores:
            self._stores[node] = _stores_of(node)
        found = []
        for annotation, value in self._stores[node].get(name, ()):
            if annotation is not None:
                return [to_type(annotation, self._inference.environments.names)]
            found.append(ANY if value is None else self._inference.raw(value))
        return known_ones(found)

    def constructors(self, instance: Type) -> tuple[Signature, ...]:
        """The signatures of calling the class of ``instance``."""
        node = self.nodes.get(instance.name)
        if node is None:
            project = self._inference.project
            return project.class_constructors(instance) if project else ()
        found = self.member(instance, "__init__")
        own = any(isinstance(one, Function) and one.name == "__init__" for one in node.body)
        if found is not None and found.signatures and (own or not self._is_record(node)):
            return tuple(Signature(node.name, one.parameters, instance) for one in found.signatures)
        if self._is_record(node):
            return (Signature(node.name, self._fields(node), instance),)
        bases = [base for base in self.bases(node) if base.name != node.name]
        found_above = self.constructors(bases[0]) if bases and bases[0].name in self.nodes else ()
        if found_above:
            return tuple(Signature(node.name, one.parameters, instance) for one in found_above)
        if node.bases:  # who knows what the base takes
            return (Signature(node.name, _ANYTHING, instance),)
        return (Signature(node.name, (), instance),)

    @staticmethod
    def _is_record(node: ast.ClassDef) -> bool:
        bases = {(dotted_name(base) or "").rpartition(".")[2] for base in node.bases}
        return "dataclass" in decorators_of(node) or "NamedTuple" in bases

    def _fields(self, node: ast.ClassDef) -> tuple[Parameter, ...]:
        names = self._inference.environments.names
        inherited: list[Parameter] = []
        for base in node.bases:
            above = self.nodes.get(dotted_name(base) or "")
            if above is not None and above is not node and self._is_record(above):
                inherited += self._fields(above)
        own = [
            Parameter(
                one.target.id,
                ParameterKind.POSITIONAL,
                to_type(one.annotation, names),
                one.value is None,
            )
            for one in node.body
            if isinstance(one, ast.AnnAssign)
            and isinstance(one.target, ast.Name)
            and "ClassVar" not in ast.unparse(one.annotation)
        ]
        return (*inherited, *own)

    def attributes(self, instance: Type) -> tuple[str, ...]:
        """The public attributes that the class and its bases in the file define."""
        found: dict[str, None] = {}
        queue, seen = [instance.name], set()
        while queue:
            node = self.nodes.get(queue.pop(0))
            if node is None or node.name in seen:
                continue
            seen.add(node.name)
            found |= dict.fromkeys(self._inference.scopes.opened[node].bindings)
            found |= dict.fromkeys(_stores_of(node))
            queue += [base.name for base in self.bases(node)]
        return tuple(name for name in found if not name.startswith("_"))


def _is_stored(node: ast.AST, receiver: str) -> TypeGuard[ast.Attribute]:
    match node:
        case ast.Attribute(value=ast.Name(id=owner), ctx=ast.Store()):
            return owner == receiver
    return False


def _stores_of(node: ast.ClassDef) -> dict[str, list[_Store]]:
    """What each attribute of ``self`` is set to in the methods: (annotation, value)."""
    found: dict[str, list[_Store]] = {}
    for method in node.body:
        if not isinstance(method, Function) or not method.args.args:
            continue
        receiver = method.args.args[0].arg
        for inner in own_nodes(method):
            targets: list[ast.expr] = []
            annotation = value = None
            if isinstance(inner, ast.AnnAssign):
                targets, annotation, value = [inner.target], inner.annotation, inner.value
            elif isinstance(inner, ast.Assign):
                targets, value = inner.targets, inner.value
            for target in targets:
                whole = not isinstance(target, (ast.Tuple, ast.List))
                for one in [target] if whole else ast.walk(target):
                    if _is_stored(one, receiver):
                        store = (annotation, value if whole else None)
                        found.setdefault(one.attr, []).append(store)
    return found
