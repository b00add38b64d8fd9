"""Groups that no power of two fits, and Triton without a GPU."""

import os

import numpy as np
import pytest

from latent_ebm.energies.all_different import AllDifferent
from latent_ebm.energies.cardinality import AtMostOne, ExactlyOne
from latent_ebm.energies.domain import HardDomain
from latent_ebm.energies.lowering import lower_groups
from latent_ebm.kernels.structure import Csr, Groups

# Triton reads this once, when it is imported
os.environ["TRITON_INTERPRET"] = "1"


def latin(side: int) -> Groups:
    """A Latin square: 3 views of each entry, all groups exact."""
    cells = np.arange(side * side).reshape(side, side)
    lines = [*cells.tolist(), *cells.T.tolist()]
    family = AllDifferent(Csr.from_rows(lines), side, tuple(f"line {i}" for i in range(len(lines))))
    return lower_groups(side * side, side, (HardDomain("lines", (family,)),))


def queens(side: int) -> Groups:
    """Exact rows and columns, at most one queen on a diagonal; corners are diagonals of one."""
    diagonals: dict[tuple[str, int], list[int]] = {}
    for i, a in np.ndindex(side, side):
        diagonals.setdefault(("down", i - a), []).append(i * side + a)
        diagonals.setdefault(("up", i + a), []).append(i * side + a)
    columns = [[i * side + a for i in range(side)] for a in range(side)]
    families = (
        ExactlyOne(Csr.from_rows(columns), side, tuple(map(str, range(side)))),
        AtMostOne(Csr.from_rows([*diagonals.values()]), side, tuple(map(str, diagonals))),
    )
    return lower_groups(side, side, (HardDomain("queens", families),))


def uneven() -> Groups:
    """7 variables of 5 values; entries in 1 to 4 groups, groups of 1 to many entries."""
    rng = np.random.default_rng(8)
    rows: list[list[int]] = [[3], [17], *([] for _ in range(9))]
    for entry in range(35):
        for row in rng.choice(np.arange(2, 11), rng.integers(0, 3), replace=False):
            rows[row].append(entry)
    kept = [row for row in rows if row]
    families = (
        AtMostOne(Csr.from_rows(kept[1:]), 5, tuple(map(str, range(len(kept) - 1)))),
        ExactlyOne(Csr.from_rows(kept[:1]), 5, ("a single entry",)),
    )
    return lower_groups(7, 5, (HardDomain("sets", families),))


def variables() -> Groups:
    """3 variables of 11 values and nothing else: one view each."""
    return lower_groups(3, 11, ())


ALL = {"latin": lambda: latin(3), "queens": lambda: queens(5), "uneven": uneven, "free": variables}


@pytest.fixture(scope="session", params=ALL)
def groups(request: pytest.FixtureRequest) -> Groups:
    """Small groups of each kind."""
    return ALL[request.param]()


@pytest.fixture(scope="session")
def masks(groups: Groups):
    """batch -> masks [batch, N, K]: all live, then random ones, each variable with a value."""

    def make(batch: int) -> np.ndarray:
        rng = np.random.default_rng(batch)
        shape = (batch, groups.num_variables, groups.num_values)
        live = rng.random(shape) < rng.uniform(0.3, 0.9, (batch, 1, 1))
        live[0] = True
        np.put_along_axis(live, rng.integers(0, shape[2], (*shape[:2], 1)), True, axis=2)
        return live

    return make
