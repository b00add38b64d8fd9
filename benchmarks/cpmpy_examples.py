"""Run CPMpy's own examples with latent_ebm as the solver, beside CPMpy's ortools.

    git clone https://github.com/CPMpy/cpmpy
    python benchmarks/cpmpy_examples.py cpmpy/examples --limit 10

Each example runs in a process of its own, once for each solver, as CPMpy's tests run them: with
the solver in the place of all others in CPMpy's list. (A solver's own class cannot be replaced.)
Prints a table: whether all answers agree (status, objective, number of solutions), the seconds of
all solves without those that kernels take to load, or why there is no answer. An example that never
solves, or that fails before it does (a missing file, a package), counts as ``not run``.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

OURS, THEIRS = "latent_ebm", "ortools"

GRACE = 20.0
"""Seconds that an example may take beyond the limit of each solve, for starting and translating."""

SOLVES = 20
"""Solves of one example that are compared; the process is ended after as many limits."""


@dataclass(frozen=True)
class Run:
    """What an example's solves answered: dictionaries in order; and its last line of error."""

    answers: list[dict]
    error: str


def child(solver: str, limit: float, example: str, log: str) -> None:
    """Run one example in this process, and write down what each solve answers."""
    import runpy

    from cpmpy.solvers.utils import SolverLookup

    from latent_ebm.loading import LOADING
    from latent_ebm.modelling import register_cpmpy

    register_cpmpy()
    known = dict(SolverLookup.base_solvers())
    solver_class = known[solver.partition(":")[0]]
    _, _, subsolver = solver.partition(":")

    def named(_cls, _name=None, model=None, **options):
        return solver_class(model, subsolver=subsolver or None, **options)

    SolverLookup.base_solvers = classmethod(lambda _: [(name, solver_class) for name in known])
    SolverLookup.get = classmethod(named)

    under_way = []

    def noted(method, counts):
        def solve(self, *args, **options):
            if under_way:  # ortools enumerates by solving
                return method(self, *args, **options)
            if not options.get("time_limit"):
                options["time_limit"] = limit
            under_way.append(self)
            begun, loaded = time.perf_counter(), LOADING.seconds
            answer = {"counts": counts}
            try:
                found = method(self, *args, **options)
                answer |= {
                    "status": self.status().exitstatus.name,
                    "value": int(found) if counts else _objective(self),
                }
            except Exception as error:
                answer |= {"status": type(error).__name__, "value": str(error)[:200]}
                raise
            finally:
                under_way.clear()
                loading = LOADING.seconds - loaded
                answer["seconds"] = time.perf_counter() - begun - loading
                with Path(log).open("a") as file:
                    file.write(json.dumps(answer) + "\n")
            return found

        return solve

    solver_class.solve = noted(solver_class.solve, counts=False)
    solver_class.solveAll = noted(solver_class.solveAll, counts=True)
    sys.argv = [example]
    sys.path.insert(0, str(Path(example).parent))
    runpy.run_path(example, run_name="__main__")


def _objective(solver) -> float | None:
    return solver.objective_value() if solver.has_objective() else None


def run(example: Path, solver: str, limit: float) -> Run:
    """Run one example in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "answers.jsonl"
        command = [sys.executable, __file__, "--child", solver, str(limit), str(example), str(log)]
        try:
            done = subprocess.run(
                command, capture_output=True, text=True, cwd=example.parent,
                timeout=limit * SOLVES + GRACE, check=False,
            )  # fmt: skip
            error = (done.stderr.strip().splitlines() or [""])[-1] if done.returncode else ""
        except subprocess.TimeoutExpired:
            error = "out of time"
        lines = log.read_text().splitlines() if log.exists() else []
        return Run([json.loads(line) for line in lines], error)


def verdict(ours: Run, theirs: Run) -> str:
    """What the table says of an example."""
    if not theirs.answers or not ours.answers:
        error = ours.error or theirs.error
        return f"not run: {error[:80]}" if error else "not run: solves nothing, or by class"
    for number, (a, b) in enumerate(zip(ours.answers, theirs.answers, strict=False), start=1):
        if a["status"] in ("NotSupportedError", "TransformationNotImplementedError"):
            return f"unsupported: {a['value'][:100]}"
        if (a["status"], a["value"]) != (b["status"], b["value"]):
            which = "" if len(ours.answers) == 1 else f" in solve {number}"
            return f"{a['status']} {_text(a)}, ortools {b['status']} {_text(b)}{which}"
    if ours.error and not theirs.error:
        return f"fails: {ours.error[:80]}"
    return "equal"


def _text(answer: dict) -> str:
    return "" if answer["value"] is None else str(answer["value"])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="of examples; those below it are run too")
    parser.add_argument("--limit", type=float, default=10.0, help="seconds for each solve")
    parser.add_argument("--strategy", default="hybrid", choices=("hybrid", "energy"))
    options = parser.parse_args()
    solvers = (f"{OURS}:{options.strategy}", THEIRS)
    equal = total = 0
    print("| example | answer | solves | seconds | ortools |\n|---|---|---|---|---|")
    for example in sorted(options.folder.rglob("*.py")):
        ours, theirs = (run(example.resolve(), name, options.limit) for name in solvers)
        said = verdict(ours, theirs)
        equal, total = equal + (said == "equal"), total + (not said.startswith("not run"))
        shared = min(len(ours.answers), len(theirs.answers))
        seconds = [sum(a["seconds"] for a in r.answers[:shared]) for r in (ours, theirs)]
        name = example.relative_to(options.folder)
        print(f"| {name} | {said} | {shared} | {seconds[0]:.2f} | {seconds[1]:.2f} |", flush=True)
    print(f"\n{equal} of {total} equal")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--child"]:
        _, _, name, seconds, path, log = sys.argv
        sys.path.pop(0)  # this folder has a module named as a solver that CPMpy looks for
        child(name, float(seconds), path, log)
    else:
        main()
