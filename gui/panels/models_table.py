"""The list of models: a row each, sorted by any column."""

from __future__ import annotations

from html import escape
from typing import Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QEvent,
    QModelIndex,
    QPersistentModelIndex,
    QSortFilterProxyModel,
    Qt,
    Signal,
)
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from fstmuse.artifacts.shelf import Model, size_text

from ..icons import icon

NAME, TASK, LABELS, TEST, SIZE = range(5)
_SORT = Qt.ItemDataRole.UserRole
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_ALIGNED = {
    LABELS: Qt.AlignmentFlag.AlignCenter,
    SIZE: Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter,
}
_Index = QModelIndex | QPersistentModelIndex


class ModelsModel(QAbstractTableModel):
    """Rows of models for Qt's views."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.models: list[Model] = []

    def set_models(self, models: list[Model]) -> None:
        """Takes other models."""
        self.beginResetModel()
        self.models = list(models)
        self.endResetModel()

    def rowCount(self, parent: _Index = QModelIndex()) -> int:
        """One for each model."""
        return 0 if parent.isValid() else len(self.models)

    def columnCount(self, parent: _Index = QModelIndex()) -> int:
        """Name, task, labels, test, size."""
        return 0 if parent.isValid() else SIZE + 1

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Titles of the columns."""
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _ALIGNED.get(section, _LEFT)
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        return (self.tr("Name"), self.tr("Task"), self.tr("Labels"), self.tr("Test"), self.tr("Size"))[section]

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """What a cell shows."""
        if not index.isValid():
            return None
        model, column = self.models[index.row()], index.column()
        if role == Qt.ItemDataRole.DisplayRole:
            return self._shown(model, column)
        if role == _SORT:
            return self._sorted_by(model, column)
        if role == Qt.ItemDataRole.ToolTipRole:
            return f"<qt>{escape(model.reason or self._more(model, column))}</qt>"  # rich text is broken into lines
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _ALIGNED.get(column, _LEFT)
        if role == Qt.ItemDataRole.DecorationRole and column == NAME and model.reason:
            return icon("warning")
        return None

    def _shown(self, model: Model, column: int) -> str:
        if column == NAME:
            return model.name
        if column == SIZE:
            return size_text(model.size_bytes)
        if column == TEST and model.reason:
            return self.tr("cannot be used")
        if model.card is None:
            return ""
        if column == TASK:
            return model.card.task
        if column == LABELS:
            return str(len(model.card.labels)) if model.card.labels else ""
        return str(model.score or self.tr("not evaluated"))

    def _sorted_by(self, model: Model, column: int) -> str | int | float:
        if column == SIZE:
            return model.size_bytes
        if column == LABELS:
            return len(model.card.labels) if model.card else -1
        if column == TEST:
            return -2.0 if model.reason else model.score.value if model.score else -1.0
        return self._shown(model, column).casefold()

    def _more(self, model: Model, column: int) -> str:
        if column == LABELS and model.card:
            return ", ".join(model.card.labels)
        return model.path if column == NAME else self._shown(model, column)


class ModelsTable(QTableView):
    """Shows the models; one can be chosen. It stays chosen when the list changes, as long as it is there."""

    chosen = Signal()
    """`model` is another one now, or its card has changed."""
    delete_pressed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows = ModelsModel(self)
        self._sorted = QSortFilterProxyModel(self)
        self._sorted.setSourceModel(self._rows)
        self._sorted.setSortRole(_SORT)
        self.setModel(self._sorted)
        self.setAccessibleName(self.tr("Models"))
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setTabKeyNavigation(False)
        self.setAlternatingRowColors(True)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.verticalHeader().hide()
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        header = self.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(NAME, QHeaderView.ResizeMode.Stretch)
        header.setHighlightSections(False)
        self.setSortingEnabled(True)
        self.sortByColumn(NAME, Qt.SortOrder.AscendingOrder)
        self._filling = False
        self.selectionModel().currentRowChanged.connect(self._current_changed)

    @property
    def current(self) -> Model | None:
        """The model that is chosen."""
        index = self._sorted.mapToSource(self.currentIndex())
        return self._rows.models[index.row()] if index.isValid() else None

    def set_models(self, models: list[Model]) -> None:
        """Shows these models. Without the one that was chosen, its neighbour is, or the first that can be used."""
        before, row = self.current, self.currentIndex().row()
        self._filling = True
        self._rows.set_models(models)
        if before is None:
            first = next((model for model in models if not model.reason), models[0] if models else None)
            self.choose(first.path if first else "")
        elif not self.choose(before.path):
            self.selectRow(min(row, len(models) - 1))
        self._filling = False
        self.chosen.emit()

    def choose(self, path: str) -> bool:
        """Chooses a model.

        Args:
            path: of its folder.

        Returns:
            Whether it is there.
        """
        for row, model in enumerate(self._rows.models):
            if model.path == path:
                self.selectRow(self._sorted.mapFromSource(self._rows.index(row, NAME)).row())
                return True
        return False

    def event(self, event: QEvent) -> bool:
        """The Delete key is for the list, whatever it does elsewhere in the window."""
        if event.type() == QEvent.Type.ShortcutOverride and _is_delete(event):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Delete asks to delete."""
        if _is_delete(event):
            self.delete_pressed.emit()
        else:
            super().keyPressEvent(event)

    def _current_changed(self) -> None:
        if not self._filling:
            self.chosen.emit()


def _is_delete(event: QKeyEvent) -> bool:
    return event.key() == Qt.Key.Key_Delete and event.modifiers() in (
        Qt.KeyboardModifier.NoModifier,
        Qt.KeyboardModifier.KeypadModifier,
    )
