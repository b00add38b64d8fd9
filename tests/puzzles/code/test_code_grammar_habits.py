"""How usual expressions are where they stand."""

from __future__ import annotations

import ast

import pytest

from latent_ebm.puzzles.code.grammar.habits import MOST, habit, kind_of, place_of, places


@pytest.mark.parametrize(
    ("usual", "unusual", "place"),
    [
        ("n > 1", "n % (k / n)", "if"),
        ("n == 0", "0 == n", "if"),
        ("(low + high) // 2", "(1 - low) % high", "="),
        ("range(n)", "0", "for"),
        ("total += 1", "total += []", ""),
        ("x = items[i]", "x = items[[]]", ""),
    ],
)
def test_what_people_write_is_likelier(usual: str, unusual: str, place: str) -> None:
    assert habit(usual, place) < habit(unusual, place)


def test_a_place_that_is_not_counted_says_nothing() -> None:
    assert habit("x") == 0.0
    assert habit("x", "nowhere") == 0.0
    assert habit("if x") == 0.0


def test_long_texts_are_no_more_than_so_much_likelier() -> None:
    text = " and ".join(f"a{i} < b{i}" for i in range(50))
    assert habit(text, "if") == -MOST


def test_places_name_what_stands_around() -> None:
    tree = ast.parse("x[i + 1] = max(a, 0) if not b else len(c)")
    assert set(places(tree)) == {
        ("[]", "+"),
        ("+ left", "name"),
        ("+ right", "1"),
        ("=", "if-else"),
        ("else", "max"),
        ("else", "len"),
        ("max()", "name"),
        ("max()", "0"),
        ("if", "not"),
        ("not", "name"),
        ("len()", "name"),
    }
    assert place_of(tree, "body") == ""
    assert kind_of(ast.parse("f(x)", mode="eval").body) == "other"
