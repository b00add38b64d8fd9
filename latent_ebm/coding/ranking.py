"""Which of the patches that pass is meant: the posterior mass of what each of them does.

On inputs x like the tests' own, patch p with energy E_p gives y_p(x). With weights
w_p proportional to exp(-E_p), the mass of what p does is

    m_p = mean over x of  sum of w_q over all q with y_q(x) = y_p(x)

and the patches are ordered by E_p - log m_p + what speaks against crashes that others do not have,
and against what is not usually written where it stands (``grammar/habits.py``).
Many small different errors share no mass; the right patch is often found in several forms.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, log

from latent_ebm.coding.candidate import Candidate
from latent_ebm.coding.inputs import inputs_like
from latent_ebm.puzzles.code.execution.executor import Executor
from latent_ebm.puzzles.code.grammar.habits import habits
from latent_ebm.puzzles.code.problem import CodeProblem, functions_in
from latent_ebm.puzzles.code.testing.literal_calls import with_literal_calls

__all__ = ["Place", "Ranking", "ranked"]

MOST = 15
"""Patches that are compared, the cheapest."""

INPUTS = 48
"""That they are compared on."""

CRASH = 3.0
"""Nats for failing on every input on which the others do not."""

HABIT = 0.4
"""Nats for each nat by which a repair is less usual where it stands."""

AGREEMENT = 1.0
"""Nats for each nat of -log mass."""


@dataclass(frozen=True)
class Place:
    """One patch among those that pass.

    Attributes
    ----------
    candidate
        The patch.
    executions
        After how many it was found.
    mass
        Of what it does.
    given
        What it gives for each input.
    """

    candidate: Candidate
    executions: int
    mass: float = 1.0
    given: tuple[str, ...] = ()


@dataclass(frozen=True)
class Ranking:
    """The patches, the one that is meant first, and the calls that were compared."""

    places: tuple[Place, ...]
    calls: tuple[str, ...] = ()

    @classmethod
    def by_energy(cls, survivors: Sequence[tuple[Candidate, int]]) -> Ranking:
        """By their own energy alone."""
        order = sorted(survivors, key=lambda found: found[0].energy)
        return cls(tuple(Place(candidate, count) for candidate, count in order))

    def difference(self, chosen: Place) -> tuple[str, str, str, Place] | None:
        """The shortest call for which the best patch that differs gives another result."""
        for rival in self.places:
            pairs = zip(self.calls, chosen.given, rival.given, strict=False)
            told = [(call, ours, theirs) for call, ours, theirs in pairs if ours != theirs]
            # one that merely fails where the other does not says less
            told.sort(key=lambda one: (_fails(one[1]) or _fails(one[2]), len(one[0])))
            if told:
                return (*told[0], rival)
        return None


def ranked(
    problem: CodeProblem, executor: Executor, survivors: Sequence[tuple[Candidate, int]], seed: int
) -> Ranking:
    """The patches in order; one that is not compared follows those that are."""
    plain = Ranking.by_energy(survivors)
    if len(plain.places) < 2:
        return plain
    suite = with_literal_calls(problem.suite, functions_in(problem.original.tree))
    inputs = [] if suite is None else inputs_like(suite, INPUTS, seed)
    if suite is None or suite.function is None or not inputs:
        return _by_habit(plain, problem)
    few, others = plain.places[:MOST], plain.places[MOST:]
    path = suite.function
    seen = [tuple(executor.observe(place.candidate.text, inputs, path)) for place in few]
    energies = [place.candidate.energy for place in few]
    usual = [_usual(place.candidate, problem) for place in few]
    masses, failures = mass_of(energies, seen)
    order = sorted(
        range(len(few)),
        key=lambda i: energies[i] - AGREEMENT * log(masses[i]) + CRASH * failures[i] + usual[i],
    )
    places = [Place(few[i].candidate, few[i].executions, masses[i], seen[i]) for i in order]
    function = path.rpartition(".")[2]
    calls = tuple(f"{function}({', '.join(map(repr, args))})" for args in inputs)
    return Ranking((*places, *others), calls)


def _by_habit(plain: Ranking, problem: CodeProblem) -> Ranking:
    """Patches that cannot be compared by what they do, by energy and how usual they are."""
    few, others = plain.places[:MOST], plain.places[MOST:]
    weighed = [(one.candidate.energy + _usual(one.candidate, problem), one) for one in few]
    return Ranking((*(one for _, one in sorted(weighed, key=lambda pair: pair[0])), *others))


def _usual(candidate: Candidate, problem: CodeProblem) -> float:
    """How much less usual a repair makes the program; what fills holes pays for that already."""
    if any(edit.kind == "fill" for edit in candidate.edits):
        return 0.0
    return HABIT * max(habits(candidate.text) - habits(problem.text), 0.0)


def mass_of(
    energies: Sequence[float], seen: Sequence[Sequence[str]]
) -> tuple[list[float], list[float]]:
    """The mass of what each does, and the share of inputs on which it fails though most do not.

    >>> masses, failures = mass_of([1.0, 1.0, 1.0], [["1"], ["1"], ["raises KeyError"]])
    >>> [round(mass, 2) for mass in masses], failures
    ([0.67, 0.67, 0.33], [0.0, 0.0, 1.0])
    """
    least = min(energies)
    weights = [exp(least - energy) for energy in energies]
    total, count = sum(weights), len(seen[0])
    masses, failures = [0.0] * len(seen), [0.0] * len(seen)
    for x in range(count):
        by_output: Counter[str] = Counter()
        for weight, outputs in zip(weights, seen, strict=True):
            by_output[outputs[x]] += weight / total  # type: ignore[assignment]
        failing = sum(mass for output, mass in by_output.items() if _fails(output))
        for i, outputs in enumerate(seen):
            masses[i] += by_output[outputs[x]] / count
            if _fails(outputs[x]) and failing < 0.5:
                failures[i] += 1 / count
    return masses, failures


def _fails(output: str) -> bool:
    return output.startswith("raises ") or output in ("does not end", "ends its process")
