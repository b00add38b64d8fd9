"""Edits of programs: they compile, come once, know common bugs, and obey the switched terms."""

from dataclasses import replace

import pytest
from small_programs import GRADES, SEARCH, SMALL_PROGRAMS, SmallProgram, context_of, fixes_of

from latent_ebm.puzzles.code.grammar.context import Context, Terms
from latent_ebm.puzzles.code.grammar.edits import Edit, applied
from latent_ebm.puzzles.code.grammar.flow import NO_RETURN, UNREACHABLE
from latent_ebm.puzzles.code.grammar.program import Program
from latent_ebm.puzzles.code.grammar.scope import Observations
from latent_ebm.puzzles.code.grammar.space import edits
from latent_ebm.puzzles.code.grammar.terms import FLAT


@pytest.fixture(scope="module")
def contexts():
    """A context for each small program, made when it is first asked for."""
    made = {}

    def get(small, **terms):
        if small.name not in made:
            made[small.name] = context_of(small)
        seen = made[small.name].observations
        return Context(Program(small.text), seen, Terms(**terms)) if terms else made[small.name]

    return get


@pytest.mark.filterwarnings("ignore::SyntaxWarning")
@pytest.mark.parametrize("small", SMALL_PROGRAMS, ids=lambda small: small.name)
def test_every_edit_gives_a_program_that_compiles_and_none_comes_twice(small, contexts):
    context = contexts(small)
    source = context.program.source
    made = edits(context, ceiling=5.5)
    assert len(made) > 100
    assert len({(edit.start, edit.end, edit.text) for edit in made}) == len(made)
    costs = [edit.cost for edit in made]
    assert costs == sorted(costs)
    assert costs[-1] <= 5.5
    for edit in made[:: max(1, len(made) // 500)]:
        text = applied(source, [edit])
        assert text != small.text
        assert edit.imports or text.encode().startswith(source[: edit.start])
        assert text.encode().endswith(source[edit.end :])
        compile(text, "<edited>", "exec")


RARE = SmallProgram(
    "what is easily broken",
    '''\
def f(a, b, xs):
    global seen
    seen = 0
    if a: b = b + 1; a, b = b, a
    text = """
    kept {}
    """.format(a, b) if a else ("x"
                                "y")
    total = (a +
             b) * (2 ** -a)
    pairs = (1, 2), (a, b)
    kept = [x for x in xs if (x > 0)]
    both = {**(xs and {} or {1: a}), 2: b}
    last = max((x for x in xs), default=(y := 0))
    for x in xs: total += x; seen += 1
    while a:
        a -= 1
        if a == 2: continue
        for i in range(a):
            break
        else:
            continue
    match b:
        case 1 | -1: total = 0
        case {"k": v, **rest}: total = v
        case str(): total = 1
    class Local:
        size = 1
        def get(self, k: "int" = 2) -> "int":
            return self.size + k
    return total, len(text), pairs[0], kept, both, last, y, Local().get()
''',
    "f",
    ((2, 3, [1, 2]), (0, 1, [0])),
)


@pytest.mark.filterwarnings("ignore::SyntaxWarning")
def test_edits_compile_where_syntax_is_easily_broken(contexts):
    context = contexts(RARE)
    made = edits(context, ceiling=7.0)
    kinds = {edit.kind for edit in made}
    assert kinds >= {"move", "insert", "guard", "unguard", "exchange", "delete", "shrink", "wrap"}
    others = [edit for edit in made if edit.kind not in ("wrap", "insert", "fresh")]
    for edit in [*others[::3], *made[::97]]:
        text = applied(context.program.source, [edit])
        try:
            compile(text, "<edited>", "exec")
        except SyntaxError as error:
            pytest.fail(f"{edit}: {error}\n{text}")


BUGS = """\
from collections import deque


def operator(n):
    return n - 1


def compared(a, b):
    if a < b:
        return a
    return b + 0


def named(first, second):
    total = first
    return total + first


def constant(n):
    return n * 3


def swapped(text, word):
    return text in word


def shrunk(xs):
    return len(xs) + 1


def wrapped(xs):
    return xs


def inserted(xs):
    total = 0
    for x in xs:
        y = x
    return total


def deleted(n):
    n = n * 2
    n += 1
    return n


def guarded(xs, flag):
    out = []
    for x in xs:
        out.append(x)
    return out


def unguarded(n):
    if n > 5:
        n = n + 1
    return n


def moved(n):
    n = n + 1
    m = n * 2
    return m


def joined(xs):
    found = []
    for x in xs:
        y = x * 2
    found.append(y)
    return found


def called(xs):
    return max(xs)


def method(xs):
    out = []
    out.extend(xs)
    return out


def sliced(xs):
    return xs[1]


def argument(n):
    return sum(x for x in range(n))


def exchanged(n):
    total = 1
    total = n
    return total


def filtered(xs):
    return [x for x in xs]


def breadth(xs):
    queue = deque(xs)
    return queue.pop()


def negated(xs):
    if xs:
        return 0
    return len(xs)


def run(which, *args):
    return globals_of[which](*args)


globals_of = {
    f.__name__: f
    for f in (
        operator, compared, named, constant, swapped, shrunk, wrapped, inserted, deleted, guarded,
        unguarded, moved, joined, called, method, sliced, argument, exchanged, filtered, breadth,
        negated,
    )
}
"""
CALLS = (
    *(("operator", 3), ("compared", 1, 2), ("compared", 2, 1), ("named", 1, 2), ("constant", 4)),
    *(("swapped", "ab", "b"), ("shrunk", [1]), ("wrapped", [3, 1]), ("inserted", [1, 2])),
    *(
        ("deleted", 3),
        ("guarded", [1, -1], True),
        ("unguarded", 7),
        ("moved", 2),
        ("joined", [1, 2]),
    ),
    *(("called", [1, 2]), ("method", [1]), ("sliced", [1, 2]), ("argument", 3)),
    *(("exchanged", 2), ("filtered", [0, 1]), ("breadth", [1, 2]), ("negated", [1])),
)
FIXES = [
    ("operator", "return n - 1", "return n + 1", 1.5),
    ("operator", "if a < b:", "if a <= b:", 1.5),
    ("operator", "if a < b:", "if a != b:", 2.5),
    ("name", "total + first", "total + second", 1.7),
    ("constant", "n * 3", "n * 2", 1.7),
    ("swap", "text in word", "word in text", 2.0),
    ("shrink", "return len(xs) + 1", "return len(xs)", 2.2),
    ("wrap", "def wrapped(xs):\n    return xs", "def wrapped(xs):\n    return sorted(xs)", 5.0),
    ("insert", "        y = x\n    return", "        y = x\n        total += x\n    return", 7.0),
    ("delete", "    n += 1\n    return n", "    pass\n    return n", 4.5),
    (
        "guard",
        "        out.append(x)\n",
        "        if flag:\n            out.append(x)\n",
        6.0,
    ),
    (
        "unguard",
        "    if n > 5:\n        n = n + 1\n    return n",
        "    n = n + 1\n    return n",
        3.0,
    ),
    ("move", "    n = n + 1\n    m = n * 2\n", "    m = n * 2\n    n = n + 1\n", 3.0),
    ("move", "y = x * 2\n    found", "y = x * 2\n        found", 3.0),
    ("function", "return max(xs)", "return min(xs)", 2.0),
    ("function", "out.extend(xs)", "out.append(xs)", 2.0),
    ("slice", "xs[1]", "xs[1:]", 3.2),
    ("add argument", "range(n)", "range(1, n)", 4.0),
    ("exchange", "    total = n\n", "    total += n\n", 2.5),
    ("add condition", "[x for x in xs]", "[x for x in xs if x != 1]", 7.0),
    ("function", "queue.pop()", "queue.popleft()", 2.0),
    ("wrap", "    if xs:\n        return 0", "    if not xs:\n        return 0", 3.0),
]


@pytest.fixture(scope="module")
def repaired():
    return fixes_of(BUGS, "run", CALLS, ceiling=7.0)


@pytest.mark.parametrize(("kind", "bug", "fix", "price"), FIXES)
def test_a_common_bug_is_one_cheap_edit_from_its_fix(kind, bug, fix, price, repaired):
    assert BUGS.count(bug) == 1
    edit = repaired[BUGS.replace(bug, fix)]
    assert edit.kind == kind
    assert edit.cost <= price


def test_only_statements_that_failing_tests_run_are_edited(contexts):
    context = contexts(SEARCH)
    seen = replace(context.observations, failed=(False, False, True))
    lines = {edit.line for edit in edits(Context(context.program, seen), ceiling=4.0)}
    run = set(seen.lines[2])
    assert lines
    assert all(any(near in run for near in range(line, line + 3)) for line in lines)
    none = replace(context.observations, failed=(False,) * 3)
    assert edits(Context(context.program, none), ceiling=6.0) == []


def test_without_the_prior_all_edits_cost_alike(contexts):
    made = edits(contexts(GRADES, prior=False, localisation=False, types=False), ceiling=4.5)
    assert {edit.prior for edit in made} == {FLAT}
    assert {edit.types for edit in made} == {0.0}


def test_terms_that_are_off_weigh_nothing(contexts):
    whole = edits(contexts(GRADES), ceiling=6.0)
    assert {edit.types for edit in whole} > {0.0}
    assert {edit.flow for edit in whole} > {0.0}
    assert {edit.flow for edit in edits(contexts(GRADES, flow=False), ceiling=6.0)} == {0.0}
    untyped = {
        (edit.start, edit.end, edit.text): edit
        for edit in edits(contexts(GRADES, types=False), ceiling=6.0)
    }
    for edit in whole:
        if edit.types:
            assert untyped[edit.start, edit.end, edit.text].cost < edit.cost


def test_without_localisation_lines_are_alike(contexts):
    context = contexts(SEARCH)
    partly = replace(context.observations, failed=(False, True, False))
    off = edits(Context(context.program, partly, Terms(localisation=False)), ceiling=3.0)
    on = {(e.start, e.end, e.text): e for e in edits(Context(context.program, partly), ceiling=6.0)}
    extra = {
        e.line: round(on[e.start, e.end, e.text].cost - e.cost, 6)
        for e in off
        if e.kind == "operator"
    }
    assert len(set(extra.values())) > 1
    assert min(extra.values()) >= 0.0


def test_without_scope_names_come_before_they_are_bound(contexts):
    bound = {edit.text for edit in edits(contexts(GRADES), ceiling=3.0) if edit.line == 3}
    free = {edit.text for edit in edits(contexts(GRADES, scope=False), ceiling=3.5)}
    assert "limit" in bound
    assert "mark" not in bound
    assert "mark" in free


def test_edits_do_not_depend_on_the_seed_of_hashes(contexts):
    """Features are cut off at some length: they must come in one order."""
    for edit in edits(contexts(SEARCH), ceiling=6.0):
        names = [feature for feature in edit.features if feature.startswith("names ")]
        assert names == sorted(names)


def test_new_lines_end_as_the_program_has_them():
    text = "def f(x):\r\n    y = x\r\n    return y\r\n"
    seen = Observations({}, {}, [{2: 1, 3: 1}], [True])
    made = edits(Context(Program(text), seen), ceiling=6.5)
    longer = [edit.text for edit in made if "\n" in edit.text]
    assert longer
    assert all(new.count("\n") == new.count("\r\n") for new in longer)


def test_flow_weighs_what_no_run_can_reach():
    text = "def f(x):\n    for y in x:\n        z = y\n    return z\n"
    seen = Observations({}, {}, [{2: 1, 3: 1, 4: 1}], [True])
    made = edits(Context(Program(text), seen), ceiling=9.0)
    jumps = {e.text.split("\n")[0]: e for e in made if e.kind == "insert"}
    assert jumps["break"].flow == jumps["continue"].flow == UNREACHABLE
    (last,) = [e for e in made if e.kind == "delete" and e.line == 4]
    assert last.flow == NO_RETURN


def test_edits_that_touch_the_same_bytes_overlap():
    a, b, at = (Edit(s, t, "", 0.0, "k", 1) for s, t in ((0, 2), (2, 4), (2, 2)))
    assert not a.overlaps(b)
    assert a.overlaps(at)
    assert at.overlaps(b)
    assert a.overlaps(a)


def test_huge_numbers_are_left_alone():
    text = f"def f(n):\n    return n + {hex(10**5000)}\n"
    seen = Observations({}, {}, [{2: 1}], [True])
    made = edits(Context(Program(text), seen), ceiling=4.0)
    assert any(edit.kind == "operator" for edit in made)


def test_listing_ends_in_time_with_the_most_suspicious_statements():
    text = "def f(n):\n    a = n + 1\n    b = a + 1\n    return b\n"
    seen = Observations({}, {}, [{2: 1, 3: 1, 4: 1}, {2: 1, 4: 1}], [True, False])
    context = Context(Program(text), seen)
    assert edits(context, ceiling=4.0, until=0.0) == []
    assert edits(context, ceiling=4.0, until=float("inf")) == edits(context, ceiling=4.0)
    assert edits(context, ceiling=4.0)[0].line == 3
