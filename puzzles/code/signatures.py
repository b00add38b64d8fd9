"""Signatures: of functions and methods, which one a call takes, and what it gives."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from latent_ebm.puzzles.code.annotations import (
    EntityKind,
    Namespace,
    substitute,
    to_type,
)
from latent_ebm.puzzles.code.callables import (
    Function,
    Parameter,
    ParameterKind,
    Signature,
    decorators_of,
    signature_from,
)
from latent_ebm.puzzles.code.stubs import (
    Definition,
    StubNames,
    as_instance_of,
    bindings_of,
    class_of,
    class_variables,
    definition,
    entity_of,
    is_class,
    member_nodes,
    module_names,
    module_of,
    mro,
    own_members,
)
from latent_ebm.puzzles.code.types import (
    ANY,
    CALLABLE,
    ELLIPSIS,
    OBJECT,
    Type,
    fits,
    joined,
    tuple_any,
)

__all__ = [
    "Member",
    "Parameter",
    "ParameterKind",
    "Signature",
    "callable_signatures",
    "constructors",
    "iterated",
    "member",
    "members_of",
    "members_of_module",
    "methods_of",
    "module_member",
    "signature_of",
]


@dataclass(frozen=True, slots=True)
class Member:
    """An attribute: its type, and its signatures if it is a method."""

    name: str
    type: Type
    signatures: tuple[Signature, ...] = ()


@lru_cache(maxsize=50_000)
def member(item: Type, name: str) -> Member | None:
    """The attribute ``name`` of a value of type ``item``; None if it has none, or is not known.

    Of a union, every member must have it.

    Examples
    --------
    >>> str(member(Type("list", (Type("int"),)), "pop").signatures[0])
    'pop(index: SupportsIndex = ...) -> int'
    """
    if item.name == "Union":
        found = [member(one, name) for one in item.args]
        if not all(found):
            return None
        several = [one for one in found if one is not None]
        signatures = tuple(dict.fromkeys(s for one in several for s in one.signatures))
        return Member(name, joined(one.type for one in several), signatures)
    if item.name == "module" and item.args:
        return module_member(item.args[0].name, name)
    if item.name == "type" and item.args and is_class(item.args[0].name):
        return _class_member(item.args[0], name)
    if not is_class(item.name):
        return None
    for base in mro(item):
        info = own_members(base.name).get(name)
        if info is not None:
            return _member_of(item, base, module_of(base.name), name, member_nodes(info))
    return None


def _member_of(
    item: Type, base: Type, module: str, name: str, nodes: tuple[ast.AST, ...]
) -> Member | None:
    names = StubNames(module)
    values = bindings_of(base) | {"~Self": item}
    functions = [one for one in nodes if isinstance(one, Function)]
    if functions:
        if decorators_of(functions[0]) & {"property", "cached_property"}:
            return Member(name, substitute(to_type(functions[0].returns, names), values))
        signatures = _bound(functions, item, values, names)
        if not signatures:
            return None
        return Member(name, signatures[0].type, signatures)
    node = nodes[0] if nodes else None
    if isinstance(node, ast.AnnAssign):
        declared = substitute(to_type(node.annotation, names), values)
        return Member(name, declared)
    if isinstance(node, ast.Assign) and isinstance(node.value, ast.Name):
        return member(item, node.value.id) if node.value.id != name else None
    return Member(name, ANY)


def _bound(
    functions: Sequence[Function], item: Type, values: Mapping[str, Type], names: Namespace
) -> tuple[Signature, ...]:
    """The overloads whose ``self`` takes ``item``, with the receiver's variables settled."""
    from latent_ebm.puzzles.code.calls import unify

    found: dict[Signature, None] = {}
    for node in functions:
        static = "staticmethod" in decorators_of(node)
        settled = dict(values)
        first = next(iter((*node.args.posonlyargs, *node.args.args)), None)
        if not static and first is not None and first.annotation is not None:
            wanted = substitute(to_type(first.annotation, names), values)
            if wanted.name != "type" and not fits(item, wanted):
                continue
            unify(wanted, item, settled)
        signature = signature_from(node, names, bound=not static)
        found[_settled(signature, settled)] = None
    return tuple(found)


