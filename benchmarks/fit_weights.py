"""Fit the weights of the energies of fillings, on holes whose right fillings are known.

For every hole of every record, the others filled rightly, all fillings up to a cost are listed with
their energies without weights; the weights are those that make the right ones likeliest:

    least  -sum over holes of log softmax(-E)[right],     E = sum of w_t E_t

and a small pull towards the weights in use. Prints both, and the mean of log(1 + rank) of the right
fillings with either. Records are those of ``code_bugs.py``: {id, program, reference, tests}.

python benchmarks/fit_weights.py holes.jsonl --count 30
"""

from __future__ import annotations

import argparse
import ast
import json
from collections.abc import Iterator
from dataclasses import dataclass
from math import log
from pathlib import Path

import torch
from torch import Tensor

from latent_ebm.coding.options import RepairSettings
from latent_ebm.coding.partly_filled import SIZE
from latent_ebm.coding.preparing import QUICK, executor_for
from latent_ebm.coding.workspace import Workspace
from latent_ebm.puzzles.code.grammar.context import Context, Terms
from latent_ebm.puzzles.code.grammar.edits import Edit, applied
from latent_ebm.puzzles.code.grammar.habits import place_of, surprise
from latent_ebm.puzzles.code.grammar.hints import hints
from latent_ebm.puzzles.code.grammar.holes import fillings, opened, sites
from latent_ebm.puzzles.code.grammar.own import saved
from latent_ebm.puzzles.code.grammar.prices import (
    BY_COPIES,
    BY_FLOW,
    BY_PARTS,
    BY_PLACES,
    BY_TYPES,
)
from latent_ebm.puzzles.code.grammar.program import Program
from latent_ebm.puzzles.code.grammar.sites import Site
from latent_ebm.puzzles.code.grammar.special_cases import special_case
from latent_ebm.puzzles.code.problem import CodeProblem
from latent_ebm.puzzles.code.relaxed.looking import open_site, result_types

TERMS = ("parts", "places", "copies", "types", "flow", "hints", "choices")
IN_USE = (BY_PARTS, BY_PLACES, BY_COPIES, BY_TYPES, BY_FLOW, 1.0, 1.0)
LISTED, MOST = 7.5, 4000
"""Up to which cost fillings are listed, in nats, and how many of the cheapest count."""
PULL = 0.01


@dataclass(frozen=True, eq=False)
class Hole:
    """[N, terms] energies of the fillings of a hole, and which of them is right."""

    energies: Tensor
    right: int


def right_fillings(program: str, reference: str) -> list[str]:
    """What stands in the reference where a program has its holes."""
    found: list[str] = []

    def walk(one: ast.AST, other: ast.AST) -> None:
        match one:
            case ast.Expr(value=ast.Constant(value=value)) | ast.Constant(value=value):
                if value is ...:
                    found.append(ast.unparse(other))
                    return
        for name, value in ast.iter_fields(one):
            theirs = getattr(other, name)
            pairs = (
                zip(value, theirs, strict=False) if isinstance(value, list) else [(value, theirs)]
            )
            for mine, his in pairs:
                if isinstance(mine, ast.AST):
                    walk(mine, his)

    walk(ast.parse(program), ast.parse(reference))
    return found


def holes_of(record: dict[str, object]) -> Iterator[Hole]:
    """The holes of a record whose right filling is listed."""
    text = str(record["program"])
    right = right_fillings(text, str(record["reference"]))
    name = str(record.get("function") or str(record["id"]).rpartition("-")[0])
    problem = CodeProblem.of(text, record["tests"], name)  # type: ignore[arg-type]
    program = Program(problem.text)
    found = sites(program)
    blanks = opened(program, found)
    results = result_types(problem.suite)
    returns = {name: results[0]} if results else {}
    with executor_for(problem, RepairSettings.of(workers=1), QUICK) as executor:
        for site in found:
            edits = [
                blank if at == site.number else Edit(blank.start, blank.end, right[at], 0.0, "", 1)
                for at, blank in enumerate(blanks)
            ]
            filled = applied(program.source, edits)
            look = Workspace.of(filled, executor, Terms(), None, None, SIZE, returns)
            hole = _hole(
                look.context,
                open_site(look.context.program, site.number),
                results,
                right[site.number],
            )
            if hole is not None:
                yield hole


