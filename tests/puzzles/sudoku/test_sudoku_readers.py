import io
import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from latent_ebm.puzzles.sudoku import BadPuzzle, ReadError, Shape, Sudoku, read_puzzles
from latent_ebm.puzzles.sudoku.streams import LONGEST_LINE

EASY = "53..7....6..195....98....6.8...6...34..8.3..17...2...6.6....28....419..5....8..79"
SOLVED = "534678912672195348198342567859761423426853791713924856961537284287419635345286179"
EMPTY = "." * 81


def read(text, shape=None):
    data = text if isinstance(text, bytes) else text.encode()
    return list(read_puzzles(io.BytesIO(data), shape, name="demo"))


def rows(puzzle):
    return [puzzle[i : i + 9] for i in range(0, 81, 9)]


def messages(found):
    return [str(f) for f in found if isinstance(f, BadPuzzle)]


def test_a_puzzle_a_line_with_comments_and_blank_lines():
    found = read(f"# a title\n\n{EASY}\n{SOLVED} 9.5\n\n{EMPTY},1.2\n")
    assert found == [Sudoku.parse(p) for p in (EASY, SOLVED, EMPTY)]
    assert [p.source for p in found] == ["demo:3", "demo:4", "demo:6"]


def test_puzzles_of_several_sizes_may_stand_in_one_file():
    found = read(f"{'.' * 36}\n{EASY}\n{'1' + '.' * 255}\n")
    assert [p.shape.side for p in found] == [6, 9, 16]


def test_a_file_of_small_puzzles_is_no_grid_of_side_sixteen():
    found = read("12..34......1...\n" * 40)
    assert len(found) == 40
    assert {p.shape for p in found} == {Shape(2, 2)}


def test_a_large_grid_without_separators_is_one_puzzle():
    first = "123456789ABCDEFG"
    found = read("\n".join([first] + ["." * 16] * 6 + [first[i:] + first[:i] for i in range(9)]))
    assert [p.shape for p in found] == [Shape(4, 4)]


def test_grids_under_headers_as_project_euler_has_them():
    text = "".join(
        f"Grid {i:02}\n" + "\n".join(rows(p)) + "\n"
        for i, p in enumerate((EASY.replace(".", "0"), SOLVED), start=1)
    )
    assert read(text) == [Sudoku.parse(EASY), Sudoku.parse(SOLVED)]


def test_grids_between_blank_lines_or_directly_after_another():
    grid = "\n".join(rows(EASY)) + "\n"
    assert read(f"{grid}\n\n{grid}{grid}") == [Sudoku.parse(EASY)] * 3


def test_simple_sudoku_files():
    lines = [f"|{r[:3]}|{r[3:6]}|{r[6:]}|" for r in rows(EASY)]
    for at in (6, 3):
        lines.insert(at, "|---+---+---|")
    text = "\r\n".join(["*-----------*", *lines, "*-----------*", ""])
    assert read(text) == [Sudoku.parse(EASY)]


def test_sadman_files_are_read_up_to_their_state():
    lines = ["#ASomeone", "#DA title", "[Puzzle]", *rows(EASY), "[State]", *rows(SOLVED)]
    text = "\n".join([*lines, "[Puzzle]", *rows(EMPTY)])
    assert read(text) == [Sudoku.parse(EASY), Sudoku.parse(EMPTY)]
    assert read("#ASomeone\n" + "\n".join(rows(EASY))) == [Sudoku.parse(EASY)]


@pytest.mark.parametrize("header", ["quizzes,solutions", '"Puzzle","Solution"', " QUIZ , answer "])
def test_csv_with_solutions(header):
    [puzzle, blank] = read(f"{header}\r\n{EASY.replace('.', '0')},{SOLVED}\r\n\r\n{EMPTY},\r\n")
    assert puzzle == Sudoku.parse(EASY)
    assert puzzle.source == "demo:2"
    assert puzzle.verify(puzzle.expected)
    assert blank.expected is None


