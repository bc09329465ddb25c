"""The actions of the window, made from one table: menus, toolbar, keys and the page of shortcuts all show these."""

from __future__ import annotations

from collections.abc import Iterator
from functools import reduce
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QObject, Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QWidget

from .action_entry import Entry
from .action_table import TABLE
from .icons import icon

if TYPE_CHECKING:
    from .pages import Page


class Actions(QObject):
    """The actions of the window by name: `actions["play_pause"]`.

    Args:
        pages: each brings an action named by its verb.
        parent: Qt parent.

    Attributes:
        entries: of the table and the pages, by name, in the order of menus.
    """

    def __init__(self, pages: list[Page], parent: QObject | None = None) -> None:
        super().__init__(parent)
        verbs = [
            Entry(
                page.verb,
                page.title,
                (page.shortcut,) if page.shortcut else (),
                "task",
                page.tip,
                "commands.choose_verb",
                (page.verb,),
                page.icon,
                True,
                context="Page",
            )
            for page in pages
        ]
        self.entries = {entry.name: entry for entry in (*TABLE, *verbs)}
        self._actions = {name: self._make(entry) for name, entry in self.entries.items()}

    def __getitem__(self, name: str) -> QAction:
        return self._actions[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._actions)

    def of_menu(self, menu: str) -> list[Entry]:
        """The entries of a menu, in order."""
        return [entry for entry in self.entries.values() if entry.menu == menu]

    def bind(self, window: QWidget) -> None:
        """Makes the actions work wherever the keyboard is in a window.

        Args:
            window: from which the paths of the handlers lead.
        """
        for name, action in self._actions.items():
            window.addAction(action)
            entry = self.entries[name]
            action.triggered.connect(lambda checked=False, entry=entry: self._do(window, entry, checked))

    def set_enabled(self, name: str, enabled: bool, reason: str = "") -> None:
        """Lets an action be chosen, or not.

        Args:
            name: of the action.
            enabled: whether it can be chosen.
            reason: shown as tip while it cannot.
        """
        self._actions[name].setEnabled(enabled)
        self._actions[name].setToolTip(reason if reason and not enabled else self._tip(self.entries[name]))
        self._actions[name].setStatusTip(reason if reason and not enabled else "")

    def _make(self, entry: Entry) -> QAction:
        action = QAction(self)
        action.setObjectName(entry.name)
        action.setText(QCoreApplication.translate(entry.context, entry.text))
        # What the shortcut is for is in the menus; here it is for people who hover over a button.
        action.setToolTip(self._tip(entry))
        action.setShortcuts([QKeySequence(keys) for keys in entry.keys])
        action.setShortcutContext(Qt.ShortcutContext.WindowShortcut)
        action.setCheckable(entry.checkable)
        if entry.name == "quit":
            action.setMenuRole(QAction.MenuRole.QuitRole)
        elif entry.name == "preferences":
            action.setMenuRole(QAction.MenuRole.PreferencesRole)
        elif entry.name == "about":
            action.setMenuRole(QAction.MenuRole.AboutRole)
        else:
            action.setMenuRole(QAction.MenuRole.NoRole)
        if entry.icon:
            action.setIcon(icon(entry.icon))
        return action

    @staticmethod
    def _tip(entry: Entry) -> str:
        tip = QCoreApplication.translate(entry.context, entry.tip)
        keys = QKeySequence(entry.keys[0]).toString(QKeySequence.SequenceFormat.NativeText) if entry.keys else ""
        return f"{tip} ({keys})" if keys else tip

    @staticmethod
    def _do(window: QWidget, entry: Entry, checked: bool) -> None:
        handler = reduce(getattr, entry.handler.split("."), window)
        handler(*entry.arguments, *((checked,) if entry.checkable and not entry.arguments else ()))
