"""What pages say of one model and the row that is shown: why there is no answer of it, or only an old one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QKeySequence

from .core.answer import Answer
from .core.jobs import ACTIVE, Job, State
from .said import outdated

if TYPE_CHECKING:
    from fstmuse.artifacts.shelf import Model

    from .context import Context


translate = QCoreApplication.translate


@dataclass(frozen=True)
class JobWords:
    """Words about a row, for one page.

    Args:
        context: knows the key of Run.
        verb: of the page.
        doing: what a model is said to do that answers, such as "Listening"; translated.
    """

    context: Context
    verb: str
    doing: str

    def why_none(self, job: Job | None, model: Model) -> str:
        """Why there is no answer of a model, in words."""
        if job is None:
            return ""
        if not job.path:
            return translate("JobWords", "This is a take. Save it and add its WAV file to ask about it.")
        if words := self.going_on(job, model) or self._failure(job, model):
            return words
        if self._cancelled(job, model):
            return translate("JobWords", "Cancelled. Press {0} to ask again.").format(self.keys)
        return translate("JobWords", "Not asked yet. Press {0} to ask.").format(self.keys)

    def why_old(self, job: Job, answer: Answer, model: Model) -> str:
        """Why an answer stands there although it is not the last word, in words; empty for one that is."""
        if going_on := self.going_on(job, model):
            return translate("JobWords", "Asked again. {0}").format(going_on)
        if self._cancelled(job, model):
            return translate("JobWords", "Asked again, but cancelled: this is the answer from before.")
        if failure := self._failure(job, model):
            return translate("JobWords", "Asked again, this is the answer from before. {0}").format(failure)
        if outdated(answer, model):
            return translate("JobWords", "By an earlier version of this model. Press {0} to ask again.").format(
                self.keys
            )
        return ""

    def going_on(self, job: Job, model: Model) -> str:
        """What goes on until a model answers, in words; empty when it is not asked."""
        if job.verb != self.verb or model.path not in job.pending:
            return ""
        if job.state is State.WAITING or (job.state in ACTIVE and model.path in job.pending[1:]):
            return translate("JobWords", "Waiting for its turn.")
        percent = translate("JobWords", "{0} %").format(int(100 * job.fraction))
        return {
            State.LOADING: job.text or translate("JobWords", "Loading the model."),
            State.RUNNING: f"{job.text or self.doing}: {percent}",
            State.CANCELLING: translate("JobWords", "Cancelling."),
        }.get(job.state, "")

    @property
    def keys(self) -> str:
        """The key of Run, as people read it."""
        return self.context.actions["run"].shortcut().toString(QKeySequence.SequenceFormat.NativeText)

    def _cancelled(self, job: Job, model: Model) -> bool:
        return job.verb == self.verb and job.state is State.CANCELLED and model.path in job.owed

    def _failure(self, job: Job, model: Model) -> str:
        reason = job.failures.get((self.verb, model.path), "")
        return translate("JobWords", "Failed. {0}").format(reason) if reason else ""
