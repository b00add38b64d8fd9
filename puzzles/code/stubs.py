"""What typeshed says of the standard library: classes, their bases and members, functions, modules.

Stubs are parsed when first asked for (the builtins take about 0.1 s); no module is imported.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import cast

import typeshed_client
from typeshed_client import ImportedInfo, ImportedName, NameInfo, OverloadedName

from latent_ebm.puzzles.code.annotations import (
    Entity,
    EntityKind,
    Namespace,
    dotted_name,
    substitute,
    to_type,
    variables_of,
)
from latent_ebm.puzzles.code.types import ANY, ELLIPSIS, EMPTY, OBJECT, Type, union

# whose names stand without their module
_BARE = ("builtins", "typing", "typing_extensions", "collections.abc", "_collections_abc")
_TYPING = ("typing", "typing_extensions")
# typing's names for classes that live elsewhere; typeshed hides what they are
_RENAMED = {
    "List": "builtins.list",
    "Dict": "builtins.dict",
    "Set": "builtins.set",
    "FrozenSet": "builtins.frozenset",
    "DefaultDict": "collections.defaultdict",
    "OrderedDict": "collections.OrderedDict",
    "Counter": "collections.Counter",
    "ChainMap": "collections.ChainMap",
    "Deque": "collections.deque",
}
_SPECIAL = frozenset(
    {"Any", "Union", "Optional", "Callable", "Literal", "Type", "Tuple", "Self", "NoReturn"}
    | {"Never", "ClassVar", "Final", "Annotated", "TypeGuard", "TypeIs", "LiteralString", "Text"}
    | {"Required", "NotRequired", "ReadOnly", "Unpack", "Concatenate", "TypeAlias", "Generic"}
    | {"Protocol", "Hashable"}
)
_VARIABLE_MAKERS = ("TypeVar", "ParamSpec", "TypeVarTuple")


@dataclass(frozen=True, slots=True)
class Definition:
    """A name of a stub and the module that defines it; ``nodes`` has one node per overload."""

    module: str
    name: str
    nodes: tuple[ast.AST, ...]
    info: NameInfo


@cache
def _resolver() -> typeshed_client.Resolver:
    # the standard library alone: installed packages may ship stubs, and would be searched
    return typeshed_client.Resolver(typeshed_client.get_search_context(search_path=[]))


@cache
def has_module(module: str) -> bool:
    """Whether typeshed has a stub of ``module``."""
    path = typeshed_client.ModulePath(tuple(module.split(".")))
    return bool(_resolver().get_module(path).exists)


@lru_cache(maxsize=50_000)
def definition(module: str, name: str) -> Definition | str | None:
    """What ``module.name`` is: a definition, a module's name, or None.

    Examples
    --------
    >>> definition("os", "path"), definition("math", "no_such")
    ('os.path', None)
    >>> definition("collections.abc", "Iterable").module
    'typing'
    """
    if module in _TYPING and name in _RENAMED:
        module, _, name = _RENAMED[name].rpartition(".")
    path = typeshed_client.ModulePath(tuple(module.split(".")))
    found = _resolver().get_name(path, name)
    if isinstance(found, ImportedInfo):
        module, info = ".".join(found.source_module), found.info
    elif isinstance(found, NameInfo):
        info = found
    elif found is None:
        whole = f"{module}.{name}"
        return whole if has_module(module) and has_module(whole) else None
    else:
        return ".".join(found)
    nodes = _nodes(info)
    if len(nodes) == 1 and isinstance(nodes[0], ast.Assign):
        value = nodes[0].value  # bisect = bisect_right, path = _path
        if isinstance(value, ast.Name) and value.id != name:
            return definition(module, value.id) or definition("builtins", value.id)
    return Definition(module, info.name, nodes, info)


def _nodes(info: NameInfo) -> tuple[ast.AST, ...]:
    if isinstance(info.ast, OverloadedName):
        return tuple(one for one in info.ast.definitions if isinstance(one, ast.AST))
    return () if isinstance(info.ast, ImportedName) else (info.ast,)


@dataclass(frozen=True, slots=True)
class StubNames:
    """The names of one stub, for its annotations."""

    module: str

    def entity(self, dotted: str) -> Entity | None:
        """See ``Namespace``."""
        return entity_in(self.module, dotted)

    def alias(self, name: str) -> tuple[ast.expr, Namespace] | None:
        """See ``Namespace``."""
        found = definition(self.module, name)
        node = found.nodes[0] if isinstance(found, Definition) and found.nodes else None
        value = node.value if isinstance(node, (ast.Assign, ast.AnnAssign)) else None
        if value is None or not isinstance(found, Definition):
            return None
        return value, StubNames(found.module)


@lru_cache(maxsize=50_000)
def entity_in(module: str, dotted: str) -> Entity | None:
    """What a name in an annotation of ``module`` is."""
    first, *rest = dotted.split(".")
    found = definition(module, first)
    if found is None:
        found = definition("builtins", first)
    for part in rest:
        if isinstance(found, str):
            found = definition(found, part)
        elif isinstance(found, Definition):
            nested = (found.info.child_nodes or {}).get(part)
            if nested is None:
                return None
            found = Definition(found.module, f"{found.name}.{part}", _nodes(nested), nested)
    if isinstance(found, str):
        return Entity(EntityKind.MODULE, found)
    return None if found is None else entity_of(found)


def entity_of(found: Definition) -> Entity | None:
    """The class, special form, variable or alias that a definition is."""
    node = found.nodes[0] if found.nodes else None
    if found.module in _TYPING and found.name in _SPECIAL:
        return Entity(EntityKind.SPECIAL, found.name)
    if isinstance(node, ast.ClassDef):
        return Entity(EntityKind.CLASS, type_name(found.module, found.name))
    if type(node).__name__ == "TypeAlias":
        return Entity(EntityKind.ALIAS, found.name, _alias(found.module, node.value))  # type: ignore[union-attr]
    if not isinstance(node, (ast.Assign, ast.AnnAssign)) or node.value is None:
        return None
    value = node.value
    if isinstance(value, ast.Call) and isinstance(value.func, ast.Name):
        if value.func.id in _VARIABLE_MAKERS:
            return Entity(EntityKind.VARIABLE, found.name)
        return None
    if isinstance(node, ast.AnnAssign) and dotted_name(node.annotation) not in (
        "TypeAlias",
        "typing.TypeAlias",
        "typing_extensions.TypeAlias",
    ):
        return None
    return Entity(EntityKind.ALIAS, found.name, _alias(found.module, value))


_open_aliases: set[tuple[str, int]] = set()


def _alias(module: str, value: ast.expr) -> Type:
    key = (module, id(value))
    if key in _open_aliases:
        return ANY  # a recursive alias
    _open_aliases.add(key)
    try:
        return to_type(value, StubNames(module))
    finally:
        _open_aliases.discard(key)


def type_name(module: str, name: str) -> str:
    """How a class is named in a ``Type``."""
    return name if module in _BARE else f"{module}.{name}"


@lru_cache(maxsize=10_000)
def class_of(name: str) -> Definition | None:
    """The stub of the class that a ``Type`` is named after.

    >>> class_of("collections.deque").module, class_of("Iterable").module, class_of("int").module
    ('collections', 'typing', 'builtins')
    """
    if not name or name[0] in "~.(" or name == "Any":
        return None
    parts = name.split(".")
    tries = [(".".join(parts[:i]), parts[i:]) for i in range(len(parts) - 1, 0, -1)]
    if len(parts) == 1:
        tries = [("builtins", parts), ("typing", parts)]
    for module, (first, *rest) in tries:
        found = definition(module, first) if has_module(module) else None
        for part in rest:
            if not isinstance(found, Definition):
                break
            nested = (found.info.child_nodes or {}).get(part)
            found = nested and Definition(
                found.module, f"{found.name}.{part}", _nodes(nested), nested
            )
        whole = isinstance(found, Definition) and found.nodes
        if isinstance(found, Definition) and whole and isinstance(found.nodes[0], ast.ClassDef):
            return found
    return None


def module_of(name: str) -> str:
    """The module that defines a class; builtins for what is no class."""
    found = class_of(name)
    return "builtins" if found is None else found.module


def is_class(name: str) -> bool:
    """Whether a ``Type``'s name is a class of typeshed."""
    return class_of(name) is not None


