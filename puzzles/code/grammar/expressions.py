"""Typed expressions and the productions that make them, with what each costs.

An expression costs the sum of its productions' costs, -log of how natural they are.
"""

from __future__ import annotations

from dataclasses import dataclass

STEP = 0.25
"""Costs are rounded to layers of this height, in nats."""

(
    ATOM,
    POSTFIX,
    NUMBER,
    POWER,
    UNARY,
    TERM,
    SUM,
    SHIFT,
    AND_BITS,
    XOR_BITS,
    OR_BITS,
    COMPARE,
    NOT,
    AND,
    OR,
    IF,
    NOTHING,
) = range(16, -1, -1)
"""How tightly an expression binds; what binds less than its place asks needs parentheses.

Numbers have a level of their own: ``1.real`` needs parentheses and ``1 ** x`` none.
"""

NO_NAMES: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Expression:
    """A piece of program text with its type and its cost.

    Attributes
    ----------
    text
        Python source.
    type
        Run-time type name; empty if unknown.
    cost
        Energy of the prior, in nats.
    binding
        How tightly its outermost production binds.
    head
        The outermost production's name, as ``+``, ``len``, ``name``.
    names
        The variables that it reads.
    size
        Productions in all.
    by_value
        Whether it only reads, and gives what follows from the values of the names that it reads.
    """

    text: str
    type: str
    cost: float
    binding: int = ATOM
    head: str = ""
    names: frozenset[str] = frozenset()
    size: int = 1
    by_value: bool = True

    def within(self, binding: int) -> str:
        """The text, in parentheses where it binds less tightly than asked.

        >>> Expression("a + b", "int", 1.0, SUM).within(TERM)
        '(a + b)'
        """
        return self.text if self.binding >= binding else f"({self.text})"


@dataclass(frozen=True)
class Production:
    """An operation with typed operands.

    Attributes
    ----------
    head
        Its name.
    template
        Source with ``{0}``, ``{1}``, ... for the operands.
    operands
        Type demanded of each; empty if any will do.
    bindings
        How tightly each operand has to bind.
    result
        The type of the whole.
    binding
        How tightly the whole binds.
    cost
        In nats.
    symmetric
        Whether the order of two equal operands means nothing, as for ``+`` and ``and``.
    by_value
        Whether what it gives follows from the values of its operands, which it does not change.
    distinct
        Whether it says nothing of two equal operands, as ``==`` and ``and``.

    Examples
    --------
    >>> times = Production("*", "{0} * {1}", ("int", "int"), (TERM, TERM + 1), "int", TERM, 1.0)
    >>> total = Expression("a + b", "int", 2.0, SUM, "+", frozenset("ab"), 3)
    >>> times.apply((total, Expression("2", "int", 0.5, NUMBER, "constant"))).text
    '(a + b) * 2'
    """

    head: str
    template: str
    operands: tuple[str, ...]
    bindings: tuple[int, ...]
    result: str
    binding: int
    cost: float
    symmetric: bool = False
    by_value: bool = True
    distinct: bool = False

    def apply(self, parts: tuple[Expression, ...]) -> Expression:
        """The expression that it makes of its operands."""
        if self.symmetric and parts[0].head == "constant" != parts[1].head:
            parts = parts[::-1]  # n + 1, not 1 + n
        cost, size, texts, names, by_value = self.cost, 1, [], NO_NAMES, self.by_value
        for part, level in zip(parts, self.bindings, strict=True):
            cost += part.cost
            size += part.size
            by_value = by_value and part.by_value
            texts.append(part.text if part.binding >= level else f"({part.text})")
            names = names | part.names if names else part.names
        text = self.template.format(*texts)
        return Expression(text, self.result, cost, self.binding, self.head, names, size, by_value)
