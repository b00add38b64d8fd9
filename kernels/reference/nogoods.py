"""Dives that learn factors from contradictions, in plain Python."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from latent_ebm.kernels.nogoods import (
    LATE,
    LONG,
    PATIENCE,
    UNKNOWN,
    End,
    NogoodsProblem,
    NogoodsState,
    Propositions,
    decode,
    initial_activity,
    initial_phase,
)

Reason = list[int] | None
"""A literal that holds, and the false ones that made it so, as a clause; None of a decision."""

LARGEST = 1e100
"""Above this, activities or weights are scaled down."""


@dataclass(eq=False)
class Learned:
    """A clause, how many levels it spanned when it was learned, and its multiplier."""

    literals: list[int]
    levels: int
    weight: float


def nogoods(problem: NogoodsProblem, state: NogoodsState, dives: int) -> None:
    """Dive up to ``dives`` times in every open element; learn a factor from each contradiction.

    With E_f(x) the product of its literals' falsehood for a clause f, the sum of x_p x_q over
    pairs of literals for a group, and x in {0, 1}^V, each dive descends

        E(x) = sum of lambda_f E_f(x) over the given and the learned factors f

    from the latent (activity a_v, phase s_v of each Boolean v): Booleans take their phases in the
    order of their activity, each followed by all that groups and clauses with one literal left
    imply, which keeps E at 0, until nothing is open, or a factor c cannot hold. Then, with r_p the
    factor that implied literal p,

        c <- resolve(c, r_p) on p         the last implied literal in c, until one of the last
                                          decision's consequences is left in c
        c joins the factors with lambda_c = growth
        a_v <- a_v + stride               of all Booleans met on the way
        lambda_f <- lambda_f + growth     of all learned factors met
        s_v <- value of v                 of all that is taken back
        stride /= activity decay, growth /= weight decay     so that what is old weighs less

    and the dive goes on from where c has one literal left, which then holds. Now and then it
    starts afresh from the latent, and forgets the lightest learned factors; see
    :class:`latent_ebm.kernels.nogoods.Learning`. A contradiction without decisions ends the
    element as ``contradictory``.

    Stripped of the energies this is conflict-driven clause learning: Marques-Silva and
    Sakallah (1999), with watched literals and activities (Moskewicz et al. 2001), phases
    (Pipatsrisawat and Darwiche 2007), minimisation (Soerensson and Biere 2009), the number of
    levels a clause spans (Audemard and Simon 2009) and the deepest dive (Biere and Fleury 2020).

    Parameters
    ----------
    problem
        The factors, and the constants of each chain.
    state
        B runs, changed in place.
    dives
        At least 1; a dive ends in a contradiction or a solution.
    """
    for b in np.flatnonzero(state.open).tolist():
        chains = range(len(problem.chains))
        if not state.chains[b]:
            propositions = state.propositions(problem, b)
            state.chains[b] = [Chain(problem, propositions, state, b, c) for c in chains]
        state.settle(b, [state.chains[b][c].run(dives) for c in chains])


class Chain:
    """One chain: its latent, what holds, and what it has learned."""

    def __init__(
        self,
        problem: NogoodsProblem,
        propositions: Propositions,
        state: NogoodsState,
        b: int,
        chain: int,
    ) -> None:
        v = propositions.count
        self.problem, self.propositions = problem, propositions
        self.learning = problem.chains[chain]
        self.activity = initial_activity(propositions, state.seed, chain)
        self.phase = initial_phase(propositions, state.start[b])
        self.first_phase = self.phase.copy()
        self.deepest, self.reach = np.full(v, UNKNOWN, np.uint8), 0
        self.value = np.zeros(2 * v, np.int8)
        self.depth = [0] * v
        self.reason: list[Reason] = [None] * v
        self.trail: list[int] = []
        self.marks: list[int] = []  # how many literals held before each decision
        self.drawn = 0  # literals of the trail whose consequences were drawn
        groups, clauses = propositions.groups, propositions.clauses
        self.groups = [groups.row(g).tolist() for g in range(groups.count)]
        self.groups_of: list[list[tuple[int, int]]] = [[] for _ in range(2 * v)]
        for g, group in enumerate(self.groups):
            for position, literal in enumerate(group):
                self.groups_of[literal].append((g, position))
        self.given = [clauses.row(c).tolist() for c in range(clauses.count)]
        self.learnt: list[Learned] = []
        self.dives = self.restarts = self.rounds = self.restart_at = 0
        self.forget_at, self.renew_at = self.learning.forget_first, self.learning.renew
        self.renewals = 0
        self.stride = self.growth = 1.0
        self.recent = self.usual = 0.0
        self._watch_all()
        self.end = End.OPEN
        for literal in propositions.certain.tolist():
            if self.value[literal] < 0:
                self.end = End.CONTRADICTORY
            elif self.value[literal] == 0:
                self._assume(literal, None)

    def run(self, dives: int) -> tuple[End, int, int]:
        """Dive up to so many times: how it stands, the dives made, and all restarts so far."""
        before = self.dives
        while self.end == End.OPEN and self.dives < before + dives:
            self._pause()
            false = self._draw_consequences()
            if false is None and len(self.trail) < self.propositions.count:
                self._decide()
                continue
            self.dives += 1
            if false is None:
                self.end = End.SOLVED
            elif not self.marks:
                self.end = End.CONTRADICTORY
            else:
                self._remember()
                self._learn(self._analyse(false))
                self.stride /= self.learning.activity_decay
                self.growth /= self.learning.weight_decay
        return self.end, self.dives - before, self.restarts

    def choices(self) -> NDArray[np.int16]:
        """[N] the states that what holds, and the phases of what is open, choose."""
        return decode(self.propositions, self.value, self.phase)

    def learned(self) -> list[tuple[list[int], float]]:
        """The literals and the weight of each factor that was learned and is remembered."""
        return [(list(clause.literals), clause.weight) for clause in self.learnt]

    def _assume(self, literal: int, reason: Reason) -> None:
        self.value[literal], self.value[literal ^ 1] = 1, -1
        self.depth[literal >> 1] = len(self.marks)
        self.reason[literal >> 1] = reason
        self.trail.append(literal)

    def _decide(self) -> None:
        open_ = np.flatnonzero(self.value[::2] == 0)
        v = int(open_[self.activity[open_].argmax()])
        self.marks.append(len(self.trail))
        follows = self.learning.follow and self.deepest[v] != UNKNOWN
        self._assume(2 * v + int(self.deepest[v] if follows else self.phase[v]), None)

    def _remember(self) -> None:
        """Note what held before the last decision, if no dive of late went deeper."""
        if self.marks[-1] > self.reach:
            self.reach = self.marks[-1]
            held = np.array(self.trail[: self.reach])
            self.deepest[held >> 1] = held & 1

    def _renew(self) -> None:
        """Give the phases another start, and forget the deepest dive."""
        source = (self.deepest, self.first_phase, self.deepest, np.ones_like(self.phase))
        phase = source[self.renewals % 4]
        known = phase != UNKNOWN
        self.phase[known] = phase[known]
        self.phase[0] = 0
        self.deepest[:], self.reach = UNKNOWN, 0

    def _back_to(self, level: int) -> None:
        if level >= len(self.marks):
            return
        for literal in self.trail[self.marks[level] :]:
            self.value[literal] = self.value[literal ^ 1] = 0
            self.phase[literal >> 1] = literal & 1
        del self.trail[self.marks[level] :], self.marks[level:]
        self.drawn = len(self.trail)

    def _draw_consequences(self) -> list[int] | None:
        """Run to the fixpoint; the literals of a factor that is false, if any."""
        while self.drawn < len(self.trail):
            literal = self.trail[self.drawn]
            self.drawn += 1
            for g, own in self.groups_of[literal]:
                for position, other in enumerate(self.groups[g]):
                    if self.value[other] < 0 or position == own:
                        continue
                    if self.value[other] > 0:
                        return [literal ^ 1, other ^ 1]
                    self._assume(other ^ 1, [other ^ 1, literal ^ 1])
            false = self._visit(literal ^ 1)
            if false is not None:
                return false
        return None

    def _visit(self, false: int) -> list[int] | None:
        """Look at the clauses that watch a literal which has become false."""
        waiting, self.watches[false] = self.watches[false], []
        for i, (clause, blocker) in enumerate(waiting):
            if self.value[blocker] > 0:
                self.watches[false].append((clause, blocker))
                continue
            if clause[0] == false:
                clause[0], clause[1] = clause[1], false
            first = clause[0]
            if self.value[first] > 0:
                self.watches[false].append((clause, first))
                continue
            for j in range(2, len(clause)):
                if self.value[clause[j]] >= 0:  # watch this one instead
                    clause[1], clause[j] = clause[j], false
                    self.watches[clause[1]].insert(0, (clause, first))
                    break
            else:
                self.watches[false].append((clause, blocker))
                if self.value[first] < 0:
                    self.watches[false] += waiting[i + 1 :]
                    return clause
                self._assume(first, clause)
        return None

    def _analyse(self, false: list[int]) -> list[int]:
        """The clause learned from a false factor, its first literal the one that will follow."""
        seen: set[int] = set()
        kept, unresolved, trail = [0], 0, len(self.trail)
        reason: Reason = false
        literal = -1
        while True:
            for clause in self.learnt:
                if clause.literals is reason:
                    self._strengthen(clause)
            for other in reason or ():  # only a decision has none, and that comes last
                v = other >> 1
                if other == literal or v in seen or self.depth[v] == 0:
                    continue
                seen.add(v)
                self._excite(v)
                if self.depth[v] == len(self.marks):
                    unresolved += 1
                else:
                    kept.append(other)
            trail -= 1
            while self.trail[trail] >> 1 not in seen:
                trail -= 1
            literal = self.trail[trail]
            reason = self.reason[literal >> 1]
            unresolved -= 1
            if unresolved == 0:
                break
            seen.remove(literal >> 1)
        kept[0] = literal ^ 1
        return [kept[0], *(other for other in kept[1:] if not self._implied(other, seen))]

    def _implied(self, literal: int, seen: set[int]) -> bool:
        """Whether the other literals seen imply a false literal; what does so is seen, too."""
        met: set[int] = set()
        stack = [literal]
        while stack:
            here = stack.pop()
            reason = self.reason[here >> 1]
            if reason is None:
                return False
            for other in reason:
                v = other >> 1
                if v == here >> 1 or v in seen or v in met or self.depth[v] == 0:
                    continue
                met.add(v)
                stack.append(other)
        seen |= met
        return True

    def _learn(self, literals: list[int]) -> None:
        """Add the clause, go back to where its first literal follows, and assume that."""
        levels = len({self.depth[literal >> 1] for literal in literals})
        self.recent += LATE * (levels - self.recent)
        self.usual += LONG * (levels - self.usual)
        if len(literals) == 1:
            self._back_to(0)
            self._assume(literals[0], None)
            return
        depths = [self.depth[literal >> 1] for literal in literals]
        deepest = 1 + int(np.argmax(depths[1:]))
        literals[1], literals[deepest] = literals[deepest], literals[1]
        self._back_to(max(depths[1:]))
        self.learnt.append(Learned(literals, levels, self.growth))
        self._watch(literals)
        self._assume(literals[0], literals)

    def _pause(self) -> None:
        """Start afresh, forget, or renew the phases, where that is due."""
        how, problem, v = self.learning, self.problem, self.propositions.count
        literals = sum(len(clause.literals) for clause in self.learnt)
        full = len(self.learnt) == problem.most_learned
        full = full or literals + v > max(problem.most_literals, 2 * v)
        forget = full or self.dives >= self.forget_at
        restart = self.dives >= self.restart_at
        if how.unit == 0:
            restart = restart and self.recent > how.margin * self.usual
        anew = how.renew > 0 and self.dives >= self.renew_at
        if restart or forget or anew:
            self._back_to(0)
        if restart:
            self.restarts += 1
            wait = how.unit * luby(self.restarts) if how.unit else PATIENCE
            self.restart_at = self.dives + wait
        if forget:
            self.rounds += 1
            self.forget_at = self.dives + how.forget_first + how.forget_later * self.rounds
            self._forget(full)
        if anew:
            self.renewals += 1
            self.renew_at = self.dives + how.renew * (self.renewals + 1)
            self._renew()

    def _forget(self, full: bool) -> None:
        """At level 0: drop the lightest learned factors, and all that hold for good."""
        lightest = sorted(self.learnt, key=lambda clause: clause.weight)
        goes = {
            id(clause)
            for clause in lightest[: int(len(lightest) * self.learning.share) + full]
            if full or clause.levels > self.learning.protected
        }
        kept = []
        for clause in self.learnt:
            holds = any(self.value[literal] > 0 for literal in clause.literals)
            if id(clause) not in goes and not holds:
                left = [literal for literal in clause.literals[2:] if self.value[literal] == 0]
                watched = clause.literals[:2]
                kept.append(Learned(watched + left, clause.levels, clause.weight))
        self.learnt = kept
        self._watch_all()

    def _watch_all(self) -> None:
        self.watches: list[list[tuple[list[int], int]]] = [[] for _ in self.value]
        for clause in [*self.given, *(clause.literals for clause in self.learnt)]:
            self._watch(clause)

    def _watch(self, clause: list[int]) -> None:
        self.watches[clause[0]].insert(0, (clause, clause[1]))
        self.watches[clause[1]].insert(0, (clause, clause[0]))

    def _excite(self, v: int) -> None:
        self.activity[v] += self.stride
        if self.activity[v] > LARGEST:
            self.activity /= LARGEST
            self.stride /= LARGEST

    def _strengthen(self, strengthened: Learned) -> None:
        strengthened.weight += self.growth
        if strengthened.weight > LARGEST:
            for clause in self.learnt:
                clause.weight /= LARGEST
            self.growth /= LARGEST


def luby(i: int) -> int:
    """The i-th number, from 1 on, of Luby's sequence.

    >>> [luby(i) for i in range(1, 16)]
    [1, 1, 2, 1, 1, 2, 4, 1, 1, 2, 1, 1, 2, 4, 8]
    """
    size = 1
    while size < i:
        size = 2 * size + 1
    return (size + 1) // 2 if size == i else luby(i - size // 2)
