"""Reading files and editing them: what an edit does not name stays as it is, byte for byte."""

import ast
import stat
import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from latent_ebm.puzzles.code.errors import BadSource, Refusal
from latent_ebm.puzzles.code.incremental import errors, parse
from latent_ebm.puzzles.code.patches import unified_diff, write_atomically
from latent_ebm.puzzles.code.precedence import replace_node
from latent_ebm.puzzles.code.source import Edit, Source
from latent_ebm.puzzles.code.statements import (
    delete_statement,
    insert_after,
    insert_before,
    replace_statement,
)

# random expressions, as trees; unparse writes them, so precedence is Python's own


def _expressions(names=("a", "b", "c")):
    leaf = st.one_of(
        st.sampled_from(names).map(lambda name: ast.Name(name, ast.Load())),
        st.sampled_from([0, 1, 2.5, 3j, "s", b"b", None, True]).map(ast.Constant),
    )
    binary = [ast.Add, ast.Sub, ast.Mult, ast.Div, ast.Mod, ast.Pow, ast.MatMult, ast.FloorDiv]
    binary += [ast.LShift, ast.RShift, ast.BitOr, ast.BitXor, ast.BitAnd]
    compare = [ast.Eq, ast.Lt, ast.In, ast.NotIn, ast.Is, ast.IsNot]

    def grow(inner):
        pairs = st.lists(inner, min_size=2, max_size=3)
        return st.one_of(
            st.builds(ast.BinOp, inner, st.sampled_from(binary).map(lambda c: c()), inner),
            st.builds(
                ast.UnaryOp,
                st.sampled_from([ast.Not, ast.USub, ast.UAdd, ast.Invert]).map(lambda c: c()),
                inner,
            ),
            st.builds(ast.BoolOp, st.sampled_from([ast.And, ast.Or]).map(lambda c: c()), pairs),
            st.builds(
                lambda left, op, right: ast.Compare(left, [op], [right]),
                inner,
                st.sampled_from(compare).map(lambda c: c()),
                inner,
            ),
            st.builds(ast.IfExp, inner, inner, inner),
            st.builds(lambda f, xs: ast.Call(f, xs, []), inner, st.lists(inner, max_size=2)),
            st.builds(lambda f, x: ast.Call(f, [], [ast.keyword("k", x)]), inner, inner),
            st.builds(lambda v, i: ast.Subscript(v, i, ast.Load()), inner, inner),
            st.builds(
                lambda v, i, j: ast.Subscript(v, ast.Slice(i, j, None), ast.Load()),
                inner,
                inner,
                inner,
            ),
            st.builds(lambda v: ast.Attribute(v, "x", ast.Load()), inner),
            st.builds(lambda xs: ast.List(xs, ast.Load()), pairs),
            st.builds(lambda xs: ast.Tuple(xs, ast.Load()), pairs),
            st.builds(lambda xs: ast.Set(xs), pairs),
            st.builds(lambda k, v: ast.Dict([k], [v]), inner, inner),
            st.builds(lambda v: ast.Dict([None], [v]), inner),
            st.builds(lambda x: ast.Lambda(_NO_ARGUMENTS, x), inner),
            st.builds(lambda v: ast.NamedExpr(ast.Name("w", ast.Store()), v), inner),
            st.builds(_comprehension(ast.ListComp), inner, inner, inner),
            st.builds(_comprehension(ast.GeneratorExp), inner, inner, inner),
            st.builds(
                lambda f, g: ast.Call(f, [g], []),
                inner,
                st.builds(_comprehension(ast.GeneratorExp), inner, inner, inner),
            ),
        )

    return st.recursive(leaf, grow, max_leaves=8)


_NO_ARGUMENTS = ast.arguments([], [], None, [], [], None, [])


def _comprehension(kind):
    def build(element, iterated, test):
        target = ast.Name("t", ast.Store())
        return kind(element, [ast.comprehension(target, iterated, [test], 0)])

    return build


