"""Filling gaps: marked on the spectrogram or found, filled by a network, compared before and after."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication
from PySide6.QtGui import QHideEvent, QPalette, QShowEvent
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from fstmuse.errors import FstMuseError
from fstmuse.features.gaps import gaps_in_samples
from fstmuse.inference.infill_result import Infilling

from ..core.answer import Answer
from ..core.jobs import Job
from ..gap_words import expected, total_words
from ..job_words import JobWords
from ..panels.gap_list import GapList, Marked
from ..panels.made_view import MadeView, put
from ..result_words import result_words
from ..words import Words
from . import Page

if TYPE_CHECKING:
    from ..context import Context

translate = QCoreApplication.translate

VERB = "infill"

_AROUND_S = 0.5
"""What is seen on either side of a gap that was too narrow to be seen."""


class InfillView(MadeView):
    """The gaps of the clip that is shown, and what filling them has given.

    Args:
        context: the parts of the window.

    Attributes:
        gaps: what is marked.
        plan: what Run will fill, and what to expect.
    """

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        formats = {
            "wav": translate("Infill", "&Sound, filled (WAV)..."),
            "png": translate("Infill", "&Picture before and after (PNG)..."),
            "json": translate("Infill", "&What was done (JSON)..."),
        }
        super().__init__(context, JobWords(context, VERB, translate("Infill", "Filling")), formats, parent)
        self._marked: dict[int, list[Marked]] = {}  # by number of the row
        self._lay_out()
        self._connect()
        self._refresh()

    def _lay_out(self) -> None:
        heading = QLabel(self.tr("&Gaps to fill"))
        self.gaps = GapList()
        heading.setBuddy(self.gaps.table)
        self.plan, self.hope = Words(), Words()
        self.hope.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        settings = self._settings(
            self.tr(
                "Begins the search for what cannot be known in gaps wider than 40 ms: another number is another try, "
                "the same number gives the same sound."
            )
        )
        column = QVBoxLayout(self)
        for widget in (self.title, self.answers, self.beside, heading, self.gaps, self.plan, self.hope):
            column.addWidget(widget)
        column.addLayout(settings)
        column.addStretch(1)
        column.addWidget(self.files)

    def _connect(self) -> None:
        self.gaps.edited.connect(self._edited)
        self.gaps.chosen.connect(self._show_gap)
        self.gaps.told.connect(self._context.say)
        self.seed.valueChanged.connect(self._refresh_settings)
        self.beside.activated.connect(self._mark)

    def _job_changed(self) -> None:
        job = self._job
        self.gaps.set_clip(job.path if job else "", self._marked.get(job.id, []) if job else [])

    def _axis_came(self) -> None:
        self._axis.selectionChanged.connect(self._refresh_settings)
        self._context.runner.removed.connect(self._forget)

    def options(self, part: bool = True, job: Job | None = None) -> dict[str, Any]:
        """What is to be filled: what is marked; where nothing is, dropouts are looked for.

        Args:
            part: it is the clip that is shown, where the selection is a mark, too.
            job: the clip's row.
        """
        wanted = self._wanted() if part else [gap.span for gap in self._marked.get(job.id, [])] if job else []
        how: dict[str, Any] = {"gaps": wanted} if wanted else {"find": True}
        return how | {"seed": self.seed.value()}

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
        selection = self._selection()
        return [gap.span for gap in self.gaps.gaps] or ([selection] if selection else [])

    def _selection(self) -> tuple[float, float] | None:
        """What is selected of the clip; behind its end, where a longer sound is compared with it, nothing is."""
        if self._axis is None or self._job is None:
            return None
        return self._context.clip_view.selection_in(self._job.sound)

    def _edited(self) -> None:
        if self._job is not None:
            self._marked[self._job.id] = list(self.gaps.gaps)
        self._refresh_settings()

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

    # What is shown

    def _refresh_settings(self) -> None:
        """What follows from the marks; called again and again while a handle is dragged."""
        self.gaps.set_selection(self._selection())
        self._refresh_answers()
        put(self.plan, self._plan_words())
        put(self.hope, expected(self._wanted()))
        self._mark()

    def _plan_words(self) -> str:
        if self._job is None:
            return ""
        keys, wanted = self._words.keys, self._wanted()
        if not wanted and self._axis is not None and self._axis.selection:
            return self.tr(
                "What is selected lies behind the clip's end, where nothing can be missing. Run ({0}) looks for "
                "dropouts in the clip and fills them."
            ).format(keys)
        if not wanted:
            return self.tr(
                "Nothing is marked. Drag over the spectrogram where sound is missing; or press Run ({0}), and dropouts "
                "are looked for and filled."
            ).format(keys)
        words = self.tr("Run ({0}) fills {1}.").format(keys, total_words(wanted))
        selection = self._selection()
        inside = any(start <= selection[0] and selection[1] <= end for start, end in wanted) if selection else True
        return words if inside else self.tr("{0} The selection is not among them.").format(words)

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
        if not stretches and (answer := self._found().get(self.beside.artifact)):
            stretches = list(answer.result.gaps_s)
        self._axis.mark(stretches if self.isVisible() else [])


@result_words.register
def _(result: Infilling) -> str:
    """How much was filled."""
    return translate("Infill", "Filled: {0}").format(total_words(result.gaps_s))


PAGE = Page(
    verb=VERB,
    tasks=frozenset({"infill"}),
    title=QT_TRANSLATE_NOOP("Page", "&Fill gaps"),
    tip=QT_TRANSLATE_NOOP("Page", "Fill what is missing in a clip, such as dropouts, and compare before and after"),
    missing=QT_TRANSLATE_NOOP(
        "Page",
        "No model here can fill gaps. Train one (page Train: gapnet), or choose another folder of models in the "
        "preferences.",
    ),
    icon="infill",
    shortcut="Ctrl+2",
    order=20,
    runs_on_drop=False,
    make=InfillView,
    formats=("wav",),
)
