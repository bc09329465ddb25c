"""The page of models, used as by hand."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import filelock
import pytest
from PySide6.QtCore import QObject, Qt, QUrl, Slot
from PySide6.QtGui import QDesktopServices, QKeySequence, QShortcut
from PySide6.QtWidgets import QDialogButtonBox, QFileDialog, QMessageBox, QPushButton, QWidget
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from gui.panels.models_panel import ModelsPanel
from gui.panels.models_table import NAME, SIZE, TEST
from gui.settings import Settings
from gui.shelf import Shelf
from tests.card_fixtures import METRICS, make_artifact


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    models = tmp_path / "models"
    make_artifact(models / "genres", metrics=METRICS, data={"name": "mine", "licence": "CC BY 4.0 <mine>"})
    make_artifact(models / "effects", task="reconstruct", labels=("one",))
    (models / "broken").mkdir()
    (models / "broken" / "card.json").write_text("{")
    monkeypatch.setenv("FSTMUSE_MODELS", str(models))
    return models


@pytest.fixture
def context(folder: Path, settings: Settings, qtbot: QtBot) -> SimpleNamespace:
    said, errors = [], []
    return SimpleNamespace(
        settings=settings,
        shelf=Shelf(settings),
        say=said.append,
        error=lambda *what: errors.append(what),
        said=said,
        errors=errors,
    )


@pytest.fixture
def panel(context: SimpleNamespace, qtbot: QtBot) -> Iterator[ModelsPanel]:
    panel = ModelsPanel(context)
    qtbot.addWidget(panel)
    panel.resize(900, 700)
    panel.show()
    qtbot.waitExposed(panel)
    yield panel
    panel.close_down()


class Opened(QObject):
    """Takes the place of the system's file manager."""

    def __init__(self) -> None:
        super().__init__()
        self.paths: list[str] = []

    @Slot(QUrl)
    def show(self, url: QUrl) -> None:
        self.paths.append(url.toLocalFile())


@pytest.fixture
def opened() -> Iterator[Opened]:
    manager = Opened()
    QDesktopServices.setUrlHandler("file", manager, "show")
    yield manager
    QDesktopServices.unsetUrlHandler("file")


def button(panel: QWidget, text: str) -> QPushButton:
    return next(button for button in panel.findChildren(QPushButton) if button.text().startswith(text))


def rows(panel: ModelsPanel) -> list[list[str]]:
    model = panel.table.model()
    return [
        [str(model.index(row, column).data() or "") for column in range(model.columnCount())]
        for row in range(model.rowCount())
    ]


def question(panel: ModelsPanel) -> QMessageBox:
    return next(box for box in panel.findChildren(QMessageBox) if box.isVisible())


def press(box: QMessageBox, text: str, qtbot: QtBot) -> None:
    qtbot.mouseClick(
        next(button for button in box.buttons() if button.text().replace("&", "") == text), Qt.MouseButton.LeftButton
    )


def test_the_table_keeps_the_rules_of_qt(panel: ModelsPanel, qtmodeltester: ModelTester) -> None:
    qtmodeltester.check(panel.table.model().sourceModel())
    qtmodeltester.check(panel.table.model())


def test_each_model_is_a_row(panel: ModelsPanel, folder: Path) -> None:
    broken, effects, genres = rows(panel)
    assert broken[NAME] == "broken" and broken[TEST] == "cannot be used"
    assert effects[:TEST] == ["effects", "reconstruct", "1"] and effects[TEST] == "not evaluated"
    assert genres[:SIZE] == ["genres", "classify", "3", "accuracy 0.926, n = 54"] and genres[SIZE].endswith(" kB")
    assert panel.current.name == "effects"  # the first that can be used
    tip = panel.table.model().index(0, NAME).data(Qt.ItemDataRole.ToolTipRole)
    assert "cannot be read" in tip
    assert not panel.table.model().index(0, NAME).data(Qt.ItemDataRole.DecorationRole).isNull()
    assert panel.table.model().index(1, NAME).data(Qt.ItemDataRole.DecorationRole) is None


def test_sorted_by_what_it_is_not_by_its_text(panel: ModelsPanel, folder: Path) -> None:
    (folder / "effects" / "big").write_bytes(bytes(3_000_000))
    panel.rescan()
    panel.table.sortByColumn(SIZE, Qt.SortOrder.DescendingOrder)
    assert [row[NAME] for row in rows(panel)] == ["effects", "genres", "broken"]
    panel.table.sortByColumn(TEST, Qt.SortOrder.DescendingOrder)
    assert [row[NAME] for row in rows(panel)] == ["genres", "effects", "broken"]


