"""The queue at the left of the window: where clips are dropped, and what becomes of each."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QModelIndex, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QHideEvent, QKeySequence, QShowEvent
from PySide6.QtWidgets import QLabel, QStackedWidget, QToolButton, QVBoxLayout, QWidget

from ..context import Context
from ..core.intake import Intake
from ..core.jobs import ACTIVE, Job, State
from ..icons import Sign
from ..intaking import Intaking
from ..queue_model import JOB, QueueModel
from ..reveal import reveal_or_say
from .intake_report import IntakeReport
from .queue_table import QueueTable

_MENU = (
    "run",
    "retry",
    "cancel",
    "",
    "move_up",
    "move_down",
    "",
    "compare",
    "show_in_folder",
    "export_table",
    "remove",
)
_STOPPABLE = (ACTIVE | {State.WAITING}) - {State.CANCELLING}
_REPEATABLE = frozenset({State.FAILED, State.CANCELLED})


class QueuePanel(QWidget):
    """The queue with its empty state, its table and the report of what was added.

    Args:
        context: the parts of the window.

    Attributes:
        intaking: the one way in for clips; whoever adds rows listens to its `taken`.
        table: of the rows.
        report: of what was added.
        current_id: number of the row that is shown; -1 for none.
    """

    current = Signal(int)
    """Number of the row to be shown, -1 for none."""

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self.current_id = -1
        self._first_of_take = False
        self._told: dict[str, tuple[bool, str]] = {}
        self.intaking = Intaking(lambda: [job.path for job in context.runner.jobs], self)
        self.model = QueueModel(context.runner, self)
        actions = context.actions
        self.table = QueueTable(self.model, [actions[name] if name else None for name in _MENU])
        self.report = IntakeReport(self.intaking)
        self._pages = QStackedWidget()
        self._pages.addWidget(self._make_empty(actions["open_files"], actions["open_folder"]))
        self._pages.addWidget(self.table)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._pages, 1)
        column.addWidget(self.report)
        # Of a hundred changes in one turn, only the last decides what can be chosen.
        self._soon = QTimer(self, singleShot=True, interval=0)
        self._soon.timeout.connect(self._enable)
        self.model.rowsInserted.connect(self._rows_inserted)
        self.model.rowsRemoved.connect(self._rows_changed)
        self.model.dataChanged.connect(self._soon.start)
        self.table.selectionModel().selectionChanged.connect(self._soon.start)
        self.table.selectionModel().currentRowChanged.connect(self._current_changed)
        self.intaking.began.connect(self._take_began)
        self.intaking.finished.connect(self._take_finished)
        self._rows_changed()

    def _make_empty(self, *actions: QAction) -> QWidget:
        page = QWidget()
        sign = Sign("open", 3)
        sign.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._hint = QLabel()
        self._hint.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._hint.setWordWrap(True)
        self.set_new(False)
        column = QVBoxLayout(page)
        column.addStretch(1)
        column.addWidget(sign)
        column.addWidget(self._hint)
        for action in actions:
            button = QToolButton(toolButtonStyle=Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
            button.setDefaultAction(action)
            column.addWidget(button, 0, Qt.AlignmentFlag.AlignCenter)
        self._open = page.findChild(QToolButton)
        column.addStretch(1)
        return page

    def set_new(self, new: bool) -> None:
        """Says what comes here.

        Args:
            new: on a page that makes something new; else on one that is about clips.
        """
        keys = self._context.actions["open_files"].shortcut().toString(QKeySequence.SequenceFormat.NativeText)
        words = (
            self.tr("Takes are listed here, as are clips: drop these, or press {0}")
            if new
            else self.tr("Drop clips or folders here, or press {0}")
        )
        self._hint.setText(words.format(keys))

    def take(self, paths: Iterable[str]) -> None:
        """Looks at files and folders and hands on the clips, as `Intaking.take`."""
        self.intaking.take(paths)

    def release(self) -> None:
        """Stops looking at files, before the window goes."""
        self.intaking.close()
        self._soon.stop()

    def choose(self, job: int) -> None:
        """Makes a row the one that is shown."""
        self.table.choose(job)

    def selected(self) -> list[int]:
        """Numbers of the selected rows, from top to bottom."""
        return self.table.selected()

    def cancel_selected(self) -> None:
        """Stops the selected rows that wait or have their turn."""
        for job in self._selected_jobs(_STOPPABLE):
            self._context.runner.cancel(job.id)

    def retry_selected(self) -> None:
        """Asks again about the selected rows that failed or were cancelled."""
        self._context.runner.retry([job.id for job in self._selected_jobs(_REPEATABLE)])

    def remove_selected(self) -> None:
        """Takes the selected rows off the queue and selects the next one, or else the last; files stay."""
        gone = self.selected()
        going, below = set(gone), self.model.row_of(gone[-1]) + 1 if gone else 0
        rows = (*range(below, self.model.rowCount()), *range(below - 1, -1, -1))
        left = (job for job in (self.model.index(row, 0).data(JOB) for row in rows) if job not in going)
        # Chosen first: none of those that are going is shown for a moment.
        self.choose(next(left, -1))
        self._context.runner.remove(gone)

    def move_selected(self, offset: int) -> None:
        """Moves the selected rows; -1 is up by one, +1 down."""
        self._context.runner.move(self.selected(), offset)
        self.table.scrollTo(self.table.currentIndex())

    def show_in_folder(self) -> None:
        """Opens the folder of the results of the row that is shown, or of its clip when it has none."""
        job = self._context.runner.jobs.get(self.current_id)
        if job is not None and (job.files or job.path):
            reveal_or_say(job.files[0] if job.files else job.path, self._context.say)
        elif job is not None:
            self._context.say(self.tr("This take has not been saved yet."))

    def showEvent(self, event: QShowEvent) -> None:
        """Selected rows can be acted upon again."""
        super().showEvent(event)
        self._soon.start()

    def hideEvent(self, event: QHideEvent) -> None:
        """Rows that nobody sees are not acted upon."""
        super().hideEvent(event)
        self._soon.start()

    def _selected_jobs(self, states: frozenset[State]) -> list[Job]:
        jobs = (self._context.runner.jobs.get(id) for id in self.selected())
        return [job for job in jobs if job is not None and job.state in states]

    def _take_began(self) -> None:
        self._first_of_take = True

    def _take_finished(self, intake: Intake) -> None:
        self._first_of_take = False
        if not intake.refused:
            self._context.say(self.report.words)
        if len(intake.refused) == 1 and intake.refused[0].known and not intake.accepted:
            # Whoever opens a clip that is in the queue wants to see it.
            self.choose(next((job.id for job in self._context.runner.jobs if job.path == intake.refused[0].path), -1))

    def _rows_inserted(self, parent: QModelIndex, first: int, last: int) -> None:
        # Asked before the table comes to light: with the keyboard it makes its first row the current one by itself.
        wanted = self._first_of_take or self.current_id < 0
        self._rows_changed()
        if wanted:
            # The first of the clips that were just added is what the user wants to see, once.
            self._first_of_take = False
            self.choose(self.model.index(first, 0).data(JOB))

    def _rows_changed(self) -> None:
        page = 1 if self.model.rowCount() else 0
        self._pages.setCurrentIndex(page)
        self.setFocusProxy(self.table if page else self._open)
        self._soon.start()

    def _current_changed(self, index: QModelIndex) -> None:
        self._show(index.data(JOB) if index.isValid() else -1)

    def _show(self, job: int) -> None:
        if job != self.current_id:
            self.current_id = job
            self.current.emit(job)

    def _enable(self) -> None:
        # On other pages nobody sees what Del would remove.
        selected = self.selected() if self.isVisible() else []
        nothing = self.tr("Select clips in the queue first")
        stoppable = bool(selected and self._selected_jobs(_STOPPABLE))
        repeatable = bool(selected and self._selected_jobs(_REPEATABLE))
        for name, can, reason in (
            ("cancel", stoppable, self.tr("None of the selected clips waits or runs")),
            ("retry", repeatable, self.tr("None of the selected clips has failed")),
            *((name, bool(selected), nothing) for name in ("remove", "move_up", "move_down", "show_in_folder")),
        ):
            reason = "" if can else reason if selected else nothing
            if self._told.get(name) != (can, reason):
                self._told[name] = can, reason
                self._context.actions.set_enabled(name, can, reason)
