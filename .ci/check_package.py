"""Build the wheel from the sdist, install it outside the checkout, and look at what arrives.

The wheel must have ``latent_ebm`` as its only top-level name, carry the folders that the
checkout reaches through links, and solve a puzzle.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = (
    "cli",
    "coding",
    "decoders",
    "dynamics",
    "energies",
    "exact",
    "kernels",
    "learning",
    "puzzles",
    "puzzles/code",
)
DATA = (
    "py.typed",
    "learning/configs/rules.yaml",
    "learning/weights/rules-sudoku/config.json",
    "learning/weights/rules-sudoku/model.safetensors",
)
PROGRAM = "def larger(a, b):\n    return a if a < b else b\n"
TESTS = '[{"args": [1, 2], "expected": 2}, {"args": [5, 3], "expected": 5}]'
PUZZLE = "1...\n..3.\n.4..\n...2"


def run(*command: str | Path, cwd: Path, stdin: str = "") -> str:
    done = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        input=stdin,
        text=True,
        stdout=subprocess.PIPE,
        check=True,
    )
    return done.stdout


def main() -> None:
    with tempfile.TemporaryDirectory() as scratch:
        outside = Path(scratch)
        # `build` without --wheel/--sdist builds the sdist, and the wheel from that sdist
        run(sys.executable, "-m", "build", "--outdir", outside / "dist", ROOT, cwd=outside)
        (wheel,) = (outside / "dist").glob("*.whl")
        names = zipfile.ZipFile(wheel).namelist()
        tops = {name.split("/")[0] for name in names}
        packages = {top for top in tops if not top.endswith(".dist-info")}
        if packages != {"latent_ebm"}:
            raise SystemExit(f"the wheel's top-level names are {sorted(packages)}, not latent_ebm")
        missing = [f for f in FOLDERS if f"latent_ebm/{f}/__init__.py" not in names]
        missing += [name for name in DATA if f"latent_ebm/{name}" not in names]
        if missing:
            raise SystemExit(f"the wheel lacks {', '.join(missing)}")

        run(sys.executable, "-m", "venv", "--system-site-packages", "venv", cwd=outside)
        python = outside / "venv" / "bin" / "python"
        # the dependencies come from the environment that runs this check
        paths = run(sys.executable, "-c", "import sys; print(*sys.path, sep='\\n')", cwd=outside)
        site = [line for line in paths.splitlines() if line.endswith("site-packages")]
        own = Path(
            run(
                python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", cwd=outside
            ).strip()
        )
        (own / "dependencies.pth").write_text("\n".join(site))
        run(
            python, "-m", "pip", "install", "--quiet", "--no-deps", "--force-reinstall",
            "--disable-pip-version-check", wheel, cwd=outside,
        )  # fmt: skip
        found = run(python, "-c", "import latent_ebm; print(latent_ebm.__file__)", cwd=outside)
        if not found.startswith(str(own)):
            raise SystemExit(f"the installed package was not the one imported: {found.strip()}")
        command = outside / "venv" / "bin" / "latent-ebm"
        answer = run(command, "solve", "-", "--json", cwd=outside, stdin=PUZZLE)
        if '"status": "solved"' not in answer:
            raise SystemExit(f"the installed command did not solve the puzzle: {answer}")
        (outside / "larger.py").write_text(PROGRAM)
        (outside / "tests.json").write_text(TESTS)
        patch = run(command, "repair", "larger.py", "--tests", "tests.json", cwd=outside)
        if "+    return" not in patch:
            raise SystemExit(f"the installed command did not repair the program: {patch}")
    print(f"{wheel.name}: {len(names)} files, one top-level name, solves and repairs outside")


if __name__ == "__main__":
    main()
