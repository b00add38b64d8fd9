"""latent-ebm: a continuous-latent, energy-based constraint solver.

>>> import latent_ebm
>>> solution = latent_ebm.solve("1..4 .... .... 2..3")  # doctest: +SKIP
"""
