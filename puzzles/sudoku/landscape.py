"""The constraints of Sudoku as an energy landscape."""

from __future__ import annotations

from functools import lru_cache

from latent_ebm.energies.all_different import AllDifferent
from latent_ebm.energies.coupling import GroupInclusion
from latent_ebm.energies.domain import HardDomain
from latent_ebm.energies.landscape import Landscape
from latent_ebm.energies.space import Space
from latent_ebm.kernels.structure import Csr
from latent_ebm.puzzles.sudoku.shape import Shape


@lru_cache(maxsize=16)
def sudoku_landscape(shape: Shape) -> Landscape:
    """Rows, columns and boxes, each a hard domain of all-different factors.

    All puzzles of a shape share one landscape; their givens are in their masks.

    Examples
    --------
    >>> landscape = sudoku_landscape(Shape(3, 3))
    >>> landscape.space.shape, [(domain.name, domain.count) for domain in landscape.hard]
    ((81, 9), [('row', 9), ('column', 9), ('box', 9)])
    """
    n = shape.side
    tables = {"row": shape.rows, "column": shape.columns, "box": shape.boxes}
    domains = tuple(
        HardDomain(
            name,
            (
                AllDifferent(
                    Csr.from_rows(table.tolist()), n, tuple(f"{name} {i + 1}" for i in range(n))
                ),
            ),
        )
        for name, table in tables.items()
    )
    space = Space.full(
        [shape.cell_name(cell) for cell in range(shape.cells)], [str(d + 1) for d in range(n)]
    )
    return Landscape(space, domains, couplings=(GroupInclusion(domains, shape.cells, n),))
