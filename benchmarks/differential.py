"""Random small models of every kind of factor: brute force, exact engines and dynamics.

    python benchmarks/differential.py --count 10000

Prints every disagreement (the seed names the model again) and exits 1 if there was one.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests" / "shared"))


def main() -> int:
    from agreement import disagreements

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=10_000, help="how many models")
    parser.add_argument("--first", type=int, default=0, help="seed of the first")
    options = parser.parse_args()
    begun, faults = time.perf_counter(), 0
    for seed in range(options.first, options.first + options.count):
        for fault in disagreements(seed):
            faults += 1
            print(fault, flush=True)
    seconds = time.perf_counter() - begun
    print(f"{options.count} models, {faults} disagreements, {seconds:.0f} s")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
