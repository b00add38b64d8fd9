"""A hole that gives an expression's values while a test runs, and notes them with the states."""

from __future__ import annotations

import sys
from types import FrameType
from typing import Any, NoReturn

from latent_ebm.puzzles.code.execution.exploring.guarding import GUARDS, Guarded
from latent_ebm.puzzles.code.execution.exploring.value_tree import Reach
from latent_ebm.puzzles.code.execution.exploring.values import (
    SCALARS,
    Drawn,
    Raised,
    UnboundedError,
    bounded,
    key_of,
    paths,
    snapshot,
)
from latent_ebm.puzzles.code.execution.ticks import HoleReached, OutOfTicks

__all__ = ["Noted"]

MOST_REACHES = 100
"""Of one run; what a run with more comes to is not kept."""


class Noted:
    """What stands in a hole's place, called by the program.

    Parameters
    ----------
    code
        The expression; None to end the test at once.
    loops
        Whether a state that comes again comes for ever.

    Attributes
    ----------
    reaches
        The states and values so far.
    whole
        Whether all were noted.
    endless
        Whether a state came again, or a value grew without bound.
    """

    def __init__(self, code: Guarded | None, loops: bool) -> None:
        self._code = code
        # frames, not their ids: that of a call that has returned may be another's
        self._states: set[tuple[FrameType, bytes]] | None = set() if loops else None
        self.reaches: list[Reach] = []
        self.whole = True
        self.endless = False

    def __call__(self) -> Any:
        """The expression's value in the frame of the caller."""
        frame = sys._getframe(1)
        names, code = frame.f_locals, self._code
        if not self.reaches:
            frame.f_globals.update(GUARDS)
        state: bytes | dict[str, Any] = b""
        self.whole = self.whole and len(self.reaches) < MOST_REACHES
        if self.whole:
            try:
                state = snapshot(names)
            except UnboundedError:
                self.whole = False
        if code is None:
            if self.whole and not self.reaches:
                self.reaches.append(Reach(state, None))
            raise HoleReached
        if not self.whole:
            try:
                return code.value(frame.f_globals, names)
            except UnboundedError:
                self._end()
        self._check(frame, state)
        try:
            value = bounded(code.value(frame.f_globals, names), names)
            key = key_of(value, {} if type(value) in SCALARS else paths(names))
        except BaseException as raised:  # of all that ends it, the values before are not to blame
            self.reaches.append(Reach(state, key_of(Raised(type(raised).__name__), {})))
            if isinstance(raised, UnboundedError):
                self._end()
            raise
        self.reaches.append(Reach(state, key))
        return iter(value.items) if type(value) is Drawn else value

    def _end(self) -> NoReturn:
        """End what goes on for ever, or grows without bound."""
        self.endless = True
        raise OutOfTicks

    def _check(self, frame: FrameType, state: bytes | dict[str, Any]) -> None:
        """End a loop whose state comes again."""
        if self._states is None or not isinstance(state, bytes):
            return
        if (frame, state) in self._states:
            self._end()
        self._states.add((frame, state))
