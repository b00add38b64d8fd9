"""The one place that picks a back end for an operation.

``auto`` takes the fastest back end that the device and the operation allow. A back end asked
for by name is used or refused with the reason; there is no silent fall-back.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from torch import Tensor

    from latent_ebm.kernels.factors import FactorTable
    from latent_ebm.kernels.structure import Csr, Groups
    from latent_ebm.kernels.trees import Trees

IMPLEMENTATIONS: dict[str, dict[str, str]] = {
    "factor_splitting": {
        "cpu": "latent_ebm.kernels.cpu.factor_splitting",
        "reference": "latent_ebm.kernels.reference.factor_splitting",
    },
    "moves": {
        "cpu": "latent_ebm.kernels.cpu.moves",
        "reference": "latent_ebm.kernels.reference.moves",
    },
    "multipliers": {
        "cpu": "latent_ebm.kernels.cpu.multipliers",
        "reference": "latent_ebm.kernels.reference.multipliers",
    },
    "nogoods": {
        "cpu": "latent_ebm.kernels.cpu.nogoods",
        "reference": "latent_ebm.kernels.reference.nogoods",
    },
    "pairs": {
        "triton": "latent_ebm.kernels.triton.pairs",
        "cpu": "latent_ebm.kernels.cpu.pairs",
        "reference": "latent_ebm.kernels.reference.pairs",
    },
    "set_sums": {
        "triton": "latent_ebm.kernels.triton.sets",
        "cpu": "latent_ebm.kernels.cpu.sets",
        "reference": "latent_ebm.kernels.reference.sets",
    },
    "propagate": {
        "cpu": "latent_ebm.kernels.cpu.propagation",
        "reference": "latent_ebm.kernels.reference.propagation",
    },
    "propagate_factors": {
        "cpu": "latent_ebm.kernels.cpu.factor_propagation",
        "reference": "latent_ebm.kernels.reference.factor_propagation",
    },
    "splitting": {
        "triton": "latent_ebm.kernels.triton.splitting",
        "cpu": "latent_ebm.kernels.cpu.splitting",
        "reference": "latent_ebm.kernels.reference.splitting",
    },
    "tree_inside": {
        "triton": "latent_ebm.kernels.triton.trees",
        "cpu": "latent_ebm.kernels.cpu.trees",
        "reference": "latent_ebm.kernels.reference.trees",
    },
    "tree_best": {
        "triton": "latent_ebm.kernels.triton.trees",
        "cpu": "latent_ebm.kernels.cpu.trees",
        "reference": "latent_ebm.kernels.reference.trees",
    },
    "tree_sample": {
        "triton": "latent_ebm.kernels.triton.trees",
        "cpu": "latent_ebm.kernels.cpu.trees",
        "reference": "latent_ebm.kernels.reference.trees",
    },
}
"""Operation -> back end -> module, fastest first; the function is called as the operation."""


class BackendError(ValueError):
    """The back end asked for does not exist, or cannot run this here."""


@dataclass(frozen=True)
class Availability:
    """Whether a back end can run on a device, and if not, why."""

    ok: bool
    reason: str


def availability(backend: str, device: str) -> Availability:
    """Ask one back end whether it runs on a device (``cpu``, ``cuda``, ``cuda:1``).

    Examples
    --------
    >>> availability("cpu", "cuda").reason
    'the cpu back end works on the device cpu only'
    """
    kind = device.split(":")[0]
    if kind not in ("cpu", "cuda"):
        return Availability(False, f"no device {device!r}; choose from cpu, cuda, cuda:N")
    if backend == "cpu":
        if kind != "cpu":
            return Availability(False, "the cpu back end works on the device cpu only")
        if importlib.util.find_spec("numba") is None:
            return Availability(False, "numba is not installed; pip install numba")
    if backend == "triton":
        if importlib.util.find_spec("triton") is None:
            return Availability(False, "triton is not installed; pip install triton")
        if kind != "cuda" and os.environ.get("TRITON_INTERPRET") != "1":
            return Availability(
                False,
                f"the device is {device}; Triton needs a GPU, or its interpreter: "
                "set TRITON_INTERPRET=1 before Python starts",
            )
    if kind == "cuda":
        import torch

        if not torch.cuda.is_available():
            return Availability(False, "torch finds no GPU on this machine")
    return Availability(True, "")


def select(
    operation: str, backend: str = "auto", device: str = "cpu"
) -> tuple[str, Callable[..., Any]]:
    """Pick the implementation of an operation.

    Parameters
    ----------
    operation
        A key of :data:`IMPLEMENTATIONS`.
    backend
        ``auto`` or the name of a back end.
    device
        Where the data lies.

    Returns
    -------
    name, function
        The back end chosen and its function.

    Raises
    ------
    BackendError
        If the back end is unknown, lacks the operation, or cannot run on the device.

    Examples
    --------
    >>> select("propagate", "gpu")
    Traceback (most recent call last):
    ...
    latent_ebm.kernels.dispatch.BackendError: no back end 'gpu' for propagate; \
