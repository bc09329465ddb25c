"""Clips for the tests of views, views of them, and the mouse."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import numpy as np
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QImage, QWheelEvent
from PySide6.QtWidgets import QApplication

from gui.axis import Axis
from gui.core.messages import Look, Looked, Opened, Tile
from gui.core.pcm import Clip, Pcm
from gui.core.picture import LEVELS, PEAKS_PER_COLUMN, TILE_COLUMNS, pool
from gui.player import SilentPlayer
from gui.views.heatmap import HeatMap
from gui.views.lane import Lane
from gui.views.stack import ClipStack

LEFT, CONTROL, SHIFT = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


def look(path: Path, folder: Path, tiles: int | None = None) -> Clip:
    """A clip as the window knows it after so many tiles; None: all of them."""
    from gui.work.looker import look_at

    clip = Clip(str(path))
    pcm = folder / f"{path.name}.pcm"
    for message in look_at(Look(1, str(path), str(pcm))):
        if isinstance(message, Opened):
            clip.picture.open(message)
            clip.pcm = Pcm(pcm, message.sample_rate)
        elif isinstance(message, Tile):
            clip.picture.add(message)
            if clip.picture.tiles == tiles:
                break
        elif isinstance(message, Looked):
            clip.picture.finish(message.samples)
    return clip


def long_clip(seconds: float, rate: int = 44100, hop: int = 1024) -> Clip:
    """A clip of noise that was never decoded: all tiles are the same arrays."""
    clip = Clip("long.wav")
    centres = np.geomspace(20, 16000, 128).astype(np.float32)
    clip.picture.open(Opened(1, rate, seconds, hop, 128, centres, -100.0))
    rng = np.random.default_rng(0)
    levels = [rng.integers(0, 256, (TILE_COLUMNS, 128), np.uint8)]
    lows = [np.sort(rng.integers(-100, 100, (TILE_COLUMNS * PEAKS_PER_COLUMN, 2)).astype(np.int8), axis=1)]
    for _ in range(LEVELS - 1):
        levels.append(pool(levels[-1]))
        lows.append(np.concatenate([pool(lows[-1][:, :1], np.minimum), pool(lows[-1][:, 1:])], axis=1))
    for index in range(int(seconds * rate / hop) // TILE_COLUMNS):
        clip.picture.add(Tile(1, index, tuple(levels), tuple(lows)))
    return clip


def context(settings) -> SimpleNamespace:
    """What `ClipView` takes of a context; close its player."""
    return SimpleNamespace(settings=settings, player=SilentPlayer())


def shown(qtbot, clip: Clip) -> ClipStack:
    """All views of a clip, shown whole."""
    stack = ClipStack(Axis())
    stack.axis.setParent(stack)
    qtbot.addWidget(stack)
    stack.resize(1000, 600)
    stack.set_clip(clip)
    stack.axis.reset(clip.picture.duration_s)
    with qtbot.waitExposed(stack):
        stack.show()
    return stack


def heat(windows: int = 20, labels: int = 8, span_s: float = 3.0) -> HeatMap:
    starts = np.arange(windows) * span_s / 2
    values = np.random.default_rng(0).random((windows, labels))
    return HeatMap([f"label {i}" for i in range(labels)], np.stack([starts, starts + span_s], 1), values, "model")


def place(lane: Lane, seconds: float, share: float = 0.25) -> QPoint:
    """Away from the middle, where handles are: where a moment stands at a share of the height."""
    return QPoint(round(lane.x_of(seconds)), int(share * lane.height()))


def drag(qtbot, lane: Lane, start: QPoint, end: QPoint, button=LEFT, modifier=Qt.KeyboardModifier.NoModifier) -> None:
    qtbot.mousePress(lane, button, modifier, start)
    qtbot.mouseMove(lane, (start + end) / 2)
    qtbot.mouseMove(lane, end)
    qtbot.mouseRelease(lane, button, modifier, end)


def wheel(lane: Lane, at: QPoint, notches: float, modifier=Qt.KeyboardModifier.NoModifier) -> None:
    turned = QPoint(0, round(120 * notches))
    event = QWheelEvent(
        QPointF(at),
        QPointF(lane.mapToGlobal(at)),
        QPoint(),
        turned,
        Qt.MouseButton.NoButton,
        modifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(lane, event)


def pixels(lane: Lane) -> np.ndarray:
    """What is drawn, int (height, width, 3)."""
    image = lane.grab().toImage().convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    return rows[:, : 3 * image.width()].reshape(image.height(), image.width(), 3).astype(int)
