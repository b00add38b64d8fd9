"""Repair as people use it: a program and tests in, a verified patch out."""

import json
import textwrap

import pytest

import latent_ebm
from latent_ebm import CodeProblem, Repair, Status
from latent_ebm.coding.options import RepairSettings
from latent_ebm.puzzles.code.errors import BadSource
from latent_ebm.puzzles.code.grammar.context import Terms
from latent_ebm.puzzles.code.testing.cases import SuiteError

QUICK = {"workers": 1, "time_limit": 20.0}

SMALLEST = """
def largest(items):
    # keeps the best so far
    best = items[0]
    for item in items:
        if item < best:
            best = item
    return best
"""
TESTS = [
    {"args": [[1, 5, 2]], "expected": 5},
    {"args": [[4, 3]], "expected": 4},
    {"args": [[-4, -3]], "expected": -3},
]


def lines(diff, sign):
    return [line[1:].strip() for line in diff.splitlines() if line[:1] == sign][1:]


def repaired(text, tests=None, function=None, **settings):
    return latent_ebm.repair(textwrap.dedent(text), tests, function, **{**QUICK, **settings})


def test_a_patch_is_a_diff_with_energies_and_the_tests_that_now_pass():
    answer = repaired(SMALLEST, TESTS)
    assert isinstance(answer, Repair)
    assert answer.status is Status.SOLVED
    assert lines(answer.diff, "-") == ["if item < best:"]
    assert "# keeps the best so far" in answer.text
    assert answer.before.tests > 0 == answer.after.tests
    assert answer.after.prior > 0 == answer.before.prior
    assert answer.fixed == ("case 1", "case 2", "case 3")
    assert answer.violations == ()
    assert answer.backend in ("bubblewrap", "landlock")
    assert 0 < answer.patches[0].executions <= answer.executions
    namespace = {}
    exec(answer.text, namespace)
    assert namespace["largest"]([3, 9, 4]) == 9


def test_solve_takes_a_program_like_any_problem():
    problem = CodeProblem.of("def double(n):\n    return n * n\n", [{"args": [3], "expected": 6}])
    seen = []
    one, two = latent_ebm.solve(
        [problem, problem], on_progress=lambda done, of: seen.append((done, of)), **QUICK
    )
    assert one.solved
    assert one.diff == two.diff
    assert seen == [(1, 2), (2, 2)]


def test_solve_fills_the_holes_of_a_program():
    answer = latent_ebm.solve(
        CodeProblem.of("def largest(items):\n    return ...\n", TESTS), **QUICK
    )
    assert answer.solved
    namespace = {}
    exec(answer.text, namespace)
    assert [namespace["largest"](test["args"][0]) for test in TESTS] == [5, 4, -3]


def test_programs_and_puzzles_are_solved_apart():
    problem = CodeProblem.of("def f(n):\n    return n\n", [{"args": [3], "expected": 6}])
    with pytest.raises(ValueError, match="found a Sudoku among programs"):
        latent_ebm.solve([problem, latent_ebm.Sudoku.parse("1... ..3. .4.. ...2")])


def test_where_no_test_fails_there_is_nothing_to_do():
    answer = repaired("def f(n):\n    return n + 1\n", [{"args": [3], "expected": 4}])
    assert answer.solved
    assert answer.patches == ()
    assert answer.text == "def f(n):\n    return n + 1\n"
    assert answer.executions == 1


def test_what_cannot_be_repaired_in_time_is_unknown_and_shows_the_closest():
    tests = [{"args": [3], "expected": "a" * 40}, {"args": [4], "expected": [[["b"]]]}]
    answer = repaired("def f(n):\n    return n\n", tests, time_limit=2.0)
    assert answer.status is Status.UNKNOWN
    assert answer.patches == ()
    assert set(answer.violations) <= {"case 1", "case 2"}
    assert answer.text == "def f(n):\n    return n\n"


def test_slow_tests_are_no_failing_tests():
    text = (
        "def f(n):\n    total = 0\n    for i in range(n):\n        total += 1\n    return total\n"
    )
    answer = repaired(text, [{"args": [120_000], "expected": 120_000}])
    assert answer.solved
    assert answer.patches == ()