choose from auto, cpu, reference
    """
    name = resolve(operation, backend, device)
    module = importlib.import_module(IMPLEMENTATIONS[operation][name])
    return name, getattr(module, operation)


def resolve(operation: str, backend: str = "auto", device: str = "cpu") -> str:
    """The name of the back end that :func:`select` picks; imports none of them."""
    modules = IMPLEMENTATIONS[operation]
    if backend != "auto" and backend not in modules:
        choices = ", ".join(["auto", *modules])
        raise BackendError(f"no back end {backend!r} for {operation}; choose from {choices}")
    # without a GPU the interpreter is a debugging aid, never the fastest choice
    wanted = (
        [n for n in modules if n != "triton" or device != "cpu"] if backend == "auto" else [backend]
    )
    refusals = []
    for name in wanted:
        answer = availability(name, device)
        if answer.ok:
            return name
        refusals.append(f"{name}: {answer.reason}")
    raise BackendError(f"{operation} cannot run on {device}: {'; '.join(refusals)}")


def set_sums(x: Tensor, members: Csr, *, backend: str = "auto") -> Tensor:
    """n_f = sum of x over the entries of set f; see ``reference/sets.py``."""
    _, function = select("set_sums", backend, str(x.device))
    result: Tensor = function(x, members)
    return result


def propagate(
    groups: Groups, mask: NDArray[np.bool_], *, subsets: bool, backend: str = "auto"
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Presolve by inclusion of groups; see ``reference/propagation.py``."""
    _, function = select("propagate", backend)
    result: tuple[NDArray[np.bool_], NDArray[np.bool_]] = function(groups, mask, subsets=subsets)
    return result


def propagate_factors(
    num_variables: int, table: FactorTable, mask: NDArray[np.bool_], *, backend: str = "auto"
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Presolve by what each factor forbids; see ``reference/factor_propagation.py``."""
    _, function = select("propagate_factors", backend)
    result: tuple[NDArray[np.bool_], NDArray[np.bool_]] = function(num_variables, table, mask)
    return result


def tree_inside(trees: Trees, scores: Tensor, *, backend: str = "auto") -> tuple[Tensor, Tensor]:
    """Log partition and marginals of derivation trees; see ``reference/trees.py``."""
    _expect_scores(trees, scores)
    _, function = select("tree_inside", backend, str(scores.device))
    result: tuple[Tensor, Tensor] = function(trees, scores)
    return result


def tree_best(trees: Trees, scores: Tensor, *, backend: str = "auto") -> tuple[Tensor, Tensor]:
    """The best derivation and its score; see ``reference/trees.py``."""
    _expect_scores(trees, scores)
    _, function = select("tree_best", backend, str(scores.device))
    result: tuple[Tensor, Tensor] = function(trees, scores)
    return result


def tree_sample(trees: Trees, scores: Tensor, uniforms: Tensor, *, backend: str = "auto") -> Tensor:
    """Exact samples, C for each tree: uniforms [B, C, S]; see ``reference/trees.py``."""
    _expect_scores(trees, scores)
    expected = (len(scores), trees.shape[0])
    if uniforms.ndim != 3 or (uniforms.shape[0], uniforms.shape[2]) != expected:
        raise ValueError(
            f"samples of {expected[0]} trees of {expected[1]} slots need uniforms "
            f"[{expected[0]}, C, {expected[1]}]; found {tuple(uniforms.shape)}"
        )
    _, function = select("tree_sample", backend, str(scores.device))
    result: Tensor = function(trees, scores, uniforms)
    return result


def _expect_scores(trees: Trees, scores: Tensor) -> None:
    """Refuse log-potentials of another shape, or that are no numbers or plus infinity."""
    import torch

    if tuple(scores.shape[1:]) != trees.shape or scores.ndim != 3:
        raise ValueError(
            f"trees of {trees.shape[0]} slots and {trees.shape[1]} states need scores [B, "
            f"{trees.shape[0]}, {trees.shape[1]}]; found {tuple(scores.shape)}"
        )
    if scores.dtype not in (torch.float32, torch.float64):
        raise ValueError(f"scores are float32 or float64; found {scores.dtype}")
    # the maximum of anything that is no number is no number
    if scores.numel() and not float(scores.detach().max()) < torch.inf:
        b, s, p = (~(scores < torch.inf)).nonzero()[0].tolist()
        raise ValueError(
            f"scores are numbers or -inf; found {scores[b, s, p].item()} for state {p} of slot "
            f"{s} in tree {b}"
        )