def _class_node(found: Definition) -> ast.ClassDef:
    return cast("ast.ClassDef", found.nodes[0])  # class_of looks that it is one


@lru_cache(maxsize=10_000)
def class_variables(name: str) -> tuple[str, ...]:
    """The type variables of a class, in the order of its arguments.

    >>> class_variables("dict")
    ('~_KT', '~_VT')
    """
    found = class_of(name)
    if found is None:
        return ()
    names = StubNames(found.module)
    order: list[str] = []
    for base in _class_node(found).bases:
        head = base.value if isinstance(base, ast.Subscript) else base
        if isinstance(base, ast.Subscript) and dotted_name(head) in ("Generic", "Protocol"):
            parts = base.slice.elts if isinstance(base.slice, ast.Tuple) else [base.slice]
            return tuple(to_type(part, names).name for part in parts)
        order += variables_of(to_type(base, names))
    return tuple(dict.fromkeys(order))


@lru_cache(maxsize=10_000)
def bases_of(name: str) -> tuple[Type, ...]:
    """The direct bases of a class, in terms of its type variables."""
    found = class_of(name)
    if found is None:
        return ()
    names = StubNames(found.module)
    bases = (to_type(base, names) for base in _class_node(found).bases)
    return tuple(base for base in bases if base != ANY)


