"""The epochs of a training as numbers: the curves' twin, for keys, screen readers and copying."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from ..core.curve import best_rows

Index = QModelIndex | QPersistentModelIndex

MEASURES = ("accuracy", "roc_auc", "mae", "rmse", "lsd")
"""What rows may have beside the loss."""

_PLACES = {"diversity": 2, "nearest": 2, "val_fd": 1}
"""Behind the point; four for what is not named here."""


class EpochsModel(QAbstractTableModel):
    """A row an epoch; the best one says so, that of each tier where there are several."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows: Sequence[dict[str, float]] = ()
        self.keys = _keys(())
        self._best: set[float] = set()

    def set_rows(self, rows: Sequence[dict[str, float]]) -> None:
        """Shows other rows."""
        self.beginResetModel()
        self.rows, self.keys = list(rows), _keys(rows)
        self._best = {best["epoch"] for best in best_rows(rows)}
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:
        """One an epoch."""
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:
        """As many as `keys`."""
        return 0 if parent.isValid() else len(self.keys)

    def headerData(self, section: int, side: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Names of the columns."""
        if side == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.ToolTipRole:
            return self._explained(self.keys[section])
        if side != Qt.Orientation.Horizontal or role != Qt.ItemDataRole.DisplayRole:
            return None
        return {
            "epoch": self.tr("Epoch"),
            "tier": self.tr("Tier"),
            "loss": self.tr("Loss"),
            "accuracy": self.tr("Accuracy"),
            "roc_auc": self.tr("ROC-AUC"),
            "mae": self.tr("MAE, dB"),
            "rmse": self.tr("RMSE, dB"),
            "lsd": self.tr("LSD, dB"),
            "val_loss": self.tr("Validation loss"),
            "val_accuracy": self.tr("Validation accuracy"),
            "val_roc_auc": self.tr("Validation ROC-AUC"),
            "val_mae": self.tr("Validation MAE, dB"),
            "val_rmse": self.tr("Validation RMSE, dB"),
            "val_lsd": self.tr("Validation LSD, dB"),
            "d_loss": self.tr("Discriminator"),
            "diversity": self.tr("Variety"),
            "nearest": self.tr("Newness"),
            "copied": self.tr("Copies"),
            "val_fd": self.tr("Distance, dB²"),
        }[self.keys[section]]

    def _explained(self, key: str) -> str | None:
        """What a column of a GAN means."""
        return {
            "d_loss": self.tr("Loss of the discriminator, which tells real music from drawn"),
            "diversity": self.tr("How much drawn music differs among itself; real music: 1"),
            "nearest": self.tr("How far drawn music is from single training clips; music not learnt from: about 1"),
            "copied": self.tr("Of drawn music, how much is far nearer to one training clip than to all others"),
            "val_fd": self.tr("Between statistics of drawn music and of the validation clips: the less, the better"),
        }.get(key)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Numbers, right-aligned."""
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        if role != Qt.ItemDataRole.DisplayRole or not index.isValid():
            return None
        row, key = self.rows[index.row()], self.keys[index.column()]
        if key == "epoch":
            best = row["epoch"] in self._best
            return self.tr("{0} (best)").format(int(row["epoch"])) if best else f"{int(row['epoch'])}"
        if key == "tier":
            return f"{int(row[key])}"
        if key == "copied" and key in row:
            return f"{100 * row[key]:.0f} %"
        return f"{row[key]:.{_PLACES.get(key, 4)}f}" if key in row else ""


def _keys(rows: Sequence[dict[str, float]]) -> tuple[str, ...]:
    """The columns of rows; those of a classifier before there are any."""
    if rows and "val_fd" in rows[0]:
        return ("epoch", "loss", "d_loss", "diversity", "nearest", "copied", "val_fd")
    if rows and "tier" in rows[0]:
        return ("epoch", "tier", "loss", "val_loss")
    measures = [key for key in MEASURES if rows and key in rows[0]] or [MEASURES[0]]
    return ("epoch", "loss", *measures, "val_loss", *(f"val_{key}" for key in measures))


class EpochsTable(QTableView):
    """Shows an `EpochsModel`; the keys for copying put the chosen rows, tab-separated, on the clipboard."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setModel(EpochsModel(self))
        self.setAccessibleName(self.tr("Loss and other figures by epoch, as numbers"))
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setTabKeyNavigation(False)
        self.setAlternatingRowColors(True)
        self.verticalHeader().hide()
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)

    def set_rows(self, rows: Sequence[dict[str, float]]) -> None:
        """Shows other rows, from the last one."""
        self.model().set_rows(rows)
        self.scrollToBottom()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Copies what is chosen."""
        if not event.matches(QKeySequence.StandardKey.Copy):
            super().keyPressEvent(event)
            return
        chosen = sorted(index.row() for index in self.selectionModel().selectedRows())
        columns = range(self.model().columnCount())
        lines = ["\t".join(self.model().headerData(column, Qt.Orientation.Horizontal) for column in columns)]
        lines += ["\t".join(self.model().index(row, column).data() for column in columns) for row in chosen]
        QGuiApplication.clipboard().setText("\n".join(lines) + "\n")
