"""What `train --search` does: a search on a part of the data, and what may be said of its result."""

from __future__ import annotations

import importlib.util
import shlex
from typing import TYPE_CHECKING, Any

from fstmuse.data.wording import counted
from fstmuse.datasets_view import new_table, show
from fstmuse.errors import ConfigError
from fstmuse.lesson import Lesson, part_of, prepare_cache, read_lesson
from fstmuse.run_choice import Choice, alone, choose
from fstmuse.training.config import TrainConfig, resolve, to_toml
from fstmuse.training.run import write_text
from fstmuse.training.search_plan import Plan, trial_epochs
from fstmuse.training.search_space import axes
from fstmuse.watch import ConsoleWatch, Watch

if TYPE_CHECKING:
    from rich.console import Console

    from fstmuse.training.search_trials import Found

SUFFIX = "-search"


def search(
    config: TrainConfig,
    fixed: frozenset[str],
    count: int,
    name: str | None,
    *,
    resume: bool,
    fresh: bool,
    console: Console,
    python: str,
) -> None:
    """Searches settings and tells what was found.

    Args:
        config: the settings to search around.
        fixed: names of those that the user gave.
        count: trials in all.
        name: of the run that is searched for; `choose` says what None means.
        resume: there must be a search of these settings.
        fresh: throw away the one that is found, if any.
        console: told.
        python: how the interpreter is typed.

    Raises:
        FstMuseError: Optuna is missing, or settings, data or disk do not allow it.
        KeyboardInterrupt: stopped by the user; the same command goes on.
    """
    if importlib.util.find_spec("optuna") is None:
        raise ConfigError("--search needs Optuna, which is not installed. Run: pip install 'fstmuse[search]'")
    axes(config, fixed)  # before TensorFlow is loaded
    watch = ConsoleWatch(console)
    lesson = read_lesson(config, watch)
    choice = choose(config, lesson, name, resume=resume, fresh=fresh, suffix=SUFFIX)
    plan, part = _plan(config, fixed, lesson)
    _require_same(choice, _identity(plan))
    from fstmuse.quiet import load_tensorflow

    load_tensorflow()
    try:
        with alone(choice.run):
            found = _search(plan, lesson, part, choice, count, watch)
    except KeyboardInterrupt:
        console.print(
            f"Stopped. The same command (without --fresh) goes on after the last whole trial; {choice.run.path} has "
            "those before."
        )
        raise
    _table(found)
    for line in findings(found, plan):
        console.print(line)
    file = shlex.quote(str(choice.run.path / "best.toml"))
    console.print(f"All trials: {choice.run.path / 'search.csv'}, drawn in {choice.run.path / 'search.png'}.")
    console.print(f"Next: {python} -m fstmuse.train {config.network} --config {file}")


