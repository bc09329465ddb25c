"""Two clips of the queue beside each other: the one that is shown as A, another selected one as B."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from .core.jobs import Job

if TYPE_CHECKING:
    from .clip_view import ClipView
    from .context import Context
    from .panels.queue_panel import QueuePanel


class Comparing(QObject):
    """Begins and ends a comparison; a page that has made a sound calls `ClipView.compare` by itself.

    Args:
        context: pictures of clips are taken from `looking`; what goes on is told by `say`.
        clip_view: shows both clips.
        queue_panel: where clips are selected.
        parent: Qt parent.
    """

    changed = Signal()
    """Whether there is anything to compare, or is being compared, or which of both is shown."""

    def __init__(
        self, context: Context, clip_view: ClipView, queue_panel: QueuePanel, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._context, self._clip_view, self._queue_panel = context, clip_view, queue_panel
        self._beside = -1  # number of the row that is B
        context.runner.removed.connect(self._removed)
        clip_view.compared.connect(self._compared)
        queue_panel.current.connect(self.changed)
        queue_panel.table.selectionModel().selectionChanged.connect(self.changed)

    @property
    def other(self) -> Job | None:
        """The one selected row that is not shown; None where there is none, or more."""
        jobs, shown = self._context.runner.jobs, self._queue_panel.current_id
        others = [id for id in self._queue_panel.selected() if id != shown]
        return (
            jobs.get(others[0])
            if len(others) == 1 and all(id in jobs and jobs.get(id).sound for id in (shown, *others))
            else None
        )

    @property
    def shown(self) -> Job | None:
        """The row of B, while that is the clip that is shown; None also where B is not in the queue."""
        view = self._clip_view
        shown = view.second is not None and view.clip is view.second
        return self._context.runner.jobs.get(self._beside) if shown else None

    @property
    def reason(self) -> str:
        """Why nothing can be begun or ended now; empty when it can."""
        if self._clip_view.comparing or self.other is not None:
            return ""
        return self.tr("Select two clips in the queue (Ctrl and click): the one that is shown is compared to the other")

    def toggle(self) -> None:
        """Puts the other selected clip beside the one that is shown, or ends the comparison."""
        other = self.other
        if self._clip_view.comparing:
            self._clip_view.compare(None)
        elif other is not None:
            self._beside = other.id
            self._clip_view.compare(self._context.looking.show(other.sound))
            keys = self._context.actions["toggle_ab"].shortcut().toString()
            shown = self._context.runner.jobs.get(self._queue_panel.current_id).name
            self._context.say(self.tr("A is {0}, B is {1}: {2} swaps them.").format(shown, other.name, keys))

    def _compared(self) -> None:
        job, second = self._context.runner.jobs.get(self._beside), self._clip_view.second
        if job is None or second is None or second.path != job.sound:
            self._beside = -1
        self.changed.emit()

    def _removed(self, jobs: list[int]) -> None:
        # A row that is shown takes the comparison with it by itself: another clip is shown.
        if self._beside in jobs:
            self._clip_view.compare(None)
