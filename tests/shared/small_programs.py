"""Small programs with calls that fail; together they have most of Python's syntax."""

from dataclasses import dataclass
from typing import Any

from latent_ebm.puzzles.code.execution.executor import Executor
from latent_ebm.puzzles.code.execution.outcomes import Verdict
from latent_ebm.puzzles.code.grammar.context import Context, Terms
from latent_ebm.puzzles.code.grammar.edits import Edit, applied
from latent_ebm.puzzles.code.grammar.program import Program
from latent_ebm.puzzles.code.grammar.scope import Observations
from latent_ebm.puzzles.code.grammar.space import edits
from latent_ebm.puzzles.code.testing.cases import Case, Suite


@dataclass(frozen=True)
class SmallProgram:
    """A module, the function that is called, and the arguments of its calls."""

    name: str
    text: str
    function: str
    calls: tuple[tuple[Any, ...], ...]
    expected: tuple[Any, ...] = ()

    def suite(self) -> Suite:
        """Its calls with what is expected; without that, they all fail."""
        expected = self.expected or ("what no call gives",) * len(self.calls)
        pairs = enumerate(zip(self.calls, expected, strict=True))
        cases = tuple(Case(str(i), args, expected=value) for i, (args, value) in pairs)
        return Suite(self.function, cases)


def observed(small: SmallProgram) -> Observations:
    """What one run of the program in the sandbox shows."""
    with Executor(small.suite(), workers=1) as executor:
        profile = executor.profile(small.text)
    failed = [verdict != Verdict.PASS for verdict in profile.outcome.verdicts]
    return Observations(profile.types, profile.locals, profile.lines, failed)


def context_of(small: SmallProgram, terms: Terms | None = None) -> Context:
    """The context of a program's edits."""
    return Context(Program(small.text), observed(small), terms or Terms())


def fixes_of(text: str, function: str, calls: Any, ceiling: float) -> dict[str, Edit]:
    """{text of an edited program: edit} over all edits of a program, the cheapest of each."""
    context = context_of(SmallProgram("bugs", text, function, calls), Terms(localisation=False))
    made = edits(context, ceiling=ceiling)
    return {applied(context.program.source, [edit]): edit for edit in reversed(made)}


