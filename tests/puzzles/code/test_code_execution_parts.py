"""The parts of the executor: screening, records, frames, observations, profiles."""

import ast
import struct
from collections import Counter, deque

import pytest
from hypothesis import given
from hypothesis import strategies as st

from latent_ebm.puzzles.code.execution.executor import Executor
from latent_ebm.puzzles.code.execution.isolation import seccomp
from latent_ebm.puzzles.code.execution.naming import sample_of, type_name
from latent_ebm.puzzles.code.execution.observations import HEAD, Kind, parsed
from latent_ebm.puzzles.code.execution.outcomes import Limits
from latent_ebm.puzzles.code.execution.records import RecordError, packed, unpacked
from latent_ebm.puzzles.code.execution.screening import screened
from latent_ebm.puzzles.code.execution.wire import FrameError, Frames, framed
from latent_ebm.puzzles.code.testing.cases import Case, Suite

HARMLESS = [
    "def f(x): return sorted(x, key=len)",
    "import math, re\nfrom collections import deque\ndef f(x): return math.sqrt(x)",
    "class A:\n    def __init__(self): self.__x = 1\n    def __eq__(self, o): return 1",
    "import sys\ndef f(x): return min(x, sys.maxsize)",
    "import os\ndef f(x): return os.path.join(x, 'a')",
    "def f(x): return getattr(x, 'name', None)",
    "import logging\nlog = logging.getLogger(__name__)\ndef f(x): log.debug(x)",
    "from dataclasses import dataclass, field",
    "if __name__ == '__main__':\n    print(1)",
]
SUSPICIOUS = [
    ("import socket", "imports socket"),
    ("from . import x", "imports relatively"),
    ("def f(): import os; os.remove('x')", "imports os and uses remove"),
    ("import sys; sys.exit()", "uses exit"),
    ("import sys; s = sys; s.stdout = 1", "imports sys and uses stdout"),
    ("from os import *", "imports"),
    ("def f(): return open('x')", "uses open"),
    ("globals()['x'] = 1", "uses globals"),
    ("getattr(x, y)", "uses getattr"),
    ("g = getattr; g(x, 'y')", "uses getattr"),
    ("getattr(f, '__globals__')", "uses __globals__"),
    ("import sys; getattr(sys, 'modules')", "imports sys and uses modules"),
    ("def f(): return f.__globals__", "uses __globals__"),
    ("().__class__.__bases__[0].__subclasses__()", "uses __"),
    ("__builtins__['len'] = 1", "uses __builtins__"),
    ("e.__traceback__.tb_frame", "uses"),
    ("def g():\n    yield\ng().gi_frame", "uses gi_frame"),
    ("import re; re._cache", "imports re and uses _cache"),
    ("import decimal; decimal.getcontext().prec = 3", "imports decimal and uses getcontext"),
    ("[lambda: eval('1')]", "uses eval"),
    ("import dataclasses; dataclasses.sys.modules", "imports dataclasses and uses sys"),
    ("import sys, dataclasses; dataclasses.sys.modules", "imports sys and uses modules"),
    ("from statistics import sys", "imports statistics and uses sys"),
    ("import string; string.Formatter().get_field('0', (), {})", "imports string and uses"),
    ("import logging; logging.getLogger('x').setLevel(1)", "imports logging and uses setLevel"),
    ("class A:\n    def __setattr__(self, n, v): pass", "uses __setattr__"),
    ("object.__getattribute__(f, 'x')", "uses __getattribute__"),
]


@pytest.mark.parametrize("text", HARMLESS)
def test_ordinary_programs_are_harmless(text):
    assert screened(compile(text, "f", "exec"), text=text).reason == ""


@pytest.mark.parametrize(("text", "reason"), SUSPICIOUS)
def test_programs_that_reach_further_are_suspicious(text, reason):
    assert reason in screened(compile(text, "f", "exec"), text=text).reason


@given(st.binary(max_size=300))
def test_records_of_a_hostile_worker_are_refused_or_harmless(message):
    try:
        found = unpacked(message, 3)
    except RecordError:
        return
    assert all(len(record.outcome.verdicts) == 3 for record in found)
    assert all(max(record.outcome.verdicts) <= 6 for record in found)


def test_records_come_back_as_they_were_packed():
    message = packed(3, 4, 0, -1, 2**64 - 1, "E: ü" + "x" * 999, b"\0\1\6", [0.0, 0.5, 1.5])
    (record,) = unpacked(message, 3)
    assert (record.job, record.filling, record.suspicious) == (3, 4, False)
    assert record.outcome.energies == (0.0, 0.5, 1.5)
    assert record.outcome.behaviour == 2**64 - 1
    assert record.outcome.error.startswith("E: ü")
    assert len(record.outcome.error) < 400
    with pytest.raises(RecordError):
        unpacked(message[:-1], 3)
    with pytest.raises(RecordError):
        unpacked(message.replace(b"\0\1\6", b"\0\1\7"), 3)


@given(st.lists(st.tuples(st.integers(0, 255), st.binary(max_size=50))), st.integers(1, 40))
def test_frames_survive_any_cutting(frames, size):
    stream = b"".join(framed(kind, body) for kind, body in frames)
    reader = Frames()
    found = []
    for start in range(0, len(stream), size):
        found += reader.feed(stream[start : start + size])
    assert found == frames


def test_frames_that_are_too_long_are_refused():
    with pytest.raises(FrameError, match="4294967295 bytes"):
        Frames().feed(struct.pack("<IB", 2**32 - 1, 0))


@given(st.binary(max_size=200))
def test_observations_of_a_hostile_program_are_read_or_dropped(message):
    assert all(seen.case < 2 for seen in parsed(message, 2))