def test_the_card_is_shown_as_text(panel: ModelsPanel, folder: Path, qtbot: QtBot) -> None:
    panel.table.setFocus()
    qtbot.keyClick(panel.table, Qt.Key.Key_Down)
    text = panel.card.toPlainText()
    for part in ("genres", "CC BY 4.0 <mine>", "95 % interval 0.852 to 0.982", "n = 54 clips", "22,050 Hz", "Protocol"):
        assert part in text
    assert str(folder / "genres") in text and panel.card.accessibleName() == "Card of genres"
    panel.choose(str(folder / "broken"))
    assert "Cannot be used" in panel.card.toPlainText() and "cannot be read" in panel.card.toPlainText()
    assert not button(panel, "Export").isEnabled() and "cannot be read" in button(panel, "Export").toolTip()
    assert button(panel, "Delete").isEnabled()


def test_what_fills_gaps_is_shown_without_labels_and_beside_a_straight_line(panel: ModelsPanel, folder: Path) -> None:
    figures = {"rmse": 5.51, "rmse_interval": [5.2, 5.9], "mae": 4.02, "lsd": 5.13, "n": 75, "unit": "dB"}
    beside = {"linear interpolation": {"rmse": 5.96, "mae": 4.4, "lsd": 5.62, "p_rmse": 1e-9}}
    metrics = {"test": figures | {"width": 10, "beside": beside, "protocol": "A gap of 10 frames in each clip."}}
    make_artifact(folder / "mender", task="infill", network="gapnet", labels=(), metrics=metrics)
    panel.rescan()
    mender = next(row for row in rows(panel) if row[NAME] == "mender")
    assert mender[:SIZE] == ["mender", "infill", "", "RMSE in the gap 5.51 dB (linear interpolation 5.96 dB), n = 75"]
    panel.choose(str(folder / "mender"))
    text = panel.card.toPlainText()
    for part in ("5.20 to 5.90", "MAE 4.02 dB", "LSD 5.62 dB", "n = 75 clips", "A gap of 10 frames", "gapnet"):
        assert part in text
    assert "Labels" not in text


def test_what_the_child_refuses_stays_in_the_list_with_its_reason(
    panel: ModelsPanel, context: SimpleNamespace, folder: Path
) -> None:
    panel.choose(str(folder / "genres"))
    context.shelf.refuse(str(folder / "genres"), "Its graph holds the operation WriteFile.")
    assert panel.current.name == "genres" and rows(panel)[2][TEST] == "cannot be used"
    assert "the operation WriteFile" in panel.card.toPlainText()


def test_the_chosen_model_stays_chosen(panel: ModelsPanel, folder: Path, qtbot: QtBot) -> None:
    panel.choose(str(folder / "genres"))
    make_artifact(folder / "a-new-one")
    qtbot.waitUntil(lambda: len(rows(panel)) == 4, timeout=3000)
    assert panel.current.name == "genres" and panel.card.accessibleName() == "Card of genres"
    shutil.rmtree(folder / "genres")
    qtbot.waitUntil(lambda: len(rows(panel)) == 3, timeout=3000)
    assert panel.current.name == "effects"


def test_delete_asks_first(panel: ModelsPanel, context: SimpleNamespace, folder: Path, qtbot: QtBot) -> None:
    panel.choose(str(folder / "genres"))
    qtbot.mouseClick(button(panel, "Delete"), Qt.MouseButton.LeftButton)
    box = question(panel)
    assert "genres" in box.text() and str(folder / "genres") in box.informativeText()
    qtbot.keyClick(box, Qt.Key.Key_Return)  # what is not read is not deleted
    qtbot.waitUntil(lambda: not box.isVisible())
    assert (folder / "genres").is_dir() and context.said == []
    qtbot.mouseClick(button(panel, "Delete"), Qt.MouseButton.LeftButton)
    press(question(panel), "Delete", qtbot)
    qtbot.waitUntil(lambda: not (folder / "genres").exists())
    assert [row[NAME] for row in rows(panel)] == ["broken", "effects"]
    assert context.said == [f"Deleted: {folder / 'genres'}"] and context.errors == []


def test_the_delete_key_is_the_lists_own(panel: ModelsPanel, folder: Path, qtbot: QtBot) -> None:
    elsewhere = []
    QShortcut(QKeySequence("Del"), panel).activated.connect(lambda: elsewhere.append(1))
    panel.choose(str(folder / "broken"))
    panel.table.setFocus()
    qtbot.keyClick(panel.table, Qt.Key.Key_Delete)
    press(question(panel), "Delete", qtbot)
    qtbot.waitUntil(lambda: not (folder / "broken").exists())
    assert elsewhere == []


