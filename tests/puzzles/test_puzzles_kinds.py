"""What holds of every kind of puzzle."""

import numpy as np
import pytest

from latent_ebm.exact import cpsat
from latent_ebm.exact.outcome import Verdict
from latent_ebm.puzzles.kinds import KINDS, kind_of, named, read
from latent_ebm.puzzles.picture import picture
from latent_ebm.puzzles.problem import BadPuzzle, Problem
from latent_ebm.puzzles.reading import ReadError

SEEDS = (0, 1, 2)
WRITTEN = [name for name in KINDS if name != "sudoku"]


def made(name, seed=0):
    return KINDS[name].generate(np.random.default_rng(seed))


def states(puzzle):
    return np.asarray(puzzle.expected).astype(np.int64)


@pytest.fixture(params=KINDS)
def name(request):
    return request.param


@pytest.fixture(params=SEEDS)
def puzzle(name, request):
    return made(name, request.param)


def test_a_made_puzzle_is_a_problem_without_faults(name, puzzle):
    assert isinstance(puzzle, Problem)
    assert puzzle.kind == name
    assert puzzle.faults() == ()
    assert not type(puzzle).clashing([puzzle])[0]


def test_the_solution_it_was_made_from_passes_every_check(puzzle):
    values = states(puzzle)
    assert type(puzzle).verified([puzzle], values[None]).tolist() == [True]
    assert puzzle.landscape.check(values[None]).tolist() == [True]
    assert puzzle.landscape.violations(values) == ()
    assert type(puzzle).masks([puzzle])[0][np.arange(len(values)), values].all()


def test_landscape_and_check_agree_on_solutions_with_one_or_two_changes(puzzle):
    rng = np.random.default_rng(1)
    mask = type(puzzle).masks([puzzle])[0]
    trials = np.tile(states(puzzle), (60, 1))
    for row in trials:
        for i in rng.integers(0, len(row), rng.integers(1, 3)):
            row[i] = rng.choice(np.flatnonzero(mask[i]))
    assert np.array_equal(
        type(puzzle).verified([puzzle] * len(trials), trials), puzzle.landscape.check(trials)
    )


def test_a_broken_solution_names_what_it_breaks(puzzle):
    mask = type(puzzle).masks([puzzle])[0]
    for i in np.flatnonzero(mask.sum(axis=1) > 1):
        values = states(puzzle)
        values[i] = np.flatnonzero(mask[i] & (np.arange(mask.shape[1]) != values[i]))[0]
        if not type(puzzle).verified([puzzle], values[None])[0]:
            assert puzzle.landscape.violations(values)
            return
    pytest.fail("no change of one variable breaks the solution")


def test_states_that_do_not_exist_are_no_solution(puzzle):
    values = states(puzzle)
    values[0] = puzzle.landscape.space.shape[1]
    assert not type(puzzle).verified([puzzle], values[None])[0]


def test_the_factors_lower_to_one_table(puzzle):
    table = puzzle.landscape.factors
    assert table.count > 0
    assert table.members.items.max() < np.prod(puzzle.landscape.space.shape)


def test_the_same_seed_makes_the_same_puzzle_and_another_another(name):
    assert made(name, 5) == made(name, 5)
    assert len({made(name, seed) for seed in range(6)}) > 1


@pytest.mark.parametrize("name", WRITTEN)
@pytest.mark.parametrize("seed", SEEDS)
def test_what_is_written_is_read_back(name, seed):
    puzzle = made(name, seed)
    again = type(puzzle).parse(puzzle.text())
    assert again == puzzle
    assert again.text() == puzzle.text()
    assert again.verify(states(puzzle))


@pytest.mark.parametrize("name", WRITTEN)
def test_a_file_is_read_by_its_suffix(name, tmp_path):
    kind, puzzle = KINDS[name], made(name)
    path = tmp_path / f"puzzle{(*kind.suffixes, *kind.shared)[0]}"
    path.write_text(puzzle.text())
    assert kind_of(path) is kind
    [found] = read(path)
    assert found == puzzle
    assert found.source.startswith(str(path))


@pytest.mark.parametrize("name", WRITTEN)
def test_values_of_another_size_are_refused(name):
    puzzle = made(name)
    with pytest.raises(ValueError, match="variables; found values"):
        puzzle.verify(np.zeros(len(states(puzzle)) + 1, int))


def test_a_puzzle_and_its_solution_are_shown_on_terminals_and_pages(puzzle):
    for shown in (puzzle.render(), puzzle.render(states(puzzle))):
        assert shown.strip()
        assert "\x1b" not in shown
    assert puzzle.encode(states(puzzle)).strip()
    assert "<" in puzzle.to_html(states(puzzle))
    assert "<script" not in puzzle._repr_html_()


