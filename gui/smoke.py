"""Whether all of it works here: opens the window, has one clip classified, and says how long that took."""

from __future__ import annotations

import faulthandler
import os
import sys
import time
from pathlib import Path

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QApplication

from fstmuse.artifacts.shelf import Model, scan, serving
from fstmuse.errors import ConfigError

from .core.jobs import ENDED, Answer, State
from .core.log import LogFile
from .faults import Faults
from .settings import Settings
from .theme import Theme
from .window import Window

LIMIT_S = 120
_CLIP_S = 6.0
_RATE = 22050
_IMPORTED = time.monotonic()


def run_smoke(application: QApplication, paths: list[str], models: Path | None, folder: Path) -> int:
    """Opens the window as a user does, drops a clip in and waits for the bars.

    Args:
        application: Qt's.
        paths: the first is the clip; empty: one is synthesised.
        models: folder of trained networks; None: as for all commands.
        folder: for settings, log, clip and results; empty.

    Returns:
        0 when it went well, 1 when no answer came.

    Raises:
        ConfigError: no model here can classify, or there is no such clip.
    """
    # A window that hangs altogether is ended, too, and says where it hung.
    faulthandler.dump_traceback_later(LIMIT_S + 10, exit=True)
    clip = _given(paths)
    settings = Settings(folder / "settings.ini")
    settings.output_folder = str(folder / "results")
    if models is not None:
        settings.use_models(models)
    model = _model(Path(settings.models_folder))
    settings.set_chosen("classify", [model.name])
    settings.page = "classify"
    log = LogFile(folder / "log")
    faults = Faults()
    theme = Theme(application, settings)
    window = None
    try:
        window = Window(settings, log)
        faults.happened.connect(_Smoke(window, clip, folder).fail)
        window.show()
        code = application.exec()
        if code:
            print(log.last_lines(), file=sys.stderr)
        return code
    finally:
        if window is not None:
            window.close_surely()
        theme.deleteLater()
        faults.close()
        log.close()
        faulthandler.cancel_dump_traceback_later()


class _Smoke(QObject):
    """Drops the clip in when the window is there, and ends the application when it has its answer."""

    def __init__(self, window: Window, clip: Path | None, folder: Path) -> None:
        super().__init__(window)
        self._window, self._clip, self._folder = window, clip, folder
        self._painted_s = self._ready_s = 0.0
        window.painted.connect(self._drop)
        window.runner.engineChanged.connect(self._engine_changed)
        window.runner.changed.connect(self._changed)
        window.queue_panel.intaking.finished.connect(
            lambda intake: intake.refused and self.fail(intake.refused[0].reason, "")
        )
        QTimer.singleShot(LIMIT_S * 1000, self, lambda: self.fail(f"no answer in {LIMIT_S} s", ""))

    def fail(self, message: str, details: str) -> None:
        """Ends with exit code 1."""
        print(f"Smoke test failed: {message}\n{details}".rstrip(), file=sys.stderr)
        QApplication.exit(1)

    def _drop(self) -> None:
        self._painted_s = _age_s()
        # While the engine loads, there is time to make a clip.
        self._clip = self._clip or _synthesised(self._folder)
        self._window.take([str(self._clip)])

    def _engine_changed(self) -> None:
        if self._window.runner.engine_state == "ready" and not self._ready_s:
            self._ready_s = _age_s()
        elif self._window.runner.engine_state == "dead":
            self.fail(self._window.runner.engine_text, "")

    def _changed(self, number: int) -> None:
        job = self._window.runner.jobs.get(number)
        if job is None or job.state not in ENDED:
            return
        if job.state is not State.DONE:
            self.fail(job.reason or job.state.value, job.details)
            return
        [answer] = job.answers.values()
        # The bars are filled by the same signal; they are on the screen with the next turn.
        QTimer.singleShot(0, self, lambda: self._tell(answer))

    def _tell(self, answer: Answer) -> None:
        shown = [column.bars for column in self._window.clips.view.columns if column.bars.isVisible()]
        if not shown or not answer.files:
            self.fail("the answer has come, but is not " + ("saved" if shown else "shown"), answer.unsaved)
            return
        [(label, probability)] = answer.result.top(1)
        print(
            f"{answer.name} hears {label} ({probability:.3f}) in {self._clip.name}: painted after "
            f"{self._painted_s:.2f} s, engine ready after {self._ready_s:.2f} s, answer after {_age_s():.2f} s."
        )
        QApplication.exit(0)


def _model(folder: Path) -> Model:
    if not folder.is_dir():
        raise ConfigError(f"{folder}: there is no such folder; expected one that holds trained models.")
    models = scan(folder)
    able = serving(models, {"classify"})
    if able:
        return able[0]
    raise ConfigError(
        f"No model in {folder} can classify (of {len(models)} there). "
        "Train one by python -m fstmuse.train toymodel-pooled --data demo, or give --models DIR."
    )


def _given(paths: list[str]) -> Path | None:
    if not paths:
        return None
    clip = Path(paths[0]).expanduser()
    if not clip.is_file():
        raise ConfigError(f"{paths[0]}: no such file; --smoke expects a sound file.")
    return clip


def _synthesised(folder: Path) -> Path:
    from fstmuse.audio.write import write
    from fstmuse.data.demo.studio import make_clip

    samples, _ = make_clip("Rock", 0, seed=0, seconds=_CLIP_S, sample_rate=_RATE)
    clip = folder / "smoke.wav"
    write(clip, samples, _RATE)
    return clip


def _age_s() -> float:
    """How long this process has been there, in s; where the system does not tell, since this file was imported."""
    try:
        began = int(Path("/proc/self/stat").read_text("ascii").rpartition(")")[2].split()[19])
        return time.clock_gettime(time.CLOCK_BOOTTIME) - began / os.sysconf("SC_CLK_TCK")
    except (OSError, AttributeError):
        return time.monotonic() - _IMPORTED
