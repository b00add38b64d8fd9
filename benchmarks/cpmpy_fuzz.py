"""Compare the landscapes of random CPMpy models with CPMpy's own evaluation.

python benchmarks/cpmpy_fuzz.py FIRST_SEED LAST_SEED
"""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

import cpmpy as cp

sys.path.insert(0, str(Path(__file__).parent.parent / "tests" / "shared"))

from enumeration import by_cpmpy, by_landscape
from expressions import Maker


def outcome(seed: int) -> str:
    maker = Maker(seed)
    try:
        count = int(maker.random.integers(1, 4))
        model = cp.Model([maker.truth(int(maker.random.integers(0, 4))) for _ in range(count)])
        wanted = by_cpmpy(model)
    except (TypeError, cp.exceptions.TypeError, ZeroDivisionError):
        return "refused by CPMpy itself"
    found = by_landscape(model)
    if found == wanted:
        return "equal"
    print(f"seed {seed}: {model}\n  only CPMpy: {wanted - found}, only here: {found - wanted}")
    return "different"


def main() -> None:
    first, last = int(sys.argv[1]), int(sys.argv[2])
    print(dict(Counter(outcome(seed) for seed in range(first, last))))


if __name__ == "__main__":
    main()
