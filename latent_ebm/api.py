"""``latent_ebm.solve``: one problem or many, in one call."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeGuard, overload

from latent_ebm.loop import OnProgress
from latent_ebm.puzzles.code.problem import CodeProblem
from latent_ebm.puzzles.kinds import read as read_file
from latent_ebm.puzzles.problem import BadPuzzle, Problem
from latent_ebm.puzzles.reading import ReadError
from latent_ebm.puzzles.sudoku import Sudoku
from latent_ebm.solution import Solution
from latent_ebm.solving import OnImprovement, Settings, solve_block
from latent_ebm.stream import solve_stream

if TYPE_CHECKING:
    import cpmpy

    from latent_ebm.coding.result import Repair


@overload
def solve(
    problem: CodeProblem,
    *,
    on_progress: OnProgress | None = None,
    on_improvement: OnImprovement | None = None,
    **settings: Any,
) -> Repair: ...
@overload
def solve(
    problem: str | Problem | cpmpy.Model,
    *,
    on_progress: OnProgress | None = None,
    on_improvement: OnImprovement | None = None,
    **settings: Any,
) -> Solution: ...
@overload
def solve(
    problem: Iterable[Problem],
    *,
    on_progress: OnProgress | None = None,
    on_improvement: OnImprovement | None = None,
    **settings: Any,
) -> list[Solution]: ...
def solve(
    problem: str | Problem | CodeProblem | cpmpy.Model | Iterable[Problem],
    *,
    on_progress: OnProgress | None = None,
    on_improvement: OnImprovement | None = None,
    **settings: Any,
) -> Solution | list[Solution]:
    """Solve one problem, or many; fill the holes of a program, or repair it.

    Parameters
    ----------
    problem
        A problem, an iterable of problems, the text of a Sudoku, or a CPMpy model, whose
        variables and status are then set as by ``model.solve`` (docs/modelling.md), or a
        :class:`CodeProblem`, whose answer is a :class:`Repair`. All must be
        readable: :func:`latent_ebm.solve_stream` takes what a reader yields, and passes a
        :class:`BadPuzzle` through in its place.
    on_progress
        Called with (problems finished, problems in all) now and then.
    on_improvement
        Of a problem with soft domains: called with each solution that breaks less of them than
        those before, as it is found. (For a CPMpy model pass ``solution_callback``.)
    **settings
        The fields of :class:`Settings`: ``strategy``, ``dynamics``, ``bridge``, ``presolve``,
        ``max_steps``, ``time_limit``, ``seed``, ``backend``, ``device``, ``exact``, ``unique``.
        Of a :class:`CodeProblem` those of :func:`latent_ebm.repair`.

    Returns
    -------
    Solution or list of Solution
        In the order of the problems. Nothing is called solved before an exact check on the
        discrete values. Problems are not changed. For files too large for memory use
        :func:`latent_ebm.solve_stream`.

    Raises
    ------
    ValueError
        For unknown settings, an exact engine that is not installed (MissingEngineError), text
        that is no puzzle, or a BadPuzzle among the problems, which is named.
    """
    if _is_cpmpy_model(problem):
        from latent_ebm.modelling import solve_model

        if on_improvement is not None:
            raise ValueError(
                "on_improvement is for problems with soft domains; found a CPMpy model: pass "
                "solution_callback, which is called with the solver after each better solution"
            )
        return solve_model(problem, **settings)
    if isinstance(problem, CodeProblem):
        return _repaired([problem], on_progress, on_improvement, settings)[0]
    many: list[Any] = []
    if not isinstance(problem, str | Problem | BadPuzzle):
        many = list(problem)
    if any(isinstance(item, CodeProblem) for item in many):
        return [*_repaired(many, on_progress, on_improvement, settings)]
    chosen = Settings(**settings)
    if isinstance(problem, str):
        problem = Sudoku.parse(problem)
    if isinstance(problem, BadPuzzle):
        raise ValueError(f"cannot solve a puzzle that could not be read: {problem}")
    if isinstance(problem, Problem):
        return solve_block([problem], chosen, on_progress, on_improvement)[0]
    _expect_readable(many)
    report = None if on_progress is None else (lambda done: on_progress(done, len(many)))
    answers = solve_stream(many, chosen, on_progress=report, on_improvement=on_improvement)
    return [answer for answer in answers if isinstance(answer, Solution)]


def _expect_readable(many: Sequence[object]) -> None:
    for position, item in enumerate(many):
        if isinstance(item, BadPuzzle):
            raise ValueError(
                f"cannot solve item {position} of {len(many)}, it could not be read: {item}; "
                "leave it out, or use solve_stream, which passes it through in its place"
            )


def _repaired(
    problems: Sequence[CodeProblem],
    on_progress: OnProgress | None,
    on_improvement: OnImprovement | None,
    settings: dict[str, Any],
) -> list[Repair]:
    """Programs, one after the other."""
    from latent_ebm.coding.filling import fill_problem, has_holes
    from latent_ebm.coding.options import RepairSettings
    from latent_ebm.coding.repairing import repair_program
    from latent_ebm.coding.result import Repair

    if on_improvement is not None:
        raise ValueError(
            "on_improvement is for problems with soft domains; found a CodeProblem: a program "
            "passes its tests or does not"
        )
    others = [item for item in problems if not isinstance(item, CodeProblem)]
    if others:
        raise ValueError(
            "programs and puzzles take different settings; solve them apart: found a "
            f"{type(others[0]).__name__} among programs"
        )
    chosen, answers = RepairSettings.of(**settings), list[Repair]()
    for problem in problems:
        filled = not problem.faults() and has_holes(problem)
        answers.append((fill_problem if filled else repair_program)(problem, chosen))
        if on_progress is not None:
            on_progress(len(answers), len(problems))
    return answers


def read(path: str | Path, kind: str | None = None, **options: Any) -> list[Problem]:
    """Read all puzzles of a file.

    Parameters
    ----------
    path
        The file.
    kind
        A name that ``latent-ebm kinds`` lists; by default the suffix or the content tells.
    **options
        ``colors``, the number of colours of a graph; ``box``, as in ``2x3``, of Sudokus.

    Raises
    ------
    ValueError
        If the kind is unknown, or the file or a puzzle in it cannot be read.
    """
    problems = []
    for found in read_file(path, kind, **options):
        if isinstance(found, BadPuzzle):
            raise ReadError(str(found))
        problems.append(found)
    return problems


def _is_cpmpy_model(problem: object) -> TypeGuard[cpmpy.Model]:
    """Whether it is a CPMpy model; nobody has one without having imported CPMpy."""
    cpmpy = sys.modules.get("cpmpy")
    return cpmpy is not None and isinstance(problem, cpmpy.Model)
