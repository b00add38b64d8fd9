"""Constraints as energies: one module per family, and the landscape that composes them."""
