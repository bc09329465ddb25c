"""What is asked before a training starts: network, data, name and settings."""

from __future__ import annotations

import dataclasses
import re
from typing import Any

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication, Qt, Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QFormLayout, QLabel, QLineEdit, QToolButton, QVBoxLayout, QWidget

from fstmuse.errors import ConfigError
from fstmuse.networks.catalogue import CATALOGUE, Entry
from fstmuse.networks.entry import LABELLING
from fstmuse.training.config import resolve
from fstmuse.training.relevance import foreign

from ..core.training_messages import Train
from .data_chooser import DataChooser
from .setting_fields import FRONT, NAMES, make_field, title

FIRST = "toymodel-pooled"
"""The network that is proposed."""

_PLAIN = {
    "toymodel-pooled": QT_TRANSLATE_NOOP("Network", "Small and quick, the right one to begin with and for few clips."),
    "fstmuse-pooled": QT_TRANSLATE_NOOP("Network", "Five times the size; for some thousand clips."),
    "shortchunk": QT_TRANSLATE_NOOP("Network", "Large, for accuracy on many clips; wants a GPU or patience."),
    "toymodel": QT_TRANSLATE_NOOP("Network", "As in the report, for comparison; needs much memory."),
    "fstmuse": QT_TRANSLATE_NOOP("Network", "As in the report, for comparison."),
    "shortchunk-tag": QT_TRANSLATE_NOOP("Network", "Several tags a clip; the one to take for accuracy."),
    "samplecnn": QT_TRANSLATE_NOOP("Network", "Several tags a clip, from the sound itself."),
    "rese2-multi": QT_TRANSLATE_NOOP("Network", "As samplecnn, fourteen times the size; wants a GPU."),
    "dieleman": QT_TRANSLATE_NOOP("Network", "Several tags a clip, from the sound itself; small, for comparison."),
    "dieleman-mel": QT_TRANSLATE_NOOP("Network", "As dieleman, on a picture of the sound."),
    "dieleman-report": QT_TRANSLATE_NOOP("Network", "As in the report on tags, for comparison."),
    "dieleman-report-deep": QT_TRANSLATE_NOOP("Network", "As in the report on tags, its better one, for comparison."),
    "tagger-efficientnet-b0": QT_TRANSLATE_NOOP("Network", "Several tags a clip, by a network for photographs."),
    "gapnet": QT_TRANSLATE_NOOP("Network", "Small, the right one to fill gaps with."),
    "gapnet-hifi": QT_TRANSLATE_NOOP("Network", "As gapnet, on a finer picture."),
    "prednet": QT_TRANSLATE_NOOP("Network", "Small, the right one to continue clips with."),
    "prednet-hifi": QT_TRANSLATE_NOOP("Network", "As prednet, on a finer picture."),
    "convae": QT_TRANSLATE_NOOP("Network", "As in the report, for comparison; needs much memory."),
    "convvae": QT_TRANSLATE_NOOP("Network", "As in the report, for comparison; needs much memory."),
    "convae-hifi": QT_TRANSLATE_NOOP("Network", "As convae, on a finer picture."),
    "convvae-hifi": QT_TRANSLATE_NOOP("Network", "As convvae, on a finer picture; needs twice the memory."),
    "vocoder": QT_TRANSLATE_NOOP("Network", "Small; makes sound of pictures for the command invert, no page needs it."),
    "vocoder-report": QT_TRANSLATE_NOOP("Network", "As vocoder, on the report's coarser picture."),
    "melgan-c-tiny": QT_TRANSLATE_NOOP("Network", "Draws music from noise; the one to begin with, an hour on a CPU."),
    "melgan-c": QT_TRANSLATE_NOOP("Network", "As melgan-c-tiny, eight times the work; wants a GPU."),
    "melnet-tiny": QT_TRANSLATE_NOOP(
        "Network", "Draws music frame by frame, and goes on from a clip; the one of its kind to begin with, for a CPU."
    ),
    "melnet-small": QT_TRANSLATE_NOOP("Network", "As melnet-tiny, nine times the size; wants a GPU."),
    "melnet-base": QT_TRANSLATE_NOOP("Network", "As melnet-tiny, sixty times the size; needs a large GPU."),
    "toygan": QT_TRANSLATE_NOOP("Network", "As in the report, for comparison; needs much memory."),
    "toygan-log": QT_TRANSLATE_NOOP("Network", "As toygan, on a picture that can be heard."),
    "cmelgan": QT_TRANSLATE_NOOP("Network", "As in the report, for comparison."),
    "cmelgan-log": QT_TRANSLATE_NOOP("Network", "As cmelgan, on a picture that can be heard."),
}


def describe(entry: Entry) -> str:
    """A network in plain words and numbers."""
    plain = QCoreApplication.translate("Network", _PLAIN[entry.name])
    numbers = QCoreApplication.translate("Network", "{0} weights; hears {1} s at {2} Hz at a time.").format(
        f"{entry.parameters:,}", f"{entry.audio.seconds:.3g}", f"{entry.audio.sample_rate:,}"
    )
    summary = entry.summary[0].upper() + entry.summary[1:] + "."
    return "\n".join((plain, summary, numbers))


