"""The modules that a program may import inside a worker, and what of them it may use.

`HARMLESS` modules have no state that a program could leave changed, but for their own
attributes, which `Guard` watches. Of the `GUARDED` ones only the listed names may be used; the
others end, read or change something outside the program.
"""

from __future__ import annotations

import importlib
import types
from collections.abc import Collection, Iterable
from functools import cache

__all__ = ["CHANGING", "GUARDED", "HARMLESS", "Guard", "unsafe_names"]

_STATELESS = """
    __future__ abc array base64 binascii bisect cmath collections collections.abc copy dataclasses
    datetime decimal difflib enum fractions functools graphlib hashlib heapq itertools json math
    numbers operator random re statistics string struct textwrap typing unicodedata zlib
"""
HARMLESS = frozenset(_STATELESS.split())

_OF_GUARDED = {
    "sys": "maxsize maxunicode float_info int_info byteorder version_info hexversion intern",
    "os": "path sep linesep pathsep extsep curdir pardir fspath",
    "os.path": """
        basename commonpath commonprefix dirname isabs join normcase normpath split splitdrive
        splitext sep
    """,
    "logging": """
        getLogger debug info warning error critical exception log DEBUG INFO WARNING ERROR CRITICAL
    """,
    "contextlib": """
        contextmanager closing nullcontext suppress ExitStack AbstractContextManager
        ContextDecorator
    """,
}
GUARDED = {module: frozenset(names.split()) for module, names in _OF_GUARDED.items()}

_UNSAFE_OF_SOME = {
    "copy": "dispatch_table",
    "decimal": """
        getcontext setcontext localcontext DefaultContext BasicContext ExtendedContext
    """,
    "enum": "global_enum global_enum_repr global_flag_repr global_str",
    "functools": "singledispatch singledispatchmethod",
    "hashlib": "algorithms_available algorithms_guaranteed file_digest",
    "json": "load dump",
    "logging": """
        setLevel addHandler removeHandler addFilter removeFilter manager parent handlers filters
        propagate disabled
    """,
    "random": "SystemRandom setstate getstate",
    "re": "purge",
    "string": "Formatter get_field get_value vformat",
    "typing": "get_type_hints ForwardRef",
}
_UNSAFE = {module: frozenset(names.split()) for module, names in _UNSAFE_OF_SOME.items()}

_CHANGES = """
    wraps update_wrapper total_ordering dataclass final no_type_check no_type_check_decorator
    runtime_checkable unique verify update_abstractmethods cached_property
"""
CHANGING = frozenset(_CHANGES.split())
"""Functions of harmless modules that set attributes of what they are given."""


@cache
def _names(module: str) -> tuple[frozenset[str], dict[str, str]]:
    """The names that must not be used, and those that stand for modules, with their names."""
    found = importlib.import_module(module)
    names = frozenset(name for name in dir(found) if not name.startswith("__"))
    special = _UNSAFE.get(module, frozenset())
    if module in GUARDED:
        return (names - GUARDED[module]) | special, {}
    values = {name: getattr(found, name) for name in names}
    modules = {
        name: value.__name__
        for name, value in values.items()
        if isinstance(value, types.ModuleType)
    }
    return frozenset(name for name in names if name.startswith("_")) | special, modules


def unsafe_names(module: str, imports: Collection[str] = ()) -> frozenset[str]:
    """The names of a module that a program must not mention, as names or as attributes.

    Modules that it has imported itself (`dataclasses.sys`) are among them, unless the program
    imports them too, and so is judged by what it uses of them.

    >>> "exit" in unsafe_names("sys"), "maxsize" in unsafe_names("sys")
    (True, False)
    >>> "sys" in unsafe_names("dataclasses"), "sys" in unsafe_names("dataclasses", {"sys"})
    (True, False)
    """
    unsafe, modules = _names(module)
    reached = frozenset(name for name, origin in modules.items() if origin not in imports)
    return unsafe | reached


_Owner = types.ModuleType | type


class Guard:
    """Finds and undoes what a program did to the modules it imported and their classes.

    >>> import string
    >>> guard = Guard()
    >>> guard.watch("string")
    >>> string.digits = "none"
    >>> guard.mended(["string"]), string.digits, guard.mended(["string"])
    (True, '0123456789', False)
    """

    def __init__(self) -> None:
        self._saved: dict[str, list[tuple[_Owner, dict[str, object]]]] = {}

    def watch(self, module: str) -> None:
        """Remember what a module is like now, unless that was done before."""
        if module in self._saved:
            return
        found = importlib.import_module(module)
        classes = [
            value
            for value in vars(found).values()
            if isinstance(value, type) and value.__module__ == found.__name__ and _is_open(value)
        ]
        owners: list[_Owner] = [found, *classes]
        self._saved[module] = [(owner, dict(vars(owner))) for owner in owners]

    def mended(self, modules: Iterable[str]) -> bool:
        """Whether something of these modules was changed; it is as it was, then."""
        changed = False
        for module in modules:
            for owner, saved in self._saved[module]:
                now = vars(owner)
                if len(now) == len(saved) and all(
                    now.get(key, self) is value for key, value in saved.items()
                ):
                    continue
                changed = _mend(owner, saved) or changed
        return changed


def _is_open(kind: type) -> bool:
    """Whether a class was made by a class statement: the others cannot be changed."""
    return bool(kind.__flags__ & (1 << 9))


_OWN = frozenset({"__abstractmethods__", "__doc__", "__static_attributes__", "__firstlineno__"})


def _mend(owner: _Owner, saved: dict[str, object]) -> bool:
    now = dict(vars(owner))
    wrong = [key for key in saved if now.get(key, _OWN) is not saved[key] and key not in _OWN]
    added = [key for key in now if key not in saved and not key.startswith("__")]
    if owner.__class__ is types.ModuleType:
        added = [key for key in added if not isinstance(now[key], types.ModuleType)]
    for key in wrong:
        setattr(owner, key, saved[key])
    for key in added:
        delattr(owner, key)
    return bool(wrong or added)