def test_what_cannot_be_deleted_is_told(
    panel: ModelsPanel, context: SimpleNamespace, folder: Path, qtbot: QtBot
) -> None:
    panel.choose(str(folder / "genres"))
    panel.delete()
    with filelock.FileLock(folder / ".genres.lock"):
        press(question(panel), "Delete", qtbot)
        qtbot.waitUntil(lambda: bool(context.errors))
    title, message, _ = context.errors[0]
    assert title == "Delete a model" and "another process is writing it" in message
    assert [row[NAME] for row in rows(panel)] == ["broken", "effects", "genres"]


def test_another_folder(
    panel: ModelsPanel, context: SimpleNamespace, folder: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    make_artifact(tmp_path / "other" / "tags")
    qtbot.mouseClick(button(panel, "Choose folder"), Qt.MouseButton.LeftButton)
    dialog = panel.findChild(QFileDialog)
    assert dialog.directory().absolutePath() == str(folder)
    dialog.setDirectory(str(tmp_path))
    dialog.selectFile(str(tmp_path / "other"))
    dialog.findChild(QDialogButtonBox).button(QDialogButtonBox.StandardButton.Open).click()
    qtbot.waitUntil(lambda: [row[NAME] for row in rows(panel)] == ["tags"])
    assert context.settings.models_folder == str(tmp_path / "other")
    assert panel.findChild(QWidget, "where").text() == str(tmp_path / "other")


def test_another_folder_can_be_typed(
    panel: ModelsPanel, context: SimpleNamespace, tmp_path: Path, qtbot: QtBot
) -> None:
    make_artifact(tmp_path / "other" / "tags")
    field = panel.findChild(QWidget, "where")
    field.clear()
    qtbot.keyClicks(field, str(tmp_path / "other"))
    qtbot.keyClick(field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: [row[NAME] for row in rows(panel)] == ["tags"])
    assert context.settings.models_folder == str(tmp_path / "other")


def test_an_empty_folder_says_where_it_looked_and_what_to_do(
    panel: ModelsPanel, context: SimpleNamespace, tmp_path: Path, qtbot: QtBot
) -> None:
    hint = panel.findChild(QWidget, "hint")
    assert not hint.isVisible()
    context.shelf.set_folder(tmp_path / "empty")
    assert hint.isVisible() and not panel.table.isVisible()
    assert str(tmp_path / "empty") in hint.text() and "page Train" in hint.text()
    for name in ("Export", "Show in folder", "Delete"):
        assert not button(panel, name).isEnabled() and button(panel, name).toolTip() == "Choose a model first"
    assert button(panel, "Choose folder").isEnabled()
    make_artifact(tmp_path / "empty" / "first")
    qtbot.waitUntil(panel.table.isVisible, timeout=3000)
    assert panel.current.name == "first"


def test_look_again_and_show_in_folder(
    panel: ModelsPanel, context: SimpleNamespace, folder: Path, opened: Opened, qtbot: QtBot
) -> None:
    card = folder / "genres" / "card.json"
    card.write_text(json.dumps(json.loads(card.read_text()) | {"metrics": {}}))  # in place: no folder changes
    qtbot.mouseClick(button(panel, "Look again"), Qt.MouseButton.LeftButton)
    assert rows(panel)[2][TEST] == "not evaluated" and str(folder) in context.said[0] and "3 model" in context.said[0]
    panel.choose(str(folder / "genres"))
    qtbot.mouseClick(button(panel, "Show in folder"), Qt.MouseButton.LeftButton)
    assert opened.paths == [str(folder / "genres")]


def test_everything_has_a_name_and_is_reached_by_tab(panel: ModelsPanel, qtbot: QtBot) -> None:
    panel.activateWindow()
    panel.table.setFocus()
    seen: list[QWidget] = []
    widget = panel.window().focusWidget()
    while widget is not None and widget not in seen:
        seen.append(widget)
        qtbot.keyClick(widget, Qt.Key.Key_Tab)
        widget = panel.window().focusWidget()
    assert all(widget.accessibleName() or getattr(widget, "text", str)() for widget in seen)
    buttons = [button for button in panel.findChildren(QPushButton) if button.isVisible() and button.isEnabled()]
    assert {panel.table, panel.card, *buttons} <= set(seen)
