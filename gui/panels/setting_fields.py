"""Fields for the settings of a training, made from what `TrainConfig` says of them."""

from __future__ import annotations

import dataclasses

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication, QSignalBlocker, Qt, Signal
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QCheckBox, QComboBox, QDoubleSpinBox, QLineEdit, QSpinBox, QWidget

from fstmuse.training.config import DISTRIBUTIONS, OPTIMIZERS, SCHEDULES, TrainConfig, meanings
from fstmuse.training.ranges import RANGES

NAMES = {
    "epochs": QT_TRANSLATE_NOOP("Setting", "Epochs"),
    "batch_size": QT_TRANSLATE_NOOP("Setting", "Batch size"),
    "optimizer": QT_TRANSLATE_NOOP("Setting", "Optimizer"),
    "learning_rate": QT_TRANSLATE_NOOP("Setting", "Learning rate"),
    "labels": QT_TRANSLATE_NOOP("Setting", "Only these labels"),
    "crops_per_clip": QT_TRANSLATE_NOOP("Setting", "Windows from each clip"),
    "clip_seconds": QT_TRANSLATE_NOOP("Setting", "Read of each clip, s"),
    "schedule": QT_TRANSLATE_NOOP("Setting", "Learning rate over time"),
    "warmup_epochs": QT_TRANSLATE_NOOP("Setting", "Epochs of warm-up"),
    "weight_decay": QT_TRANSLATE_NOOP("Setting", "Weight decay"),
    "label_smoothing": QT_TRANSLATE_NOOP("Setting", "Label smoothing"),
    "class_weights": QT_TRANSLATE_NOOP("Setting", "Weigh rare labels more"),
    "gain_db": QT_TRANSLATE_NOOP("Setting", "Vary loudness by, dB"),
    "masks": QT_TRANSLATE_NOOP("Setting", "Masks in each picture"),
    "freq_mask": QT_TRANSLATE_NOOP("Setting", "Mel bands in a mask"),
    "time_mask": QT_TRANSLATE_NOOP("Setting", "Frames in a mask"),
    "mixup": QT_TRANSLATE_NOOP("Setting", "Mixup"),
    "gap_least": QT_TRANSLATE_NOOP("Setting", "Narrowest gap, frames"),
    "gap_most": QT_TRANSLATE_NOOP("Setting", "Widest gap, frames"),
    "objective": QT_TRANSLATE_NOOP("Setting", "Trained for"),
    "beta": QT_TRANSLATE_NOOP("Setting", "Weight of the divergence"),
    "free_bits": QT_TRANSLATE_NOOP("Setting", "Free nats of the code"),
    "equalise_db": QT_TRANSLATE_NOOP("Setting", "Vary timbre by, dB"),
    "pitch_semitones": QT_TRANSLATE_NOOP("Setting", "Also shifted by, semitones"),
    "discriminator_rate": QT_TRANSLATE_NOOP("Setting", "Learning rate of the discriminator"),
    "discriminator_steps": QT_TRANSLATE_NOOP("Setting", "Its steps in one of the generator"),
    "r1": QT_TRANSLATE_NOOP("Setting", "Weight of the penalty R1"),
    "r1_every": QT_TRANSLATE_NOOP("Setting", "Steps between penalties"),
    "label_weight": QT_TRANSLATE_NOOP("Setting", "Weight of naming labels"),
    "tier": QT_TRANSLATE_NOOP("Setting", "This tier alone; 0: all"),
    "components": QT_TRANSLATE_NOOP("Setting", "Distributions in each mixture"),
    "one_pass": QT_TRANSLATE_NOOP("Setting", "Draw finer tiers at once"),
    "input_noise": QT_TRANSLATE_NOOP("Setting", "Noise on what the first tier hears"),
    "remat": QT_TRANSLATE_NOOP("Setting", "Save memory by computing again"),
    "clip_norm": QT_TRANSLATE_NOOP("Setting", "Longest gradient"),
    "ema": QT_TRANSLATE_NOOP("Setting", "Average weights over steps"),
    "patience": QT_TRANSLATE_NOOP("Setting", "Stop after epochs without gain"),
    "mixed_precision": QT_TRANSLATE_NOOP("Setting", "Compute in half precision"),
    "jit_compile": QT_TRANSLATE_NOOP("Setting", "Compile with XLA"),
    "deterministic": QT_TRANSLATE_NOOP("Setting", "Repeatable"),
    "seed": QT_TRANSLATE_NOOP("Setting", "Random seed"),
    "distribute": QT_TRANSLATE_NOOP("Setting", "Spread over devices"),
    "workers": QT_TRANSLATE_NOOP("Setting", "Processes that read clips"),
}
"""Settings that have a field, in order; the first three stand in front."""

FRONT = ("epochs", "batch_size", "learning_rate")