def _written(tree):
    """As text that gives the very tree back, or None where Python's unparse slips."""
    text = ast.unparse(ast.fix_missing_locations(tree))
    try:
        again = ast.parse(text, mode="eval").body
    except SyntaxError:
        return None
    return text if ast.dump(again) == ast.dump(tree) else None


class _Swap(ast.NodeTransformer):
    def __init__(self, old, new):
        self.old, self.new = old, new

    def visit(self, node):
        return self.new if node is self.old else self.generic_visit(node)


CONTEXTS = [
    "x = {}\n",
    "return_ = f({}, k={})\n",
    "if {}:\n    pass\n",
    "for i in {}:\n    pass\n",
    "x[{}] = 1\n",
    "assert {}, {}\n",
    "def f():\n    return {}\n",
    "x = [i for i in {} if {}]\n",
    "x += {}\n",
    "with {}:\n    pass\n",
    "x: int = {}\n",
    "print(*{})\n",
    "print(**{})\n",
    "def f(a={}):\n    yield {}\n",
    "x = lambda: {}\n",
    "x = (1)if({})else(2)\n",
    "while{}:break\n",
    "x = {{{}: {}}}\n",
]


@settings(max_examples=200, deadline=None)
@given(
    context=st.sampled_from(CONTEXTS),
    outer=_expressions(),
    new=_expressions(("p", "q")),
    data=st.data(),
)
def test_replacing_a_node_gives_the_tree_in_which_that_node_is_replaced(context, outer, new, data):
    # parentheses in the context keep it valid for every expression
    written, replacement = _written(outer), _written(new)
    if written is None or replacement is None:
        return
    source = Source(context.format(*(f"({written})",) * context.count("{}")))
    nodes = [
        node
        for node in ast.walk(source.tree)
        if isinstance(node, ast.expr) and isinstance(getattr(node, "ctx", ast.Load()), ast.Load)
        if not isinstance(node, (ast.Slice, ast.Starred))
    ]
    node = data.draw(st.sampled_from(nodes))
    after = source.apply([replace_node(source, node, replacement)])
    intended = _Swap(node, ast.parse(replacement, mode="eval").body).visit(source.tree)
    assert ast.dump(ast.parse(after.text)) == ast.dump(intended), (after.text, replacement)


@pytest.mark.parametrize(
    ("text", "old", "new", "after"),
    [
        ("x = a * b\n", "a", "c + d", "x = (c + d) * b\n"),
        ("x = a - b\n", "b", "c - d", "x = a - (c - d)\n"),
        ("x = a - b\n", "a", "c - d", "x = c - d - b\n"),
        ("x = (a + b) * c\n", "a + b", "d - e", "x = (d - e) * c\n"),
        ("x = not a\n", "a", "b or c", "x = not (b or c)\n"),
        ("x = a ** b\n", "a", "-c", "x = (-c) ** b\n"),
        ("x = a ** b\n", "b", "-c", "x = a ** -c\n"),
        ("f(x for x in y)\n", "(x for x in y)", "z", "f(z)\n"),
        ("return_ = [1if a else 2]\n", "1", "b", "return_ = [b if a else 2]\n"),
        ("x = 'a'in b\n", "'a'", "c", "x = c in b\n"),
        ("x = a.real\n", "a", "1", "x = (1).real\n"),
        ("x[a] = 1\n", "a", "1:n", "x[1:n] = 1\n"),
        ("x = a\n", "a", "b, c", "x = b, c\n"),
        ("f(a)\n", "a", "b, c", "f((b, c))\n"),
        ("with a: pass\n", "a", "(b, c)", "with ((b, c)): pass\n"),
        ("x = a\n", "a", "(b), c", "x = (b), c\n"),
        ("f(a)\n", "a", "(b), (c)", "f(((b), (c)))\n"),
        ("x = a\n", "a", "b +\n  c", "x = (b +\n  c)\n"),
        ("f(a)\n", "a", "yield", "f((yield))\n"),
        ("f(*a)\n", "a", "b if c else d", "f(*(b if c else d))\n"),
        ("f(*a)\n", "*a", "*b", "f(*b)\n"),
    ],
)
def test_parentheses_come_only_where_the_place_needs_them(text, old, new, after):
    source = Source(text)
    node = next(
        one
        for one in ast.walk(source.tree)
        if isinstance(one, ast.expr) and source.segment(one) == old
    )
    assert source.apply([replace_node(source, node, new)]).text == after