def _settled(signature: Signature, values: Mapping[str, Type]) -> Signature:
    parameters = tuple(
        replace(one, type=substitute(one.type, values)) for one in signature.parameters
    )
    return Signature(signature.name, parameters, substitute(signature.result, values))


def _class_member(item: Type, name: str) -> Member | None:
    """Of a class itself: class methods, static ones, and functions that take an instance first."""
    for base in mro(item):
        info = own_members(base.name).get(name)
        if info is None:
            continue
        module = module_of(base.name)
        names = StubNames(module)
        values = bindings_of(base) | {"~Self": item}
        nodes = member_nodes(info)
        functions = [one for one in nodes if isinstance(one, Function)]
        if not functions:
            return _member_of(item, base, module, name, nodes)
        signatures = []
        for node in functions:
            marks = decorators_of(node)
            signature = signature_from(node, names, bound="classmethod" in marks)
            if not marks & {"classmethod", "staticmethod"} and signature.parameters:
                receiver = replace(signature.parameters[0], type=item)
                signature = replace(signature, parameters=(receiver, *signature.parameters[1:]))
            signatures.append(_settled(signature, values))
        unique = tuple(dict.fromkeys(signatures))
        return Member(name, unique[0].type, unique)
    return None


@lru_cache(maxsize=10_000)
def members_of(item: Type) -> tuple[Member, ...]:
    """Every public attribute and method of a value, sorted by name."""
    if item.name == "module" and item.args:
        return members_of_module(item.args[0].name)
    names: set[str] | None = None
    for one in item.members:
        own = {
            name for base in mro(one) for name in own_members(base.name) if not name.startswith("_")
        }
        names = own if names is None else names & own
    found = (member(item, name) for name in sorted(names or ()))
    return tuple(one for one in found if one is not None)


@lru_cache(maxsize=10_000)
def methods_of(item: Type) -> tuple[Signature, ...]:
    """The public methods of a value of type ``item``, every overload, sorted by name.

    Examples
    --------
    >>> [str(one) for one in methods_of(Type("list", (Type("int"),))) if one.name == "index"]
    ['index(value: int, start: SupportsIndex = ..., stop: SupportsIndex = ...) -> int']
    """
    return tuple(signature for one in members_of(item) for signature in one.signatures)


# functions and modules


@lru_cache(maxsize=10_000)
def module_member(module: str, name: str) -> Member | None:
    """What ``module.name`` is: a function, a class, a constant or a module."""
    found = definition(module, name)
    if isinstance(found, str):
        return Member(name, Type("module", (Type(found),)))
    made = None if found is None else _member_of_definition(found)
    return None if made is None else replace(made, name=name)


def _member_of_definition(found: Definition) -> Member | None:
    names = StubNames(found.module)
    node = found.nodes[0] if found.nodes else None
    if isinstance(node, Function):
        functions = [one for one in found.nodes if isinstance(one, Function)]
        signatures = tuple(dict.fromkeys(signature_from(one, names) for one in functions))
        return Member(found.name, signatures[0].type, signatures)
    entity = entity_of(found)
    if isinstance(node, ast.ClassDef) and entity is not None and entity.kind is EntityKind.CLASS:
        instance = Type(entity.name, tuple(map(Type, class_variables(entity.name))))
        bare = Type("type", (Type(entity.name),))
        return Member(found.name, bare, constructors(instance))
    if entity is not None and entity.kind is EntityKind.SPECIAL:
        return Member(found.name, Type("type"))
    if isinstance(node, ast.AnnAssign) and entity is None:
        return Member(found.name, to_type(node.annotation, names))
    if entity is not None and is_class(entity.value.name):  # an alias of a class
        alias = class_of(entity.value.name)
        return None if alias is None else _member_of_definition(alias)
    if isinstance(node, ast.Assign) and isinstance(node.value, ast.Attribute):
        # as random has it: choice is a method of one hidden instance
        holder = node.value.value
        owner = module_member(found.module, holder.id) if isinstance(holder, ast.Name) else None
        return None if owner is None else member(owner.type, node.value.attr)
    return Member(found.name, ANY)


