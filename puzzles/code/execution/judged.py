"""From the observations of an isolated program to its outcome, in the host."""

from __future__ import annotations

import marshal
from collections.abc import Sequence

from latent_ebm.puzzles.code.execution.observations import Kind, Observation
from latent_ebm.puzzles.code.execution.outcomes import WAITED, Outcome, Verdict
from latent_ebm.puzzles.code.execution.tally import Tally
from latent_ebm.puzzles.code.testing.cases import Case, Suite
from latent_ebm.puzzles.code.testing.distance import (
    CRASH_ENERGY,
    HOLE_ENERGY,
    TIMEOUT_ENERGY,
)
from latent_ebm.puzzles.code.testing.judging import exception_energy, value_energy

__all__ = ["judged", "lost"]

_ABOUT = (Kind.TICKS_USED, Kind.PROFILE)


def judged(
    suite: Suite,
    order: Sequence[int],
    observations: Sequence[Observation],
    timed_out: bool,
    stop_early: bool,
    waited: bool = False,
) -> Outcome:
    """The outcome of one execution; cases without an observation ended the process.

    Parameters
    ----------
    order
        The cases that were asked for.
    timed_out
        Whether the process was ended for its time.
    waited
        Whether it did nothing then.
    """
    tally = Tally(len(suite))
    by_case = {seen.case: seen for seen in observations if seen.kind not in _ABOUT}
    for index in order:
        seen = by_case.get(index)
        if seen is None:
            verdict = Verdict.TIMEOUT if timed_out else Verdict.CRASH
            energy = TIMEOUT_ENERGY if timed_out else CRASH_ENERGY
            piece = b"T" if timed_out else b"C"
            late = WAITED if waited else "more time than the limit allows"
            said = late if timed_out else "ends its process"
        else:
            verdict, energy, piece, said = _one(suite.cases[index], seen)
            if verdict is Verdict.HOLE and tally.hole < 0:
                tally.hole = int(seen.value)
        tally.error = tally.error or said
        tally.add(index, verdict, energy, piece)
        if verdict and stop_early:
            break
    verdicts, energies = bytes(tally.verdicts), tuple(tally.energies)
    return Outcome(verdicts, energies, tally.hole, tally.behaviour, tally.error)


def _one(case: object, seen: Observation) -> tuple[Verdict, float, bytes, str]:
    if seen.kind is Kind.VALUE and isinstance(case, Case):
        energy = value_energy(seen.value, case.expected, case.raises)
        return Verdict.WRONG if energy else Verdict.PASS, energy, marshal.dumps(seen.value, 2), ""
    if seen.kind is Kind.JUDGED:
        energy, text, trace = seen.value
        return Verdict.WRONG if energy else Verdict.PASS, energy, trace.encode(), text
    if seen.kind is Kind.RAISED:
        names, text = seen.value
        energy = exception_energy(names, case.raises if isinstance(case, Case) else "")
        piece = b"E" + (names[0] if names else "").encode("utf-8", "replace")
        return (
            Verdict.EXCEPTION if energy else Verdict.PASS,
            energy,
            piece,
            text if energy else "",
        )
    if seen.kind is Kind.HOLE:
        return Verdict.HOLE, HOLE_ENERGY, b"H%d" % seen.value, ""
    return Verdict.TIMEOUT, TIMEOUT_ENERGY, b"T", "more time or loop rounds than allowed"


def lost(suite: Suite, order: Sequence[int], timed_out: bool) -> Outcome:
    """The outcome of an execution that ended its worker before a case was finished."""
    return judged(suite, order, (), timed_out, False)
