"""Seeing puzzles: from pictures of handwritten digits to solved grids."""