def _plan(config: TrainConfig, fixed: frozenset[str], lesson: Lesson) -> tuple[Plan, Lesson]:
    """How trials are trained, and on what."""
    # The largest batch that is tried should not be one clip again and again.
    batch = max((max(axis.values) for axis in axes(config, fixed) if axis.setting == "batch_size"), default=1)
    part = part_of(lesson, -(-int(max(batch, config.batch_size)) // config.crops_per_clip), config.seed)
    usual = resolve(config.network, {}).epochs if "epochs" in fixed else config.epochs
    epochs = config.epochs if "epochs" in fixed else trial_epochs(usual)
    clips, usual_clips = (len(one.manifest.split("train").clips) for one in (part, lesson))
    return Plan(config, fixed, epochs, max(usual, epochs), clips, usual_clips, lesson.labels), part


def _identity(plan: Plan) -> dict[str, Any]:
    """What two searches must have in common for one to go on with the other's trials."""
    short = plan.trial({}, plan.config.seed)
    searched = {axis.name: [axis.how, *axis.values] for axis in axes(plan.config, plan.fixed)}
    return {"axes": searched, "clips": plan.clips} | {
        key: getattr(short, key) for key in ("epochs", "ema", "jit_compile")
    }


def _require_same(choice: Choice, identity: dict[str, Any]) -> None:
    if choice.run.exists() and choice.run.facts().get("search") != identity:
        raise ConfigError(
            f"{choice.run.path} holds a search that kept other settings fixed, or of another version. Give this one "
            "another --name, or throw that one away by --fresh."
        )


def _search(plan: Plan, lesson: Lesson, part: Lesson, choice: Choice, count: int, watch: Watch) -> Found:
    from fstmuse import workflow
    from fstmuse.networks.catalogue import find
    from fstmuse.training.fit import require_disk
    from fstmuse.training.run import versions
    from fstmuse.training.search import search

    config, run = plan.config, choice.run
    require_disk(config, len(lesson.labels), run.path)
    write_text(run.config_file, to_toml(config))
    facts = {"clips_hash": lesson.manifest.hash, "labels": list(lesson.labels), "name": choice.name}
    run.set_status("searching", facts | {"search": _identity(plan), "versions": versions()})
    cache = prepare_cache(config, part, watch)
    workflow.report_bad(cache, part, run, watch)
    train, valid = workflow.read_examples(config, find(config.network), part, cache, run, watch)
    names = ", ".join(axis.name for axis in axes(config, plan.fixed))
    epochs = counted(plan.epochs, "epoch")
    watch.say(
        f"Searching {names} of {config.network} on {lesson.manifest.name}: {count} trials of {epochs} on {plan.clips} "
        f"of {plan.usual_clips} training clips; {len(valid.positions)} clips to choose by."
    )
    found = search(plan, train, valid, run, count, watch)
    run.set_status("searched")
    return found


def _table(found: Found) -> None:
    """Prints the trials, the best ones first."""
    settings = list(found.trials[0].settings)
    heads = [("trial", "right"), *((name, "right") for name in settings), (found.figure, "right")]
    table = new_table(*heads, ("epochs", "right"), ("seconds", "right"), ("state", "left"))
    rows = sorted(found.trials, key=lambda one: (one.state != "done", one.figure is None, one.figure or 0.0))
    for trial in [*rows, *([found.repeat] if found.repeat else [])]:
        figure = "" if trial.figure is None else f"{trial.figure:.4g}"
        state = f"{trial.state}: {trial.reason}" if trial.reason else trial.state
        values = (f"{trial.settings[name]:g}" for name in settings)
        table.add_row(str(trial.number), *values, figure, str(trial.epochs), f"{trial.seconds:.0f}", state)
    show(table)


def findings(found: Found, plan: Plan) -> list[str]:
    """What a search may say, and what it may not: sentences for people.

    Args:
        found: of a search that is complete.
        plan: how it was made.
    """
    best, repeat, name = found.best, found.repeat, found.figure
    chosen = ", ".join(f"{key} {value:g}" for key, value in best.settings.items())
    preset = found.trials[0]
    beside = ""
    if best.number == 1:
        beside = "; they are the preset's own"
    elif preset.figure is not None and preset.state == "done":
        beside = f"; the preset's (trial 1): {preset.figure:.4g}"
    lines = [f"Best: trial {best.number}, {name} {best.figure:.4g} with {chosen}{beside}."]
    if repeat.figure is None:
        lines.append(f"The same settings with another seed failed: {repeat.reason}. Do not rely on them.")
    else:
        told = f"The same settings with another seed ({repeat.seed}) reach {repeat.figure:.4g}: chance alone made a "
        told += f"difference of {abs(repeat.figure - best.figure):.2g} here."
        lines.append(f"{told} {_doubt(found)}")
    epochs, usual = counted(plan.epochs, "epoch"), counted(plan.usual_epochs, "epoch")
    lines.append(
        f"The choice is by validation of {epochs} on {plan.clips} of {plan.usual_clips} training clips; a training "
        f"takes {usual} of all. Short trainings favour high rates and small batches, and the least of many "
        "figures flatters."
    )
    return lines


def _doubt(found: Found) -> str:
    """Whether the best can be told from the others."""
    best, repeat, preset = found.best, found.repeat, found.trials[0]
    near = [trial.number for trial in found.near]
    if best.number != 1 and preset.state == "done" and repeat.figure >= preset.figure:
        return "That is no better than the preset's: nothing better than the preset was found."
    if not near:
        return "All other trials are farther off than that; one repeat says no more."
    which = f"trial {near[0]}" if len(near) == 1 else f"trials {', '.join(map(str, near[:-1]))} and {near[-1]}"
    return f"No farther off {'is' if len(near) == 1 else 'are'} {which}: they cannot be told apart from the best."
