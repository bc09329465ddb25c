"""Loss of a training as it goes, and what people know it by: two charts that point at the same epoch."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QVBoxLayout, QWidget

from .chart import Chart


class Curves(QWidget):
    """Both charts, one over the other.

    Args:
        parent: Qt parent.

    Attributes:
        loss: what is made small.
        measure: the accuracy, of tags the ROC-AUC, or of what gives pictures or sound the error.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.loss = Chart(self.tr("Loss"), "loss")
        self.measure = Chart(self.tr("Accuracy"), "accuracy")
        self.loss.pointed.connect(self.measure.point)
        self.measure.pointed.connect(self.loss.point)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.loss)
        layout.addWidget(self.measure)

    def set_rows(
        self, rows: Sequence[dict[str, float]], epochs: int, task: str = "classify", *, in_turn: bool = False
    ) -> None:
        """Shows other rows.

        Args:
            rows: of history.csv, in order.
            epochs: of the whole training.
            task: of the network.
            in_turn: it draws music element by element: the loss is all that is known of it.
        """
        self.loss.set_measure(self.tr("NLL, nats per element") if in_turn else self.tr("Loss"), "loss")
        self.measure.setVisible(not in_turn)
        others = {
            "infill": (self.tr("RMSE in the gap, dB"), "rmse"),
            "continue": (self.tr("RMSE, dB"), "rmse"),
            "vocode": (self.tr("LSD, dB"), "lsd"),
            "generate": (self.tr("Distance to real music, dB²"), "fd"),
            "tag": (self.tr("ROC-AUC"), "roc_auc"),
        }
        self.measure.set_measure(*others.get(task, (self.tr("Accuracy"), "accuracy")))
        for chart in (self.loss, self.measure):
            chart.set_rows(rows, epochs)