def test_pytest_files_and_other_modules_of_the_project(tmp_path):
    (tmp_path / "helper.py").write_text("LIMIT = 3\n")
    program = tmp_path / "tool.py"
    program.write_text("from helper import LIMIT\n\n\ndef clipped(n):\n    return max(n, LIMIT)\n")
    tests = tmp_path / "test_tool.py"
    tests.write_text(
        "from tool import clipped\n\n\ndef test_large():\n    assert clipped(7) == 3\n\n\n"
        "def test_small():\n    assert clipped(2) == 2\n"
    )
    answer = latent_ebm.repair(program, tests, **QUICK)
    assert lines(answer.diff, "+") == ["return min(n, LIMIT)"]
    assert answer.fixed == ("test_large", "test_small")
    assert program.read_text().endswith("max(n, LIMIT)\n")


def test_doctests_are_the_tests_where_none_are_given():
    text = '''
    def half(n):
        """Half of n.

        >>> half(8)
        4
        >>> half(5)
        2
        """
        return n * 2
    '''
    assert lines(repaired(text).diff, "+") == ["return n // 2"]


def test_line_breaks_tabs_and_comments_stay_as_they_are():
    text = (
        "# größte\r\ndef f(größe):\r\n\tif größe > 0:\t# so\r\n"
        "\t\treturn größe + 2\r\n\treturn 0\r\n"
    )
    answer = latent_ebm.repair(
        text, [{"args": [3], "expected": 2}, {"args": [5], "expected": 4}], **QUICK
    )
    before, after = text.split("\r\n"), answer.text.split("\r\n")
    assert "\n" not in "".join(after)
    changed = [(old, new) for old, new in zip(before, after, strict=True) if old != new]
    assert [old for old, _ in changed] == ["\t\treturn größe + 2"]


def test_methods_decorators_generators_and_coroutines():
    text = """
    import functools

    class Scale:
        def __init__(self):
            self.factor = 3

        @functools.lru_cache
        def apply(self, n):
            return n + self.factor
    """
    tests = [{"args": [2], "expected": 6}, {"args": [5], "expected": 15}]
    assert lines(repaired(text, tests, "Scale.apply").diff, "+") == ["return n * self.factor"]
    generator = """
    def odd(items):
        for item in items:
            if item % 2 == 0:
                yield item
    """
    tests = [{"args": [[1, 2, 3]], "expected": [1, 3]}, {"args": [[4, 5]], "expected": [5]}]
    assert repaired(generator, tests).solved
    coroutine = """
    async def add(a, b):
        return a - b
    """
    tests = [{"args": [1, 2], "expected": 3}, {"args": [4, 4], "expected": 8}]
    assert lines(repaired(coroutine, tests).diff, "+") == ["return a + b"]


def test_where_tests_do_not_determine_the_patch_an_input_says_so():
    answer = repaired("def f(a, b):\n    return a - b\n", [{"args": [2, 2], "expected": 4}], all=3)
    assert answer.solved
    assert len(answer.patches) > 1
    told = answer.difference
    assert told.chosen != told.other
    assert told.rival.diff != answer.diff
    call = told.call
    outputs = []
    for text in (answer.text, told.rival.text):
        namespace = {}
        exec(text, namespace)
        outputs.append(repr(eval(call, namespace)))
    assert outputs == [told.chosen, told.other]


@pytest.mark.parametrize("strategy", ["enumerate", "greedy", "random"])
def test_baselines_are_asked_for_by_name(strategy):
    answer = repaired(SMALLEST, TESTS, strategy=strategy)
    assert answer.solved
    assert answer.engine == strategy


def test_the_same_seed_gives_the_same_patches():
    one, two = (repaired(SMALLEST, TESTS, seed=3, all=2) for _ in range(2))
    assert [patch.diff for patch in one.patches] == [patch.diff for patch in two.patches]


def test_energies_can_be_turned_off():
    answer = repaired(SMALLEST, TESTS, terms=Terms(types=False, surrogate=False))
    assert answer.solved
    assert answer.after.types == 0


@pytest.mark.slow
def test_types_refuse_a_patch_that_adds_errors():
    text = "def f(n: int) -> int:\n    return n - 2\n"
    tests = [{"args": [3], "expected": 5}, {"args": [4], "expected": 6}]
    answer = repaired(text, tests, types=True)
    assert lines(answer.diff, "+") == ["return n + 2"]


def test_type_errors_that_were_there_count_for_nothing():
    from latent_ebm.coding.type_checking import adds_errors

    text = "def f(n: int) -> str:\n    return n\n"
    problem = CodeProblem.of(text, [{"args": [3], "expected": 6}])
    assert not adds_errors(problem, text.replace("return n", "x = 1\n    return n"))
    assert adds_errors(problem, text.replace("return n", "n.real = 'a'\n    return n"))