GRADES = SmallProgram(
    "elif",
    '''\
def grade(points, limit=90):
    """The grade of some points."""
    if points >= limit:
        mark = "A"
    elif points > 75:
        mark = "B"
    elif points > 50 and limit != 0:
        mark = "C"
    else:
        mark = "D"
    return mark
''',
    "grade",
    ((95,), (80,), (60, 90), (3, 10)),
)
NESTED = SmallProgram(
    "nested functions",
    """\
def outer(values, step):
    best: int = 0

    def inner(value):
        return value * step + 1

    for index, value in enumerate(values):
        if inner(value) > best:
            best = inner(value)
        else:
            continue
    return -best
""",
    "outer",
    (([1, 2, 3], 2), ([], 1)),
)
COMPREHENSIONS = SmallProgram(
    "comprehensions",
    """\
def squares(rows):
    flat = [x * x for row in rows for x in row if x > 0]
    even = {x for x in flat if x % 2 == 0}
    index = {x: i for i, x in enumerate(flat)}
    total = sum(x for x in even)
    return total + len(index), sorted(flat, key=lambda x: -x)
""",
    "squares",
    (([[1, 2], [3, -4]],), ([[2]],)),
)
STRINGS = SmallProgram(
    "f-strings and tabs",
    "def show(word, width):\n"
    "\tif not word:\n"
    '\t\treturn "nothing"\n'
    '\tshown = f"{word.upper()}: {width + 1:>4}" + "ü"\n'
    "\twhile len(shown) < width:\n"
    '\t\tshown += "é" * 2\n'
    "\treturn shown[1:].strip()\n",
    "show",
    (("añb", 12), ("", 3)),
)
DECORATED = SmallProgram(
    "decorators and one-line ifs",
    """\
import functools


@functools.lru_cache(maxsize=None)
def ways(n):
    if n < 2: return 1
    total = 0; total += ways(n - 1)
    return total + ways(n - 2) if n % 3 else total


def größe(länge, höhe):
    fläche = länge * höhe
    if (umfang := 2 * (länge + höhe)) > fläche: fläche = umfang
    return fläche, ways(höhe)
""",
    "größe",
    ((3, 4), (10, 7)),
)
GUARDED = SmallProgram(
    "try and with",
    """\
import contextlib


def parse(text, default=None):
    result = []
    try:
        for part in text.split(","):
            with contextlib.suppress(ValueError):
                result.append(int(part))
        return result[0] / result[-1]
    except (IndexError, ZeroDivisionError) as error:
        if default is not None:
            return default
        raise ValueError("empty") from error
    finally:
        result.clear()
""",
    "parse",
    (("4,x,2",), ("", 5)),
)
METHODS = SmallProgram(
    "class methods",
    """\
class Counter:
    kinds = ("a", "b")

    def __init__(self, start=0):
        self.count = start
        self.seen = {}

    @property
    def twice(self):
        return self.count * 2

    def add(self, key, *more, by=1):
        self.seen[key] = self.seen.get(key, 0) + by
        for other in more:
            self.add(other, by=by)
        self.count += by
        return self


def tally(words):
    counter = Counter(start=1)
    for word in words:
        counter.add(word, "x", by=2).add(word)
    return counter.twice, counter.seen
""",
    "tally",
    ((["a", "b", "a"],), ([],)),
)
SEARCH = SmallProgram(
    "loops and jumps",
    """\
def find(items, wanted):
    low, high = 0, len(items) - 1
    while low <= high:
        middle = (low + high) // 2
        if items[middle] == wanted:
            return middle
        if items[middle] < wanted:
            low = middle + 1
        else:
            high = middle - 1
    for i in range(len(items)):
        if items[i] is None or i & 1:
            break
    else:
        items[0], items[-1] = items[-1], items[0]
        del items[0]
    return -1
""",
    "find",
    (([1, 3, 5], 3), ([1, 3, 5], 4), ([2], 1)),
)
WINDOWS = SmallProgram(
    "Windows line ends",
    "def swap(pair):\r\n"
    "    first, second = pair\r\n"
    "    if first > second:\r\n"
    "        first = second\r\n"
    "    return [second, first]\r\n",
    "swap",
    (([2, 1],), ([1, 2],)),
)
GRAPH = SmallProgram(
    "collections",
    """\
from collections import deque


def reach(graph, start):
    seen = set()
    queue = deque([start])
    steps = {start: 0}
    while queue:
        node = queue.popleft()
        if node in seen:
            continue
        seen.add(node)
        for other in graph.get(node, []):
            if other not in steps:
                steps[other] = steps[node] + 1
            queue.append(other)
    assert steps, "nothing"
    return max(steps.values()), sorted(seen, reverse=True)[:3]
""",
    "reach",
    (({"a": ["b", "c"], "b": ["d"]}, "a"), ({}, "z")),
)
MATCHED = SmallProgram(
    "match, yield and global",
    """\
LIMIT = 3


def kind(value):
    global LIMIT
    match value:
        case [first, *rest] if first:
            return first
        case {"a": inner}:
            return inner
        case int() | str():
            LIMIT = 4
            return value if value else not LIMIT
    return None


def all_kinds(values):
    def each():
        for value in values:
            yield kind(value)
    return list(each()), 1 < LIMIT <= 5, [*values, 1][-1]
""",
    "all_kinds",
    (([[1, 2], {"a": 3}, "x", 0],),),
)
FLOATS = SmallProgram(
    "numbers",
    """\
def mean(values, scale=1.5):
    total, count = 0.0, 0
    for value in values:
        total += value ** 2 * scale
        count -= -1
    if count == 0 or not total:
        return None
    result = round(total / count, 2)
    return max(result, abs(-result)) if result > 1 else (result,)
""",
    "mean",
    (([1.5, 2.0],), ([],), ([1, 2, 3], 0.5)),
)

SMALL_PROGRAMS = (
    GRADES,
    NESTED,
    COMPREHENSIONS,
    STRINGS,
    DECORATED,
    GUARDED,
    METHODS,
    SEARCH,
    WINDOWS,
    GRAPH,
    MATCHED,
    FLOATS,
)
