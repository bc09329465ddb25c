"""What all commands share: wrong values in plain words, help without types, Ctrl-C at any time."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest
import typer

from fstmuse.command_line import make_app, run

REPOSITORY = Path(__file__).resolve().parent.parent


@pytest.fixture
def command() -> ModuleType:
    """A module of a small command for `run_command`."""
    module = ModuleType("small")
    app = make_app()

    @app.command()
    def small(
        sounds: list[Path] = typer.Argument(metavar="SOUNDS", help="Sounds."),
        name: str = typer.Argument("mine", metavar="NAME", help="A name."),
        number: int = typer.Option(3, min=1, metavar="N", help="How many."),
        share: float = typer.Option(0.5, metavar="SHARE", help="How much."),
    ) -> None:
        if number == 77:
            signal.raise_signal(signal.SIGINT)
        print(number, share)

    module.main = lambda: run(app, "small")
    return module


def test_help_shows_no_types(command: ModuleType, run_command) -> None:
    code, out, err = run_command(command, "--help")
    assert (code, err) == (0, "")
    assert out.splitlines()[0] == "Usage: small [OPTIONS] SOUNDS... [NAME]"
    assert "--number N " in out and not set("<>{}") & set(out.replace("x>=1", ""))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--number", "two"], "Invalid value for '--number': received 'two', expected a whole number."),
        (["--number=2.5"], "Invalid value for '--number': received '2.5', expected a whole number."),
        (["--number", "0"], "Invalid value for '--number': received '0', expected at least 1."),
        (["--share", "half"], "Invalid value for '--share': received 'half', expected a number."),
    ],
)
def test_wrong_values_are_told_plainly(command: ModuleType, run_command, arguments, message) -> None:
    code, out, err = run_command(command, "a.wav", "b", *arguments)
    assert (code, out) == (2, "")
    assert err.splitlines()[-1] == f"Error: {message}"


def test_ctrl_c_ends_with_a_word(command: ModuleType, run_command) -> None:
    assert run_command(command, "a.wav", "b", "--number", 77) == (130, "", "Interrupted.\n")


COMMAND = """
from fstmuse.command_line import make_app, run
app = make_app()

@app.command()
def small():
    from fstmuse.quiet import load_tensorflow
    load_tensorflow()
    print("went on")

run(app, "small")
"""

# Swallows the first interrupts, as the callbacks of the garbage collector do while packages load.
SLOW = """
import time
print("importing", flush=True)
for _ in range(100):
    try:
        time.sleep(0.01)
    except KeyboardInterrupt:
        print("swallowed", flush=True)

class config:
    list_physical_devices = staticmethod(lambda: [])
"""


@pytest.mark.parametrize("times", [0, 1, 3])
def test_ctrl_c_while_tensorflow_loads(tmp_path: Path, times: int) -> None:
    (tmp_path / "tensorflow.py").write_text(SLOW)
    process = subprocess.Popen(
        [sys.executable, "-c", COMMAND],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": f"{tmp_path}{os.pathsep}{REPOSITORY}"},
    )
    assert process.stdout.readline() == "importing\n"
    for _ in range(times):
        process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    expected = (130, "", "Interrupted.\n") if times else (0, "went on\n", "")
    assert (process.returncode, out, err) == expected


@pytest.mark.parametrize(
    "loads", ["", "from fstmuse import quiet, startup; startup.raise_again(); quiet.load_tensorflow()"]
)
def test_ctrl_c_while_a_command_comes_up(tmp_path: Path, loads: str) -> None:
    (tmp_path / "typer.py").write_text(loads or SLOW)
    (tmp_path / "tensorflow.py").write_text(SLOW)
    process = subprocess.Popen(
        [sys.executable, "-m", "fstmuse.infill", "--help"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": f"{tmp_path}{os.pathsep}{REPOSITORY}"},
    )
    assert process.stdout.readline() == "importing\n"
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out, err) == (130, "", "Interrupted.\n")


def test_a_command_without_standard_error_comes_up() -> None:
    command = 'exec "$0" -m fstmuse.models --help 2>&-'
    done = subprocess.run(["sh", "-c", command, sys.executable], cwd=REPOSITORY, capture_output=True, text=True)
    assert done.returncode == 0 and done.stdout.startswith("Usage: python -m fstmuse.models ")


def test_whoever_runs_a_command_within_a_program_keeps_what_ctrl_c_does(command: ModuleType, run_command) -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_DFL)
    try:
        assert run_command(command, "a.wav", "b")[0] == 0
        assert signal.getsignal(signal.SIGINT) is signal.SIG_DFL
    finally:
        signal.signal(signal.SIGINT, before)


def test_tensorflow_loads_quietly_and_without_jax() -> None:
    code = (
        "import sys\n"
        "from fstmuse.quiet import load_tensorflow, without_notes\n"
        "load_tensorflow()\n"
        "print('jax' in sys.modules, 'jaxlib' in sys.modules)\n"
        "import tensorflow as tf\n"
        "double = tf.function(lambda x: 2 * x)\n"
        "for size in range(8):\n"
        "    double(tf.zeros(size))\n"  # advice on retracing is for developers
        "with without_notes():\n"
        "    print('INFO: Created TensorFlow Lite XNNPACK delegate for CPU.', file=sys.stderr)\n"
        "    print('something else', file=sys.stderr)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=REPOSITORY, check=True)
    assert (done.stdout, done.stderr) == ("False False\n", "something else\n")