METHOD = """\
class A:
    def __init__(self, size, other=1): self.size = size
    def f(self, n): return n
"""


@pytest.mark.parametrize(
    ("text", "tests", "function", "error", "message"),
    [
        ("def f(:\n    return 1\n", TESTS, "f", BadSource, "<string>:1:7"),
        ("def f(n):\n    return n\n", TESTS, "g", BadSource, "no function 'g'; it has f"),
        ("def f(n):\n    return n\n", [], "f", SuiteError, "no test in it"),
        ("def f(n):\n    return n\n", [{"arg": 1}], "f", SuiteError, "'arg' is no key"),
        ("def f():\n    pass\ndef g():\n    pass\n", TESTS, None, SuiteError, "name it"),
        ("def f(n):\n    return n\n", None, None, SuiteError, "no docstring has an example"),
        (
            "def f(n):\n    return n\n",
            TESTS[0],
            None,
            SuiteError,
            "a list of records .*; found dict",
        ),
        ("def f(n):\n    return n\n", 5, None, SuiteError, "a list of records .*; found int"),
        (None, TESTS, None, BadSource, "a path, a text or a Source; found NoneType"),
        (
            "def f(n):\n    return n\n",
            [{"args": [1], "expected": object()}],
            None,
            SuiteError,
            "the expected value of case 1 is no plain data",
        ),
        (METHOD, TESTS, "A.g", BadSource, "A has no method 'g'; it has __init__, f"),
        (METHOD, TESTS, "A.f", BadSource, "<string>:2:1: A.f is called on .*__init__ needs size"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_place(text, tests, function, error, message):
    with pytest.raises(error, match=message):
        latent_ebm.repair(text, tests, function)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"strategy": "luck"}, "no strategy 'luck' for programs; choose from descent"),
        ({"time_limit": 0}, "time_limit must be above 0"),
        ({"all": 0}, "all must be a whole number, at least 1; found 0"),
        ({"workers": 1.5}, "workers must be a whole number, at least 1; found 1.5"),
        ({"seed": -1}, "seed must be a whole number, at least 0; found -1"),
        ({"max_executions": "3"}, "max_executions must be a whole number"),
        ({"terms": None}, "terms must be Terms"),
        ({"isolation": "hope"}, "no isolation 'hope'"),
        ({"max_steps": 4}, "'max_steps' is no setting of programs"),
    ],
)
def test_settings_are_used_or_refused(settings, message):
    with pytest.raises(ValueError, match=message):
        RepairSettings.of(**settings)


