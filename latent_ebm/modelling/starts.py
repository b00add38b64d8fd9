"""What the user supposes: values to try first, and truths that hold for one call."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from cpmpy.expressions.core import Expression
from cpmpy.expressions.variables import _NumVarImpl

from latent_ebm.modelling.assembly import Assembly
from latent_ebm.modelling.problem import ModelProblem
from latent_ebm.modelling.search import IMPOSSIBLE, Search

HINT_SHARE = 0.1
"""Of the time limit, what an incomplete hint may cost before it is dropped."""

HINT_SECONDS = 1.0
"""The same where there is no limit."""


def assuming(problem: ModelProblem, truth: Expression) -> ModelProblem:
    """The problem in which a Boolean variable, or its negation, is true."""
    literal = problem.translation.scope.literal(truth)
    translation = problem.translation.extended(truth, lambda assembly: assembly.clause([literal]))
    return replace(problem, translation=translation, constraints=(*problem.constraints, truth))


def conflicting(search: Search, truths: list[Expression]) -> list[Expression]:
    """Some of the truths that cannot hold together, none of them to spare.

    Each is left out in turn; it stays if there is a solution, or no answer, without it.
    """
    core = list(truths)
    for truth in truths:
        fewer = search.problem
        rest = [other for other in core if other is not truth]
        for other in rest:
            fewer = assuming(fewer, other)
        if search.decide(fewer) in IMPOSSIBLE:
            core = rest
    return core


def try_hint(
    search: Search, hint: Mapping[_NumVarImpl, int | bool]
) -> dict[_NumVarImpl, int | bool] | None:
    """A solution with the hinted values, if one is found quickly.

    If the hint says all there is to say, looking is enough; else the problem with these values
    is solved within a tenth of the time limit.
    """
    problem = search.problem
    if any(not v.lb <= value <= v.ub for v, value in hint.items()):
        return None
    if hint.keys() >= set(problem.translation.user) and all(problem.truths(hint)):
        return dict(hint)
    translation = problem.translation
    literals = [translation.is_value(variable, value) for variable, value in hint.items()]

    def fix(assembly: Assembly) -> None:
        for literal in literals:
            assembly.clause([literal])

    hinted = [variable == value for variable, value in hint.items()]
    fixed = replace(
        problem,
        translation=translation.extended("hint", fix),
        constraints=(*problem.constraints, *hinted),
    )
    limit = search.settings.time_limit
    seconds = HINT_SECONDS if limit is None else HINT_SHARE * limit
    trial = Search(fixed, replace(search.settings, time_limit=seconds))
    trial.run(fixed)
    return trial.best
