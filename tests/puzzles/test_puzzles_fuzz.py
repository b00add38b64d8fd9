"""Whatever bytes a file has, reading it gives puzzles, bad puzzles or one error."""

import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from latent_ebm.puzzles.kinds import KINDS, ReadOptions
from latent_ebm.puzzles.problem import BadPuzzle, Problem
from latent_ebm.puzzles.reading import ReadError

OPTIONS = ReadOptions(colors=2)
MADE = {
    name: kind.generate(np.random.default_rng(0)).text().encode()
    for name, kind in KINDS.items()
    if name != "sudoku"
}
WORDS = [b"\n", b" ", b".", b"0", b"-1", b"1", b"99999999999999999999", b"a", b"x", b"p cnf", b"%"]
WORDS += [
    b"p edge 2 1",
    b"{",
    b"[",
    b"]",
    b"null",
    b"\\",
    b"|",
    b"<",
    b"^",
    b"\xc3\xa9",
    b"\0",
    b"h",
]
WORDS += [b"1e999", b"NaN", b'"rows"', b"rows", b"width 3", b"\t", b"\r", b"r1c1", b"#", b"c"]


@st.composite
def mutated(draw, text):
    """A valid file with some places overwritten, cut out or doubled."""
    data = bytearray(text)
    for _ in range(draw(st.integers(1, 5))):
        a = draw(st.integers(0, len(data)))
        b = min(len(data), a + draw(st.integers(0, 8)))
        data[a:b] = draw(st.sampled_from([b"", bytes(data[a:b]) * 2, *WORDS]))
    return bytes(data)


def read_all(name, data):
    """Read, and see that what was read can be worked with."""
    try:
        found = list(KINDS[name].read(io.BytesIO(data), name="demo", options=OPTIONS))
    except ReadError as error:
        found, message = [], str(error)
    else:
        message = "demo"
    assert message.startswith("demo")
    assert "\n" not in message
    for item in found:
        assert isinstance(item, (BadPuzzle, Problem))
        if isinstance(item, BadPuzzle):
            assert str(item).startswith("demo:")
            assert "\n" not in str(item)
        elif len(item.mask) < 2_000:
            item.faults()
            shape = item.landscape.space.shape
            item.verify(np.zeros(shape[0], int))
            assert item.mask.shape == shape
            assert type(item).parse(item.text()) == item


@pytest.mark.parametrize("name", MADE)
@settings(max_examples=60)
@given(data=st.data())
def test_damaged_files(name, data):
    read_all(name, data.draw(mutated(MADE[name])))


@pytest.mark.parametrize("name", MADE)
@settings(max_examples=60)
@given(data=st.one_of(st.binary(max_size=200), st.lists(st.sampled_from(WORDS)).map(b"".join)))
def test_any_bytes(name, data):
    read_all(name, data)


@pytest.mark.parametrize("name", MADE)
@settings(max_examples=40)
@given(text=st.text(max_size=200))
def test_any_text(name, text):
    read_all(name, text.encode("utf-8", "surrogatepass"))
