"""Exports from the page of models: real files by the real command, its failures in words, cancelling."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QDialogButtonBox, QFileDialog, QLabel, QLineEdit, QProgressBar, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from gui import exporting
from gui.panels.asking import Then, ask_target
from gui.panels.models_panel import ModelsPanel
from gui.settings import Settings
from gui.shelf import Shelf
from tests.card_fixtures import make_artifact

MakePanel = Callable[[], ModelsPanel]


class Asked:
    """Answers the file dialog at once."""

    def __init__(self) -> None:
        self.answer = ""
        self.proposals: list[tuple[str, str]] = []

    def __call__(self, parent: QWidget, title: str, proposal: str, kinds: str, then: Then) -> None:
        self.proposals.append((proposal, kinds))
        then(self.answer)


@pytest.fixture
def asked() -> Asked:
    return Asked()


@pytest.fixture
def context(settings: Settings, qtbot: QtBot) -> SimpleNamespace:
    said, errors = [], []
    return SimpleNamespace(
        settings=settings, say=said.append, error=lambda *what: errors.append(what), said=said, errors=errors
    )


@pytest.fixture
def make_panel(context: SimpleNamespace, asked: Asked, qtbot: QtBot) -> Iterator[MakePanel]:
    made: list[ModelsPanel] = []

    def make() -> ModelsPanel:
        context.shelf = Shelf(context.settings)
        panel = ModelsPanel(context, ask_target=asked)
        qtbot.addWidget(panel)
        panel.show()
        qtbot.waitExposed(panel)
        made.append(panel)
        return panel

    yield make
    for panel in made:
        panel.close_down()


@pytest.fixture
def genres(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A model whose card can be read and whose network cannot be loaded."""
    monkeypatch.setenv("FSTMUSE_MODELS", str(tmp_path / "models"))
    return make_artifact(tmp_path / "models" / "genres")


def export(panel: ModelsPanel, kind: str) -> None:
    panel.exports.menu.findChild(QAction, kind).trigger()


def shown(panel: ModelsPanel) -> str:
    return next(label.text() for label in panel.exports.findChildren(QLabel) if label.isVisible())


def button(panel: ModelsPanel, text: str) -> QPushButton:
    return next(button for button in panel.findChildren(QPushButton) if button.text().startswith(text))


def test_a_file_is_written(
    make_panel: MakePanel, models_folder: Path, asked: Asked, context: SimpleNamespace, tmp_path: Path, qtbot: QtBot
) -> None:
    panel = make_panel()
    asked.answer = str(tmp_path / "out" / "my tones")  # the suffix is put on
    (tmp_path / "out").mkdir()
    assert not panel.exports.isVisible()
    export(panel, "keras")
    assert panel.exports.busy and panel.exports.findChild(QProgressBar).isVisible()
    assert shown(panel) == "Exporting tones as Keras: 0 s"
    assert not button(panel, "Export").isEnabled() and button(panel, "Export").toolTip() == "Another export is going on"
    assert not button(panel, "Delete").isEnabled() and button(panel, "Delete").toolTip() == "It is being exported"
    with qtbot.waitSignal(panel.exports.exporter.changed, timeout=10_000):  # a second has gone by
        pass
    qtbot.waitUntil(lambda: not panel.exports.busy, timeout=60_000)
    file = tmp_path / "out" / "my tones.keras"
    assert file.read_bytes() == (models_folder / "tones" / "network.keras").read_bytes()
    assert shown(panel).startswith(f"Written: {file}. It takes and gives: log-mel pictures float32")
    assert button(panel, "Show file").isVisible() and not panel.exports.findChild(QProgressBar).isVisible()
    assert button(panel, "Export").isEnabled() and button(panel, "Delete").isEnabled()
    assert context.settings.export_folder == str(tmp_path / "out") and context.errors == []


def test_proposals(make_panel: MakePanel, genres: Path, asked: Asked, context: SimpleNamespace, tmp_path: Path) -> None:
    panel = make_panel()
    context.settings.export_folder = str(tmp_path)
    for kind in ("savedmodel", "keras", "onnx", "litert"):
        asked.answer = str(tmp_path / "no" / kind)
        export(panel, kind)
        panel.exports.exporter.close()
        context.settings.export_folder = str(tmp_path)
    assert asked.proposals == [
        (str(tmp_path / "genres-saved_model"), "SavedModel (*)"),
        (str(tmp_path / "genres.keras"), "Keras (*.keras)"),
        (str(tmp_path / "genres.onnx"), "ONNX (*.onnx)"),
        (str(tmp_path / "genres.tflite"), "LiteRT (*.tflite)"),
    ]


def test_the_commands_reason_is_told(
    make_panel: MakePanel, genres: Path, asked: Asked, context: SimpleNamespace, tmp_path: Path, qtbot: QtBot
) -> None:
    panel = make_panel()
    asked.answer = str(tmp_path / "no" / "x.keras")
    export(panel, "keras")
    qtbot.waitUntil(lambda: not panel.exports.busy, timeout=30_000)
    assert shown(panel).startswith(f"Nothing was exported. --out {asked.answer}: there is no folder {tmp_path / 'no'}.")
    assert context.errors == [] and not button(panel, "Show file").isVisible()


