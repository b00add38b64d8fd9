"""Pictures: turned, noisy, shaded ones are read; bad and crazy ones are refused in words."""

import json

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from latent_ebm.cli.main import app
from latent_ebm.learning.visual.boards import random_puzzles
from latent_ebm.learning.visual.digits import Split, load_digits
from latent_ebm.learning.visual.drawing import Scan, compose
from latent_ebm.learning.visual.gridding import UNIT, find_grid, homography, project
from latent_ebm.learning.visual.picture import PictureError, ink_of, load_picture
from latent_ebm.learning.visual.seeing import see

PUZZLE = random_puzzles(Split.TEST, 1, 77, clues=34)[0]


def _picture(scan, seed=0):
    return compose(PUZZLE.givens, load_digits(Split.TEST), scan, np.random.default_rng(seed))


@pytest.mark.parametrize(
    "scan",
    [
        Scan(),
        Scan(turn=9, noise=0.06, shade=0.5),
        Scan(turn=-20, cell=36),
        Scan(cell=90, noise=0.02),
        Scan(cell=30, blur=0.9),
    ],
)
@pytest.mark.parametrize("suffix", ["png", "jpg"])
def test_scans_are_read_and_solved(tmp_path, scan, suffix):
    file = tmp_path / f"board.{suffix}"
    _picture(scan).save(file)
    seen = see(file).seen
    assert seen.solved
    assert np.array_equal(seen.clues, PUZZLE.givens)
    assert np.array_equal(seen.solution.values, PUZZLE.expected)


def test_white_on_black_colours_and_transparency_do_not_matter(tmp_path):
    grey = np.asarray(_picture(Scan()))
    Image.fromarray(255 - grey).save(tmp_path / "negative.png")
    colour = np.stack([grey, grey, np.full_like(grey, 200)], axis=2)
    Image.fromarray(colour).save(tmp_path / "yellow.png")
    clear = np.dstack([np.zeros((*grey.shape, 3), np.uint8), 255 - grey])
    Image.fromarray(clear).save(tmp_path / "clear.png")
    for file in sorted(tmp_path.iterdir()):
        assert np.array_equal(see(file).seen.clues, PUZZLE.givens), file.name


def test_the_corners_are_where_the_frame_is():
    scan = Scan(turn=7, cell=40)
    grid = find_grid(ink_of(np.asarray(_picture(scan), np.float32) / 255))
    assert grid.cell_width == pytest.approx(40, rel=0.02)
    top = grid.corners[1] - grid.corners[0]
    assert np.degrees(np.arctan2(-top[1], top[0])) == pytest.approx(7, abs=0.5)
    assert grid.cells.shape == (81, 16, 16)


def test_a_homography_takes_corners_to_corners():
    corners = np.array([[10.0, 12], [210, 30], [190, 240], [5, 200]])
    assert np.allclose(project(homography(UNIT, corners), UNIT), corners)


@pytest.mark.parametrize(
    "picture",
    [
        np.full((300, 300), 255),
        np.zeros((300, 300)),
        np.random.default_rng(0).integers(0, 256, (300, 300)),
        np.indices((300, 300)).sum(axis=0) % 256,
        255 * (np.indices((300, 300)) // 30).sum(axis=0) % 2,
        np.pad(np.full((200, 200), 255), 50),
    ],
    ids=["white", "black", "noise", "slope", "chess", "frame"],
)
def test_crazy_pictures_have_no_grid(tmp_path, picture):
    Image.fromarray(picture.astype(np.uint8)).save(tmp_path / "crazy.png")
    with pytest.raises(PictureError, match="no 9x9 grid found|no contrast"):
        see(tmp_path / "crazy.png")


def test_a_grid_of_another_size_is_no_9x9_grid(tmp_path):
    picture = np.full((400, 400), 255, np.uint8)
    picture[40:361:80, 40:361] = picture[40:361, 40:361:80] = 0
    Image.fromarray(picture).save(tmp_path / "four.png")
    with pytest.raises(PictureError, match="no 9x9 grid found"):
        see(tmp_path / "four.png")


def test_an_empty_grid_is_unknown_and_not_solved(tmp_path):
    empty = compose(np.zeros(81, int), load_digits(Split.TEST), Scan(), np.random.default_rng(0))
    empty.save(tmp_path / "empty.png")
    result = CliRunner().invoke(app, ["see", str(tmp_path / "empty.png"), "--json"])
    assert result.exit_code == 1
    assert json.loads(result.stdout)["status"] == "unknown"
    assert json.loads(result.stdout)["solution"] is None


def test_bad_files_are_refused_in_words(tmp_path):
    whole = tmp_path / "whole.png"
    _picture(Scan()).save(whole)
    cases = {
        "text.png": (b"hello", "no PNG or JPEG"),
        "empty.png": (b"", "no PNG or JPEG"),
        "cut.png": (whole.read_bytes()[:2000], "broken"),
        "gif.png": (b"GIF89a" + bytes(100), "no PNG or JPEG"),
    }
    for name, (content, words) in cases.items():
        (tmp_path / name).write_bytes(content)
        with pytest.raises(PictureError, match=words):
            load_picture(tmp_path / name)
    Image.new("L", (50, 400)).save(tmp_path / "thin.png")
    with pytest.raises(PictureError, match="50 x 400 pixels; a grid needs 108"):
        load_picture(tmp_path / "thin.png")
    Image.new("1", (8000, 6000)).save(tmp_path / "huge.png")
    with pytest.raises(PictureError, match="at most 40,000,000"):
        load_picture(tmp_path / "huge.png")
    with pytest.raises(OSError, match="No such file"):
        load_picture(tmp_path / "missing.png")


def test_the_command_makes_reads_solves_and_draws(tmp_path):
    run = CliRunner().invoke
    made = run(app, ["see", "--make", "1", "--out", str(tmp_path), "--clues", "36", "--seed", "5"])
    assert made.exit_code == 0
    truth = json.loads((tmp_path / "board-1.json").read_text())
    picture, solved = tmp_path / "board-1.png", tmp_path / "solved.png"
    answer = run(app, ["see", str(picture), "--json", "--out", str(solved)])
    assert answer.exit_code == 0
    record = json.loads(answer.stdout)
    assert record["solution"] == truth["solution"]
    assert record["clues"] == truth["clues"]
    with Image.open(solved) as drawn, Image.open(picture) as given:
        assert drawn.size == given.size
    words = run(app, ["see", str(picture)]).stdout
    assert "read:" in words
    assert "solved:" in words


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "name a picture"),
        (["--make", "2"], "--out FOLDER"),
        (["x.png", "--out", "solved.gif"], "--out is a .png or .jpg"),
    ],
)
def test_the_command_refuses_what_makes_no_sense(arguments, words):
    result = CliRunner().invoke(app, ["see", *arguments])
    assert words in str(result.exception)
