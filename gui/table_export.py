"""Exports answers about many clips into one table, in a file that the user names."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from .core.exports import Answered, answers_of, write_table
from .panels.asking import ask_target
from .result_export import ResultExport
from .words import counted

if TYPE_CHECKING:
    from .context import Context

_VERB = "classify"


class TableExport(QObject):
    """One line of CSV for each clip and model, or for each window along time.

    Args:
        context: whose rows are written; `settings`, `runner`, `selected`, `say`, `wrote` and `error` are used.
        parent: of the dialog.

    Attributes:
        ask: asks for a file, as `ask_target`.
    """

    def __init__(self, context: Context, parent: QWidget) -> None:
        super().__init__(parent)
        self._context, self._window = context, parent
        self._rows = self._clips = self._without = 0
        self._export = ResultExport(self)
        self._export.finished.connect(self._ended)
        self.ask = ask_target

    def export(self, along_time: bool) -> None:
        """Writes the answers about the selected rows of the queue, or without a selection about all.

        Args:
            along_time: a line for each window in place of one for each clip and model.
        """
        chosen = set(self._context.selected())
        jobs = [job for job in self._context.runner.jobs if not chosen or job.id in chosen]
        results = answers_of(jobs, _VERB, along_time)
        if self._export.busy:
            self._context.say(self.tr("An export is being written."))
        elif not results:
            self._context.say(self.tr("None of the selected clips has an answer that could be exported."))
        else:
            self._clips = len({result.path for result, _ in results})
            self._without = sum(1 for job in jobs if not answers_of([job], _VERB, along_time))
            settings = self._context.settings
            name = self.tr("answers along time.csv") if along_time else self.tr("answers.csv")
            proposal = str(Path(settings.export_folder or settings.output_folder) / name)
            then = partial(self._write, results, along_time)
            self.ask(self._window, self.tr("Export a table"), proposal, self.tr("Table (*.csv)"), then)

    def _write(self, results: list[Answered], along_time: bool, file: str) -> None:
        def write() -> list[str]:
            self._rows = write_table(results, file, along_time)
            return [file]

        if self._export.begin(write):
            self._context.settings.export_folder = str(Path(file).parent)
            self._context.say(self.tr("Exporting..."))

    def _ended(self, files: list[str], reason: str) -> None:
        if reason:
            self._context.error(self.tr("Export"), reason, "")
            return
        lines = counted(self._rows, self.tr("1 line"), self.tr("%n lines", "", self._rows))
        written = self.tr("{0} about {1} written to {2}")
        text = written.format(lines, self._clip_words(self._clips), Path(files[0]).name)
        if self._without:
            text = self.tr("{0}; without an answer: {1}").format(text, self._clip_words(self._without))
        self._context.wrote(text, files[0])

    def _clip_words(self, clips: int) -> str:
        return counted(clips, self.tr("1 clip"), self.tr("%n clips", "", clips))
