"""The window's bars: start, drop, answer, repaint, cancel, memory.

    python tests/benchmarks/window.py [--models DIR] [--rounds 5] [--json FILE]

Offscreen, in software, with a real artifact (`make train` leaves one) and real MP3 of 30 s. Start is from the birth of
the process to the first painting, as `python -m gui --smoke` tells. A turn of the event loop is the time between its
waking up and its going to sleep again; the longest one is what a user feels.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
REAL = Path(os.environ.get("FSTMUSE_TEST_DATA", ROOT.parent / "shared" / "data"))
BARS = {
    "start to painted": (2.0, "s"),
    "drop of 200: worst turn": (50.0, "ms"),
    "warm classify, drop to bars": (1.0, "s"),
    "zoom repaint, 1600 x 900": (16.0, "ms"),
    "cursor repaint, 1600 x 900": (16.0, "ms"),
    "cancel": (1.0, "s"),
    "idle window": (250.0, "MB"),
}
DROPPED = 200


def starts(rounds: int, models: Path) -> list[float]:
    """Seconds from the birth of the process to the painted window."""
    command = [sys.executable, "-m", "gui", "--smoke", "--models", str(models)]
    found = []
    for _ in range(rounds + 1):
        told = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
        found.append(float(re.search(r"painted after ([\d.]+) s", told)[1]))
    return found[1:]  # the first one fills the page cache


class Turns:
    """The longest turn of the event loop since `reset`, in ms."""

    def __init__(self) -> None:
        from PySide6.QtCore import QAbstractEventDispatcher

        self.reset()
        loop = QAbstractEventDispatcher.instance()
        loop.awake.connect(self._awake)
        loop.aboutToBlock.connect(self._asleep)

    def reset(self) -> None:
        """Forgets what was."""
        self.worst_ms, self._began = 0.0, time.perf_counter()

    def _awake(self) -> None:
        self._began = time.perf_counter()

    def _asleep(self) -> None:
        self.worst_ms = max(self.worst_ms, 1000 * (time.perf_counter() - self._began))


def until(holds: Callable[[], bool], limit_s: float = 120.0) -> float:
    """Lets Qt work until something holds; the seconds that took."""
    from PySide6.QtCore import QEventLoop, QTimer

    began = time.perf_counter()
    loop, look = QEventLoop(), QTimer(interval=1)
    look.timeout.connect(lambda: (holds() or time.perf_counter() - began > limit_s) and loop.quit())
    look.start()
    loop.exec()
    look.stop()
    if not holds():
        raise TimeoutError(f"waited {limit_s} s in vain")
    return time.perf_counter() - began


def memory_mb() -> float:
    """Resident memory of this process without its children, in MB."""
    status = Path("/proc/self/status").read_text("ascii")
    return int(re.search(r"VmRSS:\s+(\d+)", status)[1]) / 1000


def repaints(window, rounds: int) -> tuple[list[float], list[float]]:
    """Times of repainting the clip at 1600 x 900 after a zoom and after a move of the cursor, in ms."""
    from PySide6.QtWidgets import QApplication

    view = window.clip_view
    view.setParent(None)
    view.resize(1600, 900)
    view.show()
    QApplication.processEvents()
    zooms, cursors = [], []
    for number in range(10 * rounds):
        (view.zoom_in if number % 4 < 2 else view.zoom_out)()
        began = time.perf_counter()
        QApplication.processEvents()
        zooms.append(1000 * (time.perf_counter() - began))
        window.context.player.seek(0.5 + 0.1 * number)
        began = time.perf_counter()
        QApplication.processEvents()
        cursors.append(1000 * (time.perf_counter() - began))
    view.hide()
    return zooms, cursors


def long_clip(folder: Path) -> Path:
    """Two hours of noise, 8 kHz."""
    import numpy as np
    import soundfile

    path = folder / "two hours.wav"
    noise = np.random.default_rng(0).normal(0, 0.1, 8000 * 60).astype(np.float32)
    with soundfile.SoundFile(path, "w", 8000, 1) as file:
        for _ in range(120):
            file.write(noise)
    return path


def measure(models: Path, rounds: int, folder: Path) -> dict[str, list[float]]:
    """Everything but the start, in one window."""
    from PySide6.QtWidgets import QApplication

    sys.path.insert(0, str(ROOT))
    from gui.core.jobs import ENDED, State
    from gui.settings import Settings
    from gui.theme import Theme
    from gui.window import Window

    application = QApplication([])
    settings = Settings(folder / "settings.ini")
    settings.use_models(models)
    settings.output_folder = str(folder / "results")
    theme = Theme(application, settings)
    window = Window(settings)
    window.resize(1600, 900)
    window.show()
    loaded = []
    window.runner.modelLoaded.connect(loaded.append)
    until(lambda: bool(loaded))
    quiet = time.perf_counter() + 1
    until(lambda: time.perf_counter() > quiet)
    found: dict[str, list[float]] = {"idle window": [memory_mb()]}

    clips = sorted((REAL / "fma_small" / "000").glob("*.mp3"))
    jobs = window.runner.jobs
    # The first one is not counted: the chosen row, the first picture and the first answer load what Python has not yet.
    for clip in clips[: rounds + 1]:
        shown = len(jobs)
        window.take([str(clip)])
        took = until(lambda shown=shown: len(jobs) > shown and jobs.at(shown).state is State.DONE)
        found.setdefault("warm classify, drop to bars", []).append(took)
    found["warm classify, drop to bars"] = found["warm classify, drop to bars"][1:]
    until(lambda: not window.runner.busy)
    window.queue_panel.choose(jobs.at(0).id)
    until(lambda: (clip := window.clip_view.clip) is not None and clip.picture.complete)

    turns = Turns()
    many = folder / "many"
    many.mkdir()
    for number in range(DROPPED):
        shutil.copy(clips[number % len(clips)], many / f"clip {number:03}.mp3")
    before = len(jobs)
    turns.reset()
    window.take([str(many)])
    until(lambda: len(jobs) == before + DROPPED)
    until(lambda: sum(job.state in ENDED for job in jobs) > before + 40)
    found["drop of 200: worst turn"] = [turns.worst_ms]
    window.runner.cancel_all()
    until(lambda: not window.runner.busy)

    for number in range(rounds):
        until(lambda: window.runner.engine_state == "ready")
        clip = long_clip(folder).rename(folder / f"two hours {number}.wav")
        window.take([str(clip)])
        until(lambda clip=clip: any(job.path == str(clip) and job.state is State.RUNNING for job in jobs))
        until(lambda clip=clip: next(job for job in jobs if job.path == str(clip)).fraction > 0)
        job = next(job for job in jobs if job.path == str(clip))
        window.runner.cancel(job.id)
        found.setdefault("cancel", []).append(until(lambda job=job: job.state is State.CANCELLED))

    window.queue_panel.choose(jobs.at(0).id)
    until(lambda: window.clip_view.clip is not None and window.clip_view.clip.picture.complete)
    found["zoom repaint, 1600 x 900"], found["cursor repaint, 1600 x 900"] = repaints(window, rounds)
    window.close_surely()
    theme.deleteLater()
    return found


def main() -> None:
    """Measures, prints, writes JSON when asked; exit code 1 when a median misses its bar."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--models", type=Path, default=ROOT / "models", help="folder with a model that classifies")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", type=Path, help="write all figures to this file")
    options = parser.parse_args()
    found = {"start to painted": starts(options.rounds, options.models)}
    with tempfile.TemporaryDirectory() as folder:
        found |= measure(options.models, options.rounds, Path(folder))
    medians = {name: statistics.median(values) for name, values in found.items()}
    print(f"{options.rounds} rounds, load {os.getloadavg()[0]:.1f}; medians and worst")
    for name, (bar, unit) in BARS.items():
        verdict = "met" if medians[name] < bar else "MISSED"
        print(f"  {name:<30}{medians[name]:>9.2f} {unit:<3}{max(found[name]):>9.2f} {unit:<3} bar {bar:g}: {verdict}")
    if options.json:
        options.json.write_text(json.dumps({"medians": medians, "rounds": found}, indent=2) + "\n")
    sys.exit(any(medians[name] >= bar for name, (bar, _) in BARS.items()))


if __name__ == "__main__":
    main()
