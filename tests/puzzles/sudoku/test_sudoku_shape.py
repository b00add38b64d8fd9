import numpy as np
import pytest

from latent_ebm.energies.coupling import Rule
from latent_ebm.puzzles.problem import Problem
from latent_ebm.puzzles.sudoku import Shape, Sudoku, sudoku_landscape
from latent_ebm.puzzles.sudoku.shape import shapes_by_side

ALL = [Shape(h, w) for h in range(2, 6) for w in range(2, 6)]


@pytest.mark.parametrize(
    ("side", "box"),
    [
        (4, (2, 2)),
        (6, (2, 3)),
        (8, (2, 4)),
        (9, (3, 3)),
        (10, (2, 5)),
        (12, (3, 4)),
        (15, (3, 5)),
        (16, (4, 4)),
        (20, (4, 5)),
        (25, (5, 5)),
    ],
)
def test_a_side_has_the_squarest_box(side, box):
    assert Shape.of_side(side) == Shape(*box)


@pytest.mark.parametrize("side", [-1, 0, 1, 2, 3, 5, 7, 11, 14, 18, 26])
def test_a_side_that_no_box_fits_is_refused_with_the_sides_that_are_possible(side):
    with pytest.raises(ValueError, match=f"no Sudoku has side {side}; the sides are 4, 6, 8, 9"):
        Shape.of_side(side)


@pytest.mark.parametrize("box", [(1, 9), (3, 6), (0, 2)])
def test_boxes_out_of_range_are_refused(box):
    with pytest.raises(ValueError, match="boxes are 2 to 5 cells high and wide"):
        Shape(*box)


@pytest.mark.parametrize("shape", ALL, ids=str)
def test_units_are_rows_columns_and_boxes(shape):
    n = shape.side
    assert shape.units.shape == (3 * n, n)
    assert len(shape.unit_names) == 3 * n
    for table in (shape.rows, shape.columns, shape.boxes):
        assert sorted(table.reshape(-1).tolist()) == list(range(shape.cells))
    for box in shape.boxes:
        rows, columns = np.divmod(box, n)
        assert np.ptp(rows) == shape.box_height - 1
        assert np.ptp(columns) == shape.box_width - 1
        assert rows.min() % shape.box_height == columns.min() % shape.box_width == 0


@pytest.mark.parametrize("shape", ALL, ids=str)
def test_peers_are_the_cells_that_share_a_unit(shape):
    cell = shape.cells // 2 + 1
    expected = {int(c) for unit in shape.units if cell in unit for c in unit} - {cell}
    assert shape.peers[cell].tolist() == sorted(expected)


def test_shapes_are_values_and_their_tables_cannot_be_changed():
    assert hash(Shape(3, 3)) == hash(Shape(3, 3))
    assert len({Shape(2, 3), Shape(3, 2), Shape(2, 3)}) == 2
    with pytest.raises(ValueError, match="read-only"):
        Shape(3, 3).units[0, 0] = 5


def test_all_puzzles_of_a_shape_share_one_landscape_with_three_domains():
    one, two = Sudoku.parse("." * 81), Sudoku.parse("1" + "." * 80)
    assert one.landscape is two.landscape is sudoku_landscape(Shape(3, 3))
    assert [d.name for d in one.landscape.hard] == ["row", "column", "box"]
    assert one.landscape.hard[0].families[0].explain(2, one.landscape.space) == "row 3"
    assert one.landscape.space.variables[80] == "r9c9"
    assert one.landscape.groups.count == 81 + 3 * 81
    assert isinstance(one, Problem)


@pytest.mark.parametrize("side", [s for s in shapes_by_side() if s <= 16])
def test_presolve_fills_the_last_cell_and_sees_a_contradiction(side):
    shape = Shape.of_side(side)
    blank = np.zeros(shape.cells, np.int8)
    blank[: side - 1] = np.arange(1, side)
    landscape = sudoku_landscape(shape)
    good = Sudoku(blank, shape)
    left = landscape.presolve(good.mask[None], Rule.SINGLES)
    assert np.flatnonzero(left.mask[0, side - 1]).tolist() == [side - 1]
    assert not left.contradiction[0]
    blank[side - 1] = 1
    assert landscape.presolve(Sudoku(blank, shape).mask[None], Rule.SINGLES).contradiction[0]
