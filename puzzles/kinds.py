"""The kinds of puzzles that are known by name; a kind's module is imported when it is used."""

from __future__ import annotations

import importlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from latent_ebm.puzzles.problem import BadPuzzle, Problem
from latent_ebm.puzzles.reading import ReadError, Source


@dataclass(frozen=True)
class ReadOptions:
    """What a file need not say: the box of a Sudoku, the number of colours of a graph."""

    box: str | None = None
    colors: int | None = None


@dataclass(frozen=True)
class Kind:
    """One kind of puzzles.

    Attributes
    ----------
    name
        As in ``--kind NAME``.
    title
        A few words for people.
    home
        The module and the class, as ``latin:Latin``.
    layout
        The format of its files in one line; docs/formats.md has the whole.
    suffixes
        Of files that are of this kind and no other.
    shared
        Suffixes that it shares with other kinds.
    keys
        What a JSON object of this kind has.
    """

    name: str
    title: str
    home: str
    layout: str
    suffixes: tuple[str, ...] = ()
    shared: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()

    @property
    def problem(self) -> Any:
        """The class of its puzzles."""
        module, _, name = self.home.partition(":")
        return getattr(importlib.import_module(f"latent_ebm.puzzles.{module}"), name)

    def read(
        self, source: Source, *, name: str = "", options: ReadOptions | None = None
    ) -> Iterator[Problem | BadPuzzle]:
        """Read the puzzles of a file or a binary stream, one at a time."""
        options = options or ReadOptions()
        if self.name == "sudoku":
            from latent_ebm.puzzles.sudoku import Shape, read_puzzles

            return read_puzzles(
                source, Shape.parse(options.box) if options.box else None, name=name
            )
        reader = self.problem.read
        if self.name == "coloring":
            reader = partial(reader, colors=options.colors)
        return reader(source, name=name)

    def generate(self, rng: np.random.Generator, size: int | None = None) -> Any:
        """A new puzzle, with a solution as ``expected``; sizes are those of the kind."""
        if self.name == "sudoku":
            from latent_ebm.puzzles.sudoku import Shape, generate

            return generate(Shape.of_side(9 if size is None else size), rng=rng)
        module = importlib.import_module(f"latent_ebm.puzzles.{self.home.partition(':')[0]}")
        return module.generate(rng) if size is None else module.generate(rng, size)

    def accepts(self, path: Path) -> bool:
        """Whether a file in a folder of this kind is one of its puzzles."""
        from latent_ebm.puzzles.coloring import BEST_KNOWN

        return path.suffix in (*self.suffixes, *self.shared) and path.name != BEST_KNOWN


_TEXT, _JSON = (".txt",), (".json",)

KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind(
            "sudoku",
            "Sudoku, 4x4 to 25x25",
            "sudoku:Sudoku",
            "a puzzle a line, drawn grids, rows of numbers, or CSV",
            (".sdm", ".sdk", ".ss", ".csv"),
            _TEXT,
        ),
        Kind(
            "diagonal",
            "Sudoku with both diagonals",
            "diagonal:Diagonal",
            "as sudoku",
            (".diagonal",),
            _TEXT,
        ),
        Kind(
            "jigsaw",
            "Sudoku with regions of any form",
            "jigsaw:Jigsaw",
            "n rows of cells, then n rows of region letters",
            (".jigsaw",),
            _TEXT,
        ),
        Kind(
            "killer",
            "Sudoku with cages of given sums",
            "killer:Killer",
            "9 rows of cage letters, then a line 'letter sum' for each",
            (".killer",),
            _TEXT,
        ),
        Kind(
            "latin",
            "Latin square (quasigroup) completion",
            "latin:Latin",
            "n rows of n numbers, '.' for blanks",
            (".latin", ".qcp"),
            _TEXT,
        ),
        Kind(
            "futoshiki",
            "Latin square with < and > between cells",
            "futoshiki:Futoshiki",
            "rows like '. < 3   .', between them lines of ^ and v",
            (".futoshiki",),
            _TEXT,
        ),
        Kind(
            "kenken",
            "Latin square with cages of sums, differences, products and quotients",
            "kenken:Kenken",
            "n rows of cage letters, then a line 'letter 12*' for each",
            (".kenken",),
            _TEXT,
        ),
        Kind(
            "kakuro",
            "crossword of sums",
            "kakuro:Kakuro",
            "rows of '.' (open), 'x' (black) and 'DOWN\\ACROSS' clues",
            (".kakuro",),
            _TEXT,
        ),
        Kind(
            "magic-square",
            "1 to n*n with equal sums of rows, columns and diagonals",
            "magic_square:MagicSquare",
            "n rows of n numbers, '.' for blanks",
            (".magic",),
            _TEXT,
        ),
        Kind(
            "nonogram",
            "a picture from the runs of its rows and columns",
            "nonogram:Nonogram",
            'JSON {"rows": [[2, 1], ...], "columns": [...]}, or .non',
            (".non",),
            _JSON,
            ("rows", "columns"),
        ),
        Kind(
            "queens",
            "n queens, to 1,000, some given",
            "queens:Queens",
            "a line '8 r1c5 r2c7': the number and the given queens",
            (".queens",),
            _TEXT,
        ),
        Kind(
            "coloring",
            "graph colouring",
            "coloring:Coloring",
            "DIMACS .col; the number of colours from --colors or best_known_colors.json",
            (".col",),
        ),
        Kind(
            "exact-cover",
            "options that cover every item once",
            "exact_cover:ExactCover",
            "items on the first line ('|' before optional ones), then an option a line",
            (".dlx", ".xc"),
            _TEXT,
        ),
        Kind(
            "pentomino",
            "a board tiled by pentominoes",
            "pentomino:Pentomino",
            "rows of '.' (to cover) and 'x' (not), each of the 12 pieces once",
            (".pentomino",),
            _TEXT,
        ),
        Kind(
            "logic",
            "zebra puzzles: categories and clues",
            "logic:Logic",
            'JSON {"categories": {"colour": ["red", ...]}, "clues": [["same", "red", "Briton"]]}',
            (".logic",),
            _JSON,
            ("categories", "clues"),
        ),
        Kind("cnf", "Boolean satisfiability", "cnf:Cnf", "DIMACS .cnf", (".cnf",)),
        Kind(
            "wcnf",
            "Boolean satisfiability with weighted soft clauses",
            "wcnf:Wcnf",
            "DIMACS .wcnf, with a header or in the form of 2022",
            (".wcnf",),
        ),
    )
}
"""Name -> kind. To add one: a module with a subclass of ``puzzles.base.Puzzle``, and a line."""


def named(name: str) -> Kind:
    """The kind of a name.

    >>> named("sudoko")
    Traceback (most recent call last):
    ...
    ValueError: no kind 'sudoko'; did you mean sudoku? See `latent-ebm kinds`
    """
    if name in KINDS:
        return KINDS[name]
    from difflib import get_close_matches

    near = get_close_matches(name, KINDS, 1)
    hint = f"did you mean {near[0]}? See `latent-ebm kinds`" if near else "see `latent-ebm kinds`"
    raise ValueError(f"no kind {name!r}; {hint}")


def kind_of(path: str | Path) -> Kind:
    """The kind of a file, by its suffix, else by how it begins; Sudoku if nothing else tells.

    >>> kind_of("graphs/queen8_8.col").name, kind_of("-").name
    ('coloring', 'sudoku')
    """
    path = Path(path)
    for kind in KINDS.values():
        if path.suffix.lower() in kind.suffixes:
            return kind
    if path.suffix.lower() in (".json", ".txt", "") and path.is_file():
        return _sniffed(path)
    return KINDS["sudoku"]


def _sniffed(path: Path) -> Kind:
    with path.open("rb") as file:
        head = file.read(64 * 1024)
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    for prefix, name in ((b"p cnf", "cnf"), (b"p wcnf", "wcnf"), (b"p edge", "coloring")):
        if text.startswith(prefix) or b"\n" + prefix in text:
            return KINDS[name]
    if path.suffix.lower() != ".json" and text[:1] != b"{":
        return KINDS["sudoku"]
    for kind in KINDS.values():
        if kind.keys and all(json.dumps(key).encode() in text for key in kind.keys):
            return kind
    wanted = "; ".join(f"{k.name} has {' and '.join(k.keys)}" for k in KINDS.values() if k.keys)
    raise ReadError(f"{path}: no kind of puzzle with these keys ({wanted}); give --kind")


def read(
    path: str | Path, kind: str | None = None, *, box: str | None = None, colors: int | None = None
) -> Iterator[Problem | BadPuzzle]:
    """Read the puzzles of a file; ``kind`` is told by its suffix or its content unless given."""
    chosen = named(kind) if kind else kind_of(path)
    return chosen.read(path, options=ReadOptions(box, colors))


def members(folder: Path, kind: Kind) -> list[Path]:
    """The files of a folder that are of a kind, by name."""
    found = sorted(path for path in folder.iterdir() if path.is_file() and kind.accepts(path))
    if not found:
        endings = ", ".join((*kind.suffixes, *kind.shared))
        raise ReadError(f"{folder}: no file of kind {kind.name} in it ({endings})")
    return found