@pytest.mark.parametrize("text", ["", "a b", "a) + (b", "a)\n+ (b", "x = 1", "pass", "1:2"])
def test_what_is_no_expression_is_refused(text):
    source = Source("f(a)\n")
    with pytest.raises(ValueError, match="is no expression"):
        replace_node(source, source.tree.body[0].value.args[0], text)


def test_expressions_in_f_strings_are_refused_by_name():
    source = Source("x = f'{a + 1}'\n")
    inner = next(node for node in ast.walk(source.tree) if isinstance(node, ast.BinOp))
    with pytest.raises(Refusal, match="<string>:1: an expression in an f-string"):
        replace_node(source, inner, "b")


TEXTS = st.text(
    st.one_of(st.sampled_from("ab é漢🐍\n\r\t #'\"()"), st.characters(codec="utf-8")), max_size=60
)


@settings(max_examples=200, deadline=None)
@given(text=TEXTS, cuts=st.lists(st.integers(0, 200), max_size=6), new=TEXTS)
def test_edits_keep_every_byte_that_they_do_not_name(text, cuts, new):
    source = Source(text)
    offsets = sorted({min(cut, len(source.data)) for cut in cuts})
    # cut between characters only
    offsets = [o for o in offsets if o == len(source.data) or source.data[o] & 0xC0 != 0x80]
    pairs = list(zip(offsets[::2], offsets[1::2], strict=False))
    after = source.apply([Edit(a, b, new) for a, b in pairs])
    expected, done = b"", 0
    for a, b in pairs:
        expected += source.data[done:a] + new.encode()
        done = b
    assert after.data == expected + source.data[done:]
    assert source.text == text


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_incremental_parsing_gives_what_parsing_anew_gives(data):
    pieces = ["x = 1\n", "if a:\r\n    b(é)\r\n", "# 漢\n", "def f(:\n", "(", "'''\n", "\t\n"]
    source = Source("".join(data.draw(st.lists(st.sampled_from(pieces), max_size=6))))
    for _ in range(3):
        source.syntax_tree  # noqa: B018
        length = len(source.text)
        start = data.draw(st.integers(0, length))
        end = data.draw(st.integers(start, length))
        a, b = (len(source.text[:i].encode()) for i in (start, end))
        source = source.apply([Edit(a, b, data.draw(st.sampled_from(pieces)))])
        assert str(source.syntax_tree.root_node) == str(parse(source.data).root_node)


@pytest.mark.parametrize(
    "data",
    [
        b"\xef\xbb\xbfx = '\xc3\xa9'  # c\r\ny = 7\r\n",
        b"# -*- coding: latin-1 -*-\nx = '\xe9'  # \xfc\ny = 7\n",
        b"# coding: cp1252\r\nx = '\x80'\r\ny = 7",
        b"if x:\n\ty = 7  \n \t\n\f\nz = 3",
        b"x = '\xf0\x9f\x90\x8d', 7\ry = 2\r",
    ],
)
def test_encodings_marks_and_line_breaks_come_through_an_edit(data):
    source = Source.from_bytes(data)
    assert source.bytes == data
    seven = next(
        one for one in ast.walk(source.tree) if isinstance(one, ast.Constant) and one.value == 7
    )
    assert source.apply([replace_node(source, seven, "30")]).bytes == data.replace(b"7", b"30")


def test_a_character_that_the_encoding_lacks_is_named_and_not_written():
    source = Source.from_bytes(b"# coding: latin-1\nx = 1\n")
    after = source.apply([Edit(len(source.data), len(source.data), "y = '漢'\n")])
    with pytest.raises(BadSource, match="'漢' in line 3 cannot be written in iso-8859-1"):
        after.bytes  # noqa: B018


