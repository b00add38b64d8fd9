"""Nonograms: an automaton per line."""

from __future__ import annotations

from typing import Any

import numpy as np

from latent_ebm.bench.models.clauses import Encoding
from latent_ebm.puzzles.nonogram import line_automaton


def _lines(problem: Any) -> list[tuple[list[int], tuple[int, ...]]]:
    height, width = problem.size
    table = np.arange(height * width).reshape(height, width)
    return [
        *zip(table.tolist(), problem.rows, strict=True),
        *zip(table.T.tolist(), problem.columns, strict=True),
    ]


def cpsat(problem: Any, model: Any) -> list[Any]:
    """``add_automaton`` on Boolean cells."""
    height, width = problem.size
    cells = [model.new_bool_var("") for _ in range(height * width)]
    for line, runs in _lines(problem):
        automaton = line_automaton(runs)
        arrows = [
            (state, value, int(after))
            for state, row in enumerate(automaton.transitions)
            for value, after in enumerate(row)
            if after >= 0
        ]
        final = np.flatnonzero(automaton.accepting).tolist()
        model.add_automaton([cells[i] for i in line], automaton.start, final, arrows)
    return cells


def clauses(problem: Any) -> Encoding:
    """The states after each cell as literals, exactly one each, and what a cell's value does."""
    height, width = problem.size
    encoding = Encoding(height * width, 2)
    for line, runs in _lines(problem):
        automaton = line_automaton(runs)
        states = range(len(automaton.transitions))
        before = [encoding.fresh() for _ in states]
        encoding.clauses += [[before[automaton.start]]]
        encoding.exactly_one(before)
        for cell in line:
            after = [encoding.fresh() for _ in states]
            encoding.exactly_one(after)
            for state, row in enumerate(automaton.transitions.tolist()):
                for value, target in enumerate(row):
                    effect = [after[target]] if target >= 0 else []
                    encoding.clauses.append([-before[state], -encoding.entry(cell, value), *effect])
            before = after
        refused = np.flatnonzero(~np.asarray(automaton.accepting, np.bool_)).tolist()
        encoding.clauses += [[-before[state]] for state in refused]
    return encoding
