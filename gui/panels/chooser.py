"""Which models are to be asked: the list above a page's answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QLabel, QListWidget, QListWidgetItem, QSizePolicy, QVBoxLayout, QWidget

from fstmuse.artifacts.shelf import Model, describe, serving

from ..icons import icon
from ..words import menu_words, one_line, plain_tip

if TYPE_CHECKING:
    from ..context import Context
    from ..pages import Page

_SHOWN = 5  # rows; more are scrolled
_TIP_WIDTH = 100  # characters; of fifty labels nobody reads all in a tip
_MODEL = Qt.ItemDataRole.UserRole


class ModelChooser(QWidget):
    """The models that serve a page, to be ticked; what was ticked is remembered for each page.

    Args:
        context: shelf and settings are used.
        parent: owner.

    Attributes:
        list: a row for each model; those that cannot be used are disabled and say why.
        missing: stands in its place when no model serves the page.
    """

    chosen = Signal(list)
    """The `Model`s that are ticked now, in order; also when one of them has changed on the disk."""

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._page: Page | None = None
        self._names: list[str] = []
        self._told: list[Model] = []
        self._cleared = False
        self._heading = QLabel()
        self.list = _Short()
        self.list.itemChanged.connect(self._ticked)
        self.list.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.list.setIconSize(QSize(1, 1) * self.fontMetrics().height())
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._heading.setBuddy(self.list)
        self.missing = QLabel(wordWrap=True)
        self.missing.setTextFormat(Qt.TextFormat.PlainText)
        column = QVBoxLayout(self)
        for widget in (self._heading, self.list, self.missing):
            column.addWidget(widget)
        context.shelf.changed.connect(self._fill)

    @property
    def models(self) -> list[Model]:
        """What is ticked, in the order of the list."""
        return list(self._told)

    def set_page(self, page: Page) -> None:
        """Shows the models of another page and says which are ticked."""
        self._page, self._cleared = page, False
        self._names = self._context.settings.chosen(page.verb)
        self._told = []
        # Something new is made by one model.
        heading = self.tr("&Model to use") if page.new else self.tr("&Models to ask")
        self._heading.setText(heading)
        self.list.setAccessibleName(menu_words(heading))
        self._fill(always=True)

    def choose(self, names: list[str]) -> None:
        """Ticks models, such as one that was just trained, and no others.

        Args:
            names: of the models; those that do not serve the page are left out.
        """
        self._names, self._cleared = list(names), not names
        self._context.settings.set_chosen(self._page.verb, self._names)
        self._fill()

    def _fill(self, always: bool = False) -> None:
        if self._page is None:
            return
        models = self._context.shelf.models
        usable = serving(models, self._page.tasks)
        if self._page.new:
            self._names = [model.name for model in usable if model.name in self._names][:1]
        broken = [model for model in models if model.reason and (not model.card or model.card.task in self._page.tasks)]
        if usable and not self._cleared and not any(model.name in self._names for model in usable):
            self._names = [usable[0].name]
        with QSignalBlocker(self.list):
            self.list.clear()
            for model in (*usable, *broken):
                self.list.addItem(self._item(model))
        self.list.updateGeometry()
        self.list.setVisible(bool(usable or broken))
        self.missing.setVisible(not usable)
        self.missing.setText(QCoreApplication.translate("Page", self._page.missing))
        self._tell(always)

    def _item(self, model: Model) -> QListWidgetItem:
        item = QListWidgetItem(model.name)
        item.setSizeHint(QSize(0, round(1.6 * self.fontMetrics().height())))
        item.setData(_MODEL, model)
        if model.reason:
            item.setText(self.tr("{0} (cannot be used)").format(model.name))
            item.setIcon(icon("warning"))
            item.setFlags(item.flags() & ~(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsUserCheckable))
            item.setToolTip(plain_tip(model.reason))
        else:
            item.setCheckState(Qt.CheckState.Checked if model.name in self._names else Qt.CheckState.Unchecked)
            rows = ((what, text) for what, text in describe(model) if what != "Protocol")
            tip = (one_line(f"{QCoreApplication.translate('Card', what)}: {text}", _TIP_WIDTH) for what, text in rows)
            item.setToolTip(plain_tip("\n".join(tip)))
        return item

    def _ticked(self, item: QListWidgetItem) -> None:
        if self._page.new and item.checkState() == Qt.CheckState.Checked:
            with QSignalBlocker(self.list):
                for other in (self.list.item(row) for row in range(self.list.count())):
                    if other is not item and other.flags() & Qt.ItemFlag.ItemIsUserCheckable:
                        other.setCheckState(Qt.CheckState.Unchecked)
        self._names = [model.name for model in self._checked()]
        self._cleared = not self._names
        self._context.settings.set_chosen(self._page.verb, self._names)
        self._tell(False)

    def _checked(self) -> list[Model]:
        items = (self.list.item(row) for row in range(self.list.count()))
        return [item.data(_MODEL) for item in items if item.checkState() == Qt.CheckState.Checked]

    def _tell(self, always: bool) -> None:
        checked = self._checked()
        if always or checked != self._told:
            self._told = checked
            self.chosen.emit(list(checked))


class _Short(QListWidget):
    """A list as tall as its rows, up to a few. A click on a row's words ticks it as one on its box does."""

    def __init__(self) -> None:
        super().__init__()
        self._pressed: tuple[int, Qt.CheckState] | None = None
        self.itemClicked.connect(self._clicked)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Remembers how the row was: a click on the box changes it before anybody is told of the click."""
        self._remember(event)
        super().mousePressEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Two clicks."""
        self._remember(event)
        super().mouseDoubleClickEvent(event)

    def _remember(self, event: QMouseEvent) -> None:
        item = self.itemAt(event.position().toPoint())
        self._pressed = (self.row(item), item.checkState()) if item else None

    def _clicked(self, item: QListWidgetItem) -> None:
        if self._pressed == (self.row(item), item.checkState()) and item.flags() & Qt.ItemFlag.ItemIsUserCheckable:
            checked = item.checkState() == Qt.CheckState.Checked
            item.setCheckState(Qt.CheckState.Unchecked if checked else Qt.CheckState.Checked)

    def sizeHint(self) -> QSize:
        tall = sum(self.sizeHintForRow(row) for row in range(min(_SHOWN, self.count()))) + 2 * self.frameWidth()
        return QSize(super().sizeHint().width(), tall)

    def minimumSizeHint(self) -> QSize:
        return QSize(super().minimumSizeHint().width(), self.sizeHint().height())
