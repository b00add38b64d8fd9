"""Calls: which overload takes the arguments, what that settles, and what it gives."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from latent_ebm.puzzles.code.annotations import (
    substitute,
    variables_of,
)
from latent_ebm.puzzles.code.callables import (
    Signature,
)
from latent_ebm.puzzles.code.signatures import member
from latent_ebm.puzzles.code.stubs import (
    as_instance_of,
    is_class,
    is_protocol,
    mro,
    own_members,
)
from latent_ebm.puzzles.code.types import (
    ANY,
    ELLIPSIS,
    NEVER,
    OBJECT,
    Type,
    fits,
    join,
    union,
)

MAX_UNIFY = 6  # protocols may ask for themselves: Iterator.__iter__ gives an Iterator


def unify(  # noqa: C901 - one case a kind of type
    wanted: Type, given: Type, values: dict[str, Type], depth: int = 0
) -> None:
    """Settle the type variables of ``wanted`` so that ``given`` fits, joining what was settled."""
    if wanted.name.startswith("~"):
        if given == ANY and wanted.name in values:
            return
        before = values.get(wanted.name, NEVER)
        values[wanted.name] = given if before == NEVER else join(before, given)
        return
    if depth > MAX_UNIFY or not variables_of(wanted):
        return
    if wanted.name == "Union":
        _unify_union(wanted, given, values, depth)
        return
    if given.name == "Union":
        for one in given.args:
            unify(wanted, one, values, depth + 1)
        return
    if wanted.name == "Callable":
        if given.name == "Callable" and given.args:
            unify(wanted.args[-1], given.args[-1], values, depth + 1)
        elif given.name == "type" and given.args:
            unify(wanted.args[-1], given.args[0], values, depth + 1)
        return
    seen = as_instance_of(given, wanted.name) if given.name != wanted.name else given
    if seen is None:
        _unify_protocol(wanted, given, values, depth)
        return
    ours = seen.args
    if wanted.name == "tuple" and ours:
        _unify_tuple(wanted, seen, values, depth)
        return
    for part, found in zip(wanted.args, ours, strict=False):
        unify(part, found, values, depth + 1)


def _unify_union(wanted: Type, given: Type, values: dict[str, Type], depth: int) -> None:
    plain = [one for one in wanted.args if not variables_of(one)]
    rest = union(one for one in given.members if one not in plain)
    for one in wanted.args:
        if variables_of(one) and rest != NEVER:
            unify(one, rest, values, depth + 1)


def _unify_tuple(wanted: Type, given: Type, values: dict[str, Type], depth: int) -> None:
    if ELLIPSIS in wanted.args:
        for one in given.args:
            if one != ELLIPSIS:
                unify(wanted.args[0], one, values, depth + 1)
    elif ELLIPSIS in given.args:
        for one in wanted.args:
            unify(one, given.args[0], values, depth + 1)
    elif len(wanted.args) == len(given.args):
        for one, found in zip(wanted.args, given.args, strict=True):
            unify(one, found, values, depth + 1)


def _unify_protocol(wanted: Type, given: Type, values: dict[str, Type], depth: int) -> None:
    """By the results of the methods that a protocol asks for: ``SupportsAbs[T]`` of an int."""
    if not is_protocol(wanted.name):
        return
    for name in own_members(wanted.name):
        asked, has = member(wanted, name), member(given, name)
        if not (asked and has and asked.signatures and has.signatures):
            continue
        wish = asked.signatures[0]
        given_types = tuple(substitute(one.type, {}, ANY) for one in wish.positional)
        for one in has.signatures:
            if accepts(one, Arguments(given_types)) is not None:
                unify(wish.result, one.result, values, depth + 1)
                break


@lru_cache(maxsize=50_000)
def satisfies_protocol(value: Type, place: Type) -> bool:
    """Whether ``value`` has every method that the protocol ``place`` asks for."""
    if not is_protocol(place.name):
        return False
    if value.name in ("Callable", "type", "module"):
        return False
    if not is_class(value.name):
        return True  # a class of the user's; not known here
    for base in mro(place):
        if base == OBJECT or not is_protocol(base.name):
            continue
        for name in own_members(base.name):
            # __slots__ = () is no demand on anyone
            if name != "__slots__" and member(value, name) is None:
                return False
    return True


@dataclass(frozen=True, slots=True)
class Arguments:
    """The types of a call's arguments; ``open_ended`` where stars hide how many there are.

    ``constants`` are the values of those that are literals, by index or keyword.
    """

    positional: tuple[Type, ...]
    keywords: tuple[tuple[str, Type], ...] = ()
    open_ended: bool = False
    constants: tuple[tuple[int | str, object], ...] = ()


def accepts(
    signature: Signature, arguments: Arguments, *, certain: bool = False
) -> dict[str, Type] | None:
    """The type variables that ``arguments`` settle; None if the signature does not take them.

    Where a parameter takes certain values only, ``certain`` asks for a literal among them.
    """
    constants = dict(arguments.constants)
    values: dict[str, Type] = {}
    filled: set[str] = set()
    places: list[tuple[int | str, Type]] = [*enumerate(arguments.positional), *arguments.keywords]
    for place, given in places:
        parameter = signature.parameter(place)
        if parameter is None:
            return None
        if not fits(given, substitute(parameter.type, {}, ANY)):
            return None
        asked = parameter.values is not None and (certain or place in constants)
        if asked and constants.get(place, NEVER) not in (parameter.values or ()):
            return None
        unify(parameter.type, given, values)
        filled.add(parameter.name)
    if not arguments.open_ended:
        for one in signature.parameters:
            if one.required and one.name not in filled:
                return None
    return values


def call_result(signatures: Sequence[Signature], arguments: Arguments) -> Type:
    """What the first overload that takes the arguments gives.

    One that takes certain values only counts where the argument is such a literal; others go first.
    """
    for certain in (True, False):
        for signature in signatures:
            values = accepts(signature, arguments, certain=certain)
            if values is not None:
                return substitute(signature.result, values, ANY)
    # wrong arguments, maybe those to be repaired: what every overload gives is still given
    results = {substitute(signature.result, {}, ANY) for signature in signatures}
    return results.pop() if len(results) == 1 else ANY
