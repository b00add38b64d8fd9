"""The kernels of each back end that runs here, beside what this machine could do at most.

    python benchmarks/kernels.py [puzzles.txt] [--batch 16] [--repeats 5] [--json]

Times one core on 9x9 Sudoku masks that presolve leaves open, made impossible so that no element
finishes: a sweep of the splitting with its 64 chains, and the energies' sums with their gradient.
Each number is the median of several repeats.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import torch
from llvmlite import ir
from numba import njit
from numba.core import types
from numba.extending import intrinsic

from latent_ebm.energies.coupling import Rule
from latent_ebm.kernels.dispatch import IMPLEMENTATIONS, select
from latent_ebm.kernels.reference.splitting import unsettled
from latent_ebm.kernels.splitting import LANES, SplittingProblem, SplittingState
from latent_ebm.kernels.structure import Groups
from latent_ebm.puzzles.sudoku import Sudoku, generate

SWEEPS = {"reference": 20, "cpu": 4000, "triton": 4000}
CHAINS, ROUNDS, WIDTH = 16, 64, 64
"""Independent sums of WIDTH bytes, and additions to each, in one pass of the peak's loop."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("file", type=Path, nargs="?", help="puzzles; by default hard ones are made")
    parser.add_argument("--batch", type=int, default=16, help="puzzles at a time")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    torch.set_num_threads(1)
    puzzles = read(options.file, options.batch)
    landscape = puzzles[0].landscape
    mask = landscape.presolve(Sudoku.masks(puzzles), Rule.SUBSETS).mask
    mask = mask[(mask.sum(axis=2) > 1).any(axis=1)]
    if not len(mask):
        parser.error("presolve settles every one of these puzzles; take harder ones")
    for one in mask:
        make_impossible(one, landscape.groups)
    report = {
        "puzzles": len(mask),
        "live_entries": float(mask.sum(axis=(1, 2)).mean()),
        "splitting_us_per_sweep": {
            name: measure_splitting(name, landscape.groups, mask, options.repeats)
            for name in here("splitting")
        },
        "set_sums_us_per_puzzle": {
            name: measure_set_sums(name, landscape.groups, len(mask), options.repeats)
            for name in here("set_sums")
        },
        "roofs": measure_roofs(options.repeats),
    }
    report["cpu_of_roofs"] = compare(report, landscape.groups, mask)
    print(json.dumps(report) if options.json else table(report))


def read(file: Path | None, count: int) -> list[Sudoku]:
    """The first puzzles of a file, or hard ones from the project's generator."""
    if file is not None:
        return Sudoku.read(file)[:count]
    return [generate(rng=seed, difficulty="hard") for seed in range(count)]


