"""Takes side by side, each as soon as it is made."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, QTimer
from PySide6.QtGui import QKeySequence, QResizeEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QScrollArea, QStackedWidget, QWidget

from ..core.jobs import State
from ..words import Words
from .take_card import TakeCard

if TYPE_CHECKING:
    from ..context import Context
    from ..takes import Takes

_WIDTH = 26
"""Of a card at least, in letters."""


class TakesBoard(QStackedWidget):
    """A card for each take, in as many columns as there is room for; words while there is none.

    Args:
        context: the parts of the window.
        takes: which there are.
        parent: Qt parent.

    Attributes:
        cards: by number of their rows, in order.
        empty: what is said while there are none.
    """

    def __init__(self, context: Context, takes: Takes, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context, self._takes = context, takes
        self.cards: dict[int, TakeCard] = {}
        self._columns = 0
        keys = context.actions["run"].shortcut().toString(QKeySequence.SequenceFormat.NativeText)
        self.empty = Words(
            self.tr(
                "Takes appear here, side by side. Set at the right what they shall be like, and press Generate ({0})."
            ).format(keys)
        )
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.empty.setMargin(2 * self.fontMetrics().averageCharWidth())
        self._ground = QWidget()
        self._grid = QGridLayout(self._ground)
        gap = self.fontMetrics().averageCharWidth()
        self._grid.setContentsMargins(gap, gap, gap, gap)
        self._grid.setSpacing(gap)
        self._scroll = _Scroll(self._arrange)
        self._scroll.setWidget(self._ground)
        self.addWidget(self.empty)
        self.addWidget(self._scroll)
        self.setAccessibleName(self.tr("Takes"))
        # A card that has just come has no place yet.
        self._soon = QTimer(self, singleShot=True, interval=0)
        self._soon.timeout.connect(self._reveal)
        runner, player = context.runner, context.player
        runner.added.connect(self._came)
        runner.removed.connect(self._gone)
        runner.reordered.connect(self._arrange_anew)
        runner.changed.connect(self._refresh)
        takes.changed.connect(self._refresh)
        takes.current_changed.connect(self._show_current)
        player.playingChanged.connect(self._show_playing)
        player.positionChanged.connect(self._show_place)
        context.settings.changed.connect(self._setting_changed)
        self._came([job.id for job in takes.jobs])

    def sizeHint(self) -> QSize:
        """Two rows of cards."""
        return QSize(2 * _WIDTH * self.fontMetrics().averageCharWidth(), 18 * self.fontMetrics().height())

    def minimumSizeHint(self) -> QSize:
        """A card."""
        return QSize(_WIDTH * self.fontMetrics().averageCharWidth(), 8 * self.fontMetrics().height())

    def _came(self, ids: Sequence[int]) -> None:
        for job in self._takes.jobs:
            if job.id in ids:
                card = TakeCard(self._context, self._takes, job)
                card.picture.set_colours(self._context.settings.colour_map)
                self.cards[job.id] = card
                self._arrange_anew()

    def _gone(self, ids: Sequence[int]) -> None:
        for card in [self.cards.pop(id) for id in ids if id in self.cards]:
            card.hide()
            card.deleteLater()
        self._arrange_anew()

    def _refresh(self, id: int) -> None:
        card = self.cards.get(id)
        if card is not None:
            hidden = card.isHidden()
            card.refresh()
            if hidden != self._is_over(id):
                self._arrange_anew()
            self._show_playing()

    def _is_over(self, id: int) -> bool:
        """It was cancelled: there is nothing to be seen of it."""
        job = self._context.runner.jobs.get(id)
        return job is None or (job.state is State.CANCELLED and not job.answers)

    def _arrange_anew(self) -> None:
        self._columns = 0
        self._arrange()

    def _arrange(self) -> None:
        """Puts the cards into as many columns as there is room for."""
        seen = [job.id for job in self._takes.jobs if job.id in self.cards and not self._is_over(job.id)]
        self.setCurrentWidget(self._scroll if seen else self.empty)
        margins = self._grid.contentsMargins()
        room = self._scroll.room - margins.left() - margins.right() + self._grid.spacing()
        each = _WIDTH * self.fontMetrics().averageCharWidth() + self._grid.spacing()
        most = max(1, room // each)
        rows = -(-len(seen) // most)
        # Rows of much the same length; one or two takes are not drawn out over all of the width.
        columns = min(most, max(2, -(-len(seen) // max(1, rows))))
        if columns == self._columns:
            return
        before, self._columns = self._grid.columnCount(), columns
        while self._grid.count():
            self._grid.takeAt(0)
        for row in range(self._grid.rowCount()):
            self._grid.setRowStretch(row, 0)
        for column in range(max(before, columns)):
            self._grid.setColumnStretch(column, 1 if column < columns else 0)
        for place, id in enumerate(seen):
            self._grid.addWidget(self.cards[id], place // columns, place % columns)
        for id, card in self.cards.items():
            card.setVisible(id in seen)
        self._grid.setRowStretch(-(-len(seen) // columns), 1)

    def _show_current(self) -> None:
        for id, card in self.cards.items():
            card.set_current(id == self._takes.current)
        self._soon.start()
        self._show_playing()

    def _reveal(self) -> None:
        if card := self.cards.get(self._takes.current):
            self._scroll.ensureWidgetVisible(card)

    def _heard(self) -> TakeCard | None:
        """The card of the take whose sound is in the view below."""
        view = self._context.clip_view
        path = view.clip.path if view is not None and view.clip is not None else ""
        answers = ((card, self._takes.answer(id)) for id, card in self.cards.items())
        return next((card for card, said in answers if path and said is not None and said.draft == path), None)

    def _show_playing(self) -> None:
        heard, playing = self._heard(), self._context.player.playing
        for card in self.cards.values():
            card.set_playing(playing and card is heard)
            if card is not heard:
                card.set_place(-1.0)

    def _show_place(self, seconds: float) -> None:
        if self.isVisible() and (heard := self._heard()) is not None:
            heard.set_place(seconds)

    def _setting_changed(self, name: str) -> None:
        if name == "colour_map":
            for card in self.cards.values():
                card.picture.set_colours(self._context.settings.colour_map)


class _Scroll(QScrollArea):
    """Scrolls what it holds up and down, and says when it has become wider or narrower."""

    def __init__(self, resized) -> None:
        super().__init__()
        self._resized = resized
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    @property
    def room(self) -> int:
        """Pixels of width beside the bar, also where there is none yet: else columns would come and go with it."""
        return self.width() - self.verticalScrollBar().sizeHint().width()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Tells."""
        super().resizeEvent(event)
        self._resized()
