"""Fixtures, marks and asynchronous tests of pytest files, without pytest."""

import textwrap

import pytest

from latent_ebm.puzzles.code.execution.executor import Executor
from latent_ebm.puzzles.code.execution.outcomes import Job, Limits
from latent_ebm.puzzles.code.testing.pytest_files import suite_from_pytest

PROGRAM = """
events = []
def add(a, b): return a + b
async def later(a): return add(a, 1)
"""
TESTS = """
import pytest
from pytest import fixture
import candidate
from candidate import add, later

@fixture
def one():
    return [1]

@pytest.fixture(scope="module")
def two(one):
    candidate.events.append("begin")
    yield add(one[0], 1)
    candidate.events.append("end")

@pytest.fixture(autouse=True)
def nothing_before():
    assert candidate.events in ([], ["begin", "end"])
    candidate.events.clear()

@pytest.mark.quick
@pytest.mark.parametrize("n", [2, 3])
def test_sets_and_fixtures(two, n, one):
    assert candidate.events == ["begin"]
    assert add(two, n) == n + 2
    one.append(2)

@pytest.mark.parametrize("one", [7])
def test_a_parameter_hides_a_fixture(one):
    assert one == 7

@pytest.mark.skip(reason="later")
def test_skipped(): assert False

@pytest.mark.xfail
class TestWrong:
    def test_wrong(self): assert False

async def test_awaits(one):
    assert await later(one[0]) == 2

class TestClass:
    @pytest.fixture
    def three(self, one): return self.base + one[0]

    base = 2

    def test_it(self, three, one): assert (three, one) == (3, [1])
"""
NAMES = [
    "test_sets_and_fixtures[0]",
    "test_sets_and_fixtures[1]",
    "test_a_parameter_hides_a_fixture[0]",
    "test_awaits",
    "TestClass.test_it",
]


def test_fixtures_are_made_for_each_test_and_end_with_it():
    suite = suite_from_pytest(TESTS)
    assert [case.name for case in suite.cases] == NAMES
    wrong = PROGRAM.replace("a + b", "a - b")
    with Executor(suite, workers=1, limits=Limits(wall_seconds=2.0)) as executor:
        ((right,), (changed,)) = executor.run([Job(PROGRAM), Job(wrong)])
        assert right.passed, right.error
        assert executor.verify(PROGRAM).passed
    assert [not verdict for verdict in changed.verdicts] == [False, False, True, False, True]


@pytest.mark.parametrize(
    ("fixture", "passes"),
    [
        ("yield 1", True),
        ("yield 1\n    assert f() == 2", False),
        ("yield 1\n    yield 2", False),
        ("raise ValueError", False),
        ("pass\n@pytest.fixture\ndef one(two): pass\n@pytest.fixture\ndef two(one): 1", False),
    ],
)
def test_what_a_fixture_checks_counts(fixture, passes):
    text = f"""
import pytest
from candidate import f
@pytest.fixture
def one():
    {fixture}
def test_f(one): assert f() == one
"""
    with Executor(suite_from_pytest(text), workers=1) as executor:
        ((outcome,),) = executor.run([Job("def f(): return 1")])
    assert outcome.passed == passes


def test_asynchronous_tests_wait_in_an_event_loop():
    text = textwrap.dedent("""
        import asyncio
        import pytest
        from candidate import f

        @pytest.mark.asyncio
        async def test_f():
            await asyncio.sleep(0.01)
            assert await asyncio.gather(f(1), f(2)) == [2, 3]
    """)
    program = "import asyncio\nasync def f(n):\n    await asyncio.sleep(0)\n    return n + 1\n"
    with Executor(suite_from_pytest(text), workers=1) as executor:
        ((right,), (wrong,)) = executor.run([Job(program), Job(program.replace("+", "-"))])
    assert right.passed, right.error
    assert not wrong.passed
