import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from latent_ebm.puzzles.sudoku import ParseError, Shape, Sudoku

EASY = "53..7....6..195....98....6.8...6...34..8.3..17...2...6.6....28....419..5....8..79"
ROWS = [EASY[i : i + 9] for i in range(0, 81, 9)]
PUZZLE = Sudoku.parse(EASY)


@pytest.mark.parametrize("blank", [*".0_*-"])
def test_every_blank_symbol_is_read(blank):
    assert Sudoku.parse(EASY.replace(".", blank)) == PUZZLE
    assert Sudoku.parse("\n".join(ROWS).replace(".", blank)) == PUZZLE


@pytest.mark.parametrize("comment", [" rating 9.5", ",9.5", "\t# easy", " ; from a book"])
def test_what_follows_a_puzzle_in_its_line_is_a_comment(comment):
    assert Sudoku.parse(EASY + comment) == PUZZLE


def test_a_grid_may_be_drawn_in_many_ways():
    boxed = [f"{r[:3]}|{r[3:6]}|{r[6:]}" for r in ROWS]
    spaced = [" ".join(r) for r in ROWS]
    drawings = [
        "\n".join(ROWS),
        "\r\n".join(ROWS) + "\r\n",
        "\n".join(spaced),
        "\n".join(r.replace(" ", ",") for r in spaced),
        "\n".join(boxed),
        "\n".join([*boxed[:3], "---+---+---", *boxed[3:6], "---+---+---", *boxed[6:]]),
        "\n".join([*boxed[:3], "-----------", *boxed[3:6], "-----------", *boxed[6:]]),
        "\n".join([*ROWS[:3], "---------", *ROWS[3:6], "---------", *ROWS[6:]]),
        "\n".join(["*-----------*", *(f"|{r}|" for r in boxed), "*-----------*"]),
        "\n".join(["+===+===+===+", *(f"|{r}|" for r in boxed), "+===+===+===+"]),
        "\n".join(f"{r[:3]} {r[3:6]} {r[6:]}" for r in ROWS),
        " ".join(EASY),
        ",".join(EASY),
    ]
    for drawing in drawings:
        assert Sudoku.parse(drawing) == PUZZLE, drawing


def test_dashes_are_blanks_where_other_rows_use_them_so():
    puzzle = Sudoku.parse("1--4\n----\n----\n-2--")
    assert puzzle.givens.reshape(4, 4).tolist()[1] == [0, 0, 0, 0]
    assert puzzle.clues == 3


def test_large_grids_are_numbers_or_letters():
    rng = np.random.default_rng(0)
    numbers = rng.integers(0, 17, 256)
    symbols = ".123456789ABCDEFG"
    compact = "".join(symbols[k] for k in numbers)
    text = [str(k) if k else "." for k in numbers]
    rows = [" ".join(text[i : i + 16]) for i in range(0, 256, 16)]
    expected = Sudoku(numbers.astype(np.int8), Shape(4, 4))
    assert Sudoku.parse(compact) == expected
    assert Sudoku.parse(compact.lower()) == expected
    assert Sudoku.parse("\n".join(rows)) == expected
    assert Sudoku.parse("\n".join(rows).replace(" ", ",")) == expected
    assert Sudoku.parse(" ".join(text)) == expected
    assert Sudoku.parse("\n".join(compact[i : i + 16] for i in range(0, 256, 16))) == expected


def test_sixteen_cells_are_a_small_puzzle_or_a_row_as_the_shape_says():
    line = "12..34......1..."
    assert Sudoku.parse(line).shape == Shape(2, 2)
    assert Sudoku.parse("\n".join([line] * 16), Shape(4, 4)).shape == Shape(4, 4)
    with pytest.raises(ParseError, match="1 row of 16 cells, where a grid needs 16 rows"):
        Sudoku.parse(line, Shape(4, 4))


def test_a_shape_given_decides_between_boxes_of_one_side():
    assert Sudoku.parse("." * 36).shape == Shape(2, 3)
    assert Sudoku.parse("." * 36, Shape(3, 2)).shape == Shape(3, 2)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "one puzzle was asked for; the text holds no"),
        ("# only a comment", "the text holds no"),
        (EASY + "\n" + EASY, "the text holds 2"),
        (EASY[:-1], "line 1: 80 cells in a line; a puzzle of 9x9 has 81"),
        (EASY + ".", "line 1: 82 cells in a line; a puzzle of 9x9 has 81"),
        (EASY[:8] + "x" + EASY[9:], r"line 1: cell r1c9: 'x' is not a digit from 1 to 9 or a "),
        ("\n".join([*ROWS[:4], "53..7...A", *ROWS[5:]]), "line 5: cell r5c9: 'A' is not a digit"),
        ("\n".join(ROWS[:8]), "line 1: 8 rows of 9 cells, where a grid needs 9 rows"),
        ("\n".join([*ROWS[:3], "53", *ROWS[4:]]), "line 4: row 4 has 2 cells; the others have 9"),
        ("1 2 3 4\n. . 5 .\n. . . .\n. . . .", "line 2: cell r2c3: '5' is not a digit from 1 to"),
        (" ".join(["17"] + ["."] * 255), "cell r1c1: '17' is not a number from 1 to 16"),
        (" ".join(["-3"] + ["."] * 80), "cell r1c1: '-3' is not a digit"),
        ("hello", "line 1: 'hello' is neither a puzzle nor a row of a grid: it has 5 cells"),
        ("٣" + EASY[1:], r"cell r1c1: '\\u0663' is not a digit"),
    ],
)
def test_a_faulty_text_says_what_is_wrong_and_where(text, message):
    with pytest.raises(ParseError, match=message):
        Sudoku.parse(text)


def test_messages_hold_no_control_characters_and_stay_short():
    with pytest.raises(ParseError) as caught:
        Sudoku.parse("\x1b]0;title\x07 what\x00 is this?" * 3)
    assert str(caught.value).isprintable()
    with pytest.raises(ParseError) as caught:
        Sudoku.parse("x" * 50_000)
    assert len(str(caught.value)) < 200


LIKELY = st.text(alphabet="123456789.0_*-|+ \n,;AxÄ\r\t#[]", max_size=400)


@given(st.one_of(st.text(max_size=300), LIKELY), st.sampled_from([None, Shape(2, 2), Shape(3, 2)]))
@example("\ud800", None)
@example("\x00" * 81, None)
@example("|", None)
@example("\x1b[m", None)
@example("-" * 81, None)
def test_any_text_is_a_puzzle_or_a_parse_error(text, shape):
    try:
        puzzle = Sudoku.parse(text, shape)
    except ParseError as error:
        message = str(error)
    else:
        message = ""
        assert shape is None or puzzle.shape == shape
        assert puzzle.givens.shape == (puzzle.shape.cells,)
    assert message == "" or message.isprintable()
