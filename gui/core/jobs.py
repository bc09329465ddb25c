"""The rows of the queue: what is asked of each clip, how far it is, what came of it. Free of Qt."""

from __future__ import annotations

import enum
import itertools
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .answer import Answer
from .messages import Saving
from .paths import stamp_of

# Before this, speed is a guess that would jump about.
_SURE_FRACTION, _SURE_S = 0.02, 0.5


class State(enum.Enum):
    """Where a row stands."""

    IDLE = "idle"
    """Nothing is asked: no model to ask, or it was not to be asked yet."""
    WAITING = "waiting"
    """Others come first."""
    LOADING = "loading"
    """It is this row's turn, but TensorFlow or the model is still being loaded."""
    RUNNING = "running"
    CANCELLING = "cancelling"
    """It was cancelled, and the child has yet to let go of it."""
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


MOVES: dict[State, frozenset[State]] = {
    State.IDLE: frozenset({State.WAITING}),
    State.WAITING: frozenset({State.IDLE, State.LOADING, State.CANCELLED}),
    # Back to waiting when the child cannot be started any more.
    State.LOADING: frozenset({State.RUNNING, State.WAITING, State.FAILED, State.CANCELLED}),
    # To loading with the next model of several.
    State.RUNNING: frozenset({State.LOADING, State.CANCELLING, State.DONE, State.FAILED}),
    # To done when the last answer was already on its way.
    State.CANCELLING: frozenset({State.CANCELLED, State.DONE}),
    State.DONE: frozenset({State.WAITING}),
    State.FAILED: frozenset({State.WAITING}),
    State.CANCELLED: frozenset({State.WAITING}),
}
"""From each state, the states that may follow."""

ACTIVE = frozenset({State.LOADING, State.RUNNING, State.CANCELLING})
"""It is the row's turn; at most one row is in one of these."""

ENDED = frozenset({State.DONE, State.FAILED, State.CANCELLED})
"""Nothing more will come, unless it is asked again."""


@dataclass(eq=False)
class Job:
    """A row of the queue.

    Args:
        id: number of the row, never used again.
        path: of the clip; empty in a row for something new.
        verb: what is asked, as in `messages.Run`.
        artifacts: whom; asked one after the other.
        options: how; `sound` among them is a file that takes the clip's place, such as one that was made of it.
        save: None leaves nothing on the disk.
        state: where it stands.
        fraction: 0 to 1 of all that is asked.
        text: what is going on now, for people.
        reason: of the failures of what was asked last, for people.
        details: of these, to copy into a report.
        answers: what has come, by (verb, artifact); each stays until another one takes its place.
        failures: why there was none when it was asked last, by (verb, artifact), for people.
        pending: artifacts of `artifacts` that are still to answer, in order.
        owed: those that were asked and have not answered, also when they are not asked any more.
        asked: how many they were when the row was put into the queue.
        began: when its turn began, in s of a monotonic clock; None before.
        title: what a row without a clip is called, for people.
    """

    id: int
    path: str
    verb: str
    artifacts: tuple[str, ...]
    options: dict[str, Any]
    save: Saving | None
    state: State = State.IDLE
    fraction: float = 0.0
    text: str = ""
    reason: str = ""
    details: str = ""
    answers: dict[tuple[str, str], Answer] = field(default_factory=dict)
    failures: dict[tuple[str, str], str] = field(default_factory=dict)
    pending: list[str] = field(default_factory=list)
    owed: set[str] = field(default_factory=set)
    asked: int = 0
    began: float | None = None
    title: str = ""

    @property
    def name(self) -> str:
        """The clip's file name, or the title of a row that has none."""
        return Path(self.path).name if self.path else self.title

    @property
    def sound(self) -> str:
        """Path of what is seen and heard of the row: its clip, else the draft of what was made; empty for none."""
        return self.path or next((answer.draft for answer in self.answers.values() if answer.draft), "")

    @property
    def files(self) -> list[str]:
        """All files that were written for this clip."""
        return [file for answer in self.answers.values() for file in answer.files]

    @property
    def question(self) -> tuple[str, dict[str, Any]]:
        """Path of the sound that is asked about, empty for none, and how."""
        options = dict(self.options)
        return options.pop("sound", self.path), options

    def move_to(self, state: State) -> None:
        """Changes the state.

        Raises:
            ValueError: `MOVES` does not allow it.
        """
        if state not in MOVES[self.state]:
            allowed = ", ".join(sorted(other.name for other in MOVES[self.state]))
            raise ValueError(f"job {self.id} is {self.state.name} and cannot become {state.name}; allowed: {allowed}")
        self.state = state

    def ask(self, artifacts: Iterable[str]) -> None:
        """Puts the row into the queue, to be answered afresh by some of `artifacts`.

        What they said before stays until they have answered: they may be cancelled, or fail. Of a clip that is
        another one now, nothing stays.

        Raises:
            ValueError: it is the row's turn right now.
        """
        if self.state is not State.WAITING:
            self.move_to(State.WAITING)
        self.pending = [artifact for artifact in self.artifacts if artifact in set(artifacts)]
        self.asked, self.owed = len(self.pending), set(self.pending)
        for artifact in self.pending:
            self.failures.pop((self.verb, artifact), None)
        if any(answer.stamp for answer in self.answers.values()) and (now := stamp_of(self.path)):
            self.answers = {key: said for key, said in self.answers.items() if said.stamp in (None, now)}
        self.fraction, self.text, self.reason, self.details, self.began = 0.0, "", "", "", None

    def reach(self, fraction: float) -> None:
        """Notes how far the first of `pending` is, 0 to 1; the row's own fraction never falls."""
        self.fraction = max(self.fraction, (self.asked - len(self.pending) + fraction) / self.asked)

    def take(self, answer: Answer) -> None:
        """Keeps an answer, in place of what the same artifact said before."""
        self.answers[answer.verb, answer.artifact] = answer
        if answer.verb == self.verb:
            self.owed.discard(answer.artifact)

    def lacks(self, verb: str, artifact: str) -> bool:
        """An artifact has not answered, or not what it was asked last."""
        return (verb, artifact) not in self.answers or (verb == self.verb and artifact in self.owed)

    def missing(self) -> list[str]:
        """Artifacts that have not answered what is asked."""
        return [artifact for artifact in self.artifacts if self.lacks(self.verb, artifact)]

    def note_failure(self, artifact: str, reason: str, details: str) -> None:
        """Adds why an artifact did not answer; its name tells it from others where there are several."""
        self.failures[self.verb, artifact] = reason
        if reason not in self.reason:
            several = len(self.artifacts) > 1 and not (self.path and self.path in reason)
            line = f"{Path(artifact).name}: {reason}" if several else reason
            self.reason = f"{self.reason}\n{line}".strip()
        self.details = f"{self.details}\n\n{details}".strip()

    def time_left_s(self, now: float) -> float | None:
        """How long it will still take, in s; None while that is not known.

        Args:
            now: in s of the same clock as `began`.
        """
        if self.began is None or self.state not in ACTIVE:
            return None
        gone = now - self.began
        if self.fraction < _SURE_FRACTION or gone < _SURE_S:
            return None
        return gone * (1.0 - self.fraction) / self.fraction


