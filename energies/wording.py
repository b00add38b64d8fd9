"""What families refuse, and how they name what is wrong: words for people."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from latent_ebm.energies.family import Values
from latent_ebm.kernels.structure import Csr

if TYPE_CHECKING:
    from latent_ebm.energies.space import Space

SHOWN = 12
"""How many variables an explanation lists before it says how many more there are."""


def expect_labels(count: int, labels: Sequence[str]) -> None:
    """Refuse labels that are not one for each factor."""
    if len(labels) != count:
        raise ValueError(f"{count} factors need as many labels; found {len(labels)}")


def expect_lengths(count: int, **arrays: Sequence[object] | NDArray[np.generic]) -> None:
    """Refuse arrays that do not have one item for each factor."""
    for name, array in arrays.items():
        if len(array) != count:
            raise ValueError(f"{count} factors need as many of {name}; found {len(array)}")


def refuse(broken: NDArray[np.bool_], labels: Sequence[str], what: str) -> None:
    """Raise ValueError with the label of the first broken factor, if there is one."""
    if broken.any():
        raise ValueError(f"{labels[int(broken.argmax())]} {what}")


def expect_rows(rows: Csr, labels: Sequence[str], what: str) -> None:
    """Refuse rows that are empty, hold a negative number, or hold one twice."""
    refuse(rows.widths == 0, labels, f"has no {what}; leave it out")
    if (rows.items < 0).any():
        refuse(
            np.bincount(rows.row_of[rows.items < 0], minlength=rows.count) > 0,
            labels,
            f"has a negative {what}; number them from 0",
        )
    # one number for a row and an item: sorting these is quicker than sorting pairs
    size = int(rows.items.max(initial=0)) + 1
    both = np.sort(rows.row_of.astype(np.int64) * size + rows.items)
    twice = both[1:][both[1:] == both[:-1]]
    if len(twice):
        row, item = divmod(int(twice[0]), size)
        raise ValueError(f"{labels[row]} repeats {what} {item}; name it once")


def assigned(variables: NDArray[np.integer], space: Space, values: Values) -> str:
    """The states of some variables, as in ``r1c1=3, r1c2=4``."""
    shown = [f"{space.variables[i]}={space.states[values[i]]}" for i in variables[:SHOWN]]
    more = len(variables) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more else "")
