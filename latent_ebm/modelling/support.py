"""Which of CPMpy's constraints have a form of their own here: what the solver tells CPMpy.

docs/modelling.md has this as a table; a test compares the two.
"""

from __future__ import annotations

from latent_ebm.modelling.global_constraints import GLOBALS

LISTED = ("abs", "div", "element", "max", "min", "mod", "mul", "pow")
"""Functions that are listed by value, or have a form for large ones."""

NATIVE = frozenset({*GLOBALS, *LISTED})
"""Everything else CPMpy decomposes into these, sums, comparisons and logic."""

FORMS = {
    "and, or, ->, ~": "clauses",
    "==, !=, <, <=, >, >= between two variables": "masks, groups or relations",
    "sums and weighted sums compared with anything": "clauses, cardinalities, relations or linear",
    "b == (...) and b -> (...)": "conditional factors, or no factor where one variable decides",
    "alldifferent": "at most one, or exactly one, of each value",
    "inverse": "clauses",
    "negative_table": "clauses",
    "regular": "regular",
    "short_table": "table",
    "table": "table",
    "xor": "linear",
    "abs, div, mod, mul, pow": "table, or no factor where one variable decides",
    "element": "element, clauses, or no factor where one variable decides",
    "max, min": "table, or clauses and relations",
}
"""What each becomes."""
