"""What a training learns from: the demo set, FMA-small, a real piano, a folder of music, or a manifest."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from PySide6.QtCore import QDir, Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from fstmuse.data.wording import folder_name
from fstmuse.places import data_dir

from ..core.paths import full_path

DEMO, FMA, PIANO, FOLDER, MANIFEST = "demo", "fma_small", "piano_disklavier", "folder", "manifest"


class DataChooser(QWidget):
    """A kind of data, and for music of one's own its place.

    Args:
        parent: Qt parent.
    """

    changed = Signal()
    """Something else was chosen."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.kind = QComboBox()
        self.kind.setAccessibleName(self.tr("Learn from"))
        for key, text in (
            (DEMO, self.tr("Demo: synthesised styles")),
            (FMA, self.tr("FMA-small: 8 genres, 8,000 excerpts")),
            (PIANO, self.tr("A real piano: 355 clips without labels")),
            (FOLDER, self.tr("A folder of my music")),
            (MANIFEST, self.tr("A manifest (CSV)")),
        ):
            self.kind.addItem(text, key)
        self._paths = {FOLDER: "", MANIFEST: ""}
        self._labelled = True
        self.line = QLineEdit()
        self.browse = QPushButton(self.tr("Choose..."))
        self.browse.setAutoDefault(False)
        self._place = QWidget()
        place = QHBoxLayout(self._place)
        place.setContentsMargins(0, 0, 0, 0)
        place.addWidget(self.line, 1)
        place.addWidget(self.browse)
        self.note = QLabel()
        self.note.setWordWrap(True)
        self.note.setTextFormat(Qt.TextFormat.PlainText)
        self.group_by, self.rare = QComboBox(), QComboBox()
        self._splitting = QWidget()
        self._fill_splitting()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        for part in (self.kind, self._place, self.note, self._splitting):
            layout.addWidget(part)
        self.setFocusProxy(self.kind)
        self.kind.currentIndexChanged.connect(self._kind_changed)
        self.line.textChanged.connect(self._typed)
        self.browse.clicked.connect(self._browse)
        self.look()

    def look(self) -> None:
        """Sees which data sets are there; called when the form is shown."""
        absent = {
            FMA: self.tr("Not on this machine. In a terminal, python -m fstmuse.datasets fetch fma_small gets it"),
            PIANO: self.tr("Not on this machine; data_manifests/README.md tells how it is fetched by hand"),
        }
        for name, why in absent.items():
            if (data_dir() / name).is_dir():
                why = self.tr("Its clips have no labels: for networks that fill gaps")
                why = why if name == PIANO and self._labelled else ""
            item = self.kind.model().item(self.kind.findData(name))
            item.setEnabled(not why)
            item.setToolTip(why)
        if self._labelled and self.kind.currentData() == PIANO:
            self.kind.setCurrentIndex(self.kind.findData(DEMO))
        self._kind_changed()

    def set_labelled(self, labelled: bool) -> None:
        """Says whether the network learns labels, which clips must then have."""
        if labelled != self._labelled:
            self._labelled = labelled
            self.look()

    def value(self) -> str:
        """As `--data` takes it: a name or an absolute path; empty while none is given."""
        kind = self.kind.currentData()
        if kind not in self._paths:
            return kind
        text = self._paths[kind].strip()
        return full_path(text) if text else ""

    def name(self) -> str:
        """What the data set is called; empty while none is given."""
        data = self.value()
        if self.kind.currentData() == FOLDER:
            return folder_name(Path(data)) if data else ""
        return Path(data).stem if self.kind.currentData() == MANIFEST else data

    def splitting(self) -> dict[str, Any]:
        """Settings of a training that say how a folder is split, those that are not the default's; else none."""
        if self.kind.currentData() != FOLDER:
            return {}
        chosen = {"group_by": self.group_by.currentData()}
        if self._labelled:
            chosen["drop_rare"] = self.rare.currentData()
        return {name: value for name, value in chosen.items() if value not in ("artist", False)}

    def set_splitting(self, settings: Mapping[str, Any]) -> None:
        """Shows what those of a training were; those that are missing are the default's."""
        self.group_by.setCurrentIndex(self.group_by.findData(settings.get("group_by", "artist")))
        self.rare.setCurrentIndex(int(settings.get("drop_rare", False)))

    def set_value(self, data: str) -> None:
        """Shows what `--data` was."""
        kind = data if data in (DEMO, FMA, PIANO) else MANIFEST if data.lower().endswith(".csv") else FOLDER
        if kind in self._paths:
            self._paths[kind] = QDir.toNativeSeparators(data)
        self.kind.setCurrentIndex(self.kind.findData(kind))
        self._kind_changed()

    def problem(self) -> str:
        """Why nothing can be learnt from this, as far as a look tells; empty when it seems right."""
        kind, data = self.kind.currentData(), self.value()
        if kind == FOLDER and not data:
            if not self._labelled:
                return self.tr("Choose the folder of your music.")
            return self.tr("Choose the folder of your music: one folder per label in it.")
        if kind == FOLDER and not Path(data).is_dir():
            return self.tr("There is no folder {0}.").format(data)
        if kind == MANIFEST and not data:
            return self.tr("Choose a manifest: a table (CSV) of clips with their labels and splits.")
        if kind == MANIFEST and not Path(data).is_file():
            return self.tr("There is no file {0}.").format(data)
        return ""

    def _fill_splitting(self) -> None:
        for key, text in (
            ("artist", self.tr("artist")),
            ("album", self.tr("album")),
            ("folder", self.tr("folder")),
            ("none", self.tr("each file for itself")),
        ):
            self.group_by.addItem(text, key)
        self.group_by.setToolTip(
            self.tr(
                "What is heard in training is not in the test. Where each file stands for itself, one artist may be "
                "in both, and the figures look better than they are"
            )
        )
        self.rare.addItem(self.tr("say so and stop"), False)
        self.rare.addItem(self.tr("leave it out"), True)
        self.rare.setToolTip(self.tr("A label that has fewer than three artists, folders or files"))
        form = self._choices = QFormLayout(self._splitting)
        form.setContentsMargins(0, 0, 0, 0)
        form.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapLongRows)
        for text, box in ((self.tr("Keep together"), self.group_by), (self.tr("Too few of a label"), self.rare)):
            box.setAccessibleName(text)
            form.addRow(text, box)
            box.currentIndexChanged.connect(self.changed)

    def _kind_changed(self) -> None:
        kind = self.kind.currentData()
        self._place.setVisible(kind in self._paths)
        self._splitting.setVisible(kind == FOLDER)
        self._choices.setRowVisible(self.rare, self._labelled)
        named = self.tr("Manifest") if kind == MANIFEST else self.tr("Folder of music")
        self.line.setAccessibleName(named)
        self.browse.setAccessibleName(self.tr("{0}: choose").format(named))
        if kind in self._paths:
            self.line.setText(self._paths[kind])
        self.note.setText(
            {
                DEMO: self.tr(
                    "Folk, Hip-Hop and Rock as FstMuse plays them itself, made in some seconds. For trying things out: "
                    "it tells nothing of real music."
                ),
                FMA: self.tr("The official split; no artist is both in training and in the test."),
                PIANO: self.tr(
                    "Recordings of a player piano (MAPS), for research only; five pieces are held out for the test."
                ),
                FOLDER: self.tr(
                    "All sound files in it, with all folders; no labels are needed. Splits are drawn once, by artist "
                    "where tags or folders name one, and kept."
                )
                if not self._labelled
                else self.tr(
                    "One folder per label: Jazz/..., Rock/... Splits are drawn once, by artist where tags or folders "
                    "name one, and kept. Each label needs three artists, folders or files."
                ),
                MANIFEST: self.tr("Its paths start from the folder that it lies in."),
            }[kind]
        )
        self.changed.emit()

    def _typed(self, text: str) -> None:
        self._paths[self.kind.currentData()] = text
        self.changed.emit()

    def _browse(self) -> None:
        folder = self.kind.currentData() == FOLDER
        dialog = QFileDialog(self, self.line.accessibleName(), str(Path(self.line.text() or Path.home())))
        if folder:
            dialog.setFileMode(QFileDialog.FileMode.Directory)
            dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        else:
            dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
            dialog.setNameFilter(self.tr("Manifests (*.csv)"))
        dialog.fileSelected.connect(lambda path: self.line.setText(QDir.toNativeSeparators(path)))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()
