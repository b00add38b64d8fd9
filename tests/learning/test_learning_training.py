"""The command line of training: the same result after a kill, and in two processes as in one."""

import csv
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch

from latent_ebm.learning.checkpoints import SafeCheckpoints
from latent_ebm.learning.sampling import GlobalBatches
from latent_ebm.learning.tensors import read_tensors
from latent_ebm.learning.training import run_training

SMALL = [
    "--config=rules-latin",
    "--data.init_args.size=4",
    "--data.init_args.count=24",
    "--data.init_args.batch=8",
    "--data.init_args.held_out=8",
    "--data.init_args.rounds=1",
]
QUIET = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONWARNINGS": "ignore"}


def command(name: str, *words: str) -> list[str]:
    return [sys.executable, "-m", "latent_ebm.cli.main", name, *words]


def fit(output: Path, *words: str) -> None:
    run_training("fit", [*SMALL, f"--output={output}", *words])


def weights(output: Path) -> torch.Tensor:
    return read_tensors(output / "pretrained" / "model.safetensors")[0]["weight"]


def losses(output: Path) -> list[float]:
    (path,) = output.glob("csv/version_0/metrics.csv")
    rows = csv.DictReader(path.read_text().splitlines())
    return [float(row["train/loss"]) for row in rows if row["train/loss"]]


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_killed_at_any_moment_and_resumed_it_ends_the_same(tmp_path, capsys):
    epochs = "--trainer.max_epochs=25"
    fit(tmp_path / "whole", epochs)
    broken, checkpoint = tmp_path / "broken", tmp_path / "broken/checkpoints/last.ckpt"
    child = subprocess.Popen(
        command("fit", *SMALL, f"--output={broken}", epochs),
        env=QUIET,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    while not checkpoint.exists() and child.poll() is None:
        time.sleep(0.001)
    time.sleep((os.getpid() % 50) / 1000)
    child.send_signal(signal.SIGKILL)
    child.wait()
    assert 1 <= SafeCheckpoints().load_checkpoint(checkpoint)["epoch"] + 1 < 25
    assert not (broken / "pretrained").exists()
    fit(broken, epochs, "--resume")
    assert torch.equal(weights(broken), weights(tmp_path / "whole"))
    assert (broken / "learning_curve.png").read_bytes()[:4] == b"\x89PNG"
    assert list(broken.glob("tensorboard/version_*/events*"))
    run_training("test", [*SMALL, f"--output={broken}"])
    assert "test/likelihood" in capsys.readouterr().out


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_two_processes_learn_as_one_with_the_same_global_batch(tmp_path):
    epochs = "--trainer.max_epochs=4"
    fit(tmp_path / "one", epochs)
    two = ["--trainer.devices=2", "--trainer.strategy=ddp", f"--output={tmp_path / 'two'}"]
    subprocess.run(command("fit", *SMALL, epochs, *two), env=QUIET, check=True, capture_output=True)
    assert losses(tmp_path / "two") == pytest.approx(losses(tmp_path / "one"), rel=1e-5)
    assert torch.allclose(weights(tmp_path / "two"), weights(tmp_path / "one"), atol=1e-5)


def test_processes_share_out_each_global_batch():
    data = range(10)
    whole = [list(GlobalBatches(data, 4, 7, rounds=2))]
    parts = [list(GlobalBatches(data, 4, 7, rank=r, world=2, rounds=2)) for r in range(2)]
    pairs = zip(*(iter(part) for part in parts), strict=True)
    assert sorted(i for pair in pairs for i in pair) == sorted(whole[0])
    for start in range(0, len(whole[0]), 4):
        batch = [i for part in parts for i in part[start // 2 : start // 2 + 2]]
        assert batch == whole[0][start : start + 4]


def test_each_epoch_has_an_order_of_its_own_that_the_seed_tells():
    first, again = GlobalBatches(range(30), 10, 1), GlobalBatches(range(30), 10, 1)
    before = list(first)
    first.set_epoch(1)
    assert list(first) != before == list(again)
    with pytest.raises(ValueError, match="a batch of 31 cannot be drawn from 30 items"):
        GlobalBatches(range(30), 31, 0)
    with pytest.raises(ValueError, match="does not divide among 3"):
        GlobalBatches(range(30), 10, 0, world=3)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("count:", "counts:", "fit: unknown key 'counts' of SolvedGrids"),
        ("hidden:", "hiden:", "fit: unknown key 'hiden' of RulesModule"),
        ("max_epochs:", "epochs:", "epochs"),
        ("count: 200", "count: many", "many"),
        ("trainer:", "trainer: [", "fit: "),
    ],
)
def test_a_faulty_configuration_is_one_clear_error(tmp_path, old, new, message):
    from latent_ebm.learning.training import CONFIGS

    text = (CONFIGS / "rules.yaml").read_text()
    assert old in text
    (tmp_path / "bad.yaml").write_text(text.replace(old, new))
    with pytest.raises(ValueError, match=message) as caught:
        run_training("fit", ["--config", str(tmp_path / "bad.yaml"), f"--output={tmp_path}"])
    assert "\n" not in str(caught.value)


def test_an_unknown_configuration_lists_those_that_are_shipped():
    with pytest.raises(ValueError, match=r"no configuration 'rulse'.*rules, rules-16x16"):
        run_training("fit", ["--config", "rulse"])


def test_learning_is_not_imported_unless_it_is_asked_for():
    script = (
        "import sys, latent_ebm, latent_ebm.cli.main, latent_ebm.learning.extra\n"
        "assert not {'lightning', 'torch', 'jsonargparse'} & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True, env=QUIET)


def test_without_the_extra_the_message_says_what_to_install():
    from latent_ebm.learning.extra import MissingExtraError, require_learn

    with pytest.raises(MissingExtraError, match=r"pip install 'latent-ebm\[learn\]'"):
        require_learn("training", ("lightning", "no_such_package"))
