"""Sudoku of sides 4 to 25: the puzzle, its constraints, reading, counting and generating.

What needs Numba is imported when it is first used.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from latent_ebm.puzzles.sudoku.batch import clashing, masks_of, verify_batch
from latent_ebm.puzzles.sudoku.landscape import sudoku_landscape
from latent_ebm.puzzles.sudoku.puzzle import Sudoku, masks
from latent_ebm.puzzles.sudoku.readers import BadPuzzle, ReadError, read_puzzles
from latent_ebm.puzzles.sudoku.shape import Shape
from latent_ebm.puzzles.sudoku.text import Fault, ParseError, parse_block

if TYPE_CHECKING:
    from latent_ebm.puzzles.sudoku.counting import count_solutions, is_unique
    from latent_ebm.puzzles.sudoku.generator import Difficulty, GenerationError, generate, rate

__all__ = [
    "BadPuzzle",
    "Difficulty",
    "Fault",
    "GenerationError",
    "ParseError",
    "ReadError",
    "Shape",
    "Sudoku",
    "clashing",
    "count_solutions",
    "generate",
    "is_unique",
    "masks",
    "masks_of",
    "parse_block",
    "rate",
    "read_puzzles",
    "sudoku_landscape",
    "verify_batch",
]

_LAZY = {
    "count_solutions": "counting",
    "is_unique": "counting",
    "Difficulty": "generator",
    "GenerationError": "generator",
    "generate": "generator",
    "rate": "generator",
}


def __getattr__(name: str) -> Any:
    if name not in _LAZY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(f"{__name__}.{_LAZY[name]}"), name)
    globals()[name] = value
    return value
