"""What each energy of programs is worth: turned off in turn, on the same records, in one run.

    PYTHONPATH=. python benchmarks/ablation_code.py FILE.jsonl [--limit 60] [--time-limit 20]

Records are those of `latent-ebm bench-code`; those with holes are filled, the others repaired. A
line for each energy says how many records have a verified patch without it, how many patches also
pass the unseen tests, how many executions the patch took (the median over what is solved, and over
what is solved both with and without it), and seconds. "ranking" is the order of patches that
all pass. Records go round by round, so that a busy machine is busy for all alike.
"""

from __future__ import annotations

import argparse
import statistics
from dataclasses import fields, replace
from pathlib import Path

from latent_ebm.bench.programs import Result, Totals, measured, read_records
from latent_ebm.coding.options import RepairSettings
from latent_ebm.puzzles.code.grammar.context import Terms

ALL = "all on"


def variants(settings: RepairSettings, only: list[str] | None) -> dict[str, RepairSettings]:
    """The settings with everything on, and with each thing off."""
    made = {ALL: settings}
    for term in fields(Terms):
        made[f"no {term.name}"] = replace(settings, terms=Terms(**{term.name: False}))
    made["no ranking"] = replace(settings, rank=False)
    if only:
        made = {name: one for name, one in made.items() if name == ALL or name[3:] in only}
    return made


def line(name: str, results: list[Result], whole: list[Result]) -> str:
    totals = Totals.of(results)
    both = [(a, b) for a, b in zip(results, whole, strict=True) if a.solved and b.solved]
    common = statistics.median([a.executions for a, _ in both] or [0])
    reference = statistics.median([b.executions for _, b in both] or [0])
    right = "-" if totals.right is None else str(totals.right)
    return (
        f"{name:20}{totals.solved:>8}{right:>8}{totals.executions:>12.0f}"
        f"{common:>10.0f} / {reference:<8.0f}{totals.mean_seconds:>8.2f}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("file", type=Path)
    parser.add_argument("--limit", type=int)
    parser.add_argument("--time-limit", type=float, default=20.0)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", help="comma-separated: only these are turned off")
    asked = parser.parse_args()
    settings = RepairSettings(time_limit=asked.time_limit, workers=asked.workers, seed=asked.seed)
    chosen = variants(settings, asked.only.split(",") if asked.only else None)
    records = read_records(asked.file)[: asked.limit]
    results: dict[str, list[Result]] = {name: [] for name in chosen}
    for record in records:
        for name, one in chosen.items():
            results[name].append(measured(record, "descent", one))
    print(f"{asked.file.name}: {len(records)} records, {asked.time_limit:g} s each, descent")
    print(f"{'':20}{'solved':>8}{'right':>8}{'executions':>12}{'in common':>21}{'mean s':>8}")
    for name in chosen:
        print(line(name, results[name], results[ALL]))


if __name__ == "__main__":
    main()
