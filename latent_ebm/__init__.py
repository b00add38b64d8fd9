"""latent-ebm: a continuous-latent, energy-based constraint solver.

Constraints are energies; a complete candidate lives in a continuous latent and is edited in
place by descent, all constraints at once, until an exact check accepts what it decodes to.

>>> import latent_ebm
>>> solution = latent_ebm.solve("1... ..3. .4.. ...2")
>>> solution.status.label
'solved'
"""

from __future__ import annotations

import importlib
import sys
from typing import TYPE_CHECKING, Any

from latent_ebm.version import __version__

if TYPE_CHECKING:
    from latent_ebm.api import read, solve
    from latent_ebm.coding.api import fill, repair
    from latent_ebm.coding.result import Repair
    from latent_ebm.dynamics.gradient_flow import GradientFlow
    from latent_ebm.dynamics.pair_multipliers import PairMultipliers
    from latent_ebm.dynamics.splitting import Splitting
    from latent_ebm.energies.coupling import Rule
    from latent_ebm.energies.domain import HardDomain, SoftDomain
    from latent_ebm.energies.landscape import Landscape
    from latent_ebm.energies.space import Space
    from latent_ebm.puzzles.code.problem import CodeProblem
    from latent_ebm.puzzles.problem import BadPuzzle, Problem
    from latent_ebm.puzzles.sudoku import Sudoku
    from latent_ebm.solution import Solution, Status
    from latent_ebm.solving import Settings
    from latent_ebm.stream import solve_stream

_HOMES = {
    "BadPuzzle": "latent_ebm.puzzles.problem",
    "CodeProblem": "latent_ebm.puzzles.code.problem",
    "GradientFlow": "latent_ebm.dynamics.gradient_flow",
    "HardDomain": "latent_ebm.energies.domain",
    "Landscape": "latent_ebm.energies.landscape",
    "PairMultipliers": "latent_ebm.dynamics.pair_multipliers",
    "Problem": "latent_ebm.puzzles.problem",
    "Repair": "latent_ebm.coding.result",
    "Rule": "latent_ebm.energies.coupling",
    "Settings": "latent_ebm.solving",
    "SoftDomain": "latent_ebm.energies.domain",
    "Solution": "latent_ebm.solution",
    "Space": "latent_ebm.energies.space",
    "Splitting": "latent_ebm.dynamics.splitting",
    "Status": "latent_ebm.solution",
    "Sudoku": "latent_ebm.puzzles.sudoku",
    "fill": "latent_ebm.coding.api",
    "read": "latent_ebm.api",
    "repair": "latent_ebm.coding.api",
    "solve": "latent_ebm.api",
    "solve_stream": "latent_ebm.stream",
}

__all__ = [
    "BadPuzzle",
    "CodeProblem",
    "GradientFlow",
    "HardDomain",
    "Landscape",
    "PairMultipliers",
    "Problem",
    "Repair",
    "Rule",
    "Settings",
    "SoftDomain",
    "Solution",
    "Space",
    "Splitting",
    "Status",
    "Sudoku",
    "__version__",
    "fill",
    "read",
    "repair",
    "solve",
    "solve_stream",
]


def __getattr__(name: str) -> Any:
    # imported on first use, so that the lower folders can be imported without the solver and
    # the command line answers at once
    if name in _HOMES:
        return getattr(importlib.import_module(_HOMES[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)


if "cpmpy" in sys.modules:
    # whoever models in CPMpy finds solver="latent_ebm"; docs/modelling.md has the other order
    from latent_ebm.modelling.registration import register_cpmpy

    register_cpmpy()
