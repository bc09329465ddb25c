"""What a training does, in a line for people: the same on its page, in the welcome and in the status bar."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication

from .core.curve import best_row, tier_pieces
from .core.training_messages import Step
from .core.wording import rough_time
from .training import Training

LINEAR = "linear interpolation"
"""As `fstmuse.tasks.gap_metrics` calls it."""

DECAYED = "decayed hold"
"""As `fstmuse.tasks.going_on_metrics` calls it."""

PHASES = (
    QT_TRANSLATE_NOOP("Training", "synthesising the demo set"),
    QT_TRANSLATE_NOOP("Training", "looking for clips"),
    QT_TRANSLATE_NOOP("Training", "reading clips"),
    QT_TRANSLATE_NOOP("Training", "looking at the music"),
    QT_TRANSLATE_NOOP("Training", "loading TensorFlow"),
    QT_TRANSLATE_NOOP("Training", "writing the network"),
    QT_TRANSLATE_NOOP("Training", "evaluating on test clips"),
)
"""What the child says it is doing, besides epochs."""


def epoch_of(step: Step) -> tuple[int, int] | None:
    """Epoch and epochs of a step of an epoch; None for another one."""
    found = re.fullmatch(r"epoch (\d+)/(\d+)", step.what)
    return (int(found[1]), int(found[2])) if found else None


def kept_words(rows: Sequence[Mapping[str, float]]) -> str:
    """Which epochs' weights a training keeps, one of each tier; empty while there is none.

    Args:
        rows: of history.csv.
    """
    translate = QCoreApplication.translate
    tiers = ((tier, kept(best_row(piece))) for tier, piece in tier_pieces(rows))
    return "; ".join(
        translate("Training", "tier {0}: {1}").format(tier, said) if tier else said for tier, said in tiers if said
    )


def kept(best: Mapping[str, float] | None) -> str:
    """Which epoch's weights a training keeps; empty while there is none.

    Args:
        best: of `gui.core.curve.best_row`, of one tier.
    """
    if best is None:
        return ""
    translate = QCoreApplication.translate
    gan = "val_fd" in best
    said = (
        translate("Training", "kept: epoch {0}") if gan else translate("Training", "lowest validation loss: epoch {0}")
    )
    return said.format(int(best["epoch"]))


def doing(training: Training) -> str:
    """What a training that is going on does, and how long it will take.

    Args:
        training: `busy`.
    """
    translate = QCoreApplication.translate
    if training.state == "stopping":
        return translate("Training", "Stopping: what is being done is finished first.")
    if training.step is None:
        return translate("Training", "Starting a process of its own...")
    found = epoch_of(training.step)
    if not found:
        return translate("Training", "Now: {0}").format(translate("Training", training.step.what))
    words = translate("Training", "Epoch {0} of {1}").format(*found)
    return words if training.left_s is None else f"{words}, {_left(training.left_s)}"


def brief(training: Training) -> str:
    """As `doing`, with what is trained, for pages that show something else; empty when nothing is going on."""
    if not training.busy:
        return ""
    words, demo = doing(training), training.train is not None and training.train.data == "demo"
    title = (
        QCoreApplication.translate("Training", "Training the demo")
        if demo
        else QCoreApplication.translate("Training", "Training")
    )
    return QCoreApplication.translate("Training", "{0}: {1}").format(title, words[:1].lower() + words[1:])


def picture_figures(told: Mapping[str, Any]) -> str:
    """What the test of a network that does not classify has shown, beside the best simple way on the same clips.

    Args:
        told: as `as_dict` of `fstmuse.inference.infill_evaluation.InfillEvaluation` gives it, or of
            `fstmuse.inference.continue_evaluation.ContinueEvaluation`, or of
            `fstmuse.inference.vocoder_evaluation.VocoderEvaluation`, or of
            `fstmuse.inference.likelihood_evaluation.LikelihoodEvaluation`, or of
            `fstmuse.inference.tag_evaluation.TagEvaluation`.
    """
    if "roc_auc" in told:
        return _tag_figures(told)
    if "nll" in told:
        return _likelihood_figures(told)
    if "held_notes" in told:
        return _sound_figures(told)
    return _gap_figures(told) if "width" in told else _ahead_figures(told)


def _tag_figures(told: Mapping[str, Any]) -> str:
    words = QCoreApplication.translate(
        "Training",
        "ROC-AUC {0:.3f} (n = {1}, 95 % interval {2:.3f} to {3:.3f}), average precision {4:.3f}, means over tags. "
        "Guessing would score 0.5 and {5:.3f}.",
    )
    low, high = told["roc_auc_interval"]
    return words.format(told["roc_auc"], told["n"], low, high, told["average_precision"], told["chance"])


def _gap_figures(told: Mapping[str, Any]) -> str:
    translate = QCoreApplication.translate
    low, high = told["rmse_interval"]
    words = translate(
        "Training",
        "RMSE in the gap {0:.2f} dB (n = {1}, 95 % interval {2:.2f} to {3:.2f} dB), MAE {4:.2f} dB, LSD {5:.2f} dB; "
        "gaps of {6} frames in test clips.",
    ).format(told["rmse"], told["n"], low, high, told["mae"], told["lsd"], told["width"])
    line = told.get("beside", {}).get(LINEAR)
    if line is None:
        return words
    beside = translate(
        "Training", "Linear interpolation: RMSE {0:.2f} dB, MAE {1:.2f} dB, LSD {2:.2f} dB; less is better."
    ).format(line["rmse"], line["mae"], line["lsd"])
    return f"{words} {beside}"


def _ahead_figures(told: Mapping[str, Any]) -> str:
    translate = QCoreApplication.translate
    low, high = told["rmse_interval"]
    words = translate(
        "Training",
        "RMSE {0:.2f} dB (n = {1}, 95 % interval {2:.2f} to {3:.2f} dB), MAE {4:.2f} dB, LSD {5:.2f} dB; "
        "the last {6} frames of test clips, best guess.",
    ).format(told["rmse"], told["n"], low, high, told["mae"], told["lsd"], told["frames"])
    hold = told.get("beside", {}).get(DECAYED)
    if hold is None:
        return words
    beside = translate(
        "Training", "Decayed hold: RMSE {0:.2f} dB, MAE {1:.2f} dB, LSD {2:.2f} dB; less is better."
    ).format(hold["rmse"], hold["mae"], hold["lsd"])
    return f"{words} {beside}"


def _sound_figures(told: Mapping[str, Any]) -> str:
    translate = QCoreApplication.translate
    low, high = told["lsd_interval"]
    words = translate(
        "Training",
        "LSD {0:.2f} dB (n = {1}, 95 % interval {2:.2f} to {3:.2f} dB); pictures of test clips made into sound again.",
    ).format(told["lsd"], told["n"], low, high)
    return _with_others(words, told, translate("Training", "{0}: LSD {1:.2f} dB; less is better."), "lsd")


def _likelihood_figures(told: Mapping[str, Any]) -> str:
    translate = QCoreApplication.translate
    low, high = told["nll_interval"]
    words = translate(
        "Training",
        "NLL {0:.3f} nats per element of test clips (n = {1}, 95 % interval {2:.3f} to {3:.3f}); less is better.",
    ).format(told["nll"], told["n"], low, high)
    return _with_others(words, told, translate("Training", "{0}: {1:.3f}."), "nll")


def _with_others(words: str, told: Mapping[str, Any], pattern: str, figure: str) -> str:
    """Words, and behind them what was measured of the simple ways beside."""
    beside = told.get("beside", {}).items()
    return " ".join([words, *(pattern.format(name[:1].upper() + name[1:], row[figure]) for name, row in beside)])


def _left(seconds: float) -> str:
    unit, number = rough_time(seconds)
    if unit == "s":
        return QCoreApplication.translate("Training", "about {0} s left").format(number)
    if unit == "min":
        return QCoreApplication.translate("Training", "about {0} min left").format(number)
    # An hour and a half is rounded to two, and less is told in minutes.
    return QCoreApplication.translate("Training", "about %n hours left", "", number)
