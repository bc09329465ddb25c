"""The views of one clip above one another, their time areas in line."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtWidgets import QSplitter, QVBoxLayout, QWidget

from ..axis import Axis
from ..core.pcm import Clip
from .heatmap import HeatMap
from .lane import Lane
from .ruler import Ruler
from .spectrogram import Spectrogram
from .waveform import Waveform


class ClipStack(QWidget):
    """Ruler, waveform and spectrogram, and below them what a page adds; borders between them can be dragged.

    Args:
        axis: shared by all views.
        parent: Qt parent.
    """

    pointed = Signal(str)
    """What lies under the pointer in any of the views, in words."""

    def __init__(self, axis: Axis, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.axis = axis
        self.ruler, self.waveform, self.spectrogram = Ruler(axis), Waveform(axis), Spectrogram(axis)
        self._lanes: list[QWidget] = []
        self._colours: tuple[str, float, float] | None = None
        self._sizes: dict[tuple[int, ...], list[int]] = {}
        self._splitter = QSplitter(Qt.Orientation.Vertical)
        self._splitter.setChildrenCollapsible(False)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.ruler)
        layout.addWidget(self._splitter, 1)
        for lane in (self.waveform, self.spectrogram):
            self._splitter.addWidget(lane)
        self._share()
        self._splitter.splitterMoved.connect(self._keep_sizes)
        for lane in (self.ruler, self.waveform, self.spectrogram):
            lane.pointed.connect(self.pointed)
        self._align()

    @property
    def lanes(self) -> list[QWidget]:
        """What was added below the spectrogram, from top to bottom."""
        return list(self._lanes)

    def set_clip(self, clip: Clip | None) -> None:
        """Shows a clip, or none; also to show how far it has grown."""
        self.waveform.set_clip(clip)
        self.spectrogram.set_clip(clip)

    def set_lanes(self, lanes: Sequence[QWidget]) -> None:
        """Puts views below the spectrogram in place of those that were there, which are let go of.

        Args:
            lanes: a `Lane` joins the axis of this stack.
        """
        for lane in self._lanes:
            if lane not in lanes:
                self._let_go(lane)
        for index, lane in enumerate(lanes):
            if lane not in self._lanes:
                self._take(lane)
            if self._splitter.indexOf(lane) != 2 + index:
                self._splitter.insertWidget(2 + index, lane)
            lane.show()
        # Views made later come last by themselves, behind the buttons below them.
        for before, lane in pairwise((self.spectrogram, *lanes)):
            self.setTabOrder(before, lane)
        if list(lanes) != self._lanes:
            self._lanes = list(lanes)
            self._share()
        self._align()

    def set_colours(self, name: str, low_db: float, high_db: float) -> None:
        """Colours of spectrogram and heat maps; arguments as for `Spectrogram.set_colours`."""
        self._colours = (name, low_db, high_db)
        self.spectrogram.set_colours(name, low_db, high_db)
        for lane in self._lanes:
            if isinstance(lane, HeatMap):
                lane.set_colour_map(name)

    def event(self, event: QEvent) -> bool:
        """Labels of another length, or another font, need another column."""
        if event.type() == QEvent.Type.LayoutRequest:
            self._align()
        return super().event(event)

    def changeEvent(self, event: QEvent) -> None:
        """As `event`."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._align()

    def _hints(self) -> tuple[int, ...]:
        return tuple(lane.sizeHint().height() for lane in (self.waveform, self.spectrogram, *self._lanes))

    def _share(self) -> None:
        """Room for each view: as the user left it with such views, else by what they wish for."""
        hints = self._hints()
        self._splitter.setSizes(self._sizes.get(hints, list(hints)))
        for index, hint in enumerate(hints):
            self._splitter.setStretchFactor(index, hint)

    def _keep_sizes(self) -> None:
        self._sizes[self._hints()] = self._splitter.sizes()

    def _take(self, lane: QWidget) -> None:
        if isinstance(lane, Lane):
            lane.set_axis(self.axis)
            lane.pointed.connect(self.pointed)
        if isinstance(lane, HeatMap) and self._colours:
            lane.set_colour_map(self._colours[0])

    def _let_go(self, lane: QWidget) -> None:
        if isinstance(lane, Lane):
            lane.set_axis(None)
            lane.pointed.disconnect(self.pointed)
        lane.setParent(None)

    def _align(self) -> None:
        lanes = [self.ruler, self.waveform, self.spectrogram]
        lanes += [lane for lane in self._lanes if isinstance(lane, Lane)]
        self.axis.set_margins(max(lane.gutter_hint() for lane in lanes), max(lane.margin_hint() for lane in lanes))
