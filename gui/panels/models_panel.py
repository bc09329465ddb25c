"""The page of models: which there are, what is known of each, and what can be done with them."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from fstmuse.artifacts.shelf import Model, size_text
from fstmuse.errors import FstMuseError

from ..icons import icon
from ..reveal import reveal_or_say
from ..words import Words, counted, plain_tip
from .asking import ask_folder, ask_target, ask_to
from .card_view import CardView
from .export_box import Ask, ExportBox
from .folder_field import AskFolder, FolderField
from .models_table import ModelsTable

if TYPE_CHECKING:
    from ..context import Context


class ModelsPanel(QWidget):
    """Lists the models of the shelf with their cards; chooses another folder, deletes, exports.

    Args:
        context: `shelf`, `settings`, `say` and `error` are used.
        ask_folder: asks for a folder of models.
        ask_target: asks for the file to export to.
        parent: Qt parent.

    Attributes:
        table: the list.
        card: of the chosen model.
        exports: what exports.
    """

    def __init__(
        self,
        context: Context,
        ask_folder: AskFolder = ask_folder,
        ask_target: Ask = ask_target,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._context = context
        self.table = ModelsTable()
        self.card = CardView()
        self.exports = ExportBox(context, ask_target)
        self._make_actions()
        self._lay_out(ask_folder)
        self.table.chosen.connect(self._show_current)
        self.table.delete_pressed.connect(self.delete)
        self.exports.changed.connect(self._enable)
        context.shelf.changed.connect(self._fill)
        # A process outlives its window unless it is ended first.
        QCoreApplication.instance().aboutToQuit.connect(self.close_down)
        self._fill()

    @property
    def current(self) -> Model | None:
        """The model that is chosen."""
        return self.table.current

    def choose(self, path: str) -> bool:
        """Shows a model, such as one that was just trained.

        Args:
            path: of its folder.

        Returns:
            Whether it is there.
        """
        return self.table.choose(path)

    def close_down(self) -> None:
        """Ends an export that is going on; before the window goes."""
        self.exports.close_down()

    def rescan(self) -> None:
        """Looks at the folder again."""
        self._context.shelf.rescan()
        count = len(self._context.shelf.models)
        words = counted(count, self.tr("1 model in {0}"), self.tr("%n models in {0}", "", count))
        self._context.say(words.format(self._context.shelf.folder))

    def reveal(self) -> None:
        """Opens the chosen model's folder in the file manager."""
        if self.current:
            reveal_or_say(self.current.path, self._context.say)

    def delete(self) -> None:
        """Asks, and then deletes the chosen model."""
        model = self.current
        if model is None or not self.delete_action.isEnabled():
            return
        ask_to(
            self,
            self.tr("Delete a model"),
            self.tr("Delete {0} ({1}) for good?").format(model.name, size_text(model.size_bytes)),
            self.tr("Its folder goes with all that is in it, exports too: {0}").format(model.path),
            self.tr("Delete"),
            lambda: self._delete(model),
        )

    def _delete(self, model: Model) -> None:
        try:
            self._context.shelf.delete(model)
        except FstMuseError as error:
            self._context.error(self.tr("Delete a model"), str(error), "")
        else:
            self._context.say(self.tr("Deleted: {0}").format(model.path))

    def _make_actions(self) -> None:
        self.export_action = QAction(icon("export"), self.tr("Export"), self.table)
        self.export_action.setMenu(self.exports.menu)
        self.reveal_action = QAction(icon("folder"), self.tr("Show in folder"), self.table)
        self.reveal_action.triggered.connect(self.reveal)
        self.delete_action = QAction(icon("remove"), self.tr("Delete..."), self.table)
        self.delete_action.triggered.connect(self.delete)
        self.table.addActions([self.export_action, self.reveal_action, self.delete_action])

    def _lay_out(self, ask: AskFolder) -> None:
        self._where = FolderField(self.tr("Folder of models"), ask)
        self._where.line.setObjectName("where")
        self._where.chosen.connect(self._context.shelf.set_folder)
        choose = self._where.button
        choose.setText(self.tr("Choose folder..."))
        choose.setIcon(icon("folder"))
        choose.setToolTip(self.tr("Take the models of another folder, now and at the next start"))
        again = QPushButton(icon("retry"), self.tr("Look again"))
        again.setToolTip(self.tr("Look at the folder again; changes are mostly noticed without this"))
        again.clicked.connect(self.rescan)
        top = QHBoxLayout()
        label = QLabel(self.tr("Models &in"))
        label.setBuddy(self._where.line)
        for part in (label, self._where, again):
            top.addWidget(part)

        both = QSplitter(Qt.Orientation.Vertical)
        both.setChildrenCollapsible(False)
        both.addWidget(self.table)
        both.addWidget(self.card)
        both.setStretchFactor(0, 2)
        both.setStretchFactor(1, 3)
        self._hint = Words(selectable=True)
        self._hint.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._hint.setMargin(self.fontMetrics().height())
        self._hint.setObjectName("hint")
        self._stack = QStackedWidget()
        self._stack.addWidget(both)
        self._stack.addWidget(self._hint)

        bottom = QHBoxLayout()
        self._buttons = {
            action: self._button(action) for action in (self.export_action, self.reveal_action, self.delete_action)
        }
        for button in self._buttons.values():
            bottom.addWidget(button)
        bottom.addStretch(1)
        page = QVBoxLayout(self)
        page.addLayout(top)
        page.addWidget(self._stack, 1)
        page.addLayout(bottom)
        page.addWidget(self.exports)
        # The table and the card were made before what stands above them.
        for one, after in pairwise((self._where.line, choose, again, self.table, self.card, *self._buttons.values())):
            QWidget.setTabOrder(one, after)

    def _button(self, action: QAction) -> QPushButton:
        button = QPushButton(action.icon(), action.text())
        if action.menu():
            button.setMenu(action.menu())
        else:
            button.clicked.connect(action.trigger)
        return button

    def _fill(self) -> None:
        shelf = self._context.shelf
        self._where.show_folder(shelf.folder)
        self._hint.setText(
            self.tr(
                "No models here.\n\nLooked in {0}.\n\nTrain one on the page Train: the demo takes some minutes.\n\n"
                "If your models lie elsewhere, choose their folder."
            ).format(shelf.folder)
        )
        self._stack.setCurrentIndex(0 if shelf.models else 1)
        self.table.set_models(shelf.models)

    def _show_current(self) -> None:
        self.card.show_model(self.current)
        self.exports.set_model(self.current)
        self._enable()

    def _enable(self) -> None:
        """What can be done now; what cannot says why."""
        model, exporting = self.current, self.exports.exporter.model
        none = "" if model else self.tr("Choose a model first")
        self._allow(
            self.export_action,
            none
            or (self.tr("It cannot be used: {0}").format(model.reason) if model.reason else "")
            or (self.tr("Another export is going on") if exporting else ""),
            self.tr("Write the model in another form, for use without FstMuse"),
        )
        self._allow(self.reveal_action, none, self.tr("Open the model's folder"))
        busy = exporting is not None and model is not None and exporting.path == model.path
        self._allow(
            self.delete_action,
            none or (self.tr("It is being exported") if busy else ""),
            self.tr("Remove the model from the disk (Del)"),
        )

    def _allow(self, action: QAction, reason: str, tip: str) -> None:
        action.setEnabled(not reason)
        self._buttons[action].setEnabled(not reason)
        self._buttons[action].setToolTip(plain_tip(reason) or tip)
