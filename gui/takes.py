"""Takes: pieces of music that were made from noise. Which are kept, saved, and what lies between two of them."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QGuiApplication

from fstmuse.errors import FstMuseError
from fstmuse.inference.outputs import save_as
from fstmuse.places import cache_dir

from .core.answer import Answer
from .core.jobs import ACTIVE, ENDED, Job, State
from .core.messages import Saving
from .core.scratch import Scratch
from .said import outdated
from .take_files import TakeFiles
from .take_words import asked_words, cut_short

if TYPE_CHECKING:
    from fstmuse.artifacts.shelf import Model

    from .context import Context

VERB = "generate"

MOST = 8
"""Takes that are asked for at once."""

SHARES = (0.25, 0.5, 0.75)
"""Of the way from one take to another, for those that are made between them."""


class Takes(QObject):
    """The rows of the queue that are takes.

    Args:
        context: the parts of the window.
        parent: owner of this object.

    Attributes:
        current: the take that is shown, by number of its row; -1: something else is.
        kept: numbers of the rows that stay when new takes are made.
        files: what is written of takes.
    """

    changed = Signal(int)
    """Number of a take that is kept now, or no longer, or is being saved."""

    current_changed = Signal()

    chosen = Signal(int)
    """Number of a row that is to be shown."""

    seed_wanted = Signal()
    """Another seed is to be drawn."""

    settings_wanted = Signal(int)
    """The page is to be set as the take of a row was made."""

    def __init__(self, context: Context, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._context, self._runner = context, context.runner
        self._scratch: Scratch | None = None
        self._drafts: dict[int, str] = {}
        self.current, self.kept = -1, set[int]()
        self.files = TakeFiles(context, self)
        self._runner.answered.connect(self._answered)
        self._runner.removed.connect(self._removed)

    def close(self) -> None:
        """Throws the drafts away."""
        if self._scratch is not None:
            self._scratch.remove()
            self._scratch = None

    @property
    def jobs(self) -> list[Job]:
        """All takes, also those that are still to be made, in the order of the queue."""
        return [job for job in self._runner.jobs if _is_take(job)]

    @property
    def making(self) -> list[Job]:
        """Takes that wait or are being made; the one whose turn it is comes last."""
        return sorted((job for job in self.jobs if job.state not in ENDED), key=lambda job: job.state in ACTIVE)

    @property
    def precious(self) -> bool:
        """A take that is kept is in no file: it would be lost with the window."""
        return any(not self.answer(id).files for id in self.kept if self.answer(id) is not None)

    def answer(self, id: int) -> Answer | None:
        """What was made for a row; None while there is nothing."""
        job = self._runner.jobs.get(id)
        return next(iter(job.answers.values()), None) if job is not None and _is_take(job) else None

    # Making

    def make(self, model: Model, wanted: Sequence[dict[str, Any]]) -> None:
        """Has takes made; those that are there go, unless they are kept.

        Args:
            model: the network.
            wanted: of each take, keyword arguments of `fstmuse.inference.session.Session.generate`.
        """
        if wanted and self._folder():
            gone = [job.id for job in self.jobs if job.state in ENDED and job.id not in self.kept]
            first = self._add(model.path, wanted)[0]
            self.chosen.emit(first)
            self._runner.remove(gone)

    def has(self, model: Model, wanted: dict[str, Any], *, kept: bool = False) -> bool:
        """Whether a take is there already, or is being made.

        One that an earlier network of that name made is not it, nor is one that was cut short.

        Args:
            model: as for `make`.
            wanted: as one of those of `make`.
            kept: among those that are kept.
        """
        return any(
            job.artifacts == (model.path,)
            and job.options == wanted
            and not any(outdated(answer, model) or cut_short(answer.result) for answer in job.answers.values())
            and job.state not in (State.FAILED, State.CANCELLED)
            and (not kept or job.id in self.kept)
            for job in self.jobs
        )

    def cancel(self) -> None:
        """Makes no further takes; those that are done stay."""
        for job in self.making:
            self._runner.cancel(job.id)

    def why_nothing_between(self, id: int) -> str:
        """Why nothing can be made between a take and any other, for people; empty where it can."""
        answer = self.answer(id)
        if answer is not None and "temperature" in answer.result.settings:
            return self.tr("Its network draws element by element: there is no noise of two takes to be mixed.")
        return ""

    def why_not_between(self, one: int, other: int) -> str:
        """Why nothing can be made between two takes, for people; empty where it can."""
        ends = self.answer(one), self.answer(other)
        if None in ends:
            return self.tr("One of them has not been made yet.")
        if why := next(filter(None, map(self.why_nothing_between, (one, other))), ""):
            return why
        if any(end.result.towards is not None for end in ends):
            return self.tr("One of them lies between two others itself.")
        if ends[0].signature != ends[1].signature:
            return self.tr("They are by different networks.")
        if ends[0].result.seed == ends[1].result.seed:
            return self.tr("They have the same seed: nothing lies between them.")
        if self._maker(ends[0]) is None:
            return self.tr("The network that made them is no longer there.")
        return self.tr("Takes are being made; wait for them, or cancel them.") if self.making else ""

    def between(self, one: int, other: int) -> None:
        """Makes takes that lead from one to another; all that are there stay.

        Args:
            one: number of its row.
            other: likewise.
        """
        if self.why_not_between(one, other) or not self._folder():
            return
        first, last = self.answer(one).result, self.answer(other).result
        truncations = [end.settings["truncation"] for end in (first, last)]
        wanted = [
            {
                "seconds": first.settings["seconds"],
                "label": (first if share <= 0.5 else last).label,
                "seed": first.seed,
                "truncation": round((1 - share) * truncations[0] + share * truncations[1], 3),
                "towards": last.seed,
                "share": share,
            }
            for share in SHARES
        ]
        model = self._maker(self.answer(one))
        wanted = [options for options in wanted if not self.has(model, options)]
        if wanted:
            self.chosen.emit(self._add(model.path, wanted)[0])
        else:
            self._context.say(self.tr("What lies between these two is there already."))

    def why_not_between_kept(self) -> str:
        """Why nothing can be made between the kept takes, for people; empty where it can."""
        if len(self.kept) != 2:
            return self.tr("Keep two takes first: what is made leads from one to the other")
        return self.why_not_between(*sorted(self.kept))

    def between_kept(self) -> None:
        """Makes takes that lead from one of the two kept ones to the other."""
        if not self.why_not_between_kept():
            self.between(*sorted(self.kept))

    def _maker(self, answer: Answer) -> Model | None:
        """The network that made a take; None where it is gone, or another one has its name."""
        models = self._context.shelf.models
        return next((each for each in models if each.path == answer.artifact and not outdated(answer, each)), None)

    def _add(self, artifact: str, wanted: Iterable[dict[str, Any]]) -> list[int]:
        saving = Saving(self._folder(), ("wav",), draft=True)
        asked = ((options, asked_words(options)) for options in wanted)
        return [
            self._runner.add([""], VERB, (artifact,), options, saving, run=True, title=title)[0]
            for options, title in asked
        ]

    def _folder(self) -> str:
        """Where drafts lie; empty, and the user is told, where there is no such place."""
        if self._scratch is None or not self._scratch.there:
            try:
                self._scratch = Scratch(cache_dir())
            except OSError as error:
                words = self.tr("Takes cannot be put into {0}: {1}. Make room there, or set FSTMUSE_CACHE.")
                self._context.error(self.tr("Generate"), words.format(cache_dir(), error.strerror or error), "")
                return ""
        return str(self._scratch.folder)

    # What is done with one take: with that of a row, or with the one that is shown

    def set_current(self, id: int) -> None:
        """Another row is shown; where somebody has tidied up the folder of caches, it gets its draft again."""
        job, answer = self._runner.jobs.get(id), self.answer(id)
        self.current = id if job is not None and _is_take(job) else -1
        if answer is not None and answer.draft and not Path(answer.draft).exists():
            with contextlib.suppress(FstMuseError, OSError):  # the view says that there is no such file
                Path(answer.draft).parent.mkdir(parents=True, exist_ok=True)
                save_as(answer.result, answer.draft, "wav", answer.signature)
        self.current_changed.emit()

    def step(self, by: int) -> None:
        """Shows the next take that is done, or with -1 the one before."""
        done = [job.id for job in self.jobs if self.answer(job.id) is not None]
        if done:
            at = done.index(self.current) + by if self.current in done else 0
            self.chosen.emit(done[at % len(done)])

    def play(self, id: int) -> None:
        """Plays a take from its start; where it plays already, pauses it."""
        view, answer = self._context.clip_view, self.answer(id)
        if answer is None or not answer.draft:
            return
        playing = self._context.player.playing and view.clip is not None and view.clip.path == answer.draft
        self.chosen.emit(id)
        if playing:
            self._context.player.pause()
        else:
            view.home()
            self._context.player.play()

    def toggle_kept(self, id: int = -1) -> None:
        """Keeps a take, or no longer; without a number, the one that is shown."""
        id = self.current if id < 0 else id
        if self.answer(id) is not None:
            self.kept ^= {id}
            self.changed.emit(id)

    def copy_seed(self, id: int = -1) -> None:
        """Copies the seed of a take; without a number, of the one that is shown."""
        answer = self.answer(self.current if id < 0 else id)
        if answer is not None:
            QGuiApplication.clipboard().setText(str(answer.result.seed))
            self._context.say(self.tr("Seed copied: {0}").format(answer.result.seed))

    # Rows come and go

    def _answered(self, id: int, artifact: str) -> None:
        answer = self.answer(id)
        if answer is not None and answer.draft:
            self._drafts[id] = answer.draft

    def _removed(self, ids: Sequence[int]) -> None:
        for id in ids:
            self.kept.discard(id)
            if draft := self._drafts.pop(id, ""):
                with contextlib.suppress(OSError):  # it goes with the window, too
                    Path(draft).unlink()
        if self.current in ids:
            self.set_current(-1)


def _is_take(job: Job) -> bool:
    return job.verb == VERB and not job.path
