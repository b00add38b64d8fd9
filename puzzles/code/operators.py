"""The typed grammar's raw material: every operation with its operands' types and its result's.

Variables (``~T``, ``~K``, ``~V``) are settled by the wanted result where it says something.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache, lru_cache

from latent_ebm.puzzles.code.annotations import substitute
from latent_ebm.puzzles.code.callables import Signature
from latent_ebm.puzzles.code.calls import unify
from latent_ebm.puzzles.code.meaning import meant
from latent_ebm.puzzles.code.precedence import Level, level_at, level_of
from latent_ebm.puzzles.code.types import ANY, Type, fits, parse_type


class OperationKind(StrEnum):
    """Which production of the grammar an operation is."""

    ARITHMETIC = "arithmetic"
    BITWISE = "bitwise"
    COMPARISON = "comparison"
    MEMBERSHIP = "membership"
    BOOLEAN = "boolean"
    UNARY = "unary"
    SUBSCRIPT = "subscript"
    SLICE = "slice"
    CONDITIONAL = "conditional"
    DISPLAY = "display"
    COMPREHENSION = "comprehension"
    CALL = "call"


@dataclass(frozen=True, slots=True)
class Operation:
    """One way to make a value from others.

    Parameters
    ----------
    template
        Its text with ``{0}``, ``{1}`` for the operands and ``{v}`` for a new variable.
    operands, result
        Types; operands that the table leaves open are ``Any``.
    binds
        The type of the variable that a comprehension brings, and which operands see it.

    Examples
    --------
    >>> ints = applications(parse_type("int"))
    >>> product = next(one for one in ints if one.template == "{0} * {1}")
    >>> product.fill("a + b", "c")
    '(a + b) * c'
    """

    template: str
    operands: tuple[Type, ...]
    result: Type
    kind: OperationKind
    binds: tuple[Type, tuple[int, ...]] | None = None

    def __str__(self) -> str:
        named = self.template.format(*self.operands, v="v")
        return f"{named} -> {self.result}"

    def fill(self, *texts: str, variable: str = "item") -> str:
        """The text with operands put in, in parentheses where the places need them."""
        if len(texts) != len(self.operands):
            raise ValueError(
                f"{self.template!r} has {len(self.operands)} operands, {len(texts)} are given"
            )
        levels = _levels(self.template)
        written = [
            text if _level(text) >= level else f"({text})"
            for text, level in zip(texts, levels, strict=True)
        ]
        return self.template.format(*written, v=variable)


@lru_cache(maxsize=50_000)
def _level(text: str) -> Level:
    node = ast.parse(text, mode="eval").body
    if isinstance(node, ast.Constant) and isinstance(node.value, (int, float, complex)):
        return Level.AWAIT  # 1.real needs parentheses, 1 ** 2 does not
    closed = isinstance(node, ast.Tuple) and text.startswith("(") and text.endswith(")")
    if closed and isinstance(ast.parse(f"f{text}", mode="eval").body, ast.Call):
        return Level.ATOM
    in_parentheses = text.startswith("(") and node.col_offset > 0
    if in_parentheses and text.endswith(")") and _closes_at_end(text):
        return Level.ATOM
    return level_of(node)


def _closes_at_end(text: str) -> bool:
    return isinstance(ast.parse(f"f{text}", mode="eval").body, ast.Call)


@lru_cache(maxsize=1_000)
def _levels(template: str) -> tuple[Level, ...]:
    """The level that each place of a template takes bare."""
    count = sum(f"{{{i}}}" in template for i in range(9))
    text = template.format(*(f"_operand{i}" for i in range(count)), v="_variable")
    tree = ast.parse(text, mode="eval")
    levels = [Level.ATOM] * count
    for parent in ast.walk(tree):
        for field, value in ast.iter_fields(parent):
            for node in value if isinstance(value, list) else [value]:
                if isinstance(node, ast.Name) and node.id.startswith("_operand"):
                    index = int(node.id.removeprefix("_operand"))
                    levels[index] = max(level_at(parent, field, node), Level.TEST)
    return tuple(levels)


_VARIABLES = {name: Type(f"~{name}") for name in "TSKV"}


def _type(text: str) -> Type:
    """A type's name in which T, S, K and V are variables."""
    return substitute_names(parse_type(text.strip()))


