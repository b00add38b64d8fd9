"""Weights, configurations and checkpoints: what is saved comes back, what is bad is refused."""

import json
import multiprocessing
import os
import pickle
import resource
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch

from latent_ebm.learning.atomic import write_file, write_folder
from latent_ebm.learning.checkpoints import SafeCheckpoints
from latent_ebm.learning.configuration import BadConfigError
from latent_ebm.learning.pretrained import ModelCard, shipped
from latent_ebm.learning.rules.energy import PairwiseConfig, PairwiseEnergy
from latent_ebm.learning.tensors import BadWeightsError

CARD = ModelCard("Tiny", "no data", "no time", "none", "latent-ebm fit --config none")
CONFIG = PairwiseConfig("latin", ("a", "b", "c"), ("1", "2", "3"), columns=3)


def energy(fill: float = 1.0) -> PairwiseEnergy:
    model = PairwiseEnergy(CONFIG)
    with torch.no_grad():
        model.weight.fill_(fill)
    return model


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    energy().save_pretrained(tmp_path / "model", CARD)
    return tmp_path / "model"


@pytest.mark.parametrize("form", ["shared", "coordinates", "relations", "low-rank", "free"])
def test_what_is_saved_comes_back(tmp_path, form):
    model = PairwiseEnergy(PairwiseConfig("latin", ("a", "b", "c"), ("1", "2"), form=form))
    model.save_pretrained(tmp_path / "model", CARD)
    again = PairwiseEnergy.from_pretrained(tmp_path / "model")
    assert again.config == model.config
    values = torch.tensor([[0, 1, 0], [1, 1, 0]])
    assert torch.equal(again.logits(values), model.logits(values))
    assert sorted(p.name for p in (tmp_path / "model").iterdir()) == [
        "README.md",
        "config.json",
        "model.safetensors",
    ]


def test_saving_again_replaces_all_files_and_leaves_nothing_aside(saved):
    energy(2.0).save_pretrained(saved, CARD)
    assert PairwiseEnergy.from_pretrained(saved).weight[0] == 2
    assert [p.name for p in saved.parent.iterdir()] == ["model"]


def test_a_folder_with_other_files_is_not_replaced(saved):
    (saved / "thesis.tex").write_text("precious")
    with pytest.raises(ValueError, match=r"thesis\.tex"):
        energy(2.0).save_pretrained(saved, CARD)
    assert PairwiseEnergy.from_pretrained(saved).weight[0] == 1


def test_an_unknown_name_lists_what_is_shipped():
    with pytest.raises(BadConfigError, match="rules-sudoku"):
        PairwiseEnergy.from_pretrained("rules-sudoko")


def test_all_shipped_weights_are_small():
    from latent_ebm.learning.pretrained import SHIPPED

    for name in shipped():
        if name.startswith("rules"):
            assert sum(p.stat().st_size for p in (SHIPPED / name).iterdir()) < 1 << 20


def changed(saved: Path, change) -> None:
    path = saved / "config.json"
    config = json.loads(path.read_text())
    change(config)
    path.write_text(json.dumps(config))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda c: c["config"].update(depth=3), r"config\.json: unknown key 'depth'"),
        (lambda c: c["config"].pop("kind"), r"config\.json: lacks the key 'kind' \(str\)"),
        (lambda c: c["config"].update(width="wide"), r"width is 'wide'; expected int"),
        (lambda c: c["config"].update(form="odd"), r"form is 'odd'"),
        (lambda c: c["config"].update(states=["1"]), "at least 2 variables and 2 states"),
        (lambda c: c["config"].update(width=10**9), "too many"),
        (lambda c: c.update(format=99), "format is 99"),
        (lambda c: c.update(model="visual"), "of model 'visual'; expected 'pairwise-rules'"),
        (lambda c: c.update(author="me"), "unknown key 'author'"),
        (lambda c: c.pop("model"), "lacks the key 'model'"),
    ],
)
def test_a_bad_configuration_names_the_file_and_the_key(saved, change, message):
    changed(saved, change)
    with pytest.raises(BadConfigError, match=message):
        PairwiseEnergy.from_pretrained(saved)


@pytest.mark.parametrize("text", ["", "[1]", "{", "[" * 100_000, "\x80"])
def test_a_configuration_that_is_no_json_object_is_refused(saved, text):
    (saved / "config.json").write_text(text, encoding="latin-1")
    with pytest.raises(BadConfigError, match=r"config\.json"):
        PairwiseEnergy.from_pretrained(saved)


