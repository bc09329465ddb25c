"""Below the views: play, loop, compare, volume, and the selection in numbers that can be typed."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QResizeEvent
from PySide6.QtWidgets import (
    QDoubleSpinBox,
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QSlider,
    QToolButton,
    QWidget,
)

from ..axis import Axis
from ..core.timeline import clock, selection_text
from ..icons import icon
from ..words import plain_tip
from .colour_menu import ColourMenu
from .flow import Flow

_VOLUME_STEPS = 100

_POINTED, _READOUT = 31, 19
"""Letters for which there is room, however narrow the window is."""


class Transport(QWidget):
    """Buttons and numbers of one time axis and the player that follows it.

    Args:
        axis: its selection is shown and set, its cursor is shown.
        parent: Qt parent.

    Attributes:
        colours: menu of colour maps and levels.
    """

    playToggled = Signal()
    loopToggled = Signal()
    compareToggled = Signal()
    volumeChanged = Signal(float)
    """0 to 1."""
    zoomed = Signal(float)
    """Factor."""
    fitted = Signal()

    def __init__(self, axis: Axis, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.axis = axis
        self.colours = ColourMenu(self)
        self.play_button = self._button("play", self.tr("Play (Space)"), self.playToggled.emit)
        self.loop_button = self._button("loop", self.tr("Loop the selection (L)"), self.loopToggled.emit)
        self.loop_button.setCheckable(True)
        self.compare_button = self._button("compare", self.tr("Swap A and B (X)"), self.compareToggled.emit)
        self.compare_button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.compare_button.hide()
        self.position = QLabel()
        # With a name of its own, a screen reader would say that in place of the numbers.
        self.position.setAccessibleDescription(self.tr("Position"))
        self.volume = QSlider(Qt.Orientation.Horizontal)
        self.volume.setRange(0, _VOLUME_STEPS)
        self.volume.setAccessibleName(self.tr("Volume"))
        self.volume.setToolTip(self.tr("Volume"))
        self.volume.setFixedWidth(10 * self.fontMetrics().averageCharWidth())
        self.volume.valueChanged.connect(lambda value: self.volumeChanged.emit(value / _VOLUME_STEPS))
        self.silent = QLabel(self.tr("No sound device"))
        self.silent.setToolTip(self.tr("The cursor moves, but nothing is heard. Plug in or start a sound device."))
        self.silent.hide()
        self.pointed = _Elided(_POINTED)
        self.start = self._field(self.tr("Selection start in seconds"), self._start_typed)
        self.end = self._field(self.tr("Selection end in seconds"), self._end_typed)
        self.readout = _Elided(_READOUT)
        self._lay_out()
        axis.cursorChanged.connect(self._show_position)
        axis.viewChanged.connect(self._show_duration)
        axis.selectionChanged.connect(self._show_selection)
        self._show_duration()
        self._show_selection()

    def set_playing(self, playing: bool) -> None:
        """Shows whether it plays."""
        self.play_button.setIcon(icon("pause" if playing else "play"))
        self._name(self.play_button, self.tr("Pause (Space)") if playing else self.tr("Play (Space)"))

    def set_looping(self, looping: bool) -> None:
        """Shows whether the selection is looped."""
        self.loop_button.setChecked(looping)

    def set_compared(self, shown: str) -> None:
        """Shows which of two clips is seen and heard: `A` or `B`; empty without a second one."""
        self.compare_button.setVisible(bool(shown))
        self.compare_button.setText(shown)

    def set_volume(self, volume: float, has_device: bool) -> None:
        """Shows the volume, 0 to 1, or that there is nothing to hear with."""
        with QSignalBlocker(self.volume):
            self.volume.setValue(round(volume * _VOLUME_STEPS))
        self.volume.setVisible(has_device)
        self.silent.setVisible(not has_device)

    def take_typed(self) -> None:
        """Takes numbers that were typed, without waiting for Enter."""
        for field in (self.start, self.end):
            field.interpretText()

    def _lay_out(self) -> None:
        zoom_in = self._button("zoom-in", self.tr("Zoom in (+)"), lambda: self.zoomed.emit(1.5))
        zoom_out = self._button("zoom-out", self.tr("Zoom out (-)"), lambda: self.zoomed.emit(1 / 1.5))
        fit = self._button("fit", self.tr("Show the whole clip (F)"), self.fitted.emit)
        tint = QToolButton()
        tint.setText(self.tr("Colours"))
        tint.setToolTip(self.tr("Colours and levels of the spectrogram"))
        tint.setMenu(self.colours)
        tint.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        tint.setAutoRaise(True)
        fields = (self._label(self.tr("&Selection"), self.start), self.start)
        fields += (self._label(self.tr("t&o"), self.end), self.end)
        layout = Flow(self)
        side = self.fontMetrics().averageCharWidth()
        layout.setContentsMargins(side, side // 2, side, side // 2)
        layout.setSpacing(2 * side)
        # What belongs together stays on one line.
        for widgets in (
            (self.play_button, self.loop_button, self.compare_button, self.position),
            (self.pointed,),
            (self.volume, self.silent),
            fields,
            (self.readout,),
            (zoom_in, zoom_out, fit, tint),
        ):
            group = QWidget()
            row = QHBoxLayout(group)
            row.setContentsMargins(0, 0, 0, 0)
            for widget in widgets:
                row.addWidget(widget, 1 if isinstance(widget, _Elided) else 0)
            layout.addWidget(group)

    def _button(self, name: str, text: str, pressed) -> QToolButton:
        button = QToolButton()
        button.setIcon(icon(name))
        button.setAutoRaise(True)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.clicked.connect(lambda: pressed())
        self._name(button, text)
        return button

    def _name(self, button: QToolButton, text: str) -> None:
        button.setToolTip(text)
        button.setAccessibleName(text)

    def _label(self, text: str, of: QWidget) -> QLabel:
        label = QLabel(text)
        label.setBuddy(of)
        return label

    def _field(self, name: str, typed) -> QDoubleSpinBox:
        field = _Seconds()
        field.setDecimals(3)
        field.setSingleStep(0.1)
        field.setSuffix(self.tr(" s"))
        field.setAccessibleName(name)
        field.setToolTip(name)
        # Half-typed numbers are not places in the clip.
        field.setKeyboardTracking(False)
        field.valueChanged.connect(typed)
        return field

    def _start_typed(self, start: float) -> None:
        end = self.end.value()
        self.axis.select(start, end if end > start else self.axis.duration)

    def _end_typed(self, end: float) -> None:
        start = self.start.value()
        self.axis.select(start if start < end else 0.0, end)

    def _show_position(self) -> None:
        self.position.setText(self.tr("{0} / {1}").format(clock(self.axis.cursor), clock(self.axis.duration)))

    def _show_duration(self) -> None:
        duration = self.axis.duration
        widest = self.tr("{0} / {0}").format(clock(duration))
        self.position.setMinimumWidth(QFontMetrics(self.position.font()).horizontalAdvance(widest))
        for field in (self.start, self.end):
            with QSignalBlocker(field):
                # Rounded up to its last decimal, so that the end of the clip can be typed.
                field.setMaximum(duration + 0.0005)
            field.setEnabled(duration > 0)
        self._show_position()

    def _show_selection(self) -> None:
        start, end = self.axis.selection or (0.0, 0.0)
        for field, value in ((self.start, start), (self.end, end)):
            with QSignalBlocker(field):
                field.setValue(value)
        if self.axis.selection:
            self.readout.setText(selection_text((start, end)), self.tr("{0:.3f} s long").format(end - start))
        else:
            self.readout.setText(self.tr("Nothing is selected"))


class _Seconds(QDoubleSpinBox):
    """A field that leaves Space to whoever plays by it: there is none in a number."""

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and event.key() == Qt.Key.Key_Space and not event.modifiers():
            event.ignore()
            return False
        return super().event(event)


class _Elided(QLabel):
    """A label that takes what room is left and cuts its text to it.

    Args:
        letters: for which it wants room.
    """

    def __init__(self, letters: int) -> None:
        super().__init__()
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._letters = letters
        self._text = self._short = ""

    def setText(self, text: str, short: str = "") -> None:
        """Shows a text.

        Args:
            text: the whole of it.
            short: stands for it where there is no room.
        """
        self._text, self._short = text, short
        self._cut()

    def text(self) -> str:
        """The whole text, however much of it is seen."""
        return self._text

    def sizeHint(self) -> QSize:
        """The same whatever it says, so that nothing moves when that changes."""
        return QSize(self._letters * self.fontMetrics().averageCharWidth(), self.fontMetrics().height())

    def minimumSizeHint(self) -> QSize:
        """It can do with less."""
        return QSize(0, self.fontMetrics().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another width, another cut."""
        super().resizeEvent(event)
        self._cut()

    def _cut(self) -> None:
        metrics = self.fontMetrics()
        text = self._text if metrics.horizontalAdvance(self._text) <= self.width() else self._short or self._text
        shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, self.width())
        super().setText(shown)
        self.setToolTip(plain_tip(self._text) if shown != self._text else "")
