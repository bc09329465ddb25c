"""A take as a card: its picture, what it is, and what can be done with it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QContextMenuEvent, QMouseEvent, QPainter, QPaintEvent, QPalette, QPen, QResizeEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QMenu,
    QProgressBar,
    QSizePolicy,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from ..core.jobs import Job, State
from ..core.take_picture import levels
from ..icons import icon
from ..said import first_line
from ..take_words import made_words, note_words, tip_words
from ..views.take_picture import TakePicture
from ..words import Words, plain_tip

if TYPE_CHECKING:
    from ..context import Context
    from ..takes import Takes

_FINE = 1000
"""Parts of a progress bar."""


class TakeCard(QWidget):
    """A row of the queue that is a take, from when it is asked for.

    Args:
        context: the parts of the window.
        takes: all takes.
        job: the row.
        parent: Qt parent.

    Attributes:
        id: number of the row.
        picture: of the music, once it is made.
        note: what it goes on from, and that it was cut short; hidden where there is nothing of the kind.
        play: plays or pauses it.
        keep: pressed while it is kept.
        save: writes it into the folder of results.
        more: opens the menu.
    """

    def __init__(self, context: Context, takes: Takes, job: Job, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context, self._takes, self._job = context, takes, job
        self.id = job.id
        self._made: object = None
        self._current = False
        self.picture = TakePicture()
        self.title = QLabel()
        self.title.setTextFormat(Qt.TextFormat.PlainText)
        self.title.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.note = QLabel()
        self.note.setTextFormat(Qt.TextFormat.PlainText)
        self.note.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.note.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self.state = Words()
        self.state.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.bar = QProgressBar()
        self.bar.setRange(0, _FINE)
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName(self.tr("Progress of the take"))
        self.play = _button("play")
        self.keep = _button("keep")
        self.keep.setCheckable(True)
        self.save = _button("save")
        self.more = _button("more")
        self.more.setToolTip(self.tr("More that can be done with this take"))
        self.more.clicked.connect(lambda: self._open_menu(self.more.mapToGlobal(self.more.rect().bottomLeft())))
        self.play.clicked.connect(partial(takes.play, self.id))
        self.keep.clicked.connect(partial(takes.toggle_kept, self.id))
        self.save.clicked.connect(partial(takes.files.save, self.id))
        self.picture.chosen.connect(partial(takes.chosen.emit, self.id))
        self.picture.activated.connect(partial(takes.play, self.id))
        self.picture.dragged.connect(self._drag)
        self._lay_out()
        self.refresh()
        self.set_playing(False)

    def _lay_out(self) -> None:
        gap, waiting = self.fontMetrics().averageCharWidth(), QWidget()
        column = QVBoxLayout(waiting)
        column.setContentsMargins(gap, 0, gap, 0)
        column.addStretch(1)
        column.addWidget(self.state)
        column.addWidget(self.bar)
        column.addStretch(1)
        self._pages = QStackedWidget()
        self._pages.addWidget(waiting)
        self._pages.addWidget(self.picture)
        self._pages.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        buttons = QHBoxLayout()
        buttons.setSpacing(gap // 2)
        for button in (self.play, self.keep, self.save):
            buttons.addWidget(button)
        buttons.addStretch(1)
        buttons.addWidget(self.more)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(gap, gap, gap, gap)
        layout.setSpacing(gap // 2)
        layout.addWidget(self._pages)
        layout.addWidget(self.title)
        layout.addWidget(self.note)
        layout.addLayout(buttons)
        layout.addStretch(1)  # others in its row may have a line more

    # What is shown

    def refresh(self) -> None:
        """Shows how the take stands now."""
        answer = self._takes.answer(self.id)
        made = answer.result if answer is not None else None
        if made is not self._made:
            self._made = made
            self.picture.set_levels(levels(made.picture) if made is not None else None)
        self._pages.setCurrentWidget(self.picture if made is not None else self._pages.widget(0))
        going_on = self._job.state in (State.LOADING, State.RUNNING)
        self.state.setText(self._state_words())
        self.bar.setVisible(going_on and made is None)
        self.bar.setValue(round(_FINE * self._job.fraction))
        name = made_words(made) if made is not None else self._job.title
        self._name, self._note = name, note_words(self._job.options, made)
        self._fit_words()
        self.setAccessibleName(self.tr("Take: {0}").format(name))
        self.setAccessibleDescription(self._note)
        self.picture.setAccessibleName(self.tr("Picture of the take: {0}").format(name))
        self.picture.setToolTip(plain_tip(self._tip()))
        self.state.setToolTip(plain_tip(self._job.reason))
        self.keep.setEnabled(made is not None)
        self.play.setEnabled(bool(answer is not None and answer.draft))
        self._refresh_buttons()

    def _refresh_buttons(self) -> None:
        kept = self.id in self._takes.kept
        self.keep.setChecked(kept)
        self.keep.setToolTip(
            self.tr("Kept: it stays when new takes are made. Click to let it go")
            if kept
            else self.tr("Keep: it stays when new takes are made")
        )
        self.keep.setAccessibleName(self.tr("Keep {0}").format(self._name))
        saved = self._made is not None and not self._takes.files.lacking(self.id)
        busy = self._takes.files.busy(self.id)
        self.save.setEnabled(self._made is not None and not busy)
        self.save.setIcon(icon("done" if saved else "save"))
        self.save.setToolTip(
            self.tr("Saved")
            if saved
            else self.tr("Being saved")
            if busy
            else self.tr("Save: sound (WAV), picture (PNG) and how it was made (JSON), into the folder of results")
        )
        self.save.setAccessibleName(self.tr("Save {0}").format(self._name))
        self.more.setAccessibleName(self.tr("More about {0}").format(self._name))

    def set_current(self, current: bool) -> None:
        """It is the take that is shown, or not."""
        if current != self._current:
            self._current = current
            self.update()

    def set_playing(self, playing: bool) -> None:
        """It is heard, or not."""
        self.play.setIcon(icon("pause" if playing else "play"))
        self.play.setToolTip(self.tr("Pause") if playing else self.tr("Play"))
        name = self.tr("Pause {0}") if playing else self.tr("Play {0}")
        self.play.setAccessibleName(name.format(self._name))

    def set_place(self, seconds: float) -> None:
        """Where the cursor stands in the take, in s; below 0, not in this one."""
        share = seconds / self._made.seconds if self._made is not None and seconds >= 0 else -1.0
        self.picture.set_place(min(share, 1.0))

    def _state_words(self) -> str:
        job = self._job
        if job.state is State.FAILED:
            return first_line(job, job.reason)
        if job.state is State.RUNNING:
            return self.tr("{0} %").format(int(100 * job.fraction))
        return {
            State.WAITING: self.tr("Waits for its turn"),
            State.LOADING: job.text,
            State.CANCELLING: job.text,
            State.CANCELLED: self.tr("Cancelled"),
        }.get(job.state, "")

    def _tip(self) -> str:
        made, answer = self._made, self._takes.answer(self.id)
        if made is None:
            return ""
        lines = [
            tip_words(made, answer.name),
            self.tr("A double click plays it. Drag it into another program to use its sound there."),
        ]
        return "\n".join([*lines, *([answer.unsaved] if answer.unsaved else [])])

    def _fit_words(self) -> None:
        ends, end = Qt.TextElideMode.ElideMiddle, Qt.TextElideMode.ElideRight
        for label, words, mode in ((self.title, self._name, ends), (self.note, self._note, end)):
            label.setText(self.fontMetrics().elidedText(words, mode, max(1, label.width())))
            label.setToolTip(plain_tip(words) if label.text() != words else "")
        self.note.setVisible(bool(self._note))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """As much of the name as there is room for: names differ at both ends."""
        super().resizeEvent(event)
        self._fit_words()

    def paintEvent(self, event: QPaintEvent) -> None:
        """A ground with a line around it, a stronger one around the take that is shown."""
        palette, painter = self.palette(), QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        role = QPalette.ColorRole.Accent if self._current else QPalette.ColorRole.Mid
        width = 2.0 if self._current else 1.0
        painter.setPen(QPen(palette.color(role), width))
        painter.setBrush(palette.color(QPalette.ColorRole.AlternateBase))
        round_by = self.fontMetrics().averageCharWidth() * 0.6
        inset = width / 2
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(inset, inset, -inset, -inset), round_by, round_by)

    # What is done

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Chooses it, wherever on it the mouse is: those that are still to be made have no picture."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._takes.chosen.emit(self.id)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """What can be done with it."""
        self._takes.chosen.emit(self.id)
        self._open_menu(event.globalPos())

    def _open_menu(self, at) -> None:
        self.make_menu().popup(at)

    def make_menu(self) -> QMenu:
        """The menu, to be shown once."""
        takes, made = self._takes, self._made is not None
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.setToolTipsVisible(True)
        menu.addAction(icon("save"), self.tr("&Save"), partial(takes.files.save, self.id)).setEnabled(made)
        menu.addAction(icon("paste"), self.tr("Copy s&eed"), partial(takes.copy_seed, self.id)).setEnabled(made)
        again = partial(takes.settings_wanted.emit, self.id)
        menu.addAction(icon("settings"), self.tr("&Use its settings again"), again).setEnabled(made)
        between = menu.addMenu(icon("between"), self.tr("&Between this and"))
        between.setToolTipsVisible(True)
        for job in takes.jobs:
            if job.id != self.id and takes.answer(job.id) is not None:
                action = between.addAction(
                    made_words(takes.answer(job.id).result).replace("&", "&&"), partial(takes.between, self.id, job.id)
                )
                why = takes.why_not_between(self.id, job.id)
                action.setEnabled(not why)
                action.setToolTip(why)
        why = takes.why_nothing_between(self.id)
        between.setEnabled(made and not why and bool(between.actions()))
        between.menuAction().setToolTip(why)
        menu.addSeparator()
        if self._job.state is State.FAILED:
            menu.addAction(icon("retry"), self.tr("&Retry"), partial(self._context.runner.retry, [self.id]))
        going_on = self._job in takes.making
        menu.addAction(
            icon("cancel" if going_on else "remove"),
            self.tr("&Cancel") if going_on else self.tr("Re&move"),
            partial(self._context.runner.remove, [self.id]),
        )
        return menu

    def _drag(self) -> None:
        if file := self._takes.files.to_drag(self.id):
            self.picture.drag(file)


def _button(name: str) -> QToolButton:
    button = QToolButton()
    button.setAutoRaise(True)
    button.setIcon(icon(name))
    # By Tab, too: a tool button is passed over otherwise only where the system says so.
    button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    return button