def substitute_names(item: Type) -> Type:
    """``item`` with the one-letter names of the table as type variables."""
    if item.name in _VARIABLES and not item.args:
        return _VARIABLES[item.name]
    return Type(item.name, tuple(map(substitute_names, item.args))) if item.args else item


# template | operands | result, by kind
_TABLE: dict[OperationKind, str] = {
    OperationKind.ARITHMETIC: """
        {0} + {1}  | int; int | int
        {0} - {1}  | int; int | int
        {0} * {1}  | int; int | int
        {0} // {1} | int; int | int
        {0} % {1}  | int; int | int
        {0} ** {1} | int; int | int
        {0} / {1}  | float; float | float
        {0} + {1}  | float; float | float
        {0} - {1}  | float; float | float
        {0} * {1}  | float; float | float
        {0} // {1} | float; float | float
        {0} % {1}  | float; float | float
        {0} ** {1} | float; float | float
        {0} + {1}  | str; str | str
        {0} * {1}  | str; int | str
        {0} % {1}  | str; Any | str
        {0} + {1}  | bytes; bytes | bytes
        {0} + {1}  | list[T]; list[T] | list[T]
        {0} * {1}  | list[T]; int | list[T]
        {0} + {1}  | tuple[T, ...]; tuple[T, ...] | tuple[T, ...]
        {0} * {1}  | tuple[T, ...]; int | tuple[T, ...]
        {0} - {1}  | set[T]; set[T] | set[T]
    """,
    OperationKind.BITWISE: """
        {0} & {1}  | int; int | int
        {0} | {1}  | int; int | int
        {0} ^ {1}  | int; int | int
        {0} << {1} | int; int | int
        {0} >> {1} | int; int | int
        {0} & {1}  | set[T]; set[T] | set[T]
        {0} | {1}  | set[T]; set[T] | set[T]
        {0} ^ {1}  | set[T]; set[T] | set[T]
        {0} | {1}  | dict[K, V]; dict[K, V] | dict[K, V]
    """,
    OperationKind.COMPARISON: """
        {0} == {1} | T; T | bool
        {0} != {1} | T; T | bool
        {0} < {1}  | float; float | bool
        {0} <= {1} | float; float | bool
        {0} > {1}  | float; float | bool
        {0} >= {1} | float; float | bool
        {0} < {1}  | str; str | bool
        {0} <= {1} | str; str | bool
        {0} > {1}  | str; str | bool
        {0} >= {1} | str; str | bool
        {0} < {1}  | list[T]; list[T] | bool
        {0} > {1}  | list[T]; list[T] | bool
        {0} < {1}  | tuple[T, ...]; tuple[T, ...] | bool
        {0} > {1}  | tuple[T, ...]; tuple[T, ...] | bool
        {0} <= {1} | set[T]; set[T] | bool
        {0} < {1}  | set[T]; set[T] | bool
        {0} is {1} | T; T | bool
        {0} is not {1} | T; T | bool
        {0} is None | T | bool
        {0} is not None | T | bool
        {0} <= {1} <= {2} | float; float; float | bool
        {0} < {1} < {2} | float; float; float | bool
    """,
    OperationKind.MEMBERSHIP: """
        {0} in {1} | T; Container[T] | bool
        {0} not in {1} | T; Container[T] | bool
        {0} in {1} | str; str | bool
        {0} not in {1} | str; str | bool
    """,
    OperationKind.BOOLEAN: """
        {0} and {1} | bool; bool | bool
        {0} or {1} | bool; bool | bool
        {0} and {1} | T; T | T
        {0} or {1} | T; T | T
    """,
    OperationKind.UNARY: """
        not {0} | Any | bool
        -{0} | int | int
        -{0} | float | float
        ~{0} | int | int
    """,
    OperationKind.SUBSCRIPT: """
        {0}[{1}] | list[T]; int | T
        {0}[{1}] | tuple[T, ...]; int | T
        {0}[{1}] | str; int | str
        {0}[{1}] | bytes; int | int
        {0}[{1}] | dict[K, V]; K | V
        {0}[{1}] | range; int | int
        {0}[{1}] | collections.deque[T]; int | T
    """,
    OperationKind.SLICE: """
        {0}[{1}:{2}] | list[T]; int; int | list[T]
        {0}[{1}:] | list[T]; int | list[T]
        {0}[:{1}] | list[T]; int | list[T]
        {0}[::-1] | list[T] | list[T]
        {0}[:] | list[T] | list[T]
        {0}[{1}:{2}] | str; int; int | str
        {0}[{1}:] | str; int | str
        {0}[:{1}] | str; int | str
        {0}[::-1] | str | str
        {0}[{1}:{2}] | bytes; int; int | bytes
        {0}[{1}:] | bytes; int | bytes
        {0}[:{1}] | bytes; int | bytes
        {0}[{1}:{2}] | tuple[T, ...]; int; int | tuple[T, ...]
        {0}[{1}:] | tuple[T, ...]; int | tuple[T, ...]
        {0}[:{1}] | tuple[T, ...]; int | tuple[T, ...]
        {0}[::-1] | tuple[T, ...] | tuple[T, ...]
    """,
    OperationKind.CONDITIONAL: """
        {0} if {1} else {2} | T; bool; T | T
    """,
    OperationKind.DISPLAY: """
        [] | | list[T]
        [{0}] | T | list[T]
        [{0}, {1}] | T; T | list[T]
        () | | tuple[()]
        ({0},) | T | tuple[T]
        ({0}, {1}) | T; S | tuple[T, S]
        ({0}, {1}, {2}) | T; S; V | tuple[T, S, V]
        {{{0}}} | T | set[T]
        {{}} | | dict[K, V]
        {{{0}: {1}}} | K; V | dict[K, V]
        [*{0}, {1}] | Iterable[T]; T | list[T]
        [{1}, *{0}] | Iterable[T]; T | list[T]
    """,
    OperationKind.COMPREHENSION: """
        [{0} for {v} in {1}] | T; Iterable[S] | list[T]
        [{v} for {v} in {0} if {1}] | Iterable[S]; bool | list[S]
        [{0} for {v} in {1} if {2}] | T; Iterable[S]; bool | list[T]
        {{{0} for {v} in {1}}} | T; Iterable[S] | set[T]
        {{{0}: {1} for {v} in {2}}} | K; V; Iterable[S] | dict[K, V]
        ({0} for {v} in {1}) | T; Iterable[S] | Generator[T, None, None]
        sum({0} for {v} in {1}) | int; Iterable[S] | int
        any({0} for {v} in {1}) | bool; Iterable[S] | bool
        all({0} for {v} in {1}) | bool; Iterable[S] | bool
        max({0} for {v} in {1}) | T; Iterable[S] | T
        min({0} for {v} in {1}) | T; Iterable[S] | T
        ''.join({0} for {v} in {1}) | str; Iterable[S] | str
    """,
    OperationKind.CALL: """
        len({0}) | Sized | int
        sum({0}) | Iterable[int] | int
        sum({0}) | Iterable[float] | float
        min({0}, {1}) | T; T | T
        max({0}, {1}) | T; T | T
        min({0}) | Iterable[T] | T
        max({0}) | Iterable[T] | T
        sorted({0}) | Iterable[T] | list[T]
        abs({0}) | int | int
        abs({0}) | float | float
        any({0}) | Iterable[Any] | bool
        all({0}) | Iterable[Any] | bool
        range({0}) | int | range
        range({0}, {1}) | int; int | range
        range({0}, {1}, {2}) | int; int; int | range
        enumerate({0}) | Iterable[T] | enumerate[T]
        enumerate({0}, {1}) | Iterable[T]; int | enumerate[T]
        zip({0}, {1}) | Iterable[T]; Iterable[S] | zip[tuple[T, S]]
        reversed({0}) | Sequence[T] | reversed[T]
        map({0}, {1}) | Callable[[S], T]; Iterable[S] | map[T]
        filter({0}, {1}) | Callable[[T], Any]; Iterable[T] | filter[T]
        iter({0}) | Iterable[T] | Iterator[T]
        next({0}) | Iterator[T] | T
        next({0}, {1}) | Iterator[T]; T | T
        list({0}) | Iterable[T] | list[T]
        tuple({0}) | Iterable[T] | tuple[T, ...]
        set({0}) | Iterable[T] | set[T]
        set() | | set[T]
        frozenset({0}) | Iterable[T] | frozenset[T]
        dict({0}) | Iterable[tuple[K, V]] | dict[K, V]
        dict({0}) | dict[K, V] | dict[K, V]
        str({0}) | Any | str
        repr({0}) | Any | str
        int({0}) | str | int
        int({0}) | float | int
        float({0}) | str | float
        float({0}) | int | float
        bool({0}) | Any | bool
        ord({0}) | str | int
        chr({0}) | int | str
        round({0}) | float | int
        round({0}, {1}) | float; int | float
        divmod({0}, {1}) | int; int | tuple[int, int]
        pow({0}, {1}, {2}) | int; int; int | int
        isinstance({0}, {1}) | Any; type | bool
        {0}.join({1}) | str; Iterable[str] | str
    """,
}


