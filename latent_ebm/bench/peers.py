"""The other solvers: each reads givens [N] and returns values [N], or None.

Model building is part of what a peer does, as presolve is part of what we do. To add one: a
class with ``start`` and ``solve``, and a line in PEERS.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from latent_ebm.puzzles.sudoku import Shape

Values = NDArray[np.integer]


class MissingPeerError(ValueError):
    """A peer's package is not installed."""


class Peer(Protocol):
    """Another solver."""

    def start(self, shape: Shape) -> None:
        """Whatever a user of that solver does once for many puzzles; not timed."""
        ...

    def solve(self, givens: NDArray[np.int8], time_limit: float) -> Values | None:
        """One puzzle, model building included; None if not solved in time."""
        ...


@dataclass
class CpSat:
    """OR-Tools CP-SAT: an all-different per row, column and box; one worker."""

    units: list[list[int]] = field(default_factory=list)
    side: int = 0

    def start(self, shape: Shape) -> None:
        """Nothing is kept between puzzles but the list of units."""
        _require("ortools.sat.python.cp_model", "cpsat", "ortools")
        self.units, self.side = shape.units.tolist(), shape.side

    def solve(self, givens: NDArray[np.int8], time_limit: float) -> Values | None:
        """Build, solve, read."""
        from ortools.sat.python import cp_model

        model = cp_model.CpModel()
        cells = [model.new_int_var(given or 1, given or self.side, "") for given in givens.tolist()]
        for unit in self.units:
            model.add_all_different([cells[i] for i in unit])
        solver = cp_model.CpSolver()
        solver.parameters.num_workers = 1
        solver.parameters.max_time_in_seconds = time_limit
        status = solver.solve(model)
        if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
            return None
        return np.array([solver.value(cell) - 1 for cell in cells])


@dataclass
class Cadical:
    """CaDiCaL 1.5.3 through PySAT, one literal per entry, pairwise at-most-one.

    With ``incremental`` one solver keeps the rules and what it learns, and each puzzle's clues
    are assumptions; otherwise each puzzle gets a fresh solver. CaDiCaL cannot be interrupted
    through PySAT; whoever calls it keeps the time limit, by killing the process.
    """

    incremental: bool
    clauses: list[list[int]] = field(default_factory=list)
    side: int = 0
    solver: Any = None

    def start(self, shape: Shape) -> None:
        """The clauses of the rules; the incremental form loads them once."""
        solvers = _require("pysat.solvers", "cadical", "python-sat")
        self.clauses, self.side = _clauses(shape), shape.side
        if self.incremental:
            self.solver = solvers.Cadical153(bootstrap_with=self.clauses)

    def solve(self, givens: NDArray[np.int8], time_limit: float) -> Values | None:  # noqa: ARG002
        """Assume the clues (or add them to a fresh solver), solve, read the model."""
        clues = [int(cell) * self.side + int(givens[cell]) for cell in np.flatnonzero(givens)]
        if self.incremental:
            return self._model(self.solver, clues)
        from pysat.solvers import Cadical153

        with Cadical153(bootstrap_with=self.clauses) as solver:
            return self._model(solver, clues)

    def _model(self, solver: Any, clues: list[int]) -> Values | None:
        if not solver.solve(assumptions=clues):
            return None
        entries = np.array(solver.get_model()) > 0
        return entries.reshape(-1, self.side).argmax(axis=1)


PEERS: dict[str, Any] = {
    "cpsat": CpSat,
    "cadical": lambda: Cadical(incremental=False),
    "cadical_incremental": lambda: Cadical(incremental=True),
}
"""Name -> how to make one."""


def choose(names: str) -> list[str]:
    """The peers of a comma-separated list; ``cadical`` stands for both of its forms.

    Examples
    --------
    >>> choose("cpsat,cadical")
    ['cpsat', 'cadical', 'cadical_incremental']
    >>> choose("")
    []
    """
    chosen: list[str] = []
    for name in filter(None, (part.strip() for part in names.split(","))):
        if name not in PEERS:
            raise ValueError(f"no peer {name!r}; choose from {', '.join(PEERS)}")
        chosen += ["cadical", "cadical_incremental"] if name == "cadical" else [name]
    return list(dict.fromkeys(chosen))


def _require(module: str, peer: str, package: str) -> Any:
    import importlib

    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise MissingPeerError(
            f"the peer {peer} needs {package}, which is not installed; "
            "pip install 'latent-ebm[peers]'"
        ) from error


def _clauses(shape: Shape) -> list[list[int]]:
    n = shape.side
    entry = np.arange(1, shape.cells * n + 1).reshape(shape.cells, n)
    groups = [*entry.tolist()]
    groups += [entry[unit, a].tolist() for unit in shape.units for a in range(n)]
    i, j = np.triu_indices(n, 1)
    pairs = [
        [-first, -second]
        for group in map(np.array, groups)
        for first, second in zip(group[i].tolist(), group[j].tolist(), strict=True)
    ]
    return [*groups, *pairs]
