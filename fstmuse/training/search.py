"""Searches settings by short trainings: which are tried and which given up is Optuna's business.

`search.journal` in the search's folder is Optuna's storage; a search that was stopped goes on behind the last whole
trial. The sampler's seed follows from that of the settings and the trial's number, so that such a search tries what an
undisturbed one would have tried.
"""

from __future__ import annotations

import dataclasses
import shutil
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
import optuna
import tensorflow as tf
from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend
from optuna.trial import FrozenTrial, TrialState

from fstmuse.data.dataset import Examples
from fstmuse.data.wording import counted
from fstmuse.errors import ConfigError, FstMuseError
from fstmuse.networks.catalogue import find
from fstmuse.tasks.search_figure import search_figure
from fstmuse.training.fit import fit
from fstmuse.training.ranges import RANGES
from fstmuse.training.run import RunFolder, best_epoch, judged, write_text
from fstmuse.training.search_plan import Plan
from fstmuse.training.search_space import axes, settings
from fstmuse.training.search_trials import DONE, FAILED, PRUNED, REPEAT, Found, Trial, best_toml, write_trials
from fstmuse.watch import Advance, Watch

RANDOM_TRIALS = 5
"""Before Optuna's sampler follows what was found."""

UNPRUNED_TRIALS, UNPRUNED_SHARE = 3, 1 / 3
"""Trials done before others are compared with them; share of a trial's epochs before it can be given up."""

FIGURES = {"val_loss": "validation loss", "val_fd": "valid FD, dB²"}
"""What is chosen by, for people."""

_STATES = {TrialState.COMPLETE: DONE, TrialState.PRUNED: PRUNED, TrialState.FAIL: FAILED}
_TOLD = {state: there for there, state in _STATES.items()}

_FAILURES = (FstMuseError, tf.errors.OpError, MemoryError, np.linalg.LinAlgError)
"""Divergence, and too little memory of the machine or its GPU: what other settings may spare."""

Report = Callable[[int, float], None]
"""Called after each epoch with its number and figure."""


def search(plan: Plan, train: Examples, valid: Examples, run: RunFolder, count: int, watch: Watch) -> Found:
    """Trains shortly with `count` settings, those of earlier calls included, and with the best ones once more.

    Args:
        plan: how.
        train: what to learn from.
        valid: what to choose by.
        run: the search's folder; search.csv and best.toml are written there after each trial, search.png
            when it ends or is stopped.
        count: trials in all.
        watch: is told of each trial.

    Raises:
        ConfigError: nothing is left to search, or every trial failed.
        KeyboardInterrupt: the user stopped it; the same call goes on.
    """
    return _Search(plan, train, valid, run, watch).go(count)