@pytest.mark.parametrize(
    ("edits", "message"),
    [
        ([Edit(0, 3, ""), Edit(2, 4, "")], "overlaps"),
        ([Edit(3, 90, "")], "outside"),
        ([Edit(5, 6, "")], "cuts a character"),
    ],
)
def test_impossible_edits_are_refused(edits, message):
    with pytest.raises(ValueError, match=message):
        Source("x = 'é'\n").apply(edits)


class TestFiles:
    """What is wrong with a file is said in one line."""

    def test_folders_missing_and_large_files(self, tmp_path):
        with pytest.raises(BadSource, match="a folder"):
            Source.read(tmp_path)
        with pytest.raises(BadSource, match="no such file"):
            Source.read(tmp_path / "none.py")
        big = tmp_path / "big.py"
        big.write_bytes(b"x = 1\n" * 100)
        with pytest.raises(BadSource, match="more than 100 bytes"):
            Source.read(big, max_bytes=100)

    def test_an_endless_device_is_not_read_to_its_end(self):
        with pytest.raises(BadSource, match="more than 1,000 bytes"):
            Source.read("/dev/zero", max_bytes=1_000)

    @pytest.mark.parametrize(
        ("data", "message"),
        [
            (b"\x7fELF\0\0", "binary file: it has a NUL byte in line 1"),
            (b"x = 1\ny = '\xff'\n", "byte 0xff in line 2 is not utf-8"),
            (b"# coding: klingon\n", "the encoding is unclear .*klingon"),
            (b"\xef\xbb\xbf# coding: latin-1\n", "the encoding is unclear"),
        ],
    )
    def test_bytes_that_are_no_text(self, data, message):
        with pytest.raises(BadSource, match=message):
            Source.from_bytes(data)

    def test_an_empty_file_is_a_module_without_statements(self):
        assert Source.from_bytes(b"").tree.body == []

    @pytest.mark.parametrize(
        ("text", "line", "column"),
        [
            ("x = 1\nif x\n    y\n", 2, 5),
            ("def f(:\n", 1, 7),
            ("x = (1\n", 1, 5),
            ("é = 'a\n", 1, 5),
            ("if x:\n\ty\n        z\n", 3, 1),
            ("return = 1", 1, 8),
        ],
    )
    def test_syntax_errors_are_located(self, text, line, column):
        with pytest.raises(BadSource) as caught:
            Source(text, "f.py").tree  # noqa: B018
        assert (caught.value.line, caught.value.column) == (line, column)
        assert str(caught.value).startswith(f"f.py:{line}:{column}: ")
        assert caught.value.text == Source(text).line(line)

    @pytest.mark.parametrize(
        "text",
        [
            "(" * 5_000 + ")" * 5_000,
            "x = " + "-" * 5_000 + "1",
            "x = " + "a + " * 5_000 + "1",
            "x" + ".y" * 5_000,
            "\ud800",
            "if x:\n" + "".join(" " * i + "if x:\n" for i in range(1, 150)) + " " * 150 + "y",
        ],
    )
    def test_what_the_parser_cannot_take_is_a_clear_error(self, text):
        with pytest.raises(BadSource):
            Source(text).tree  # noqa: B018

    def test_tree_sitter_goes_on_behind_an_error(self):
        found = list(errors(Source("x = = 1\ny = 2\nz = )\n")))
        assert {place.line for _, place, _ in found} == {1, 3}


FUNCTION = "def f(x):\n    if x:\n        y = 1  # why\n    else:\n        z = 2\n    return x\n"


def _first(source, text):
    return next(
        node
        for node in ast.walk(source.tree)
        if isinstance(node, ast.stmt) and source.segment(node) == text
    )