def _rows() -> Iterator[Operation]:
    for kind, table in _TABLE.items():
        for line in table.strip().splitlines():
            # "|" is also an operator, so the columns are cut from the right
            template, rest, _ = (part.strip() for part in line.rsplit("|", 2))
            result = _type(line.rpartition("|")[2])
            operands = tuple(_type(one) for one in rest.split(";") if one.strip())
            binds = None
            if kind is OperationKind.COMPREHENSION:
                binds = (_VARIABLES["S"], _seeing(template))
            yield Operation(template, operands, result, kind, binds)


def _seeing(template: str) -> tuple[int, ...]:
    """The operands that see a comprehension's variable: all but what it goes over."""
    iterated = int(template.split(" in {")[1][0])
    count = sum(f"{{{i}}}" in template for i in range(4))
    return tuple(i for i in range(count) if i != iterated)


def operations_of(called: str, signature: Signature) -> Iterator[Operation]:
    """The calls of ``called`` with positional arguments that a signature takes, at most four.

    >>> from latent_ebm.puzzles.code.signatures import signature_of
    >>> [one.template for one in operations_of("math.log", signature_of("math.log")[0])]
    ['math.log({0})', 'math.log({0}, {1})']
    """
    positional = [one.type for one in signature.positional]
    most = len(positional) if signature.most is not None else len(positional) + 1
    needs_keyword = any(
        one.required and one not in signature.positional for one in signature.parameters
    )
    if needs_keyword:
        return
    for count in range(signature.least, min(most, 4) + 1):
        taken = (signature.parameter(index) for index in range(count))
        operands = [meant(parameter.type) for parameter in taken if parameter is not None]
        places = ", ".join(f"{{{index}}}" for index in range(count))
        yield Operation(
            f"{called}({places})", tuple(operands), signature.result, OperationKind.CALL
        )