@lru_cache(maxsize=10_000)
def is_protocol(name: str) -> bool:
    """Whether a class is a protocol, to be met by structure."""
    found = class_of(name)
    if found is None:
        return False
    heads = (
        base.value if isinstance(base, ast.Subscript) else base for base in _class_node(found).bases
    )
    return any(dotted_name(head) in ("Protocol", "typing.Protocol") for head in heads)


def bindings_of(item: Type) -> dict[str, Type]:
    """The values of the type variables of ``item``'s class; unknown ones are ``Any``."""
    variables = class_variables(item.name)
    args = item.args
    if item.name == "tuple" and args:
        args = (union(one for one in args if one not in (ELLIPSIS, EMPTY)),)
    padded = (*args, *(ANY for _ in variables[len(args) :]))
    return dict(zip(variables, padded, strict=False))


@lru_cache(maxsize=100_000)
def as_instance_of(item: Type, name: str) -> Type | None:
    """``item`` seen as its base class ``name``; None if that is no base of its.

    >>> str(as_instance_of(Type("dict", (Type("str"), Type("int"))), "Iterable"))
    'Iterable[str]'
    """
    seen, queue = {item.name}, [item]
    while queue:
        current = queue.pop(0)
        if current.name == name:
            return current
        values = bindings_of(current)
        for base in bases_of(current.name):
            if base.name not in seen:
                seen.add(base.name)
                queue.append(substitute(base, values))
    return OBJECT if name == "object" else None


def mro(item: Type) -> Iterator[Type]:
    """``item`` and its bases with their arguments, nearest first, ``object`` last."""
    seen, queue = {item.name}, [item]
    while queue:
        current = queue.pop(0)
        yield current
        values = bindings_of(current)
        for base in bases_of(current.name):
            if base.name not in seen:
                seen.add(base.name)
                queue.append(substitute(base, values))
    if "object" not in seen:
        yield OBJECT


def own_members(name: str) -> dict[str, NameInfo]:
    """The members that a class defines itself."""
    found = class_of(name)
    return {} if found is None else (found.info.child_nodes or {})


def member_nodes(info: NameInfo) -> tuple[ast.AST, ...]:
    """One node for each definition of a member."""
    return _nodes(info)


@lru_cache(maxsize=1_000)
def module_names(module: str) -> tuple[str, ...]:
    """The public names of a module, sorted."""
    if not has_module(module):
        return ()
    path = typeshed_client.ModulePath(tuple(module.split(".")))
    names = _resolver().get_module(path).names
    return tuple(
        sorted(name for name, info in names.items() if info.is_exported and name[0] != "_")
    )
