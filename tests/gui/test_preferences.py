"""The dialogs of the shell: preferences, shortcuts, errors, about."""

from __future__ import annotations

import logging
import sys
import threading
from pathlib import Path

import pytest
from PySide6.QtCore import Qt, qInstallMessageHandler, qWarning
from PySide6.QtWidgets import QApplication, QDialogButtonBox

from fstmuse.errors import AudioError
from gui.about import About
from gui.actions import Actions
from gui.core.log import LogFile
from gui.error_dialog import ErrorDialog, report, versions
from gui.faults import Faults
from gui.pages import find_pages
from gui.panels.preferences import Preferences
from gui.panels.shortcuts import Shortcuts
from gui.settings import FORMATS, Settings


@pytest.fixture
def dialog(qtbot, settings: Settings) -> Preferences:
    made = Preferences(settings)
    qtbot.addWidget(made)
    made.show()
    return made


def test_settings_that_cannot_be_written_are_said_to_be_forgotten(
    qtbot, dialog: Preferences, settings: Settings, tmp_path: Path
) -> None:
    assert not dialog.fleeting.isVisible()
    (tmp_path / "taken").write_text("no folder")
    other = Preferences(Settings(tmp_path / "taken" / "settings.ini"))
    qtbot.addWidget(other)
    other.show()
    assert other.fleeting.isVisible() and str(tmp_path / "taken" / "settings.ini") in other.fleeting.text()


def test_a_home_of_nobody_is_a_folder_like_others(qtbot, dialog: Preferences, settings: Settings) -> None:
    line = dialog.output_folder.line
    line.clear()
    qtbot.keyClicks(line, "~nobody-of-this-name")
    qtbot.keyClick(line, Qt.Key.Key_Return)
    assert settings.output_folder == str(Path.cwd() / "~nobody-of-this-name")


def test_everything_takes_effect_at_once(qtbot, dialog: Preferences, settings: Settings, tmp_path: Path) -> None:
    dialog.theme.setFocus()
    qtbot.keyClick(dialog.theme, Qt.Key.Key_End)
    assert settings.theme == "dark"
    qtbot.mouseClick(dialog.formats["json"], Qt.MouseButton.LeftButton, pos=dialog.formats["json"].rect().center() / 4)
    assert settings.formats == ("csv", "json")
    dialog.run_on_drop.toggle()
    assert settings.run_on_drop is False
    dialog.output_folder.line.selectAll()
    qtbot.keyClicks(dialog.output_folder.line, f"{tmp_path}/new folder")
    qtbot.keyClick(dialog.output_folder.line, Qt.Key.Key_Return)
    assert settings.output_folder == f"{tmp_path}/new folder"
    assert dialog.isVisible(), "Enter takes the value and leaves the dialog open"
    dialog.models_folder.line.setText(str(tmp_path / "models here"))
    dialog.models_folder.line.editingFinished.emit()
    assert settings.models_folder == str(tmp_path / "models here")
    dialog.colour_map.setFocus()
    qtbot.keyClick(dialog.colour_map, Qt.Key.Key_Down)
    assert settings.colour_map == "viridis" and dialog.colour_map.currentText() == "Viridis"


def test_a_range_cannot_be_empty(dialog: Preferences, settings: Settings) -> None:
    dialog.low_db.setValue(-3)
    assert (settings.low_db, settings.high_db) == (-10.0, 0.0)
    dialog.high_db.setValue(-118)
    assert (settings.low_db, settings.high_db) == (-120.0, -110.0)
    assert (dialog.low_db.value(), dialog.high_db.value()) == (-120.0, -110.0)


def test_no_format_at_all_means_not_to_save(dialog: Preferences, settings: Settings) -> None:
    dialog.formats["csv"].click()
    assert settings.save_results is False
    assert settings.formats == ("csv",)
    assert not any(box.isEnabled() for box in dialog.formats.values())
    dialog.save_results.click()
    assert settings.save_results is True
    assert [name for name in FORMATS if dialog.formats[name].isChecked()] == ["csv"]


def test_what_others_change_is_shown(dialog: Preferences, settings: Settings) -> None:
    settings.colour_map, settings.low_db, settings.save_results = "viridis", -60.0, False
    assert dialog.colour_map.currentText() == "Viridis"
    assert dialog.low_db.value() == -60.0
    assert not dialog.save_results.isChecked()


def test_reset(dialog: Preferences, settings: Settings) -> None:
    settings.theme, settings.formats, settings.low_db = "light", ("png",), -40.0
    dialog.reset_button.click()
    assert (settings.theme, settings.formats, settings.low_db) == ("system", ("csv",), -80.0)
    assert dialog.formats["csv"].isChecked() and not dialog.formats["png"].isChecked()


def test_an_empty_folder_is_no_change(dialog: Preferences, settings: Settings) -> None:
    before = settings.output_folder
    dialog.output_folder.line.setText("  ")
    dialog.output_folder.line.editingFinished.emit()
    assert settings.output_folder == before
    assert Path(dialog.output_folder.line.text()) == Path(before)


def test_every_field_has_a_name_for_screen_readers(dialog: Preferences) -> None:
    fields = [dialog.theme, dialog.output_folder.line, dialog.models_folder.line, dialog.colour_map, dialog.low_db]
    assert all(field.accessibleName() for field in (*fields, dialog.high_db, *dialog.formats.values()))