class TestStatements:
    """Statements come and go with their lines and in the style of their block."""

    @pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
    @pytest.mark.parametrize("unit", ["    ", "\t", "  "])
    def test_inserted_text_has_the_style_of_the_file(self, newline, unit):
        text = FUNCTION.replace("    ", unit).replace("\n", newline)
        source = Source(text)
        new = insert_after(source, _first(source, "y = 1"), "while y:\n    y -= 1\n    break")
        after = source.apply(new).text
        lines = ["while y:", unit + "y -= 1", unit + "break"]
        added = "".join(unit * 2 + line + newline for line in lines)
        assert after == text.replace(f"# why{newline}", f"# why{newline}{added}")
        ast.parse(after)

    def test_a_file_without_a_last_line_break(self):
        source = Source("if x:\n  y()")
        after = source.apply(insert_after(source, source.tree.body[0].body[0], "z()"))
        assert after.text == "if x:\n  y()\n  z()"

    @pytest.mark.parametrize(
        ("text", "gone", "after"),
        [
            (FUNCTION, "y = 1", FUNCTION.replace("y = 1", "pass")),
            (FUNCTION, "return x", FUNCTION.replace("    return x\n", "")),
            ("a; b; c\n", "b", "a\nc\n"),
            ("if x: a; b\n", "a", "if x:\n    b\n"),
            ("if x: a\n", "a", "if x: pass\n"),
            ("x = 1\n", "x = 1", ""),
            ("@d\n@e(1)\ndef f():\n  pass\ny\n", "@d\n@e(1)\ndef f():\n  pass", "y\n"),
            (
                "if a:\n  b\nelif c:\n  d\nelse:\n  e\n",
                "elif c:\n  d\nelse:\n  e",
                "if a:\n  b\nelse:\n  e\n",
            ),
            ("if a:\n  b\nelif c:\n  d\n", "elif c:\n  d", "if a:\n  b\n"),
            (
                "if a:\n  b\nelif c:\n  d\nelif e:\n  f\n",
                "elif c:\n  d\nelif e:\n  f",
                "if a:\n  b\nelif e:\n  f\n",
            ),
        ],
    )
    def test_deleting_keeps_the_block_alive(self, text, gone, after):
        source = Source(text)
        edited = source.apply(delete_statement(source, _first(source, gone))).text
        assert edited == after

    def test_replacing_keeps_the_comment(self):
        source = Source(FUNCTION)
        edited = source.apply(replace_statement(source, _first(source, "y = 1"), "y += 2")).text
        assert edited == FUNCTION.replace("y = 1", "y += 2")
        guard = "if y:\n    return y"
        edited = source.apply(replace_statement(source, _first(source, "z = 2"), guard)).text
        assert edited == FUNCTION.replace("z = 2", "if y:\n            return y")

    def test_strings_over_several_lines_are_not_indented(self):
        source = Source("if x:\n\ty\n")
        new = "s = '''\n  text\n'''\nz"
        edited = source.apply(insert_before(source, source.tree.body[0].body[0], new)).text
        assert edited == "if x:\n\ts = '''\n  text\n'''\n\tz\n\ty\n"

    @settings(max_examples=150, deadline=None)
    @given(data=st.data())
    def test_any_statement_may_go_or_be_joined_by_another(self, data):
        text = data.draw(st.sampled_from(STATEMENTS)).replace(
            "    ", data.draw(st.sampled_from(["    ", "\t", " "]))
        )
        text = text.replace("\n", data.draw(st.sampled_from(["\n", "\r\n"])))
        source = Source(text)
        statements = [node for node in ast.walk(source.tree) if isinstance(node, ast.stmt)]
        statement = data.draw(st.sampled_from(statements))
        block = next(
            getattr(source.parents[statement], field)
            for field in ("body", "orelse", "finalbody")
            if statement in getattr(source.parents[statement], field, [])
        )
        index = block.index(statement)
        action = data.draw(st.sampled_from([insert_before, insert_after, delete_statement]))
        new = () if action is delete_statement else ("if new:\n    return_ = 1",)
        try:
            edits = action(source, statement, *new)
        except Refusal:
            return
        after = ast.parse(source.apply(edits).text)
        # the same edit on the tree
        if action is delete_statement:
            is_elif = source.segment(statement).startswith("elif")
            rest = statement.orelse if is_elif else []
            block[index : index + 1] = rest or (
                [] if len(block) > 1 or is_elif else ast.parse("pass").body
            )
            if not block and isinstance(source.parents[statement], ast.Module):
                block[:] = []
        else:
            block[index + (action is insert_after) : index + (action is insert_after)] = ast.parse(
                new[0]
            ).body
        intended = source.tree
        if not after.body:
            intended.body = (
                [] if intended.body and isinstance(intended.body[0], ast.Pass) else intended.body
            )
        assert ast.dump(after) == ast.dump(intended)


