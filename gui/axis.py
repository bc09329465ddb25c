"""The time axis that all views of a clip share, with signals for what changes."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from PySide6.QtCore import QObject, Signal

from .core.timeline import Timeline


class Axis(QObject):
    """A `Timeline` that tells when something of it changes; nothing else may change that time line.

    Args:
        parent: Qt parent.

    Attributes:
        timeline: to be read.
        left: width of the column of labels at the left of every view, in pixels.
        right: width of what stands at the right of every view, in pixels.
        marked: stretches that a page marks in all views, such as gaps: start and end of each, in s.
    """

    viewChanged = Signal()
    """Visible stretch, length of the clip, width or margins."""

    selectionChanged = Signal()
    cursorChanged = Signal()
    marksChanged = Signal()

    sought = Signal(float)
    """The user asks for a moment to be played from, in s; the cursor stands there already."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.timeline = Timeline()
        self.left = 0
        self.right = 0
        self.marked: tuple[tuple[float, float], ...] = ()

    @property
    def duration(self) -> float:
        """Length of the clip in s."""
        return self.timeline.duration

    @property
    def selection(self) -> tuple[float, float] | None:
        """Start and end in s."""
        return self.timeline.selection

    @property
    def cursor(self) -> float:
        """In s."""
        return self.timeline.cursor

    def reset(self, duration: float) -> None:
        """Another clip: all of it in view, nothing selected, the cursor at its start.

        Args:
            duration: of the clip in s.
        """

        def start_again() -> None:
            self.timeline.clear_selection()
            self.timeline.set_cursor(0)
            self.timeline.set_duration(duration)
            self.timeline.fit()

        self._do(start_again)

    def set_duration(self, duration: float) -> None:
        """The clip turns out to be of another length, in s."""
        self._do(lambda: self.timeline.set_duration(duration))

    def set_width(self, width: float) -> None:
        """Pixels of the time area."""
        self._do(lambda: self.timeline.set_width(width))

    def set_margins(self, left: int, right: int) -> None:
        """Pixels at the left and right of the time area of every view."""
        gained = self.left + self.right - left - right
        if (left, right) != (self.left, self.right):
            self.left, self.right = left, right
            self.timeline.set_width(self.timeline.width + gained)
            self.viewChanged.emit()

    def show(self, start: float, end: float) -> None:
        """Makes a stretch visible, in s."""
        self._do(lambda: self.timeline.show(start, end))

    def zoom(self, factor: float, at_s: float | None = None) -> None:
        """Zooms in, or out by a factor below 1.

        Args:
            factor: how much closer.
            at_s: moment that stays where it is; None: the cursor when it is in view, else the middle.
        """
        line = self.timeline
        if at_s is None:
            at_s = line.cursor if line.start <= line.cursor <= line.end else (line.start + line.end) / 2
        self._do(lambda: line.zoom(factor, at_s))

    def zoom_to_selection(self) -> None:
        """Shows just the selection."""
        self._do(self.timeline.zoom_to_selection)

    def pan(self, seconds: float) -> None:
        """Moves the view, in s."""
        self._do(lambda: self.timeline.pan(seconds))

    def fit(self) -> None:
        """Shows all of the clip."""
        self._do(self.timeline.fit)

    def reveal(self, seconds: float) -> None:
        """Turns the page if a moment is out of view, in s."""
        self._do(lambda: self.timeline.reveal(seconds))

    def select(self, start: float, end: float) -> None:
        """Selects between two moments in s, in either order."""
        self._do(lambda: self.timeline.select(start, end))

    def select_all(self) -> None:
        """Selects the whole clip."""
        self.select(0.0, self.duration)

    def clear_selection(self) -> None:
        """Selects nothing."""
        self._do(self.timeline.clear_selection)

    def extend(self, seconds: float) -> None:
        """Moves the free edge of the selection, in s, and keeps it in view."""
        self._do(lambda: self.timeline.reveal(self.timeline.extend(seconds)))

    def mark(self, stretches: Iterable[tuple[float, float]]) -> None:
        """Marks stretches in all views, and no others.

        Args:
            stretches: start and end of each, in s.
        """
        marked = tuple(stretches)
        if marked != self.marked:
            self.marked = marked
            self.marksChanged.emit()

    def move_cursor(self, seconds: float) -> None:
        """Places the cursor, in s, as the player goes on."""
        self._do(lambda: self.timeline.set_cursor(seconds))

    def seek(self, seconds: float) -> None:
        """Places the cursor, in s, because the user wants to hear from there."""
        self.move_cursor(seconds)
        self.sought.emit(self.timeline.cursor)

    def seek_selection(self) -> None:
        """Places the cursor at the start of the selection, if there is one, to hear it from there."""
        if self.selection is not None:
            self.seek(self.selection[0])

    def _do(self, change: Callable[[], object]) -> None:
        before = self._view(), self.timeline.selection, self.timeline.cursor
        change()
        after = self._view(), self.timeline.selection, self.timeline.cursor
        for old, new, signal in zip(
            before, after, (self.viewChanged, self.selectionChanged, self.cursorChanged), strict=True
        ):
            if old != new:
                signal.emit()

    def _view(self) -> tuple[float, ...]:
        line = self.timeline
        return line.start, line.end, line.duration, line.width
