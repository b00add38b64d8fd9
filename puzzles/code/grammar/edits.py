"""An edit: one span of the program's bytes replaced, and what that costs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from latent_ebm.puzzles.code.grammar.imports import import_text


@dataclass(frozen=True, slots=True)
class Edit:
    """One change at one place.

    Attributes
    ----------
    start, end
        The bytes that it replaces; equal where it inserts.
    text
        What comes there.
    prior
        Energy of the change itself in nats: how natural it is, and how suspicious its line.
    types
        Energy for types that were not seen in the place.
    flow
        Energy for what it does to control flow: code that no run can reach, conditions that
        cannot vary, a missing return.
    imports
        The import statements that it turns on.
    kind
        What sort of change, as ``operator`` or ``insert``.
    line
        The statement's line that it belongs to.
    features
        Names of what it does, which the latent and the surrogate weigh.
    type
        The run-time type that stood there and the type that comes, as ``int>bool``.
    """

    start: int
    end: int
    text: str
    prior: float
    kind: str
    line: int
    features: tuple[str, ...] = ()
    type: str = ""
    types: float = 0.0
    flow: float = 0.0
    imports: tuple[str, ...] = ()

    @property
    def cost(self) -> float:
        """The energies together."""
        return self.prior + self.types + self.flow

    def overlaps(self, other: Edit) -> bool:
        """Whether both touch the same bytes, or insert at the same place."""
        if self.start == self.end or other.start == other.end:
            return self.start <= other.end and other.start <= self.end
        return self.start < other.end and other.start < self.end


def applied(source: bytes, edits: Sequence[Edit]) -> str:
    """The text with the edits made, and the imports that these turn on; they must not overlap.

    >>> applied(b"a + b", [Edit(2, 3, "-", 1.0, "operator", 1)])
    'a - b'
    """
    changes = [(edit.start, edit.end, edit.text.encode()) for edit in edits]
    lines = frozenset(line for edit in edits for line in edit.imports)
    if lines:
        start, text = import_text(source, lines)
        changes.insert(0, (start, start, text))
    parts, at = [], 0
    for start, end, text in sorted(changes, key=lambda change: change[0]):
        parts += [source[at:start], text]
        at = end
    return b"".join([*parts, source[at:]]).decode()


def within(inner: Edit, outer: Edit, source: bytes) -> bool:
    """Whether an edit changes a piece that another one keeps, so that both can be made."""
    if not (outer.start <= inner.start < inner.end <= outer.end) or (
        (inner.start, inner.end) == (outer.start, outer.end)
    ):
        return False
    return outer.text.encode().count(source[inner.start : inner.end]) == 1


def nested(outer: Edit, inner: Edit, source: bytes) -> Edit:
    """Both edits as one; see :func:`within`.

    >>> source = b"f(n % 2) + 1"
    >>> outer = Edit(0, 12, "f(n % 2)", 1.8, "shrink", 1)
    >>> inner = Edit(2, 7, "n // 2", 1.0, "operator", 1)
    >>> within(inner, outer, source), nested(outer, inner, source).text
    (True, 'f(n // 2)')
    """
    kept = source[inner.start : inner.end].decode()
    return replace(
        outer,
        text=outer.text.replace(kept, inner.text),
        prior=outer.prior + inner.prior,
        imports=(*outer.imports, *inner.imports),
    )
