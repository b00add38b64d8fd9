"""The executor: verdicts, energies, holes, digests, budgets; nothing leaks from run to run."""

import math
import textwrap
import time

import pytest

from latent_ebm.puzzles.code.execution.executor import Executor
from latent_ebm.puzzles.code.execution.isolation.backends import IsolationError, chosen
from latent_ebm.puzzles.code.execution.outcomes import Job, Limits, Outcome, Verdict
from latent_ebm.puzzles.code.testing.cases import Case, Suite, SuiteError
from latent_ebm.puzzles.code.testing.reading import read_suite

SUM = Suite(
    "f",
    (
        Case("empty", ([],), expected=0),
        Case("one", ([5],), expected=5),
        Case("three", ([1, 2, 3],), expected=6),
        Case("none", (None,), raises="TypeError"),
    ),
)
RIGHT = "def f(xs):\n    total = 0\n    for x in xs:\n        total += x\n    return total\n"
HOLED = RIGHT.replace("total + x", "__hole_0__(total, x)").replace(
    "total += x", "total = __hole_0__(total, x)"
)


@pytest.fixture(scope="module")
def executor():
    with Executor(SUM, workers=2, limits=Limits(seconds=0.3)) as executor:
        yield executor


def run(executor, *programs):
    return [outcome for (outcome,) in executor.run([Job(text) for text in programs])]


def test_every_kind_of_end_has_its_verdict_and_energy(executor):
    right, wrong, raising, endless, broken, missing = run(
        executor,
        RIGHT,
        RIGHT.replace("total = 0", "total = 1"),
        RIGHT.replace("x in xs", "x in xs[1]"),
        "def f(xs):\n    while 1: pass",
        "def f(xs):\n    return (1",
        "def g(xs): return 1",
    )
    assert right == Outcome(bytes(4), (0.0,) * 4, -1, right.behaviour)
    assert right.passed
    assert wrong.verdicts == bytes([1, 1, 1, 0])
    assert 0 < wrong.energies[2] < wrong.energies[0] < 1
    assert raising.verdicts[0] == Verdict.EXCEPTION
    assert raising.energies[0] == 1.25
    assert raising.error == "IndexError: list index out of range"
    assert endless.verdicts == bytes([3] * 4)
    assert "loop rounds" in endless.error
    assert broken.error == "SyntaxError: '(' was never closed (line 2)"
    assert broken.verdicts == bytes([2] * 4)
    assert "no 'f'" in missing.error


def test_an_expected_exception_passes_and_others_are_nearer_than_none(executor):
    same, other, none = run(
        executor,
        "def f(xs): raise TypeError",
        "def f(xs): raise KeyError",
        "def f(xs): return 1",
    )
    assert same.energies[3] == 0
    assert 0 < other.energies[3] < none.energies[3] <= 1


def test_cases_are_run_in_the_order_asked_for_and_no_others(executor):
    job = Job(RIGHT.replace("total = 0", "total = 1"), cases=(2, 3), stop_early=False)
    early = Job(RIGHT.replace("total = 0", "total = 1"), cases=(3, 2, 0), stop_early=True)
    (some,), (stopped,) = executor.run([job, early])
    assert list(some.verdicts) == [6, 6, 1, 0]
    assert math.isnan(some.energies[0])
    assert some.energy == some.energies[2] / 2
    assert not some.passed
    assert list(stopped.verdicts) == [6, 6, 1, 0]
    with pytest.raises(ValueError, match="case 4 of 4"):
        executor.run([Job(RIGHT, cases=(4,))])


def test_cases_after_one_that_fails_may_have_a_tight_budget(executor):
    slow = RIGHT.replace("    return", "    for _ in range(50): pass\n    return")
    fails = Job(slow.replace("total = 0", "total = not xs"), tight=20)
    passes = Job(slow, tight=20)
    (failed,), (passed,) = executor.run([fails, passes])
    assert list(failed.verdicts) == [1, 3, 3, 0]  # `None` raises before the loop
    assert passed.passed


