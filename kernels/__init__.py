"""Fused evaluation of energies and of whole runs of sweeps.

Each operation has one signature and up to three implementations: a readable torch
``reference`` (the definition), ``cpu`` (Numba) and ``triton`` (GPUs).
:func:`latent_ebm.kernels.dispatch.select` picks one; nothing else does.
"""
