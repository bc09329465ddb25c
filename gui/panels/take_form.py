"""What the next takes shall be like: label, length, seed, variety and how many."""

from __future__ import annotations

import math
from typing import Any

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import (
    QComboBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLayout,
    QSizePolicy,
    QSlider,
    QSpinBox,
    QToolButton,
    QWidget,
)

from fstmuse.artifacts.card import Card
from fstmuse.inference.creation_settings import LEAST_S, MOST_S, SECONDS, longest_s
from fstmuse.inference.generate_result import Creation

from ..icons import icon
from ..takes import MOST, new_seed
from .number_fields import number_field, seed_field

_STEPS = 20
"""Of the slider between usual and varied."""


class TakeForm(QWidget):
    """Fields for what `fstmuse.inference.session.Session.generate` takes.

    Args:
        keys: that draw another seed, for people.
        parent: Qt parent.

    Attributes:
        label: what kind of music, where the network knows labels.
        seconds: of each take.
        seed: of the first take.
        truncation: how far from the most usual music.
        count: of takes.
    """

    changed = Signal()

    def __init__(self, keys: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.label = QComboBox()
        self.label.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.label.setToolTip(self.tr("What kind of music. With any, each seed draws one"))
        self.seconds = number_field(LEAST_S, MOST_S, 1.0, SECONDS, 2)
        self.seconds.setSuffix(self.tr(" s"))
        self.seed = seed_field()
        self.seed.setToolTip(
            self.tr("Of the first take; the others have the next numbers. The same seed gives the same music")
        )
        self.truncation = QSlider(Qt.Orientation.Horizontal)
        self.truncation.setRange(0, _STEPS)
        self.truncation.setValue(_STEPS)
        self.truncation.setPageStep(_STEPS // 4)
        self.truncation.setToolTip(
            self.tr(
                "Left: the most usual music of its kind, nearly the same each time; right: as varied as what the "
                "network learnt from"
            )
        )
        self.count = QSpinBox()
        self.count.setRange(1, MOST)
        self.count.setValue(4)
        self.count.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.count.setToolTip(self.tr("How many are made, one after the other"))
        self._lay_out(self._make_dice(keys))
        self.label.currentIndexChanged.connect(self.changed)
        for field in (self.seconds, self.seed, self.truncation, self.count):
            field.valueChanged.connect(self.changed)

    def _make_dice(self, keys: str) -> QToolButton:
        dice = QToolButton()
        dice.setIcon(icon("dice"))
        dice.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        dice.setAccessibleName(self.tr("New seed"))
        dice.setToolTip(self.tr("Draw another seed ({0})").format(keys))
        dice.clicked.connect(self.draw_seed)
        return dice

    def _lay_out(self, dice: QToolButton) -> None:
        usual, varied = QLabel(self.tr("usual")), QLabel(self.tr("varied"))
        for words in (usual, varied):
            words.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self._form = QFormLayout(self)
        self._form.setContentsMargins(0, 0, 0, 0)
        self._form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        for name, field, place, spoken in (
            (self.tr("La&bel"), self.label, self.label, self.tr("Label")),
            (self.tr("L&ength"), self.seconds, self.seconds, self.tr("Length")),
            (self.tr("See&d"), self.seed, _row(self.seed, dice), self.tr("Seed")),
            (
                self.tr("Var&iety"),
                self.truncation,
                _row(usual, self.truncation, varied),
                self.tr("Variety, from usual to varied"),
            ),
            (self.tr("Ta&kes"), self.count, self.count, self.tr("Takes")),
        ):
            caption = QLabel(name)
            caption.setBuddy(field)
            field.setAccessibleName(spoken)
            self._form.addRow(caption, place)

    def wanted(self) -> list[dict[str, Any]]:
        """Of each take, keyword arguments of `fstmuse.inference.session.Session.generate`."""
        return [
            {
                "seconds": round(self.seconds.value(), 2),
                "label": self.label.currentData(),
                "seed": self.seed.value() + number,
                "truncation": self.truncation.value() / _STEPS,
            }
            for number in range(self.count.value())
        ]

    def draw_seed(self) -> None:
        """Another seed."""
        self.seed.setValue(new_seed(self.seed.value()))

    def fit(self, card: Card | None) -> None:
        """Takes over labels and lengths of a network; what was set stays as far as it can."""
        labels, chosen = (card.labels if card is not None else ()), self.label.currentData()
        with QSignalBlocker(self.label):
            self.label.clear()
            self.label.addItem(self.tr("any"), None)
            for label in labels:
                self.label.addItem(label, label)
            self.label.setCurrentIndex(max(0, self.label.findData(chosen)))
        self._form.setRowVisible(self.label, bool(labels))
        longest = longest_s(card) if card is not None else None
        usual, before = self.seconds.value() == self._usual_s(), self.seconds.value()
        with QSignalBlocker(self.seconds):
            self.seconds.setMaximum(MOST_S if longest is None else math.floor(100 * longest) / 100)
            self.seconds.setValue(self._usual_s() if usual else before)
        words = (
            self.tr("Of each take, up to {0:g} s")
            if longest is None
            else self.tr("This network draws {0:g} s at once and no more")
        )
        self.seconds.setToolTip(words.format(self.seconds.maximum()))

    def set_as(self, made: Creation) -> None:
        """Sets all as a take was made, as far as the network that is chosen can do it."""
        self.label.setCurrentIndex(max(0, self.label.findData(made.label)))
        self.seconds.setValue(made.settings["seconds"])
        self.seed.setValue(made.seed)
        self.truncation.setValue(round(_STEPS * made.settings["truncation"]))

    def _usual_s(self) -> float:
        """Length that most want of the network: all that it draws, where that is limited."""
        return SECONDS if self.seconds.maximum() == MOST_S else self.seconds.maximum()


def _row(*widgets: QWidget) -> QLayout:
    """Side by side; the widget that is no label and no button has what is left."""
    row = QHBoxLayout()
    for widget in widgets:
        row.addWidget(widget, 0 if isinstance(widget, QLabel | QToolButton) else 1)
    return row
