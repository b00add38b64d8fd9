"""Whether a patch adds errors of a type checker: mypy on the program before and after."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections import Counter
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

from latent_ebm.puzzles.code.problem import CodeProblem

__all__ = [
    "MissingTypeCheckerError",
    "TypeCheckerError",
    "adds_errors",
    "require_type_checker",
    "type_errors",
]

SECONDS = 120
"""For one run of mypy."""


class MissingTypeCheckerError(ValueError):
    """mypy is not installed."""


class TypeCheckerError(ValueError):
    """mypy did not come to its end; carries what it said."""


def require_type_checker() -> None:
    """Look that there is mypy.

    Raises
    ------
    MissingTypeCheckerError
        If there is not.
    """
    if find_spec("mypy") is None:
        raise MissingTypeCheckerError(
            "types need mypy, which is not installed; pip install 'latent-ebm[types]'"
        )


def adds_errors(problem: CodeProblem, text: str) -> bool:
    """Whether mypy finds an error in a changed text that it does not find in the program as given.

    Errors are compared by message, not by line, as lines move.
    """
    project = problem.project
    before = type_errors(problem.original.text, project)
    return bool(type_errors(text, project) - before)


@lru_cache(maxsize=64)
def type_errors(text: str, project: Path | None) -> Counter[str]:
    """The messages of mypy's errors in a module's text, with how often each comes.

    Raises
    ------
    MissingTypeCheckerError
        If mypy is not installed.
    TypeCheckerError
        If mypy does not come to its end.
    """
    require_type_checker()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "program_under_repair.py"
        path.write_bytes(text.encode())
        command = [sys.executable, "-m", "mypy", "--no-error-summary", "--hide-error-context"]
        command += ["--no-color-output", "--check-untyped-defs", "--follow-imports", "silent"]
        command += ["--config-file", "", "--cache-dir", str(Path(folder) / "cache"), str(path)]
        try:
            found = subprocess.run(  # noqa: S603 - no shell, and our own interpreter
                command,
                capture_output=True,
                text=True,
                timeout=SECONDS,
                check=False,
                cwd=project or folder,
            )
        except subprocess.TimeoutExpired as error:
            raise TypeCheckerError(f"mypy took more than {SECONDS} s") from error
    if found.returncode not in (0, 1):
        said = (found.stderr or found.stdout).strip()[-300:]
        raise TypeCheckerError(f"mypy ended with {found.returncode}: {said}")
    lines = (line.partition(": error: ") for line in found.stdout.splitlines())
    return Counter(message for _, error, message in lines if error)
