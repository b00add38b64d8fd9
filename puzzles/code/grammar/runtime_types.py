"""Names of run-time types, as the executor's profile gives them: ``int``, ``list[str]``, ...

The empty name is unknown, and fits everything.
"""

from __future__ import annotations

from functools import cache

UNKNOWN = ""
NUMBERS = ("bool", "int", "float")
SEQUENCES = ("list", "tuple", "str", "range", "deque")
SIZED = (*SEQUENCES, "dict", "set", "frozenset", "Counter", "defaultdict", "bytes")
MAPPINGS = ("dict", "Counter", "defaultdict", "OrderedDict")


@cache
def base(name: str) -> str:
    """The type without what it holds.

    >>> base("dict[str,list[int]]")
    'dict'
    """
    return name.split("[", 1)[0]


@cache
def arguments(name: str) -> tuple[str, ...]:
    """What it holds.

    >>> arguments("dict[str,list[int]]")
    ('str', 'list[int]')
    """
    if "[" not in name:
        return ()
    parts, depth, start = [], 0, 0
    inner = name[name.index("[") + 1 : -1]
    for at, letter in enumerate(inner):
        depth += (letter == "[") - (letter == "]")
        if letter == "," and depth == 0:
            parts.append(inner[start:at])
            start = at + 1
    return (*parts, inner[start:])


BODY = "body("
"""How the types of bodies begin, which no value has; see ``bodies.py``."""


@cache
def body(result: str, *over: str) -> str:
    """The type of what gives a result over a variable with its type, or over several.

    >>> body("bool", "i:int", "x:list[str]")
    'body(i:int,x:list<str>):bool'
    """
    held = ",".join(over).replace("[", "<").replace("]", ">")
    return f"{BODY}{held}):{result}"


@cache
def looped(kind: str) -> str:
    """The type of an expression that a form loops over: not every one that there is."""
    return body("", "over", kind)


@cache
def is_body(name: str) -> bool:
    """Whether a type is one of the parts of forms that bind names."""
    return name.startswith(BODY)


@cache
def element(name: str) -> str:
    """The type of what iteration yields; unknown if it cannot be told.

    >>> element("list[int]"), element("str"), element("dict[str,int]"), element("int")
    ('int', 'str', 'str', '')
    >>> element("tuple[int,int]"), element("tuple[int,str]")
    ('int', '')
    """
    kind, held = base(name), arguments(name)
    if kind == "str":
        return "str"
    if kind in ("range", "bytes"):
        return "int"
    if kind == "tuple" and len(set(held) - {"..."}) > 1:
        return UNKNOWN
    return held[0] if held else UNKNOWN


@cache
def value(name: str) -> str:
    """The type of what a subscript with an index or a key gives."""
    if base(name) in MAPPINGS:
        held = arguments(name)
        return held[1] if len(held) > 1 else ("int" if base(name) == "Counter" else UNKNOWN)
    return element(name)


@cache
def key(name: str) -> str:
    """The type of its subscripts."""
    if base(name) in MAPPINGS:
        held = arguments(name)
        return held[0] if held else UNKNOWN
    return "int"


@cache
def fits(have: str, want: str) -> bool:
    """Whether a value of type ``have`` can stand where ``want`` is expected.

    >>> fits("bool", "int"), fits("str", "int"), fits("list[int]", "list"), fits("", "str")
    (True, False, True, True)
    """
    if UNKNOWN in (have, want) or have == want:
        return True
    mine, theirs = base(have), base(want)
    if mine in NUMBERS and theirs in NUMBERS:
        return NUMBERS.index(mine) <= NUMBERS.index(theirs)
    if mine != theirs:
        return False
    return all(fits(a, b) for a, b in zip(arguments(have), arguments(want), strict=False))
