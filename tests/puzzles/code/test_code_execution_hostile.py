"""Hostile programs, really run: each is contained, gets a clear verdict, and harms nobody."""

import random
import textwrap
from pathlib import Path

import pytest

from latent_ebm.puzzles.code.execution.executor import Executor
from latent_ebm.puzzles.code.execution.isolation.backends import BACKENDS
from latent_ebm.puzzles.code.execution.outcomes import Job, Limits, Verdict
from latent_ebm.puzzles.code.testing.cases import Case, Suite

LIMITS = Limits(seconds=0.2, wall_seconds=1.0, memory=1 << 30)
SECRET = random.SystemRandom().getrandbits(60)
SUITE = Suite(
    "f",
    (Case("secret", (3,), expected=[SECRET, 3]), Case("again", (4,), expected=[SECRET, 4])),
)
GOOD = f"def f(x):\n    return [{SECRET}, x]\n"


@pytest.fixture(scope="module", params=[name for name in BACKENDS if name != "none"])
def backend(request):
    reason = BACKENDS[request.param].unavailable()
    if reason:
        pytest.skip(reason)
    return request.param


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    folder = tmp_path_factory.mktemp("project")
    (folder / "helper.py").write_text("VALUE = 7\n")
    return folder


@pytest.fixture(scope="module")
def executor(backend, project):
    with Executor(SUITE, workers=1, limits=LIMITS, isolation=backend, project=project) as executor:
        yield executor


def outcome_of(executor, text):
    """The outcome of a program, and a look that the next one is not the worse for it."""
    (outcome,), (after,) = executor.run([Job(textwrap.dedent(text)), Job(GOOD)])
    assert after.passed, after
    return outcome


def verdicts(outcome):
    return {Verdict(verdict).name for verdict in outcome.verdicts}


ENDLESS = {
    "a loop": """
        def f(x):
            while True:
                pass
        """,
    "a loop that swallows everything": """
        def f(x):
            while True:
                try:
                    while True:
                        pass
                except BaseException:
                    continue
        """,
    "a result after swallowing": f"""
        def f(x):
            try:
                while True:
                    pass
            except BaseException:
                return [{SECRET}, x]
        """,
    "recursion without depth": """
        def f(x):
            return 1 + f(x) if x < 0 else f(x - 0) if False else g(60)
        def g(n):
            return n if n < 2 else g(n - 1) + g(n - 2)
        """,
    "a comprehension": """
        import itertools
        def f(x):
            return [y for y in itertools.count() if y < 0]
        """,
    "a lambda": "f = lambda x: (lambda g: g(g, 50))(lambda g, n: n < 2 or g(g, n-1) + g(g, n-2))",
    "a power, in C": "def f(x): return 10 ** 10 ** 10",
    "a sum, in C": "def f(x): return sum(range(10 ** 13))",
    "a regular expression": r"""
        import re
        def f(x):
            return re.match(r"(a|aa)+$", "a" * 60 + "b")
        """,
    "sleep": """
        import time
        def f(x):
            time.sleep(1000)
        """,
    "a loop with its alarm off": """
        import signal, os
        def f(x):
            signal.signal(signal.SIGALRM, signal.SIG_IGN)
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.setitimer(signal.ITIMER_PROF, 0)
            sum(range(10 ** 13))
        """,
    "an import": """
        while True:
            pass
        """,
    "a stolen tick": """
        __tick__ = bool
        def f(x):
            while True:
                pass
        """,
}


@pytest.mark.parametrize("text", ENDLESS.values(), ids=ENDLESS)
def test_what_never_ends_is_a_timeout(executor, text):
    outcome = outcome_of(executor, text)
    assert verdicts(outcome) == {"TIMEOUT"}
    assert outcome.energies == (1.5, 1.5)


def test_a_generator_that_never_ends_is_cut(executor):
    outcome = outcome_of(executor, "def f(x):\n    while True:\n        yield x\n")
    assert verdicts(outcome) == {"EXCEPTION"}
    assert "items" in outcome.error