class Trap:
    def __reduce__(self):
        return (Path.touch, (Path(os.environ["TRAP"]),))


@pytest.mark.parametrize("writer", ["pickle", "torch"])
def test_a_pickle_as_weights_is_named_and_never_run(saved, tmp_path, monkeypatch, writer):
    monkeypatch.setenv("TRAP", str(tmp_path / "sprung"))
    path = saved / "model.safetensors"
    if writer == "pickle":
        path.write_bytes(pickle.dumps(Trap()))
    else:
        torch.save({"weight": Trap()}, path)
    with pytest.raises(BadWeightsError, match=r"model\.safetensors: is a pickle"):
        PairwiseEnergy.from_pretrained(saved)
    with pytest.raises(BadWeightsError, match="is a pickle"):
        SafeCheckpoints().load_checkpoint(path)
    assert not (tmp_path / "sprung").exists()


@pytest.mark.parametrize("length", [0, 5, 20, 60, -1])
def test_truncated_weights_are_refused(saved, length):
    path = saved / "model.safetensors"
    path.write_bytes(path.read_bytes()[:length])
    with pytest.raises(BadWeightsError, match="truncated or no safetensors file"):
        PairwiseEnergy.from_pretrained(saved)


@pytest.mark.parametrize(
    ("tensors", "message"),
    [
        ({"weight": torch.ones(4)}, r"'weight' has shape \[4\]; the configuration expects \[3\]"),
        ({"weight": torch.ones(3, dtype=torch.float64)}, r"type torch\.float64"),
        ({"weight": torch.full((3,), torch.nan)}, "not finite"),
        ({"bias": torch.ones(3)}, r"lacks the tensor 'weight' of shape \[3\]"),
        ({"weight": torch.ones(3), "bias": torch.ones(3)}, "unknown tensors 'bias'"),
    ],
)
def test_weights_that_do_not_fit_are_refused(saved, tensors, message):
    from safetensors.torch import save_file

    save_file(tensors, saved / "model.safetensors")
    with pytest.raises(BadWeightsError, match=message):
        PairwiseEnergy.from_pretrained(saved)


def test_a_checkpoint_comes_back_as_it_was(tmp_path):
    state = {
        "epoch": 3,
        "loss": float("inf"),
        "state_dict": {"w": torch.arange(4.0), "half": torch.ones(2, dtype=torch.bfloat16)},
        "optimizer_states": [{"state": {0: {"step": torch.tensor(7.0), "betas": (0.9, 0.99)}}}],
        "callbacks": {"early": {"best": None, "on": True, "names": ["a"]}},
    }
    path = tmp_path / "a.ckpt"
    SafeCheckpoints().save_checkpoint(state, path)
    again = SafeCheckpoints().load_checkpoint(path)
    assert torch.equal(again["state_dict"].pop("w"), state["state_dict"].pop("w"))
    assert again["state_dict"].pop("half").dtype == torch.bfloat16
    del state["state_dict"]["half"]
    assert again == state
    assert type(next(iter(again["optimizer_states"][0]["state"]))) is int


def test_a_checkpoint_of_anything_but_plain_values_is_refused_by_its_place(tmp_path):
    path = tmp_path / "a.ckpt"
    with pytest.raises(TypeError, match=r"checkpoint\['a'\]\[0\] is object"):
        SafeCheckpoints().save_checkpoint({"a": [object()]}, path)
    assert not path.exists()


def test_weights_are_no_checkpoint(saved):
    with pytest.raises(BadWeightsError, match="no checkpoint of a training run"):
        SafeCheckpoints().load_checkpoint(saved / "model.safetensors")


def save_with_little_space(folder: Path) -> None:
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # the write fails, as on a full disk
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))
    try:
        energy(2.0).save_pretrained(folder, CARD)
    except OSError:
        os._exit(7)
    os._exit(0)


def save_forever(folder: Path) -> None:
    while True:
        energy(1.0).save_pretrained(folder, CARD)
        energy(2.0).save_pretrained(folder, CARD)


def test_without_space_the_previous_weights_stay(saved):
    child = multiprocessing.get_context("fork").Process(
        target=save_with_little_space, args=(saved,)
    )
    child.start()
    child.join()
    assert child.exitcode == 7
    assert PairwiseEnergy.from_pretrained(saved).weight[0] == 1
    assert [p.name for p in saved.parent.iterdir()] == ["model"]


