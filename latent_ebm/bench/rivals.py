"""The other solvers on problems of any kind, each in a process that can be stopped.

A peer answers with values [N], with "infeasible", or not at all; building its model is part of
its time. To add one: a function here and a line in ``RIVALS``.
"""

from __future__ import annotations

import importlib
import multiprocessing
import re
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from latent_ebm.bench.peers import MissingPeerError
from latent_ebm.puzzles.problem import Problem

INFEASIBLE = "infeasible"

Answer = NDArray[np.integer] | str | None

_GRACE = 5.0
"""Seconds that a peer may take beyond its limit before its process is ended."""


def cpsat(problem: Problem, time_limit: float, workers: int) -> Answer:
    """OR-Tools CP-SAT on ``workers`` workers."""
    from ortools.sat.python import cp_model

    model = cp_model.CpModel()
    variables = model_of(problem.kind, "cpsat").cpsat(problem, model)
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = workers
    solver.parameters.max_time_in_seconds = time_limit
    status = solver.solve(model)
    if status == cp_model.INFEASIBLE:
        return INFEASIBLE
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return None
    return np.array([solver.value(variable) for variable in variables])


def cadical(problem: Problem, time_limit: float, workers: int) -> Answer:  # noqa: ARG001
    """CaDiCaL 1.5.3 through PySAT; it has one thread, and stops only with its process."""
    from pysat.solvers import Cadical153

    encoding = model_of(problem.kind, "cadical").clauses(problem)
    with Cadical153(bootstrap_with=encoding.clauses) as solver:
        if not solver.solve():
            return INFEASIBLE
        true = np.zeros(encoding.used, np.bool_)
        model = np.array(solver.get_model())
        model = model[np.abs(model) <= encoding.used]
        true[np.abs(model) - 1] = model > 0
    return np.asarray(encoding.values(true))


def z3(problem: Problem, time_limit: float, workers: int) -> Answer:
    """Z3: the kind's own model of integers, else its clauses."""
    import z3 as z3_

    z3_.set_param("parallel.enable", workers > 1)
    z3_.set_param("parallel.threads.max", workers)
    models = model_of(problem.kind, "z3")
    own = hasattr(models, "z3")
    solver = z3_.Solver() if own else z3_.SolverFor("QF_FD")
    solver.set("timeout", max(1, int(time_limit * 1e3)))
    if own:
        variables = models.z3(problem, solver)
    else:
        encoding = models.clauses(problem)
        solver.from_string(encoding.dimacs())
    verdict = solver.check()
    if verdict != z3_.sat:
        return INFEASIBLE if verdict == z3_.unsat else None
    model = solver.model()
    if own:
        return np.array([model.eval(v, model_completion=True).as_long() for v in variables])
    true = np.zeros(encoding.used, np.bool_)
    # one string is read much faster than as many values are asked for
    for number in re.findall(r"define-fun k!(\d+) \(\) Bool\s+true", model.sexpr()):
        true[int(number) - 1] = True
    return np.asarray(encoding.values(true))


RIVALS: dict[str, tuple[Callable[[Problem, float, int], Answer], str, str]] = {
    "cpsat": (cpsat, "ortools.sat.python.cp_model", "pip install 'latent-ebm[peers]'"),
    "cadical": (cadical, "pysat.solvers", "pip install 'latent-ebm[peers]'"),
    "z3": (z3, "z3", "pip install 'latent-ebm[z3]'"),
}
"""Name -> how it solves, the module it needs, and how to get that."""


def choose_rivals(names: str, kind: str) -> list[str]:
    """The peers of a comma-separated list that have a model of the kind; all must be installed.

    >>> choose_rivals("cpsat, cadical", "latin")
    ['cpsat', 'cadical']
    """
    chosen = list(dict.fromkeys(filter(None, (name.strip() for name in names.split(",")))))
    for name in chosen:
        if name not in RIVALS:
            raise ValueError(f"no peer {name!r}; choose from {', '.join(RIVALS)}")
        _, module, remedy = RIVALS[name]
        try:
            importlib.import_module(module)
        except ImportError as error:
            raise MissingPeerError(
                f"the peer {name} needs {module.partition('.')[0]}, which is not installed; "
                f"{remedy}, or choose other --peers"
            ) from error
    able = [name for name in chosen if model_of(kind, name) is not None]
    for name in set(chosen) - set(able):
        sys.stderr.write(f"latent-ebm: the peer {name} has no model of kind {kind}: left out\n")
    return able


def model_of(kind: str, peer: str) -> Any:
    """The module with the kind's models; None if it has none for the peer."""
    needs = {"cpsat": ("cpsat",), "cadical": ("clauses",), "z3": ("z3", "clauses")}[peer]
    name = f"latent_ebm.bench.models.{kind.replace('-', '_')}"
    try:
        models = importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name != name:
            raise
        models = None
    return models if any(hasattr(models, need) for need in needs) else None


@dataclass(frozen=True)
class Timed:
    """A peer's answer and the seconds it took, model building included."""

    answer: Answer
    seconds: float


class Rival:
    """A peer in a process of its own, started anew after one that had to be ended."""

    def __init__(self, name: str, time_limit: float, workers: int) -> None:
        self.name, self.time_limit, self.workers = name, time_limit, workers
        self._process: Any = None
        self._pipe: Any = None

    def solve(self, problem: Problem) -> Timed:
        """One problem; its answer is as the peer gave it, unchecked."""
        if self._process is None:
            self._start()
        self._pipe.send((self.name, _bare(problem), self.time_limit, self.workers))
        if self._pipe.poll(self.time_limit + _GRACE):
            answer, seconds = self._pipe.recv()
            if isinstance(answer, Exception):
                self.close()
                raise answer
            # a peer that cannot be stopped may come too late
            return Timed(answer if seconds <= self.time_limit + _GRACE else None, seconds)
        self.close()
        return Timed(None, self.time_limit)

    def close(self) -> None:
        """End the process."""
        if self._process is not None:
            self._process.kill()
            self._process.join()
            self._pipe.close()
            self._process = None

    def _start(self) -> None:
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(theirs, self.name), daemon=True)
        self._process.start()
        theirs.close()
        self._pipe.recv()  # it has loaded what it needs


def _bare(problem: Any) -> Any:
    """The problem without what it has computed so far."""
    return replace(problem, expected=None)


def _serve(pipe: Any, name: str) -> None:
    importlib.import_module(RIVALS[name][1])
    pipe.send("ready")
    while True:
        try:
            name, problem, time_limit, workers = pipe.recv()
        except EOFError:
            return
        begun = time.perf_counter()
        try:
            answer: Answer | Exception = RIVALS[name][0](problem, time_limit, workers)
        except Exception as error:  # whatever it is, the caller must hear of it
            answer = RuntimeError(f"{name} failed on {problem.source}: {error}")
        pipe.send((answer, time.perf_counter() - begun))