@pytest.mark.parametrize("name", KINDS)
def test_a_puzzle_and_its_solution_have_a_picture(name, tmp_path):
    puzzle = made(name)
    for values in (None, states(puzzle)):
        figure = picture(puzzle, values)
        figure.savefig(tmp_path / "picture.png")
        assert figure.axes[0].has_data() or figure.axes[0].texts or figure.axes[0].images
    assert (tmp_path / "picture.png").stat().st_size > 1_000


def test_every_kind_says_what_its_files_look_like(name):
    kind = KINDS[name]
    assert kind.name == name
    assert kind.title
    assert kind.layout
    assert kind.suffixes


def test_no_two_kinds_claim_one_suffix():
    suffixes = [suffix for kind in KINDS.values() for suffix in kind.suffixes]
    assert len(suffixes) == len(set(suffixes))


def test_an_unknown_kind_is_refused_with_a_near_one():
    with pytest.raises(ValueError, match=r"no kind 'quens'; did you mean queens"):
        named("quens")


@pytest.mark.parametrize(
    ("file", "text", "kind"),
    [
        ("a.json", '{"rows": [[1]], "columns": [[1]]}', "nonogram"),
        ("a.json", '{"clues": [], "categories": {"a": ["b"]}}', "logic"),
        ("a.txt", "c a formula\np cnf 1 0\n", "cnf"),
        ("a.txt", "p edge 2 1\ne 1 2\n", "coloring"),
        ("a.txt", "1...\n", "sudoku"),
        ("a.SDM", "1...\n", "sudoku"),
        ("a.Col", "", "coloring"),
    ],
)
def test_content_tells_the_kind_where_the_suffix_does_not(tmp_path, file, text, kind):
    path = tmp_path / file
    path.write_text(text)
    assert kind_of(path).name == kind


def test_json_of_no_kind_is_refused_with_the_keys_that_kinds_have(tmp_path):
    path = tmp_path / "a.json"
    path.write_text('{"rows": []}')
    with pytest.raises(ReadError, match="nonogram has rows and columns"):
        read(path)


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("data", [b"", b"\0\0\0\0", b"\xff\xfe", b"\n\n\n", b"nonsense here!\n"])
def test_what_is_no_puzzle_is_one_clear_line(name, data, tmp_path):
    path = tmp_path / "bad"
    path.write_bytes(data)
    try:
        found = list(KINDS[name].read(path))
    except ReadError as error:
        found = [str(error)]
    for item in found:
        assert isinstance(item, (BadPuzzle, str))
        assert str(item).startswith(str(path))
        assert "\n" not in str(item)


@pytest.mark.parametrize("name", KINDS)
def test_missing_files_and_folders_are_refused(name, tmp_path):
    with pytest.raises(ReadError, match="no such file"):
        list(KINDS[name].read(tmp_path / "nowhere"))
    with pytest.raises(ReadError, match="this is a folder"):
        list(KINDS[name].read(tmp_path))


def test_an_exact_engine_finds_what_the_check_accepts(puzzle):
    outcome = cpsat.solve(puzzle.landscape.factors, type(puzzle).masks([puzzle])[0])
    assert outcome.verdict is Verdict.SATISFIABLE
    assert type(puzzle).verified([puzzle], outcome.values[None]).tolist() == [True]


@pytest.mark.parametrize("seed", range(4))
def test_killer_cages_hold_as_tables_exactly_where_their_sums_and_differences_do(seed):
    rng = np.random.default_rng(seed)
    puzzle = KINDS["killer"].generate(rng, 4)
    values = rng.integers(4, size=(4_000, 16)).astype(np.int16)
    values[:200] = puzzle.expected
    at = rng.integers(16, size=200)
    values[np.arange(200), at] = rng.integers(4, size=200)  # near misses
    cages = puzzle.cages.ravel()
    right = np.ones(len(values), np.bool_)
    for cage, total in enumerate(puzzle.totals):
        inside = np.sort(values[:, cages == cage], axis=1)
        right &= (inside.sum(axis=1) + inside.shape[1] == total) & (np.diff(inside) > 0).all(axis=1)
    found = np.ones(len(values), np.bool_)
    for domain in puzzle.landscape.hard:
        if domain.name in ("cage", "sum"):
            for family in domain.families:
                found &= family.check(values).all(axis=1)
    np.testing.assert_array_equal(found, right)
    assert right.any()
