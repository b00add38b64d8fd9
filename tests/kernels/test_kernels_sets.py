"""Sums over sets: values, gradients and their maps, on all back ends."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch

from latent_ebm.kernels.cpu import sets as cpu_sets
from latent_ebm.kernels.dispatch import set_sums
from latent_ebm.kernels.structure import Csr

ROWS = Csr.from_rows([[4], [0, 3, 14, 7, 9, 1, 2], [], [3, 4, 5], [14, 0], [11] * 2])
MANY = Csr.from_rows([[e, (e + 1) % 15, (3 * e) % 15][: 1 + e % 3] for e in range(15)] * 9)
BACKENDS = ["reference", "cpu", "triton"]
OTHERS = ["cpu", "triton"]


@pytest.fixture(autouse=True)
def poison(monkeypatch):
    """What is allocated and not written is not a number."""
    set_sums(torch.rand(1, 3, 5), ROWS, backend="cpu")  # compiled with the true numpy
    fake = SimpleNamespace(empty=lambda shape, dtype: np.full(shape, np.nan, dtype), zeros=np.zeros)
    monkeypatch.setattr(cpu_sets, "np", fake)
    torch.use_deterministic_algorithms(True)  # fills what torch.empty gives, too
    yield
    torch.use_deterministic_algorithms(False)


def relative_error(found, expected) -> float:
    assert found.shape == expected.shape
    assert found.dtype == expected.dtype
    return float((found - expected).norm() / expected.norm().clamp(min=1e-30))


@pytest.mark.parametrize("backend", OTHERS)
@pytest.mark.parametrize("members", [ROWS, MANY], ids=["few", "many"])
@pytest.mark.parametrize("batch", [1, 5])
@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float32, 1e-6), (torch.float64, 1e-14)])
def test_values_and_gradients(backend, members, batch, dtype, tolerance) -> None:
    torch.manual_seed(0)
    inputs = torch.randn(batch, 3, 5, dtype=dtype)
    weights = torch.randn(batch, members.count, dtype=dtype)
    results = []
    for name in ("reference", backend):
        x = inputs.clone().requires_grad_()
        sums = set_sums(x, members, backend=name)
        (sums * weights).sum().backward()
        results.append((sums.detach(), x.grad))
    (expected, slope), (found, found_slope) = results
    assert relative_error(found, expected) < tolerance
    assert relative_error(found_slope, slope) < tolerance


@pytest.mark.parametrize("backend", BACKENDS)
def test_gradients_by_differences(backend) -> None:
    x = torch.randn(1, 3, 5, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(lambda x: set_sums(x, ROWS, backend=backend), x)
    assert torch.autograd.gradgradcheck(lambda x: set_sums(x, ROWS, backend=backend).square(), x)


@pytest.mark.parametrize("backend", OTHERS)
def test_under_function_transforms(backend) -> None:
    x = torch.randn(4, 2, 3, 5, dtype=torch.float64)

    def energy(x, name):
        return (set_sums(x, ROWS, backend=name) - 1).square().sum()

    gradient = torch.func.vmap(torch.func.grad(energy), in_dims=(0, None))
    assert relative_error(gradient(x, backend), gradient(x, "reference")) < 1e-14


@pytest.mark.parametrize("backend", BACKENDS)
def test_inputs_that_are_not_contiguous(backend) -> None:
    x = torch.randn(5, 3, 2).permute(2, 1, 0)
    expected = set_sums(x.contiguous(), ROWS, backend="reference")
    assert relative_error(set_sums(x, ROWS, backend=backend), expected) < 1e-6


@pytest.mark.parametrize("backend", BACKENDS)
def test_no_sets(backend) -> None:
    assert set_sums(torch.rand(2, 3, 5), Csr.from_rows([]), backend=backend).shape == (2, 0)