def _hole(context: Context, site: Site, results: tuple[str, ...], right: str) -> Hole | None:
    listed = fillings(context, site, results, LISTED)
    lacking = hints(context, site.node, wants_value=bool(results))
    place = None if site.is_statement else place_of(*context.program.place(site.node))
    choices = context.choices_at(site.node)
    rows, at = [], None
    wanted = ast.dump(ast.parse(right))
    for edit in listed:
        is_right = at is None and _dump(edit.text) == wanted
        if len(rows) >= MOST and not is_right:
            continue
        at = len(rows) if is_right else at
        places, copies = surprise(edit.text, place), -saved(edit.text, context.copied)
        chosen, special = choices.energy(edit.text), special_case(edit.text)
        parts = edit.prior - BY_PLACES * places - BY_COPIES * copies - chosen - special
        rows.append(
            (
                parts / BY_PARTS,
                places,
                copies,
                edit.types / BY_TYPES,
                edit.flow / BY_FLOW,
                -lacking.bonus(edit.text),
                chosen,
                special,
            )
        )
    return None if at is None else Hole(torch.tensor(rows), at)


def _dump(text: str) -> str:
    try:
        return ast.dump(ast.parse(text))
    except SyntaxError:  # a filling with the indentation of its place
        return ""


def energy(hole: Hole, weights: Tensor) -> Tensor:
    """[N]; special cases count as they are."""
    return hole.energies[:, :-1] @ weights + hole.energies[:, -1]


def log_rank(holes: list[Hole], weights: Tensor) -> float:
    """The mean of log(1 + how many fillings cost less than the right one)."""
    ranks = []
    for hole in holes:
        costs = energy(hole, weights)
        ranks.append(log(1 + int((costs < costs[hole.right] - 1e-6).sum())))
    return sum(ranks) / len(ranks)


def fitted(holes: list[Hole], start: Tensor) -> Tensor:
    """The weights with the least mean -log softmax."""
    weights = start.clone().requires_grad_()
    optimiser = torch.optim.LBFGS([weights], max_iter=200, line_search_fn="strong_wolfe")

    def closure() -> Tensor:
        optimiser.zero_grad()
        nats = [torch.log_softmax(-energy(one, weights), 0)[one.right] for one in holes]
        loss = -torch.stack(nats).mean() + PULL * ((weights - start) ** 2).sum()
        loss.backward()  # type: ignore[no-untyped-call]
        return loss

    optimiser.step(closure)  # type: ignore[arg-type, no-untyped-call]
    return weights.detach()


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument(
        "file", type=Path, help="records with holes, {id, program, reference, tests}"
    )
    parser.add_argument("--start", type=int, default=0, help="the first record")
    parser.add_argument("--count", type=int, default=30, help="how many records")
    options = parser.parse_args()
    lines = options.file.read_text(encoding="utf-8").splitlines()
    holes: list[Hole] = []
    for line in lines[options.start : options.start + options.count]:
        record = json.loads(line)
        holes += holes_of(record)
        print(f"{record['id']}: {len(holes)} holes so far", flush=True)
    start = torch.tensor(IN_USE)
    found = fitted(holes, start)
    print(f"{'term':10s}{'in use':>8s}{'fitted':>8s}")
    for term, old, new in zip(TERMS, start.tolist(), found.tolist(), strict=True):
        print(f"{term:10s}{old:8.2f}{new:8.2f}")
    print(
        f"mean log(1 + rank) of {len(holes)}: {log_rank(holes, start):.3f} in use, "
        f"{log_rank(holes, found):.3f} fitted"
    )


if __name__ == "__main__":
    main()
