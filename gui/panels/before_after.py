"""Puts a sound that was made of a clip beside it, as B: before and after at the same position, by one key."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QSignalBlocker
from PySide6.QtWidgets import QComboBox, QSizePolicy, QWidget

from ..core.answer import Answer
from ..core.jobs import Job

if TYPE_CHECKING:
    from ..context import Context


class BeforeAfter(QComboBox):
    """Which model's sound is B; hidden where there is no choice.

    Args:
        context: `clip_view`, `looking` and `runner` are used.
        parent: Qt parent.
    """

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._job: Job | None = None
        self._sounds: dict[str, str] = {}
        self._heard: dict[int, set[str]] = {}  # files that have been B, by number of the row
        self._beside = context.beside
        self.setAccessibleName(self.tr("Sound that is compared as B"))
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.activated.connect(lambda: self._put(chosen=True))
        self.hide()

    @property
    def artifact(self) -> str:
        """Whose sound is B; empty while there is none."""
        return self.currentData() or ""

    def show_answers(self, job: Job | None, answers: Mapping[str, Answer]) -> None:
        """Offers what was made of a clip; what is new is put beside it and shown at once.

        Args:
            job: the row that is shown.
            answers: of it, by artifact, in order.
        """
        came, self._job = job is not self._job, job
        self._sounds = {path: file for path, answer in answers.items() if (file := sound_of(answer))}
        if list(self._sounds) != [self.itemData(row) for row in range(self.count())]:
            chosen = self.artifact
            with QSignalBlocker(self):
                self.clear()
                for path in self._sounds:
                    self.addItem(self.tr("B is by {0}").format(answers[path].name), path)
                self.setCurrentIndex(max(0, self.findData(chosen)))
        self.setVisible(len(self._sounds) > 1)
        self._put(came=came)

    def forget(self, jobs: Sequence[int]) -> None:
        """These rows are gone."""
        for number in jobs:
            self._beside.pop(number, None)
            self._heard.pop(number, None)

    def _put(self, came: bool = False, chosen: bool = False) -> None:
        """Puts the sound beside the clip.

        Args:
            came: the row is shown anew; what is compared already is left alone.
            chosen: the user wants it.
        """
        view, file = self._context.clip_view, self._sounds.get(self.artifact, "")
        if not file or view is None or view.clip is None:
            return
        before = self._beside.get(self._job.id, "")
        shows_b = view.clip is view.second
        ours = view.second is not None and view.second.path == before
        if not (shows_b and ours) and (shows_b or view.clip.path != self._job.sound):
            return
        if file == before and not chosen and not (came and not view.comparing):
            return
        self._beside[self._job.id] = file
        heard = self._heard.setdefault(self._job.id, set())
        new = file not in heard
        heard.add(file)
        view.compare(self._context.looking.show(file))
        if (new or shows_b) and view.clip is not view.second:
            # Whoever has asked for a sound wants it, and whoever listens to one goes on with the next.
            view.toggle_ab()


def sound_of(answer: Answer) -> str:
    """The file that a sound was written to; empty when it was not."""
    return next((file for file in answer.files if file.endswith(".wav")), "")
