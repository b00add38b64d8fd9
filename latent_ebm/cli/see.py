"""``latent-ebm see``: a picture of a handwritten Sudoku in, the solved grid out."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from latent_ebm.cli.options import Exit

if TYPE_CHECKING:
    from latent_ebm.learning.visual.seeing import Seen


def run_see(picture: Path, out: Path | None, as_json: bool) -> Exit:
    """Read one picture; say what was read, what was overruled, and the solution."""
    from latent_ebm.learning.visual.seeing import see

    if out is not None and out.suffix.lower() not in (".png", ".jpg", ".jpeg"):
        raise ValueError(f"--out is a .png or .jpg file; found {str(out)!r}")
    found = see(picture)
    seen = found.seen
    if as_json:
        sys.stdout.write(json.dumps(record(picture, seen)) + "\n")
    else:
        sys.stdout.write(text(seen) + "\n")
    if out is not None:
        _draw(found, out)
    return Exit.SOLVED if seen.solved else Exit.UNKNOWN


def run_make(count: int, folder: Path, clues: int, seed: int) -> Exit:
    """Compose pictures of new puzzles from handwritten digits that training has not seen.

    Each ``NAME.png`` comes with its puzzle and solution in ``NAME.json``.
    """
    from latent_ebm.learning.visual.boards import random_puzzles
    from latent_ebm.learning.visual.digits import Split, load_digits
    from latent_ebm.learning.visual.drawing import Scan, compose

    folder.mkdir(parents=True, exist_ok=True)
    puzzles = random_puzzles(Split.TEST, count, (seed, clues), clues)
    for index, puzzle in enumerate(puzzles, start=1):
        rng = np.random.default_rng([seed, clues, index])
        name = folder / f"board-{index:0{len(str(count))}}"
        compose(puzzle.givens, load_digits(Split.TEST), Scan.random(rng), rng).save(f"{name}.png")
        assert puzzle.expected is not None  # noqa: S101 - made puzzles come with theirs
        truth = {
            "clues": _line(puzzle.givens),
            "solution": puzzle.encode(puzzle.expected),
        }
        Path(f"{name}.json").write_text(json.dumps(truth) + "\n", encoding="utf-8")
        sys.stdout.write(f"{name}.png\n")
    return Exit.SOLVED


def record(picture: Path, seen: Seen) -> dict[str, Any]:
    """What was made of a picture, as the JSON object that ``--json`` prints."""
    solution = seen.solution
    return {
        "picture": str(picture),
        "status": "solved" if seen.solved else "unknown",
        "read": _line(seen.first),
        "clues": None if seen.clues is None else _line(seen.clues),
        "overruled": [
            {"cell": cell, "read": read, "clue": clue} for cell, read, clue in _overruled(seen)
        ],
        "confidence": round(seen.confidence, 6),
        "readings": seen.asked,
        "solution": solution.problem.encode(solution.values)
        if solution is not None and solution.values is not None and solution.solved
        else None,
    }


def text(seen: Seen) -> str:
    """What was made of a picture, for people."""
    from latent_ebm.puzzles.sudoku import Shape
    from latent_ebm.puzzles.sudoku.display import draw

    shape = Shape(3, 3)
    lines = ["read:", draw(seen.first, shape)]
    if seen.clues is None or seen.solution is None:
        lines.append(
            f"unknown: none of the {seen.asked:,} most probable readings is a puzzle with one "
            "solution; is every clue inside its cell, and legible?"
        )
        return "\n".join(lines)
    for cell, read, clue in _overruled(seen):
        lines.append(f"overruled: {cell} looks like {read}, must be {clue}")
    tried = f"{seen.asked:,} reading{'s' if seen.asked > 1 else ''} tried"
    lines.append(f"{tried}; confidence at least {seen.confidence:.1%}")
    lines += [f"{seen.solution.status.label}:", draw(seen.clues, shape, seen.solution.values)]
    return "\n".join(lines)


def _overruled(seen: Seen) -> list[tuple[str, str, str]]:
    from latent_ebm.puzzles.sudoku import Shape

    if seen.clues is None:
        return []
    shape = Shape(3, 3)
    return [
        (shape.cell_name(int(cell)), _word(seen.first[cell]), _word(seen.clues[cell]))
        for cell in np.flatnonzero(seen.overruled)
    ]


def _word(reading: int) -> str:
    return str(reading) if reading else "blank"


def _line(readings: np.ndarray[Any, Any]) -> str:
    return "".join(str(reading) if reading else "." for reading in readings.tolist())


def _draw(found: Any, out: Path) -> None:
    from latent_ebm.learning.visual.drawing import draw_solution

    seen = found.seen
    if not seen.solved:
        sys.stderr.write(f"latent-ebm: {out} was not written, as there is no solution to draw\n")
        return
    image = draw_solution(
        found.brightness, found.grid, seen.clues, seen.solution.values, seen.overruled
    )
    partial = out.with_name(f".{out.name}.partial{out.suffix}")
    image.save(partial)
    partial.replace(out)
