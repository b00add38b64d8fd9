"""What each energy of programs is worth: turned off in turn, on the same records, in one run.

    PYTHONPATH=. python benchmarks/ablation_code.py FILE.jsonl [--count 60] [--max-executions 2000]

Records are those of `latent-ebm bench-code`; those with holes are filled, the others repaired. What
limits a search is the number of programs that it runs, so a busy machine changes little;
`--time-limit` only ends what hangs. A line for each energy says, without it:

* fixed: how many records have a verified patch;
* right: how many patches also pass the unseen tests (of all fixed ones, where there are none: "-");
* executions: the median over all records of the programs run until the patch, or until the limit;
* in common: the same over the records that are fixed both with and without it, beside what they
  took with everything on.

"scope" includes imports, "couplings" is what one domain says to another, "ranking" the order of
patches that all pass. Records go round by round; Ctrl-C prints the table of the whole rounds.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from pathlib import Path

from latent_ebm.bench.programs import Result, measured, read_records
from latent_ebm.coding.options import RepairSettings
from latent_ebm.puzzles.code.grammar.context import Terms

ALL = "all on"


def variants(settings: RepairSettings, only: Sequence[str] | None) -> dict[str, RepairSettings]:
    """The settings with everything on, and with each thing off.

    Raises
    ------
    ValueError
        For a name in ``only`` that is nothing to turn off.
    """
    made = {
        term.name: replace(settings, terms=replace(settings.terms, **{term.name: False}))
        for term in fields(Terms)
    }
    made["ranking"] = replace(settings, rank=False)
    unknown = [name for name in only or () if name not in made]
    if unknown:
        raise ValueError(f"there is no energy {unknown[0]!r}; choose from {', '.join(made)}")
    return {ALL: settings} | {f"no {n}": s for n, s in made.items() if only is None or n in only}


def row(results: Sequence[Result], whole: Sequence[Result]) -> dict[str, float | None]:
    """What the table says of one variant, beside what is on in ``whole``."""
    judged = [result.right for result in results if result.right is not None]
    both = [(a, b) for a, b in zip(results, whole, strict=True) if a.solved and b.solved]
    return {
        "records": len(results),
        "fixed": sum(result.solved for result in results),
        "right": sum(judged) if judged else None,
        "executions": statistics.median(result.executions for result in results),
        "in common": statistics.median([a.executions for a, _ in both] or [0]),
        "all on": statistics.median([b.executions for _, b in both] or [0]),
    }


def table(results: Mapping[str, Sequence[Result]]) -> str:
    lines = [f"{'':18}{'fixed':>8}{'right':>8}{'executions':>12}{'in common':>12}{'(all on)':>10}"]
    for name, found in results.items():
        one = row(found, results[ALL])
        right = "-" if one["right"] is None else f"{one['right']:.0f}"
        lines.append(
            f"{name:18}{one['fixed']:>8.0f}{right:>8}{one['executions']:>12.0f}"
            f"{one['in common']:>12.0f}{one['all on']:>10.0f}"
        )
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("file", type=Path)
    parser.add_argument("--count", type=int, help="only the first records")
    parser.add_argument("--max-executions", type=int, default=2000, help="of each search")
    parser.add_argument("--time-limit", type=float, default=120.0, help="seconds, for what hangs")
    parser.add_argument("--strategy", default="descent")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", help="comma-separated: only these are turned off")
    parser.add_argument(
        "--json", action="store_true", help="each result and the rows as JSON lines"
    )
    asked = parser.parse_args()
    settings = RepairSettings(
        strategy=asked.strategy,
        time_limit=asked.time_limit,
        max_executions=asked.max_executions,
        workers=asked.workers,
        seed=asked.seed,
    )
    chosen = variants(settings, asked.only.split(",") if asked.only else None)
    records = read_records(asked.file)[: asked.count]
    results: dict[str, list[Result]] = {name: [] for name in chosen}
    try:
        for record in records:
            turn = {name: measured(record, asked.strategy, one) for name, one in chosen.items()}
            for name, result in turn.items():
                results[name].append(result)
                if asked.json:
                    print(json.dumps({"variant": name, **result.as_json()}), flush=True)
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
    if not results[ALL]:
        return
    if asked.json:
        for name, found in results.items():
            print(json.dumps({"variant": name, **row(found, results[ALL])}))
        return
    count = len(results[ALL])
    print(
        f"{asked.file.name}: {count} records, {asked.max_executions} executions each, seed ", end=""
    )
    print(f"{asked.seed}, {asked.strategy}")
    print(table(results))


if __name__ == "__main__":
    main()