class TrainForm(QWidget):
    """The form. Settings begin as the network's preset has them.

    Args:
        parent: Qt parent.
    """

    changed = Signal()
    """Something was entered; `problem` may be another."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.network = QComboBox()
        self.network.setAccessibleName(self.tr("Network"))
        self.network.addItems(list(CATALOGUE))
        self.about = QLabel()
        self.about.setWordWrap(True)
        self.about.setTextFormat(Qt.TextFormat.PlainText)
        self.data = DataChooser()
        self.name = QLineEdit()
        self.name.setAccessibleName(self.tr("Name"))
        self.name.setMaxLength(100)
        self.name.setToolTip(
            self.tr(
                "Of the trained network and its folder. Left empty it is the one shown, numbered where that is taken"
            )
        )
        self.fresh = QCheckBox(self.tr("Begin anew"))
        self.fresh.setToolTip(self.tr("Throws away an earlier run of these settings, or of that name"))
        self.fields = {name: make_field(name) for name in NAMES}
        self.advanced = QToolButton()
        self.advanced.setText(self.tr("Advanced settings"))
        self.advanced.setCheckable(True)
        self.advanced.setAutoRaise(True)
        self.advanced.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.advanced.setToolTip(self.tr("Settings that the network's preset has chosen already"))
        self._inner = QWidget()
        self._lay_out()
        self.network.currentTextChanged.connect(self._network_chosen)
        self.data.changed.connect(self._data_chosen)
        self.name.textChanged.connect(self.changed)
        for field in self.fields.values():
            field.edited.connect(self.changed)
        self.network.setCurrentText(FIRST)
        self._network_chosen(self.network.currentText())

    def train(self) -> Train:
        """What was entered; settings that differ from the preset's only."""
        settings = {name: field.value() for name, field in self.fields.items() if field.value() != self._preset[name]}
        settings |= self.data.splitting()
        return Train(
            self.network.currentText(), self.data.value(), self.name.text().strip(), settings, self.fresh.isChecked()
        )

    def show_train(self, train: Train) -> None:
        """Enters what a training was started with."""
        self.network.setCurrentText(train.network)
        self.data.set_value(train.data)
        self.data.set_splitting(train.settings)
        self.name.setText(train.name)
        for name, value in (self._preset | dict(train.settings)).items():
            if name in self.fields:
                self.fields[name].set_value(value)
        self.fresh.setChecked(False)

    def problem(self) -> str:
        """Why this cannot be started, in words; empty when it can."""
        if problem := self.data.problem():
            return problem
        name = self.name.text().strip()
        if name and not re.fullmatch(r"\w[\w.+-]*", name):
            return self.tr("A name is made of letters, digits, '.', '_', '+' and '-'.")
        train = self.train()
        try:
            resolve(train.network, dict(train.settings) | {"data": train.data})
        except ConfigError as error:
            return str(error)
        return ""

    def _data_chosen(self) -> None:
        self._propose_name()
        self.changed.emit()

    def _propose_name(self) -> None:
        """Shows the name that comes of data and network."""
        data = self.data.name()
        self.name.setPlaceholderText(f"{data}-{self.network.currentText()}" if data else "")

    def _network_chosen(self, name: str) -> None:
        self.about.setText(describe(CATALOGUE[name]))
        entry = CATALOGUE[name]
        self._preset: dict[str, Any] = dataclasses.asdict(resolve(name, {}))
        self.fields["objective"].set_choices(("", *entry.objectives))
        for setting, field in self.fields.items():
            field.set_value(self._preset[setting])
        # What is of no use to a network would be refused, or change nothing.
        unused = {*foreign(entry), *(() if entry.task in LABELLING else ("labels",))}
        for setting, field in self.fields.items():
            if setting not in FRONT:
                self._rows.setRowVisible(field, setting not in unused)
        self.data.set_labelled(entry.task in LABELLING)
        self._propose_name()
        self.changed.emit()

    def _unfold(self, on: bool) -> None:
        self._inner.setVisible(on)
        self.advanced.setArrowType(Qt.ArrowType.DownArrow if on else Qt.ArrowType.RightArrow)

    def _lay_out(self) -> None:
        form = QFormLayout()
        form.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapLongRows)
        for text, widget in (
            (self.tr("&Network"), self.network),
            ("", self.about),
            (self.tr("&Learn from"), self.data),
            (self.tr("Na&me"), self.name),
            ("", self.fresh),
        ):
            form.addRow(text, widget)
        # Screen readers name a choice by its label.
        form.labelForField(self.data).setBuddy(self.data.kind)
        for setting in FRONT:
            form.addRow(title(setting), self.fields[setting])
        inner = self._rows = QFormLayout(self._inner)
        inner.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapLongRows)
        for setting, field in self.fields.items():
            if setting not in FRONT:
                inner.addRow(title(setting), field)
        self.advanced.toggled.connect(self._unfold)
        self._unfold(False)
        layout = QVBoxLayout(self)
        layout.addLayout(form)
        layout.addWidget(self.advanced)
        layout.addWidget(self._inner)
        layout.addStretch(1)
