"""The clip in the middle of the window: seen, heard, selected from, and compared with another one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFrame, QLabel, QStackedWidget, QVBoxLayout, QWidget

from .axis import Axis
from .clip_words import hint_words, name_of, notice_words
from .core.pcm import Clip
from .views.stack import ClipStack
from .views.transport import Transport
from .words import Words

if TYPE_CHECKING:
    from .context import Context

_ZOOM = 1.5
_GROWN_MS = 40
"""Tiles come faster than anybody sees: what has grown is drawn at most so often."""


class ClipView(QWidget):
    """Views of a clip on one time axis, with what plays it.

    Args:
        context: `settings` and `player` are used.
        parent: Qt parent.

    Attributes:
        axis: shared by all views.
        player: follows `axis.sought`, and is followed by the cursor.
        stack: the views.
        transport: buttons and numbers below them.
        new: on a page that makes something new: it is said where nothing is shown, from `clip_grew` on.
    """

    compared = Signal()
    """There is a second clip now, another one or none any more, or the two have been swapped."""

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.player = context.player
        self.axis = Axis(self)
        self.stack = ClipStack(self.axis)
        self.transport = Transport(self.axis)
        self._settings = context.settings
        self._a: Clip | None = None
        self._b: Clip | None = None
        self._shows_b = False
        self._loops = self.new = False
        self._heard: object = None
        self._timer = QTimer(self, singleShot=True, interval=_GROWN_MS)
        self._timer.timeout.connect(self._show)
        self._lay_out()
        self._connect()
        self._take_settings("colour_map")
        self.player.volume = self._settings.volume
        self._show_sound()
        self._show()

    @property
    def clip(self) -> Clip | None:
        """The clip that is seen and heard now: of two, the one that the user has chosen."""
        return self._b if self._shows_b else self._a

    @property
    def comparing(self) -> bool:
        """True while there is a second clip."""
        return self._b is not None

    @property
    def second(self) -> Clip | None:
        """The clip that is compared with, B."""
        return self._b

    def selection_in(self, path: str) -> tuple[float, float] | None:
        """What is selected of the clip at `path`, in s; None: nothing. The axis is as long as the longer of both."""
        clip = next((clip for clip in (self._a, self._b) if clip is not None and clip.path == path), None)
        start, end = (min(edge, clip.picture.duration_s if clip else 0.0) for edge in self.axis.selection or (0, 0))
        return (start, end) if start < end else None

    def show_clip(self, clip: Clip | None) -> None:
        """Shows a clip from its start, or none; the comparison with another one ends. The same one goes on as it is."""
        if clip is self._a:
            self.clip_grew()
            return
        self.player.pause()
        compared = self.comparing
        self._a, self._b, self._shows_b = clip, None, False
        self.axis.reset(self._duration())
        self._give_player(keep_position=False)
        self._show()
        if compared:
            self.compared.emit()

    def clip_grew(self, path: str = "") -> None:
        """More is known of a clip, or that it failed.

        Args:
            path: of the clip; one that is neither A nor B is none of this view's business. Empty: one of the two.
        """
        here = not path or any(clip.path == path for clip in (self._a, self._b) if clip is not None)
        if here and not self._timer.isActive():
            self._timer.start()

    def compare(self, clip: Clip | None) -> None:
        """Puts a second clip beside the first, as B, until another first one is shown.

        What is selected and in view stays, and so does the place where it plays. The same one again changes nothing.

        Args:
            clip: as `Looking.show` gives it for any sound file, in the queue or not; None ends the comparison.
        """
        if clip is self._b:
            self.clip_grew()
            return
        self._b, self._shows_b = clip, False
        self._show()
        self.compared.emit()

    def set_lanes(self, lanes: Sequence[QWidget]) -> None:
        """Puts a page's views below the spectrogram."""
        self.stack.set_lanes(lanes)

    # What the window's actions do

    def play_pause(self) -> None:
        """Plays, or pauses."""
        self.transport.take_typed()
        self.player.toggle()

    def toggle_loop(self, on: bool | None = None) -> None:
        """Plays the selection again and again, or no longer; None: the other one of the two."""
        self._loops = not self._loops if on is None else on
        self.transport.set_looping(self._loops)
        self._set_loop()

    def toggle_ab(self) -> None:
        """Shows and plays the other one of two clips, at the same place."""
        if self._b is not None:
            self._shows_b = not self._shows_b
            self._show()
            self.compared.emit()

    def zoom_in(self) -> None:
        """Shows less, more closely, around the cursor."""
        self.axis.zoom(_ZOOM)

    def zoom_out(self) -> None:
        """Shows more."""
        self.axis.zoom(1 / _ZOOM)

    def fit(self) -> None:
        """Shows all of the clip."""
        self.axis.fit()

    def zoom_selection(self) -> None:
        """Shows the selection alone."""
        self.axis.zoom_to_selection()

    def home(self) -> None:
        """Goes to the start of the clip."""
        self._seek(0.0)

    def end(self) -> None:
        """Goes to the end of the clip."""
        self._seek(self.axis.duration)

    def seek_by(self, seconds: float) -> None:
        """Goes on, or back with a negative number, in s."""
        self._seek(self.axis.cursor + seconds)

    def step_column(self, columns: int) -> None:
        """Goes on by columns of the picture, or back with a negative number."""
        if self.clip is not None:
            self._seek(self.axis.cursor + columns * self.clip.picture.column_s)

    def select_all(self) -> None:
        """Selects the whole clip."""
        self.axis.select_all()

    def clear_selection(self) -> None:
        """Selects nothing."""
        self.axis.clear_selection()

    # How it is put together

    def _lay_out(self) -> None:
        self.badge = QLabel()
        self.badge.setFrameShape(QFrame.Shape.StyledPanel)
        font = self.badge.font()
        font.setBold(True)
        self.badge.setFont(font)
        self.badge.setTextFormat(Qt.TextFormat.PlainText)
        self.badge.setAccessibleDescription(self.tr("Clip that is seen and heard"))
        self.notice, self.hint = Words(selectable=True), Words(selectable=True)
        for words in (self.notice, self.hint):
            words.setMargin(self.fontMetrics().averageCharWidth())
        self.hint.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._pages = QStackedWidget()
        self._pages.addWidget(self.hint)
        self._pages.addWidget(self.stack)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        for widget, stretch in ((self.badge, 0), (self.notice, 0), (self._pages, 1), (self.transport, 0)):
            layout.addWidget(widget, stretch)

    def _connect(self) -> None:
        player, transport = self.player, self.transport
        self.axis.sought.connect(player.seek)
        self.axis.selectionChanged.connect(self._selected)
        player.positionChanged.connect(self._follow)
        # A device is looked for whenever playing begins.
        player.playingChanged.connect(self._show_sound)
        player.deviceLost.connect(self._show_sound)
        self.stack.pointed.connect(transport.pointed.setText)
        transport.playToggled.connect(self.play_pause)
        transport.loopToggled.connect(self.toggle_loop)
        transport.compareToggled.connect(self.toggle_ab)
        transport.zoomed.connect(self.axis.zoom)
        transport.fitted.connect(self.fit)
        transport.volumeChanged.connect(self._set_volume)
        transport.colours.chosen.connect(self._set_colours)
        self._settings.changed.connect(self._take_settings)

    def _show(self) -> None:
        clip = self.clip
        self.axis.set_duration(self._duration())
        self.stack.set_clip(clip)
        self._give_player()
        self.badge.setVisible(self.comparing)
        self.transport.set_compared(("B" if self._shows_b else "A") if self.comparing else "")
        self.transport.setEnabled(clip is not None)
        self.badge.setText(self.tr("{0}: {1}").format("B" if self._shows_b else "A", name_of(clip) if clip else ""))
        seen = clip is not None and clip.picture.opened is not None
        self.hint.setText(hint_words(clip, self.new))
        self.notice.setText(notice_words(clip, (self._a, self._b)))
        self.notice.setVisible(seen and bool(self.notice.text()))
        self._pages.setCurrentWidget(self.stack if seen else self.hint)

    def _duration(self) -> float:
        """Of both clips the longer one's, so that swapping them moves nothing."""
        return max((clip.picture.duration_s for clip in (self._a, self._b) if clip is not None), default=0.0)

    def _give_player(self, keep_position: bool = True) -> None:
        pcm = self.clip.pcm if self.clip else None
        if pcm is self._heard:
            return
        self._heard, at = pcm, self.axis.cursor
        self.player.set_pcm(pcm, keep_position=keep_position)
        if keep_position and not self.player.playing:
            # A clip that is not open yet has no places: the cursor keeps this one for it.
            self.player.seek(at)
            self.axis.move_cursor(at)
        self._set_loop()

    def _show_sound(self) -> None:
        self.transport.set_playing(self.player.playing)
        self.transport.set_volume(self.player.volume, self.player.has_device)

    def _seek(self, seconds: float) -> None:
        self.axis.seek(seconds)
        self.axis.reveal(self.axis.cursor)

    def _follow(self, seconds: float) -> None:
        self.axis.move_cursor(seconds)
        # While the mouse drags, the view must not slip away under it.
        if self.player.playing and QGuiApplication.mouseButtons() == Qt.MouseButton.NoButton:
            self.axis.reveal(self.axis.cursor)

    def _selected(self) -> None:
        self._set_loop()
        if not self.player.playing:
            # So that Space plays what was selected.
            self.axis.seek_selection()

    def _set_loop(self) -> None:
        selection = self.axis.selection if self._loops else None
        self.player.set_loop(*(selection or (None, None)))

    def _set_volume(self, volume: float) -> None:
        self.player.volume = volume
        self._settings.volume = volume

    def _set_colours(self, name: str, low_db: float, high_db: float) -> None:
        self._settings.colour_map, self._settings.low_db, self._settings.high_db = name, low_db, high_db

    def _take_settings(self, name: str) -> None:
        if name not in ("colour_map", "low_db", "high_db"):
            return
        colours = (self._settings.colour_map, self._settings.low_db, self._settings.high_db)
        self.stack.set_colours(*colours)
        self.transport.colours.set_colours(*colours)
