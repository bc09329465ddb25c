"""Filling gaps: marked on the spectrogram or found, filled by a network, compared before and after."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication, Qt
from PySide6.QtGui import QHideEvent, QPalette, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSpinBox, QVBoxLayout, QWidget

from fstmuse.artifacts.shelf import Model
from fstmuse.errors import FstMuseError
from fstmuse.features.gaps import gaps_in_samples
from fstmuse.inference.infill_result import Infilling

from ..core.answer import Answer
from ..core.jobs import Job
from ..gap_words import expected, total_words
from ..job_words import JobWords
from ..panels.answer_files import AnswerFiles
from ..panels.before_after import BeforeAfter, sound_of
from ..panels.gap_list import GapList, Marked
from ..result_words import result_words
from ..words import Words, isolated, one_line, plain_tip
from . import Page

if TYPE_CHECKING:
    from ..context import Context

VERB = "infill"

_AROUND_S = 0.5
"""What is seen on either side of a gap that was too narrow to be seen."""


class InfillView(QWidget):
    """The gaps of the clip that is shown, and what filling them has given.

    Args:
        context: the parts of the window.

    Attributes:
        title: which clip, and what was filled.
        answers: how each chosen model stands, in words.
        beside: which model's sound is B, where several have filled the gaps.
        gaps: what is marked.
        plan: what Run will fill, and what to expect.
        seed: of the phases.
        files: what can be done with the answers.
    """

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._job: Job | None = None
        self._models: list[Model] = []
        self._axis = None
        self._words = JobWords(context, VERB, self.tr("Filling"))
        self._marked: dict[int, list[Marked]] = {}  # by number of the row
        self._lay_out()
        self._connect()
        self._refresh()

    def _lay_out(self) -> None:
        self.title = Words()
        bold = self.title.font()
        bold.setBold(True)
        self.title.setFont(bold)
        self.answers = Words(selectable=True)
        self.beside = BeforeAfter(self._context)
        heading = QLabel(self.tr("&Gaps to fill"))
        self.gaps = GapList()
        heading.setBuddy(self.gaps.table)
        self.plan, self.hope = Words(), Words()
        self.hope.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self.seed = QSpinBox()
        self.seed.setRange(0, 2**31 - 1)
        self.seed.setAccessibleName(self.tr("Seed"))
        self.seed.setToolTip(
            self.tr(
                "Begins the search for what cannot be known in gaps wider than 40 ms: another number is another try, "
                "the same number gives the same sound."
            )
        )
        self.seed.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        label = QLabel(self.tr("S&eed"))
        label.setBuddy(self.seed)
        seeds = QHBoxLayout()
        seeds.addWidget(label)
        seeds.addWidget(self.seed, 1)
        self.files = AnswerFiles(
            self._context,
            {
                "wav": self.tr("&Sound, filled (WAV)..."),
                "png": self.tr("&Picture before and after (PNG)..."),
                "json": self.tr("&What was done (JSON)..."),
            },
        )
        column = QVBoxLayout(self)
        for widget in (self.title, self.answers, self.beside, heading, self.gaps, self.plan, self.hope):
            column.addWidget(widget)
        column.addLayout(seeds)
        column.addStretch(1)
        column.addWidget(self.files)

    def _connect(self) -> None:
        self.gaps.edited.connect(self._edited)
        self.gaps.chosen.connect(self._show_gap)
        self.gaps.told.connect(self._context.say)
        self.seed.valueChanged.connect(self._refresh_gaps)
        self.beside.activated.connect(self._mark)

    def show_job(self, job: Job | None) -> None:
        """Shows what is known of a job; nothing of the one before stays."""
        if job is not self._job:
            self._job = job
            self.gaps.set_clip(job.path if job else "", self._marked.get(job.id, []) if job else [])
        if self._axis is None and self._context.clip_view is not None:
            # The clip is put into the window after the pages.
            self._axis = self._context.clip_view.axis
            self._axis.selectionChanged.connect(self._refresh_gaps)
            self._context.runner.removed.connect(self._forget)
        self._refresh()

    def set_models(self, models: list[Model]) -> None:
        """Says which models are chosen to be asked, in order."""
        if models != self._models:
            self._models = list(models)
            self._refresh()

    def options(self, part: bool = True, job: Job | None = None) -> dict[str, Any]:
        """What is to be filled: what is marked; where nothing is, dropouts are looked for.

        Args:
            part: it is the clip that is shown, where the selection is a mark, too.
            job: the clip's row.
        """
        wanted = self._wanted() if part else [gap.span for gap in self._marked.get(job.id, [])] if job else []
        how: dict[str, Any] = {"gaps": wanted} if wanted else {"find": True}
        return how | {"seed": self.seed.value()}

    def lanes(self) -> list[QWidget]:
        """None: gaps are marked in the views that are there."""
        return []

    def showEvent(self, event: QShowEvent) -> None:
        """Gaps are marked in the views while this page is shown."""
        super().showEvent(event)
        self._mark()

    def hideEvent(self, event: QHideEvent) -> None:
        """Who leaves the page does not wait for what is found."""
        super().hideEvent(event)
        if not event.spontaneous():  # a window that is made small is still there
            self.gaps.stop()
            self._mark()

    # Gaps

    def _wanted(self) -> list[tuple[float, float]]:
        """What Run fills: the gaps of the list, without any the selection; none where dropouts are looked for."""
        selection = self._axis.selection if self._axis is not None and self._job is not None else None
        return [gap.span for gap in self.gaps.gaps] or ([selection] if selection else [])

    def _edited(self) -> None:
        if self._job is not None:
            self._marked[self._job.id] = list(self.gaps.gaps)
        self._refresh_gaps()

    def _show_gap(self, start_s: float, end_s: float) -> None:
        """Selects a gap, whose handles can then be dragged, and sees to it that there is something to see of it."""
        if self._axis is not None:
            self._axis.select(start_s, end_s)
            if self._axis.timeline.x(end_s) - self._axis.timeline.x(start_s) < 2 * self.fontMetrics().height():
                self._axis.show(start_s - _AROUND_S, end_s + _AROUND_S)
            else:
                self._axis.reveal(start_s)

    def _forget(self, jobs: Sequence[int]) -> None:
        for number in jobs:
            self._marked.pop(number, None)
        self.beside.forget(jobs)

    # What is shown

    def _answers(self) -> dict[str, Answer]:
        """What the chosen models have made of this clip, by their paths, in their order."""
        if self._job is None:
            return {}
        found = {model.path: self._job.answers.get((VERB, model.path)) for model in self._models}
        return {path: said for path, said in found.items() if said is not None and said.result.path == self._job.path}

    def _refresh(self) -> None:
        answers = self._answers()
        self.title.setText(self._heading())
        self.title.setToolTip(plain_tip(self._job.path) if self._job else "")
        self.files.show_results(
            self._job,
            [(said.result, said.signature or said.name) for said in answers.values()],
            [file for said in answers.values() for file in said.files],
        )
        self.beside.show_answers(self._job, answers)
        self._refresh_gaps()

    def _refresh_gaps(self) -> None:
        """What follows from the marks; called again and again while a handle is dragged."""
        answers = self._answers()
        self.gaps.set_selection(self._axis.selection if self._axis is not None else None)
        self._put(self.answers, "\n".join(self._said(model, answers.get(model.path)) for model in self._models))
        self._put(self.plan, self._plan_words())
        self._put(self.hope, expected(self._wanted()))
        self._mark()

    def _heading(self) -> str:
        if self._job is None:
            return self.tr("Choose a clip in the queue, or add one.")
        name = isolated(one_line(self._job.name))
        return name if self._models else self.tr("{0}: no model is chosen. Tick one above.").format(name)

    def _plan_words(self) -> str:
        if self._job is None:
            return ""
        keys, wanted = self._words.keys, self._wanted()
        if not wanted:
            return self.tr(
                "Nothing is marked. Drag over the spectrogram where sound is missing; or press Run ({0}), and dropouts "
                "are looked for and filled."
            ).format(keys)
        words = self.tr("Run ({0}) fills {1}.").format(keys, total_words(wanted))
        selection = self._axis.selection
        inside = any(start <= selection[0] and selection[1] <= end for start, end in wanted) if selection else True
        return words if inside else self.tr("{0} The selection is not among them.").format(words)

    def _said(self, model: Model, answer: Answer | None) -> str:
        """A line about a model."""
        if answer is None:
            words = self._words.why_none(self._job, model)
        else:
            keys = self._context.actions["toggle_ab"].shortcut().toString()
            compare = self.tr("{0} swaps before (A) and after (B).").format(keys) if sound_of(answer) else ""
            unsaved = self.tr("Not saved: {0}").format(answer.unsaved) if answer.unsaved else ""
            old = self._words.why_old(self._job, answer, model) or self._why_other(answer)
            words = " ".join(part for part in (f"{result_words(answer.result)}.", compare, unsaved, old) if part)
        worth = f" ({model.score})" if model.score and answer is not None else ""
        return f"{model.name}{worth}: {words}" if words else ""

    def _why_other(self, answer: Answer) -> str:
        """That something else is marked now than what was filled."""
        result: Infilling = answer.result
        try:
            wanted = gaps_in_samples(self._wanted(), result.sample_rate, len(result.waveform))
        except FstMuseError:
            wanted = []
        other = bool(wanted) and tuple(wanted) != result.gaps
        if not other and self.seed.value() == result.seed:
            return ""
        return self.tr("Other gaps or another seed are set now: press {0} to fill them.").format(self._words.keys)

    def _mark(self) -> None:
        """Marks what is in the list, else what was filled."""
        if self._axis is None:
            return
        stretches = [gap.span for gap in self.gaps.gaps]
        if not stretches and (answer := self._answers().get(self.beside.artifact)):
            stretches = list(answer.result.gaps_s)
        self._axis.mark(stretches if self.isVisible() else [])

    @staticmethod
    def _put(words: Words, text: str) -> None:
        if words.text() != text:
            words.setText(text)
        words.setVisible(bool(text))


@result_words.register
def _(result: Infilling) -> str:
    """How much was filled."""
    return QCoreApplication.translate("Infill", "Filled: {0}").format(total_words(result.gaps_s))


PAGE = Page(
    verb=VERB,
    tasks=frozenset({"infill"}),
    title=QT_TRANSLATE_NOOP("Page", "&Fill gaps"),
    tip=QT_TRANSLATE_NOOP("Page", "Fill what is missing in a clip, such as dropouts, and compare before and after"),
    missing=QT_TRANSLATE_NOOP(
        "Page",
        "No model here can fill gaps. Train one: gapnet on the page Train, or python -m fstmuse.train gapnet. "
        "Without any, python -m fstmuse.infill --plain fills gaps.",
    ),
    icon="infill",
    shortcut="Ctrl+2",
    order=20,
    runs_on_drop=False,
    make=InfillView,
    formats=("wav",),
)
