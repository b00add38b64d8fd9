"""Executions a second and core: whole programs, and fillings of one program.

    PYTHONPATH=. python benchmarks/execution.py [--isolation auto] [--count 4000] [--workers 1]

The functions are made here: 5 to 20 lines, 8 test cases each; programs differ in one constant,
so that every one is compiled. A line also says how long a worker takes to start.
"""

from __future__ import annotations

import argparse
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


def rate(executor: Executor, jobs: list[Job], executions: int) -> float:
    """The median of three runs; the programs of a run were never seen before."""
    share = len(jobs) // 3
    rates = []
    for part in (jobs[:share], jobs[share : 2 * share], jobs[2 * share :]):
        start = time.perf_counter()
        executor.run(part)
        rates.append(executions / 3 / (time.perf_counter() - start))
    return statistics.median(rates)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--isolation", default="auto")
    parser.add_argument("--count", type=int, default=6000)
    parser.add_argument("--workers", type=int, default=1)
    options = parser.parse_args()
    count, workers = options.count, options.workers
    print(f"{'function':<18} {'kind':<22} {'executions/s/core':>18}")
    for name, text in FUNCTIONS.items():
        suite = suite_for(text)
        start = time.perf_counter()
        with Executor(suite, workers=workers, isolation=options.isolation) as executor:
            executor.run([Job(text.replace("{constant}", "0"))])
            started = time.perf_counter() - start
            plain = [Job(text.replace("{constant}", str(i))) for i in range(count)]
            print(
                f"{name:<18} {'whole programs':<22} {rate(executor, plain, count) / workers:18.0f}"
            )
            early = [
                Job(text.replace("{constant}", str(i)), stop_early=True)
                for i in range(count, 2 * count)
            ]
            print(
                f"{name:<18} {'stopping early':<22} {rate(executor, early, count) / workers:18.0f}"
            )
            holed = text.replace("{constant}", "__hole_0__(low)")
            fillings = [
                Job(holed, tuple((f"lambda low: low + {j}",) for j in range(i, i + 100)))
                for i in range(0, count, 100)
            ]
            print(f"{name:<18} {'fillings':<22} {rate(executor, fillings, count) / workers:18.0f}")
            isolated = [
                Job("import os\nos.getpid()\n" + text.replace("{constant}", str(i)))
                for i in range(150)
            ]
            forked = rate(executor, isolated, 150) / workers
            print(f"{name:<18} {'forked (suspicious)':<22} {forked:18.0f}")
            print(f"{name:<18} {executor.isolation}, started in {1000 * started:.0f} ms")


if __name__ == "__main__":
    main()