def test_csv_columns_are_found_by_name_and_solutions_are_optional():
    assert read(f"id,puzzle,clues,difficulty\n1,{EASY},30,2.2\n") == [Sudoku.parse(EASY)]
    [large] = read(f'solution,puzzle\n,"{" ".join(["16"] + ["."] * 255)}"\n')
    assert large.givens[0] == 16


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("1", "demo:2: 1 fields; the puzzle is in column 2"),
        (f"1,{EASY[1:]},{SOLVED}", "demo:2: puzzle of 80 cells; puzzles have 16, 36, 64, 81"),
        (f"1,x{EASY[1:]},{SOLVED}", "demo:2: cell r1c1: 'x' is not a digit from 1 to 9"),
        (f"1,{EASY},{SOLVED[1:]}", "demo:2: solution of 80 cells; puzzles have 81"),
        (f"1,{EASY},{SOLVED[:-1]}?", "demo:2: cell r9c9: in the solution, '?' is not a digit"),
        (f"1,{EASY},{SOLVED[:-1]}.", "demo:2: cell r9c9: the solution is blank here"),
    ],
)
def test_a_faulty_row_of_csv_is_named_and_the_next_is_read(row, message):
    bad, good = read(f"id,quizzes,solutions\n{row}\n2,{EASY},{SOLVED}\n")
    assert str(bad).startswith(message)
    assert good == Sudoku.parse(EASY)


def test_rows_of_numbers_one_puzzle_or_several():
    grid = "\n".join(" ".join(["16"] + ["."] * 15) for _ in range(16))
    found = read(f"{grid}\n\n{grid.replace(' ', ',')}\n")
    assert [p.clues for p in found] == [16, 16]
    assert found[0] == found[1]


def test_a_byte_order_mark_and_crlf_are_accepted():
    assert read(b"\xef\xbb\xbf" + f"{EASY}\r\n{SOLVED}".encode()) == [
        Sudoku.parse(EASY),
        Sudoku.parse(SOLVED),
    ]


def test_equal_clues_in_a_unit_are_not_the_readers_business():
    [puzzle] = read("55" + "." * 79)
    assert len(puzzle.faults()) == 2


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (EASY[:8] + "x" + EASY[9:], "cell r1c9: 'x' is not a digit from 1 to 9 or a blank ('.', "),
        (EASY[1:], "80 cells in a line; a puzzle of 9x9 has 81"),
        (EASY + "1", "82 cells in a line; a puzzle of 9x9 has 81"),
        ("nonsense", "'nonsense' is no puzzle: it is 1 row of 8 cells, where a grid needs 8 rows"),
        (
            "some words",
            "'some words' is neither a puzzle nor a row of a grid: it has 2 cells, a row has",
        ),
        (
            "a few more words",
            "'a few more words' is no puzzle: it is 1 row of 4 cells, where a grid",
        ),
        (b"\xff\xfe" + EASY.encode(), "byte 0xff at column 1 is not UTF-8 text"),
        (EASY.encode() + b" M\xfcller", "byte 0xfc at column 84 is not UTF-8 text"),
        ("1" * (LONGEST_LINE + 1), "the line is longer than 65536 bytes; it is left out"),
    ],
)
def test_a_faulty_line_is_named_and_the_others_are_read(line, message):
    if isinstance(line, str):
        line = line.encode()
    first, second, bad, last = read(
        b"\n".join([EASY.encode(), SOLVED.encode(), line, EMPTY.encode()])
    )
    assert str(bad).startswith(f"demo:3: {message}")
    assert [first, second, last] == [Sudoku.parse(p) for p in (EASY, SOLVED, EMPTY)]


def test_a_faulty_grid_is_named_and_the_others_are_read():
    good = "\n".join(rows(EASY))
    short = "\n".join(rows(EASY)[:5])
    letter = good.replace("419", "4x9")
    found = read(f"{good}\n\n{short}\n\n{letter}\n\n{good}\n")
    assert messages(found) == [
        "demo:11: 5 rows of 9 cells, where a grid needs 9 rows",
        "demo:24: cell r8c5: 'x' is not a digit from 1 to 9 or a blank ('.', '0')",
    ]
    assert found[0] == found[3] == Sudoku.parse(EASY)