RAISING = {
    "fork": ("import os\ndef f(x):\n    while True: os.fork()", "Error"),
    "a new program": (
        "import subprocess\ndef f(x): return subprocess.run(['/bin/true'])",
        "Error",
    ),
    "exec": ("import os\ndef f(x): os.execv('/bin/true', ['true'])", "Error"),
    "a socket": ("import socket\ndef f(x): return socket.socket()", "PermissionError"),
    "a connection": (
        "import urllib.request\ndef f(x): return urllib.request.urlopen('http://127.0.0.1:1')",
        "",
    ),
    "a hundred gigabytes": ("def f(x): return bytearray(10 ** 11)", "MemoryError"),
    "killing the parent": ("import os\ndef f(x): os.kill(os.getppid(), 9)", "PermissionError"),
    "killing everybody": ("import os\ndef f(x): os.kill(-1, 9)", "PermissionError"),
    "sys.exit": ("import sys\ndef f(x): sys.exit(0)", "SystemExit: 0"),
    "deep recursion": ("def f(x): return f(x + 1)", "RecursionError"),
    "an endless iterator": ("import itertools\ndef f(x): return itertools.count()", "TooLarge"),
    "a huge output": ("def f(x): return 'x' * 10 ** 7", "TooLarge"),
    "a huge file": (
        "def f(x):\n    with open('large', 'wb') as s:\n        s.write(bytes(10 ** 8))",
        "OSError",
    ),
    "many open files": (
        "def f(x):\n    return len([open(__import__('os').devnull) for _ in range(1000)])",
        "Error",
    ),
    "an exception that does not print": (
        "class E(Exception):\n    def __str__(self):\n        while True: pass\ndef f(x): raise E",
        "E",
    ),
    "a chroot": ("import os\ndef f(x): os.chroot('/')", "PermissionError"),
    "a new namespace": (
        "import ctypes\ndef f(x):\n    lib = ctypes.CDLL(None, use_errno=True)\n"
        "    if lib.unshare(0x10000000):\n        raise OSError(ctypes.get_errno(), 'unshare')\n",
        "PermissionError",
    ),
    "tracing the parent": (
        "import ctypes, os\ndef f(x):\n    lib = ctypes.CDLL(None, use_errno=True)\n"
        "    if lib.ptrace(16, os.getppid(), 0, 0) < 0:\n"
        "        raise OSError(ctypes.get_errno(), 'ptrace')\n",
        "PermissionError",
    ),
}


@pytest.mark.parametrize(("text", "error"), RAISING.values(), ids=RAISING)
def test_what_is_not_allowed_raises_in_the_program(executor, text, error):
    outcome = outcome_of(executor, text)
    assert verdicts(outcome) == {"EXCEPTION"}
    assert error in outcome.error


CRASHING = {
    "os._exit": "import os\ndef f(x): os._exit(0)",
    "os._exit after a fake result": (
        "import os\ndef f(x):\n    for d in range(3, 64):\n        try:\n"
        "            os.write(d, bytes(200))\n        except OSError: pass\n    os._exit(0)"
    ),
    "a null pointer": "import ctypes\ndef f(x): ctypes.string_at(0)",
    "abort": "import os\ndef f(x): os.abort()",
    "killing itself": "import os\ndef f(x): os.kill(os.getpid(), 9)",
}


@pytest.mark.parametrize("text", CRASHING.values(), ids=CRASHING)
def test_what_ends_its_process_is_a_crash(executor, text):
    outcome = outcome_of(executor, text)
    assert verdicts(outcome) == {"CRASH"}
    assert outcome.energies == (1.75, 1.75)


LYING = {
    "equal to everything": """
        class Liar:
            def __eq__(self, other): return True
            def __ne__(self, other): return False
            __hash__ = None
        def f(x): return Liar()
        """,
    "a list of those": """
        class Liar:
            def __eq__(self, other): return True
        def f(x): return [Liar(), Liar()]
        """,
    "an int that compares as it likes": """
        class Liar(int):
            def __eq__(self, other): return True
            __hash__ = int.__hash__
        def f(x): return [Liar(1), Liar(x)]
        """,
    "a list that compares as it likes": """
        class Liar(list):
            def __eq__(self, other): return True
            def __len__(self): return 2
        def f(x): return Liar([1])
        """,
    "replaced builtins": """
        import builtins
        for name in ("isinstance", "len", "all", "any", "type", "bool", "abs", "min", "max"):
            setattr(builtins, name, lambda *args, **kwargs: True)
        def f(x): return [1, 2]
        """,
    "a replaced judge": """
        import sys
        for name, module in list(sys.modules.items()):
            for attribute in list(vars(module)) if module else ():
                if attribute in ("equal", "distance", "value_energy", "judged", "plain"):
                    setattr(module, attribute, lambda *args, **kwargs: 0.0)
        def f(x): return [1, x]
        """,
    "looking for what is expected": """
        import gc
        def f(x):
            for found in gc.get_objects():
                try:
                    for item in (found.values() if isinstance(found, dict) else found):
                        if type(item) is list and len(item) == 2 and item[1] == x:
                            return item
                except Exception:
                    pass
            return [1, x]
        """,
    "looking through frames": """
        import sys
        def f(x):
            frame = sys._getframe()
            while frame:
                for name in ("expected", "case", "self"):
                    value = frame.f_locals.get(name)
                    value = getattr(value, "expected", getattr(value, "_expected", value))
                    if isinstance(value, list) and value[1:] == [x]:
                        return value
                frame = frame.f_back
            return [1, x]
        """,
    "forged observations": r"""
        import os, struct
        def f(x):
            body = b"[0, %d]" % x
            for case in (0, 1):
                for kind in (0, 5):
                    for d in range(3, 64):
                        try:
                            os.write(d, struct.pack("<BII", kind, case, len(body)) + body)
                        except OSError:
                            pass
            return [1, x]
        """,
}


