"""Clips and what is made of them: the queue, the clip that is shown, and the page of the task at its right."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, Qt, Signal
from PySide6.QtWidgets import QSplitter, QStackedWidget, QVBoxLayout, QWidget

from fstmuse.artifacts.shelf import Model, serving

from ..clip_view import ClipView
from ..comparing import Comparing
from ..context import Context
from ..core.intake import Intake
from ..core.jobs import ACTIVE, Job, State
from ..core.messages import Saving
from ..pages import Page
from ..said import outdated
from ..words import menu_words
from .chooser import ModelChooser
from .queue_panel import QueuePanel
from .welcome import Welcome

_SHARES = (30, 46, 24)
"""Widths of queue, clip and task at first, in percent."""


class ClipsPage(QWidget):
    """What the window shows most of the time.

    Args:
        context: the parts of the window; its `clip_view` and `selected` are set here.
        pages: the tasks, at least one.
        welcome: stands at the right while there is no model.
        parent: Qt parent.

    Attributes:
        page: the task that is shown.
        views: of each task, by verb.
        models: that are chosen to be asked.
        comparing: puts two clips beside each other.
    """

    shown = Signal(str)
    """Path of the clip that is shown now; empty for none."""

    page_changed = Signal(str)
    """Verb of the task that is shown now."""

    def __init__(self, context: Context, pages: list[Page], welcome: Welcome, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._pages = {page.verb: page for page in pages}
        self._path = ""
        self._answered: Job | None = None
        self._lanes: list[QWidget] = []
        self.models: list[Model] = []
        self.queue_panel = QueuePanel(context)
        context.selected = self.queue_panel.selected
        self.clip_view = context.clip_view = ClipView(context)
        self.comparing = Comparing(context, self.clip_view, self.queue_panel, self)
        self.chooser = ModelChooser(context)
        self.views = {page.verb: page.make(context) for page in pages}
        self.page = self._pages.get(context.settings.page, pages[0])
        self._lay_out(welcome)

        # Takes first: they see to it that there is something to be shown.
        self.queue_panel.current.connect(context.takes.set_current)
        self.queue_panel.current.connect(self._show_job)
        self.queue_panel.intaking.taken.connect(self._add)
        self.chooser.chosen.connect(self._choose_models)
        self.clip_view.compared.connect(self._compared)
        context.runner.changed.connect(self._job_changed)
        context.runner.answered.connect(self._job_answered)
        for signal in (context.looking.grew, context.looking.finished):
            signal.connect(self.clip_view.clip_grew)
        context.looking.failed.connect(self._clip_failed)
        context.shelf.changed.connect(self._shelf_changed)
        self._put_page(self.page.verb)
        self._shelf_changed()

    def _lay_out(self, welcome: Welcome) -> None:
        self._task = QStackedWidget()
        for view in self.views.values():
            self._task.addWidget(view)
        right = QWidget()
        column = QVBoxLayout(right)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.chooser)
        column.addWidget(self._task, 1)
        self.right = QStackedWidget()
        self.right.addWidget(right)
        self.right.addWidget(welcome)
        self._welcome = welcome
        self.boards = QStackedWidget()
        self._boards = {verb: self.views[verb].board() for verb, page in self._pages.items() if page.new}
        for board in self._boards.values():
            self.boards.addWidget(board)
        self.middle = QSplitter(Qt.Orientation.Vertical)
        for widget in (self.boards, self.clip_view):
            self.middle.addWidget(widget)
        self.splitter = QSplitter(Qt.Orientation.Horizontal)
        for splitter in (self.middle, self.splitter):
            splitter.setChildrenCollapsible(False)
        for place, widget in enumerate((self.queue_panel, self.middle, self.right)):
            self.splitter.addWidget(widget)
            self.splitter.setStretchFactor(place, _SHARES[place])
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.splitter)

    def spread(self, width: int) -> None:
        """Gives each part its share.

        Args:
            width: of the whole in pixels.
        """
        self.splitter.resize(width, self.splitter.height())
        self.splitter.setSizes([width * share // 100 for share in _SHARES])

    @property
    def job(self) -> Job | None:
        """The row that is shown: of two that are compared, the one that is seen and heard."""
        return self.comparing.shown or self._context.runner.jobs.get(self.queue_panel.current_id)

    @property
    def view(self) -> QWidget:
        """What is shown of the task."""
        return self.views[self.page.verb]

    def show_page(self, verb: str) -> None:
        """Shows a task at the right.

        Args:
            verb: of its page.
        """
        self._context.settings.page = verb
        self._put_page(verb)

    def _put_page(self, verb: str) -> None:
        self.page = self._pages[verb]
        self._task.setCurrentWidget(self.view)
        if verb in self._boards:
            self.boards.setCurrentWidget(self._boards[verb])
        self.boards.setVisible(verb in self._boards)
        self.queue_panel.set_new(self.page.new)
        self.clip_view.new = self.page.new
        self.clip_view.clip_grew()
        self.chooser.set_page(self.page)
        self._show_answers()
        self.page_changed.emit(verb)

    def ask(self, ids: list[int], fresh: bool) -> int:
        """Asks the chosen models about rows, as the page is set.

        Args:
            ids: numbers of the rows; those whose turn it is are left alone.
            fresh: ask for answers that are there already, too.

        Returns:
            How many rows are asked.
        """
        runner, count = self._context.runner, 0
        for job in map(runner.jobs.get, ids):
            if job is None or job.state in ACTIVE or not job.path:
                continue
            options, whole = self.view.options(part=job is self.job, job=job), self.view.options(part=False)
            artifacts = tuple(model.path for model in self.models if self._lacks(job, model))
            # Who asks about a part wants it of all models; else those that have answered need not do it again.
            if fresh and (not artifacts or options != whole):
                artifacts = self._artifacts()
            if artifacts:
                runner.ask([job.id], self.page.verb, artifacts, options, self._saving())
                count += 1
        self._look_again()
        return count

    def _lacks(self, job: Job, model: Model) -> bool:
        """A model has not answered, or another network did that had its name."""
        verb = self.page.verb
        return job.lacks(verb, model.path) or outdated(job.answers[verb, model.path], model)

    def release(self) -> None:
        """Stops what goes on in the background."""
        self.queue_panel.release()

    def _artifacts(self) -> tuple[str, ...]:
        return tuple(model.path for model in self.models)

    def _saving(self) -> Saving | None:
        settings = self._context.settings
        formats = (*self.page.formats, *(settings.formats if settings.save_results else ()))
        return Saving(settings.output_folder, tuple(dict.fromkeys(formats))) if formats else None

    def _add(self, intake: Intake) -> None:
        if intake.accepted:
            settings = self._context.settings
            run = settings.run_on_drop and self.page.runs_on_drop
            settings.add_recent(intake.accepted)
            # What makes something new has nothing to say of clips.
            artifacts = () if self.page.new else self._artifacts()
            self._context.runner.add(
                intake.accepted, self.page.verb, artifacts, self.view.options(part=False), self._saving(), run
            )

    def _show_job(self, number: int) -> None:
        job = self._context.runner.jobs.get(number)
        path = job.sound if job else ""
        if path != self._path:
            self._path = path
            self.clip_view.show_clip(self._context.looking.show(path) if path else None)
            self._shelf_changed()
            self.shown.emit(path)
        self._show_answers()

    def _job_changed(self, number: int) -> None:
        job = self.job
        if job is not None and number == job.id:
            self._show_answers()

    def _job_answered(self, number: int, artifact: str) -> None:
        job = self._context.runner.jobs.get(number)
        if job is not None and job.path == self._path:
            self._look_again()
        if job is not None and job is self.job and not job.path:
            self._show_job(number)

    def _look_again(self) -> None:
        """Shows the clip as it is now: its file may be another one since it was looked at."""
        if self._path and self._context.looking.outdated(self._path):
            self.clip_view.show_clip(self._context.looking.show(self._path))

    def _compared(self) -> None:
        # A page that compares by itself, while it shows a row, is not told of that row once more.
        if self.job is not self._answered:
            self._show_answers()

    def _show_answers(self) -> None:
        self._answered = self.job
        self.view.show_job(self.job)
        self._show_lanes()

    def _show_lanes(self) -> None:
        lanes = list(self.view.lanes())
        if lanes != self._lanes:
            self._lanes = lanes
            self.clip_view.set_lanes(lanes)

    def _clip_failed(self, path: str, reason: str) -> None:
        self.clip_view.clip_grew(path)

    def _choose_models(self, models: list[Model]) -> None:
        self.models = list(models)
        self._follow()
        self.view.set_models(self.models)
        self._show_lanes()
        self._context.runner.preload(list(self._artifacts()))
        self._ask_left()

    def _follow(self) -> None:
        tasks = {verb: menu_words(QCoreApplication.translate("Page", page.title)) for verb, page in self._pages.items()}
        self.queue_panel.model.follow(self.page.verb, tuple(self.models), tuple(self._context.shelf.models), tasks)

    def _ask_left(self) -> None:
        """Asks about clips that came while there was no model to ask, as if they came now."""
        context = self._context
        if self.models and context.settings.run_on_drop and self.page.runs_on_drop:
            idle = [job for job in context.runner.jobs if job.state is State.IDLE and job.path]
            left = [job.id for job in idle if not job.artifacts]
            context.runner.ask(left, self.page.verb, self._artifacts(), self.view.options(part=False), self._saving())

    def _shelf_changed(self) -> None:
        """Shows a page that can do something; where none can, the welcome says how to get a model."""
        self._follow()
        models, pages = self._context.shelf.models, self._pages
        able = [verb for verb, page in pages.items() if serving(models, page.tasks)]
        # What the user wanted comes first, then what is shown: a model may be gone for a moment only.
        page = next((verb for verb in (self._context.settings.page, self.page.verb, *able) if verb in able), "")
        if page and page != self.page.verb:
            self._put_page(page)
        self.right.setCurrentIndex(0 if able else 1)
        # Before there is anything to see, the welcome has its place, too.
        self.middle.setVisible(bool(able or self._path))