@lru_cache(maxsize=10_000)
def constructors(instance: Type) -> tuple[Signature, ...]:
    """The signatures of calling a class: those of ``__init__``, or of ``__new__``."""
    for base in mro(instance):
        for method in ("__init__", "__new__"):
            info = own_members(base.name).get(method)
            nodes = member_nodes(info) if info else ()
            functions = [one for one in nodes if isinstance(one, Function)]
            if not functions or base == OBJECT:
                continue
            return _constructors(instance, base, module_of(base.name), functions)
    name = instance.name.rpartition(".")[2]
    return (Signature(name, (), instance),)


def _constructors(
    instance: Type, base: Type, module: str, functions: Sequence[Function]
) -> tuple[Signature, ...]:
    names = StubNames(module)
    found: dict[Signature, None] = {}
    values = bindings_of(base)
    if instance.name == "tuple" and len(instance.args) == 1:
        instance = tuple_any(instance.args[0])
    for node in functions:
        signature = signature_from(node, names, bound=True, name=instance.name.rpartition(".")[2])
        result = instance
        if node.name == "__new__":
            result = substitute(signature.result, {"~Self": instance})
        elif node.args.args and node.args.args[0].annotation:
            # dict.__init__(self: dict[str, _VT], ...): the overload says what is made
            result = to_type(node.args.args[0].annotation, names)
        result = instance if result in (ANY, Type("~Self")) else result
        found[_settled(replace(signature, result=result), values | {"~Self": instance})] = None
    return tuple(found)


def signature_of(dotted: str) -> tuple[Signature, ...]:
    """The signatures of a function or class by its name, ``len`` or ``math.floor``.

    Raises
    ------
    KeyError
        If typeshed has no such callable.

    Examples
    --------
    >>> [str(one) for one in signature_of("len")], str(signature_of("bisect.bisect_left")[0].result)
    (['len(obj: Sized) -> int'], 'int')
    """
    module, _, name = dotted.rpartition(".")
    found = module_member(module or "builtins", name)
    if found is None and module:
        holder_module, _, holder = module.rpartition(".")
        owner = module_member(holder_module or "builtins", holder)
        found = member(owner.type, name) if owner else None
    if found is None or not found.signatures:
        raise KeyError(
            f"typeshed has no function {dotted!r}; a name such as 'math.floor' is wanted"
        )
    return found.signatures


@lru_cache(maxsize=1_000)
def members_of_module(module: str) -> tuple[Member, ...]:
    """The public members of a module of the standard library, sorted by name.

    >>> [one.name for one in members_of_module("bisect")][:3]
    ['bisect', 'bisect_left', 'bisect_right']
    """
    found = (module_member(module, name) for name in module_names(module))
    return tuple(one for one in found if one is not None)


# calls


def iterated(item: Type) -> Type:
    """What a ``for`` over a value of this type gives.

    >>> str(iterated(Type("dict", (Type("str"), Type("int"))))), str(iterated(Type("str")))
    ('str', 'str')
    """
    return joined(_iterated(one) for one in item.members)


def _iterated(item: Type) -> Type:
    seen = as_instance_of(item, "Iterable")
    if seen is not None:
        return seen.args[0] if seen.args else ANY
    iterator = member(item, "__iter__")  # enumerate, zip and map have it without a base
    if iterator is None or not iterator.signatures:
        return ANY
    following = member(iterator.signatures[0].result, "__next__")
    if following is None or not following.signatures:
        return ANY
    return following.signatures[0].result


def callable_signatures(item: Type) -> tuple[Signature, ...]:
    """The signatures of calling a value of type ``item``, as far as its type says."""
    if item.name == "type" and item.args:
        name = item.args[0].name
        args = item.args[0].args or tuple(map(Type, class_variables(name)))
        return constructors(Type(name, args)) if is_class(name) else ()
    if item.name == "Callable" and item != CALLABLE and item.args:
        *given, result = item.args
        if given == [ELLIPSIS]:
            several = Parameter("args", ParameterKind.VARIADIC, ANY, False)
            return (Signature("", (several,), result),)
        kind = ParameterKind.POSITIONAL_ONLY
        parameters = (Parameter(f"argument{i}", kind, t, True) for i, t in enumerate(given))
        return (Signature("", tuple(parameters), result),)
    found = member(item, "__call__") if is_class(item.name) else None
    return found.signatures if found else ()
