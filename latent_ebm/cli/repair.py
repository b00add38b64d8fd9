"""``latent-ebm repair``: a failing program in, a verified patch out."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from latent_ebm.cli.options import Exit
from latent_ebm.coding.filling import fill_problem
from latent_ebm.coding.options import RepairSettings
from latent_ebm.coding.repairing import repair_program
from latent_ebm.coding.result import Energies, Patch, Repair
from latent_ebm.puzzles.code.execution.isolation.backends import IsolationError
from latent_ebm.puzzles.code.execution.pool import WorkerError
from latent_ebm.puzzles.code.patches import check_writable, write_atomically
from latent_ebm.puzzles.code.problem import CodeProblem
from latent_ebm.puzzles.code.source import Source

REFRESH = 0.2
"""Seconds between two states of the progress line."""


@dataclass(frozen=True)
class Request:
    """What the command line asked for, besides how to repair."""

    file: Path
    tests: Path | None
    function: str | None
    write: bool
    as_json: bool
    prove: str | None = None
    fill: bool = False


def run_repair(request: Request, settings: RepairSettings) -> Exit:
    """Repair or fill, show, and write if asked."""
    try:
        return _run(request, settings)
    except KeyboardInterrupt:
        sys.stderr.write("latent-ebm: interrupted before anything was found\n")
        return Exit.INTERRUPTED
    except (IsolationError, WorkerError) as error:
        raise ValueError(str(error)) from error


def _run(request: Request, settings: RepairSettings) -> Exit:
    if settings.types:
        from latent_ebm.coding.type_checking import require_type_checker

        require_type_checker()
    problem = CodeProblem.of(request.file, request.tests, request.function)
    if request.write:
        check_writable(request.file)  # before all the work
    proof = None
    if request.prove is not None:
        from latent_ebm.coding.proving import Claim

        # what cannot be translated is refused before any work
        proof = Claim.of(problem.suite.function or request.function, request.prove)
        proof.check(problem.original.text, str(request.file))
    with _progress() as show:
        search = fill_problem if request.fill else repair_program
        answer = search(problem, settings, show)
    shown = answer.as_json()
    verdict = None
    if proof is not None and answer.solved:
        verdict = proof.check(answer.text, str(request.file))
        shown["proof"] = verdict.as_json()
    if request.write and answer.patches:
        shown["written"], shown["backup"] = str(request.file), str(_written(answer, request.file))
    if request.as_json:
        sys.stdout.write(json.dumps(shown) + "\n")
    else:
        sys.stdout.write(_report(answer, sys.stdout.isatty()))
        if verdict is not None:
            sys.stdout.write(f"{verdict}\n")
        if "backup" in shown:
            sys.stdout.write(f"written; the file as it was is {shown['backup']}\n")
    if answer.solved:
        return Exit.SOLVED if verdict is None or verdict.holds else Exit.UNKNOWN
    return Exit.INTERRUPTED if answer.interrupted else Exit.UNKNOWN


def _written(answer: Repair, path: Path) -> Path:
    """Write the best patch; the backup's path."""
    before = answer.problem.original
    after = Source(answer.text, str(path), before.encoding, before.bom)
    return write_atomically(path, after, before)


def _of_closest(answer: Repair) -> str:
    if answer.undecided:
        names = _listed(answer.undecided)
        return f"NOT verified, but passes all tests save {names}, which did not end in time:"
    if not answer.violations:
        return (
            "NOT a patch: it passes all tests, but with it the type checker finds more errors "
            "(--types), or it does not pass every time:"
        )
    return "the closest candidate, which does NOT pass all tests:"


def _report(answer: Repair, color: bool) -> str:
    """What a person should see."""
    if answer.solved and not answer.patches:
        count = len(answer.problem.suite)
        return f"{answer.problem.source}: no failing test among {count}; nothing to repair\n"
    lines: list[str] = []
    if not answer.patches:
        if answer.closest is not None:
            lines += [_of_closest(answer), ""]
            lines.append(_colored(answer.closest.diff, color))
        lines.append(answer.status.value)
        lines.append(_energy_lines(answer.before, answer.after))
        if answer.violations:
            lines.append(f"failing still: {_listed(answer.violations)}")
        if answer.error:
            lines.append(f"the program as given: {answer.error}")
    for number, patch in enumerate(answer.patches, 1):
        if len(answer.patches) > 1:
            lines.append(f"patch {number} of {len(answer.patches)}{_weight(patch)}")
        lines.append(_colored(patch.diff, color))
    if answer.patches:
        lines.append(_energy_lines(answer.before, answer.after))
        lines.append(f"now passing: {_listed(answer.fixed)}")
    if answer.difference is not None:
        told = answer.difference
        lines += [
            "warning: the tests do not determine the patch. Another one also passes them all:",
            _colored(told.rival.diff, color),
            f"  {told.call}",
            f"    {_outcome(told.chosen)} with the patch chosen",
            f"    {_outcome(told.other)} with the other one",
            "add a test for it to decide",
        ]
    lines.append(_spent(answer))
    return "\n".join(lines) + "\n"


def _outcome(text: str) -> str:
    """What a call comes to: "gives 3", "raises KeyError", "does not end"."""
    return text if text.startswith(("raises ", "does not end", "ends its ")) else f"gives {text}"


def _weight(patch: Patch) -> str:
    return f", {patch.mass:.0%} of the posterior behaves so"


def _spent(answer: Repair) -> str:
    first = f"found after {answer.patches[0].executions}, " if answer.patches else ""
    stopped = ", interrupted" if answer.interrupted else ""
    return (
        f"{answer.steps} executions ({first}{answer.engine}), {answer.seconds:.2f} s, "
        f"sandbox: {answer.backend}{stopped}"
    )


def _energy_lines(before: Energies, after: Energies) -> str:
    lines = [f"{'energy':10}{'before':>10}{'after':>10}"]
    for name, old in before.as_json().items():
        lines.append(f"{name:10}{old:>10.3f}{after.as_json()[name]:>10.3f}")
    return "\n".join(lines)


def _listed(names: tuple[str, ...], most: int = 12) -> str:
    rest = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + rest


_COLORS = {"+": "\x1b[32m", "-": "\x1b[31m", "@": "\x1b[36m"}


def _colored(diff: str, color: bool) -> str:
    """A diff for a terminal."""
    lines = diff.replace("\r", "").rstrip("\n").split("\n")
    if not color:
        return "\n".join(lines)
    return "\n".join(
        f"{_COLORS[line[0]]}{line}\x1b[0m" if line[:1] in _COLORS else line for line in lines
    )


@contextmanager
def _progress() -> Iterator[Callable[[int, float], None]]:
    """A line on standard error, where that is a terminal: executions a second, least energy."""
    if not sys.stderr.isatty():
        yield lambda _executions, _energy: None
        return
    begun = last = time.monotonic()

    def show(executions: int, energy: float) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last >= REFRESH:
            last = now
            rate = executions / max(now - begun, 1e-3)
            sys.stderr.write(
                f"\r\x1b[Klatent-ebm: {executions} executions, {rate:.0f} a second, "
                f"best tests energy {energy:.4f}"
            )
            sys.stderr.flush()

    try:
        yield show
    finally:
        sys.stderr.write("\r\x1b[K")
