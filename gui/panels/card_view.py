"""The card of a model, to read and to copy from."""

from __future__ import annotations

from html import escape

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication, Qt
from PySide6.QtWidgets import QTextBrowser, QWidget

from fstmuse.artifacts.shelf import Model, describe

# What `describe` calls its rows, for translators.
ROWS = (
    QT_TRANSLATE_NOOP("Card", "Cannot be used"),
    QT_TRANSLATE_NOOP("Card", "Task"),
    QT_TRANSLATE_NOOP("Card", "Labels"),
    QT_TRANSLATE_NOOP("Card", "Trained as"),
    QT_TRANSLATE_NOOP("Card", "Data"),
    QT_TRANSLATE_NOOP("Card", "Licence of the data"),
    QT_TRANSLATE_NOOP("Card", "Test"),
    QT_TRANSLATE_NOOP("Card", "Valid"),
    QT_TRANSLATE_NOOP("Card", "Protocol"),
    QT_TRANSLATE_NOOP("Card", "Network"),
    QT_TRANSLATE_NOOP("Card", "Hears"),
    QT_TRANSLATE_NOOP("Card", "Size"),
    QT_TRANSLATE_NOOP("Card", "Made"),
    QT_TRANSLATE_NOOP("Card", "Made with"),
    QT_TRANSLATE_NOOP("Card", "Folder"),
)


class CardView(QTextBrowser):
    """Shows the card of one model as a table of two columns."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setOpenLinks(False)
        self.setTabChangesFocus(True)
        # Its cursor shows where the keyboard is, and copies without a mouse.
        self.setTextInteractionFlags(self.textInteractionFlags() | Qt.TextInteractionFlag.TextSelectableByKeyboard)
        self._shown: Model | None = None
        self._set_name()

    def show_model(self, model: Model | None) -> None:
        """Shows a model's card; None: nothing."""
        if model == self._shown:
            return
        self._shown = model
        self._set_name()
        if model is None:
            self.clear()
            return
        rows = "".join(
            f"<tr><th align='left'>{escape(QCoreApplication.translate('Card', what))}&nbsp;&nbsp;</th>"
            f"<td>{escape(text)}</td></tr>"
            for what, text in describe(model)
        )
        self.setHtml(f"<h3>{escape(model.name)}</h3><table cellpadding='3'>{rows}</table>")

    def _set_name(self) -> None:
        of = self.tr("Card of {0}").format(self._shown.name) if self._shown else self.tr("Card of the chosen model")
        self.setAccessibleName(of)
