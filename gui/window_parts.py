"""Menus, toolbar and status bar of the window, made from the table of actions."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QEvent, Qt, QTimer
from PySide6.QtGui import QAction, QResizeEvent
from PySide6.QtWidgets import QLabel, QMainWindow, QMenu, QSizePolicy, QStatusBar, QToolBar, QToolButton, QWidget

from .action_entry import MENUS
from .actions import Actions
from .icons import icon
from .reveal import reveal_or_say
from .runner import Runner
from .settings import Settings
from .words import one_line, plain_tip

TOOLBAR = ("open_files", "open_folder", "", "VERBS", "", "run", "cancel_all", "", "play_pause", "loop", "SPACE")
TOOLBAR_PAGES = ("clips", "train", "models")
TOOLBAR_BRIEF = ("cancel_all", *TOOLBAR_PAGES)
"""What can be told by its icon alone; tasks have icons like each other, and Run is what newcomers look for."""


def fill_menus(window: QMainWindow, actions: Actions, recent: QMenu) -> None:
    """Puts all actions into the menu bar.

    Args:
        window: whose menu bar it is.
        actions: to be put there.
        recent: menu of recent clips, placed behind what opens clips.
    """
    for name, title in MENUS.items():
        menu = window.menuBar().addMenu(QCoreApplication.translate("Actions", title))
        menu.setToolTipsVisible(True)
        group = 0
        for entry in actions.of_menu(name):
            if entry.group != group:
                menu.addSeparator()
                group = entry.group
            menu.addAction(actions[entry.name])
            if entry.name == "paste":
                menu.addMenu(recent)


class Toolbar(QToolBar):
    """A toolbar some of whose buttons go without words where there is no room for all.

    Args:
        parent: the window.
    """

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._brief: list[QToolButton] = []
        self._needed = 0

    def set_brief(self, buttons: list[QToolButton]) -> None:
        """Says which buttons can do without words, when all is in place."""
        self._brief = buttons
        self._measure()

    def _measure(self) -> None:
        self._write(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._needed = self.sizeHint().width()
        self._fit()

    def _fit(self) -> None:
        roomy = self.width() >= self._needed
        style = Qt.ToolButtonStyle.ToolButtonTextBesideIcon if roomy else Qt.ToolButtonStyle.ToolButtonIconOnly
        self._write(style)

    def _write(self, style: Qt.ToolButtonStyle) -> None:
        for button in self._brief:
            if button.toolButtonStyle() != style:
                button.setToolButtonStyle(style)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Words where there is room for them."""
        super().resizeEvent(event)
        self._fit()

    def changeEvent(self, event: QEvent) -> None:
        """Larger letters need more room."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._measure()


def make_toolbar(window: QMainWindow, actions: Actions) -> QToolBar:
    """Puts what is needed most into a toolbar."""
    bar = Toolbar(window)
    bar.setObjectName("toolbar")
    bar.setWindowTitle(QCoreApplication.translate("Window", "Toolbar"))
    bar.setMovable(False)
    bar.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
    bar.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
    verbs = [entry.name for entry in actions.of_menu("task")]
    for name in TOOLBAR:
        if not name:
            bar.addSeparator()
        elif name == "VERBS":
            bar.addActions([actions[verb] for verb in verbs])
        elif name == "SPACE":
            space = QWidget()
            space.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
            bar.addWidget(space)
        else:
            bar.addAction(actions[name])
    bar.addActions([actions[name] for name in TOOLBAR_PAGES])
    for name in ("open_files", "open_folder", "play_pause", "loop"):
        bar.widgetForAction(actions[name]).setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)
    for button in bar.findChildren(QToolButton):
        # By Tab, too: all buttons can be reached without a mouse.
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        if button.defaultAction() is not None:
            _name(button)
            button.defaultAction().changed.connect(partial(_name, button))
    window.addToolBar(bar)
    bar.set_brief([bar.widgetForAction(actions[name]) for name in TOOLBAR_BRIEF])
    return bar


def _name(button: QToolButton) -> None:
    button.setAccessibleName(button.defaultAction().iconText().replace("&", ""))


class RecentMenu(QMenu):
    """The clips that were added last.

    Args:
        settings: remember them.
        take: is given the path that was chosen.
        parent: Qt parent.
    """

    def __init__(self, settings: Settings, take: Callable[[list[str]], object], parent: QWidget) -> None:
        super().__init__(parent)
        self.setTitle(self.tr("Recent clips"))
        self.setToolTipsVisible(True)
        self._settings, self._take = settings, take
        self.aboutToShow.connect(self._fill)
        settings.changed.connect(self._changed)
        self._changed("recent")

    def _changed(self, name: str) -> None:
        if name == "recent":
            self.menuAction().setEnabled(bool(self._settings.recent))

    def _fill(self) -> None:
        self.clear()
        for number, path in enumerate(self._settings.recent, 1):
            name = one_line(Path(path).name).replace("&", "&&")
            action = QAction(f"&{number} {name}" if number < 10 else name, self)
            action.setToolTip(plain_tip(path))
            action.triggered.connect(lambda checked, path=path: self._take([path]))
            self.addAction(action)
        self.addSeparator()
        self.addAction(self.tr("Clear the list"), self._settings.clear_recent)


class StatusBar(QStatusBar):
    """What the engine does, how far the queue is, and where results go.

    Args:
        runner: whose state is told.
        settings: `output_folder` is told.
        show_output: opens that folder.
        parent: Qt parent.
    """

    def __init__(
        self, runner: Runner, settings: Settings, show_output: Callable[[], object], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._runner, self._settings = runner, settings
        self.queue = QLabel()
        self.queue.setAccessibleDescription(self.tr("Progress of the queue"))
        self.engine = QLabel()
        self.engine.setTextFormat(Qt.TextFormat.PlainText)
        self.again = QToolButton()
        self.again.setText(self.tr("Start again"))
        self.again.setToolTip(self.tr("Start the process that answers once more"))
        self.again.clicked.connect(runner.start)
        self.output = QToolButton()
        self.output.setAutoRaise(True)
        self.output.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.output.setIcon(icon("folder"))
        self.output.clicked.connect(show_output)
        self.file = QToolButton()
        self.file.setText(self.tr("Show in folder"))
        self.file.clicked.connect(lambda: reveal_or_say(self._offered, self.showMessage))
        self._offered = ""
        # It goes with the words that it belongs to.
        self.messageChanged.connect(lambda text: self.file.hide())
        for widget in (self.file, self.queue, self.engine, self.again, self.output):
            self.addPermanentWidget(widget)
        settings.changed.connect(self._setting_changed)
        runner.engineChanged.connect(self._show_engine)
        # Of a busy queue it is the clock that shows progress: time left goes down between messages, too.
        self._second = QTimer(self, interval=1000)
        self._second.timeout.connect(self._show_progress)
        for signal in (runner.added, runner.changed, runner.removed):
            signal.connect(self._queue_changed)
        self.again.hide()
        self.file.hide()
        self._setting_changed("output_folder")

    def release(self) -> None:
        """Says nothing any more, and lets no timer run."""
        self._second.stop()
        self.clearMessage()

    def offer(self, file: str) -> None:
        """Shows a button for a file that was written, as long as the words about it stand there."""
        self._offered = file
        self.file.setToolTip(plain_tip(file))
        self.file.show()

    def _queue_changed(self) -> None:
        if self._second.isActive() != self._runner.busy:
            self._show_progress()
            self._show_engine()
            if self._runner.busy:
                self._second.start()
            else:
                self._second.stop()

    def _show_progress(self) -> None:
        done, total, left_s = self._runner.progress()
        text = self.tr("{0} of {1}").format(done, total) if self._runner.busy and total else ""
        if text and left_s is not None:
            minutes, seconds = divmod(max(1, round(left_s)), 60)
            left = self.tr("{0} min {1} s").format(minutes, seconds) if minutes else self.tr("{0} s").format(seconds)
            text = self.tr("{0}, {1} left").format(text, left)
        if text != self.queue.text():
            self.queue.setText(text)

    def _show_engine(self) -> None:
        busy = self._runner.busy and self._runner.engine_state == "ready"
        words = self.tr("Answering") if busy else self._runner.engine_text
        self.engine.setText(words)
        self.engine.setAccessibleName(self.tr("Engine: {0}").format(words))
        self.again.setVisible(self._runner.engine_state == "dead")

    def _setting_changed(self, name: str) -> None:
        if name in ("output_folder", "save_results"):
            folder = Path(self._settings.output_folder)
            shown = Path("~") / folder.relative_to(Path.home()) if folder.is_relative_to(Path.home()) else folder
            width = self.fontMetrics().averageCharWidth() * 40
            text = self.fontMetrics().elidedText(str(shown), Qt.TextElideMode.ElideMiddle, width)
            text, saved = text.replace("&", "&&"), self._settings.save_results
            self.output.setText(text if saved else self.tr("{0} (not saving)").format(text))
            self.output.setToolTip(plain_tip(self.tr("Results are written to {0}. Click to open it.").format(folder)))
            self.output.setAccessibleName(self.tr("Folder for results: {0}").format(folder))
