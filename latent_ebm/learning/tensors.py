"""Tensors in safetensors files: nothing is ever unpickled, and every fault has a name."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor

LARGEST = 1 << 30
"""Bytes of the largest file that is read."""


class BadWeightsError(ValueError):
    """A file of weights that cannot be used; the message says which, and why."""


def to_bytes(tensors: Mapping[str, Tensor], metadata: Mapping[str, str] | None = None) -> bytes:
    """The content of a safetensors file; every tensor is stored with its own memory."""
    own = {name: t.detach().cpu().contiguous().clone() for name, t in tensors.items()}
    return save(own, dict(metadata) if metadata else None)


def read_tensors(path: Path) -> tuple[dict[str, Tensor], dict[str, str]]:
    """The tensors of a safetensors file, and its metadata.

    Raises
    ------
    BadWeightsError
        If there is no such file, it is a pickle, truncated or otherwise no safetensors file, or
        larger than 1 GiB.
    """
    try:
        with path.open("rb") as file:
            head = file.read(9)
            size = path.stat().st_size
    except OSError as error:
        raise BadWeightsError(f"{path}: cannot be read: {error.strerror}") from None
    # a safetensors file is the length of its header, 8 bytes, and the header, a JSON object
    if head[8:] != b"{" and (head[:1] == b"\x80" or head[:4] == b"PK\x03\x04"):
        raise BadWeightsError(
            f"{path}: is a pickle (as torch.save and pickle.dump write), not a safetensors file; "
            "pickles can run code and are never loaded"
        )
    if size > LARGEST:
        raise BadWeightsError(f"{path}: has {size} bytes; at most {LARGEST} are read")
    try:
        with safe_open(path, framework="pt") as file:
            metadata = dict(file.metadata() or {})
            return {name: file.get_tensor(name).clone() for name in file.keys()}, metadata  # noqa: SIM118
    except (SafetensorError, UnicodeDecodeError) as error:
        raise BadWeightsError(
            f"{path}: is truncated or no safetensors file ({size} bytes): {error}"
        ) from None


def expect_tensors(path: Path, found: Mapping[str, Tensor], wanted: Mapping[str, Tensor]) -> None:
    """Refuse tensors that are not those of a model, by name, shape, type and finiteness.

    Raises
    ------
    BadWeightsError
        Naming the file, the tensor, what was expected and what was found.
    """
    for name, like in wanted.items():
        if name not in found:
            raise BadWeightsError(f"{path}: lacks the tensor {name!r} of shape {list(like.shape)}")
        tensor = found[name]
        if tensor.shape != like.shape:
            raise BadWeightsError(
                f"{path}: tensor {name!r} has shape {list(tensor.shape)}; the configuration "
                f"expects {list(like.shape)}"
            )
        if tensor.dtype != like.dtype:
            raise BadWeightsError(
                f"{path}: tensor {name!r} has type {tensor.dtype}; expected {like.dtype}"
            )
        if tensor.is_floating_point() and not torch.isfinite(tensor).all():
            raise BadWeightsError(f"{path}: tensor {name!r} has entries that are not finite")
    strangers = sorted(set(found) - set(wanted))
    if strangers:
        raise BadWeightsError(
            f"{path}: has unknown tensors {', '.join(map(repr, strangers[:3]))}; the model has "
            f"{', '.join(map(repr, wanted))}"
        )
