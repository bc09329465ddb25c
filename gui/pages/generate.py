"""Music from noise: takes of a trained generator, side by side, to be heard, kept and saved."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QT_TRANSLATE_NOOP, QTimer
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from fstmuse.artifacts.shelf import Model

from ..core.jobs import Job
from ..icons import icon
from ..panels.made_view import put
from ..panels.take_form import TakeForm
from ..panels.takes_board import TakesBoard
from ..panels.upright import Upright
from ..takes import VERB
from ..words import Words, counted, isolated, one_line
from . import Page

if TYPE_CHECKING:
    from ..context import Context


class GenerateView(QWidget):
    """What the next takes shall be like, and the takes.

    Args:
        context: the parts of the window.
        parent: Qt parent.

    Attributes:
        form: what the next takes shall be like.
        generate: makes them.
        cancel: makes no further ones.
        plan: what `generate` will do.
    """

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context, self._takes = context, context.takes
        self._model: Model | None = None
        self._board = TakesBoard(context, context.takes)
        self._lay_out()
        self.form.changed.connect(self._refresh)
        self.generate.clicked.connect(context.actions["run"].trigger)
        self.cancel.clicked.connect(self._takes.cancel)
        self._takes.seed_wanted.connect(self.form.draw_seed)
        self._takes.settings_wanted.connect(self._set_as)
        # Of a hundred changes in one turn, only the last is shown.
        self._soon = QTimer(self, singleShot=True, interval=0)
        self._soon.timeout.connect(self._refresh)
        for signal in (context.runner.added, context.runner.changed, context.runner.removed):
            signal.connect(self._soon.start)
        self._refresh()

    def _lay_out(self) -> None:
        self.form = TakeForm(self._context.actions["new_seed"].shortcut().toString(), self._context.settings)
        self.generate = QPushButton(icon("generate"), self.tr("&Generate"))
        self.cancel = QPushButton(icon("cancel"), self.tr("Cancel"))
        self.cancel.setToolTip(self.tr("Make no further takes; those that are done stay"))
        buttons = QHBoxLayout()
        for button, stretch in ((self.generate, 1), (self.cancel, 0)):
            button.setAutoDefault(False)
            buttons.addWidget(button, stretch)
        self.plan, self.hope = Words(), Words()
        self.hope.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        inner = QWidget()
        column = QVBoxLayout(inner)
        column.addWidget(self.form)
        column.addLayout(buttons)
        column.addWidget(self.plan)
        column.addWidget(self.hope)
        column.addStretch(1)
        around = QVBoxLayout(self)
        around.setContentsMargins(0, 0, 0, 0)
        around.addWidget(Upright(inner))

    # What the window asks

    def board(self) -> QWidget:
        """The takes."""
        return self._board

    def show_job(self, job: Job | None) -> None:
        """Nothing here is about the row that is shown; the takes know it by themselves."""

    def set_models(self, models: list[Model]) -> None:
        """Says which network makes the next takes."""
        model = models[0] if models else None
        if model != self._model:
            self._model = model
            self.form.fit(model.card if model is not None else None)
        self._refresh()

    def _hopes(self) -> str:
        """What else can be done with takes."""
        if self.form.in_turn:
            return self.tr(
                "Takes that are kept stay when new ones are made; the others go. Drag a take's picture onto Prime to "
                "go on from it. Cancel keeps what is whole of the take that is being made."
            )
        return self.tr(
            "Takes that are kept stay when new ones are made; the others go. A take's menu can make what lies "
            "between it and another."
        )

    def lanes(self) -> list[QWidget]:
        """None."""
        return []

    def options(self, part: bool = True, job: Job | None = None) -> dict[str, Any]:
        """Of the first of the next takes.

        Args:
            part: nothing to this page.
            job: likewise.
        """
        return self.form.wanted()[0]

    def why_not(self) -> str:
        """Why nothing can be made now."""
        if self._model is None:
            return self.tr("Choose a model first.")
        return self.tr("Takes are being made; wait for them, or cancel them.") if self._takes.making else ""

    def make(self) -> None:
        """Makes takes; where these are there already, others, by another seed."""
        if self._model is None or self._takes.making:
            return
        model = self._model
        if all(self._takes.has(model, options) for options in self.form.wanted()):
            self.form.draw_seed()
        self._takes.make(model, [one for one in self.form.wanted() if not self._takes.has(model, one, kept=True)])

    def _set_as(self, id: int) -> None:
        answer = self._takes.answer(id)
        if answer is not None:
            self.form.set_as(answer.result)

    def _refresh(self) -> None:
        making, why_not = self._takes.making, self.why_not()
        self.cancel.setVisible(bool(making))
        self.generate.setEnabled(not why_not)
        keys = self._context.actions["run"].shortcut().toString()
        self.generate.setToolTip(why_not or self.tr("Make the takes ({0})").format(keys))
        put(self.plan, self._plan_words(len(making)))
        put(self.hope, self._hopes())

    def _plan_words(self, making: int) -> str:
        if self._model is None:
            return self.tr("No model is chosen. Tick one above.")
        if making:
            return counted(
                making, self.tr("1 take is still to be made."), self.tr("%n takes are still to be made.", "", making)
            )
        count, first = self.form.count.value(), self.form.seed.value()
        seeds = (
            self.tr("seed {0}").format(first)
            if count == 1
            else self.tr("seeds {0} to {1}").format(first, first + count - 1)
        )
        takes = counted(count, self.tr("1 take"), self.tr("%n takes", "", count))
        wanted = self.form.wanted()
        if all(self._takes.has(self._model, options) for options in wanted):
            return self.tr("These are there already: Generate draws another seed.")
        length = self.form.seconds.value()
        if prime := wanted[0].get("prime"):
            name = isolated(one_line(Path(prime).name, 40))
            return self.tr("{0} of {1:g} s after {2}, by {3}.").format(takes, length, name, seeds)
        return self.tr("{0} of {1:g} s by {2}.").format(takes, length, seeds)


PAGE = Page(
    verb=VERB,
    tasks=frozenset({"generate"}),
    title=QT_TRANSLATE_NOOP("Page", "&Generate"),
    tip=QT_TRANSLATE_NOOP("Page", "Make music from noise: several takes, side by side"),
    missing=QT_TRANSLATE_NOOP(
        "Page",
        "No model here can make music. Train one (page Train: melgan-c-tiny, or python -m fstmuse.train "
        "melgan-c-tiny), or choose another folder of models in the preferences.",
    ),
    icon="generate",
    shortcut="Ctrl+4",
    order=40,
    runs_on_drop=False,
    make=GenerateView,
    new=True,
)
