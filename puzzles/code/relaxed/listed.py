"""Choices from a list as parts: small statements in a hole, and the one edit of a repair.

Their edits are without imports: these have variables of their own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from latent_ebm.kernels.trees import Grammar, Trees
from latent_ebm.puzzles.code.grammar.edits import Edit, applied
from latent_ebm.puzzles.code.grammar.holes import fillings
from latent_ebm.puzzles.code.grammar.sites import Site
from latent_ebm.puzzles.code.grammar.space import edits
from latent_ebm.puzzles.code.relaxed.looking import Look, open_site
from latent_ebm.puzzles.code.relaxed.parts import Floats, Part

__all__ = ["LARGEST", "change_part", "statement_part"]

BUDGET = 7.5
"""Up to which cost statements and edits are listed, in nats."""
LARGEST = 2000
"""At most so many of them, the cheapest."""
UNCHANGED = "unchanged"


def statement_part(look: Look, hole: Site) -> Part:
    """A statement hole: one slot, whose states are small statements."""
    blank = look.context.program
    site = open_site(blank, hole.number)
    known = {edit.text for edit in fillings(look.context, site, look.results, BUDGET)}
    listed = fillings(look.wide, site, look.results, BUDGET)[:LARGEST]
    start, end = look.program.span(hole.node)
    name, count = f"hole {hole.number + 1}", len(listed)
    grammar = Grammar(
        ("statement",),
        np.zeros(count, np.int64),
        np.zeros(count, np.int64),
        np.zeros((count, 1, 1), np.bool_),
    )
    allowed = np.ones((1, count + 1), np.bool_)
    allowed[0, -1] = False
    placed = [replace(edit, start=start, end=end, imports=()) for edit in listed]
    number = {edit.text: state for state, edit in reversed([*enumerate(listed)])}

    def derive(text: str) -> tuple[int, ...] | None:
        state = number.get(text)
        return None if state is None else (state,)

    return Part(
        name,
        (name,),
        Trees.complete(grammar, 0),
        tuple((name, edit.text) for edit in listed),
        tuple(edit.text for edit in listed),
        allowed,
        _costs([listed]),
        tuple("" if edit.text in known else _read(edit.text) for edit in listed),
        lambda values: placed[values[0]],
        derive,
    )


def change_part(look: Look) -> Part:
    """The change of a repair: a location, the line of a statement, and one of its edits.

    The slot of the location is the root, the edit's its only child; or nothing is changed.
    """
    known = {_key(edit) for edit in edits(look.context, ceiling=BUDGET)}
    listed = [
        replace(edit, imports=())
        for edit in edits(look.wide, ceiling=BUDGET)
        if edit.kind != "import"
    ][:LARGEST]
    lines = sorted({edit.line for edit in listed})
    number = {line: 2 + i for i, line in enumerate(lines)}
    types = ("program", "nothing else", *(f"edit of line {line}" for line in lines))
    count = 1 + len(lines) + len(listed)
    result = np.zeros(count, np.int64)
    arity = np.zeros(count, np.int64)
    accepts = np.zeros((count, 1, len(types)), np.bool_)
    for state, line in enumerate(lines, 1):
        arity[state] = 1
        accepts[state, 0, number[line]] = True
    result[1 + len(lines) :] = [number[edit.line] for edit in listed]
    allowed = np.ones((2, count + 1), np.bool_)
    allowed[0, 1 + len(lines) :] = False
    allowed[1, : 1 + len(lines)] = False
    first = 1 + len(lines)
    source = look.program.source
    texts = {applied(source, [edit]): first + i for i, edit in reversed([*enumerate(listed)])}

    def edit_of(values: Sequence[int]) -> Edit | None:
        return None if values[0] == 0 else listed[values[1] - first]

    def derive(text: str) -> tuple[int, ...] | None:
        if text == look.program.text:
            return 0, count
        state = texts.get(text)
        if state is None:
            return None
        return 1 + lines.index(listed[state - first].line), state

    return Part(
        "change",
        ("location", "edit"),
        Trees.complete(Grammar(types, result, arity, accepts), 1),
        (UNCHANGED, *(f"line {line}" for line in lines), *(_key(edit) for edit in listed)),
        (UNCHANGED, *(f"line {line}" for line in lines), *(edit.text for edit in listed)),
        allowed,
        _costs([[None] * first, [*([None] * first), *listed]]),
        (*([""] * first), *("" if _key(e) in known else _read(e.text) for e in listed)),
        edit_of,
        derive,
    )


def _costs(slots: Sequence[Sequence[Edit | None]]) -> Mapping[str, Floats]:
    """By domain, the nats of each state of each slot, [S, P + 1]."""
    width = 1 + max(map(len, slots))
    found = {name: np.zeros((len(slots), width)) for name in ("prior", "types", "flow")}
    for s, states in enumerate(slots):
        for p, edit in enumerate(states):
            if edit is not None:
                found["prior"][s, p] = edit.prior
                found["types"][s, p] = edit.types
                found["flow"][s, p] = edit.flow
    # what is usual may cost less than nothing: that counts from the cheapest
    found["prior"] -= min(found["prior"].min(), 0.0)
    return found


def _key(edit: Edit) -> tuple[int, int, str]:
    return edit.start, edit.end, edit.text


def _read(text: str) -> str:
    """What to call the names of an edit that is not in scope."""
    return f"a name of {' '.join(text.split())!r}"
