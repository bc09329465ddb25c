"""What pages have in common whose answers are sounds that were made of a clip: heading, answers, before and after."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QFormLayout, QWidget

from fstmuse.artifacts.shelf import Model

from ..core.answer import Answer
from ..core.jobs import Job
from ..job_words import JobWords
from ..result_words import result_words
from ..words import Words, isolated, one_line, plain_tip
from .answer_files import AnswerFiles
from .before_after import BeforeAfter, sound_of
from .number_fields import seed_field

if TYPE_CHECKING:
    from ..context import Context

translate = QCoreApplication.translate


class MadeView(QWidget):
    """The clip that is shown and what the chosen models have made of it; pages lay it out and add their settings.

    Args:
        context: the parts of the window.
        words: about rows, of the page's verb.
        formats: what results can be exported as, with names for the menu.
        parent: Qt parent.

    Attributes:
        title: which clip.
        answers: how each chosen model stands, in words.
        beside: which model's sound is B, where several have made one.
        seed: of what cannot be known.
        files: what can be done with the answers.
    """

    def __init__(
        self, context: Context, words: JobWords, formats: Mapping[str, str], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._context, self._words = context, words
        self._job: Job | None = None
        self._models: list[Model] = []
        self._axis = None
        self.title = Words()
        bold = self.title.font()
        bold.setBold(True)
        self.title.setFont(bold)
        self.answers = Words(selectable=True)
        self.beside = BeforeAfter(context)
        self.seed = seed_field()
        self.files = AnswerFiles(context, formats)

    def show_job(self, job: Job | None) -> None:
        """Shows what is known of a job; nothing of the one before stays."""
        if job is not self._job:
            self._job = job
            self._job_changed()
        if self._axis is None and self._context.clip_view is not None:
            # The clip is put into the window after the pages.
            self._axis = self._context.clip_view.axis
            self._context.runner.removed.connect(self.beside.forget)
            self._axis_came()
        self._refresh()

    def set_models(self, models: list[Model]) -> None:
        """Says which models are chosen to be asked, in order."""
        if models != self._models:
            self._models = list(models)
            self._refresh()

    def lanes(self) -> list[QWidget]:
        """None: what was made is marked in the views that are there."""
        return []

    # What a page adds

    def _job_changed(self) -> None:
        """Another row is shown."""

    def _axis_came(self) -> None:
        """There is a time axis now."""

    def _refresh_settings(self) -> None:
        """What follows from the settings, the selection and the answers."""

    def _made_of(self, answer: Answer) -> str:
        """What an answer was made of, where that is not the clip; else empty."""
        return ""

    def _why_other(self, answer: Answer) -> str:
        """That something else is set now than what an answer was made by; empty where it is not."""
        return ""

    # What is shown

    def _settings(self, tip: str, *others: tuple[str, QWidget]) -> QFormLayout:
        """Fields with their names: the page's own, and the seed with what it does."""
        self.seed.setToolTip(tip)
        form = QFormLayout()
        for name, field in (*others, (translate("MadeView", "S&eed"), self.seed)):
            form.addRow(name, field)
        return form

    def _found(self) -> dict[str, Answer]:
        """What the chosen models have made of this clip, by their paths, in their order."""
        if self._job is None:
            return {}
        found = {model.path: self._job.answers.get((self._words.verb, model.path)) for model in self._models}
        return {path: said for path, said in found.items() if said is not None}

    def _refresh(self) -> None:
        found = self._found()
        self.title.setText(self._heading())
        self.title.setToolTip(plain_tip(self._job.path) if self._job else "")
        self.files.show_results(
            self._job,
            [(said.result, said.signature or said.name) for said in found.values()],
            [file for said in found.values() for file in said.files],
        )
        self.beside.show_answers(self._job, found)
        self._refresh_settings()

    def _refresh_answers(self) -> None:
        found = self._found()
        put(self.answers, "\n".join(self._said(model, found.get(model.path)) for model in self._models))

    def _heading(self) -> str:
        if self._job is None:
            return translate("MadeView", "Choose a clip in the queue, or add one.")
        name = isolated(one_line(self._job.name))
        if self._models:
            return name
        return translate("MadeView", "{0}: no model is chosen. Tick one above.").format(name)

    def _said(self, model: Model, answer: Answer | None) -> str:
        """A line about a model."""
        if answer is None:
            words = self._words.why_none(self._job, model)
        else:
            keys = self._context.actions["toggle_ab"].shortcut().toString()
            swap = translate("MadeView", "{0} swaps before (A) and after (B).").format(keys)
            unsaved = translate("MadeView", "Not saved: {0}").format(answer.unsaved) if answer.unsaved else ""
            old = self._words.why_old(self._job, answer, model) or self._why_other(answer)
            compare = swap if sound_of(answer) else ""
            said = (f"{result_words(answer.result)}.", self._made_of(answer), compare, unsaved, old)
            words = " ".join(part for part in said if part)
        worth = f" ({model.score})" if model.score and answer is not None else ""
        return f"{model.name}{worth}: {words}" if words else ""


def put(words: Words, text: str) -> None:
    """Shows a text, or nothing at all where there is none."""
    if words.text() != text:
        words.setText(text)
    words.setVisible(bool(text))
