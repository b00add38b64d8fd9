"""Training checkpoints without pickle: tensors as safetensors, all else as JSON in its header."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from lightning.pytorch.plugins.io import CheckpointIO
from torch import Tensor

from latent_ebm.learning.atomic import write_file
from latent_ebm.learning.tensors import BadWeightsError, read_tensors, to_bytes

FORMAT = "latent-ebm checkpoint 1"
"""What the metadata of a checkpoint says it is."""


class SafeCheckpoints(CheckpointIO):
    """Writes and reads all that a Trainer checkpoints: weights, optimizers, loops, callbacks.

    One safetensors file each, replaced atomically, so that a kill while saving leaves the
    previous one. Reading can create tensors and plain values only.
    """

    def save_checkpoint(
        self,
        checkpoint: dict[str, Any],
        path: str | Path,
        storage_options: Any | None = None,
    ) -> None:
        """Write one checkpoint; TypeError, with its place, for a value that is not plain."""
        if storage_options is not None:
            raise TypeError(f"checkpoints take no storage options; found {storage_options!r}")
        tensors: dict[str, Tensor] = {}
        tree = _encoded(checkpoint, tensors, "checkpoint")
        metadata = {"format": FORMAT, "tree": json.dumps(tree)}
        write_file(Path(path), to_bytes(tensors, metadata))

    def load_checkpoint(
        self,
        path: str | Path,
        map_location: Any | None = None,
        weights_only: bool | None = None,
    ) -> dict[str, Any]:
        """Read a checkpoint.

        Raises
        ------
        BadWeightsError
            If it is a pickle (such as Lightning writes by default), truncated, or something else.
        """
        del weights_only  # nothing else than plain values can come out
        path = Path(path)
        tensors, metadata = read_tensors(path)
        if metadata.get("format") != FORMAT or "tree" not in metadata:
            raise BadWeightsError(
                f"{path}: is a safetensors file, but no checkpoint of a training run"
            )
        device = map_location if isinstance(map_location, str | torch.device) else "cpu"
        tensors = {name: tensor.to(device) for name, tensor in tensors.items()}
        try:
            found = _decoded(json.loads(metadata["tree"]), tensors)
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise BadWeightsError(f"{path}: the tree of values is damaged: {error!r}") from None
        if not isinstance(found, dict):
            raise BadWeightsError(f"{path}: holds {type(found).__name__}; expected a mapping")
        return found

    def remove_checkpoint(self, path: str | Path) -> None:
        """Remove a checkpoint file."""
        Path(path).unlink(missing_ok=True)


def _encoded(value: Any, tensors: dict[str, Tensor], where: str) -> Any:
    """Plain values as they are; lists as lists; everything else as an object with one key."""
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, int | float):  # also those of NumPy that are subclasses
        return float(value) if isinstance(value, float) else int(value)
    if isinstance(value, np.generic):
        return _encoded(value.item(), tensors, where)
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, Tensor):
        name = str(len(tensors))
        tensors[name] = value
        return {"tensor": name}
    if isinstance(value, Mapping):
        return {
            "map": [
                [_encoded(k, tensors, where), _encoded(v, tensors, f"{where}[{k!r}]")]
                for k, v in value.items()
            ]
        }
    if isinstance(value, list):
        return [_encoded(item, tensors, f"{where}[{i}]") for i, item in enumerate(value)]
    if isinstance(value, tuple):
        return {"tuple": [_encoded(v, tensors, f"{where}[{i}]") for i, v in enumerate(value)]}
    raise TypeError(
        f"{where} is {type(value).__name__}; checkpoints hold tensors, numbers, strings, lists, "
        "tuples and mappings, since nothing is pickled"
    )


def _decoded(node: Any, tensors: Mapping[str, Tensor]) -> Any:
    if isinstance(node, list):
        return [_decoded(item, tensors) for item in node]
    if not isinstance(node, dict):
        return node
    ((key, content),) = node.items()
    if key == "tensor":
        return tensors[content]
    if key == "tuple":
        return tuple(_decoded(item, tensors) for item in content)
    if key == "map":
        return {_decoded(k, tensors): _decoded(v, tensors) for k, v in content}
    raise ValueError(f"unknown node {key!r}")