def test_what_runs_out_of_its_budget_tightens_it_only_where_holes_are_open(executor):
    endless = "def f(xs):\n    while not xs: pass\n    for _ in range(50): pass\n    {}"
    whole = Job(endless.format("return sum(xs)"), tight=20, cases=(0, 1, 2))
    partly = Job(endless.format("__hole_0__()"), ((None,),), tight=20, cases=(0, 1, 2))
    (some,), (none,) = executor.run([whole, partly])
    assert list(some.verdicts[:3]) == [3, 0, 0]
    assert list(none.verdicts[:3]) == [3, 3, 3]


def test_a_job_may_take_a_share_of_the_seconds():
    endless = "def f(xs):\n    while 1: sorted(range(1000))"
    with Executor(SUM, workers=1, limits=Limits(seconds=4.0)) as executor:
        executor.run([Job(RIGHT)])
        begun = time.monotonic()
        ((ended,),) = executor.run([Job(endless, ticks=10**9, share=0.02)])
        assert time.monotonic() - begun < 3
    assert ended.verdicts == bytes([Verdict.TIMEOUT] * 4)


def test_fillings_are_bound_to_the_program(executor):
    fillings = (
        ("lambda total, x: total + x",),
        ("lambda total, x: total + x + OFFSET",),
        (None,),
        ("lambda total, x: total +",),
        ("lambda total, x: [y for y in iter(int, 1)]",),
    )
    (outcomes,) = executor.run([Job("OFFSET = 1\n" + HOLED, fillings)])
    right, wrong, open_, broken, endless = outcomes
    assert right.passed
    assert list(wrong.verdicts) == [0, 1, 1, 0]
    assert list(open_.verdicts) == [0, 5, 5, 0]
    assert open_.hole == 0
    assert open_.energies[1] == 1.1
    assert "SyntaxError" in broken.error
    assert list(endless.verdicts) == [0, 3, 3, 0]


def test_the_first_open_hole_is_named_even_if_its_exception_is_swallowed(executor):
    text = """
        def f(xs):
            try:
                return __hole_0__(xs) + __hole_1__(xs)
            except BaseException:
                return 0
        """
    job = Job(textwrap.dedent(text), (("lambda xs: 0", None), (None, None)))
    ((second, first),) = executor.run([job])
    assert (second.hole, first.hole) == (1, 0)
    assert list(second.verdicts) == [5] * 4


def test_equal_behaviour_has_one_digest_in_every_process_and_mode():
    programs = [
        "def f(xs): return sum(xs)",
        "def f(xs):\n    n = 0\n    for x in xs: n = n + x\n    return n",
        "import os\nHERE = os.getcwd()\ndef f(xs): return sum(xs)",
        "def f(xs): return sum(xs) + 1",
        "def f(xs): return {x for x in xs}",
    ]
    digests = []
    for _ in range(2):
        with Executor(SUM, workers=1) as executor:
            digests.append([outcome.behaviour for outcome in run(executor, *programs)])
    assert digests[0] == digests[1]
    same = digests[0]
    assert same[0] == same[1] == same[2]
    assert len(set(same)) == 3


