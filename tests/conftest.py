"""Fixtures for all tests: where real audio lies, quiet TensorFlow, folders of their own."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Generator
from pathlib import Path
from types import ModuleType

import pytest

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("MPLBACKEND", "Agg")

REPOSITORY = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real audio, or a skip that says where it was looked for."""
    folder = Path(os.environ.get("FSTMUSE_TEST_DATA", REPOSITORY.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"no real audio at {folder}; set FSTMUSE_TEST_DATA to a folder laid out as tests/README.md says")
    return folder


@pytest.fixture
def run_command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable:
    """Runs a command's module in this process: (module, arguments...) to exit code, stdout, stderr."""

    def call(module: ModuleType, *arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", [module.__name__, *map(str, arguments)])
        with pytest.raises(SystemExit) as end:
            module.main()
        out, err = capsys.readouterr()
        return int(end.value.code or 0), out, err

    return call


@pytest.fixture(autouse=True)
def own_folders(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test reads or writes the developer's caches, models or runs."""
    home = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("FSTMUSE_DATA", str(home / "data"))
    monkeypatch.setenv("FSTMUSE_CACHE", str(home / "cache"))
    monkeypatch.setenv("FSTMUSE_MODELS", str(home / "models"))
    monkeypatch.setenv("FSTMUSE_RUNS", str(home / "runs"))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """What a test logged goes from one process to another as UTF-8, which file names that are none would break."""
    report = yield
    report.sections = [(title, text.encode(errors="backslashreplace").decode()) for title, text in report.sections]
    return report
