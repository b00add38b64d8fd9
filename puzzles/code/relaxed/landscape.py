"""The landscape of a program: the slots of all its parts, with their domains and couplings.

The space has one variable for each slot and one for each import that is lacking. Hard domains:

* *syntax and types*: what stands in the slots of a part is a derivation of its typed grammar;
* *scope*: no slot holds a state that reads a name which is not bound there;
* *imports*: what names a module, or a member of one, turns its import on; so does the text around
  the holes.

Soft domains, in nats: *prior*, *types* and *flow*, the same energies of the same choices as in
the search. The hard domains are coupled by propagation: a name that is settled turns its import
on, and an import that is off takes the names away that need it.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import compress, takewhile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from latent_ebm.energies.clause import Clauses, implications
from latent_ebm.energies.domain import HardDomain, SoftDomain
from latent_ebm.energies.family import Numbered
from latent_ebm.energies.landscape import Landscape
from latent_ebm.energies.propagation import standard_couplings
from latent_ebm.energies.space import Space
from latent_ebm.energies.tree_grammar import TreeGrammar
from latent_ebm.kernels.structure import Csr
from latent_ebm.puzzles.code.execution.executor import Executor
from latent_ebm.puzzles.code.grammar.edits import Edit, applied
from latent_ebm.puzzles.code.grammar.imports import Imports, import_text
from latent_ebm.puzzles.code.grammar.program import Program
from latent_ebm.puzzles.code.grammar.sites import sites
from latent_ebm.puzzles.code.relaxed.expression_holes import expression_part
from latent_ebm.puzzles.code.relaxed.listed import change_part, statement_part
from latent_ebm.puzzles.code.relaxed.looking import Look, look_at
from latent_ebm.puzzles.code.relaxed.merging import Merged
from latent_ebm.puzzles.code.relaxed.parts import Part
from latent_ebm.puzzles.code.testing.cases import Suite

__all__ = ["RelaxedProgram"]

EMPTY, ABSENT, PRESENT = "nothing", "not imported", "imported"
SOFT = ("prior", "types", "flow")


@dataclass(frozen=True, eq=False)
class RelaxedProgram:
    """A program as variables with states, and the way to texts and back.

    Attributes
    ----------
    program
        The text as given.
    parts
        Its holes, or the one change of a repair.
    imports
        The statements that are lacking, as ``from collections import deque``; each has a variable
        behind those of the slots.
    """

    program: Program
    parts: tuple[Part, ...]
    imports: tuple[str, ...]

    @classmethod
    def of(cls, text: str, suite: Suite, project: Path | None = None) -> RelaxedProgram:
        """Look at a program, and relax its holes, or where there are none, one change of it.

        Raises
        ------
        ValueError
            If nothing that can be written in a hole has a type that is wanted there.
        IsolationError
            If the machine allows no sandbox: one run shows the types of names.
        """
        with Executor(suite, context=text, project=project, workers=1) as executor:
            return cls.seen(look_at(text, executor))

    @classmethod
    def seen(cls, look: Look) -> RelaxedProgram:
        """Relax a program that was looked at; raises ValueError as :meth:`of`."""
        parts = tuple(
            statement_part(look, hole) if hole.is_statement else expression_part(look, hole)
            for hole in look.holes
        )
        parts = parts or (change_part(look),)
        imports = Imports(look.program)
        turned_on = (line for part in parts for word in part.words for line in imports.needed(word))
        return cls(look.program, parts, tuple(sorted({*imports.missing.values(), *turned_on})))

    @cached_property
    def merged(self) -> Merged:
        """The states of all parts under common numbers."""
        return Merged(self.parts)

    @cached_property
    def landscape(self) -> Landscape:
        """The space, the domains over it, and their couplings."""
        n, k = self._space.shape
        domains = (
            HardDomain("syntax and types", self._trees()),
            HardDomain("scope", self._scope()),
            HardDomain("imports", self._imports()),
        )
        hard = tuple(domain for domain in domains if domain.families)
        soft = tuple(domain for name in SOFT for domain in self._costs(name))
        return Landscape(self._space, hard, soft, standard_couplings(hard, n, k))

    @cached_property
    def costs(self) -> NDArray[np.float64]:
        """[N, K] nats of each choice by itself, over all soft domains."""
        found = np.zeros(self._space.shape)
        for i, part in enumerate(self.parts):
            here = self._slots[i][:, None], self.merged.numbers[i][None]
            found[here] = sum(part.costs.values()) * part.allowed
        return found

    def edits(self, values: Sequence[int] | NDArray[np.integer]) -> list[Edit]:
        """The changes of the text that values [N] stand for.

        Raises
        ------
        ValueError
            Where values do not fit, or are no well-formed filling; with what is wrong.
        """
        states = np.asarray(values)
        if states.shape != (len(self._space.variables),):
            raise ValueError(
                f"this program has {len(self._space.variables)} variables; found values "
                f"{states.shape}"
            )
        trees = Landscape(self._space, self.landscape.hard[:1])
        wrong = trees.violations(states)
        if wrong:
            raise ValueError(f"values that are no program: {wrong[0]}")
        made = [
            part.edit(self.merged.local(i, states[self._slots[i]]))
            for i, part in enumerate(self.parts)
        ]
        changes = [edit for edit in made if edit is not None]
        on = states[len(states) - len(self.imports) :] == self._present
        lines = tuple(compress(self.imports, on))
        return [Edit(0, 0, "", 0.0, "import", 1, imports=lines), *changes] if lines else changes

    def text(self, values: Sequence[int] | NDArray[np.integer]) -> str:
        """The program that values [N] stand for; raises as :meth:`edits`."""
        return applied(self.program.source, self.edits(values))

    def values(self, text: str) -> NDArray[np.int16] | None:
        """The values of a text; None if it is not in the space."""
        text, lines = self._without_imports(text)
        pieces = self._pieces(text)
        if pieces is None:
            return None
        values = np.full(len(self._space.variables), self.merged.empty, np.int16)
        for i, (part, piece) in enumerate(zip(self.parts, pieces, strict=True)):
            states = part.derive(piece)
            if states is None:
                return None
            values[self._slots[i]] = self.merged.common(i, states)
        on = np.array([line in lines for line in self.imports], np.bool_)
        values[len(values) - len(on) :] = np.where(on, self._present, self._present - 1)
        return values

    @property
    def _present(self) -> int:
        """The state of an import that is there; the one before it says that it is not."""
        return self.merged.empty + 2

    @cached_property
    def _slots(self) -> list[NDArray[np.int64]]:
        """The variables of each part."""
        sizes = np.array([len(part.slots) for part in self.parts])
        return np.split(np.arange(sizes.sum()), np.cumsum(sizes)[:-1])

    @cached_property
    def _space(self) -> Space:
        merged, imports = self.merged, len(self.imports)
        states = (*merged.words, EMPTY, *((ABSENT, PRESENT) if imports else ()))
        slots = [name for part in self.parts for name in part.slots]
        mask = np.zeros((len(slots) + imports, len(states)), np.bool_)
        for i, part in enumerate(self.parts):
            own = part.allowed & part.trees.possible
            mask[self._slots[i][:, None], merged.numbers[i][None]] = own
        if imports:
            mask[len(slots) :, self._present - 1 :] = True
        return Space(mask, (*slots, *self.imports), states)

    def _trees(self) -> tuple[TreeGrammar, ...]:
        """A family for each skeleton."""
        k = self._space.shape[1]
        alike: dict[bytes, list[int]] = defaultdict(list)
        for i in range(len(self.parts)):
            alike[self.merged.skeleton(i).tobytes()].append(i)
        families = []
        for members in alike.values():
            slots = np.stack([self._slots[i] for i in members]).astype(np.int32)
            states = self.merged.empty + 1
            masks = self._space.mask[slots][:, :, :states]
            roots = np.stack([self.merged.roots(i) for i in members])
            names = tuple(self.parts[i].name for i in members)
            trees = self.merged.trees(members[0])
            families.append(TreeGrammar(trees, slots, roots, masks, k, names))
        return tuple(families)

    def _scope(self) -> tuple[Clauses, ...]:
        """No state in a slot that reads an unbound name."""
        entries, labels = [], []
        for i, part in enumerate(self.parts):
            for slot, state in np.argwhere(part.allowed[:, :-1]).tolist():
                if part.unbound[state]:
                    entries.append([self._entry(i, slot, state)])
                    labels.append(f"{part.slots[slot]}: {part.unbound[state]} is not bound there")
        return self._forbidden(entries, labels)

    def _imports(self) -> tuple[Clauses, ...]:
        """What names a module, or a member of one, turns its import on."""
        premises: list[list[int]] = []
        conclusions, labels = [], []
        k = self._space.shape[1]
        first = self._space.shape[0] - len(self.imports)
        on = {line: (first + i) * k + self._present for i, line in enumerate(self.imports)}
        imports = Imports(self.program)
        for name, line in imports.missing.items():
            premises.append([])
            conclusions.append([on[line]])
            labels.append(f"the program reads {name.id}")
        for i, part in enumerate(self.parts):
            for state, word in enumerate(part.words):
                for line in imports.needed(word):
                    for slot in np.flatnonzero(part.allowed[:, state]).tolist():
                        premises.append([self._entry(i, slot, state)])
                        conclusions.append([on[line]])
                        labels.append(f"{word} in {part.slots[slot]} needs {line}")
        if not labels:
            return ()
        rows = Csr.from_rows(premises), Csr.from_rows(conclusions)
        return (implications(*rows, k, tuple(labels)),)

    def _costs(self, name: str) -> Iterator[SoftDomain]:
        """One choice, or several together, for its nats each."""
        entries, nats = [], []
        for i, part in enumerate(self.parts):
            costs = part.costs.get(name)
            for slot, state in np.argwhere(costs * part.allowed) if costs is not None else ():
                entries.append([self._entry(i, int(slot), int(state))])
                nats.append(float(part.costs[name][slot, state]))
            for choices, cost in part.together.get(name, ()):
                entries.append([self._entry(i, *choice) for choice in choices])
                nats.append(cost)
        if nats:
            yield SoftDomain(name, self._forbidden(entries, Numbered(name, len(nats))), tuple(nats))

    def _forbidden(self, entries: list[list[int]], labels: Sequence[str]) -> tuple[Clauses, ...]:
        """For each row the clause that not all of its entries are chosen: ``prod x``."""
        if not entries:
            return ()
        rows, none = Csr.from_rows(entries), Csr.from_rows([[] for _ in entries])
        return (implications(rows, none, self._space.shape[1], labels),)

    def _entry(self, part: int, slot: int, state: int) -> int:
        variable = int(self._slots[part][slot])
        return variable * self._space.shape[1] + int(self.merged.numbers[part][state])

    def _without_imports(self, text: str) -> tuple[str, frozenset[str]]:
        """The text without the imports that it has and the program lacks, and these."""
        data, source = text.encode(), self.program.source
        at, _ = import_text(source, frozenset(self.imports))
        below = data[at:].decode(errors="replace").lstrip().splitlines()
        lines = frozenset(takewhile(self.imports.__contains__, below))
        _, written = import_text(source, lines)
        if not lines or not data[at:].startswith(written):
            return text, frozenset()
        return (data[:at] + data[at + len(written) :]).decode(), lines

    def _pieces(self, text: str) -> list[str] | None:
        """What stands in each hole; of a repair the whole text."""
        if self.parts[0].name == "change":
            return [text]
        source, at, pattern = self.program.source, 0, []
        for start, end in self._spans:
            pattern += [re.escape(source[at:start].decode()), "(.+?)"]
            at = end
        found = re.fullmatch("".join([*pattern, re.escape(source[at:].decode())]), text, re.DOTALL)
        return None if found is None else list(found.groups())

    @cached_property
    def _spans(self) -> list[tuple[int, int]]:
        return [self.program.span(site.node) for site in sites(self.program)]
