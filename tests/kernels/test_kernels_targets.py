"""The Triton kernels compile for GPUs that are not here, and keep to the registers."""

import json
import os
import subprocess
import sys

import pytest

pytest.importorskip("triton")


KERNELS = {
    "splitting",
    "set_sums",
    "pairs",
    "tree_inside",
    "tree_best",
    "tree_descend",
    "tree_sample",
}


@pytest.mark.slow
def test_no_kernel_spills_on_any_target() -> None:
    environment = {k: v for k, v in os.environ.items() if k != "TRITON_INTERPRET"}
    listing = subprocess.run(
        [sys.executable, "-m", "latent_ebm.kernels.triton.targets"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert listing.returncode == 0, listing.stderr
    usages = [json.loads(line) for line in listing.stdout.splitlines()]
    assert {usage["target"] for usage in usages} == {"sm_80", "sm_90", "gfx942"}
    assert {usage["kernel"].split()[0] for usage in usages} == KERNELS
    for usage in usages:
        assert usage["registers"] > 0
        assert (usage["spills"], usage["stack"]) == (0, 0), usage
        assert usage["shared"] <= 48 * 1024, usage
