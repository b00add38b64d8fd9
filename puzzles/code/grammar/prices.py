"""What each kind of edit costs before its content, in nats.

Small changes that people forget or mistake most often are cheapest: the order of candidates follows
these first, and it matters most for how many executions a repair takes.
"""

from __future__ import annotations

OPERATOR = 1.0
"""Another operator."""
NAME = 1.2
"""Another name."""
CONSTANT = 1.2
"""Another constant."""
SWAP = 1.5
"""Two operands, arguments or bounds exchanged."""
SHRINK = 1.8
"""One part for the whole."""
WRAP = 1.2
"""The whole as one part of something new; its production and other parts cost extra."""
FRESH = 3.0
"""Something new, at its own cost extra."""
FUNCTION = 1.5
"""Another function or method on the same arguments."""
TARGET = 3.0
"""Another name that is assigned to."""
IMPORT = 0.5
"""An import of a name that is read and bound nowhere."""

DELETE = 2.5
"""A statement left out; large ones cost more."""
INSERT = 3.0
"""A new statement, at its own cost extra."""
GUARD = 3.5
"""A statement put under a condition, which costs extra."""
UNGUARD = 2.5
"""The body of an if or a loop without its header."""
MOVE = 2.5
"""A statement behind its neighbour, or into or out of a block."""
EXCHANGE = 2.0
"""A statement for its sibling, as break for continue."""

MISFIT, TRUTH = 2.0, 1.0
"""A type that was not seen in the place, and a truth value where numbers were seen."""
CONSTANT_FOR_EXPRESSION = 2.0
"""A constant where something was computed: what weak tests accept wrongly."""
FAR = 0.3
"""Nats for each nat that an operator costs by itself, where it is not close to the old one."""

SMALL_ATOM = 5.0
"""Elements, bounds and operands that are put in cost at most this, in nats."""
SMALL_CONDITION = 7.0
"""Conditions that are put in cost at most this, in nats."""

BY_PARTS, BY_PLACES, BY_COPIES, BY_TYPES, BY_FLOW = 0.62, 0.36, 0.22, 1.85, 1.25
"""What fills holes: the weights of the costs of its parts, of how unusual these are in their places
(-log P), of what copies of the program's own expressions save, and of the energies of types and
flow. Those of its choices are in ``choices.py``.

The weights that make the right fillings of the holes of 30 functions likeliest among all that were
listed (softmax over -energy); ``python benchmarks/fit_weights.py`` fits them.
"""
