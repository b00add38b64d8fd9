"""Rules from examples: a pairwise energy learned from solved grids alone; docs/learning.md."""
