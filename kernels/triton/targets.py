"""Compile the kernels for GPUs without having one, and read off what they use.

python -m latent_ebm.kernels.triton.targets
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

import triton
from triton import knobs
from triton.backends.compiler import GPUTarget
from triton.compiler import ASTSource

from latent_ebm.kernels.splitting import LANES
from latent_ebm.kernels.triton import pairs, sets, splitting, trees
from latent_ebm.kernels.triton.splitting_kernel import splitting_kernel
from latent_ebm.kernels.triton.tree_choices import descend_kernel, sample_kernel
from latent_ebm.kernels.triton.tree_passes import passes_kernel

TARGETS = {
    "sm_80": GPUTarget("cuda", 80, 32),
    "sm_90": GPUTarget("cuda", 90, 32),
    "gfx942": GPUTarget("hip", "gfx942", 64),
}


@dataclass(frozen=True)
class Case:
    """A kernel, the types of its arguments in order, and its constants."""

    kernel: Any
    types: str
    constants: dict[str, int]
    warps: int


PASSES, BLOCK = "*n *i32 *i32 *i32 i32 i32", {"BLOCK": trees.BLOCK}

CASES = {
    "splitting": Case(
        splitting_kernel,
        "*u32 *u32 *u32 *i64 *i64 *i32 *i32 *i32 *i32 *i32 *i32 *i32 *i32 *i32 *u32 *i8"
        + 10 * " i32",
        {"WORDS": LANES // 4, "BLOCK": splitting.BLOCK},
        splitting.WARPS,
    ),
    "set_sums float32": Case(
        sets.gather_sum_kernel, "*fp32 *i32 *fp32 i32 i32 i32", {"BLOCK": sets.BLOCK}, 4
    ),
    "set_sums float64": Case(
        sets.gather_sum_kernel, "*fp64 *i32 *fp64 i32 i32 i32", {"BLOCK": sets.BLOCK}, 4
    ),
    "pairs": Case(
        pairs.pairs_kernel,
        "*fp32 *fp32 *fp32 *i32 *i64 *i64 *i8 *u8 *fp32 *i32 *i32 *i32"
        " i32 i32 i32 i32 i32 fp32 fp32 i32 i32 i32",
        {"WIDTH": 16, "ROWS": pairs.BLOCK // 16, "BLOCK": pairs.BLOCK},
        4,
    ),
    **{
        f"{name} {number}": Case(kernel, types.replace("*n", f"*{number}"), constants, warps)
        for number in ("fp32", "fp64")
        for name, kernel, types, constants, warps in (
            ("tree_inside", passes_kernel, PASSES, {"BEST": 0, **BLOCK}, trees.BLOCK // 32),
            ("tree_best", passes_kernel, PASSES, {"BEST": 1, **BLOCK}, trees.BLOCK // 32),
            ("tree_descend", descend_kernel, "*n" + 5 * " *i32" + 9 * " i32", {}, 1),
            (
                "tree_sample",
                sample_kernel,
                "*n *fp64" + 6 * " *i32" + 5 * " i32",
                {"WIDTH": 128},
                1,
            ),
        )
    },
}


@dataclass(frozen=True)
class Usage:
    """What one thread of a compiled kernel uses, and its program's bytes of shared memory."""

    kernel: str
    target: str
    registers: int
    spills: int
    stack: int
    shared: int


def usages() -> Iterator[Usage]:
    """Compile every kernel for every target."""
    for name, case in CASES.items():
        for target in TARGETS:
            yield compile_for(name, case, target)


def compile_for(name: str, case: Case, target: str) -> Usage:
    """Compile one kernel; pointers are taken to be aligned, as those of torch are."""
    types = case.types.split()
    names = case.kernel.arg_names
    signature = dict(zip(names, types + ["constexpr"] * len(case.constants), strict=True))
    aligned = {(i,): [["tt.divisibility", 16]] for i, t in enumerate(types) if t[0] == "*"}
    compiled = triton.compile(
        ASTSource(case.kernel, signature, case.constants, aligned),
        target=TARGETS[target],
        options={"num_warps": case.warps, "num_stages": 1},
    )
    read = _read_cubin if TARGETS[target].backend == "cuda" else _read_amdgcn
    return Usage(name, target, *read(compiled.asm), compiled.metadata.shared)


def _read_cubin(asm: dict[str, Any]) -> tuple[int, int, int]:
    """Registers, spills and stack in bytes; a spill goes to the stack, so that counts for both."""
    with tempfile.NamedTemporaryFile(suffix=".cubin") as file:
        file.write(asm["cubin"])
        file.flush()
        command = [knobs.nvidia.cuobjdump.path, "--dump-resource-usage", file.name]
        listing = subprocess.run(command, check=True, capture_output=True, text=True).stdout  # noqa: S603
    stack = int(_find(r"STACK:(\d+)", listing)) + int(_find(r"LOCAL:(\d+)", listing))
    return int(_find(r"REG:(\d+)", listing)), stack, stack


def _read_amdgcn(asm: dict[str, Any]) -> tuple[int, int, int]:
    text = asm["amdgcn"]
    spills = [int(_find(rf"\.{kind}_spill_count:\s+(\d+)", text)) for kind in ("vgpr", "sgpr")]
    stack = int(_find(r"\.private_segment_fixed_size:\s+(\d+)", text))
    return int(_find(r"\.vgpr_count:\s+(\d+)", text)), sum(spills), stack


def _find(pattern: str, text: str) -> str:
    found = re.search(pattern, text)
    if found is None:
        raise ValueError(f"the compiler's listing lacks {pattern}")
    return found[1]


if __name__ == "__main__":
    for usage in usages():
        sys.stdout.write(json.dumps(asdict(usage)) + "\n")
