"""The one time axis of a clip: what is visible, what is selected, where the cursor stands. Free of Qt."""

from __future__ import annotations

LEAST_SPAN_S = 0.2
"""The closest view, in s; of a shorter clip, all of it."""

_STEPS_S = (
    *(0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30),
    *(60, 120, 300, 600, 900, 1800, 3600, 7200, 18000, 36000),
)


class Timeline:
    """Seconds and pixels of a clip, always within its limits.

    Attributes:
        duration: of the clip in s; 0 without one.
        start: first visible moment in s.
        end: last visible moment in s; `start <= end <= duration`.
        width: pixels between the two, at least 1.
        selection: start and end in s, start before end; None: nothing is selected.
        cursor: in s, 0 to `duration`.
    """

    def __init__(self) -> None:
        self.duration = 0.0
        self.start = 0.0
        self.end = 0.0
        self.width = 1.0
        self.selection: tuple[float, float] | None = None
        self.cursor = 0.0
        self._anchor: float | None = None

    @property
    def span(self) -> float:
        """How much is visible, in s."""
        return self.end - self.start

    @property
    def fitted(self) -> bool:
        """True when all of the clip is visible."""
        return self.start == 0 and self.end == self.duration

    @property
    def seconds_per_pixel(self) -> float:
        """0 without a clip."""
        return self.span / self.width

    def seconds(self, x: float) -> float:
        """The moment at pixel `x` of the view, in s, within the clip though `x` may be outside the view."""
        return self._within(self.start + x * self.seconds_per_pixel)

    def x(self, seconds: float) -> float:
        """The pixel at which a moment stands; below 0 or above `width` when it is out of view."""
        return (seconds - self.start) / self.span * self.width if self.span > 0 else 0.0

    def set_duration(self, duration: float) -> None:
        """Another length of the clip, in s: a view of all of it stays one, others are kept as far as they can."""
        fitted = self.fitted
        self.duration = max(0.0, duration)
        self.cursor = self._within(self.cursor)
        if self.selection is not None:
            self.select(*self.selection)
        if fitted:
            self.fit()
        else:
            self.show(self.start, self.end)

    def set_width(self, width: float) -> None:
        """Pixels for the visible stretch."""
        self.width = max(1.0, width)

    def show(self, start: float, end: float) -> None:
        """Makes a stretch visible, in s; widened to `LEAST_SPAN_S` around its middle, moved into the clip."""
        start, end = min(start, end), max(start, end)
        span = min(max(end - start, LEAST_SPAN_S), self.duration)
        start = min(max((start + end - span) / 2, 0.0), self.duration - span)
        # Added up, start and span may miss the duration by a rounding error, and `fitted` would be wrong.
        self.start, self.end = start, self.duration if span >= self.duration else min(start + span, self.duration)

    def zoom(self, factor: float, at_s: float) -> None:
        """Shows `factor` times as closely (below 1: more) while the moment `at_s` keeps its pixel."""
        if self.span <= 0 or factor <= 0:
            return
        span = min(max(self.span / factor, LEAST_SPAN_S), self.duration)
        start = at_s - (at_s - self.start) * span / self.span
        self.show(start, start + span)

    def pan(self, seconds: float) -> None:
        """Moves the view, in s, up to the ends of the clip."""
        start = min(max(self.start + seconds, 0.0), self.duration - self.span)
        self.start, self.end = start, min(start + self.span, self.duration)

    def fit(self) -> None:
        """Shows all of the clip."""
        self.start, self.end = 0.0, self.duration

    def zoom_to_selection(self) -> None:
        """Shows just the selection, if there is one."""
        if self.selection is not None:
            self.show(*self.selection)

    def reveal(self, seconds: float) -> None:
        """Turns the page when a moment is out of view: it then stands near the left edge, or in the middle going back.

        Args:
            seconds: the moment, in s.
        """
        if seconds > self.end:
            self.pan(seconds - self.start - 0.05 * self.span)
        elif seconds < self.start:
            self.pan(seconds - self.start - 0.5 * self.span)

    def select(self, start: float, end: float) -> None:
        """Selects between two moments in s, in either order; nothing when they are the same."""
        start, end = self._within(min(start, end)), self._within(max(start, end))
        self.selection = (start, end) if end > start else None
        self._anchor = None

    def clear_selection(self) -> None:
        """Selects nothing."""
        self.selection = self._anchor = None

    def extend(self, seconds: float) -> float:
        """Moves the free edge of the selection, as Shift and arrows do; without one it grows from the cursor.

        Args:
            seconds: in s, negative to the left.

        Returns:
            Where the free edge now stands, in s.
        """
        anchor = self._anchor
        if self.selection is None:
            anchor = free = self.cursor if anchor is None else anchor
        elif anchor is None:
            anchor, free = self.selection if seconds > 0 else self.selection[::-1]
        else:
            free = self.selection[1] if anchor == self.selection[0] else self.selection[0]
        free = self._within(free + seconds)
        self.select(anchor, free)
        self._anchor = anchor
        return free

    def set_cursor(self, seconds: float) -> None:
        """Places the cursor, in s, within the clip."""
        self.cursor = self._within(seconds)

    def ticks(self, least_px: float) -> tuple[float, list[float]]:
        """Round moments for a ruler.

        Args:
            least_px: pixels that a label needs.

        Returns:
            The step in s, and the visible moments in s.
        """
        if self.span <= 0:
            return 1.0, []
        wanted = least_px * self.seconds_per_pixel
        step = next((step for step in _STEPS_S if step >= wanted), float(_STEPS_S[-1]))
        first, last = -int(-self.start // step), int(self.end // step)
        return step, [i * step for i in range(first, last + 1)]

    def _within(self, seconds: float) -> float:
        return min(max(seconds, 0.0), self.duration)


def clock(seconds: float, decimals: int = 3) -> str:
    """A moment as people read it: `0:05.300`, `1:02:03.000`.

    Args:
        seconds: in s, 0 or more.
        decimals: places after the second, 0 to 3.
    """
    unit = 10**decimals
    whole, part = divmod(round(max(seconds, 0.0) * unit), unit)
    minutes, second = divmod(whole, 60)
    hours, minute = divmod(minutes, 60)
    text = f"{hours}:{minute:02}:{second:02}" if hours else f"{minute}:{second:02}"
    return f"{text}.{part:0{decimals}}" if decimals else text


def tick_label(seconds: float, step: float) -> str:
    """`clock` with as many decimals as ticks `step` s apart need."""
    decimals = next((places for places in range(3) if abs(step * 10**places - round(step * 10**places)) < 1e-9), 3)
    return clock(seconds, decimals)


def selection_text(selection: tuple[float, float]) -> str:
    """A selection as text: `0:05.000 – 0:12.300 (7.300 s)`."""
    start, end = selection
    return f"{clock(start)} – {clock(end)} ({end - start:.3f} s)"
