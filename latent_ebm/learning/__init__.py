"""Learned energies: training with Lightning, weights as safetensors, the same solver.

Nothing here is imported by ``import latent_ebm`` or by commands that do not learn. Using learned
rules needs torch alone; training needs the extra ``learn`` (:mod:`latent_ebm.learning.extra`).
"""
