"""Types: a name with arguments, unions, and which fits where.

Gradual: ``Any`` fits everywhere and everything fits it. Names are those that Python prints
(``int``, ``list``), the bare ones of ``typing`` and ``collections.abc`` (``Iterable``), and others
with their module (``collections.deque``).
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache

from latent_ebm.puzzles.code.source import end_of

MAX_NAME = 10_000  # characters of a type's name that are parsed
MAX_UNION = 8
MAX_NESTING = 4
MAX_TUPLE = 12  # elements that a tuple's type tells apart


@dataclass(frozen=True, slots=True)
class Type:
    """A type: ``Type("dict", (STR, INT))`` is ``dict[str, int]``.

    ``Union`` holds its members, ``Callable`` its parameters and then its result, ``tuple`` its
    elements, or one element and ``ELLIPSIS``, ``type`` the instance's type, ``module`` its name;
    names that start with ``~`` are type variables.

    Examples
    --------
    >>> str(Type("dict", (STR, union((INT, NONE))))), str(Type("Callable", (INT, STR)))
    ('dict[str, int | None]', 'Callable[[int], str]')
    """

    name: str
    args: tuple[Type, ...] = ()

    def __str__(self) -> str:
        if self.name == "Union":
            return " | ".join(map(str, self.args))
        if self.name == "Callable" and self.args:
            *parameters, result = self.args
            shown = ", ".join(map(str, parameters))
            return (
                f"Callable[..., {result}]"
                if parameters == [ELLIPSIS]
                else (f"Callable[[{shown}], {result}]")
            )
        if self.name == "tuple" and self.args == (EMPTY,):
            return "tuple[()]"
        if self.args:
            return f"{self.name}[{', '.join(map(str, self.args))}]"
        return self.name.lstrip("~")

    @property
    def members(self) -> tuple[Type, ...]:
        """The alternatives: of a union its members, else the type alone."""
        return self.args if self.name == "Union" else (self,)


ANY = Type("Any")
NEVER = Type("Never")
OBJECT = Type("object")
NONE = Type("None")
BOOL, INT, FLOAT, COMPLEX = Type("bool"), Type("int"), Type("float"), Type("complex")
STR, BYTES = Type("str"), Type("bytes")
ELLIPSIS = Type("...")
EMPTY = Type("()")  # the one argument of the type of ()
SLICE = Type("slice")
CALLABLE = Type("Callable", (ELLIPSIS, ANY))


def list_of(item: Type) -> Type:
    """``list[item]``."""
    return Type("list", (item,))


def set_of(item: Type) -> Type:
    """``set[item]``."""
    return Type("set", (item,))


def dict_of(key: Type, value: Type) -> Type:
    """``dict[key, value]``."""
    return Type("dict", (key, value))


def tuple_of(*items: Type) -> Type:
    """``tuple[items]``, of fixed length; ``tuple[()]`` without items."""
    return Type("tuple", items or (EMPTY,))


def tuple_any(item: Type) -> Type:
    """``tuple[item, ...]``."""
    return Type("tuple", (item, ELLIPSIS))


def union(types: Iterable[Type]) -> Type:
    """The union: members once each, nested ones flattened, ``Any`` where one of them is.

    No members give ``Never``; ``Never`` beside others goes; over ``MAX_UNION`` are ``object``.

    >>> str(union((INT, union((NONE, INT)), NEVER)))
    'int | None'
    """
    flat = dict.fromkeys(member for one in types for member in one.members)
    if ANY in flat:
        return ANY
    flat.pop(NEVER, None)
    if FLOAT in flat:
        flat.pop(INT, None)  # a float may be an int, as annotations have it
    if len(flat) == 1:
        return next(iter(flat))
    if not flat:
        return NEVER
    if OBJECT in flat or len(flat) > MAX_UNION:
        return OBJECT
    if NONE in flat:  # X | None reads best
        flat.pop(NONE)
        flat[NONE] = None
    return Type("Union", tuple(flat))


def shallow(item: Type, depth: int = MAX_NESTING) -> Type:
    """``item`` with ``Any`` below ``depth`` levels of arguments; a long tuple as one of any length.

    >>> str(shallow(list_of(list_of(list_of(INT))), 2))
    'list[list[Any]]'
    """
    if not item.args:
        return item
    if depth == 0:
        return ANY
    if item.name == "tuple" and len(item.args) > MAX_TUPLE:
        return shallow(tuple_any(joined(item.args)), depth)
    args = tuple(shallow(one, depth - (item.name != "Union")) for one in item.args)
    return item if args == item.args else Type(item.name, args)


def optional(item: Type) -> Type:
    """``item | None``."""
    return union((item, NONE))


def without_none(item: Type) -> Type:
    """What is left of a union without None; None alone stays."""
    rest = [member for member in item.members if member != NONE]
    return union(rest) if rest else item


def join(first: Type, second: Type) -> Type:
    """One type for both: a union, in which containers of one kind join their elements.

    Elements that nothing is known of (``list[Never]`` of ``[]``, bare ``list``) give way to known.

    >>> str(join(Type("list", (NEVER,)), Type("list", (INT,)))), str(join(INT, STR))
    ('list[int]', 'int | str')
    """
    if first == second:
        return first
    members = list(first.members)
    for other in second.members:
        for index, one in enumerate(members):
            if one.name == other.name and not (one.args and other.args):
                members[index] = one if one.args else other
                break
            if one.name == other.name and len(one.args) == len(other.args):
                if one.name in _UNJOINED or (ELLIPSIS in one.args) != (ELLIPSIS in other.args):
                    continue
                pairs = zip(one.args, other.args, strict=True)
                members[index] = Type(one.name, tuple(join(a, b) for a, b in pairs))
                break
        else:
            members.append(other)
    return union(members)


def joined(types: Iterable[Type]) -> Type:
    """All of them joined; ``Never`` of none."""
    result = NEVER
    for one in types:
        result = one if result == NEVER else join(result, one)
    return result


_UNJOINED = ("Callable", "type", "module")

_TOWER = {"bool": ("int", "float", "complex"), "int": ("float", "complex"), "float": ("complex",)}


def known(item: Type) -> bool:
    """Whether a type says anything at all."""
    return item not in (ANY, OBJECT)


@lru_cache(maxsize=100_000)
def fits(value: Type, place: Type) -> bool:  # noqa: C901 - one case a kind of type
    """Whether a value of type ``value`` may stand where ``place`` is expected.

    ``Any`` fits all; of a union each member must fit; the numeric tower and the bases that typeshed
    gives hold. Containers fit by their arguments (covariantly: a helpful reader is not a checker).

    Examples
    --------
    >>> fits(BOOL, INT), fits(INT, FLOAT), fits(FLOAT, INT), fits(list_of(INT), list_of(STR))
    (True, True, False, False)
    >>> fits(list_of(INT), Type("Iterable", (FLOAT,))), fits(optional(INT), INT)
    (True, False)
    """
    if ANY in (value, place) or place == OBJECT or value in (NEVER, place):
        return True
    if value.name == "Union":
        return all(fits(member, place) for member in value.args)
    if place.name == "Union":
        return any(fits(value, member) for member in place.args)
    if place.name.startswith("~") or value.name.startswith("~"):
        return True  # an unsolved type variable
    if place.name in _TOWER.get(value.name, ()):
        return True
    if place.name == "Buffer":
        return value.name in ("bytes", "bytearray", "memoryview", "array.array")
    if place.name == "Hashable":
        return value.name not in ("list", "dict", "set", "bytearray")
    if value.name == place.name:
        return _arguments_fit(value, place)
    if place.name == "Callable":
        return _callable_fits(value)
    from latent_ebm.puzzles.code.stubs import as_instance_of

    upcast = as_instance_of(value, place.name)
    if upcast is not None:
        return _arguments_fit(upcast, place)
    from latent_ebm.puzzles.code.calls import satisfies_protocol

    return satisfies_protocol(value, place)


def _callable_fits(value: Type) -> bool:
    if value.name == "type":
        return True
    from latent_ebm.puzzles.code.stubs import is_class

    return not is_class(value.name)


def _arguments_fit(value: Type, place: Type) -> bool:
    if not value.args or not place.args:
        return True
    if value.name == "tuple":
        return _tuple_fits(value.args, place.args)
    if value.name == "Callable":
        ours, wanted = value.args[:-1], place.args[:-1]
        # ours are those that must be given; there may be others with defaults
        if ELLIPSIS not in ours and ELLIPSIS not in wanted and len(ours) > len(wanted):
            return False
        return fits(value.args[-1], place.args[-1])
    if len(value.args) != len(place.args):
        return True
    return all(fits(a, b) for a, b in zip(value.args, place.args, strict=True))


def _tuple_fits(value: tuple[Type, ...], place: tuple[Type, ...]) -> bool:
    ours = () if value == (EMPTY,) else value
    wanted = () if place == (EMPTY,) else place
    if ELLIPSIS in wanted:
        return all(fits(one, wanted[0]) for one in ours if one != ELLIPSIS)
    if ELLIPSIS in ours:
        return all(fits(ours[0], one) for one in wanted)
    return len(ours) == len(wanted) and all(map(fits, ours, wanted))


def presented(item: Type) -> Type:
    """With ``Any`` where nothing is known.

    >>> str(presented(list_of(NEVER)))
    'list[Any]'
    """
    if item == NEVER:
        return ANY
    if not item.args:
        return item
    args = tuple(presented(one) for one in item.args)
    return item if args == item.args else Type(item.name, args)


def vague(item: Type) -> bool:
    """Whether a type leaves something open that a run may have shown."""
    if item in (ANY, NEVER) or item.name.startswith("~"):
        return True
    bare = not item.args and item.name in ("list", "dict", "set", "tuple", "frozenset")
    return bare or any(vague(one) for one in item.args if one not in (ELLIPSIS, EMPTY))


# how run-time names are written that lack their module
_RUN_TIME = {
    "NoneType": "None",
    "function": "Callable",
    "builtin_function_or_method": "Callable",
    "method": "Callable",
    "ellipsis": "...",
    "deque": "collections.deque",
    "defaultdict": "collections.defaultdict",
    "OrderedDict": "collections.OrderedDict",
    "Counter": "collections.Counter",
    "Fraction": "fractions.Fraction",
    "Decimal": "decimal.Decimal",
    "Pattern": "re.Pattern",
    "Match": "re.Match",
    "list_iterator": "Iterator",
    "generator": "Generator",
    "dict_keys": "KeysView",
    "dict_values": "ValuesView",
    "dict_items": "ItemsView",
}


@cache
def parse_type(text: str) -> Type:
    """The type that a name such as ``dict[str,int]``, ``NoneType`` or ``int | None`` stands for.

    Raises
    ------
    ValueError
        If the text is no such name.

    Examples
    --------
    >>> str(parse_type("dict[str,list[int]]")), str(parse_type("NoneType"))
    ('dict[str, list[int]]', 'None')
    >>> str(parse_type("tuple[int, ...]")), str(parse_type("Optional[str]"))
    ('tuple[int, ...]', 'str | None')
    """
    if len(text) > MAX_NAME:
        raise ValueError(f"a type's name of {len(text)} characters; at most {MAX_NAME}")
    try:
        node = ast.parse(text.strip(), mode="eval").body
        return _of_name(node)
    except (SyntaxError, RecursionError, MemoryError):
        raise ValueError(f"{text[:100]!r} is no type's name, such as 'dict[str, int]'") from None


def _of_name(node: ast.expr) -> Type:
    match node:
        case ast.Constant(value=None):
            return NONE
        case ast.Constant(value=value) if value is Ellipsis:
            return ELLIPSIS
        case ast.Name(id=name):
            return _bare(_RUN_TIME.get(name, name))
        case ast.Attribute():
            return Type(ast.unparse(node))
        case ast.Tuple(elts=[]):
            return EMPTY
        case ast.BinOp(op=ast.BitOr(), left=left, right=right):
            return union((_of_name(left), _of_name(right)))
        case ast.Subscript(value=value, slice=index):
            head = _of_name(value)
            parts = index.elts if isinstance(index, ast.Tuple) and index.elts else [index]
            if head.name == "Callable":
                first = parts[0]
                given = first.elts if isinstance(first, ast.List) else [first]
                return Type("Callable", tuple(_of_name(one) for one in (*given, *parts[1:])))
            args = tuple(_of_name(part) for part in parts)
            if head.name == "Optional":
                return optional(args[0])
            return union(args) if head.name == "Union" else Type(head.name, args)
    raise ValueError(f"{ast.unparse(node)[:100]!r} is no type's name, such as 'dict[str, int]'")


def _bare(name: str) -> Type:
    return CALLABLE if name == "Callable" else Type(name)


Key = tuple[int, int, int, int]
Observations = Mapping[Key, Counter[str]]
"""Types seen at run time: (lineno, col, end_lineno, end_col) of an expression, as ``ast`` counts,
to how often each type's name was its value's."""


def observed(observations: Observations, node: ast.AST) -> Type | None:
    """The union of the types that ``node`` was seen to have, the most frequent first."""
    if not isinstance(node, (ast.expr, ast.arg)):
        return None
    seen = observations.get((node.lineno, node.col_offset, *end_of(node)))
    if not seen:
        return None
    return joined(_seen_type(name) for name, _ in seen.most_common())


def _seen_type(name: str) -> Type:
    try:
        return parse_type(name)
    except ValueError:
        return ANY  # type("any name", ...) is allowed at run time
