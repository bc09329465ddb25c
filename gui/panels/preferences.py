"""What can be preferred. Each change takes effect at once and is remembered."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QDoubleSpinBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QVBoxLayout,
    QWidget,
)

from ..core.colours import COLOUR_MAPS, title_of
from ..settings import FORMATS, THEMES, Settings
from ..words import Words
from .folder_field import FolderField

_SMALLEST_RANGE_DB = 10.0


class Preferences(QDialog):
    """The dialog of preferences.

    Args:
        settings: shown, and changed.
        parent: the window.
    """

    def __init__(self, settings: Settings, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._settings = settings
        self.setWindowTitle(self.tr("Preferences"))
        form = QFormLayout()
        self._form = form
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)

        self.theme = QComboBox()
        for name, text in zip(
            THEMES, (self.tr("As the system has it"), self.tr("Light"), self.tr("Dark")), strict=True
        ):
            self.theme.addItem(text, name)
        self.theme.activated.connect(lambda: self._set("theme", self.theme.currentData()))
        self._row(self.tr("&Look"), self.theme)

        self.output_folder = FolderField(self.tr("Folder for results"))
        self.output_folder.chosen.connect(lambda folder: self._set("output_folder", folder))
        self._row(self.tr("&Results go to"), self.output_folder)

        self.save_results = QCheckBox(self.tr("&Save each result as soon as it is there"))
        self.save_results.toggled.connect(lambda on: self._set("save_results", on))
        form.addRow("", self.save_results)

        self.formats = {}
        boxes = QHBoxLayout()
        titles = {"csv": self.tr("CSV"), "json": self.tr("JSON"), "labels": self.tr("Labels"), "png": self.tr("PNG")}
        for name in FORMATS:
            box = QCheckBox(titles[name])
            box.setAccessibleName(self.tr("Save as {0}").format(titles[name]))
            box.clicked.connect(self._take_formats)
            self.formats[name] = box
            boxes.addWidget(box)
        self.formats["labels"].setToolTip(self.tr("A label track, which Audacity and other editors read"))
        boxes.addStretch(1)
        form.addRow(self.tr("Save as"), boxes)

        self.run_on_drop = QCheckBox(self.tr("&Ask the models about new clips at once"))
        self.run_on_drop.toggled.connect(lambda on: self._set("run_on_drop", on))
        form.addRow("", self.run_on_drop)

        self.models_folder = FolderField(self.tr("Folder of models"))
        self.models_folder.chosen.connect(lambda folder: self._set("models_folder", folder))
        self._row(self.tr("&Models are in"), self.models_folder)

        self.colour_map = QComboBox()
        for name in COLOUR_MAPS:
            self.colour_map.addItem(title_of(name), name)
        self.colour_map.activated.connect(lambda: self._set("colour_map", self.colour_map.currentData()))
        self._row(self.tr("&Colours of spectrograms"), self.colour_map)

        self.low_db, self.high_db = self._level(self.tr("Darkest colour")), self._level(self.tr("Brightest colour"))
        self.low_db.valueChanged.connect(self._take_low)
        self.high_db.valueChanged.connect(self._take_high)
        levels = QHBoxLayout()
        levels.addWidget(self.low_db)
        levels.addWidget(QLabel(self.tr("to")))
        levels.addWidget(self.high_db)
        levels.addStretch(1)
        label = QLabel(self.tr("R&ange"))
        label.setBuddy(self.low_db)
        form.addRow(label, levels)

        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        self.reset_button = buttons.addButton(self.tr("Reset all"), QDialogButtonBox.ButtonRole.ResetRole)
        self.reset_button.setToolTip(self.tr("Take all preferences back to what they were at first"))
        self.reset_button.clicked.connect(settings.reset)
        buttons.rejected.connect(self.close)
        layout = QVBoxLayout(self)
        layout.addLayout(form)
        layout.addStretch(1)
        self.fleeting = Words(self.tr("{0} cannot be written: these are forgotten at the end.").format(settings.file))
        self.fleeting.setVisible(not settings.lasting)
        layout.addWidget(self.fleeting)
        layout.addWidget(buttons)

        settings.changed.connect(self._show)
        self._show()

    def _row(self, text: str, field: QWidget) -> None:
        label = QLabel(text)
        label.setBuddy(field)
        field.setAccessibleName(text.replace("&", ""))
        self._form.addRow(label, field)

    def _level(self, name: str) -> QDoubleSpinBox:
        field = QDoubleSpinBox()
        field.setRange(-120.0, 0.0)
        field.setDecimals(0)
        field.setSingleStep(5.0)
        field.setSuffix(self.tr(" dB"))
        field.setAccessibleName(name)
        field.setToolTip(self.tr("{0}, in dB relative to full scale").format(name))
        field.setKeyboardTracking(False)
        return field

    def _set(self, name: str, value: object) -> None:
        setattr(self._settings, name, value)

    def _take_formats(self) -> None:
        chosen = tuple(name for name, box in self.formats.items() if box.isChecked())
        if chosen:
            self._settings.formats = chosen
        else:
            self._settings.save_results = False
        self._show()

    def _take_low(self, level: float) -> None:
        self._settings.low_db = min(level, -_SMALLEST_RANGE_DB)
        self._settings.high_db = max(self._settings.high_db, self._settings.low_db + _SMALLEST_RANGE_DB)
        self._show()

    def _take_high(self, level: float) -> None:
        self._settings.high_db = max(level, self.low_db.minimum() + _SMALLEST_RANGE_DB)
        self._settings.low_db = min(self._settings.low_db, self._settings.high_db - _SMALLEST_RANGE_DB)
        self._show()

    def _show(self) -> None:
        """Shows the settings as they are, whoever has changed them."""
        settings = self._settings
        self.theme.setCurrentIndex(self.theme.findData(settings.theme))
        self.output_folder.show_folder(settings.output_folder)
        self.models_folder.show_folder(settings.models_folder)
        self.save_results.setChecked(settings.save_results)
        self.run_on_drop.setChecked(settings.run_on_drop)
        for name, box in self.formats.items():
            box.setChecked(name in settings.formats)
            box.setEnabled(settings.save_results)
        self.colour_map.setCurrentIndex(self.colour_map.findData(settings.colour_map))
        for field, level in ((self.low_db, settings.low_db), (self.high_db, settings.high_db)):
            field.blockSignals(True)
            field.setValue(level)
            field.blockSignals(False)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter in a field takes its value; it does not close the dialog."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            event.accept()
        else:
            super().keyPressEvent(event)