_CHOICES = {"optimizer": OPTIMIZERS, "schedule": SCHEDULES, "distribute": DISTRIBUTIONS}


def make_field(name: str) -> WholeField | NumberField | ChoiceField | SwitchField | LabelsField | ShiftsField:
    """The field of a setting; it has `set_value`, `value` and the signal `edited`.

    Args:
        name: of the setting, one of `NAMES`.
    """
    default = {field.name: field.default for field in dataclasses.fields(TrainConfig)}[name]
    if name in _CHOICES:
        field = ChoiceField(_CHOICES[name])
    elif name == "objective":
        field = ChoiceField(("",))  # others by network
    elif name == "pitch_semitones":
        field = ShiftsField()
    elif isinstance(default, bool):
        field = SwitchField()
    elif isinstance(default, int):
        field = WholeField(*RANGES[name])
    elif isinstance(default, float):
        field = NumberField(*RANGES[name])
    else:
        field = LabelsField()
    field.setObjectName(name)
    field.setAccessibleName(title(name))
    field.setToolTip(QCoreApplication.translate("Setting", meanings()[name]))
    return field


def title(name: str) -> str:
    """What a setting is called for people."""
    return QCoreApplication.translate("Setting", NAMES[name])


class _OnlyFocused:
    """The wheel changes a field that was clicked into, and scrolls the form elsewhere."""

    def _settle(self) -> None:
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()


class WholeField(_OnlyFocused, QSpinBox):
    """A whole number."""

    edited = Signal()

    def __init__(self, low: int, high: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setRange(low, high)
        self.valueChanged.connect(lambda value: self.edited.emit())
        self._settle()

    def set_value(self, value: int) -> None:
        """Shows a value."""
        self.setValue(value)


class NumberField(_OnlyFocused, QDoubleSpinBox):
    """A number of any size, without zeros that say nothing."""

    edited = Signal()

    def __init__(self, low: float, high: float, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setDecimals(9)
        self.setRange(low, high)
        self.setStepType(QDoubleSpinBox.StepType.AdaptiveDecimalStepType)
        self.valueChanged.connect(lambda value: self.edited.emit())
        self._settle()

    def set_value(self, value: float) -> None:
        """Shows a value."""
        self.setValue(value)

    def textFromValue(self, value: float) -> str:
        """As few places as the number needs."""
        text = self.locale().toString(value, "f", self.decimals())
        point = self.locale().decimalPoint()
        return text.rstrip(self.locale().zeroDigit()).removesuffix(point) if point in text else text


class ChoiceField(_OnlyFocused, QComboBox):
    """One of a few words."""

    edited = Signal()

    def __init__(self, choices: tuple[str, ...], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.set_choices(choices)
        self.currentIndexChanged.connect(lambda index: self.edited.emit())
        self._settle()

    def set_choices(self, choices: tuple[str, ...]) -> None:
        """Offers other words; the empty one is shown as the network's own."""
        with QSignalBlocker(self):
            self.clear()
            for word in choices:
                self.addItem(word or QCoreApplication.translate("Setting", "the network's own"), word)

    def set_value(self, value: str) -> None:
        """Shows a value."""
        self.setCurrentIndex(self.findData(value))

    def value(self) -> str:
        """The word chosen."""
        return self.currentData()


class SwitchField(QCheckBox):
    """Yes or no."""

    edited = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.toggled.connect(lambda on: self.edited.emit())

    def set_value(self, value: bool) -> None:
        """Shows a value."""
        self.setChecked(value)

    def value(self) -> bool:
        """Whether it is on."""
        return self.isChecked()


class LabelsField(QLineEdit):
    """Labels with commas between; empty for all."""

    edited = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setPlaceholderText(QCoreApplication.translate("Setting", "all"))
        self.textChanged.connect(lambda text: self.edited.emit())

    def set_value(self, value: tuple[str, ...]) -> None:
        """Shows labels."""
        self.setText(", ".join(value))

    def value(self) -> tuple[str, ...]:
        """The labels, in order."""
        return tuple(label.strip() for label in self.text().split(",") if label.strip())


class ShiftsField(QLineEdit):
    """Numbers with commas between; empty for none."""

    edited = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setPlaceholderText(QCoreApplication.translate("Setting", "none"))
        self.textChanged.connect(lambda text: self.edited.emit())

    def set_value(self, value: tuple[float, ...]) -> None:
        """Shows numbers."""
        self.setText(", ".join(f"{shift:g}" for shift in value))

    def value(self) -> tuple[float | str, ...]:
        """The numbers, in order; what is none stays text, for `TrainConfig` to refuse in words."""
        return tuple(_number(part.strip()) for part in self.text().split(",") if part.strip())


def _number(text: str) -> float | str:
    try:
        return float(text)
    except ValueError:
        return text
