"""The table of actions: complete, without clashes; and keys stay with whoever is typing."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import (
    QApplication,
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QLineEdit,
    QListView,
    QMainWindow,
    QPlainTextEdit,
    QPushButton,
    QSlider,
    QTableView,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from gui.action_entry import MENUS
from gui.action_table import TABLE
from gui.actions import Actions
from gui.keys import keeps_focused
from gui.pages import find_pages

Key = Qt.Key


@pytest.fixture
def actions(qapp) -> Actions:
    return Actions(find_pages())


def test_every_entry_has_all_that_it_needs(actions: Actions) -> None:
    for entry in actions.entries.values():
        assert entry.text and entry.tip and entry.handler, entry.name
        assert entry.menu in MENUS, entry.name
        assert all(not QKeySequence(keys).isEmpty() for keys in entry.keys), entry.name
        assert actions[entry.name].text(), entry.name
    assert set(actions) == {entry.name for entry in TABLE} | {page.verb for page in find_pages()}


def test_no_key_does_two_things(actions: Actions) -> None:
    keys = [QKeySequence(keys).toString() for entry in actions.entries.values() for keys in entry.keys]
    assert sorted(keys) == sorted(set(keys))


def test_no_letter_chooses_two_entries_of_a_menu(actions: Actions) -> None:
    for menu in MENUS:
        letters = [
            entry.text[entry.text.index("&") + 1].lower() for entry in actions.of_menu(menu) if "&" in entry.text
        ]
        assert sorted(letters) == sorted(set(letters)), menu
    titles = [title[title.index("&") + 1].lower() for title in MENUS.values()]
    assert sorted(titles) == sorted(set(titles))


@pytest.mark.parametrize(
    ("name", "keys"),
    [
        ("play_pause", "Space"),
        ("home", "Home"),
        ("end", "End"),
        ("zoom_in", "+"),
        ("zoom_out", "-"),
        ("fit", "F"),
        ("loop", "L"),
        ("back", "Left"),
        ("column_forward", "Ctrl+Right"),
        ("toggle_ab", "X"),
        ("open_files", "Ctrl+O"),
        ("open_folder", "Ctrl+Shift+O"),
        ("paste", "Ctrl+V"),
        ("quit", "Ctrl+Q"),
        ("remove", "Del"),
        ("retry", "Ctrl+R"),
        ("preferences", "Ctrl+,"),
        ("shortcuts", "F1"),
        ("clear_selection", "Esc"),
    ],
)
def test_keys_are_what_people_know(actions: Actions, name: str, keys: str) -> None:
    assert QKeySequence(keys) in actions[name].shortcuts()
    assert QKeySequence(keys).toString(QKeySequence.SequenceFormat.NativeText) in actions[name].toolTip()


def test_a_disabled_action_says_why(actions: Actions) -> None:
    tip = actions["run"].toolTip()
    actions.set_enabled("run", False, "No model")
    assert not actions["run"].isEnabled() and actions["run"].toolTip() == "No model"
    actions.set_enabled("run", True)
    assert actions["run"].isEnabled() and actions["run"].toolTip() == tip


class _Window(QMainWindow):
    """Notes what the actions do; its fields are those in which people type."""

    def __init__(self, actions: Actions) -> None:
        super().__init__()
        self.done: list[str] = []
        body = QWidget()
        self.setCentralWidget(body)
        column = QVBoxLayout(body)
        self.view = QWidget()
        self.view.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.line, self.spin, self.text = QLineEdit(), QDoubleSpinBox(), QPlainTextEdit()
        self.button, self.box, self.slider, self.combo = QPushButton("b"), QCheckBox("c"), QSlider(), QComboBox()
        self.slider.setOrientation(Qt.Orientation.Horizontal)
        self.combo.addItems(["one", "two"])
        model = QStandardItemModel(3, 1)
        ticks = QStandardItemModel()
        for name in "xyz":
            item = QStandardItem(name)
            item.setCheckable(True)
            ticks.appendRow(item)
        self.table, self.list, self.tabs = QTableView(), QListView(), QTabWidget()
        self.table.setModel(model)
        self.list.setModel(ticks)
        self.tabs.addTab(QWidget(), "one")
        self.tabs.addTab(QWidget(), "two")
        for widget in (self.view, self.line, self.spin, self.text, self.button, self.box, self.slider, self.combo):
            column.addWidget(widget)
        for widget in (self.table, self.list, self.tabs):
            column.addWidget(widget)
        for name in actions:
            self.addAction(actions[name])
            actions[name].triggered.connect(lambda checked=False, name=name: self.done.append(name))

    def event(self, event) -> bool:
        if event.type() == event.Type.ShortcutOverride and keeps_focused(event):
            event.accept()
            return True
        return super().event(event)


@pytest.fixture
def window(actions: Actions, qtbot) -> _Window:
    made = _Window(actions)
    qtbot.addWidget(made)
    made.show()
    made.activateWindow()
    qtbot.waitUntil(made.isActiveWindow)
    return made


@pytest.mark.parametrize(
    ("key", "name"),
    [
        (Key.Key_Space, "play_pause"),
        (Key.Key_F, "fit"),
        (Key.Key_Plus, "zoom_in"),
        (Key.Key_Left, "back"),
        (Key.Key_Home, "home"),
        (Key.Key_Delete, "remove"),
        (Key.Key_Escape, "clear_selection"),
    ],
)
def test_keys_work_where_nobody_types(window: _Window, qtbot, key: Key, name: str) -> None:
    window.view.setFocus()
    qtbot.keyClick(window.view, key)
    assert window.done == [name]


@pytest.mark.parametrize("field", ["line", "spin", "text"])
def test_whoever_types_is_left_alone(window: _Window, qtbot, field: str) -> None:
    QApplication.clipboard().clear()
    widget = getattr(window, field)
    widget.setFocus()
    for key in (Key.Key_F, Key.Key_X, Key.Key_Space, Key.Key_Minus, Key.Key_Left, Key.Key_Home, Key.Key_Delete):
        qtbot.keyClick(widget, key)
    qtbot.keyClick(widget, Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    assert window.done == []
    if field == "line":
        assert window.line.text() == "x -", "F, X, space and minus were typed; then Home and Del took the F away"


def test_widgets_keep_the_keys_that_they_live_by(window: _Window, qtbot) -> None:
    window.box.setFocus()
    qtbot.keyClick(window.box, Key.Key_Space)
    assert window.box.isChecked()
    window.slider.setFocus()
    qtbot.keyClick(window.slider, Key.Key_Right)
    assert window.slider.value() == 1
    window.list.setFocus()
    window.list.setCurrentIndex(window.list.model().index(0, 0))
    qtbot.keyClick(window.list, Key.Key_Space)
    assert window.list.model().item(0).checkState() == Qt.CheckState.Checked
    window.table.setFocus()
    window.table.setCurrentIndex(window.table.model().index(0, 0))
    qtbot.keyClick(window.table, Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    assert len(window.table.selectionModel().selectedIndexes()) == 3
    window.tabs.tabBar().setFocus()
    qtbot.keyClick(window.tabs.tabBar(), Key.Key_Right)
    assert window.tabs.currentIndex() == 1
    assert window.done == []


def test_a_table_of_clips_plays_by_space(window: _Window, qtbot) -> None:
    window.table.setFocus()
    window.table.setCurrentIndex(window.table.model().index(0, 0))
    qtbot.keyClick(window.table, Key.Key_Space)
    assert window.done == ["play_pause"]


def test_commands_with_ctrl_work_in_fields_that_have_no_use_for_them(window: _Window, qtbot) -> None:
    window.line.setFocus()
    qtbot.keyClick(window.line, Key.Key_O, Qt.KeyboardModifier.ControlModifier)
    qtbot.keyClick(window.line, Key.Key_F1)
    assert window.done == ["open_files", "shortcuts"]
