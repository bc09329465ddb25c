"""What can be done with a clip, a file for each task.

A module here that holds a `Page` named PAGE is found by itself: it brings its button, its
place at the right of the clip and what it shows of a result, and nothing else changes:

- Its verb is a method of `fstmuse.inference.session.Session`, called with the clip's path, the page's options,
  `progress` and `cancel`. What that returns must be registered with `fstmuse.inference.outputs.outputs`.
- `..result_words.result_words` gives its results their words in the queue, `..panels.answer_files.AnswerFiles` exports
  them and has them dragged out.
- A sound that was made is put beside the clip, to be compared at the same position, by
  `context.clip_view.compare(context.looking.show(path))`.
- The selection is `context.clip_view.axis.selection`, in s.
- A page whose verb takes no clip is `new`; its widget is a `Maker`, too.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from fstmuse.artifacts.shelf import Model

    from ..context import Context
    from ..core.jobs import Job


class View(Protocol):
    """The widget of a page, at the right of the clip. Made once."""

    def show_job(self, job: Job | None) -> None:
        """Shows what is known of a job; called again whenever that changes. None: nothing is chosen."""

    def set_models(self, models: list[Model]) -> None:
        """Says which models are chosen to be asked, in order."""

    def options(self, part: bool = True, job: Job | None = None) -> dict[str, Any]:
        """Keyword arguments for the session's method, as the user has set them.

        Args:
            part: they are for the clip that is shown, of which a part may be selected; False: for others, whole.
            job: the row that is asked about; None: one that nothing was ever set for.
        """

    def lanes(self) -> list[QWidget]:
        """Views to stand below the spectrogram, on its time axis."""


class Maker(View, Protocol):
    """The widget of a page that makes something new."""

    def board(self) -> QWidget:
        """What was made, to stand above the clip."""

    def make(self) -> None:
        """Has the chosen model make something, as the user has set it."""

    def why_not(self) -> str:
        """Why nothing can be made now, for people; empty when it can."""


@dataclass(frozen=True)
class Page:
    """A task of the window.

    Args:
        verb: method of `fstmuse.inference.session.Session` that does it.
        tasks: what a card's `task` must be for its model to serve here.
        title: of button and menu entry, to be translated in the context "Page".
        tip: what it does, to be translated in the context "Page".
        missing: why it is disabled when no model serves here and how to get one, to be translated likewise.
        icon: name in `icons`, or a drawing as `icons.icon` takes it.
        shortcut: key sequence.
        order: places it among the pages.
        runs_on_drop: clips that are dropped are asked about at once.
        make: makes the page's widget.
        formats: what an answer is always written as, since it is worth nothing else: the sound that was made. The user
            chooses others in the preferences, of which an answer gets those that its kind has.
        new: the verb takes no clip: Run has the page's widget make something new, whatever is selected, by one model.
    """

    verb: str
    tasks: frozenset[str]
    title: str
    tip: str
    missing: str
    icon: str
    shortcut: str
    order: int
    runs_on_drop: bool
    make: Callable[[Context], QWidget]
    formats: tuple[str, ...] = ()
    new: bool = False


def find_pages() -> list[Page]:
    """All pages, in order."""
    found = (importlib.import_module(f"{__name__}.{module.name}") for module in pkgutil.iter_modules(__path__))
    return sorted((module.PAGE for module in found if hasattr(module, "PAGE")), key=lambda page: page.order)