def test_only_the_first_observation_of_a_case_counts():
    def one(kind, case, text):
        return HEAD.pack(kind, case, len(text)) + text

    message = one(Kind.VALUE, 0, b"[1,2]") + one(Kind.VALUE, 0, b"[3]")
    assert [seen.value for seen in parsed(message, 1)] == [[1, 2]]
    deep = one(Kind.VALUE, 0, b"[" * 100_000)
    assert parsed(deep, 1) == []
    assert parsed(one(Kind.VALUE, 5, b"1"), 1) == []


@pytest.mark.skipif(bool(seccomp.unsupported()), reason=seccomp.unsupported())
@pytest.mark.parametrize("landlocked", [False, True])
@pytest.mark.parametrize("may_fork", [False, True])
def test_filters_are_short_and_jump_only_forward_within_themselves(may_fork, landlocked):
    text = seccomp.filtered(4242, may_fork=may_fork, landlocked=landlocked)
    instructions = [struct.unpack_from("=HBBI", text, at) for at in range(0, len(text), 8)]
    assert len(instructions) < 4096
    for position, (code, if_true, if_false, _) in enumerate(instructions):
        if code & 7 == 5:
            assert position + 1 + max(if_true, if_false) < len(instructions)
    assert instructions[-1][0] == 6


TYPES = [
    (1, "int"),
    (True, "bool"),
    (None, "NoneType"),
    ([], "list"),
    ([1, "a"], "list[int|str]"),
    ({}, "dict"),
    ({"a": [1]}, "dict[str,list[int]]"),
    ([[], [[1]]], "list[list[list]]"),
    (deque([(1, "a")]), "deque[tuple[int,str]]"),
    (Counter("ab"), "Counter[str,int]"),
    ((1, 2.0), "tuple[int,float]"),
    ((1,) * 9, "tuple[int,...]"),
    ({1}, "set[int]"),
    (int, "type[int]"),
    (len, "builtin_function_or_method"),
    (lambda: 0, "function"),
]


@pytest.mark.parametrize(("value", "name"), TYPES)
def test_types_are_named_with_those_of_their_items(value, name):
    assert type_name(value) == name


def test_samples_are_short_and_run_nothing():
    class Loud:
        def __repr__(self):
            raise AssertionError

    assert sample_of([Loud(), "x" * 500])[:12] == "[<Loud>, 'xx"
    assert sample_of(10**1000) == "<a long int>"
    assert len(sample_of(list(range(1000)))) < 80


PROFILED = '''
from collections import Counter
def helper(x): return x * 2
def f(xs, y=3):
    """What it does."""
    total = 0
    names: dict = {f"{y:>{y}}": y}
    for i, x in enumerate(xs):
        if x > 1 and (z := helper(x)):
            total += xs[i:][0] + z
    try:
        match xs:
            case [a, *rest]:
                total += len(rest)
            case _:
                raise ValueError("empty")
    except ValueError as error:
        return str(error)
    return total, [é for é in xs if é], super, (lambda: total)(), *names
'''


@pytest.fixture(scope="module")
def profile():
    total = 2 + 4 + 3 + 6 + 2
    expected = [total, [1, 2, 3], None, total, "  3"]
    text = PROFILED.replace("super, ", "None, ")
    suite = Suite(
        "f", (Case("3", ([1, 2, 3],), expected=expected), Case("0", ([],), expected="empty"))
    )
    with Executor(suite, workers=1, limits=Limits(seconds=1.0)) as executor:
        return text, executor.profile(text, "f")


def segment(text, span):
    lines = text.encode().split(b"\n")
    assert span[0] == span[2]
    return lines[span[0] - 1][span[1] : span[3]].decode()


def test_the_program_does_what_it_did(profile):
    _, found = profile
    assert found.complete
    assert found.outcome.passed, found.outcome


def test_lines_are_counted_case_by_case(profile):
    _, found = profile
    # the loop's body, in the first case only
    assert found.lines[0][9] == 3
    assert found.lines[0][10] == 2
    assert 9 not in found.lines[1]
    assert found.lines[1][16] == 1


def test_expressions_have_types_and_samples(profile):
    text, found = profile
    types = {segment(text, span): set(kinds) for span, kinds in found.types.items()}
    samples = {segment(text, span): kinds for span, kinds in found.samples.items()}
    assert types["xs[i:]"] == {"list[int]"}
    assert types["x > 1 and (z := helper(x))"] == {"bool", "int"}
    assert types['f"{y:>{y}}"'] == {"str"}
    assert types["helper"] == {"function"}
    assert types["[é for é in xs if é]"] == {"list[int]"}
    assert samples["helper(x)"] == ("4", "6")
    assert samples["str(error)"] == ("'empty'",)


def test_spans_are_those_of_the_syntax_tree(profile):
    text, found = profile
    spans = {
        (node.lineno, node.col_offset, node.end_lineno, node.end_col_offset)
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.expr)
    }
    assert set(found.types) <= spans
    assert len(found.spans[1]) < len(found.spans[0])


def test_names_in_scope_have_types(profile):
    _, found = profile
    assert set(found.locals[10]) == {"xs", "y", "total", "names", "i", "x", "z"}
    assert set(found.locals[10]["z"]) == {"int"}
    assert set(found.locals[6]) == {"xs", "y"}


def test_a_case_that_does_not_end_leaves_a_profile_of_all():
    text = "def f(n):\n    while n != 3:\n        n = n + 1\n    return n\n"
    suite = Suite("f", (Case("ends", (1,), expected=3), Case("endless", (4,), expected=3)))
    with Executor(suite, workers=1, limits=Limits(ticks=2000)) as executor:
        found = executor.profile(text, "f")
    assert found.complete
    assert list(found.outcome.verdicts) == [0, 3]
    assert found.lines[0][3] == 2
    assert found.lines[1][3] > 500
