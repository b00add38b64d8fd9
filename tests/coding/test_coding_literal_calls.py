"""Patches are compared on calls like those that pytest files and docstrings show."""

import latent_ebm
from latent_ebm.puzzles.code.testing.literal_calls import with_literal_calls
from latent_ebm.puzzles.code.testing.pytest_files import suite_from_pytest

WRONG = "def gap(a, b):\n    return a + b\n"


def test_calls_are_found_in_tests_with_and_without_parameters():
    text = """
import pytest
import candidate
from candidate import f
X = 3
@pytest.mark.parametrize("a, b", [(1, [2]), pytest.param(3, [], id="x")])
def test_f(a, b):
    assert f(a, b) == 2
    assert candidate.f(-1, (1, None)) is None
    assert f(X, []) == g(1)
"""
    found = with_literal_calls(suite_from_pytest(text), ["f", "g"])
    assert found.function == "f"
    assert [case.args for case in found.cases] == [(1, [2]), (-1, (1, None)), (3, [])]
    nothing = suite_from_pytest("from candidate import f\ndef test_f(): f(x)")
    assert with_literal_calls(nothing, ["f"]) is None


def test_weak_pytest_files_and_docstrings_are_warned_of(tmp_path):
    module, tests = tmp_path / "tool.py", tmp_path / "test_tool.py"
    module.write_text(WRONG)
    tests.write_text("from tool import gap\ndef test_gap():\n    assert gap(5, 3) == 2\n")
    answer = latent_ebm.repair(module, tests, workers=1, time_limit=20.0)
    assert answer.solved
    assert answer.difference.call.startswith("gap(")
    assert answer.difference.chosen != answer.difference.other
    head, body = WRONG.split(":\n")
    module.write_text(f'{head}:\n    """\n    >>> gap(5, 3)\n    2\n    """\n{body}')
    answer = latent_ebm.repair(module, workers=1, time_limit=20.0)
    assert answer.solved
    assert answer.difference.call.startswith("gap(")
