"""Proofs by Z3: what Python does on integers, and what cannot be translated."""

import textwrap

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from latent_ebm.coding.proving import Claim
from latent_ebm.puzzles.code.errors import Refusal


def checked(function, expression, text):
    return Claim.of(function, expression).check(textwrap.dedent(text))


def test_loops_are_proved_up_to_their_rounds():
    proof = checked(
        "total",
        "n * (n + 1) // 2 if n > 0 else 0",
        """
        def total(n):
            found = 0
            for i in range(n + 1):
                found += i
            return found
        """,
    )
    assert proof.holds
    assert proof.rounds is not None
    assert "for all inputs that need at most" in str(proof)


def test_a_counterexample_is_one():
    text = "def f(a, b):\n    while a > b:\n        a -= b if b > 0 else 1\n    return a\n"
    proof = checked("f", "a % b", text)
    assert not proof.holds
    namespace = {}
    exec(text, namespace)
    a, b = proof.counterexample["a"], proof.counterexample["b"]
    assert namespace["f"](a, b) != a % b


def test_recursion_early_exits_and_other_functions():
    text = """
    def sign(n):
        if n == 0:
            return 0
        return 1 if n > 0 else -1

    def f(n):
        if n < 0:
            return -f(-n)
        while True:
            if n < 3:
                break
            n -= 3
            continue
        return sign(n) * n
    """
    proof = checked("f", "n % 3 if n >= 0 else -(-n % 3)", text)
    assert proof.holds


def test_booleans_are_booleans():
    text = "def f(a: bool, b: bool):\n    return not (not a or not b)\n"
    assert str(checked("f", "a and b", text)) == "proved: f(a, b) == a and b for all booleans"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("def f(n):\n    if n > 3:\n        return n\n", "returns no value"),
        ("def f(n):\n    return n // (n - 5) * (n - 5) + n % (n - 5)\n", "f(5) raises"),
        ("def f(n):\n    if n != 2:\n        x = n\n    return x\n", "f(2) raises"),
        ("def f(n):\n    assert n < 7\n    return n\n", "raises"),
    ],
)
def test_where_there_is_no_value_the_claim_does_not_hold(text, shown):
    proof = checked("f", "n", text)
    assert not proof.holds
    assert shown in str(proof)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("def f(n):\n    return [n][0]\n", r":2: '\[n\]\[0\]' \(Subscript\)"),
        ("def f(n):\n    return n / 2\n", r"'n / 2' \(BinOp\)"),
        ("def f(n):\n    for x in n:\n        pass\n    return 1\n", r":2: 'n' \(Name\)"),
        ("def f(n: str):\n    return n\n", "parameter n: str"),
        ("def f(*n):\n    return n\n", "parameters other than plain ones"),
        ("@g\ndef f(n):\n    return n\n", "a decorator"),
        ("def f(n):\n    return g(n)\n", r"'g\(n\)' \(Call\)"),
        ("f = 3\n", "is no plain function"),
    ],
)
def test_what_cannot_be_translated_is_refused_by_name(text, message):
    with pytest.raises(Refusal, match=message):
        checked("f", "n", text)


@pytest.mark.parametrize(
    ("function", "text", "message"),
    [(None, "n", "name it with --function"), ("f", "(n", "was never closed")],
)
def test_a_claim_needs_a_function_and_an_expression(function, text, message):
    with pytest.raises(ValueError, match=message):
        Claim.of(function, text)


EXPRESSIONS = st.recursive(
    st.sampled_from(["a", "b", "0", "1", "-3", "7"]),
    lambda parts: st.one_of(
        st.tuples(parts, st.sampled_from(["+", "-", "*"]), parts).map(
            lambda x: f"({x[0]} {x[1]} {x[2]})"
        ),
        st.tuples(parts, st.sampled_from(["//", "%"]), st.sampled_from(["2", "-3", "5"])).map(
            lambda x: f"({x[0]} {x[1]} {x[2]})"
        ),
        st.tuples(parts, st.sampled_from(["<", "==", ">="]), parts, parts).map(
            lambda x: f"({x[3]} if {x[0]} {x[1]} {x[2]} else {x[0]})"
        ),
        st.tuples(parts, st.sampled_from(["and", "or"]), parts).map(
            lambda x: f"({x[0]} {x[1]} {x[2]})"
        ),
        st.tuples(st.sampled_from(["min", "max"]), parts, parts).map(
            lambda x: f"{x[0]}({x[1]}, {x[2]})"
        ),
    ),
    max_leaves=6,
)


@settings(max_examples=60, deadline=None)
@given(EXPRESSIONS, st.integers(-20, 20), st.integers(-20, 20))
def test_terms_have_the_values_that_python_gives(expression, a, b):
    import z3

    from latent_ebm.coding.symbolic import Translation

    text = f"def f(a, b):\n    return {expression}\n"
    import ast

    translation = Translation.of(ast.parse(text), "f.py")
    found = translation.call("f", [z3.IntVal(a), z3.IntVal(b)], z3.BoolVal(True))
    value = z3.simplify(found.value)
    expected = eval(expression, {"a": a, "b": b})
    assert (value.as_long() if z3.is_int_value(value) else z3.is_true(value)) == expected
