"""What is written of takes: into the folder of results, when the user saves them or drags them out."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from fstmuse.errors import FstMuseError
from fstmuse.inference.generate_result import FORMATS
from fstmuse.inference.outputs import save_as, save_result, suffix_of

from .result_export import ResultExport

if TYPE_CHECKING:
    from .context import Context
    from .core.answer import Answer
    from .takes import Takes


class TakeFiles(QObject):
    """Writes takes, one after the other; nothing is ever written over.

    Args:
        context: the parts of the window.
        takes: which there are; owns this object.
    """

    def __init__(self, context: Context, takes: Takes) -> None:
        super().__init__(takes)
        self._context, self._takes = context, takes
        # With the answer: a take that is to be saved may be gone from the queue before it is its turn.
        self._waiting: deque[tuple[int, Answer]] = deque()
        self._id = -1
        self._export = ResultExport(self)
        self._export.finished.connect(self._written)

    def save(self, id: int = -1) -> None:
        """Writes sound, picture and settings of a take.

        Args:
            id: number of its row; without one, the take that is shown.
        """
        id = self._takes.current if id < 0 else id
        answer = self._takes.answer(id)
        if answer is None or self.busy(id):
            return
        if not self.lacking(id):
            sound = _sound(answer)
            self._context.wrote(self.tr("Saved already: {0}").format(sound), sound)
            return
        self._waiting.append((id, answer))
        self._next()
        self._takes.changed.emit(id)

    @property
    def saving(self) -> bool:
        """Takes are being written."""
        return self._id >= 0

    def busy(self, id: int) -> bool:
        """A take is being written, or waits for it."""
        return id == self._id or any(id == each for each, _ in self._waiting)

    def lacking(self, id: int) -> list[str]:
        """Formats in which a take was not written, or is no longer there."""
        answer = self._takes.answer(id)
        there = {Path(file).suffix for file in _there(answer)} if answer is not None else set()
        return [format for format in FORMATS if f".{format}" not in there]

    def to_drag(self, id: int) -> str:
        """The sound of a take in the folder of results, where it outlives the window; it is written where it lacks.

        Args:
            id: number of the take's row.

        Returns:
            Its path; empty where there is none, and the user was told why.
        """
        answer = self._takes.answer(id)
        if answer is None:
            return ""
        if sound := _sound(answer):
            return sound
        if self.busy(id):
            self._context.say(self.tr("This take is being saved: drag it once that is done."))
            return ""
        try:
            [file] = save_result(answer.result, self._context.settings.output_folder, ["wav"], _model(answer))
        except FstMuseError as error:
            self._context.error(self.tr("Drag a take out"), str(error), "")
            return ""
        self._context.runner.note_files(id, (answer.verb, answer.artifact), [str(file)])
        return str(file)

    def _next(self) -> None:
        if self._waiting and not self.saving:
            self._id, answer = self._waiting.popleft()
            # Its sound may have been dragged out since.
            answer = self._takes.answer(self._id) or answer
            self._export.begin(partial(_save, answer, self._context.settings.output_folder))

    def _written(self, files: list[str], reason: str) -> None:
        id, self._id = self._id, -1
        answer = self._takes.answer(id)
        if answer is not None:
            self._context.runner.note_files(id, (answer.verb, answer.artifact), files)
        if files:
            names = ", ".join(Path(file).name for file in files)
            self._context.wrote(self.tr("Saved in {0}: {1}").format(Path(files[0]).parent, names), files[0])
        if reason:
            self._context.error(self.tr("Save a take"), reason, "")
        self._next()


def _there(answer: Answer) -> list[str]:
    """Files of a take that nobody has deleted."""
    return [file for file in answer.files if Path(file).exists()]


def _sound(answer: Answer) -> str:
    """The file of its sound; empty for none."""
    return next((file for file in _there(answer) if file.endswith(".wav")), "")


def _save(answer: Answer, folder: str) -> Iterator[str]:
    """Writes what a take lacks beside the sound that was dragged out, under its name, so that they belong together.

    Without a sound, or where others have these names, sound, picture and settings get a new one.
    """
    result, model, there = answer.result, _model(answer), set(_there(answer))
    sound = _sound(answer)
    beside = {format: Path(sound).with_suffix(suffix_of(format)) for format in FORMATS} if sound else {}
    lacking = {format: file for format, file in beside.items() if str(file) not in there}
    if lacking and not any(file.exists() for file in lacking.values()):
        for format, file in lacking.items():
            yield str(save_as(result, file, format, model))
    else:
        yield from map(str, save_result(result, folder, FORMATS, model))


def _model(answer: Answer) -> str:
    return answer.signature or answer.name
