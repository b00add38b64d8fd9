"""Numba kernels for CPUs; compiled on first use and cached on disk."""
