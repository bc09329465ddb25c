"""The queue as a table model: what views show of each row, in words first."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QAbstractTableModel, QMimeData, QModelIndex, QObject, QPersistentModelIndex, Qt

from .core.jobs import ACTIVE, Job, State
from .file_mime import mime_of
from .icons import icon
from .said import Said
from .words import plain_tip

if TYPE_CHECKING:
    from fstmuse.artifacts.shelf import Model

    from .runner import Runner

Index = QModelIndex | QPersistentModelIndex

CLIP, STATE, PROGRESS, RESULT, OUTPUT = range(5)
"""Columns."""

JOB = Qt.ItemDataRole.UserRole
"""Role of the job's number."""

FRACTION = Qt.ItemDataRole.UserRole + 1
"""Role of the progress, 0 to 1; None while there is none to show. Negative: going on, but nobody knows how far."""

_ROLES = frozenset(
    {
        Qt.ItemDataRole.DisplayRole,
        Qt.ItemDataRole.DecorationRole,
        Qt.ItemDataRole.ToolTipRole,
        JOB,
        FRACTION,
    }
)
# Put together once: a selection asks for those of each of its cells.
_PLAIN = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemNeverHasChildren
_DRAGGED = _PLAIN | Qt.ItemFlag.ItemIsDragEnabled
_ICONS = {
    State.IDLE: "pause",
    State.WAITING: "waiting",
    State.LOADING: "models",
    State.RUNNING: "play",
    State.CANCELLING: "cancel",
    State.DONE: "done",
    State.FAILED: "warning",
    State.CANCELLED: "cancel",
}


