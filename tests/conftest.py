"""What all tests share: how hypothesis runs, and puzzles that never change."""

import pytest
from hypothesis import settings

from latent_ebm.puzzles.sudoku import Shape, Sudoku, generate

# kernels compile or load on their first call, so no single example has a deadline
settings.register_profile("latent-ebm", deadline=None, print_blob=True)
settings.load_profile("latent-ebm")


@pytest.fixture(scope="session")
def puzzles_of():
    """(side, count) to that many puzzles with one solution each, the same in every run."""
    made = {}

    def make(side: int, count: int) -> list[Sudoku]:
        for seed in range(len(made.setdefault(side, [])), count):
            made[side].append(generate(Shape.of_side(side), rng=seed))
        return made[side][:count]

    return make