@cache
def all_operations() -> tuple[Operation, ...]:
    """The whole table: operators, subscripts, displays, comprehensions and common calls."""
    return tuple(dict.fromkeys(_rows()))


@lru_cache(maxsize=5_000)
def applications(result: Type | None = None) -> tuple[Operation, ...]:
    """Every operation that gives a value which fits ``result``; all of them for None.

    Type variables are settled by ``result``; those that it does not settle become ``Any``.

    Examples
    --------
    >>> found = applications(parse_type("list[int]"))
    >>> [str(one) for one in found if one.template in ("{0} + {1}", "[{0}]")]
    ['list[int] + list[int] -> list[int]', '[int] -> list[int]']
    """
    found: dict[Operation, None] = {}
    for one in all_operations():
        values: dict[str, Type] = {}
        given = one.result
        if result is not None:
            if not fits(substitute(given, {}, ANY), result):
                continue
            for member in result.members:
                # each alternative by itself; "list[int] | None" settles by the list
                if member.name == given.name:
                    unify(given, member, values)
                elif given.name.startswith("~"):
                    values[given.name] = result
        settled = replace(
            one,
            operands=tuple(substitute(kind, values, ANY) for kind in one.operands),
            result=substitute(given, values, ANY),
            binds=one.binds and (substitute(one.binds[0], values, ANY), one.binds[1]),
        )
        found[settled] = None
    return tuple(found)
