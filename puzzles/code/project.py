"""The user's other files: what a file imports from them, by parsing those files alone.

A module is looked for beside the importing file and in the folders above it, as far as they are
packages (``__init__.py``), and in the folder of the outermost package. Nothing is executed, nothing
outside of these folders is read, at most ``MAX_FILES`` files of ``MAX_BYTES`` bytes each.
"""

from __future__ import annotations

import ast
from pathlib import Path
from typing import TYPE_CHECKING

from latent_ebm.puzzles.code.annotations import Entity, EntityKind
from latent_ebm.puzzles.code.callables import Signature
from latent_ebm.puzzles.code.errors import BadSource
from latent_ebm.puzzles.code.signatures import Member
from latent_ebm.puzzles.code.source import MAX_BYTES, Source
from latent_ebm.puzzles.code.types import Type

if TYPE_CHECKING:
    from latent_ebm.puzzles.code.reading import Reading

MAX_FILES = 200


class Project:
    """The files around one file, read when an import first leads to them.

    Parameters
    ----------
    path
        Of the file whose imports are followed.

    Attributes
    ----------
    problems
        Files that could not be read, with the reason; their names have the type ``Any``.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path).resolve()
        self.root = _root(self.path.parent)
        self.problems: dict[Path, str] = {}
        self._readings: dict[Path, Reading | None] = {}
        self._open: set[tuple[Path, str]] = set()

    def add(self, reading: Reading) -> None:
        """Take a reading of the project's own file, so that it is not read twice."""
        self._readings[Path(reading.source.path).resolve()] = reading

    def locate(
        self, module: str, level: int = 0, importer: str | Path | None = None
    ) -> Path | None:
        """The file of ``module`` as ``importer`` imports it; None if it is none of the user's."""
        folder = Path(importer or self.path).resolve().parent
        parts = [part for part in module.split(".") if part]
        if level:
            for _ in range(level - 1):
                folder = folder.parent
            starts = [folder]
        else:
            starts = list(dict.fromkeys((folder, self.root)))
        for start in starts:
            # only below the project's root, whatever the dots and links say
            if not start.resolve().is_relative_to(self.root):
                continue
            base = start.joinpath(*parts)
            for candidate in (base / "__init__.py", base.with_suffix(".py") if parts else base):
                if candidate.is_file() and candidate.resolve().is_relative_to(self.root):
                    return candidate.resolve()
        return None

    def reading(self, path: Path) -> Reading | None:
        """The file at ``path``; None if it cannot be read, and then ``problems`` says why."""
        from latent_ebm.puzzles.code.reading import Reading

        if path not in self._readings:
            if len(self._readings) >= MAX_FILES:
                self.problems[path] = f"more than {MAX_FILES} files are imported"
                return None
            try:
                source = Source.read(path, MAX_BYTES)
                source.tree  # noqa: B018 - raises on bad syntax
                self._readings[path] = Reading(source, None, self)
            except BadSource as error:
                self.problems[path] = str(error)
                self._readings[path] = None
        return self._readings[path]

    def _module(self, module: str, level: int, importer: str | Path | None) -> Reading | None:
        path = self.locate(module, level, importer)
        return None if path is None else self.reading(path)

    def imported(self, importer: str, statement: ast.ImportFrom, name: str) -> Member | None:
        """What ``from module import name`` in ``importer`` brings from one of the user's files."""
        reading = self._module(statement.module or "", statement.level, importer)
        found = None if reading is None else self._of(reading, name)
        if found is not None:
            return found
        inner = f"{statement.module}.{name}" if statement.module else name
        path = self.locate(inner, statement.level, importer)
        return None if path is None else Member(name, Type("module", (Type(str(path)),)))

    def member(self, module: str, name: str) -> Member | None:
        """The attribute of a module of the user's; ``module`` is a dotted name or a path."""
        path = Path(module) if module.endswith(".py") else self.locate(module)
        reading = None if path is None else self.reading(path)
        found = None if reading is None else self._of(reading, name)
        if found is not None or path is None:
            return found
        inner = self._inside(path, name)
        return None if inner is None else Member(name, Type("module", (Type(str(inner)),)))

    def _inside(self, package: Path, name: str) -> Path | None:
        """The file of a package's module."""
        if package.name != "__init__.py":
            return None
        for candidate in (package.parent / name / "__init__.py", package.parent / f"{name}.py"):
            if candidate.is_file() and candidate.resolve().is_relative_to(self.root):
                return candidate.resolve()
        return None

    def _of(self, reading: Reading, name: str) -> Member | None:
        scope = reading.scopes.module
        key = (Path(reading.source.path), name)
        if key in self._open:
            return None  # a cycle of imports
        self._open.add(key)
        try:
            if name not in scope.bindings:
                return self._starred(reading, name)
            inference = reading.inference
            signatures = inference.environments.signatures_of(name, scope)
            return Member(name, inference.name_type(name, reading.source.tree), signatures)
        finally:
            self._open.discard(key)

    def _starred(self, reading: Reading, name: str) -> Member | None:
        for statement in reading.scopes.module.star_imports:
            found = self.imported(reading.source.path, statement, name)
            if found is not None:
                return found
        return None

    def imported_entity(self, importer: str, statement: ast.ImportFrom, name: str) -> Entity | None:
        """What an imported name is in an annotation."""
        reading = self._module(statement.module or "", statement.level, importer)
        if reading is None:
            path = self.locate(name, statement.level, importer) if not statement.module else None
            return None if path is None else Entity(EntityKind.MODULE, str(path))
        key = (Path(reading.source.path), f"{name}:")
        if key in self._open:
            return None
        self._open.add(key)
        try:
            names = reading.inference.environments.names
            return names.entity(name) if name in reading.scopes.module.bindings else None
        finally:
            self._open.discard(key)

    def entity(self, module: str, dotted: str) -> Entity | None:
        """What ``module.dotted`` is in an annotation."""
        path = Path(module) if module.endswith(".py") else self.locate(module)
        reading = None if path is None else self.reading(path)
        return None if reading is None else reading.inference.environments.names.entity(dotted)

    def _owner(self, name: str) -> Reading | None:
        """The reading whose file defines a class."""
        for reading in list(self._readings.values()):
            if reading is not None and name in reading.inference.classes.nodes:
                return reading
        return None

    def class_member(self, item: Type, name: str) -> Member | None:
        """The attribute of an instance of a class of another file."""
        instance = item.args[0] if item.name == "type" and item.args else item
        owner = self._owner(instance.name)
        return None if owner is None else owner.inference.classes.member(item, name)

    def class_bases(self, name: str) -> list[Type]:
        """The bases of a class of another file."""
        owner = self._owner(name)
        return [] if owner is None else owner.inference.classes.bases_of(name)

    def class_constructors(self, instance: Type) -> tuple[Signature, ...]:
        """The signatures of calling a class of another file."""
        owner = self._owner(instance.name)
        return () if owner is None else owner.inference.classes.constructors(instance)


def _root(folder: Path) -> Path:
    """The folder that holds the outermost package around ``folder``."""
    while (folder / "__init__.py").is_file() and folder.parent != folder:
        folder = folder.parent
    return folder
