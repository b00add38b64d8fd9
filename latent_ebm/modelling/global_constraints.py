"""CPMpy's global constraints that have a factor of their own; CPMpy decomposes the others."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from typing import Any

import cpmpy as cp
import numpy as np
from cpmpy.exceptions import NotSupportedError
from cpmpy.expressions.utils import is_star
from numpy.typing import NDArray

from latent_ebm.energies.automaton import Automaton
from latent_ebm.modelling import sums
from latent_ebm.modelling.assembly import Name
from latent_ebm.modelling.functions import equals, is_plain, is_value, values_of
from latent_ebm.modelling.scopes import MAX_TUPLES, Scope
from latent_ebm.modelling.variables import Literal, Term


def post(scope: Scope, constraint: Any) -> None:
    """Add a global constraint.

    Raises
    ------
    NotSupportedError
        If it has no form here, naming the constraint and what to do.
    """
    if constraint.name not in GLOBALS:
        raise NotSupportedError(
            f"{Name(constraint)}: latent_ebm has no form of {constraint.name!r}; give the "
            "constraint a decompose() method, or write it with those in docs/modelling.md"
        )
    GLOBALS[constraint.name](scope, constraint)


def _all_different(scope: Scope, constraint: Any) -> None:
    """Each value is taken at most once; exactly once where there are no more values than terms."""
    arguments = [scope.term(a) for a in constraint.args]
    constants = [t for t in arguments if isinstance(t, int)]
    terms = [t for t in arguments if isinstance(t, Term)]
    if len(set(constants)) < len(constants):
        scope.assembly.fail()
        return
    masks = scope.assembly.variables.masks
    for term in terms:
        scope.assembly.clause([term.at(~np.isin(term.values, constants))])
    live = [np.flatnonzero(masks[t.variable]) for t in terms]
    value = np.concatenate(
        [np.zeros(0, int), *(t.values[s] for t, s in zip(terms, live, strict=True))]
    )
    owner = np.repeat([t.variable for t in terms], [len(s) for s in live])
    state = np.concatenate([np.zeros(0, int), *live])
    order = np.argsort(value, kind="stable")
    distinct, starts = np.unique(value[order], return_index=True)
    if len(distinct) < len(terms):
        scope.assembly.fail(f": {len(terms)} terms have {len(distinct)} values together")
        return
    kind = "exactly one" if len(distinct) == len(terms) else "at most one"
    entries = np.stack([owner, state], axis=1)[order]
    for a, group in zip(distinct.tolist(), np.split(entries, starts[1:]), strict=True):
        _one_of(scope, kind, a, group)


def _one_of(scope: Scope, kind: str, value: int, group: NDArray[np.int64]) -> None:
    """Of some entries at most one, or exactly one, is chosen; entries that stand twice never."""
    entries, counts = np.unique(group, axis=0, return_counts=True)
    masks = scope.assembly.variables.masks
    for v, s in entries[counts > 1]:
        scope.assembly.restrict(int(v), np.arange(len(masks[v])) != s)
    entries = entries[counts == 1]
    if len(set(entries[:, 0].tolist())) > 1:
        scope.assembly.row(kind, entries, part=f", value {value}")
    elif kind == "exactly one":
        literals = [Literal(int(v), np.arange(len(masks[v])) == s) for v, s in entries]
        scope.assembly.clause(literals)


def _table(scope: Scope, constraint: Any) -> None:
    """The rows as combinations of states."""
    array, rows = constraint.args
    terms = [scope.term(a) for a in array]
    if constraint.name == "short_table":
        rows = _written_out(scope, rows, terms)
    rows = np.unique(np.asarray(rows, np.int64).reshape(-1, len(terms)), axis=0)
    for column, term in enumerate(terms):
        if isinstance(term, int):
            rows = rows[rows[:, column] == term]
    free = [(c, t) for c, t in enumerate(terms) if isinstance(t, Term)]
    masks = scope.assembly.variables.masks
    roots = list(dict.fromkeys(t.variable for _, t in free))
    tuples = np.zeros((len(rows), 0), np.int64)
    for root in roots:
        rows, tuples = _extended(rows, tuples, root, masks[root], free)
        if len(tuples) > MAX_TUPLES:
            raise _too_long(scope)
    if not len(tuples):
        scope.assembly.fail()
    elif len(roots) == 1:
        allowed = np.zeros(len(masks[roots[0]]), np.bool_)
        allowed[tuples[:, 0]] = True
        scope.assembly.restrict(roots[0], allowed)
    else:
        scope.assembly.row("table", (roots, np.unique(tuples, axis=0)))


def _too_long(scope: Scope) -> NotSupportedError:
    return NotSupportedError(
        f"{Name(scope.assembly.source)}: the table has more than {MAX_TUPLES:,} rows; "
        "split it, or give its variables tighter bounds"
    )


def _written_out(scope: Scope, rows: Any, terms: list[Term | int]) -> list[tuple[int, ...]]:
    """The rows with every value in the place of a ``*``."""
    choices = [values_of(term) for term in terms]
    written: list[tuple[int, ...]] = []
    for row in rows.tolist():
        cells = [c if is_star(cell) else [int(cell)] for cell, c in zip(row, choices, strict=True)]
        if math.prod(map(len, cells)) + len(written) > MAX_TUPLES:
            raise _too_long(scope)
        written += itertools.product(*cells)
    return written


def _extended(
    rows: NDArray[np.int64],
    tuples: NDArray[np.int64],
    root: int,
    mask: NDArray[np.bool_],
    free: list[tuple[int, Term]],
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Rows with the states so far, continued by every state of ``root`` that fits the row."""
    columns = [(c, t) for c, t in free if t.variable == root]
    states = np.flatnonzero(mask)
    made = np.stack([t.values[states] for _, t in columns], axis=1)
    kept, chosen = [], []
    index: dict[bytes, list[int]] = {}
    for state, key in zip(states.tolist(), made, strict=True):
        index.setdefault(key.tobytes(), []).append(state)
    wanted = np.ascontiguousarray(rows[:, [c for c, _ in columns]])
    for place, key in enumerate(wanted):
        for state in index.get(key.tobytes(), ()):
            kept.append(place)
            chosen.append(state)
    longer = np.concatenate([tuples[kept], np.array(chosen, np.int64)[:, None]], axis=1)
    return rows[kept], longer