@pytest.mark.parametrize("text", LYING.values(), ids=LYING)
def test_liars_and_cheats_do_not_pass(executor, text):
    outcome = outcome_of(executor, text)
    assert not outcome.passed
    assert Verdict.PASS not in outcome.verdicts
    assert not executor.verify(textwrap.dedent(text)).passed


def test_memory_is_bounded_however_slowly_it_grows(executor):
    outcome = outcome_of(executor, "def f(x):\n    y = [x]\n    while True: y = y + y")
    assert verdicts(outcome) <= {"EXCEPTION", "TIMEOUT"}


def test_a_thread_left_behind_ends_with_its_process(executor):
    text = f"""
        import threading, time
        def loop():
            while True:
                time.sleep(0.01)
        def f(x):
            threading.Thread(target=loop).start()
            return [{SECRET}, x]
        """
    assert outcome_of(executor, text).passed


def test_gigabytes_of_print_are_dropped(executor):
    inside = f"""
        def f(x):
            line = "x" * 10 ** 6
            for _ in range(2000):
                print(line)
            return [{SECRET}, x]
        """
    outside = "import os\n" + textwrap.dedent(inside).replace(
        "print(line)", "os.write(1, b'x' * 10**6)"
    )
    assert outcome_of(executor, inside).passed
    assert outcome_of(executor, outside).passed


def test_files_outside_of_scratch_are_untouched(executor, project, tmp_path):
    victim = tmp_path / "victim"
    victim.write_text("precious")
    text = f"""
        import os, shutil
        def attempt(action, *args):
            try:
                action(*args)
            except Exception:
                pass
        def write(path):
            with open(path, "w") as stream:
                stream.write("spoilt")
        def f(x):
            for path in ({str(victim)!r}, {str(project / "helper.py")!r}, {str(project / "new")!r}):
                attempt(write, path)
                attempt(os.remove, path)
                attempt(os.rename, path, path + "2")
                attempt(os.chmod, path, 0)
                attempt(os.truncate, path, 0)
            attempt(shutil.rmtree, {str(project)!r})
            attempt(shutil.rmtree, {str(tmp_path)!r})
            return [{SECRET}, x]
        """
    mode = (project / "helper.py").stat().st_mode
    assert outcome_of(executor, text).passed
    assert victim.read_text() == "precious"
    assert [path.name for path in tmp_path.iterdir()] == ["victim"]
    assert [path.name for path in project.iterdir()] == ["helper.py"]
    assert (project / "helper.py").read_text() == "VALUE = 7\n"
    assert (project / "helper.py").stat().st_mode == mode


def test_the_working_directory_may_be_deleted(executor):
    text = f"""
        import os, shutil
        HERE = os.getcwd()
        def f(x):
            shutil.rmtree(HERE, ignore_errors=True)
            return [{SECRET}, x]
        """
    assert outcome_of(executor, text).passed


def test_nothing_of_the_user_can_be_read(executor, tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("token")
    text = f"""
        import os
        def readable(path):
            try:
                return open(path).read() != ""
            except OSError:
                return False
        def f(x):
            paths = [{str(secret)!r}, "/etc/shadow", "/etc/passwd", "/proc/1/environ"]
            home = {str(Path.home())!r}
            paths += [os.path.join(home, name) for name in (".bashrc", ".gitconfig")]
            found = [path for path in paths if readable(path)]
            return found or sorted(os.environ) or [{SECRET}, x]
        """
    outcome = executor.observe(textwrap.dedent(text), [(1,)])
    assert outcome == [
        "['HOME', 'LANG', 'OMP_NUM_THREADS', 'OPENBLAS_NUM_THREADS', 'PYTHONHASHSEED', 'TMPDIR']"
    ] or outcome == [
        "['HOME', 'LANG', 'OMP_NUM_THREADS', 'OPENBLAS_NUM_THREADS', 'PWD', 'PYTHONHASHSEED', "
        "'TMPDIR']"
    ]


def test_the_project_can_be_imported(executor):
    text = f"import helper\ndef f(x): return [{SECRET}, x + helper.VALUE - 7]"
    assert outcome_of(executor, text).passed


def test_root_has_no_capabilities_left(executor):
    text = """
        import ctypes, os
        def f(x):
            lib = ctypes.CDLL(None)
            # PR_CAPBSET_READ of all capabilities, PR_GET_NO_NEW_PRIVS
            bounding = [c for c in range(41) if lib.prctl(23, c, 0, 0, 0) > 0]
            return [len(bounding), lib.prctl(39, 0, 0, 0, 0)]
        """
    assert executor.observe(textwrap.dedent(text), [(1,)]) == ["[0, 1]"]
