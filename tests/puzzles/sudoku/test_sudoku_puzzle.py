import re
from html.parser import HTMLParser
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from latent_ebm.puzzles.sudoku import (
    Fault,
    ParseError,
    Shape,
    Sudoku,
    clashing,
    masks,
    parse_block,
    verify_batch,
)
from latent_ebm.puzzles.sudoku.generator import random_grid
from latent_ebm.puzzles.sudoku.shape import shapes_by_side

EASY = "53..7....6..195....98....6.8...6...34..8.3..17...2...6.6....28....419..5....8..79"
SOLVED = "534678912672195348198342567859761423426853791713924856961537284287419635345286179"
STATES = np.array([int(c) - 1 for c in SOLVED])


def grids_of_four():
    """All 288 solved 4x4 grids, by brute force over rows."""
    rows = list(permutations(range(4)))
    for a in rows:
        for b in rows:
            if len({*a[:2], *b[:2]}) < 4:
                continue
            for c in rows:
                for d in rows:
                    columns = all(len({*column}) == 4 for column in zip(a, b, c, d, strict=True))
                    if columns and len({*c[:2], *d[:2]}) == 4:
                        yield (*a, *b, *c, *d)


@st.composite
def sudokus(draw):
    shape = draw(st.sampled_from(list(shapes_by_side().values())))
    clue = st.integers(0, shape.side)
    givens = draw(st.lists(clue, min_size=shape.cells, max_size=shape.cells))
    return Sudoku(np.array(givens, np.int8), shape)


def test_the_givens_are_kept_as_a_read_only_copy():
    numbers = np.zeros(81, np.int64)
    puzzle = Sudoku(numbers, Shape(3, 3))
    numbers[0] = 5
    assert puzzle.givens[0] == 0
    assert puzzle.givens.dtype == np.int8
    assert not puzzle.givens.flags.writeable


@pytest.mark.parametrize("clue", [-1, 10, 127, -128])
@pytest.mark.parametrize("dtype", [np.int8, np.int64])
def test_a_clue_out_of_range_names_its_cell(clue, dtype):
    numbers = np.zeros(81, dtype)
    numbers[13] = clue
    with pytest.raises(ValueError, match=f"cell r2c5 has {clue}; givens are numbers from 1 to 9"):
        Sudoku(numbers, Shape(3, 3))


@pytest.mark.parametrize("numbers", [np.zeros(80, np.int8), np.zeros(81), np.zeros((9, 9), int)])
def test_givens_of_another_size_or_type_are_refused(numbers):
    with pytest.raises(ValueError, match="a 9x9 Sudoku needs 81 whole numbers"):
        Sudoku(numbers, Shape(3, 3))


def test_puzzles_with_the_same_givens_and_shape_are_equal():
    assert Sudoku.parse(EASY) == Sudoku.parse(EASY.replace(".", "0"), source="elsewhere")
    assert len({Sudoku.parse(EASY), Sudoku.parse(EASY), Sudoku.parse(SOLVED)}) == 2
    wide, high = (Sudoku.parse("." * 36, Shape(*box)) for box in ((2, 3), (3, 2)))
    assert wide != high
    assert wide != "a puzzle"


def test_the_mask_leaves_the_clue_or_everything():
    puzzle = Sudoku.parse(EASY)
    assert puzzle.mask.sum(axis=1).tolist() == [1 if c != "." else 9 for c in EASY]
    assert np.flatnonzero(puzzle.mask[0]).tolist() == [4]
    both = masks([puzzle, Sudoku.parse(SOLVED)])
    assert np.array_equal(both[0], puzzle.mask)
    assert both[1].sum() == 81


def test_a_batch_holds_one_shape_and_at_least_one_puzzle():
    with pytest.raises(ValueError, match="number 2 is Shape"):
        masks([Sudoku.parse(EASY), Sudoku.parse("." * 16)])
    with pytest.raises(ValueError, match="at least one puzzle"):
        masks([])


def test_faults_name_every_clash_with_its_unit_digit_and_cells():
    puzzle = Sudoku.parse("5.....5." + "." * 10 + "5" + "." * 62)
    assert puzzle.faults() == (
        "row 1 has 5 twice, at r1c1 and r1c7",
        "column 1 has 5 twice, at r1c1 and r3c1",
        "box 1 has 5 twice, at r1c1 and r3c1",
    )
    assert Sudoku.parse("1.11" + "." * 12).faults()[0] == (
        "row 1 has 1 3 times, at r1c1, r1c3 and r1c4"
    )
    assert Sudoku.parse(EASY).faults() == ()


@given(sudokus())
def test_the_batch_check_for_clashes_agrees_with_the_faults(puzzle):
    by_hand = any(
        len(clues := [c for c in puzzle.givens[unit].tolist() if c]) != len(set(clues))
        for unit in puzzle.shape.units
    )
    assert bool(puzzle.faults()) == by_hand
    assert clashing(puzzle.givens[None], puzzle.shape).tolist() == [by_hand]
    assert Sudoku.clashing([puzzle]).tolist() == [by_hand]


def test_verify_accepts_exactly_the_288_grids_of_side_four():
    good = np.array(list(grids_of_four()))
    assert len(good) == 288
    shape = Shape(2, 2)
    blank = np.zeros((288, 16), np.int8)
    assert verify_batch(blank, good, shape).all()
    swapped = good.copy()
    swapped[:, [0, 1]] = swapped[:, [1, 0]]
    assert not verify_batch(blank, swapped, shape).any()


