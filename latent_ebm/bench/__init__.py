"""Measuring us beside other solvers, in one run."""
