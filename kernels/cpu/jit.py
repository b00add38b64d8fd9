"""How the CPU kernels are compiled."""

from numba import njit

kernel = njit(nogil=True, cache=True, error_model="numpy")
"""Without the interpreter lock, kept on disk, and dividing as numpy does: no exceptions."""