class Jobs:
    """Rows in order."""

    def __init__(self) -> None:
        self._rows: list[Job] = []
        self._by_id: dict[int, Job] = {}
        self._places: dict[int, int] | None = {}
        self._numbers = itertools.count(1)

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Iterator[Job]:
        return iter(self._rows)

    def __contains__(self, id: int) -> bool:
        return id in self._by_id

    def get(self, id: int) -> Job | None:
        """The row of a number; None when it was removed."""
        return self._by_id.get(id)

    def at(self, place: int) -> Job:
        """The row at a place, 0 is the first.

        Raises:
            IndexError: there are fewer.
        """
        return self._rows[place]

    def index(self, id: int) -> int:
        """The place of a row.

        Raises:
            KeyError: it was removed.
        """
        if self._places is None:
            self._places = {job.id: place for place, job in enumerate(self._rows)}
        return self._places[id]

    def add(self, path: str, verb: str, artifacts: Iterable[str], options: dict[str, Any], save: Saving | None) -> Job:
        """Appends a row that nothing is asked of yet."""
        job = Job(next(self._numbers), path, verb, tuple(dict.fromkeys(artifacts)), dict(options), save)
        if self._places is not None:
            self._places[job.id] = len(self._rows)
        self._rows.append(job)
        self._by_id[job.id] = job
        return job

    def remove(self, ids: Iterable[int]) -> list[Job]:
        """Takes rows out.

        Returns:
            Those that were there.
        """
        gone = [job for job in (self._by_id.pop(id, None) for id in ids) if job is not None]
        if gone:
            self._rows = [job for job in self._rows if job.id in self._by_id]
            self._places = None
        return gone

    def move(self, ids: Collection[int], offset: int) -> bool:
        """Moves rows up or down together, each past its neighbour; rows at the end stay there.

        Args:
            ids: which.
            offset: places; below 0 is up.

        Returns:
            Whether anything has moved.
        """
        before, chosen = list(self._rows), set(ids)
        rows = self._rows if offset < 0 else self._rows[::-1]
        for _ in range(abs(offset)):
            for place in range(1, len(rows)):
                if rows[place].id in chosen and rows[place - 1].id not in chosen:
                    rows[place - 1], rows[place] = rows[place], rows[place - 1]
        self._rows = rows if offset < 0 else rows[::-1]
        self._places = None
        return self._rows != before

    def next_waiting(self) -> Job | None:
        """The first row that waits."""
        return next((job for job in self._rows if job.state is State.WAITING), None)
