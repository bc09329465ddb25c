"""What the next takes shall be like: label, length, seed, variety or temperature, what they go on from, how many."""

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
from fstmuse.inference.creation_settings import HOTTEST, LEAST_S, MOST_S, SECONDS, longest_s
from fstmuse.inference.generate_result import Creation

from ..icons import icon
from ..settings import Settings
from ..takes import MOST
from .clip_field import ClipField
from .number_fields import new_seed, number_field, seed_field

_STEPS = 20
"""Of the slider between usual and varied."""

_COLDEST = 0.05
"""Lowest temperature that can be set: below it, music hardly differs any more."""


class TakeForm(QWidget):
    """Fields for what `fstmuse.inference.session.Session.generate` takes.

    Args:
        keys: that draw another seed, for people.
        settings: remember where files are.
        parent: Qt parent.

    Attributes:
        label: what kind of music, where the network knows labels.
        seconds: of each take.
        seed: of the first take.
        truncation: how far from the most usual music, of networks that draw from noise.
        temperature: how much of what is unlikely, of networks that draw in turn.
        prime: a file that the music goes on from, of networks that draw in turn.
        count: of takes.
        in_turn: the network that is chosen draws in turn.
    """

    changed = Signal()

    def __init__(self, keys: str, settings: Settings, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.in_turn = False
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
        self.temperature = number_field(_COLDEST, HOTTEST, 0.05, 1.0, 2)
        self.temperature.setToolTip(
            self.tr("1: as varied as what the network learnt from; below: more of what is likeliest; above: wilder")
        )
        self.prime = ClipField(
            self.tr("Prime: a file to go on from"),
            self.tr("A file that each take goes on from: the take begins with the end of it, up to 12 s"),
            settings,
        )
        self.count = QSpinBox()
        self.count.setRange(1, MOST)
        self.count.setValue(4)
        self.count.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.count.setToolTip(self.tr("How many are made, one after the other"))
        self._lay_out(self._make_dice(keys))
        self.label.currentIndexChanged.connect(self.changed)
        for field in (self.seconds, self.seed, self.truncation, self.temperature, self.count):
            field.valueChanged.connect(self.changed)
        self.prime.changed.connect(self._tell_length)
        self.prime.changed.connect(self.changed)
        self.fit(None)

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
        self._variety = _row(usual, self.truncation, varied)
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
                self._variety,
                self.tr("Variety, from usual to varied"),
            ),
            (self.tr("Temperat&ure"), self.temperature, self.temperature, self.tr("Temperature")),
            (self.tr("Pr&ime"), self.prime, self.prime, self.tr("Prime: a file to go on from")),
            (self.tr("Ta&kes"), self.count, self.count, self.tr("Takes")),
        ):
            caption = QLabel(name)
            caption.setBuddy(field)
            field.setAccessibleName(spoken)
            self._form.addRow(caption, place)

    def wanted(self) -> list[dict[str, Any]]:
        """Of each take, keyword arguments of `fstmuse.inference.session.Session.generate`."""
        own = {"truncation": self.truncation.value() / _STEPS}
        if self.in_turn:
            own = {"temperature": round(self.temperature.value(), 2)}
            if self.prime.path:
                own["prime"] = self.prime.path
        return [
            {
                "seconds": round(self.seconds.value(), 2),
                "label": self.label.currentData(),
                "seed": self.seed.value() + number,
                **own,
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
        self.in_turn = card is not None and card.in_turn
        # Rows are named by what stands in them: of some fields that is more than the field.
        for place, seen in (
            (self.label, bool(labels)),
            (self._variety, not self.in_turn),
            (self.temperature, self.in_turn),
            (self.prime, self.in_turn),
        ):
            self._form.setRowVisible(place, seen)
        longest = longest_s(card) if card is not None else None
        usual, before = self.seconds.value() == self._usual_s(), self.seconds.value()
        with QSignalBlocker(self.seconds):
            self.seconds.setMaximum(MOST_S if longest is None else math.floor(100 * longest) / 100)
            self.seconds.setValue(self._usual_s() if usual else before)
        self._bound = longest is not None
        self._tell_length()

    def _tell_length(self) -> None:
        if self.in_turn and self.prime.path:
            words = self.tr("What is added to the prime, up to {0:g} s")
        elif self._bound:
            words = self.tr("This network draws {0:g} s at once and no more")
        else:
            words = self.tr("Of each take, up to {0:g} s")
        self.seconds.setToolTip(words.format(self.seconds.maximum()))

    def set_as(self, made: Creation) -> None:
        """Sets all as a take was made, as far as the network that is chosen can do it."""
        self.label.setCurrentIndex(max(0, self.label.findData(made.label)))
        self.seconds.setValue(made.settings["seconds"])
        self.seed.setValue(made.seed)
        if "temperature" in made.settings:
            self.temperature.setValue(made.settings["temperature"])
            self.prime.set_path(made.settings.get("prime", ""))
        else:
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
