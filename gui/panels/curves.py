"""Loss and accuracy of a training as it goes: two charts that point at the same epoch."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QVBoxLayout, QWidget

from .chart import Chart


class Curves(QWidget):
    """Both charts, one over the other.

    Args:
        parent: Qt parent.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.loss = Chart(self.tr("Loss"), "loss")
        self.accuracy = Chart(self.tr("Accuracy"), "accuracy")
        self.loss.pointed.connect(self.accuracy.point)
        self.accuracy.pointed.connect(self.loss.point)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.loss)
        layout.addWidget(self.accuracy)

    def set_rows(self, rows: Sequence[dict[str, float]], epochs: int) -> None:
        """Shows other rows.

        Args:
            rows: of history.csv, in order.
            epochs: of the whole training.
        """
        for chart in (self.loss, self.accuracy):
            chart.set_rows(rows, epochs)
