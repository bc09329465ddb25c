"""The window: puts the parts together, takes what is dropped on it, and closes them in the end."""

from __future__ import annotations

import os
from collections.abc import Callable

from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QPaintEvent
from PySide6.QtWidgets import QLineEdit, QStackedWidget

from fstmuse.artifacts.shelf import serving

from .actions import Actions
from .clip_view import ClipView
from .commands import Commands
from .context import Context
from .core.log import LogFile
from .drop_target import DropTarget
from .error_dialog import ErrorDialog, report
from .keys import keeps_focused
from .looking import Looking
from .pages import find_pages
from .panels.asking import ask_to
from .panels.clips_page import ClipsPage
from .panels.models_panel import ModelsPanel
from .panels.queue_panel import QueuePanel
from .panels.train_panel import TrainPanel
from .panels.training_note import TrainingNote
from .panels.welcome import DEMO, Welcome
from .player import make_player
from .runner import Runner
from .settings import Settings
from .shelf import Shelf
from .table_export import TableExport
from .takes import Takes
from .training import Training
from .window_parts import RecentMenu, StatusBar, fill_menus, make_toolbar
from .work import engine

_SAID_MS = 8000
_LAYOUT = 1  # grows when parts change so that a layout remembered before does not fit


class Window(DropTarget):
    """FstMuse's window. Child processes are started when it has been painted.

    Args:
        settings: read and changed.
        log: for reports of errors; None without a log.
        target: what runs in the engine's process.

    Attributes:
        context: the parts that others need.
        pages: the tasks.
        training: the training that is going on.
        clips: the page of clips.
        full_pages: what `show_page` shows, by name.
        stack: those pages.
        tables: exports tables.
        takes: music that was made from noise.
        commands: what actions do.
    """

    painted = Signal()
    """The window is on the screen for the first time, and its child processes are starting."""

    def __init__(self, settings: Settings, log: LogFile | None = None, target: Callable = engine.main) -> None:
        super().__init__()
        self.setObjectName("window")
        self.log, self._settings = log, settings
        self._was_painted = self._sure = self._closed = False
        self._errors: dict[tuple[str, str], ErrorDialog] = {}
        self.pages = find_pages()
        self.training = Training(settings, self)
        self.runner = Runner(self, target)
        self.context = Context(
            settings=settings,
            runner=self.runner,
            looking=Looking(self),
            player=make_player(self),
            shelf=Shelf(settings, self),
            actions=Actions(self.pages, self),
            say=self.say,
            error=self.tell_error,
            wrote=self.tell_written,
        )
        self.takes = self.context.takes = Takes(self.context, self)
        self._lay_out()
        self.tables = TableExport(self.context, self)
        self.commands = Commands(self)
        self.context.actions.bind(self)
        self._connect()
        self._restore()
        self._clip_shown("")
        self.commands.enable()

    @property
    def queue_panel(self) -> QueuePanel:
        """The queue."""
        return self.clips.queue_panel

    @property
    def clip_view(self) -> ClipView:
        """The clip that is shown."""
        return self.clips.clip_view

    def _lay_out(self) -> None:
        context = self.context
        # Tab goes from part to part as they are made: this stands above the others.
        self.toolbar = make_toolbar(self, context.actions)
        self.welcome = Welcome(context)
        self.clips = ClipsPage(context, self.pages, self.welcome)
        self.train_panel = TrainPanel(context, self.training)
        self.models_panel = ModelsPanel(context)
        self.full_pages = {"clips": self.clips, "train": self.train_panel, "models": self.models_panel}
        self.stack = QStackedWidget()
        for page in self.full_pages.values():
            self.stack.addWidget(page)
        self.setCentralWidget(self.stack)
        fill_menus(self, context.actions, RecentMenu(self._settings, self.take, self))
        self.status = StatusBar(self.runner, self._settings, lambda: self.commands.show_output(), self)
        self.setStatusBar(self.status)
        self.training_note = TrainingNote(self.training)
        self.status.insertPermanentWidget(0, self.training_note)
        # Space would press the first button of the toolbar otherwise.
        self.queue_panel.setFocus()
        for field in self.findChildren(QLineEdit):
            # A file that is dropped on a field is a clip like any other, not text.
            field.setAcceptDrops(False)

    def _connect(self) -> None:
        runner, shelf = self.runner, self.context.shelf
        self.dropped.connect(self.take)
        runner.modelRefused.connect(shelf.refuse)
        runner.modelLoaded.connect(shelf.accept)
        self.clips.shown.connect(self._clip_shown)
        self.takes.chosen.connect(self.queue_panel.choose)
        self.welcome.demoWanted.connect(self._train_demo)
        self.welcome.trainWanted.connect(lambda: self.show_page("train"))
        self.train_panel.trained.connect(self._trained)
        self.train_panel.useWanted.connect(self._use)
        self.training_note.told.connect(self.welcome.tell)
        self.training_note.clicked.connect(lambda: self.show_page("train"))

    def _restore(self) -> None:
        letter, line = self.fontMetrics().averageCharWidth(), self.fontMetrics().lineSpacing()
        room = self.screen().availableSize()
        self.resize(min(letter * 200, room.width() * 9 // 10), min(line * 48, room.height() * 9 // 10))
        self.restoreGeometry(self._settings.layout(f"window-{_LAYOUT}"))
        self.clips.spread(self.width())
        self.clips.splitter.restoreState(self._settings.layout(f"splitter-{_LAYOUT}"))
        self.clips.middle.restoreState(self._settings.layout(f"boards-{_LAYOUT}"))

    def show_page(self, name: str) -> None:
        """Shows a page.

        Args:
            name: `clips`, `train` or `models`.
        """
        self.stack.setCurrentWidget(self.full_pages[name])
        self.commands.enable()

    def take(self, paths: list[str]) -> None:
        """Takes clips from anywhere: files, folders, addresses (which are refused in words)."""
        if paths:
            self.show_page("clips")
            self.queue_panel.take(paths)

    def take_over(self, paths: list[str]) -> None:
        """What a second start brings: its clips, and the user's attention."""
        self.setWindowState(self.windowState() & ~Qt.WindowState.WindowMinimized)
        self.show()
        self.raise_()
        self.activateWindow()
        self.take(paths)

    def say(self, text: str) -> None:
        """Shows a line in the status bar for some seconds."""
        self.status.showMessage(text.partition("\n")[0], _SAID_MS)

    def tell_written(self, text: str, file: str) -> None:
        """Shows a line about a file that was written, and for as long a button that shows it in its folder."""
        self.say(text)
        self.status.offer(file)

    def tell_error(self, title: str, message: str, details: str) -> None:
        """Opens a dialog that tells of an error; the same error is told once at a time.

        Args:
            title: of the dialog.
            message: what happened, in words.
            details: traceback, or empty.
        """
        if dialog := self._errors.get((title, message)):
            dialog.raise_()
            return
        full = report(title, message, details, self._settings.as_text(), self.log.last_lines() if self.log else "")
        dialog = ErrorDialog(title, message, full, self)
        self._errors[title, message] = dialog
        dialog.destroyed.connect(lambda: self._errors.pop((title, message), None))
        dialog.show()

    def tell_fault(self, message: str, details: str) -> None:
        """As `tell_error`, of what nobody caught."""
        self.tell_error(self.tr("Something went wrong"), message, details)

    def _train_demo(self) -> None:
        self.show_page("train")
        self.training.start(DEMO)

    def _trained(self, artifact: str) -> None:
        self.context.shelf.rescan()
        self.models_panel.choose(artifact)

    def _use(self, artifact: str) -> None:
        self.show_page("clips")
        models = [model for model in self.context.shelf.models if model.path == artifact and model.card]
        names = [model.name for model in models]
        verb = next((page.verb for page in self.pages if serving(models, page.tasks)), self.clips.page.verb)
        if verb != self.clips.page.verb:
            # Chosen first: a page that is shown asks at once whom it finds chosen.
            self._settings.set_chosen(verb, names)
            self.clips.show_page(verb)
        self.clips.chooser.choose(names)
        self.commands.enable()

    def _clip_shown(self, path: str) -> None:
        self.setWindowFilePath(path)
        self.setWindowTitle(f"{os.path.basename(path)} - FstMuse" if path else "FstMuse")  # noqa: PTH119

    def _start_children(self) -> None:
        if not self._closed:
            self.runner.start()
            self.context.looking.start()
            self.painted.emit()

    def event(self, event: QEvent) -> bool:
        """Keys that the widget with the keyboard needs are no shortcuts."""
        if event.type() == QEvent.Type.ShortcutOverride and keeps_focused(event):
            event.accept()
            return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Starts the child processes behind the first painting: they take the processor for seconds."""
        super().paintEvent(event)
        if not self._was_painted:
            self._was_painted = True
            QTimer.singleShot(0, self._start_children)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Asks before work is lost; then ends everything."""
        going_on = [
            words
            for busy, words in (
                (self.training.busy, self.tr("A training is running; it can be resumed from its last epoch.")),
                (self.runner.busy, self.tr("Clips or takes in the queue are not done yet.")),
                (self.takes.files.saving, self.tr("Takes are being saved.")),
                (self.takes.precious, self.tr("Takes that are kept have not been saved.")),
            )
            if busy
        ]
        if going_on and not self._sure:
            event.ignore()
            ask_to(
                self,
                self.tr("Close FstMuse"),
                self.tr("Close although work is going on?"),
                "\n".join(going_on),
                self.tr("Close"),
                self.close_surely,
            )
            return
        event.accept()
        self._end()

    def close_surely(self) -> None:
        """Closes without a question."""
        self._sure = True
        self.close()

    def _end(self) -> None:
        if self._closed:
            return
        self._closed = True
        self._settings.keep_layout(f"window-{_LAYOUT}", self.saveGeometry())
        self._settings.keep_layout(f"splitter-{_LAYOUT}", self.clips.splitter.saveState())
        self._settings.keep_layout(f"boards-{_LAYOUT}", self.clips.middle.saveState())
        self._settings.flush()
        # Ending children takes a moment, in which nobody needs to see a window that does not answer.
        self.hide()
        self.status.release()
        self.clips.release()
        self.context.player.close()
        self.training.close()
        self.models_panel.close_down()
        self.runner.close()
        self.context.looking.close()
        self.takes.close()