@settings(deadline=None)  # the first call may compile
@given(st.integers(0, 2**32), st.sampled_from(list(shapes_by_side().values())), st.data())
def test_verify_accepts_full_grids_and_no_grid_with_one_cell_changed(seed, shape, data):
    values = random_grid(shape, np.random.default_rng(seed)).astype(int) - 1
    puzzle = Sudoku(np.zeros(shape.cells, np.int8), shape)
    assert puzzle.verify(values)
    cell = data.draw(st.integers(0, shape.cells - 1))
    values[cell] = data.draw(
        st.integers(-2, 70).filter(lambda state: state != values[cell]), label="state"
    )
    assert not puzzle.verify(values)


def test_verify_demands_the_givens():
    other = Sudoku.parse("1" + EASY[1:])
    assert Sudoku.parse(EASY).verify(STATES)
    assert not other.verify(STATES)
    assert Sudoku.verified([Sudoku.parse(EASY), other], np.stack([STATES] * 2)).tolist() == [
        True,
        False,
    ]


def test_verify_refuses_values_of_another_size():
    with pytest.raises(ValueError, match=re.escape("found [1, 81] and [1, 80]")):
        Sudoku.parse(EASY).verify(STATES[:80])


def test_values_of_any_integer_type_can_be_verified():
    for dtype in (np.int8, np.uint8, np.int32, np.uint64):
        assert Sudoku.parse(EASY).verify(STATES.astype(dtype))


def test_a_rendered_puzzle_has_box_rules_and_dots():
    lines = Sudoku.parse(EASY).render().splitlines()
    assert len(lines) == 13
    assert lines[0] == "┌───────┬───────┬───────┐"
    assert lines[1] == "│ 5 3 . │ . 7 . │ . . . │"
    assert lines[4] == "├───────┼───────┼───────┤"
    assert len({len(line) for line in lines}) == 1


def test_a_rendered_solution_shows_clues_in_bold_only_if_asked():
    puzzle = Sudoku.parse(EASY)
    assert "\x1b" not in puzzle.render(STATES)
    assert puzzle.render(STATES, color=True).count("\x1b[1m") == puzzle.clues == 30
    assert Sudoku.parse(puzzle.render(STATES, color=True)) == Sudoku.parse(SOLVED)


def test_an_unfinished_candidate_shows_its_blanks():
    puzzle = Sudoku.parse(EASY)
    candidate = np.where(np.arange(81) < 9, STATES, -1)
    assert puzzle.encode(candidate) == SOLVED[:9] + "." * 72
    assert Sudoku.parse(puzzle.render(candidate)).clues == 9


def test_rendering_and_encoding_refuse_another_number_of_values():
    for show in (Sudoku.parse(EASY).render, Sudoku.parse(EASY).encode, Sudoku.parse(EASY).to_html):
        with pytest.raises(ValueError, match="81 cells; found 80"):
            show(STATES[:80])


@given(sudokus())
def test_what_is_rendered_or_encoded_can_be_parsed_again(puzzle):
    assert Sudoku.parse(puzzle.render(), puzzle.shape) == puzzle
    assert Sudoku.parse(puzzle.encode(puzzle.givens.astype(int) - 1), puzzle.shape) == puzzle
    assert Sudoku.parse(puzzle.render()) == puzzle


class Tags(HTMLParser):
    def __init__(self):
        super().__init__()
        self.open, self.seen = [], []

    def handle_starttag(self, tag, attrs):
        self.open.append(tag)
        self.seen.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def test_a_notebook_shows_a_table_without_fixed_colours():
    puzzle = Sudoku.parse(EASY, source='<script>"x"</script>')
    tags = Tags()
    tags.feed(puzzle._repr_html_())
    assert not tags.open
    names = [tag for tag, _ in tags.seen]
    assert (names.count("tr"), names.count("td"), names.count("b")) == (9, 81, 30)
    assert "script" not in names
    assert not re.search(r"#[0-9a-f]{3}|black|white", puzzle._repr_html_())
    assert puzzle.to_html(STATES).count("<b>") == 30


@pytest.mark.parametrize("ending", [b"\n", b"\r\n"])
@pytest.mark.parametrize("last", [True, False])
def test_a_block_of_lines_gives_the_same_givens_as_one_by_one(ending, last):
    block = ending.join([EASY.encode(), SOLVED.encode()]) + (ending if last else b"")
    givens = parse_block(block)
    assert givens.dtype == np.int8
    assert np.array_equal(givens[0], Sudoku.parse(EASY).givens)
    assert np.array_equal(givens[1], Sudoku.parse(SOLVED).givens)


def test_a_block_with_mixed_line_ends_is_read():
    assert parse_block(b"1" * 81 + b"\r\n" + b"2" * 81 + b"\n").sum(axis=1).tolist() == [81, 162]


def test_an_empty_block_holds_no_puzzles():
    assert parse_block(b"").shape == (0, 81)


@pytest.mark.parametrize(
    ("block", "fault"),
    [
        (b"1" * 80, Fault("80 characters; a puzzle of 9x9 has 81", 1)),
        (
            b"1" * 81 + b"\n" + b"1" * 80 + b"x",
            Fault("'x' is not a digit from 1 to 9 or a blank ('.', '0')", 2, "r9c9"),
        ),
        (b"1" * 81 + b"\n\n", Fault("0 characters; a puzzle of 9x9 has 81", 2)),
        (b"1" * 81 + b"1" + b"1" * 82, Fault("164 characters; a puzzle of 9x9 has 81", 1)),
    ],
)
def test_a_faulty_block_names_the_line_and_the_cell(block, fault):
    with pytest.raises(ParseError) as caught:
        parse_block(block)
    assert caught.value.fault == fault


@given(st.binary(max_size=400))
def test_no_block_of_bytes_raises_anything_but_a_parse_error(block):
    try:
        givens = parse_block(block, Shape(2, 2))
    except ParseError:
        return
    assert givens.shape[1] == 16
    assert givens.min(initial=0) >= 0
    assert givens.max(initial=0) <= 4
