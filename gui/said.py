"""What models say of a clip, in the few words that the queue has room for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from .core.answer import Answer
from .core.jobs import Job
from .result_words import result_words

if TYPE_CHECKING:
    from fstmuse.artifacts.shelf import Model

Key = tuple[str, str]
"""Of an answer or a failure: verb and artifact."""


def outdated(answer: Answer, model: Model) -> bool:
    """The model was trained again since: the network that answered is another one."""
    return bool(answer.signature and model.card and answer.signature != model.card.signature)


@dataclass(frozen=True)
class Said:
    """Which answers are told, and how.

    Args:
        verb: what the ticked models are asked; empty where nobody says which are ticked.
        models: that are ticked. With none, what was asked last is told.
        shelf: all models that there are.
    """

    verb: str = ""
    models: Sequence[Model] = ()
    shelf: Sequence[Model] = ()

    def words(self, job: Job) -> str:
        """Answers of the ticked models and why there are none, in a line.

        A clip that others alone have answered is said to be not asked, unless these are gone: then nobody can tick
        them, and what they said is told.
        """
        if not self.models or not job.path:  # what has no clip was made by one model, whoever is ticked: tips name it
            last = [(job.verb, artifact) for artifact in job.artifacts if (job.verb, artifact) in job.answers]
            told = self._told(job, last or list(job.answers), named=bool(self.verb and job.path))
            return " · ".join([*told, *(first_line(job, line) for line in job.reason.splitlines()[:1])])
        wanted = [(self.verb, model.path) for model in self.models]
        known = [key for key in wanted if key in job.answers or key in job.failures]
        if known:
            several = len(wanted) > 1
            return " · ".join([*self._told(job, known, named=several), *self._failed(job, known, named=several)])
        gone = [key for key in job.answers if key[0] == self.verb and key[1] not in self._there]
        if gone:
            return " · ".join(self._told(job, gone, named=True))
        return QCoreApplication.translate("Said", "Not asked yet") if job.answers and not job.pending else ""

    def tip(self, job: Job) -> str:
        """All answers with their models, a line each, and why there are no others."""
        return "\n".join([*self._told(job, job.answers, named=True), *([job.reason] if job.reason else [])])

    @cached_property
    def _there(self) -> dict[str, Model]:
        return {model.path: model for model in self.shelf}

    def _told(self, job: Job, keys: Iterable[Key], *, named: bool) -> list[str]:
        """Answers for which there are words; several are told with their models."""
        answers = [job.answers[key] for key in keys if key in job.answers]
        named = named or len(answers) > 1
        said = ((answer, result_words(answer.result)) for answer in answers)
        return [
            f"{f'{answer.name}: ' if named else ''}{words}{self._remark(answer)}" for answer, words in said if words
        ]

    def _remark(self, answer: Answer) -> str:
        """What an answer is worth less for."""
        model = self._there.get(answer.artifact)
        remarks = [QCoreApplication.translate("Said", "part")] if "start_s" in answer.options else []
        if self.verb and model is None:
            remarks.append(QCoreApplication.translate("Said", "model no longer installed"))
        elif model is not None and outdated(answer, model):
            remarks.append(QCoreApplication.translate("Said", "earlier version"))
        return f" ({', '.join(remarks)})" if remarks else ""

    @staticmethod
    def _failed(job: Job, keys: Iterable[Key], *, named: bool) -> list[str]:
        """First lines of failures; one that is the clip's own is told once."""
        lines = {}
        for key in keys:
            if reason := job.failures.get(key):
                own = named and not (job.path and job.path in reason)
                lines[f"{Path(key[1]).name}: {first_line(job, reason)}" if own else first_line(job, reason)] = None
        return list(lines)


def first_line(job: Job, reason: str) -> str:
    """The first line of a reason, without paths that would show nothing else: the clip stands in the row.

    Args:
        job: the row.
        reason: why there is no answer.
    """
    line = reason.partition("\n")[0].removeprefix(f"{job.path}: ")
    prime = job.options.get("prime")
    return line.replace(prime, Path(prime).name) if prime else line
