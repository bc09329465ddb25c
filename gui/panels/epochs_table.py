"""The epochs of a training as numbers: the curves' twin, for keys, screen readers and copying."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from ..core.curve import best_row

Index = QModelIndex | QPersistentModelIndex

KEYS = ("epoch", "loss", "accuracy", "val_loss", "val_accuracy")


class EpochsModel(QAbstractTableModel):
    """A row an epoch; the best one says so."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows: Sequence[dict[str, float]] = ()
        self._best: float | None = None

    def set_rows(self, rows: Sequence[dict[str, float]]) -> None:
        """Shows other rows."""
        self.beginResetModel()
        self.rows = list(rows)
        best = best_row(rows)
        self._best = best["epoch"] if best else None
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:
        """One an epoch."""
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:
        """As many as `KEYS`."""
        return 0 if parent.isValid() else len(KEYS)

    def headerData(self, section: int, side: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Names of the columns."""
        if side != Qt.Orientation.Horizontal or role != Qt.ItemDataRole.DisplayRole:
            return None
        return (
            self.tr("Epoch"),
            self.tr("Loss"),
            self.tr("Accuracy"),
            self.tr("Validation loss"),
            self.tr("Validation accuracy"),
        )[section]

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Numbers, right-aligned."""
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        if role != Qt.ItemDataRole.DisplayRole or not index.isValid():
            return None
        row, key = self.rows[index.row()], KEYS[index.column()]
        if key == "epoch":
            best = row["epoch"] == self._best
            return self.tr("{0} (best)").format(int(row["epoch"])) if best else f"{int(row['epoch'])}"
        return f"{row[key]:.4f}" if key in row else ""


class EpochsTable(QTableView):
    """Shows an `EpochsModel`; the keys for copying put the chosen rows, tab-separated, on the clipboard."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setModel(EpochsModel(self))
        self.setAccessibleName(self.tr("Loss and accuracy by epoch, as numbers"))
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
