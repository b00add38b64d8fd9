"""How usual expressions are where they stand."""

from __future__ import annotations

import ast

import pytest

from latent_ebm.puzzles.code.grammar.habits import (
    habits,
    kind_of,
    place_of,
    places,
    surprise,
    surprise_of,
)


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
    assert surprise(usual, place) < surprise(unusual, place)


def test_a_place_that_is_not_counted_leaves_how_often_it_comes_anywhere() -> None:
    assert surprise("x", "nowhere") == surprise("x") == surprise_of("name")
    assert surprise("if x") == 0.0


def test_each_part_counts_where_it_stands() -> None:
    whole = surprise("i + 1", "[]")
    assert whole == pytest.approx(
        surprise("i", "+ left")
        + surprise("1", "+ right")
        + surprise("a + b", "[]")
        - surprise("a", "+ left")
        - surprise("b", "+ right")
    )


def test_programs_are_compared_by_what_places_make_likelier() -> None:
    assert habits("x") == 0.0
    assert habits("if n > 1:\n    pass") < habits("if n:\n    pass")


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
