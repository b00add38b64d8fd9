"""What may fill one hole in partly filled programs of one shape: looked at once, shared by all."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from latent_ebm.coding.latent import Latent
from latent_ebm.coding.workspace import Workspace
from latent_ebm.puzzles.code.grammar.edits import Edit
from latent_ebm.puzzles.code.grammar.expectations import Types
from latent_ebm.puzzles.code.grammar.hints import hints
from latent_ebm.puzzles.code.grammar.holes import expected, fillings
from latent_ebm.puzzles.code.grammar.sites import Site
from latent_ebm.puzzles.code.grammar.soft_ast import SoftAst
from latent_ebm.puzzles.code.grammar.valued import ValuedHole

__all__ = ["BUDGETS", "WIDTH", "Listed", "Place"]

WIDTH = 10
"""Features of a filling that are looked at."""
BUDGETS = (3.0, 4.5, 6.0, 7.5, 9.0, 10.5)
"""Fillings are listed up to these costs, one after the other."""


@dataclass(frozen=True, eq=False)
class Listed:
    """The fillings between two costs, with their costs and features."""

    edits: list[Edit]
    cost: NDArray[np.float64]
    features: NDArray[np.int32]


@dataclass(eq=False)
class Place:
    """A hole in a program, and what its run showed.

    Attributes
    ----------
    workspace
        The program; others of its shape have the same types in the same places.
    site
        The hole.
    results
        The types of what the function should return.
    valued
        What explorations are asked for; None where values cannot be had.
    """

    workspace: Workspace
    site: Site
    results: Types
    valued: ValuedHole | None
    _listed: dict[tuple[int, bool], Listed] = field(default_factory=dict, repr=False)
    _tree: SoftAst | None = field(default=None, repr=False)

    def listed(self, stage: int, explored: bool, latent: Latent) -> Listed:
        """The fillings of a stage, without those that an exploration finds."""
        key = stage, explored
        if key not in self._listed:
            self._listed[key] = self._list(stage, explored, latent)
        return self._listed[key]

    def _list(self, stage: int, explored: bool, latent: Latent) -> Listed:
        # what is usual in its place may cost less than the stage before, and come only now
        known = {
            edit.text
            for (earlier, same), one in self._listed.items()
            for edit in one.edits
            if earlier < stage and same == explored
        }
        context, site, results = self.workspace.context, self.site, self.results
        lacking = hints(context, site.node, wants_value=bool(results))
        edits = [
            replace(edit, flow=edit.flow - lacking.bonus(edit.text))
            for edit in fillings(context, site, results, BUDGETS[stage], explored=explored)
            if edit.text not in known
        ]
        rows = np.full((len(edits), WIDTH), -1, np.int32)
        for row, edit in zip(rows, edits, strict=True):
            numbers = latent.numbers(edit.features[:WIDTH])
            row[: len(numbers)] = numbers
        return Listed(edits, np.array([edit.cost for edit in edits]), rows)

    def tree(self) -> SoftAst | None:
        """The soft AST of an expression hole; None if nothing fits."""
        node, context = self.site.node, self.workspace.context
        if self._tree is None and not isinstance(node, ast.Expr):
            wanted = expected(context, node, self.results) if context.terms.types else ()
            self._tree = SoftAst.at(context, node, wanted)
        return self._tree