def test_only_what_the_dialog_asked_about_is_replaced(
    make_panel: MakePanel, genres: Path, asked: Asked, tmp_path: Path, qtbot: QtBot
) -> None:
    panel = make_panel()
    (tmp_path / "x.keras").write_text("mine")
    asked.answer = str(tmp_path / "x")
    export(panel, "keras")
    qtbot.waitUntil(lambda: not panel.exports.busy, timeout=30_000)
    assert "x.keras exists already" in shown(panel) and (tmp_path / "x.keras").read_text() == "mine"


def test_a_process_that_dies_is_told_with_details(
    make_panel: MakePanel, genres: Path, asked: Asked, context: SimpleNamespace, tmp_path: Path, qtbot: QtBot
) -> None:
    panel = make_panel()
    asked.answer = str(tmp_path / "x.keras")
    export(panel, "keras")
    qtbot.waitUntil(lambda: panel.exports.exporter._process.processId() > 0)
    panel.exports.exporter._process.kill()
    qtbot.waitUntil(lambda: not panel.exports.busy, timeout=10_000)
    assert "ended before it was done (it was killed)" in shown(panel)
    assert len(context.errors) == 1 and context.errors[0][0] == "Export"


def test_a_program_that_cannot_be_started_is_told(
    make_panel: MakePanel, genres: Path, asked: Asked, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    panel = make_panel()
    monkeypatch.setattr(exporting.sys, "executable", str(tmp_path / "no-python"))
    asked.answer = str(tmp_path / "x.keras")
    export(panel, "keras")
    qtbot.waitUntil(lambda: not panel.exports.busy, timeout=10_000)
    assert f"{tmp_path / 'no-python'} could not be started" in shown(panel)


DEAF = """
import pathlib, signal, sys, time
signal.signal(signal.SIGINT, signal.SIG_IGN)
out = pathlib.Path(sys.argv[sys.argv.index("--out") + 1])
out.with_name(".x.part.onnx").write_text("half")
out.write_text("half")
pathlib.Path(sys.argv[0] + ".ready").touch()
time.sleep(60)
"""


def test_cancelled_within_a_moment_and_nothing_half_is_left(
    make_panel: MakePanel, genres: Path, asked: Asked, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    """The worst there is: a converter that hears no signal, in the middle of writing."""
    package = tmp_path / "deaf" / "fstmuse"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "export.py").write_text(DEAF)
    monkeypatch.setattr(exporting.fstmuse, "__file__", str(package / "__init__.py"))
    monkeypatch.chdir(package.parent)
    panel = make_panel()
    out = tmp_path / "out"
    out.mkdir()
    asked.answer = str(out / "x.onnx")
    export(panel, "onnx")
    qtbot.waitUntil((package / "export.py.ready").exists, timeout=20_000)
    assert len(list(out.iterdir())) == 2
    with qtbot.waitSignal(panel.exports.exporter.cancelled, timeout=3000):
        qtbot.mouseClick(button(panel, "Cancel export"), Qt.MouseButton.LeftButton)
        assert not button(panel, "Cancel export").isEnabled()
    assert list(out.iterdir()) == [] and not panel.exports.busy
    assert shown(panel) == "The export was cancelled."


def test_cancelling_the_real_command_leaves_what_was_there(
    make_panel: MakePanel, genres: Path, asked: Asked, tmp_path: Path, context: SimpleNamespace, qtbot: QtBot
) -> None:
    panel = make_panel()
    file = tmp_path / "x.keras"
    file.write_text("mine")
    asked.answer = str(file)
    export(panel, "keras")
    qtbot.waitUntil(lambda: panel.exports.exporter._process.processId() > 0)
    with qtbot.waitSignal(panel.exports.exporter.cancelled, timeout=5000):
        panel.exports.exporter.cancel()
    assert file.read_text() == "mine" and context.errors == []


def test_formats_whose_packages_are_missing_say_so(
    make_panel: MakePanel, genres: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    panel = make_panel()
    monkeypatch.setattr("fstmuse.artifacts.exports._ONNX_PACKAGES", ("no_such_package", "onnx"))
    panel.exports.menu.popup(panel.mapToGlobal(panel.rect().center()))
    onnx, keras = (panel.exports.menu.findChild(QAction, kind) for kind in ("onnx", "keras"))
    assert not onnx.isEnabled() and "packages are missing" in onnx.text()
    assert "pip install no_such_package" in onnx.toolTip()
    assert keras.isEnabled() and "log-mel" in keras.toolTip() and panel.exports.menu.toolTipsVisible()
    panel.exports.menu.close()


def test_the_dialog_for_a_target(tmp_path: Path, qtbot: QtBot) -> None:
    parent = QWidget()
    qtbot.addWidget(parent)
    parent.show()
    answers: list[str] = []
    ask_target(parent, "Export genres", str(tmp_path / "genres.onnx"), "ONNX (*.onnx)", answers.append)
    dialog = parent.findChild(QFileDialog)
    assert dialog.directory().absolutePath() == str(tmp_path) and dialog.findChild(QLineEdit).text() == "genres.onnx"
    dialog.findChild(QLineEdit).setText("other.onnx")
    dialog.findChild(QDialogButtonBox).button(QDialogButtonBox.StandardButton.Save).click()
    assert answers == [str(tmp_path / "other.onnx")]
    ask_target(parent, "Export genres", str(tmp_path / "genres.onnx"), "ONNX (*.onnx)", answers.append)
    parent.findChildren(QFileDialog)[-1].reject()
    assert len(answers) == 1