@dataclass
class _Search:
    plan: Plan
    train: Examples
    valid: Examples
    run: RunFolder
    watch: Watch

    def __post_init__(self) -> None:
        self.axes = axes(self.plan.config, self.plan.fixed)
        self.study = _study(self.run, self.plan)
        entry = find(self.plan.config.network)
        self.figure = "val_fd" if entry.task == "generate" and not entry.in_turn else "val_loss"

    def go(self, count: int) -> Found:
        """As `search`."""
        try:
            return self._all(count)
        finally:
            self._draw(self.found())

    def _all(self, count: int) -> Found:
        while (number := len(_counted(self.study)) + 1) <= count:
            self._try(number, count)
        found = self.found()
        if found.best is None:
            raise ConfigError(
                f"{self.run.path}: none of {count} trials came to an end. The first one: {found.trials[0].reason}."
            )
        if found.repeat is None:
            self._repeat(found.best)
        return self.found()

    def found(self) -> Found:
        """What is known so far."""
        trials = tuple(self._row(number, one) for number, one in enumerate(_counted(self.study), 1))
        # Epochs that the user gave were those of a short training.
        whole = dataclasses.replace(self.plan.config, epochs=self.plan.usual_epochs)
        found = Found(trials, None, self.figure, whole)
        again = self.study.user_attrs.get("repeat")
        if again is None or found.best is None or again["number"] != found.best.number:
            return found  # a better one was found since
        repeat = Trial(state=REPEAT, point=found.best.point, settings=found.best.settings, **again)
        return dataclasses.replace(found, repeat=repeat)

    def _row(self, number: int, one: FrozenTrial) -> Trial:
        chosen = settings(self.axes, one.params, self.plan.config)
        return Trial(number, _STATES[one.state], one.params, chosen, **one.user_attrs["facts"])

    def _try(self, number: int, count: int) -> None:
        trial = self._ask(number)
        chosen = settings(self.axes, trial.params, self.plan.config)

        def report(epoch: int, figure: float) -> None:
            trial.report(figure, epoch)
            if trial.should_prune():
                raise optuna.TrialPruned

        seed = self.plan.config.seed
        state, facts = self._train(f"trial {number} of {count}", f"{number:03d}", chosen, seed, report)
        trial.set_user_attr("facts", facts)
        self.study.tell(trial, facts["figure"] if state == DONE else None, state=_TOLD[state])
        found = self.found()
        self._write(found)
        self.watch.say(f"Trial {number} of {count}, {told(found.trials[-1], self.figure)}.")

    def _ask(self, number: int) -> optuna.Trial:
        """The next trial; the first one has the preset's settings."""
        seed = int(np.random.SeedSequence((self.plan.config.seed, number)).generate_state(1)[0])
        self.study.sampler = optuna.samplers.TPESampler(seed=seed, n_startup_trials=RANDOM_TRIALS)
        if number == 1 and not self.study.get_trials(states=(TrialState.WAITING,)):
            self.study.enqueue_trial({axis.name: axis.start for axis in self.axes})
        trial = self.study.ask()
        for axis in self.axes:
            if axis.how == "choice":
                trial.suggest_categorical(axis.name, axis.values)
            else:
                trial.suggest_float(axis.name, *axis.values, log=axis.how == "log")
        return trial

    def _repeat(self, best: Trial) -> None:
        """Trains with the best settings and another seed: what differs is left to chance."""
        seed, what = (self.plan.config.seed + 1) % RANGES["seed"][1], f"trial {best.number} again, with another seed"
        _, facts = self._train(what, f"{best.number:03d}-again", best.settings, seed, lambda epoch, figure: None)
        self.study.set_user_attr("repeat", {"number": best.number} | facts)
        self._write(self.found())

    def _train(
        self, what: str, name: str, chosen: Mapping[str, Any], seed: int, report: Report
    ) -> tuple[str, dict[str, Any]]:
        """A short training from its beginning: how it ended, and what `Trial` holds of it."""
        run, began, state, reason = RunFolder(self.run.path / "trials" / name), time.monotonic(), DONE, ""
        shutil.rmtree(run.path, ignore_errors=True)
        config = self.plan.trial(chosen, seed)
        run.begin(config, {"labels": list(self.plan.labels)})
        try:
            with self.watch.working(what) as advance:
                fit(config, self.train, self.valid, run, _TrialWatch(advance, report))
        except optuna.TrialPruned:
            state = PRUNED
        except _FAILURES as error:
            state, reason = FAILED, _reason(error)
        finally:
            for folder in (run.checkpoints, run.path / "tensorboard", run.path / "samples", *run.path.glob("tier*")):
                shutil.rmtree(folder, ignore_errors=True)
            keras.utils.clear_session()  # collects garbage, too
        history = run.history()
        best = best_epoch(history)
        measured = {} if best is None else history[best - 1]
        return state, {
            "figure": judged(measured) if measured else None,
            "best_epoch": best,
            "epochs": len(history),
            "seconds": time.monotonic() - began,
            "seed": seed,
            "measures": {k: v for k, v in measured.items() if k.startswith("val_") and k != self.figure},
            "reason": reason,
        }

    def _write(self, found: Found) -> None:
        write_trials(found, self.run.path / "search.csv")
        if found.best is not None:
            write_text(self.run.path / "best.toml", best_toml(found))

    def _draw(self, found: Found) -> None:
        if not found.trials:
            return
        search_figure(
            [(trial.state, trial.figure, trial.point) for trial in found.trials],
            {axis.name: (axis.how, axis.values) for axis in self.axes},
            FIGURES[self.figure],
            self.run.path / "search.png",
            repeat=found.repeat.figure if found.repeat else None,
        )


def told(trial: Trial, figure: str) -> str:
    """A trial in words: its settings, and how it fared."""
    tried = ", ".join(f"{name} {value:g}" for name, value in trial.settings.items())
    took = f"{counted(trial.epochs, 'epoch')}, {trial.seconds:.0f} s"
    if trial.state == FAILED:
        return f"{tried}: failed after {took}: {trial.reason}"
    reached = "none" if trial.figure is None else f"{trial.figure:.4g}"
    return f"{tried}: {figure} {reached} ({took}{', pruned' * (trial.state == PRUNED)})"


class _TrialWatch(Watch):
    """Looks on at one trial, for a bar and for Optuna."""

    def __init__(self, advance: Advance, report: Report) -> None:
        self.advance, self.report = advance, report

    def epoch(self, row: Mapping[str, float], epochs: int, seconds: float, left_s: float) -> None:
        """Compares the trial with others."""
        self.advance(row["epoch"], epochs)
        self.report(int(row["epoch"]), judged(row))


def _study(run: RunFolder, plan: Plan) -> optuna.Study:
    """The study of a folder, without what an interrupt left half done."""
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    run.path.mkdir(parents=True, exist_ok=True)
    pruner = optuna.pruners.MedianPruner(UNPRUNED_TRIALS, n_warmup_steps=round(UNPRUNED_SHARE * plan.epochs))
    storage = JournalStorage(JournalFileBackend(str(run.path / "search.journal")))
    study = optuna.create_study(study_name="search", storage=storage, pruner=pruner, load_if_exists=True)
    for trial in study.get_trials(states=(TrialState.RUNNING,)):
        study.tell(trial.number, state=TrialState.FAIL)
    return study


def _counted(study: optuna.Study) -> list[FrozenTrial]:
    """The trials that came to an end of their own: what was interrupted failed without a reason."""
    ended = [trial for trial in study.trials if trial.state in _STATES and "facts" in trial.user_attrs]
    return [trial for trial in ended if trial.state != TrialState.FAIL or trial.user_attrs["facts"]["reason"]]


def _reason(error: Exception) -> str:
    if isinstance(error, MemoryError | tf.errors.ResourceExhaustedError):
        return "out of memory"
    return str(error).strip().split("\n")[0].split(". ")[0] or type(error).__name__
