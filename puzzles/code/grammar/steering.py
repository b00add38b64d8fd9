"""The energies of edits as far as they are turned on, with how suspicious a line is."""

from __future__ import annotations

from math import log

from latent_ebm.puzzles.code.grammar.context import Context
from latent_ebm.puzzles.code.grammar.edits import Edit
from latent_ebm.puzzles.code.grammar.special_cases import brought
from latent_ebm.puzzles.code.grammar.terms import FLAT, Terms

SUSPICION = 1.0
"""Nats by which a line that all failing tests and no passing one run is likelier."""
LEAST_SUSPICION = 0.1
"""Lines that are less suspicious count as this."""
FRESH_KINDS = ("fresh", "wrap", "insert", "guard", "add condition")
"""Kinds of edits that bring something new, which may treat one value on its own."""


def least(terms: Terms, prior: float, types: float = 0.0) -> float:
    """What an edit costs before its flow energy, without the energies that are turned off.

    >>> least(Terms(), 1.5, 2.0), least(Terms(prior=False, types=False), 1.5, 2.0)
    (3.5, 4.0)
    """
    return (prior if terms.prior else FLAT) + (types if terms.types else 0.0)


def localisation(terms: Terms, suspicion: float) -> float:
    """The energy of a line, ``-SUSPICION * log(suspicion)``, in nats."""
    return -SUSPICION * log(max(suspicion, LEAST_SUSPICION)) if terms.localisation else 0.0


def steered(context: Context, edit: Edit, local: float) -> Edit:
    """An edit without the energies that are turned off, with its line's and what it imports.

    Parameters
    ----------
    local
        The line's energy, in nats.
    """
    terms, newline = context.terms, context.program.newline
    prior = edit.prior
    if edit.kind in FRESH_KINDS:
        prior += brought(edit.text, context.program.between(edit.start, edit.end))
    return Edit(
        edit.start,
        edit.end,
        edit.text if newline == "\n" else edit.text.replace("\r\n", "\n").replace("\n", newline),
        (prior if terms.prior else FLAT) + local,
        edit.kind,
        edit.line,
        edit.features,
        edit.type,
        edit.types if terms.types else 0.0,
        edit.flow if terms.flow else 0.0,
        edit.imports or context.imports.needed(edit.text),
    )
