"""``latent_ebm.repair`` and ``latent_ebm.fill``: a program and its tests in, a patch out."""

from __future__ import annotations

from pathlib import Path

from latent_ebm.coding.filling import fill_problem
from latent_ebm.coding.options import RepairSettings
from latent_ebm.coding.repairing import repair_program
from latent_ebm.coding.result import Repair
from latent_ebm.coding.search import OnProgress
from latent_ebm.puzzles.code.problem import CodeProblem, Tests

__all__ = ["fill", "repair"]


def fill(
    path_or_source: str | Path,
    tests: Tests = None,
    function: str | None = None,
    *,
    on_progress: OnProgress | None = None,
    **settings: object,
) -> Repair:
    r"""Fill the holes of a program, ``...`` or ``__hole__``, all together.

    Parameters are those of :func:`repair`; of the strategies, ``descent`` and ``enumerate``.

    Returns
    -------
    Repair
        ``SOLVED`` only if the filled program passes every test in a sandbox started for that.

    Raises
    ------
    ValueError
        As :func:`repair`, and where there is no hole.
    IsolationError
        If the machine allows no sandbox.

    Examples
    --------
    >>> import latent_ebm
    >>> answer = latent_ebm.fill(
    ...     "def largest(items):\n    return ...\n",
    ...     tests=[{"args": [[1, 5, 2]], "expected": 5}, {"args": [[4, 3]], "expected": 4}],
    ... )
    >>> answer.solved, "..." in answer.text
    (True, False)
    """
    chosen = RepairSettings.of(**settings)
    return fill_problem(CodeProblem.of(path_or_source, tests, function), chosen, on_progress)


def repair(
    path_or_source: str | Path,
    tests: Tests = None,
    function: str | None = None,
    *,
    on_progress: OnProgress | None = None,
    **settings: object,
) -> Repair:
    r"""Repair a program that fails its tests.

    Nothing is written; the answer has the patched ``text`` and the ``diff``.

    Parameters
    ----------
    path_or_source
        A file, or the text of a module. A string of one line that ends with ``.py`` is a file.
    tests
        A ``.json``, ``.jsonl`` or pytest file, or records ``{"args": [...], "expected": ...}``;
        by default the examples in the module's docstrings.
    function
        What records call; by default the only function there is.
    on_progress
        Called with (executions, least tests energy) now and then.
    **settings
        The fields of :class:`latent_ebm.coding.options.RepairSettings`: ``strategy``,
        ``time_limit``, ``seed``, ``all``, ``types``, ``isolation``, ``workers``, ``terms``.

    Returns
    -------
    Repair
        ``SOLVED`` only if the patched program passes every test in a sandbox started for that,
        or if no test failed in the first place.

    Raises
    ------
    ValueError
        For a file that cannot be read or parsed, with line and column; for tests that cannot be
        read; for unknown settings.
    IsolationError
        If the machine allows no sandbox.

    Examples
    --------
    >>> import latent_ebm
    >>> answer = latent_ebm.repair(
    ...     "def largest(items):\n    return min(items)\n",
    ...     tests=[{"args": [[1, 5, 2]], "expected": 5}, {"args": [[4, 3]], "expected": 4}],
    ... )
    >>> print(answer.text)
    def largest(items):
        return max(items)
    <BLANKLINE>
    """
    chosen = RepairSettings.of(**settings)
    return repair_program(CodeProblem.of(path_or_source, tests, function), chosen, on_progress)