@pytest.mark.parametrize("at", [0, 1, 7, 16, 39, 40])
@pytest.mark.parametrize(
    ("bad", "message"),
    [
        ("12..34......1..", "15 cells in a line; a puzzle of 4x4 has 16"),
        ("12..34......1....", "17 cells in a line; a puzzle of 4x4 has 16"),
        ("123456789", "9 cells in a line; a puzzle of 4x4 has 16"),
        ("1 2 3", "3 cells in a line; a puzzle of 4x4 has 16"),
        ("12..34....x.1...", "cell r3c3: 'x' is not a digit from 1 to 4 or a blank ('.', '0')"),
    ],
)
def test_a_faulty_line_among_small_puzzles_is_named_alone(bad, message, at):
    lines = ["12..34......1..."] * 40
    found = read("\n".join([*lines[:at], bad, *lines[at:]]))
    assert len(found) == 41
    assert [item for item in found if isinstance(item, BadPuzzle)] == [found[at]]
    assert str(found[at]) == f"demo:{at + 1}: {message}"


def test_a_short_row_of_a_large_grid_is_its_fault():
    digits = "123456789ABCDEFG"
    lines = [digits[i:] + digits[:i] for i in range(16)]
    lines[5] = lines[5][:15]
    assert messages(read("\n".join(lines))) == ["demo:6: row 6 has 15 cells; the others have 16"]


def test_a_nul_byte_far_into_a_file_spoils_its_line_only():
    data = (EASY + "\n").encode() * 200 + b"\0\n" + EASY.encode()
    found = read(data)
    assert messages(found) == ["demo:201: a NUL byte at column 1; this is no text"]
    assert len(found) == 202


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "demo: the file is empty"),
        (b"\n\n# nothing\n", "demo: no puzzle in it, only blank lines and comments"),
        (b"[State]\n" + EASY.encode(), "demo: no puzzle in it"),
        (b"quizzes,solutions\n", "demo: no puzzle in it"),
        (b"\x7fELF\x02\x01\x00\x00", "demo: not a text file: a NUL byte at offset 6; puzzles are"),
        (EASY.encode("utf-16"), "demo: not a text file: a NUL byte at offset 3"),
    ],
)
def test_what_is_no_file_of_puzzles_is_refused_in_one_line(data, message):
    with pytest.raises(ReadError) as caught:
        read(data)
    assert str(caught.value).startswith(message)
    assert "\n" not in str(caught.value)


def test_missing_files_and_folders_are_refused(tmp_path):
    with pytest.raises(ReadError, match=r"nowhere.txt: no such file"):
        Sudoku.read(tmp_path / "nowhere.txt")
    with pytest.raises(ReadError, match="this is a folder; give a file in it"):
        Sudoku.read(tmp_path)
    with pytest.raises(ReadError, match="cannot be opened"):
        Sudoku.read("a\0b")


def test_a_stream_of_text_or_a_broken_one_is_refused():
    with pytest.raises(ReadError, match=r"needs a binary stream, such as sys.stdin.buffer"):
        next(read_puzzles(io.StringIO(EASY)))

    class Broken(io.RawIOBase):
        def readable(self):
            return True

        def readinto(self, buffer):  # noqa: ARG002
            raise OSError(5, "Input/output error")

    with pytest.raises(ReadError, match="pipe: cannot be read: Input/output error"):
        next(read_puzzles(io.BufferedReader(Broken()), name="pipe"))


def test_a_whole_file_is_read_with_its_name_as_the_source(tmp_path):
    path = tmp_path / "two.sdm"
    path.write_text(f"{EASY}\n{SOLVED}\n")
    assert [p.source for p in Sudoku.read(path)] == [f"{path}:1", f"{path}:2"]
    path.write_text(f"{EASY}\nx{SOLVED[1:]}\n")
    with pytest.raises(ReadError, match=r"two.sdm:2: cell r1c1: 'x' is not a digit"):
        Sudoku.read(path)


