"""Which values of a module's names stay as they are while its functions run.

A loop whose names have the same values again is endless only if nothing else changes: no list
of the module, no attribute of a class, no default value, nothing in a closure.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from types import BuiltinFunctionType, FunctionType, ModuleType
from typing import Any

from latent_ebm.puzzles.code.execution.exploring.values import SCALARS

__all__ = ["is_steady"]

_PLAIN: tuple[type, ...] = (*SCALARS, BuiltinFunctionType, ModuleType)
_MEMBERS = (property, staticmethod, classmethod)


def is_steady(names: Mapping[str, Any], texts: Sequence[str]) -> bool:
    """Whether the values of a module's names do not change while its functions run.

    Parameters
    ----------
    names
        Of the module, once it was executed.
    texts
        Programs of which one runs; those that set attributes may set them of their own classes.

    Examples
    --------
    >>> is_steady({"limit": 3, "sizes": (1, 2)}, ["..."]), is_steady({"seen": []}, ["..."])
    (True, False)
    """
    stores = any(map(_sets_attributes, texts))
    module = names.get("__name__")
    return all(_steady(value, module, stores) for name, value in names.items() if name[:2] != "__")


def _sets_attributes(text: str) -> bool:
    return any(
        isinstance(node, ast.Attribute) and not isinstance(node.ctx, ast.Load)
        for node in ast.walk(ast.parse(text))
    )


def _steady(value: Any, module: object, stores: bool) -> bool:
    if isinstance(value, (tuple, frozenset)):
        return all(_steady(one, module, stores) for one in value)
    if isinstance(value, FunctionType):
        defaults = (*(value.__defaults__ or ()), *(value.__kwdefaults__ or {}).values())
        plain = not value.__closure__ and not value.__dict__
        return plain and all(_steady(one, module, stores) for one in defaults)
    if isinstance(value, type):
        return value.__module__ != module or (not stores and _members_steady(value, module))
    return isinstance(value, _PLAIN)


def _members_steady(owner: type, module: object) -> bool:
    return all(
        isinstance(value, _MEMBERS) or _steady(value, module, stores=False)
        for name, value in vars(owner).items()
        if name[:2] != "__"
    )
