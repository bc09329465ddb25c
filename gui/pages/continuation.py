"""Letting a clip go on beyond its end: by how much, how freely, heard across the join, compared and saved."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication, QSignalBlocker, Qt
from PySide6.QtGui import QHideEvent, QPalette, QShowEvent
from PySide6.QtWidgets import QComboBox, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from fstmuse.features.continue_sound import MOST_S
from fstmuse.inference.continue_result import Continuation

from ..core.answer import Answer
from ..core.jobs import Job
from ..core.timeline import clock
from ..icons import icon
from ..job_words import JobWords
from ..panels.before_after import sound_of
from ..panels.made_view import MadeView, put
from ..panels.number_fields import number_field
from ..result_words import result_words
from ..words import Words
from . import Page

if TYPE_CHECKING:
    from ..context import Context

translate = QCoreApplication.translate

VERB = "go_on"

_FILLING = "infill"
"""Verb of the page whose sounds can go on in the clip's place."""

_BEFORE_S = 2.0
"""Is heard before the join."""


class ContinuationView(MadeView):
    """How the clip that is shown shall go on, and how the chosen models let it.

    Args:
        context: the parts of the window.

    Attributes:
        source: what goes on, the clip or it with its gaps filled; seen where there is such a sound.
        seconds: by how much it becomes longer.
        spread: how freely.
        plan: what Run will do.
        hope: what is to be expected.
        hear: plays from shortly before the join.
    """

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        formats = {
            "wav": translate("Continuation", "&Sound, continued (WAV)..."),
            "png": translate("Continuation", "&Picture before and after (PNG)..."),
            "json": translate("Continuation", "&What was done (JSON)..."),
        }
        words = JobWords(context, VERB, translate("Continuation", "Going on"))
        super().__init__(context, words, formats, parent)
        self._wanted: str | None = None  # artifact by whose filling to go on, none for the clip; None: the latest
        self._lay_out()
        for box in (self.seconds, self.spread, self.seed):
            box.valueChanged.connect(self._refresh_settings)
        self.source.activated.connect(self._choose_source)
        self.hear.clicked.connect(self._hear)
        self.beside.activated.connect(self._refresh_settings)
        self._refresh()

    def _lay_out(self) -> None:
        self.source = QComboBox()
        self.source.setAccessibleName(self.tr("Go on from"))
        self.source.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.source.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.seconds = number_field(0.1, MOST_S, 0.5, 2.0)
        self.seconds.setSuffix(self.tr(" s"))
        self.seconds.setAccessibleName(self.tr("Longer by"))
        self.seconds.setToolTip(self.tr("How much is made beyond the clip's end"))
        self.spread = number_field(0.0, 3.0, 0.1, 1.0)
        self.spread.setAccessibleName(self.tr("Freedom"))
        self.spread.setToolTip(
            self.tr(
                "0: the best guess, which soon is one held texture; 1: as varied as the clip's last 4 s; more: the "
                "network freer than that."
            )
        )
        self.plan, self.hope = Words(), Words()
        self.hope.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self.hope.setText(
            self.tr(
                "The last notes die away within a second or so. What comes behind is a guess, blurred and without "
                "words, not the music that anybody would play."
            )
        )
        self.hear = QPushButton(icon("play"), self.tr("&Hear it go on"))
        self.hear.setAutoDefault(False)
        self._form = self._settings(
            self.tr("Decides what cannot be known: another number, another continuation."),
            (self.tr("&Go on from"), self.source),
            (self.tr("&Longer by"), self.seconds),
            (self.tr("F&reedom"), self.spread),
        )
        column = QVBoxLayout(self)
        for widget in (self.title, self.answers, self.beside):
            column.addWidget(widget)
        column.addWidget(self.hear, 0, Qt.AlignmentFlag.AlignLeft)
        column.addLayout(self._form)
        column.addWidget(self.plan)
        column.addWidget(self.hope)
        column.addStretch(1)
        column.addWidget(self.files)

    def options(self, part: bool = True, job: Job | None = None) -> dict[str, Any]:
        """By how much clips shall become longer, how freely, and the seed: the same for all.

        Args:
            part: all of the clip goes on anyway.
            job: its row; where its gaps were filled, that sound goes on unless the user wants the clip to.
        """
        options = {
            "seconds": round(self.seconds.value(), 2),
            "spread": round(self.spread.value(), 2),
            "seed": self.seed.value(),
        }
        filled = self._filled(job)
        return options | ({"sound": filled[self._source(filled)]} if self._source(filled) else {})

    def showEvent(self, event: QShowEvent) -> None:
        """What was made is marked in the views while this page is shown."""
        super().showEvent(event)
        self._mark()

    def hideEvent(self, event: QHideEvent) -> None:
        """Other pages have marks of their own."""
        super().hideEvent(event)
        if not event.spontaneous():
            self._mark()

    # What goes on

    def _filled(self, job: Job | None) -> dict[str, str]:
        """Sounds in which the gaps of a clip are filled, by the artifact that did it."""
        answers = job.answers if job is not None else {}
        files = {artifact: sound_of(answer) for (verb, artifact), answer in answers.items() if verb == _FILLING}
        return {artifact: file for artifact, file in files.items() if file and Path(file).is_file()}

    def _source(self, filled: Mapping[str, str]) -> str:
        """Which of them goes on, by its artifact; empty: the clip itself."""
        return self._wanted if self._wanted in ("", *filled) else next(reversed(filled), "")

    def _choose_source(self) -> None:
        self._wanted = self.source.currentData()
        self._refresh_settings()

    def _refresh_source(self) -> None:
        filled = self._filled(self._job)
        with QSignalBlocker(self.source):
            if [self.source.itemData(row) for row in range(self.source.count())] != ["", *filled]:
                self.source.clear()
                self.source.addItem(self.tr("the clip as it is"), "")
                for artifact in filled:
                    self.source.addItem(self.tr("the clip, filled by {0}").format(Path(artifact).name), artifact)
            self.source.setCurrentIndex(self.source.findData(self._source(filled)))
        self._form.setRowVisible(self.source, bool(filled))

    def _made_of(self, answer: Answer) -> str:
        return self.tr("Made of the filled clip.") if answer.result.path != self._job.path else ""

    # What is shown

    def _refresh_settings(self) -> None:
        self._refresh_source()
        self._refresh_answers()
        put(self.plan, self._plan_words())
        answer = self._shown()
        self.hear.setEnabled(answer is not None)
        self.hear.setToolTip(
            self.tr("Plays from 2 s before the old end")
            if answer is not None
            else self.tr("First let the clip go on: press Run ({0}).").format(self._words.keys)
        )
        self._mark()

    def _shown(self) -> Answer | None:
        """The answer whose sound is B."""
        answer = self._found().get(self.beside.artifact)
        return answer if answer is not None and sound_of(answer) else None

    def _plan_words(self) -> str:
        if self._job is None:
            return ""
        words = (
            self.tr("Run ({0}) lets the filled clip go on for {1:g} s.")
            if self.source.currentData()
            else self.tr("Run ({0}) lets the clip go on for {1:g} s.")
        )
        return words.format(self._words.keys, self.seconds.value())

    def _why_other(self, answer: Answer) -> str:
        made: Continuation = answer.result
        wanted = {"sound": self._job.path} | self.options(job=self._job)
        there = {"sound": made.path, "seed": made.seed} | {
            name: made.settings.get(name) for name in ("seconds", "spread")
        }
        if wanted == there:
            return ""
        return self.tr("Something else is set now: press {0} to let it go on so.").format(self._words.keys)

    def _mark(self) -> None:
        """Marks what was made."""
        if self._axis is not None:
            answer = self._shown()
            self._axis.mark(answer.result.gaps_s if answer is not None and self.isVisible() else [])

    def _hear(self) -> None:
        """Plays B across the join, whichever of the two was shown."""
        answer, view = self._shown(), self._context.clip_view
        if answer is None or view.second is None:
            return
        if view.clip is not view.second:
            view.toggle_ab()
        self._axis.seek(max(0.0, answer.result.ended_s - _BEFORE_S))
        self._axis.reveal(answer.result.duration_s)
        self._axis.reveal(self._axis.cursor)
        if not view.player.playing:
            view.play_pause()


@result_words.register
def _(result: Continuation) -> str:
    """From where to where it goes on."""
    return translate("Continuation", "Goes on from {0} to {1}").format(clock(result.ended_s), clock(result.duration_s))


PAGE = Page(
    verb=VERB,
    tasks=frozenset({"continue"}),
    title=QT_TRANSLATE_NOOP("Page", "C&ontinue"),
    tip=QT_TRANSLATE_NOOP("Page", "Let a clip go on beyond its end, and hear it across the join"),
    missing=QT_TRANSLATE_NOOP(
        "Page",
        "No model here can let a clip go on. Train one (page Train: prednet), or choose another folder of models in "
        "the preferences.",
    ),
    icon="continue",
    shortcut="Ctrl+3",
    order=30,
    runs_on_drop=False,
    make=ContinuationView,
    formats=("wav",),
)