class Endless(io.RawIOBase):
    """``size`` bytes of one character without a line end, then ``tail``; counts what is read."""

    def __init__(self, size, tail, character=b"1"):
        self.left, self.tail, self.character, self.taken = size, tail, character, 0

    def readable(self):
        return True

    def readinto(self, buffer):
        if self.left:
            count = min(self.left, len(buffer))
            buffer[:count] = self.character * count
            self.left -= count
        else:
            count = min(len(self.tail), len(buffer))
            buffer[:count] = self.tail[:count]
            self.tail = self.tail[count:]
        self.taken += count
        return count


def test_a_line_of_200_megabytes_is_stepped_over_in_bounded_memory():
    stream = io.BufferedReader(Endless(200_000_000, f"\n{EASY}\n".encode()))
    tracemalloc.start()
    try:
        found = list(read_puzzles(stream, name="demo"))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert messages(found) == ["demo:1: the line is longer than 65536 bytes; it is left out"]
    assert found[1] == Sudoku.parse(EASY)
    assert found[1].source == "demo:2"
    assert peak < 2_000_000


def test_a_sparse_file_of_200_megabytes_is_refused_at_its_start(tmp_path):
    path = tmp_path / "sparse.txt"
    with path.open("wb") as file:
        file.truncate(200_000_000)
    with pytest.raises(ReadError, match=r"sparse.txt: not a text file: a NUL byte at offset 0"):
        Sudoku.read(path)


def test_reading_is_lazy_and_a_pipe_need_not_end():
    source = Endless(0, f"{EASY}\n".encode() * 5_000)
    puzzles = read_puzzles(io.BufferedReader(source), name="pipe")
    assert next(puzzles) == Sudoku.parse(EASY)
    assert source.taken <= 128 * 1024


def test_many_puzzles_are_read_in_bounded_memory():
    tracemalloc.start()
    try:
        stream = io.BufferedReader(Endless(0, memoryview(f"{EASY}\n".encode() * 20_000)))
        before = tracemalloc.get_traced_memory()[0]
        count = sum(1 for _ in read_puzzles(stream, name="demo"))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert count == 20_000
    assert peak - before < 2_000_000


LINES = st.one_of(
    st.sampled_from([EASY, SOLVED, EMPTY, *rows(EASY), "", "# note", "Grid 7", "[State]"]),
    st.sampled_from(["[Puzzle]", "---+---+---", "quizzes,solutions", f"{EASY},{SOLVED}", '"']),
    st.text(max_size=90),
    st.text(alphabet="1234.|- \t,;", max_size=40),
)


@given(st.one_of(st.binary(max_size=500), st.lists(LINES).map(lambda x: "\n".join(x).encode())))
def test_any_bytes_give_puzzles_bad_puzzles_or_one_read_error(data):
    try:
        found = read(data)
    except ReadError as error:
        message, found = str(error), []
    else:
        message = ""
    assert bool(found) != bool(message)
    assert message.isprintable()
    for item in found:
        assert isinstance(item, (Sudoku, BadPuzzle))
        if isinstance(item, BadPuzzle):
            assert 1 <= item.line <= data.count(b"\n") + 1
            assert str(item).isprintable()


@given(st.lists(st.lists(st.integers(0, 9), min_size=81, max_size=81), min_size=1, max_size=5))
def test_what_is_written_a_line_each_is_read_back(grids):
    text = "\n".join("".join(map(str, grid)) for grid in grids)
    assert [p.givens.tolist() for p in read(text)] == grids


@given(st.integers(1, 40), st.integers(1, 7))
def test_the_sizes_of_the_pieces_that_a_stream_gives_do_not_matter(count, size):
    class Trickle(io.BytesIO):
        def read1(self, _limit=-1):
            return self.read(size)

    data = f"{EASY}\r\n{'x' * count}\n\n{SOLVED}".encode()
    assert list(read_puzzles(Trickle(data), name="demo")) == read(data)


def test_expected_solutions_are_states():
    [puzzle] = read(f"quizzes,solutions\n{EASY},{SOLVED}\n")
    assert np.array_equal(puzzle.expected, np.array([int(c) for c in SOLVED]) - 1)
