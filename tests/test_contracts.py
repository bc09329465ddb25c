"""The house rules that a machine can hold: import contracts, style, light start of every command."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parent.parent
COMMANDS = ("train", "prepare", "evaluate", "export", "predict", "datasets", "models", "invert", "infill", "generate")
HEAVY = ("tensorflow", "keras", "numpy", "librosa", "pandas", "sklearn", "matplotlib")


def test_import_contracts_hold() -> None:
    result = subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command as lint; lint()"],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
    )
    assert result.returncode == 0, result.stdout + result.stderr
    assert "4 kept, 0 broken" in result.stdout


@pytest.mark.parametrize("arguments", [("check",), ("format", "--check")], ids=["rules", "format"])
def test_ruff_finds_nothing(arguments: tuple[str, ...]) -> None:
    result = subprocess.run(
        [sys.executable, "-m", "ruff", *arguments, "."], cwd=REPOSITORY, capture_output=True, text=True
    )
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.parametrize("command", COMMANDS)
def test_help_imports_nothing_heavy(command: str) -> None:
    result = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", f"fstmuse.{command}", "--help"],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
    )
    assert result.returncode == 0, result.stderr[-2000:]
    assert "Usage" in result.stdout
    imported = {line.rsplit("|", 1)[-1].strip().split(".")[0] for line in result.stderr.splitlines() if "|" in line}
    assert "typer" in imported
    assert not imported & set(HEAVY)


def test_no_python_file_has_grown_two_jobs() -> None:
    files = [file for folder in ("fstmuse", "gui", "tests") for file in (REPOSITORY / folder).rglob("*.py")]
    long = {str(file): lines for file in files if (lines := len(file.read_text("utf-8").splitlines())) > 300}
    assert not long