LEAKS = {
    "a module's attribute": (
        "import math\nmath.pi = 3\ndef f(xs): return math.pi",
        "import math\ndef f(xs): return math.pi",
        3.141592653589793,
    ),
    "a method of a library's class": (
        "from collections import Counter\nCounter.most_common = lambda self: 0\n"
        "def f(xs): return Counter('ab').most_common()",
        "from collections import Counter\ndef f(xs): return Counter('ab').most_common()",
        [("a", 1), ("b", 1)],
    ),
    "a module's attribute, set by a library": (
        "import functools, math\nclass A: pi = 3\n"
        "functools.update_wrapper(math, A, assigned=('pi',), updated=())\n"
        "def f(xs): return math.pi",
        "import math\ndef f(xs): return math.pi",
        3.141592653589793,
    ),
    "builtins": (
        "import builtins\nbuiltins.len = lambda x: 9\ndef f(xs): return len(xs)",
        "def f(xs): return len([1])",
        1,
    ),
    "random state": (
        "import random\ndef f(xs): return random.random()",
        "import random\ndef f(xs): return random.random() == random.Random(0).random()",
        True,
    ),
    "an argument that was changed": (
        "def f(xs):\n    xs.append(1)\n    return xs",
        "def f(xs): return xs",
        [7],
    ),
    "a module of the program": (
        "import sys\nsys.modules['string'] = None\ndef f(xs): return 1",
        "import string\ndef f(xs): return string.digits",
        "0123456789",
    ),
    "the recursion limit": (
        "import sys\nsys.setrecursionlimit(60)\ndef f(xs): return 1",
        "def f(xs, n=300): return n and f(xs, n - 1)",
        0,
    ),
    "the environment": (
        "import os\nos.environ['LEAK'] = '1'\ndef f(xs): return 1",
        "import os\ndef f(xs): return os.environ.get('LEAK')",
        None,
    ),
    "a global": ("X = 1\ndef f(xs): return X", "def f(xs): return X", "NameError"),
    "standard output": (
        "import sys\nsys.stdout = None\ndef f(xs): return 1",
        "def f(xs):\n    print('x')\n    return 2",
        2,
    ),
    "a signal's handler": (
        "import signal\nsignal.signal(signal.SIGALRM, signal.SIG_IGN)\ndef f(xs): return 1",
        "import signal\ndef f(xs): return signal.getsignal(signal.SIGALRM) == signal.SIG_IGN",
        False,
    ),
}


@pytest.mark.parametrize(("first", "second", "expected"), LEAKS.values(), ids=LEAKS)
def test_nothing_leaks_from_one_program_into_the_next(first, second, expected):
    raises = "NameError" if expected == "NameError" else ""
    case = Case("one", ([7],), expected=None if raises else expected, raises=raises)
    with Executor(Suite("f", (case,)), workers=1) as executor:
        _, *outcomes = run(executor, first, second, first, second)
        assert outcomes[0].passed, outcomes[0]
        assert outcomes[2].passed, outcomes[2]


def test_a_worker_that_dies_takes_no_other_job_with_it(executor):
    hang = "def f(xs):\n    if xs == [5]: return sum(range(10 ** 13))\n    return sum(xs)\n"
    programs = [RIGHT] * 3 + [hang] + [RIGHT] * 3 + [hang + "#"] + [RIGHT + "#"] * 30
    outcomes = run(executor, *programs)
    hanging = [index for index, outcome in enumerate(outcomes) if not outcome.passed]
    assert hanging == [3, 7]
    # what came before the case that hung is kept
    assert list(outcomes[3].verdicts) == [0, 3, 3, 3]


def test_budgets_come_from_the_passing_runs():
    suite = Suite("f", (Case("small", (10,), expected=0), Case("large", (400,), expected=0)))
    loop = "def f(n):\n    while n: n -= 1\n    return n\n"
    slow = "def f(n):\n    for _ in range(6000): pass\n    return 0\n"
    with Executor(suite, workers=1) as executor:
        assert run(executor, slow)[0].passed
        outcome = executor.calibrate(loop)
        assert outcome.passed
        assert executor.budgets == (10 * 401 + 1000,) * 2
        assert list(run(executor, slow)[0].verdicts) == [3, 3]
        (again,) = executor.run([Job(slow, ticks=10_000)])
        assert again[0].passed
        # the last word is given with more time
        assert executor.verify(slow).passed
        count = executor.executions
        run(executor, loop, loop)
        assert executor.executions == count + 2


