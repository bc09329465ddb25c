"""What one model says of a clip: its name, how good it is known to be, and bars, or why there are none."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from fstmuse.artifacts.shelf import Model
from fstmuse.inference.results import Classification

from ..words import plain_tip
from .bars import Bars

DEMO = "demo"
"""Name of the data set that is synthesised, as cards have it."""

SHOWN = 10
"""Labels that are shown until all are asked for."""


class AnswerColumn(QWidget):
    """A column for one model.

    Args:
        model: who answers.
        parent: owner.

    Attributes:
        model: as given.
        bars: the answer.
        message: the words in place of an answer; hidden while there is one.
        more: shows all labels, or the likeliest ones again.
    """

    def __init__(self, model: Model, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.model = model
        self._result: Classification | None = None
        name = _label(model.name)
        font = name.font()
        font.setBold(True)
        name.setFont(font)
        name.setToolTip(plain_tip(model.path))
        self.score = _label(self._worth(), faint=True)
        self.score.setToolTip(self._interval())
        self.caution = _label("")
        self.part = _label("", faint=True)
        self.bars = Bars()
        self.bars.setAccessibleName(self.tr("Probabilities by {0}").format(model.name))
        self.message = _label("")
        self.message.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.note = _label("")
        self.more = QPushButton(checkable=True)
        self.more.toggled.connect(self._fill)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        for widget in (name, self.score, self.caution, self.part, self.bars, self.message, self.note):
            column.addWidget(widget)
        column.addWidget(self.more, 0, Qt.AlignmentFlag.AlignLeft)
        column.addStretch(1)
        self.show_message("")

    def show_result(self, result: Classification, part: str, note: str = "") -> None:
        """Shows an answer.

        Args:
            result: what the model said.
            part: of the clip that it heard, in words; empty when that stands elsewhere.
            note: what else is to be told, such as why nothing was saved.
        """
        if result is not self._result:
            self._result = result
            self.more.setVisible(len(result.labels) > SHOWN)
            self._fill()
        self._put(self.caution, self._caution(result))
        self._put(self.part, part)
        self._put(self.note, note)
        self.message.hide()
        self.bars.show()

    def show_message(self, words: str) -> None:
        """Shows words in place of an answer."""
        self._result = None
        self.bars.set_rows([])
        for widget in (self.bars, self.more, self.caution, self.part, self.note):
            widget.hide()
        self._put(self.message, words)

    def _fill(self) -> None:
        if self._result is not None:
            all_of = len(self._result.labels)
            self.bars.set_rows(self._result.top(all_of if self.more.isChecked() else SHOWN))
            few = self.tr("Show the likeliest {0}").format(SHOWN)
            self.more.setText(few if self.more.isChecked() else self.tr("Show all {0}").format(all_of))

    @staticmethod
    def _put(label: QLabel, words: str) -> None:
        if label.text() != words:
            label.setText(words)
        label.setVisible(bool(words))

    def _worth(self) -> str:
        """How sure anybody can be of what it says: bars alone look surer than they are."""
        score = self.model.score
        if score is None:
            return self.tr("never tested: its card names no accuracy")
        # Without the data's name, a figure of synthesised music would be taken for one of music.
        data = self.model.card.data.get("name") or self.tr("unknown data")
        words = self.tr("{0} {1} {2:.3f} on {3}").format(score.split, score.what, score.value, data)
        return words if score.n is None else self.tr("{0} (n = {1:,})").format(words, score.n)

    def _caution(self, result: Classification) -> str:
        """What makes this answer mean little: a network answers whatever it hears."""
        card, said = self.model.card, []
        if card.data.get("name") == DEMO:
            said.append(self.tr("Trained on synthesised music: it says little of real music."))
        if result.duration_s < card.audio.seconds / 2:
            said.append(
                self.tr("Heard {0:.2g} s, where the model listens to {1:g} s at a time.").format(
                    result.duration_s, card.audio.seconds
                )
            )
        return "\n".join(said)

    def _interval(self) -> str:
        score = self.model.score
        if score is None:
            return self.tr("Nobody has measured how often this model is right.")
        return self.tr("95 % interval {0:.3f} to {1:.3f}").format(score.low, score.high)


def _label(text: str, *, faint: bool = False) -> QLabel:
    label = QLabel(text)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
    if faint:
        label.setForegroundRole(QPalette.ColorRole.PlaceholderText)
    return label
