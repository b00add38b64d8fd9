"""Suites from records, docstrings and pytest files; errors that say where and what to do."""

import json

import pytest

from latent_ebm.puzzles.code.testing.cases import Case, SuiteError
from latent_ebm.puzzles.code.testing.doctests import suite_from_doctests
from latent_ebm.puzzles.code.testing.printed import printed_energy, shows
from latent_ebm.puzzles.code.testing.pytest_files import suite_from_pytest
from latent_ebm.puzzles.code.testing.reading import module_name, read_suite

RECORDS = [
    {"args": [1, [2]], "expected": {"a": None}},
    {"args": [], "kwargs": {"x": 1}, "expected": 3, "name": "keyword"},
    {"args": ["x"], "raises": "ValueError"},
]
CASES = (
    Case("case 1", (1, [2]), {}, {"a": None}),
    Case("keyword", (), {"x": 1}, 3),
    Case("case 3", ("x",), {}, None, "ValueError"),
)


def test_records_are_read_from_lists_json_and_json_lines(tmp_path):
    (tmp_path / "a.json").write_text(json.dumps(RECORDS))
    (tmp_path / "b.json").write_text(json.dumps({"function": "f", "tests": RECORDS}))
    (tmp_path / "c.jsonl").write_text("\n".join(map(json.dumps, RECORDS)) + "\n\n")
    for tests in (RECORDS, tmp_path / "a.json", str(tmp_path / "c.jsonl")):
        suite = read_suite(tests, function="f")
        assert suite.cases == CASES
        assert suite.function == "f"
    assert read_suite(tmp_path / "b.json").function == "f"


REFUSED = [
    ([], "no test in it"),
    ([{"args": []}], "case 1: a test has either"),
    ([{"args": [], "expected": 1}, {"args": [], "expected": 1, "raises": "E"}], "case 2"),
    ([{"args": 3, "expected": 1}], '"args" is a list, not int'),
    ([{"args": "ab", "expected": 1}], '"args" is a list, not str'),
    ([{"arg": [], "expected": 1}], "'arg' is no key"),
    ([{"args": [], "kwargs": [], "expected": 1}], '"kwargs" is an object'),
    ([{"args": [], "raises": 3}], '"raises" is the name'),
    ([7], "not int"),
]


@pytest.mark.parametrize(("records", "message"), REFUSED)
def test_what_is_no_record_is_refused(records, message):
    with pytest.raises(SuiteError, match=message):
        read_suite(records, function="f")


def test_errors_in_files_name_file_and_line(tmp_path):
    (tmp_path / "a.json").write_text('[\n  {"args": [],\n "expected": }]')
    with pytest.raises(SuiteError, match=r"a\.json, line 3, column"):
        read_suite(tmp_path / "a.json", function="f")
    (tmp_path / "b.jsonl").write_text('{"args": [], "expected": 1}\n{"args": []}\n')
    with pytest.raises(SuiteError, match=r"b\.jsonl, line 2: a test has"):
        read_suite(tmp_path / "b.jsonl", function="f")
    (tmp_path / "c.json").write_bytes(b'["\xff"]')
    with pytest.raises(SuiteError, match=r"c\.json, line 1: not UTF-8"):
        read_suite(tmp_path / "c.json", function="f")
    (tmp_path / "d.json").write_text("[" * 100_000)
    with pytest.raises(SuiteError, match=r"d\.json"):
        read_suite(tmp_path / "d.json", function="f")
    with pytest.raises(SuiteError, match="No such file"):
        read_suite(tmp_path / "none.json", function="f")
    (tmp_path / "e.txt").write_text("x")
    with pytest.raises(SuiteError, match=r"not '\.txt'"):
        read_suite(tmp_path / "e.txt")
    (tmp_path / "f.json").write_text("[]")
    with pytest.raises(SuiteError, match="which function"):
        read_suite(tmp_path / "f.json")


DOCUMENTED = '''
def f(x):
    """Double.

    >>> f(1)
    2
    >>> y = f(2)
    >>> y  # doctest: +ELLIPSIS
    4
    >>> f(None)
    Traceback (most recent call last):
        ...
    TypeError: no
    """
    return 2 * x

class C:
    """
    >>> C().g()
    1
    """
    def g(self):
        """
        >>> 1  # doctest: +SKIP
        2
        """
        return 1
'''


def test_examples_of_docstrings_are_cases_after_those_before_them():
    suite = suite_from_doctests(DOCUMENTED)
    assert [case.name for case in suite.cases] == ["f[1]", "f[2]", "f[3]", "f[4]", "C[1]"]
    assert suite.cases[2].setup == ("f(1)\n", "y = f(2)\n")
    assert suite.cases[2].options == {"ELLIPSIS"}
    assert suite.cases[3].raises == "TypeError: no\n"
    assert len(suite_from_doctests(DOCUMENTED, function="f")) == 4
    assert len(suite_from_doctests(DOCUMENTED, function="C.g")) == 1


