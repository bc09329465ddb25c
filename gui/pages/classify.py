"""Which genre: the probabilities of each label, over a clip and along its time, by one model or several."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import QT_TRANSLATE_NOOP
from PySide6.QtWidgets import QCheckBox, QSizePolicy, QVBoxLayout, QWidget

from fstmuse.artifacts.shelf import Model
from fstmuse.networks.entry import LABELLING

from ..core.answer import Answer
from ..core.jobs import Job
from ..job_words import JobWords
from ..panels.answer_column import SHOWN, AnswerColumn
from ..panels.answer_files import AnswerFiles
from ..panels.side_by_side import SideBySide
from ..views.heatmap import HeatMap
from ..words import Words, isolated, one_line, plain_tip
from . import Page

if TYPE_CHECKING:
    from ..context import Context

VERB = "classify"


class ClassifyView(QWidget):
    """A column of bars for each chosen model, and below them what can be done with the answers.

    Args:
        context: the parts of the window.

    Attributes:
        title: which clip, and which part of it was asked about.
        columns: one for each chosen model, in order.
        part_only: ask about the selection alone.
        files: what can be done with the answers.
    """

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._job: Job | None = None
        self._models: list[Model] = []
        self._maps: dict[str, tuple[Answer, HeatMap]] = {}
        self._axis = None
        self._words = JobWords(context, VERB, self.tr("Listening"))
        self.columns: list[AnswerColumn] = []
        self._lay_out()
        self._refresh()

    def _lay_out(self) -> None:
        self.title = Words()
        self.part_only = QCheckBox()
        # Longer words for a selection must not make the picture narrower in which it is being dragged.
        self.part_only.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._side_by_side = SideBySide()
        self.files = AnswerFiles(self._context)
        column = QVBoxLayout(self)
        column.addWidget(self.title)
        column.addWidget(self._side_by_side, 1)
        column.addWidget(self.part_only)
        column.addWidget(self.files)

    def show_job(self, job: Job | None) -> None:
        """Shows what is known of a job; nothing of the one before stays."""
        if job is not self._job:
            self._job = job
            self.part_only.setChecked(False)
        self._refresh()

    def set_models(self, models: list[Model]) -> None:
        """A column for each model, in order."""
        if models == self._models:
            return
        self._models = list(models)
        self.columns = [AnswerColumn(model) for model in self._models]
        self._side_by_side.set_columns(self.columns)
        self._refresh()

    def options(self, part: bool = True, job: Job | None = None) -> dict[str, Any]:
        """How a clip is to be asked about.

        Args:
            part: it is the clip that is shown: the user may want its selection alone. Others are heard whole.
            job: its row; all are asked alike.
        """
        selection = self._selection() if part and self.part_only.isChecked() else None
        if selection is None:
            return {"along_time": True}
        start, end = selection
        return {"along_time": True, "start_s": start, "duration_s": end - start}

    def lanes(self) -> list[QWidget]:
        """A heat map for each answer along time, the same one as long as its answer is the same."""
        answers = self._answers()
        kept: dict[str, tuple[Answer, HeatMap]] = {}
        for answer in answers:
            if answer.result.along_time is not None:
                before, view = self._maps.get(answer.artifact, (None, None))
                kept[answer.artifact] = (answer, view if before is answer else _heat_map(answer))
        self._maps = kept
        for _, view in kept.values():
            view.show_title(len(kept) > 1)
        return [view for _, view in kept.values()]

    def _answers(self) -> list[Answer]:
        """What the chosen models have said of this clip, in their order."""
        if self._job is None:
            return []
        found = (self._job.answers.get((VERB, model.path)) for model in self._models)
        return [answer for answer in found if answer is not None and answer.result.path == self._job.path]

    def _refresh(self) -> None:
        answers = {answer.artifact: answer for answer in self._answers()}
        parts = {self._part(answer) for answer in answers.values()}
        for column in self.columns:
            answer = answers.get(column.model.path)
            if answer is None:
                column.show_message(self._words.why_none(self._job, column.model))
            else:
                unsaved = self.tr("Not saved: {0}").format(answer.unsaved) if answer.unsaved else ""
                notes = [note for note in (self._words.why_old(self._job, answer, column.model), unsaved) if note]
                column.show_result(answer.result, self._part(answer) if len(parts) > 1 else "", "\n".join(notes))
        self.title.setText(self._heading(parts))
        self.title.setToolTip(plain_tip(self._job.path) if self._job else "")
        self._refresh_selection()
        self.files.show_results(
            self._job,
            [
                (answers[column.model.path].result, answers[column.model.path].signature or _signature(column.model))
                for column in self.columns
                if column.model.path in answers
            ],
            [file for answer in answers.values() for file in answer.files],
        )

    def _heading(self, parts: set[str]) -> str:
        if self._job is None:
            return self.tr("Choose a clip in the queue, or add one.")
        name = isolated(one_line(self._job.name))
        if not self._models:
            return self.tr("{0}: no model is chosen. Tick one above.").format(name)
        if not parts:
            return name
        part = next(iter(parts)) if len(parts) == 1 else self.tr("different parts")
        return f"{name}: {part}"

    def _part(self, answer: Answer) -> str:
        result = answer.result
        return _span(result.start_s, result.end_s) if result.part else self.tr("whole clip")

    def _selection(self) -> tuple[float, float] | None:
        return self._axis.selection if self._axis is not None else None

    def _refresh_selection(self) -> None:
        if self._axis is None and self._context.clip_view is not None:
            # The clip is put into the window after the pages.
            self._axis = self._context.clip_view.axis
            self._axis.selectionChanged.connect(self._refresh_selection)
        selection = self._selection() if self._job is not None else None
        self.part_only.setEnabled(selection is not None)
        if selection is None:
            self.part_only.setChecked(False)
            self.part_only.setText(self.tr("Selection only"))
            self.part_only.setToolTip(self.tr("Drag over the spectrogram to select a part of the clip."))
        else:
            self.part_only.setText(self.tr("Selection only: {0}").format(_span(*selection)))
            self.part_only.setToolTip(self.tr("Ask about {0} alone.").format(_span(*selection)))


def _signature(model: Model) -> str:
    return model.card.signature if model.card else model.name


def _heat_map(answer: Answer) -> HeatMap:
    """Of many labels those are on top that are seen without scrolling: the likeliest."""
    result = answer.result
    if len(result.labels) <= SHOWN:
        return HeatMap(result.labels, result.times_s, result.along_time, answer.name)
    order = np.argsort(-result.probabilities, kind="stable")
    return HeatMap([result.labels[row] for row in order], result.times_s, result.along_time[:, order], answer.name)


def _span(start_s: float, end_s: float) -> str:
    return f"{_clock(start_s)} – {_clock(end_s)}"


def _clock(seconds: float) -> str:
    """Minutes and seconds; thousandths where there are any."""
    minutes, thousandths = divmod(round(seconds * 1000), 60_000)
    text = f"{minutes}:{thousandths / 1000:06.3f}"
    return text.rstrip("0") if not text.endswith(".000") else text.removesuffix(".000")


PAGE = Page(
    verb=VERB,
    tasks=frozenset(LABELLING),
    title=QT_TRANSLATE_NOOP("Page", "Classify"),
    tip=QT_TRANSLATE_NOOP("Page", "Which genre a clip is, over all of it and along its time"),
    missing=QT_TRANSLATE_NOOP(
        "Page",
        "No model here can classify. Train one (page Train: the demo takes a few minutes), or choose another folder "
        "of models in the preferences.",
    ),
    icon="classify",
    shortcut="Ctrl+1",
    order=10,
    runs_on_drop=True,
    make=ClassifyView,
)