def test_observations_tell_programs_apart(executor):
    inputs = [([1],), ([2, 3],), (None,), ("ab",)]
    seen = executor.observe("def f(xs): return {x: (x,) for x in xs}", inputs)
    assert seen[:3] == ["{1: (1,)}", "{2: (2,), 3: (3,)}", "raises TypeError"]
    assert seen[3] == "{'a': ('a',), 'b': ('b',)}"
    ends = executor.observe(
        "import os\ndef f(xs):\n    while xs == [1]: pass\n    if xs == 'ab': os._exit(3)", inputs
    )
    assert ends == ["does not end", "None", "None", "ends its process"]
    with pytest.raises(SuiteError, match="input 0 is no plain data"):
        executor.observe(RIGHT, [(object(),)])


def test_jobs_of_every_size_come_back_in_their_places(executor):
    jobs = [
        Job(HOLED, tuple((f"lambda total, x: total + x + {i * j % 3}",) for j in range(i % 7)))
        for i in range(60)
    ]
    outcomes = executor.run(jobs)
    for i, (job, found) in enumerate(zip(jobs, outcomes, strict=True)):
        assert len(found) == len(job.fillings)
        assert [outcome.passed for outcome in found] == [i * j % 3 == 0 for j in range(i % 7)]
    assert executor.run([]) == []


KINDS = {
    "unicode names": ("def f(größe):\n    return größe * 2", 4),
    "tabs": ("def f(x):\n\tif x:\n\t\treturn 4", 4),
    "carriage returns": ("def f(x):\r\n    for y in [x]:\r\n        return y + 2\r\n", 4),
    "a coroutine": ("async def g(x): return x\nasync def f(x): return 2 + await g(x)", 4),
    "an event loop": (
        "import asyncio\nasync def f(x):\n    await asyncio.sleep(0)\n    return 4",
        4,
    ),
    "an asynchronous generator": (
        "import asyncio\nasync def f(x):\n    for y in range(x):\n        yield y",
        [0, 1],
    ),
    "a generator": ("def f(x):\n    yield from range(x)", [0, 1]),
    "a decorator": (
        "import functools\ndef d(g):\n    @functools.wraps(g)\n    def h(*a): return g(*a) + 1\n"
        "    return h\n@d\ndef f(x): return x + 1",
        4,
    ),
    "a dataclass": (
        "from dataclasses import dataclass\n@dataclass\nclass P:\n    x: int\n"
        "def f(x):\n    p = P(x)\n    p.x += 2\n    return p.x",
        4,
    ),
    "global state": ("N = [1]\ndef f(x):\n    global N\n    N = N + [x]\n    return sum(N) + 1", 4),
}


@pytest.mark.parametrize(("text", "expected"), KINDS.values(), ids=KINDS)
def test_python_of_every_kind_runs(text, expected):
    with Executor(Suite("f", (Case("one", (2,), expected=expected),)), workers=1) as executor:
        (outcome,) = run(executor, text)
        assert outcome.passed, outcome


def test_methods_are_called_on_new_instances_and_classes():
    text = """
        class C:
            def __init__(self): self.n = 1
            def add(self, x):
                self.n += x
                return self.n
            @staticmethod
            def same(x): return x
        """
    for function, expected in (("C.add", 3), ("C.same", 2)):
        suite = Suite(function, (Case("1", (2,), expected=expected),) * 2)
        with Executor(suite, workers=1) as executor:
            assert run(executor, textwrap.dedent(text))[0].passed