ON_A_FULL_DISK = """
import errno, os, sys
from pathlib import Path
from latent_ebm.learning.pretrained import ModelCard
from latent_ebm.learning.checkpoints import SafeCheckpoints
from latent_ebm.learning.rules.energy import PairwiseConfig, PairwiseEnergy
import torch
folder, card = Path(sys.argv[1]), ModelCard("Tiny", "none", "none", "none", "none")
model = PairwiseEnergy(PairwiseConfig("latin", ("a", "b", "c"), ("1", "2", "3")))
model.save_pretrained(folder / "model", card)
SafeCheckpoints().save_checkpoint({"epoch": 1}, folder / "last.ckpt")
before = {p: p.read_bytes() for p in folder.rglob("*") if p.is_file()}
try:
    with (folder / "filler").open("wb", buffering=0) as file:
        while True:
            file.write(bytes(4096))
except OSError as error:
    assert error.errno == errno.ENOSPC, error
assert os.statvfs(folder).f_bavail == 0
with torch.no_grad():
    model.weight.fill_(2.0)
for save in (
    lambda: model.save_pretrained(folder / "model", card),
    lambda: SafeCheckpoints().save_checkpoint({"epoch": 2}, folder / "last.ckpt"),
):
    try:
        save()
    except OSError as error:
        assert error.errno == errno.ENOSPC, error
    else:
        raise AssertionError("a save on a full disk went well")
(folder / "filler").unlink()
assert {p: p.read_bytes() for p in folder.rglob("*") if p.is_file()} == before
assert float(PairwiseEnergy.from_pretrained(folder / "model").weight[0].detach()) != 2.0
assert SafeCheckpoints().load_checkpoint(folder / "last.ckpt") == {"epoch": 1}
"""


def in_a_small_disk(folder: Path, size: int, command: list[str]) -> list[str]:
    """A command that finds an empty disk of some bytes at a folder; skips where none is had."""
    wrap = shutil.which("bwrap")
    if wrap is None:
        pytest.skip("bubblewrap is not installed")
    small = [wrap, "--dev-bind", "/", "/", "--size", str(size), "--tmpfs", str(folder)]
    if subprocess.run([*small, "true"], capture_output=True, check=False).returncode:
        pytest.skip("bubblewrap may not mount a file system here")
    return [*small, *command]


def test_on_a_full_disk_saves_fail_by_name_and_what_was_saved_stays(tmp_path):
    command = in_a_small_disk(tmp_path, 200_000, [sys.executable, "-c", ON_A_FULL_DISK])
    done = subprocess.run([*command, str(tmp_path)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.slow
def test_a_run_on_a_full_disk_is_one_line_and_can_go_on(tmp_path):
    run = "latent-ebm fit --config rules-coloring --trainer.max_epochs"
    script = f"""
        {run} 1 --output {tmp_path}/run 2>&1 || exit 10
        sha256sum {tmp_path}/run/checkpoints/* {tmp_path}/run/pretrained/* > {tmp_path}/sums
        cat /dev/zero > {tmp_path}/filler 2> /dev/null
        {run} 2 --output {tmp_path}/run --resume && exit 11
        sha256sum --check --quiet {tmp_path}/sums || exit 12
        rm {tmp_path}/filler
        {run} 2 --output {tmp_path}/run --resume || exit 13
        """
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    done = subprocess.run(
        in_a_small_disk(tmp_path, 1_000_000, ["sh", "-c", script]),
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PATH": path, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert done.returncode == 0, done.stderr
    first = done.stderr.splitlines()[0]
    assert "no space is left on the disk of" in first
    assert "--resume" in first
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("attempt", range(8))
def test_killed_while_saving_the_folder_is_whole(saved, attempt):
    child = multiprocessing.get_context("fork").Process(target=save_forever, args=(saved,))
    child.start()
    time.sleep(0.03 + 0.017 * attempt)
    assert child.pid is not None
    os.kill(child.pid, signal.SIGKILL)
    child.join()
    assert PairwiseEnergy.from_pretrained(saved).weight[0] in (1, 2)


def test_a_failed_write_leaves_the_file_and_no_rest(tmp_path):
    path = tmp_path / "a.ckpt"
    write_file(path, b"before")
    with pytest.raises(TypeError):
        write_file(path, "no bytes")  # type: ignore[arg-type]
    assert path.read_bytes() == b"before"
    assert [p.name for p in tmp_path.iterdir()] == ["a.ckpt"]


def test_a_file_in_the_place_of_a_folder_is_refused(tmp_path):
    (tmp_path / "model").write_text("a file")
    with pytest.raises(ValueError, match="is no folder"):
        write_folder(tmp_path / "model", {"a": b""})