def test_all_keys_are_shown_and_can_be_searched(qtbot) -> None:
    actions = Actions(find_pages())
    dialog = Shortcuts(actions)
    qtbot.addWidget(dialog)
    dialog.show()

    def shown() -> list[tuple[str, str]]:
        tops = [dialog.list.topLevelItem(place) for place in range(dialog.list.topLevelItemCount())]
        rows = [top.child(row) for top in tops if not top.isHidden() for row in range(top.childCount())]
        return [(row.text(0), row.text(1)) for row in rows if not row.isHidden()]

    everything = dict(shown())
    assert len(everything) >= len(actions.entries)
    assert everything["Play or pause"] == "Space"
    assert everything["Classify"]
    qtbot.keyClicks(dialog.search, "ctrl+o")
    assert shown() == [("Open files", "Ctrl+O")]
    qtbot.keyClicks(dialog.search, " nonsense")
    assert shown() == []
    dialog.search.clear()
    assert dict(shown()) == everything


def test_an_error_is_told_plainly_and_copied_whole(qtbot, settings: Settings, tmp_path: Path) -> None:
    log = LogFile(tmp_path / "log")
    try:
        logging.getLogger("x").warning("the last thing that happened")
        full = report("Title", "What <b>happened</b>", "Traceback ...", settings.as_text(), log.last_lines())
    finally:
        log.close()
    dialog = ErrorDialog("Title", "What <b>happened</b>", full)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    qtbot.addWidget(dialog)
    dialog.show()
    assert not dialog.isModal() and dialog.details.isHidden()
    QApplication.clipboard().clear()
    dialog.copy_button.click()
    copied = QApplication.clipboard().text()
    for part in ("What <b>happened</b>", "Traceback ...", "Python 3", "keras", "theme = 'system'", "the last thing"):
        assert part in copied
    dialog._details_button.click()
    assert dialog.details.isVisible() and dialog.details.toPlainText() == full
    dialog.findChild(QDialogButtonBox).button(QDialogButtonBox.StandardButton.Close).click()
    assert not dialog.isVisible()


def test_about_names_versions(qtbot) -> None:
    dialog = About()
    qtbot.addWidget(dialog)
    assert "tensorflow" not in sys.modules or versions()  # versions are read, nothing is imported
    assert "tensorflow 2" in versions() and "Qt 6" in versions()


def test_a_log_keeps_the_end_and_stays_small(tmp_path: Path) -> None:
    log = LogFile(tmp_path / "a" / "log")
    try:
        for number in range(30_000):
            logging.getLogger("chatter").info("line %d %s", number, "x" * 100)
        assert log.last_lines(2).count("\n") == 2 and "line 29999" in log.last_lines(1)
    finally:
        log.close()
    files = list((tmp_path / "a" / "log").glob("fstmuse.log*"))
    assert len(files) == 4 and sum(file.stat().st_size for file in files) < 4_100_000
    logging.getLogger("chatter").error("after the end")
    assert "after the end" not in log.last_lines()


def test_names_that_are_no_utf_8_are_logged(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    log = LogFile(tmp_path)
    try:
        logging.getLogger("x").warning("caf\udce9.mp3 is no sound")
        assert "caf\\udce9.mp3 is no sound" in log.last_lines()
    finally:
        log.close()
    assert capsys.readouterr().err == ""


def test_no_place_for_a_log_is_no_reason_to_stay_shut(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    (tmp_path / "file").write_text("")
    log = LogFile(tmp_path / "file" / "log")
    try:
        assert log.path is None and log.last_lines() == ""
        assert "No log is written" in capsys.readouterr().err
    finally:
        log.close()


@pytest.fixture
def faults(qapp):
    previous, in_threads, qt = sys.excepthook, threading.excepthook, qInstallMessageHandler(None)
    told: list = []
    sys.excepthook = lambda *given: told.append(given[0])
    made = Faults()
    made.told = told
    yield made
    made.close()
    assert sys.excepthook.__name__ == "<lambda>" and threading.excepthook is in_threads
    sys.excepthook = previous
    qInstallMessageHandler(qt)


def test_what_nobody_caught_is_told_in_words(qtbot, faults: Faults) -> None:
    heard: list[tuple[str, str]] = []
    faults.happened.connect(lambda words, details: heard.append((words, details)))
    for error in (AudioError("a.wav: silent."), MemoryError(), ZeroDivisionError("by zero"), KeyboardInterrupt()):
        sys.excepthook(type(error), error, None)
    assert heard[0][0] == "a.wav: silent."
    assert "memory" in heard[1][0]
    assert "ZeroDivisionError: by zero" in heard[2][0]
    assert len(heard) == 3, "Ctrl-C is no error"
    assert faults.told == [AudioError, MemoryError, ZeroDivisionError], "the terminal hears of them, too"


def test_threads_and_qt_are_heard_too(qtbot, faults: Faults, tmp_path: Path) -> None:
    log = LogFile(tmp_path)
    try:
        thread = threading.Thread(target=lambda: 1 / 0)
        with qtbot.waitSignal(faults.happened) as heard:
            thread.start()
        thread.join()
        assert "ZeroDivisionError" in heard.args[1]
        qWarning("Qt is worried")
        assert "Qt is worried" in log.last_lines() and "ZeroDivisionError" in log.last_lines()
    finally:
        log.close()
