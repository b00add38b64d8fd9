"""Collects factors in terms of literals, and packs them into factor families."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray

from latent_ebm.energies.family import FactorFamily
from latent_ebm.kernels.factors import Operator
from latent_ebm.modelling.packing import Row, pack
from latent_ebm.modelling.variables import Literal, Variables

Entry = tuple[int, int]
"""A variable and one of its states."""

LABEL_WIDTH = 120


@dataclass(frozen=True)
class Name:
    """What a factor is called: the constraint that it comes from, and which part of it."""

    source: object
    part: str = ""

    def __str__(self) -> str:
        text = " ".join(str(self.source).split())
        if len(text) > LABEL_WIDTH:
            text = text[: LABEL_WIDTH - 3] + "..."
        return text + self.part


class Names(Sequence[str]):
    """Labels written only when asked for: the text of a constraint can be long."""

    def __init__(self, names: Sequence[Name]) -> None:
        self._names = names

    def __len__(self) -> int:
        return len(self._names)

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> list[str]: ...
    def __getitem__(self, index: int | slice) -> str | list[str]:
        """One label, or some."""
        if isinstance(index, slice):
            return [str(name) for name in self._names[index]]
        return str(self._names[index])


@dataclass(eq=False)
class Assembly:
    """Factors over ``variables``, as they come.

    Everything that speaks of one variable only goes into its mask. ``source`` is the constraint
    under way, the name of the factors to come. ``contradiction`` names the first constraint that
    leaves nothing, empty while there is none.

    Examples
    --------
    >>> variables = Variables()
    >>> x, y = variables.add("x", 1, 3), variables.add("y", 0, 1)
    >>> assembly = Assembly(variables, source="x > 1 or y")
    >>> assembly.clause([x.at(x.values > 1), y.at(y.values == 1)])
    >>> [label for family in assembly.families() for label in family.labels]
    ['x > 1 or y']
    """

    variables: Variables
    source: object = ""
    contradiction: str = ""
    rows: dict[str, list[Row]] = field(default_factory=dict)
    _switches: dict[tuple[int, bytes], Literal] = field(default_factory=dict)

    def clause(self, literals: Iterable[Literal]) -> None:
        """Some literal is true."""
        allowed: dict[int, NDArray[np.bool_]] = {}
        for literal in literals:
            v = literal.variable
            allowed[v] = allowed[v] | literal.allowed if v in allowed else literal.allowed
        entries: list[Entry] = []
        signs: list[int] = []
        open_sets = {}
        for v, states in allowed.items():
            mask = self.variables.masks[v]
            if states[mask].all():
                return
            if states[mask].any():
                open_sets[v] = states
        if not open_sets:
            self.fail()
        elif len(open_sets) == 1:
            self.restrict(*next(iter(open_sets.items())))
        else:
            for v, states in open_sets.items():
                mask = self.variables.masks[v]
                against = np.flatnonzero(mask & ~states)
                chosen = against if len(against) == 1 else np.flatnonzero(mask & states)
                entries += [(v, int(s)) for s in chosen]
                signs += [-1 if len(against) == 1 else 1] * len(chosen)
            self.row("clause", (entries, signs))

    def restrict(self, variable: int, allowed: NDArray[np.bool_]) -> None:
        """A variable takes one of the allowed states."""
        left = self.variables.masks[variable] & allowed
        if left.any():
            self.variables.masks[variable] = left
        else:
            self.fail(f", which leaves {self.variables.names[variable]} no value")

    def fail(self, why: str = "") -> None:
        """The constraint under way can never hold."""
        self.contradiction = self.contradiction or f"{Name(self.source)} can never hold{why}"

    def forbid(self, when: Literal | None) -> None:
        """The constraint under way cannot hold where ``when`` does."""
        self.clause([] if when is None else [~when])

    def row(
        self,
        kind: str,
        content: Any,
        when: Literal | None = None,
        *,
        over: Iterable[int] = (),
        part: str = "",
    ) -> None:
        """Add a factor over some variables, under the condition ``when``."""
        guard = None
        if when is not None:
            mask = self.variables.masks[when.variable]
            if not (mask & when.allowed).any():
                return
            if not when.allowed[mask].all():
                guard = self._entry(when, set(over))
        key = kind if guard is None else f"{kind} if"
        self.rows.setdefault(key, []).append(Row(content, Name(self.source, part), guard))

    def _entry(self, literal: Literal, taken: set[int]) -> Entry:
        """The entry that says what a literal says, of none of the variables ``taken``.

        Where the literal takes several states, or its variable is taken, a new variable says it.
        """
        states = np.flatnonzero(literal.allowed & self.variables.masks[literal.variable])
        if len(states) == 1 and literal.variable not in taken:
            return literal.variable, int(states[0])
        key = (literal.variable, literal.allowed.tobytes())
        if key not in self._switches:
            truth = self.switch()
            self.clause([~literal, truth])
            self.clause([literal, ~truth])
            self._switches[key] = truth
        return self._switches[key].variable, 1

    def switch(self) -> Literal:
        """A new Boolean variable, being true."""
        term = self.variables.add(f"switch {self.variables.count + 1}", 0, 1)
        return term.at(term.values == 1)

    def relation(
        self, first: int, operator: Operator, second: int, offset: int, when: Literal | None
    ) -> None:
        """State of ``first`` operator state of ``second`` + offset."""
        content = (first, operator, second, offset)
        self.row("relation", content, when, over=(first, second))

    def groups(self) -> tuple[FactorFamily, ...]:
        """The factors that the set kernels and presolve know: exactly one, at most one."""
        return self._packed(("exactly one", "at most one"))

    def others(self) -> tuple[FactorFamily, ...]:
        """All other factors."""
        return self._packed(k for k in self.rows if k not in ("exactly one", "at most one"))

    def families(self) -> tuple[FactorFamily, ...]:
        """All factors."""
        return self.groups() + self.others()

    def _packed(self, kinds: Iterable[str]) -> tuple[FactorFamily, ...]:
        return tuple(
            pack(kind, self.rows[kind], self.variables, Names([r.name for r in self.rows[kind]]))
            for kind in kinds
            if kind in self.rows
        )