def test_docstrings_without_examples_are_refused():
    with pytest.raises(SuiteError, match="no docstring has an example of h"):
        suite_from_doctests(DOCUMENTED, function="h")
    with pytest.raises(SuiteError, match="REPORT_NDIFF is not understood"):
        suite_from_doctests('"""\n>>> 1  # doctest: +REPORT_NDIFF\n1\n"""')


SHOWN = [
    ("a\n", "a\n", (), True),
    ("a  b\n", "a b\n", ("NORMALIZE_WHITESPACE",), True),
    ("a  b\n", "a b\n", (), False),
    ("[1, ...]\n", "[1, 2, 3]\n", ("ELLIPSIS",), True),
    ("[1, ..., 3, ...]\n", "[1, 2, 3]\n", ("ELLIPSIS",), False),
    ("a...b...c", "abc", ("ELLIPSIS",), True),
    ("aa...aa", "aaa", ("ELLIPSIS",), False),
    ("1\n", "True\n", (), True),
    ("1\n", "True\n", ("DONT_ACCEPT_TRUE_FOR_1",), False),
    ("a\n<BLANKLINE>\nb\n", "a\n\nb\n", (), True),
]


@pytest.mark.parametrize(("want", "got", "options", "shown"), SHOWN)
def test_printed_output_is_compared_by_the_rules_of_doctest(want, got, options, shown):
    import doctest

    flags = sum(doctest.OPTIONFLAGS_BY_NAME[name] for name in options)
    assert shows(want, got, options) is shown
    assert doctest.OutputChecker().check_output(want, got, flags) is shown
    assert (printed_energy(want, got, options) == 0) is shown


def test_pytest_files_give_a_case_for_each_set_of_parameters():
    text = """
import pytest
from candidate import f
SETS = [(1, 2), pytest.param(3, 4, id="x")]
@pytest.mark.parametrize("a, b", SETS)
@pytest.mark.parametrize("c", range(2))
def test_f(a, b, c=0): assert f(a) == b
def helper(): pass
class TestC:
    def test_g(self): assert not f(1)
"""
    names = [case.name for case in suite_from_pytest(text).cases]
    assert names == [
        "test_f[0-0]",
        "test_f[0-1]",
        "test_f[1-0]",
        "test_f[1-1]",
        "TestC.test_g",
    ]


HEAD = "import pytest\nfrom candidate import f\n"
UNSUPPORTED = [
    ("@pytest.fixture(params=[1])\ndef data(): pass\ndef test_f(data): pass", "the option params"),
    ("@pytest.fixture\ndef data(x): pass\ndef test_f(data): pass", "the fixture x of data, which"),
    ("@pytest.fixture\nasync def data(): pass\ndef test_f(): pass", "asynchronous fixture data"),
    ("def test_f(tmp_path): pass", "the fixture tmp_path of test_f"),
    ("@pytest.mark.skipif(x)\ndef test_f(): pass", r"line 3: the decorator pytest\.mark\.skipif"),
    ("@pytest.mark.skip\ndef test_f(): pass", "no test function"),
    ("@pytest.mark.parametrize('a', list('ab'))\ndef test_f(a): pass", "write it out"),
    ("@pytest.mark.parametrize('a', [*x])\ndef test_f(a): pass", "write it out"),
    ("@pytest.mark.parametrize('a', [1], indirect=True)\ndef test_f(a): pass", "options"),
    ("def setup_module(): pass\ndef test_f(): pass", "the set-up function setup_module"),
    ("class TestC:\n    def setup_method(self): pass\n    def test_f(self): pass", "setup_method"),
    ("class T(unittest.TestCase): pass\ndef test_f(): pass", "the unittest class T"),
    ("def test_f(): pytest.importorskip('x')", r"line 3: pytest\.importorskip"),
    ("from . import x\ndef test_f(): pass", "relative import"),
    ("def helper(): pass", "no test function"),
    ("def test_f(:", "line 3"),
]


@pytest.mark.parametrize(("text", "message"), UNSUPPORTED)
def test_what_needs_pytest_itself_is_refused_by_name(text, message):
    with pytest.raises(SuiteError, match=message):
        suite_from_pytest(HEAD + text)


def test_a_test_file_must_import_the_module_under_test():
    with pytest.raises(SuiteError, match="imports nothing from candidate"):
        suite_from_pytest("def test_f(): assert True")


def test_files_are_told_apart_by_what_is_in_them(tmp_path):
    module = tmp_path / "package" / "tool.py"
    module.parent.mkdir()
    (module.parent / "__init__.py").write_text("")
    module.write_text(DOCUMENTED)
    test = tmp_path / "test_tool.py"
    test.write_text("from package.tool import f\ndef test_f(): assert f(1) == 2")
    assert module_name(module) == "package.tool"
    assert read_suite(module, module_path=module).module == "package.tool"
    assert len(read_suite(module, module_path=module, function="f")) == 4
    assert read_suite(test, module_path=module).cases[0].name == "test_f"