def make_impossible(mask: np.ndarray, groups: Groups) -> None:
    """Leave two open variables only their entry in one group, so that sweeps never end early."""
    for g in range(groups.num_variables, groups.count):
        entries = groups.members.row(g)
        entries = entries[mask.ravel()[entries]]
        if len(entries) > 1:
            mask[entries[:2] // groups.num_values] = False
            mask.ravel()[entries[:2]] = True
            return


def here(operation: str) -> list[str]:
    """The back ends that can run; Triton's interpreter measures nothing."""
    names = list(IMPLEMENTATIONS[operation])
    return [name for name in names if name != "triton" or torch.cuda.is_available()]


def median_seconds(run: Callable[[], None], repeats: int) -> float:
    """Of several runs after a first that warms up."""
    run()
    seconds = []
    for _ in range(repeats):
        begin = time.perf_counter()
        run()
        if torch.cuda.is_available():
            torch.cuda.synchronize()
        seconds.append(time.perf_counter() - begin)
    return statistics.median(seconds)


def measure_splitting(name: str, groups: Groups, mask: np.ndarray, repeats: int) -> float:
    """Microseconds a sweep takes one puzzle, all chains, packing and copies included."""
    problem = SplittingProblem(groups, restart_every=500)
    _, kernel = select("splitting", name, "cuda" if name == "triton" else "cpu")
    batch = len(mask)

    def run() -> None:
        state = SplittingState(
            live=np.ascontiguousarray(mask.reshape(batch, -1)).view(np.uint8),
            open=np.ones(batch, np.bool_),
            finished=np.zeros(batch, np.bool_),
            values=np.zeros((batch, groups.num_variables), np.int16),
            steps=np.zeros(batch, np.int64),
            restarts=np.zeros(batch, np.int64),
            scores=np.empty((batch, len(groups.members.items), LANES), np.int8),
            counts=np.empty((batch, groups.num_entries, LANES), np.int8),
            seed=0,
        )
        kernel(problem, state, SWEEPS[name])
        assert (state.steps == SWEEPS[name]).all()

    return median_seconds(run, repeats) / batch / SWEEPS[name] * 1e6


def measure_set_sums(name: str, groups: Groups, batch: int, repeats: int) -> float:
    """Microseconds that the sums over all groups and their gradient take one puzzle."""
    device = "cuda" if name == "triton" else "cpu"
    _, kernel = select("set_sums", name, device)
    x = torch.rand(batch, groups.num_variables, groups.num_values, device=device)
    x.requires_grad_()

    def run() -> None:
        for _ in range(20):
            torch.autograd.grad((kernel(x, groups.members) - 1).square().sum(), x)

    return median_seconds(run, repeats) / 20 / batch * 1e6


def measure_roofs(repeats: int) -> dict[str, float]:
    """What one core reaches: bytes read and written in a copy, and additions of bytes."""
    roofs = {}
    for name, size in (("l1", 2**14), ("l2", 2**19), ("dram", 2**29)):
        buffers = np.ones((2, size), np.uint8)
        target, source = buffers[0].ctypes.data, buffers[1].ctypes.data
        times = max(1, 2**28 // size)
        seconds = median_seconds(partial(copy, target, source, size, times), repeats)
        roofs[f"{name}_gb_per_s"] = 2 * size * times / seconds / 1e9
    sums = np.ones((CHAINS, WIDTH), np.int8)
    passes = 20_000
    seconds = median_seconds(partial(add_bytes, sums.ctypes.data, passes), repeats)
    roofs["byte_gops"] = passes * ROUNDS * CHAINS * WIDTH / seconds / 1e9
    return roofs


ROW = ir.VectorType(ir.IntType(8), WIDTH)


@intrinsic
def copy_row(typing_context, target, source):  # noqa: ARG001
    """Copy WIDTH bytes from one address to another."""

    def generate(context, builder, signature, args):  # noqa: ARG001
        to, at = (builder.inttoptr(address, ROW.as_pointer()) for address in args)
        builder.store(builder.load(at, align=1), to, align=1)
        return context.get_dummy_value()

    return types.void(types.int64, types.int64), generate


@njit
def copy(target, source, size, times):
    """A stream of copies, there and back."""
    for _ in range(times):
        for place in range(0, size, WIDTH):
            copy_row(target + place, source + place)
        target, source = source, target


@intrinsic
def add_round(typing_context, sums):  # noqa: ARG001
    """Load CHAINS rows, add each to its neighbour ROUNDS times, and store them."""

    def generate(context, builder, signature, args):  # noqa: ARG001
        places = [
            builder.inttoptr(builder.add(args[0], ir.IntType(64)(WIDTH * c)), ROW.as_pointer())
            for c in range(CHAINS)
        ]
        values = [builder.load(place, align=1) for place in places]
        for _ in range(ROUNDS):
            values = [
                builder.add(value, other)
                for value, other in zip(values, values[1:] + values[:1], strict=True)
            ]
        for place, value in zip(places, values, strict=True):
            builder.store(value, place, align=1)
        return context.get_dummy_value()

    return types.void(types.int64), generate


@njit
def add_bytes(sums, passes):
    """The vector peak: nothing but additions in registers."""
    for _ in range(passes):
        add_round(sums)


def compare(report: dict, groups: Groups, mask: np.ndarray) -> dict[str, float]:
    """How much of the roofs the CPU's sweep reaches, by the loads, stores and operations it needs.

    A replica costs 2 loads of score and top, a load and store of the next top, a store of the
    score and 7 operations (compare, select, add; compare, select, add, maximum); an entry a load
    and a store of its count and 6 operations; a group a store. Each is one row of LANES bytes.
    """
    live = torch.from_numpy(mask).flatten(1)
    active = unsettled(groups, live).numpy()
    taking_part = active[:, groups.replicas.row_of]
    replicas, entries = taking_part.sum(axis=1).mean(), active.sum(axis=1).mean()
    held = np.mean([len(np.unique(groups.groups_of.items[row])) for row in taking_part])
    moved = LANES * (7 * replicas + 2 * entries + held)
    operations = LANES * (7 * replicas + 6 * entries)
    seconds = report["splitting_us_per_sweep"]["cpu"] * 1e-6
    roofs = report["roofs"]
    return {
        "kib_in_use": LANES * (replicas + entries + 2 * held) / 1024,
        "gb_per_s": moved / seconds / 1e9,
        "byte_gops": operations / seconds / 1e9,
        **{
            f"of_{name}": moved / seconds / 1e9 / roofs[f"{name}_gb_per_s"]
            for name in ("l1", "l2", "dram")
        },
        "of_vector_peak": operations / seconds / 1e9 / roofs["byte_gops"],
    }


def table(report: dict) -> str:
    """The report for people."""
    sweep, sums = report["splitting_us_per_sweep"], report["set_sums_us_per_puzzle"]
    lines = [
        f"{report['puzzles']} puzzles of {report['live_entries']:.0f} live entries, {LANES} chains",
        f"{'':12}{'us/sweep':>12}{'us/sweep/chain':>16}{'us/energy+gradient':>20}",
    ]
    lines += [
        f"{name:12}{sweep[name]:>12.2f}{sweep[name] / LANES:>16.4f}{sums[name]:>20.2f}"
        for name in sweep
    ]
    ratio = (sweep["reference"] / sweep["cpu"], sums["reference"] / sums["cpu"])
    lines.append(f"Numba against eager torch: {ratio[0]:.0f}x a sweep, {ratio[1]:.1f}x an energy")
    lines += [f"roof {name:20}{value:>10.1f}" for name, value in report["roofs"].items()]
    lines += [
        f"Numba's sweep {name:16}{value:>8.2f}" for name, value in report["cpu_of_roofs"].items()
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