def test_pytest_files_and_examples_judge_candidates_by_degrees(tmp_path):
    module = tmp_path / "tool.py"
    module.write_text(
        'def add(a, b):\n    """\n    >>> add(1, 2)\n    3\n    """\n    return a + b\n'
    )
    test = tmp_path / "test_tool.py"
    test.write_text(
        textwrap.dedent(
            """
            import pytest
            from tool import add
            @pytest.mark.parametrize("a, b, c", [(1, 2, 3), (5, 5, 10)])
            def test_add(a, b, c):
                assert add(a, b) == c, "sums"
            class TestMore:
                def test_float(self):
                    assert add(0.1, 0.2) == pytest.approx(0.3) and add(1, 1) > 1
                def test_error(self):
                    with pytest.raises(TypeError, match="unsupported") as info:
                        add(1, None)
                    assert "int" in str(info.value)
            """
        )
    )
    right = module.read_text()
    near, far = right.replace("a + b", "a + b + 1"), right.replace("a + b", "a - b - 60")
    liar = (
        "class L:\n    def __eq__(self, o): return True\n    def __gt__(self, o): return True\n"
        "def add(a, b):\n    return L() if a else a + b\n"
    )
    isolated = "import os\nHERE = os.getcwd()\n" + near
    for tests in (test, module):
        suite = read_suite(tests, module_path=module)
        with Executor(suite, workers=1, project=tmp_path) as executor:
            found = run(executor, right, near, far, liar, isolated)
            assert found[0].passed
            assert not any(outcome.passed for outcome in found[1:])
            assert found[1].energies[0] < found[2].energies[0] <= 1
            # in a process of its own it is judged alike
            assert found[4].energies == found[1].energies
            assert found[4].behaviour == found[1].behaviour
            assert executor.verify(right).passed
            assert not executor.verify(near).passed


def test_packages_import_the_candidate_and_the_candidate_them(tmp_path):
    package = tmp_path / "package"
    package.mkdir()
    (package / "__init__.py").write_text("from package.tool import f\n")
    (package / "helper.py").write_text("from package import constants\nADD = constants.ADD\n")
    (package / "constants.py").write_text("ADD = 1\n")
    module = package / "tool.py"
    module.write_text("from .helper import ADD\ndef f(x): return x - ADD\n")
    test = tmp_path / "test_it.py"
    test.write_text(
        "import package.tool\nimport package\n"
        "def test_f(): assert package.tool.f(1) == 2\ndef test_g(): assert package.f(2) == 3\n"
    )
    suite = read_suite(test, module_path=module)
    assert suite.module == "package.tool"
    text = module.read_text()
    with Executor(suite, workers=1, context=text, project=tmp_path) as executor:
        wrong, right = run(executor, text, text.replace("-", "+"))
        assert list(wrong.verdicts) == [1, 1]
        assert right.passed


def test_back_ends_are_chosen_by_name_and_never_left_out_silently():
    with pytest.raises(ValueError, match="only auto, bubblewrap, landlock, none"):
        Executor(SUM, isolation="chroot")
    with pytest.raises(IsolationError, match="allow_unsandboxed=True"):
        Executor(SUM, isolation="none")
    assert chosen("auto", allow_unsandboxed=False).name in ("bubblewrap", "landlock")
    with Executor(SUM, workers=1, isolation="none", allow_unsandboxed=True) as executor:
        assert executor.isolation == "none"
        assert run(executor, RIGHT)[0].passed
    with pytest.raises(ValueError, match="workers must be at least 1"):
        Executor(SUM, workers=0)


def test_states_at_a_hole_differ_by_every_name_that_can_be_copied():
    text = """def odd():
    yield 1
    raise RuntimeError("not to be looked into")

def f(n):
    items = odd()
    k = n + STEP
    return __hole_0__()
"""
    suite = Suite("f", (Case("one", (1,), expected=2),))
    with Executor(suite, workers=1) as executor:
        jobs = [Job(text.replace("STEP", step), ((None,),)) for step in ("1", "2", "0 + 1")]
        one, two, same = (outcome.behaviour for (outcome,) in executor.run(jobs))
    assert one != two
    assert one == same


def test_what_programs_import_is_imported_before_and_takes_none_of_their_time():
    suite = Suite("f", (Case("loaded", (0,), expected=True),))
    text = "import sys\nloaded = 'torch' in sys.modules\nimport torch\ndef f(n): return loaded\n"
    limits = Limits(memory=2 << 30, wall_seconds=0.5)
    with Executor(suite, context=text, workers=1, limits=limits) as executor:
        ((outcome,),) = executor.run([Job(text)])
    assert outcome.passed, outcome.error
