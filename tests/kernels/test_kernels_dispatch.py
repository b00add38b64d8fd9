"""The dispatch: what exists, what runs, and no silent fall-back."""

import importlib.util

import pytest
import torch

from latent_ebm.kernels.dispatch import IMPLEMENTATIONS, BackendError, select, set_sums
from latent_ebm.kernels.structure import Csr


@pytest.mark.parametrize("operation", IMPLEMENTATIONS)
def test_every_implementation_exists(operation) -> None:
    for backend in IMPLEMENTATIONS[operation]:
        name, function = select(operation, backend)
        assert (name, function.__name__) == (backend, operation)


@pytest.mark.parametrize("operation", IMPLEMENTATIONS)
def test_auto_takes_numba_on_a_cpu_and_not_the_interpreter(operation) -> None:
    assert select(operation)[0] == "cpu"


@pytest.mark.parametrize("operation", IMPLEMENTATIONS)
def test_an_unknown_back_end_is_told_the_valid_ones(operation) -> None:
    with pytest.raises(BackendError) as refusal:
        select(operation, "fastest")
    assert "'fastest'" in str(refusal.value)
    for name in ("auto", *IMPLEMENTATIONS[operation]):
        assert name in str(refusal.value)


def test_triton_without_a_gpu_is_refused_with_a_way_out(monkeypatch) -> None:
    monkeypatch.delenv("TRITON_INTERPRET")
    with pytest.raises(BackendError, match="set TRITON_INTERPRET=1"):
        set_sums(torch.zeros(1, 1, 2), Csr.from_rows([[0]]), backend="triton")


def test_a_missing_package_is_named(monkeypatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)  # noqa: ARG005
    with pytest.raises(BackendError, match="pip install numba"):
        select("splitting", "cpu")
    with pytest.raises(BackendError, match="pip install triton"):
        select("splitting", "triton")
    assert select("splitting")[0] == "reference"


def test_numba_refuses_a_gpu() -> None:
    with pytest.raises(BackendError, match="device cpu only"):
        select("splitting", "cpu", "cuda:1")