class QueueModel(QAbstractTableModel):
    """A row for each job of a runner, in its order.

    Args:
        runner: whose jobs are shown; its signals keep the model up to date.
        parent: owner.
    """

    def __init__(self, runner: Runner, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._runner = runner
        # A list of its own: the jobs change before their signal, a model between its own begin and end.
        self._ids = [job.id for job in runner.jobs]
        self._rows: dict[int, int] | None = None
        self._icons = {state: icon(name) for state, name in _ICONS.items()}
        self._warning = icon("warning")
        self._said = Said()
        self._tasks: Mapping[str, str] = {}
        runner.added.connect(self._added)
        runner.changed.connect(self._changed)
        runner.removed.connect(self._removed)
        runner.reordered.connect(self._reordered)

    def follow(
        self, verb: str, models: Sequence[Model], shelf: Sequence[Model], tasks: Mapping[str, str] | None = None
    ) -> None:
        """Shows what some models say from now on.

        Args:
            verb: what they are asked.
            models: that are ticked.
            shelf: all that there are; an answer of another one is that of a model that is gone.
            tasks: what is asked, in words by verb: a row that was last asked something else says so.
        """
        said, tasks = Said(verb, models, shelf), tasks or {}
        if (said, tasks) != (self._said, self._tasks):
            self._said, self._tasks = said, tasks
            if self._ids:
                self.dataChanged.emit(self.index(0, STATE), self.index(len(self._ids) - 1, RESULT))

    def job(self, index: Index) -> Job | None:
        """The job at an index; None outside."""
        return self._runner.jobs.get(self._ids[index.row()]) if index.isValid() else None

    def row_of(self, job: int) -> int:
        """The row of a job; -1 when it is not there."""
        if self._rows is None:
            self._rows = {id: row for row, id in enumerate(self._ids)}
        return self._rows.get(job, -1)

    def rowCount(self, parent: Index = QModelIndex()) -> int:
        """Number of jobs."""
        return 0 if parent.isValid() else len(self._ids)

    def columnCount(self, parent: Index = QModelIndex()) -> int:
        """Clip, state, progress, result, output."""
        return 0 if parent.isValid() else 5

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Names of the columns."""
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        if orientation == Qt.Orientation.Vertical:
            return section + 1
        return (self.tr("Clip"), self.tr("State"), self.tr("Progress"), self.tr("Result"), self.tr("Output"))[section]

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Rows can be selected; those with files can be dragged out."""
        if not index.isValid():
            return Qt.ItemFlag.NoItemFlags
        job = self.job(index)
        return _DRAGGED if job is not None and job.files else _PLAIN

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """What a cell shows and says."""
        if role not in _ROLES:  # views ask for a dozen more, for each cell and each time that they paint it
            return None
        job = self.job(index)
        if job is None:
            return None
        column = index.column()
        if role == Qt.ItemDataRole.DisplayRole:
            return (self._clip, self.state_words, self.progress_words, self.result_words, self._output)[column](job)
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tip(self._tip(job, column))
        if role == JOB:
            return job.id
        if role == FRACTION and column in (STATE, PROGRESS) and job.state in ACTIVE:
            return job.fraction if job.state is not State.LOADING or job.fraction else -1.0
        if role == Qt.ItemDataRole.DecorationRole:
            if column == STATE:
                return self._icons[job.state]
            if column == OUTPUT and any(answer.unsaved for answer in job.answers.values()):
                return self._warning
        return None

    def _clip(self, job: Job) -> str:
        return job.name

    def state_words(self, job: Job) -> str:
        """The state of a job in a word or two, and of what, where that is not what results are shown of."""
        words = {
            State.IDLE: self.tr("Not asked"),
            State.WAITING: self.tr("Waiting"),
            State.LOADING: self.tr("Loading model"),
            State.RUNNING: self.tr("Running"),
            State.CANCELLING: self.tr("Cancelling"),
            State.DONE: self.tr("Done"),
            State.FAILED: self.tr("Failed"),
            State.CANCELLED: self.tr("Cancelled"),
        }[job.state]
        other = job.verb != self._said.verb and job.state is not State.IDLE and self._tasks.get(job.verb)
        return self.tr("{0} ({1})").format(words, other) if other else words

    def progress_words(self, job: Job) -> str:
        """How far a job is and how long it will take; empty while it is not its turn."""
        if job.state not in ACTIVE or (job.state is State.LOADING and not job.fraction):
            return ""
        left = job.time_left_s(time.monotonic())
        done = self.tr("{0} %").format(int(100 * job.fraction))
        return done if left is None else self.tr("{0}, {1} left").format(done, self.time_words(left))

    def time_words(self, seconds: float) -> str:
        """A length of time as people say it."""
        seconds = max(1, round(seconds))
        if seconds < 60:
            return self.tr("{0} s").format(seconds)
        minutes, seconds = divmod(seconds, 60)
        if minutes < 60:
            return self.tr("{0} min {1:02} s").format(minutes, seconds)
        return self.tr("{0} h {1:02} min").format(*divmod(minutes, 60))

    def result_words(self, job: Job) -> str:
        """What the ticked models say; else what is going on, or why there is no answer."""
        return job.text if job.state in ACTIVE and job.text else self._said.words(job)

    def _output(self, job: Job) -> str:
        if any(answer.unsaved for answer in job.answers.values()) and not job.files:
            return self.tr("Not saved")
        return ", ".join(Path(file).name for file in job.files)

    def _tip(self, job: Job, column: int) -> str:
        if column == OUTPUT:
            return "\n".join([*job.files, *(answer.unsaved for answer in job.answers.values() if answer.unsaved)])
        if column == RESULT:
            return self._said.tip(job)
        if column == CLIP:
            return job.path
        return job.reason or job.text or self.state_words(job)

    def mimeTypes(self) -> list[str]:
        """Addresses of files."""
        return ["text/uri-list"]

    def supportedDragActions(self) -> Qt.DropAction:
        """Results are copied, never moved away."""
        return Qt.DropAction.CopyAction

    def mimeData(self, indexes: Sequence[QModelIndex]) -> QMimeData | None:
        """The result files of some rows, as far as they still exist; None when none does."""
        jobs = dict.fromkeys(index.row() for index in indexes)
        files = [file for row in jobs for file in self.job(self.index(row, 0)).files if Path(file).exists()]
        if not files:
            return None
        return mime_of(files)

    def _added(self, ids: list[int]) -> None:
        if ids:
            self.beginInsertRows(QModelIndex(), len(self._ids), len(self._ids) + len(ids) - 1)
            self._ids += ids
            self._rows = None
            self.endInsertRows()

    def _changed(self, job: int) -> None:
        row = self.row_of(job)
        if row >= 0:
            self.dataChanged.emit(self.index(row, 0), self.index(row, self.columnCount() - 1))

    def _removed(self, jobs: list[int]) -> None:
        rows = sorted(row for row in map(self.row_of, jobs) if row >= 0)
        while rows:
            # From below, neighbours at once: a row for itself would cost as much as all of them.
            last = first = rows.pop()
            while rows and rows[-1] == first - 1:
                first = rows.pop()
            self.beginRemoveRows(QModelIndex(), first, last)
            del self._ids[first : last + 1]
            self._rows = None
            self.endRemoveRows()

    def _reordered(self) -> None:
        self.layoutAboutToBeChanged.emit()
        before, old = self.persistentIndexList(), self._ids
        self._ids, self._rows = [job.id for job in self._runner.jobs], None
        self.changePersistentIndexList(
            before, [self.index(self.row_of(old[index.row()]), index.column()) for index in before]
        )
        self.layoutChanged.emit()
