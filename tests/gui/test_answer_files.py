"""Answers as files: exported, dragged out, copied, and told of where that fails."""

from __future__ import annotations

import json
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QGuiApplication

from gui.pages.classify import ClassifyView
from tests.gui.page_fixtures import add_answer, context, make_job, view

__all__ = ["context", "view"]


def entry(view: ClassifyView, words: str) -> QAction:
    """Of the menu of exports."""
    return next(action for action in view.files.export_button.menu().actions() if words in action.text())


def test_export_writes_all_answers_and_offers_the_files(qtbot, view: ClassifyView, context, tones, tmp_path) -> None:
    job = make_job(context, tones / "low.wav")
    tested, tones_model = (model.path for model in context.shelf.models)
    add_answer(job, tested, [0.1, 0.9, 0.0])
    add_answer(job, tones_model, [0.0, 1.0, 0.0])
    view.show_job(job)
    assert not view.files.handle.isEnabled()
    asked: list[str] = []
    view.files.ask_folder = lambda first: asked.append(first) or ""
    view.files.export(["csv"])
    assert asked == [context.settings.output_folder]
    assert not context.said, "no folder chosen: nothing happens"
    folder = tmp_path / "exports"
    view.files.ask_folder = lambda first: str(folder)
    entry(view, "All of these").trigger()
    assert not view.files.export_button.isEnabled()
    qtbot.waitUntil(view.files.export_button.isEnabled, timeout=20_000)
    names = sorted(path.name for path in folder.iterdir())
    suffixes = ("csv", "json", "png", "txt")
    assert names == [f"low.wav.{model}.{suffix}" for model in ("tested", "tones") for suffix in suffixes]
    assert json.loads((folder / "low.wav.tested.json").read_text())["path"] == job.path
    assert context.settings.export_folder == str(folder)
    assert sorted(Path(file).name for file in view.files.handle.files) == names
    qtbot.mouseClick(view.files.handle, Qt.MouseButton.LeftButton)
    assert len(QGuiApplication.clipboard().mimeData().urls()) == 8
    assert "8" in context.said[-1]
    view.show_job(make_job(context, tones / "high.wav"))
    assert view.files.handle.files == []


def test_export_that_fails_tells_why(qtbot, view: ClassifyView, context, tmp_path: Path) -> None:
    job = make_job(context)
    add_answer(job, context.shelf.models[0].path, [0.1, 0.9, 0.0])
    view.show_job(job)
    (tmp_path / "file").touch()
    view.files.ask_file = lambda parent, title, proposal, kinds, then: then(str(tmp_path / "file" / "below.csv"))
    view.files.export(["csv"])
    qtbot.waitUntil(lambda: bool(context.errors))
    assert "choose another place" in context.errors[0]
    assert view.files.export_button.isEnabled()


def test_a_single_file_is_given_a_name_and_several_a_folder(qtbot, view: ClassifyView, context, tmp_path: Path) -> None:
    job = make_job(context)
    add_answer(job, context.shelf.models[0].path, [0.1, 0.9, 0.0])
    view.show_job(job)
    asked: list[tuple[str, str]] = []

    def ask(parent, title, proposal, kinds, then) -> None:
        asked.append((proposal, kinds))
        then(str(tmp_path / f"mine{len(asked)}{Path(proposal).suffix}"))

    view.files.ask_file = ask
    for words, file, lines in (
        ("Whole clip", "mine1.csv", 2),
        ("along time", "mine2.csv", 4),
        ("Label", "mine3.txt", 1),
    ):
        entry(view, words).trigger()
        qtbot.waitUntil(view.files.export_button.isEnabled)
        assert len((tmp_path / file).read_text().splitlines()) == lines
        assert context.said[-1].startswith("1 file exported") and file in context.said[-1]
    out = Path(context.settings.output_folder)
    assert asked[0] == (str(out / "low.wav.csv"), "CSV (*.csv)")
    assert asked[1] == (str(tmp_path / "low.wav.tested.csv"), "CSV (*.csv)")
    (tmp_path / "mine4.txt").write_text("before")
    entry(view, "Label").trigger()
    qtbot.waitUntil(view.files.export_button.isEnabled)
    assert "before" not in (tmp_path / "mine4.txt").read_text(), "the dialog has asked"
    assert len(view.files.handle.files) == 4 and not list(tmp_path.glob(".*"))


def test_files_that_were_saved_can_be_dragged_and_failures_to_save_are_told(view, context, tmp_path: Path) -> None:
    file = tmp_path / "a b.csv"
    file.touch()
    job = make_job(context)
    job.pending.clear()
    add_answer(job, context.shelf.models[0].path, [0.1, 0.9, 0.0], files=(str(file), str(tmp_path / "gone")))
    add_answer(job, context.shelf.models[1].path, [0.1, 0.9, 0.0], unsaved="The disk is full.")
    view.show_job(job)
    assert [url.toLocalFile() for url in view.files.handle.mime().urls()] == [str(file)]
    assert view.columns[1].note.text() == "Not saved: The disk is full."
    file.unlink()
    assert view.files.handle.mime() is None


def test_where_no_folder_can_be_opened_its_path_is_told(view, context, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr("gui.reveal.reveal", lambda path: False)
    file = tmp_path / "a b.csv"
    file.touch()
    job = make_job(context)
    job.pending.clear()
    add_answer(job, context.shelf.models[0].path, [0.1, 0.9, 0.0], files=(str(file),))
    view.show_job(job)
    view.files.folder_button.click()
    assert str(file) in context.said[-1]