HOSTILE = {
    "ends its process": "import os\ndef f(n):\n    os._exit(0)\n    return n + 2\n",
    "deletes what it can": (
        "import os, shutil\ndef f(n):\n"
        "    shutil.rmtree(os.getcwd(), ignore_errors=True)\n    return n + 2\n"
    ),
    "forks": "import os\ndef f(n):\n    while True:\n        os.fork()\n    return n + 2\n",
    "takes memory": "def f(n):\n    held = 'a' * (1 << 36)\n    return n + 2\n",
    "is equal to everything": (
        "class Any:\n    def __eq__(self, other):\n        return True\n"
        "def f(n):\n    return Any()\n"
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_programs_are_contained(name, tmp_path):
    path = tmp_path / "program.py"
    path.write_text(HOSTILE[name])
    tests = tmp_path / "tests.json"
    tests.write_text(json.dumps([{"args": [1], "expected": 2}, {"args": [5], "expected": 6}]))
    answer = latent_ebm.repair(path, tests, "f", workers=1, time_limit=2.0)
    assert answer.status in (Status.SOLVED, Status.UNKNOWN)
    assert path.read_text() == HOSTILE[name]
    assert sorted(p.name for p in tmp_path.iterdir()) == ["program.py", "tests.json"]


def test_a_program_that_waits_does_not_take_more_than_its_time():
    text = "import time\ndef f(n):\n    time.sleep(99)\n    return n\n"
    answer = repaired(text, [{"args": [1], "expected": 2}], time_limit=0.5)
    assert answer.status is Status.UNKNOWN
    assert answer.seconds < 7.0
    assert answer.error == "waits for more time than the limit allows"


def test_candidates_that_wait_are_ended_soon_after_what_passes():
    text = """
    import asyncio
    async def f(delay, value):
        await asyncio.sleep(delay * 0)
        return delay
    """
    tests = [{"args": [30, [[1, "a"]]], "expected": [[1, "a"]]}, {"args": [20, 1], "expected": 1}]
    answer = repaired(text, tests, max_executions=10)
    assert answer.executions >= 10
    assert answer.seconds < 8.0


def test_asynchronous_generators_are_repaired():
    text = """
    async def evens(limit):
        for n in range(limit):
            if n % 2:
                yield n
    """
    answer = repaired(text, [{"args": [5], "expected": [0, 2, 4]}, {"args": [1], "expected": [0]}])
    assert lines(answer.diff, "-") == ["if n % 2:"]


def test_interrupted_the_best_so_far_is_verified_and_given():
    def interrupt(executions, energy):
        del executions
        if energy == 0.0:
            raise KeyboardInterrupt

    answer = repaired(SMALLEST, TESTS, on_progress=interrupt)
    assert answer.solved
    assert answer.interrupted
    assert lines(answer.diff, "-") == ["if item < best:"]


def test_interrupted_before_anything_passed_the_closest_is_shown():
    def interrupt(executions, energy):
        del executions, energy
        raise KeyboardInterrupt

    tests = [{"args": [[1, 5, 2]], "expected": [5, "x"]}, {"args": [[4, 3]], "expected": 4}]
    answer = repaired(SMALLEST, tests, on_progress=interrupt)
    assert answer.status is Status.UNKNOWN
    assert answer.interrupted
    assert answer.closest is None or answer.closest.energies.tests < answer.before.tests


@pytest.mark.parametrize(("strategy", "most"), [("descent", 150), ("landscape", 800)])
def test_interrupted_while_filling_the_best_so_far_is_verified_and_given(strategy, most):
    runs = []

    def interrupt(executions, energy):
        del energy
        runs.append(executions)
        if executions > most:
            raise KeyboardInterrupt

    answer = latent_ebm.fill(
        "def f(n):\n    return ...\n",
        [{"args": [n], "expected": 2 * n} for n in (3, 4)],
        on_progress=interrupt,
        strategy=strategy,
        all=9,
        **QUICK,
    )
    assert answer.interrupted
    assert answer.solved
    assert runs[-1] <= answer.executions


def test_interrupted_before_a_filling_passed_the_closest_is_shown():
    def interrupt(executions, energy):
        del energy
        if executions > 20:
            raise KeyboardInterrupt

    tests = [{"args": [3], "expected": 3}, {"args": [4], "expected": [["x"], 8]}]
    answer = latent_ebm.fill("def f(n):\n    return ...\n", tests, on_progress=interrupt, **QUICK)
    assert answer.status is Status.UNKNOWN
    assert answer.interrupted
    assert answer.closest is not None
    assert "..." not in answer.closest.text
    assert answer.closest.energies.tests < answer.before.tests


def test_quick_tests_that_fail_are_tried_before_slow_ones_that_pass():
    text = """
    def f(n):
        total = 0
        for i in range(n):
            total += 1
        if n < 5:
            return total + 1
        return total
    """
    tests = [
        {"args": [120_000], "expected": 120_000},
        {"args": [3], "expected": 2},
        {"args": [2], "expected": 1},
    ]
    answer = repaired(text, tests)
    assert lines(answer.diff, "+") == ["return total - 1"]
    assert answer.fixed == ("case 2", "case 3")


def test_a_program_without_a_function_to_change_is_refused():
    text = "f = lambda n: n + 2\n"
    assert repaired(text, [{"args": [3], "expected": 5}], "f").solved
    with pytest.raises(BadSource, match=r"<string>: nothing to repair: there is no function"):
        repaired(text, [{"args": [3], "expected": 4}], "f")


def test_a_program_that_does_not_load_says_why():
    answer = repaired(
        "import nothing_of_this_name\ndef f(n):\n    return n\n",
        [{"args": [3], "expected": 4}],
        time_limit=1.0,
    )
    assert answer.status is Status.UNKNOWN
    assert "No module named 'nothing_of_this_name'" in answer.error


@pytest.mark.slow
def test_a_function_of_thousands_of_statements_ends_in_time():
    body = "".join(f"    total += n * {i % 7} - {i % 5}\n" for i in range(3000))
    text = f"def f(n):\n    total = 0\n{body}    return total - 1\n"
    namespace = {}
    exec(text, namespace)
    tests = [{"args": [n], "expected": namespace["f"](n) + 1} for n in (1, 2, 5)]
    answer = latent_ebm.repair(text, tests, workers=1, time_limit=6.0)
    assert answer.seconds < 12.0
