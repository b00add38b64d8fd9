"""Which programs may run inside a worker that goes on to the next one.

A program is harmless if nothing that it can name reaches beyond its own namespace: it
imports only modules without state, uses no builtin that hands out namespaces or files, and no
attribute that leads to frames, code or classes' insides. It is judged by its compiled code, so
that spelling does not matter. Everything else runs in a forked child that is thrown away.
"""

from __future__ import annotations

import ast
import opcode
import types
from typing import NamedTuple

from latent_ebm.puzzles.code.execution.harmless import CHANGING, GUARDED, HARMLESS, unsafe_names

__all__ = ["Screening", "screened"]

_DENIED = frozenset(
    {
        "breakpoint", "compile", "delattr", "eval", "exec", "getattr", "globals", "input", "locals",
        "memoryview", "open", "setattr", "vars", "help", "exit", "quit", "attrgetter",
        "methodcaller", "get_type_hints", "ForwardRef",
        "f_back", "f_builtins", "f_globals", "f_locals", "f_code", "f_trace", "gi_frame", "gi_code",
        "gi_yieldfrom", "cr_frame", "cr_code", "cr_await", "cr_origin", "ag_frame", "ag_code",
        "ag_await", "tb_frame", "tb_next", "tb_lasti", "tb_lineno", "co_code", "mro", "register",
    }
)  # fmt: skip

_ORDINARY = """
    abs add aenter aexit aiter all and anext annotations await bool bytes call ceil class
    class_getitem complex contains copy debug deepcopy delitem divmod doc enter eq exit file
    firstlineno float floor floordiv format future ge getitem gt hash iadd iand idiv ifloordiv
    ilshift imatmul imod imul index init int invert ior ipow irshift isub iter itruediv ixor le len
    length_hint lshift lt main match_args matmul missing mod module mul name ne neg new next or
    package pos post_init pow qualname radd rand rdiv rdivmod repr reversed rfloordiv rlshift
    rmatmul rmod rmul ror round rpow rrshift rshift rsub rtruediv rxor setitem slots
    static_attributes str sub truediv trunc xor
"""
_DUNDERS = frozenset(f"__{name}__" for name in _ORDINARY.split())

_IMPORT = opcode.opmap["IMPORT_NAME"]
_STORES = (opcode.opmap["STORE_ATTR"], opcode.opmap["DELETE_ATTR"])
_EXTENDED = opcode.opmap["EXTENDED_ARG"]


class Screening(NamedTuple):
    """What a program may touch.

    Attributes
    ----------
    reason
        Why it must not run beside others, "" if it may.
    imports
        The harmless modules that it imports.
    stores
        Whether it sets or deletes an attribute of anything, or has it done.
    """

    reason: str
    imports: frozenset[str]
    stores: bool


def screened(
    code: types.CodeType, ours: frozenset[str] = frozenset(), text: str | None = None
) -> Screening:
    """Judge compiled code.

    Parameters
    ----------
    ours
        Names that belong to the harness, and are allowed.
    text
        Of the program; with it, `getattr` with constant names is as good as an attribute.

    >>> screened(compile("import math; math.sqrt(2)", "f", "exec")).reason
    ''
    >>> screened(compile("import os; os.listdir()", "f", "exec")).reason
    'imports os and uses listdir'
    """
    imports: set[str] = set()
    names: set[str] = set()
    stores = False
    stack = [code]
    while stack:
        code = stack.pop()
        names.update(code.co_names)
        instructions = code.co_code
        operations = instructions[::2]
        if _IMPORT in operations:
            imports.update(_imported(code, instructions))
        stores = stores or _STORES[0] in operations or _STORES[1] in operations
        stack.extend(value for value in code.co_consts if type(value) is types.CodeType)
    if "getattr" in names and text is not None:
        constants = _attributes_by_name(text)
        if constants is not None:
            names.remove("getattr")
            names.update(constants)
    reason = _suspicion(names, imports, ours)
    return Screening(reason, frozenset(imports), stores or not names.isdisjoint(CHANGING))


def _suspicion(names: set[str], imports: set[str], ours: frozenset[str]) -> str:
    """Why a program with these names and imports is not harmless, "" if it is."""
    for name in imports:
        if name not in HARMLESS and name not in GUARDED:
            return f"imports {name or 'relatively'}"
    if not names.isdisjoint(_DENIED):
        return f"uses {min(names & _DENIED)}"
    for name in names:
        if name[:2] == "__" and not _allowed(name, ours):
            return f"uses {name}"
    for module in imports:
        unsafe = unsafe_names(module, imports)
        if not names.isdisjoint(unsafe):
            return f"imports {module} and uses {min(names & unsafe)}"
    return ""


def _allowed(name: str, ours: frozenset[str]) -> bool:
    # a private name (__x) is as good as any other
    return name in _DUNDERS or name in ours or not name.endswith("__")


def _attributes_by_name(text: str) -> set[str] | None:
    """The names in all `getattr(value, "name")`; None if there is any other use of it."""
    found: set[str] = set()
    uses = 0
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Name) and node.id == "getattr":
            uses += 1
        elif (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id == "getattr"
            and len(node.args) > 1
            and isinstance(node.args[1], ast.Constant)
        ):
            found.add(str(node.args[1].value))
            uses -= 1
    return None if uses else found


def _imported(code: types.CodeType, instructions: bytes) -> list[str]:
    found = []
    extended = 0
    for operation, argument in zip(instructions[::2], instructions[1::2], strict=True):
        argument |= extended
        extended = argument << 8 if operation == _EXTENDED else 0
        if operation == _IMPORT:
            found.append(code.co_names[argument])
    if any(value == ("*",) for value in code.co_consts):
        found.append("*")
    return found
