"""Executions a second of one worker: whole programs, and fillings of one program.

    PYTHONPATH=. python benchmarks/execution.py [--isolation landlock] [--count 20000] [--repeat 3]

The functions are made here: 5 to 20 lines, 8 test cases each. Programs differ in one expression, so
that every one is compiled; its value is one of 50, as the outputs of a search's candidates repeat,
or a new one each time ("new outputs"), so that every output is graded. The worker's CPU
time (its start included) is given beside the clock's, which other work on the machine disturbs;
bubblewrap does not tell it.
"""

from __future__ import annotations

import argparse
import math
import os
import statistics
import time

from latent_ebm.puzzles.code.execution.executor import Executor
from latent_ebm.puzzles.code.execution.outcomes import Job
from latent_ebm.puzzles.code.testing.cases import Case, Suite

FUNCTIONS = {
    "clamp, 5 lines": (
        "def f(items, low):\n"
        "    total = {constant}\n"
        "    for item in items:\n"
        "        total += max(item, low)\n"
        "    return total\n"
    ),
    "search, 11 lines": (
        "def f(items, low):\n"
        "    left, right = 0, len(items)\n"
        "    while left < right:\n"
        "        middle = (left + right) // 2\n"
        "        if items[middle] == low:\n"
        "            return middle + {constant}\n"
        "        if items[middle] < low:\n"
        "            left = middle + 1\n"
        "        else:\n"
        "            right = middle\n"
        "    return -1\n"
    ),
    "runs, 20 lines": (
        "def f(items, low):\n"
        "    runs = []\n"
        "    current = []\n"
        "    for item in items:\n"
        "        if item < low:\n"
        "            if current:\n"
        "                runs.append(current)\n"
        "            current = []\n"
        "            continue\n"
        "        if current and current[-1] > item:\n"
        "            runs.append(current)\n"
        "            current = [item]\n"
        "        else:\n"
        "            current.append(item + {constant})\n"
        "    if current:\n"
        "        runs.append(current)\n"
        "    longest = max((len(run) for run in runs), default=0)\n"
        "    best = [run for run in runs if len(run) == longest]\n"
        "    total = sum(sum(run) for run in best)\n"
        "    return [longest, len(best), total]\n"
    ),
}
INPUTS = tuple((tuple((7 * i + 3 * j) % 11 for j in range(i + 2)), i % 5) for i in range(8))


def suite_for(program: str) -> Suite:
    namespace: dict = {}
    exec(program.replace("{constant}", "0"), namespace)
    cases = [
        Case(f"case {i}", (list(items), low), expected=namespace["f"](list(items), low))
        for i, (items, low) in enumerate(INPUTS)
    ]
    return Suite("f", tuple(cases))


def jobs_for(text: str, count: int) -> dict[str, list[Job]]:
    """Jobs of each kind, of `count` executions (fewer where each needs a process)."""
    holed = text.replace("{constant}", "__hole_0__(low)")
    lambdas = [f"lambda low: low + {i} - {i - i % 50}" for i in range(count)]
    whole = [text.replace("{constant}", f"({i} - {i - i % 50})") for i in range(count)]
    new = [text.replace("{constant}", str(i)) for i in range(50, count)]
    return {
        "whole programs": [Job(program) for program in whole],
        "stopping early": [Job(program, stop_early=True) for program in whole],
        "new outputs": [Job(program) for program in new],
        "fillings": [
            Job(holed, tuple((source,) for source in lambdas[i : i + 100]))
            for i in range(0, count, 100)
        ],
        "forked": [Job("import os\nos.getpid()\n" + program) for program in whole[: count // 50]],
    }


def measured(suite: Suite, jobs: list[Job], isolation: str) -> tuple[float, float]:
    """Executions a second of the clock, and of the worker's own CPU time, with one worker."""
    before = os.times()
    with Executor(suite, workers=1, isolation=isolation) as executor:
        executor.run(jobs[:1])
        start = time.perf_counter()
        executor.run(jobs[1:])
        seconds = time.perf_counter() - start
        count = executor.executions - len(jobs[0].fillings)
    after = os.times()
    cpu = after.children_user + after.children_system
    cpu -= before.children_user + before.children_system
    return count / seconds, count / cpu if cpu > 0.05 else math.nan


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--isolation", default="landlock")
    parser.add_argument("--count", type=int, default=20_000)
    parser.add_argument("--repeat", type=int, default=3)
    options = parser.parse_args()
    print(f"{'function':<18} {'jobs':<15} {'a second':>10} {'a CPU second':>14}")
    for name, text in FUNCTIONS.items():
        suite = suite_for(text)
        for kind, jobs in jobs_for(text, options.count).items():
            found = [measured(suite, jobs, options.isolation) for _ in range(options.repeat)]
            clock, cpu = (statistics.median(values) for values in zip(*found, strict=True))
            print(f"{name:<18} {kind:<15} {clock:10.0f} {cpu:14.0f}")
    starts = []
    for _ in range(options.repeat):
        start = time.perf_counter()
        with Executor(suite, workers=1, isolation=options.isolation) as executor:
            executor.run([Job(text)])
            starts.append(time.perf_counter() - start)
    print(f"{executor.isolation}: a first answer after {1000 * statistics.median(starts):.0f} ms")


if __name__ == "__main__":
    main()
