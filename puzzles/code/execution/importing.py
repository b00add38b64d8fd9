"""Importing a candidate under the name of the module that it is a version of."""

from __future__ import annotations

import importlib
import sys
import types
from collections.abc import Callable, Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec

__all__ = ["imported"]


class _Finder(MetaPathFinder, Loader):
    """Finds one module: the candidate."""

    def __init__(self, name: str, execute: Callable[[types.ModuleType], None]) -> None:
        self._name = name
        self._execute = execute

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None,
        target: types.ModuleType | None = None,
    ) -> ModuleSpec | None:
        del path, target
        if fullname != self._name:
            return None
        return ModuleSpec(fullname, self)

    def create_module(self, spec: ModuleSpec) -> None:
        del spec

    def exec_module(self, module: types.ModuleType) -> None:
        self._execute(module)


def imported(name: str, execute: Callable[[types.ModuleType], None]) -> types.ModuleType:
    """Import module `name`, whose execution is `execute`, by the ordinary rules.

    Its packages are imported first, from the user's project, and whatever imports it, the
    tests or another module, gets the candidate.
    """
    sys.modules.pop(name, None)
    sys.meta_path.insert(0, _Finder(name, execute))
    return importlib.import_module(name)
