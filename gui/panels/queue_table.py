"""The rows of the queue as a table: progress as bars, results to drag out."""

from __future__ import annotations

from PySide6.QtCore import QItemSelectionModel, QModelIndex, QPersistentModelIndex, QSize, Qt
from PySide6.QtGui import QAction, QGuiApplication, QIcon, QKeySequence, QPainter, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QFrame,
    QHeaderView,
    QMenu,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionProgressBar,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from ..queue_model import CLIP, FRACTION, JOB, OUTPUT, PROGRESS, RESULT, STATE, QueueModel

_WIDTHS = {STATE: 17, PROGRESS: 16, RESULT: 17, OUTPUT: 24}
_NARROWEST = 12  # characters
_LEAST = 41  # characters of all columns at their narrowest
_RESULT_SHARE = 0.4
"""Of the room that names and results share."""


class _WordsDelegate(QStyledItemDelegate):
    """Leaves out the end of what is too long: the beginning says most."""

    def initStyleOption(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> None:
        super().initStyleOption(option, index)
        option.textElideMode = Qt.TextElideMode.ElideRight


class _BarDelegate(_WordsDelegate):
    """Draws a progress bar while a row has its turn, else the words."""

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        fraction = index.data(FRACTION)
        if fraction is None:
            super().paint(painter, option, index)
            return
        self.initStyleOption(option, index)
        words = index.siblingAtColumn(PROGRESS).data() or index.siblingAtColumn(STATE).data()
        option.text, style = "", option.widget.style()
        option.features &= ~QStyleOptionViewItem.ViewItemFeature.HasDecoration
        option.icon = QIcon()
        style.drawControl(QStyle.ControlElement.CE_ItemViewItem, option, painter, option.widget)
        bar = QStyleOptionProgressBar()
        room = max(1, (option.rect.height() - round(1.35 * option.fontMetrics.height())) // 2)
        bar.rect = option.rect.adjusted(room, room, -room, -room)
        bar.palette, bar.fontMetrics, bar.direction = option.palette, option.fontMetrics, option.direction
        bar.state = QStyle.StateFlag.State_Enabled | QStyle.StateFlag.State_Horizontal
        # An empty bar with words for what nobody knows the end of: one that runs to and fro would repaint for ever.
        bar.minimum, bar.maximum, bar.progress = 0, 1000, max(0, round(1000 * fraction))
        bar.text, bar.textVisible, bar.textAlignment = words, True, Qt.AlignmentFlag.AlignCenter
        style.drawControl(QStyle.ControlElement.CE_ProgressBar, bar, painter, option.widget)


class QueueTable(QTableView):
    """Shows a `QueueModel`.

    Args:
        model: to be shown.
        menu: actions of the context menu; None parts groups.
        parent: owner.
    """

    def __init__(self, model: QueueModel, menu: list[QAction | None], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._menu = menu
        self.setModel(model)
        self.setAccessibleName(self.tr("Queue of clips"))
        self.setItemDelegateForColumn(RESULT, _WordsDelegate(self))
        for column in (STATE, PROGRESS):
            self.setItemDelegateForColumn(column, _BarDelegate(self))
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setDragDropMode(QAbstractItemView.DragDropMode.DragOnly)
        self.setAcceptDrops(False)  # clips dropped here are the window's, as everywhere
        # Names of files differ at their ends.
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setShowGrid(False)
        self.setAlternatingRowColors(True)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self._lay_out()

    def _lay_out(self) -> None:
        digit = self.fontMetrics().horizontalAdvance("0")
        rows, columns = self.verticalHeader(), self.horizontalHeader()
        rows.hide()
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        rows.setDefaultSectionSize(round(1.9 * self.fontMetrics().height()))
        columns.setMinimumSectionSize(_NARROWEST * digit)
        columns.setHighlightSections(False)
        columns.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        columns.setSectionsMovable(True)
        for column, wide in _WIDTHS.items():
            self.setColumnWidth(column, wide * digit)
        self._result_width = self.columnWidth(RESULT)
        # A row that has its turn shows its bar in place of the state.
        self.setColumnHidden(PROGRESS, True)
        columns.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        columns.customContextMenuRequested.connect(
            lambda place: self._columns_menu().popup(columns.viewport().mapToGlobal(place))
        )

    def _columns_menu(self) -> QMenu:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for column in (STATE, PROGRESS, RESULT, OUTPUT):
            action = menu.addAction(self.model().headerData(column, Qt.Orientation.Horizontal))
            action.setCheckable(True)
            action.setChecked(not self.isColumnHidden(column))
            action.toggled.connect(lambda shown, column=column: self.setColumnHidden(column, not shown))
        return menu

    def selected(self) -> list[int]:
        """Numbers of the selected jobs, from top to bottom."""
        return [index.data(JOB) for index in sorted(self.selectionModel().selectedRows())]

    def choose(self, job: int) -> None:
        """Selects the row of a job and brings it into view."""
        row = self.model().row_of(job)
        if row >= 0:
            # selectRow() would take the row out of the selection while Ctrl is still down from Ctrl+V.
            how = QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows
            self.selectionModel().setCurrentIndex(self.model().index(row, CLIP), how)
            self.scrollTo(self.model().index(row, CLIP))

    def copy(self) -> None:
        """Copies the paths of the selected clips, a line each."""
        jobs = [self.model().job(index) for index in sorted(self.selectionModel().selectedRows())]
        if jobs:
            QGuiApplication.clipboard().setText("\n".join(job.path for job in jobs))

    def make_menu(self) -> QMenu:
        """The context menu, to be shown once."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for action in self._menu:
            if action is None:
                menu.addSeparator()
            else:
                menu.addAction(action)
        copy = menu.addAction(self.tr("&Copy path"), self.copy)
        copy.setShortcut(QKeySequence.StandardKey.Copy)
        # Shown only: as a shortcut it would compete with the key event below.
        copy.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        copy.setEnabled(self.selectionModel().hasSelection())
        return menu

    def contextMenuEvent(self, event) -> None:
        """By mouse where it was clicked, by key beside the current row."""
        place = event.globalPos()
        if event.reason() == event.Reason.Keyboard and self.currentIndex().isValid():
            place = self.viewport().mapToGlobal(self.visualRect(self.currentIndex()).bottomLeft())
        self.make_menu().popup(place)

    def keyPressEvent(self, event) -> None:
        """Ctrl+C copies paths; everything else is as in any table."""
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy()
        else:
            super().keyPressEvent(event)

    def startDrag(self, actions: Qt.DropAction) -> None:
        """Drags only what there is: a file that is gone is no file."""
        if self.model().mimeData(self.selectedIndexes()) is not None:
            super().startDrag(actions)
        else:
            QApplication.beep()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Names and results share what the state leaves; outputs are seen where there is room, else by scrolling."""
        super().resizeEvent(event)
        least = _NARROWEST * self.fontMetrics().horizontalAdvance("0")
        left = self.viewport().width() - sum(map(self.columnWidth, (STATE, PROGRESS)))
        if left - self.columnWidth(OUTPUT) > 4 * least:
            left -= self.columnWidth(OUTPUT)
        if self.columnWidth(RESULT) == self._result_width:
            # Nobody has drawn it wider or narrower: several models say more than one.
            self._result_width = max(least, round(_RESULT_SHARE * left))
            self.setColumnWidth(RESULT, self._result_width)
        self.setColumnWidth(CLIP, max(least, left - self.columnWidth(RESULT)))

    def minimumSizeHint(self) -> QSize:
        """A name, its state and the beginning of its result."""
        size = super().minimumSizeHint()
        return QSize(_LEAST * self.fontMetrics().horizontalAdvance("0"), size.height())
