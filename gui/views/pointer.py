"""What the mouse does on a time axis: press, drag, release; seeking, selecting, dragging handles, panning."""

from __future__ import annotations

import enum

from ..axis import Axis


class Grip(enum.Enum):
    """What lies under the pointer, or is being dragged."""

    NOTHING = enum.auto()
    TIME = enum.auto()
    START = enum.auto()
    END = enum.auto()
    VIEW = enum.auto()


class Pointer:
    """One mouse over one view. All places are pixels from the left edge of the time area.

    Args:
        reach: how near to a handle catches it, in pixels.
        slack: how far a press may wander and still be a click, in pixels.
    """

    def __init__(self, reach: float, slack: float) -> None:
        self.reach, self.slack = reach, slack
        self.held = Grip.NOTHING
        self._from_x = 0.0
        self._from_s = 0.0
        self._moved = False

    def grip_at(self, axis: Axis, x: float) -> Grip:
        """What a press at `x` would take hold of: of two handles the nearer one."""
        if axis.selection is not None:
            distances = [abs(axis.timeline.x(edge) - x) for edge in axis.selection]
            if min(distances) <= self.reach:
                # Where both stand at one place, the side of the pointer decides which can be pulled away.
                start = distances[0] < distances[1] or (distances[0] == distances[1] and x < self._middle(axis))
                return Grip.START if start else Grip.END
        return Grip.TIME

    def press(self, axis: Axis, x: float, pans: bool) -> None:
        """The button goes down.

        Args:
            axis: the time axis.
            x: in pixels.
            pans: it is the button that moves the view.
        """
        self.held = Grip.VIEW if pans else self.grip_at(axis, x)
        self._from_x, self._moved = x, False
        if self.held in (Grip.START, Grip.END):
            # The other edge stays where it is, even if this one is dragged beyond it.
            self._from_s = axis.selection[1 if self.held is Grip.START else 0]
        else:
            self._from_s = axis.timeline.seconds(x)

    def move(self, axis: Axis, x: float) -> None:
        """The pointer moves with the button down; past the edges of the view, the view follows."""
        if self.held is Grip.NOTHING or not (self._moved or abs(x - self._from_x) > self.slack):
            return
        self._moved = True
        if self.held is Grip.VIEW:
            axis.pan((self._from_x - x) * axis.timeline.seconds_per_pixel)
            self._from_x = x
            return
        beyond = min(x, 0.0) + max(x - axis.timeline.width, 0.0)
        if beyond:
            axis.pan(beyond * axis.timeline.seconds_per_pixel / 4)
        axis.select(self._from_s, axis.timeline.seconds(min(max(x, 0.0), axis.timeline.width)))

    def release(self, axis: Axis, x: float) -> None:
        """The button goes up: without a move it was a click, which seeks."""
        if self.held is Grip.TIME and not self._moved:
            axis.seek(axis.timeline.seconds(x))
        self.held = Grip.NOTHING

    def double(self, axis: Axis) -> None:
        """A double click selects all."""
        axis.select_all()
        self.held = Grip.NOTHING

    def _middle(self, axis: Axis) -> float:
        return axis.timeline.x(sum(axis.selection) / 2)
