"""The PySide6 that is installed keeps its references: 6.12.0 on Python 3.11 does not (docs/decisions/007)."""

from __future__ import annotations

import os
import subprocess
import sys

WORK = """
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QColor, QGuiApplication, QImage, QPainter
application = QGuiApplication([])
class Sender(QObject):
    sent = Signal()
sender = Sender()
image = QImage(8, 8, QImage.Format.Format_RGB32)
painter = QPainter(image)
for _ in range(20_000):
    sender.sent.emit()
    painter.fillRect(0, 0, 1, 1, QColor("red"))
painter.end()
"""


def test_thousands_of_signals_and_strokes_use_nothing_up() -> None:
    environment = os.environ | {"QT_QPA_PLATFORM": "offscreen"}
    result = subprocess.run(
        [sys.executable, "-c", WORK], env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert result.returncode == 0, result.stderr