STATEMENTS = [
    FUNCTION,
    "a; b; c\n",
    "if x: a; b;\nelse: c\n",
    "for i in x: a\nelse:\n    b; c # d\n\n\ne",
    "try:\n    a\nexcept E: b\nexcept F:\n    c\nelse:\n    d\nfinally:\n    e\n",
    "if a:\n    b\nelif c:\n    d\nelif e: f\nelse:\n    g\nh\n",
    "class C:\n    '''doc\n  string'''\n\n    # c\n    x = 1\n    @p\n    def f(): x(1,\n 2)\n",
    "with a: b; c\nwhile x:\n    # one\n    y = [1,\n2]  # two\n    # three\nz\n",
    "async def f():\n    async for i in x: await y\n    return 'a' \\\n  'b'\n",
]


class TestPatches:
    """Diffs that patch takes, and writes that lose nothing."""

    @pytest.mark.parametrize("text", ["x = 1\ny = 2\n", "x = 1\ny = 2", "x = 1\r\ny = 2\r\n"])
    def test_the_diff_applies_with_patch(self, tmp_path, text):
        before = Source(text, "f.py")
        after = before.apply([Edit(4, 5, "10"), Edit(len(before.data) - 1, len(before.data), "3")])
        (tmp_path / "f.py").write_bytes(before.bytes)
        patch = unified_diff(before, after)
        done = subprocess.run(
            ["patch", "-p1", "--binary"], cwd=tmp_path, input=patch.encode(), capture_output=True
        )
        assert done.returncode == 0, done.stdout
        assert (tmp_path / "f.py").read_bytes() == after.bytes

    def test_writing_keeps_mode_and_backups(self, tmp_path):
        file = tmp_path / "f.py"
        file.write_bytes(b"x = 1\r\n")
        file.chmod(0o750)
        before = Source.read(file)
        middle = before.apply([Edit(4, 5, "2")])
        first = write_atomically(file, middle, before)
        second = write_atomically(file, middle.apply([Edit(4, 5, "3")]), middle)
        assert file.read_bytes() == b"x = 3\r\n"
        assert (first.read_bytes(), second.read_bytes()) == (b"x = 1\r\n", b"x = 2\r\n")
        assert stat.S_IMODE(file.stat().st_mode) == 0o750
        assert sorted(one.name for one in tmp_path.iterdir()) == [
            "f.py",
            "f.py.orig",
            "f.py.orig.1",
        ]

    def test_a_file_that_changed_meanwhile_is_left_alone(self, tmp_path):
        file = tmp_path / "f.py"
        file.write_bytes(b"x = 1\n")
        before = Source.read(file)
        file.write_bytes(b"x = 5\n")
        with pytest.raises(BadSource, match="has changed since"):
            write_atomically(file, before.apply([Edit(4, 5, "2")]), before)
        assert file.read_bytes() == b"x = 5\n"
        assert [one.name for one in tmp_path.iterdir()] == ["f.py"]

    def test_a_link_is_followed(self, tmp_path):
        (tmp_path / "real.py").write_bytes(b"x = 1\n")
        (tmp_path / "link.py").symlink_to("real.py")
        before = Source.read(tmp_path / "link.py")
        write_atomically(tmp_path / "link.py", before.apply([Edit(4, 5, "2")]), before)
        assert (tmp_path / "link.py").is_symlink()
        assert (tmp_path / "real.py").read_bytes() == b"x = 2\n"


def test_a_chain_of_edits_keeps_no_more_than_one_past():
    source = first = Source("x = 1\n")
    for _ in range(5):
        source.syntax_tree  # noqa: B018
        source = source.apply([Edit(0, 0, "y = 2\n")])
    assert source._before is not None
    assert source._before[0]._before is None
    assert first.apply([Edit(0, 0, "z\n")]).text == "z\nx = 1\n"
