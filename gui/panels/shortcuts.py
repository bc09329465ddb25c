"""All keys, and what the mouse does on the pictures of a clip."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QDialogButtonBox,
    QHeaderView,
    QLineEdit,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from ..action_entry import MENUS
from ..actions import Actions
from ..words import menu_words


class Shortcuts(QDialog):
    """A list of all keys by menu, with a field to search in it.

    Args:
        actions: to be listed.
        parent: the window.
    """

    def __init__(self, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Keyboard shortcuts"))
        self.search = QLineEdit()
        self.search.setPlaceholderText(self.tr("Search"))
        self.search.setAccessibleName(self.tr("Search in the shortcuts"))
        self.search.setClearButtonEnabled(True)
        self.search.textChanged.connect(self._filter)
        self.list = QTreeWidget()
        self.list.setAccessibleName(self.tr("Shortcuts"))
        self.list.setHeaderLabels([self.tr("What"), self.tr("Keys"), self.tr("In words")])
        self.list.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.list.setUniformRowHeights(True)
        self.list.setAlternatingRowColors(True)
        for menu, title in MENUS.items():
            rows = []
            for entry in actions.of_menu(menu):
                action = actions[entry.name]
                keys = ", ".join(key.toString(QKeySequence.SequenceFormat.NativeText) for key in action.shortcuts())
                tip = QCoreApplication.translate(entry.context, entry.tip)
                rows.append((menu_words(action.text()), keys, tip))
            self._add(menu_words(QCoreApplication.translate("Actions", title)), rows)
        self._add(self.tr("Mouse on waveform and spectrogram"), self._mouse())
        self.list.expandAll()
        header = self.list.header()
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)

        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.close)
        layout = QVBoxLayout(self)
        layout.addWidget(self.search)
        layout.addWidget(self.list, 1)
        layout.addWidget(buttons)
        letter = self.fontMetrics()
        room = self.screen().availableSize().width() * 9 // 10
        width = max(letter.averageCharWidth() * 110, min(letter.averageCharWidth() * 165, room))
        self.resize(width, letter.lineSpacing() * 34)

    def _mouse(self) -> list[tuple[str, str, str]]:
        return [
            (self.tr("Move the cursor"), self.tr("Click"), ""),
            (self.tr("Select"), self.tr("Drag"), self.tr("Drag the edges of the selection to move them")),
            (self.tr("Select the whole clip"), self.tr("Double click"), ""),
            (self.tr("Zoom at the pointer"), self.tr("Wheel"), ""),
            (self.tr("Move along the clip"), self.tr("Shift+Wheel"), ""),
        ]

    def _add(self, title: str, rows: list[tuple[str, str, str]]) -> None:
        if rows:
            top = QTreeWidgetItem(self.list, [title])
            top.setFirstColumnSpanned(True)
            font = top.font(0)
            font.setBold(True)
            top.setFont(0, font)
            top.setFlags(Qt.ItemFlag.ItemIsEnabled)
            for row in rows:
                item = QTreeWidgetItem(top, list(row))
                # On a narrow screen the end of it is cut off.
                item.setToolTip(2, row[2])

    def _filter(self, text: str) -> None:
        wanted = text.strip().casefold()
        for place in range(self.list.topLevelItemCount()):
            top = self.list.topLevelItem(place)
            shown = 0
            for row in range(top.childCount()):
                item = top.child(row)
                fits = any(wanted in item.text(column).casefold() for column in range(3))
                item.setHidden(not fits)
                shown += fits
            top.setHidden(not shown)