def _negative_table(scope: Scope, constraint: Any) -> None:
    array, rows = constraint.args
    terms = [scope.term(a) for a in array]
    for row in np.asarray(rows, np.int64).tolist():
        matches = zip(terms, row, strict=True)
        scope.assembly.clause([~equals(scope, t, value) for t, value in matches])


def _regular(scope: Scope, constraint: Any) -> None:
    """The automaton itself where all variables start at one value, else one copy for each place."""
    array, transitions, start, accepting = constraint.args
    number = constraint.node_map
    step = {(number[a], value): number[b] for a, value, b in transitions}
    terms = _own_variables(scope, [scope.term(a) for a in array])
    origins = {scope.assembly.variables.origins[t.variable] for t in terms}
    nodes = max(number.values()) + 1
    if len(origins) == 1:
        letters, layered = [max((t.values for t in terms), key=len)], 0
    else:
        letters, layered = [t.values for t in terms], nodes
    table = np.full((layered + nodes * len(letters), max(map(len, letters))), -1, np.int32)
    for layer, values in enumerate(letters):
        for state, value in enumerate(values.tolist()):
            for node in range(nodes):
                if (node, value) in step:
                    goal = layered * (layer + 1) + step[node, value]
                    table[layer * nodes + node, state] = goal
    accepts = np.zeros(len(table), np.bool_)
    accepts[[len(table) - nodes + number[a] for a in accepting if a in number]] = True
    if Automaton(number[start], accepts, table).accepts_some(len(terms)):
        content = ([t.variable for t in terms], number[start], accepts, table)
        scope.assembly.row("regular", content)
    else:
        scope.assembly.fail(": the automaton accepts nothing of this length")


def numbered(constraint: Any) -> Any:
    """A regular constraint with numbers for nodes: CPMpy flattens no other, where terms nest."""
    if getattr(constraint, "name", "") != "regular" or not constraint.has_subexpr():
        return constraint
    array, transitions, start, accepting = constraint.args
    number = constraint.node_map
    return cp.Regular(
        array,
        [(number[a], value, number[b]) for a, value, b in transitions],
        number[start],
        [number[a] for a in accepting if a in number],
    )


def _own_variables(scope: Scope, terms: list[Term | int]) -> list[Term]:
    """The terms, as plain and pairwise different variables."""
    assembly, plain, used = scope.assembly, [], set()
    for term in terms:
        if isinstance(term, int):
            own = assembly.variables.add(f"constant {term}", term, term)
        elif term.variable in used or not is_plain(scope, term):
            values = values_of(term)
            own = assembly.variables.add(
                f"copy of {assembly.variables.names[term.variable]}", values[0], values[-1]
            )
            sums.between(assembly, [(1, own), (-1, term)], 0, 0)
        else:
            own = term
        used.add(own.variable)
        plain.append(own)
    return plain


def _inverse(scope: Scope, constraint: Any) -> None:
    """Forward[i] is j exactly where reverse[j] is i."""
    forward, reverse = ([scope.term(a) for a in side] for side in constraint.args)
    count = len(forward)
    for term in (*forward, *reverse):
        scope.assembly.clause([is_value(scope, term, lambda v: (v >= 0) & (v < count))])
    for i in range(count):
        for j in range(count):
            there, back = equals(scope, forward[i], j), equals(scope, reverse[j], i)
            scope.assembly.clause([~there, back])
            scope.assembly.clause([there, ~back])


def _xor(scope: Scope, constraint: Any) -> None:
    """An odd number of truths: their count is twice some number, and one."""
    terms = [scope.term(a) for a in constraint.args]
    fixed = sum(t for t in terms if isinstance(t, int))
    free = [(1, t) for t in terms if isinstance(t, Term)]
    half = scope.assembly.variables.add("half the count", 0, len(terms) // 2)
    sums.between(scope.assembly, [*free, (-2, half)], 1 - fixed, 1 - fixed)


GLOBALS: dict[str, Callable[[Scope, Any], None]] = {
    "alldifferent": _all_different,
    "inverse": _inverse,
    "negative_table": _negative_table,
    "regular": _regular,
    "short_table": _table,
    "table": _table,
    "xor": _xor,
}
"""Global constraints with a form of their own, at top level."""
