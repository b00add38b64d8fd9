"""The table in docs/modelling.md is what the code says."""

from pathlib import Path

from latent_ebm.modelling.support import FORMS, NATIVE

PAGE = Path(__file__).parents[2] / "docs" / "modelling.md"


def test_the_docs_list_every_form():
    rows = [f"| {constraint} | {form} |" for constraint, form in FORMS.items()]
    assert "\n".join(rows) in PAGE.read_text(encoding="utf-8")


def test_every_constraint_with_a_form_of_its_own_is_listed():
    listed = {name for names in FORMS for name in names.split(", ")}
    assert listed >= NATIVE
