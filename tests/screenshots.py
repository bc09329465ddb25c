"""Pictures of the window, of sound that FstMuse makes itself: for looking at, and three of them for the README.

    python tests/screenshots.py [--models DIR] [--out build/screenshots] [--docs docs/images]

Drives the real window, engine and trainer offscreen, light and dark, at 1x and 2x. Needs the demo model and its run,
which `make train` leaves. No other sound is used, so that every picture can be published.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from fstmuse.places import data_dir, models_dir, runs_dir  # noqa: E402

MODEL = "demo-toymodel-pooled"
SCALES, THEMES = (1, 2), ("light", "dark")
WIDTH, HEIGHT = 1360, 820
RATE = 22_050
LIMIT_S = 180
README = {"selection-light": "window-light", "zoomed-dark": "window-dark", "training-light": "training"}
"""Which of the pictures at 1x stand in the README, and by which names."""


def main() -> int:
    """Makes all pictures.

    Returns:
        0; 2 when there is no demo model.
    """
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--models", type=Path, default=models_dir(), help="folder of trained networks")
    parser.add_argument("--out", type=Path, default=ROOT / "build" / "screenshots", help="folder for all pictures")
    parser.add_argument("--docs", type=Path, default=ROOT / "docs" / "images", help="folder for those of the README")
    parser.add_argument("--scale", type=int, help=argparse.SUPPRESS)  # this process is one of those started below
    arguments = parser.parse_args()
    if arguments.scale:
        drive(Path.home(), arguments.out, arguments.scale)
        return 0
    missing = [
        path for path in (arguments.models / MODEL / "card.json", runs_dir() / MODEL / "run.json") if not path.is_file()
    ]
    if missing:
        print(
            f"The pictures show the demo model, and {missing[0]} is not there. Run make train first.", file=sys.stderr
        )
        return 2
    shutil.rmtree(arguments.out, ignore_errors=True)
    arguments.out.mkdir(parents=True)
    with tempfile.TemporaryDirectory(prefix="fstmuse-") as folder:
        home = Path(folder) / "home"
        make_clips(home)
        places = {
            "FSTMUSE_DATA": data_dir(),
            "FSTMUSE_RUNS": runs_dir(),
            "FSTMUSE_MODELS": arguments.models,
            "FSTMUSE_CACHE": Path(folder) / "cache",
        }
        environment = os.environ | {name: str(path.absolute()) for name, path in places.items()}
        environment |= {"HOME": str(home), "QT_QPA_PLATFORM": "offscreen", "LC_ALL": "C.UTF-8"}
        for name in ("XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME", "XDG_DOCUMENTS_DIR"):
            environment.pop(name, None)
        for scale in SCALES:
            command = [sys.executable, __file__, "--scale", str(scale), "--out", str(arguments.out.absolute())]
            subprocess.run(command, env=environment | {"QT_SCALE_FACTOR": str(scale)}, cwd=folder, check=True)
    for shot, name in README.items():
        publish(arguments.out / f"{shot}-1x.png", arguments.docs / f"{name}.png")
    print(f"{len(list(arguments.out.iterdir()))} pictures in {arguments.out}; {len(README)} in {arguments.docs}")
    return 0


def make_clips(home: Path) -> None:
    """Synthesises nine clips, one of several styles, a damaged one and a long one, and writes a file without sound.

    Args:
        home: a home folder; its Music gets the clips.
    """
    import numpy as np
    import soundfile

    from fstmuse.data.demo import render_demo

    # Another seed than that of the demo set: nothing here has been heard in training.
    manifest = render_demo(home / ".demo", seed=7, clips_per_style=3, seconds=24.0, sample_rate=RATE)
    music = home / "Music"
    music.mkdir()
    sounds: dict[str, list[np.ndarray]] = {}
    for clip in manifest.clips:
        shutil.copy(home / ".demo" / clip.path, music / Path(clip.path).name.removeprefix("demo-"))
        sounds.setdefault(clip.labels[0], []).append(soundfile.read(home / ".demo" / clip.path)[0])
    parts = [found[0][: 12 * RATE] for found in sounds.values()]
    soundfile.write(music / "three styles.flac", np.concatenate(parts), RATE)
    damaged = sounds["Folk"][0].copy()
    for start_s, seconds in ((4.1, 0.06), (9.3, 0.2), (17.6, 0.12)):
        damaged[round(start_s * RATE) : round((start_s + seconds) * RATE)] = 0.0
    soundfile.write(music / "damaged take.wav", damaged, RATE)
    every = np.concatenate([sound for found in sounds.values() for sound in found])
    soundfile.write(music / "whole evening.flac", np.tile(every, 20), RATE)
    (music / "sleeve notes.mp3").write_text("words, no sound\n")


def publish(shot: Path, image: Path) -> None:
    """Copies a picture with the colours that it has most of: a third of the size, and no difference to be seen.

    Args:
        shot: a PNG.
        image: the PNG to write.
    """
    from PIL import Image

    image.parent.mkdir(parents=True, exist_ok=True)
    Image.open(shot).convert("RGB").quantize(256, dither=Image.Dither.NONE).save(image, optimize=True)


def drive(home: Path, out: Path, scale: int) -> None:
    """Takes all pictures of one scale.

    Args:
        home: the home folder that `make_clips` has filled.
        out: folder for the pictures.
        scale: that Qt was told.
    """
    from PySide6.QtWidgets import QApplication

    from gui.settings import Settings
    from gui.theme import Theme

    application = QApplication(sys.argv[:1])
    settings = Settings(home / f"settings-{scale}.ini")
    settings.output_folder = str(home / "Music" / "answers")
    theme = Theme(application, settings)
    camera = Camera(settings, out, scale)
    (home / "models").mkdir(exist_ok=True)
    chosen = settings.models_folder
    settings.use_models(home / "models")
    with camera.window():
        camera.shoot("welcome")
    settings.use_models(chosen)
    with camera.window():
        tour(camera, home / "Music")
    theme.deleteLater()


class Camera:
    """Opens windows and takes pictures of them in all themes.

    Args:
        settings: of the window; `theme` is changed.
        out: folder for the pictures.
        scale: part of their names.
    """

    def __init__(self, settings, out: Path, scale: int) -> None:
        self._settings, self._out, self._scale = settings, out, scale

    @contextmanager
    def window(self) -> Iterator[None]:
        """Opens a window, which is kept as `shown`, and closes it."""
        from gui.window import Window

        self.shown = Window(self._settings)
        self.shown.resize(WIDTH, HEIGHT)
        self.shown.clips.spread(WIDTH)
        self.shown.show()
        try:
            self.until(lambda: self.shown.runner.engine_state == "ready", "the engine is ready")
            yield
        finally:
            self.shown.close_surely()

    def until(self, holds: Callable[[], bool], what: str) -> None:
        """Lets the window work until something holds.

        Raises:
            TimeoutError: it never does.
        """
        from PySide6.QtTest import QTest

        deadline = time.monotonic() + LIMIT_S
        while not holds():
            if time.monotonic() > deadline:
                raise TimeoutError(f"Waited {LIMIT_S} s in vain: {what}")
            QTest.qWait(20)

    def shoot(self, name: str, widget=None) -> None:
        """Takes a picture.

        Args:
            name: of what it shows.
            widget: of which; None: the window.
        """
        from PySide6.QtTest import QTest

        for theme in THEMES:
            self._settings.theme = theme
            QTest.qWait(150)
            # 0 is the smallest file, not the worst picture.
            (widget or self.shown).grab().save(str(self._out / f"{name}-{theme}-{self._scale}x.png"), "PNG", 0)


def tour(camera: Camera, music: Path) -> None:
    """What a user sees, from the empty window to the models.

    Args:
        camera: takes the pictures; its window is open.
        music: folder of clips.
    """
    from gui.core.jobs import State
    from gui.core.runs import train_of
    from gui.panels.preferences import Preferences
    from gui.panels.shortcuts import Shortcuts
    from tests.screenshot_scenes import continuation, gaps, takes

    window = camera.shown
    runner, view = window.runner, window.clip_view
    camera.shoot("empty")

    clips = sorted(music.glob("*-000?.flac"))
    window.take(
        [str(path) for path in (*clips[:3], music / "three styles.flac", clips[3], music / "whole evening.flac")]
    )
    camera.until(lambda: len(runner.jobs) == 6, "clips are added")
    window.take([str(path) for path in (*clips[4:], music / "sleeve notes.mp3")])
    long = list(runner.jobs)[5]
    camera.until(lambda: long.state is State.RUNNING and long.fraction > 0.2, "the long clip is being answered")
    runner.cancel(list(runner.jobs)[7].id)
    first = next(iter(runner.jobs))
    window.queue_panel.choose(first.id)
    camera.until(lambda: view.clip is not None and view.clip.picture.complete, "the clip is drawn")
    camera.shoot("queue")
    camera.until(lambda: not runner.busy, "all are answered")
    camera.shoot("classify")

    changing = list(runner.jobs)[3]
    window.queue_panel.choose(changing.id)
    camera.until(lambda: view.clip.path == changing.path and view.clip.picture.complete, "the clip is drawn")
    view.axis.seek(20.0)
    camera.shoot("along-time")
    view.axis.select(12.0, 24.0)
    camera.shoot("selection")
    view.axis.select(11.2, 13.6)
    view.zoom_selection()
    view.zoom_out()
    view.axis.seek(12.0)
    camera.shoot("zoomed")

    if window.context.actions["infill"].isEnabled():
        gaps(camera, music / "damaged take.wav")
    if window.context.actions["go_on"].isEnabled():
        continuation(camera, next(iter(runner.jobs)))
    if window.context.actions["generate"].isEnabled():
        takes(camera)

    window.show_page("train")
    window.training.start(train_of(Path(os.environ["FSTMUSE_RUNS"]) / MODEL))
    camera.until(lambda: not window.training.busy, "the run is shown")
    window.train_panel.form.show_train(window.training.train)
    camera.shoot("training")
    window.show_page("models")
    camera.shoot("models")
    for kind, name in ((Preferences, "preferences"), (Shortcuts, "shortcuts")):
        getattr(window.commands, f"show_{name}")()
        dialog = window.findChild(kind)
        camera.shoot(name, dialog)
        dialog.close()


if __name__ == "__main__":
    sys.exit(main())
