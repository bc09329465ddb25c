"""What figures of music from noise say, in words. Free of TensorFlow."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fstmuse.artifacts.card import Card

_MANY, _FEW = 3, 0.05
"""So many times as many copies as usual, and a greater share than that, are no good sign, even where there are too few
unseen clips to prove it."""

GOAL = 0.25
"""Of the way from real music to shuffled bands: what lies farther is not good, what lies nearer may be no music yet."""

PROTOCOL = (
    "Windows of as many frames as the network learnt by (128 at most, where it draws any number), of the measured "
    "split, are compared with four kinds of as "
    "many windows, of each label as many: drawn (by seeds 0, 1, 2, ...), real (of the training clips), bands shuffled "
    "(those with their bands in another order, one for all) and noise (independent normal values with their mean and "
    "deviation by band). frechet: squared Fréchet distance to the windows of the measured split of the normal "
    "distributions with the points' mean and covariance; log-mel statistics are of 16 groups of bands the mean level, "
    "the standard deviation along time, the mean change within 1 and 8 frames, and the mean difference between "
    "neighbouring bands, in dB; features are what the classifier's last layer is given when it hears the windows' "
    "sound by fast Griffin-Lim, that of real pictures likewise. They are not 0 between sets of one kind, and larger "
    "for few windows: compare like n alone. share_of_way: 0 where real is, 1 where shuffled bands are. different_bins "
    "(Richardson and Weiss, 2018, arXiv:1805.12462): k-means of thumbnails (32 by 16 means) of training windows; bins "
    "whose share of windows differs from that of the training windows by a z-test of two proportions at 5 %, which "
    "takes windows for independent: those of one clip are not, so that real ones differ in more than 5 % of the bins; "
    "real ones are those of the measured split here and below. nearest: median root mean squared difference in dB of "
    "thumbnails with their mean taken away, to the nearest of all training windows a few frames apart; relative, by "
    "that to the nearest window of another piece (group of the manifest; clip, where there are not several). copies: "
    "share of windows whose relative distance is not above the line, which 1 % of unseen real windows are below; "
    "chance that as many count if drawn ones were such (Fisher's exact test, one-sided, of drawn windows and unseen "
    "clips); found below 1 %. diversity: root mean squared difference in dB of two windows, mean over all pairs. "
    "recognised: share of sounds that the classifier takes for the label they were drawn with or have; intervals are "
    "Wilson's, 95 %, and too narrow for real sounds of which several are of one clip."
)
"""How the figures come about."""


def verdicts(told: Mapping[str, Any], card: Card, classifier: Card | None) -> list[str]:
    """What the figures say.

    Args:
        told: of `fstmuse.inference.generate_evaluation.GenerateEvaluation`.
        card: of what draws.
        classifier: that heard it; None where there was none.
    """
    said = [_likelihood(told["likelihood"])] if told["likelihood"] else []
    said += [_way(one, told) for one in told["frechet"]]
    if any(_near(one) for one in told["frechet"]):
        said.append("That is of levels, spectra and changes: whether what is drawn is music, only ears can tell.")
    said.append(_copies(told))
    learnt, measured = card.data.get("manifest_hash"), told["manifest_hash"]
    if learnt and learnt != measured:
        said.append(
            f"{card.name} was trained on {card.data.get('name') or 'other music'}, in another state or choice of "
            f"clips than this {told['data']}: what it learnt by heart of other clips is not found here."
        )
    if told["split"] == "valid" and learnt == measured:
        said.append("The best epoch was chosen by the split valid: measure on test, too.")
    if classifier is None:
        said.append(
            "Give a network that classifies by --classifier NAME to compare what it hears, and to count drawn sounds "
            "that it takes for their label."
        )
    elif told["recognised"]:
        said.append(_recognised(told["recognised"], card, classifier))
    elif card.labels:
        unknown = sorted(set(card.labels) - set(classifier.labels))
        said.append(
            f"{classifier.name} does not know {', '.join(unknown)}: its features alone are compared, and no labels."
        )
    return said


def _likelihood(told: Mapping[str, Any]) -> str:
    low, high = told["nll_interval"]
    beside = ", ".join(f"{name} {reached['nll']:.3f}" for name, reached in told["beside"].items())
    tiers = ", ".join(f"{tier['nll']:.3f}" for tier in told["tiers"])
    return (
        f"NLL of unseen music {told['nll']:.3f} nats per element (95 % interval {low:.3f} to {high:.3f}; {beside}); "
        f"tier by tier {tiers}."
    )


def _near(one: Mapping[str, Any]) -> bool:
    return one["share_of_way"] is not None and one["share_of_way"] < GOAL


def _way(one: Mapping[str, Any], told: Mapping[str, Any]) -> str:
    by = f"By {one['embedding']} ({one['dimensions']} numbers; {one['n']} windows of {one['seconds']:.2f} s each)"
    if one["share_of_way"] is None:
        return f"{by} shuffled bands are as near to {told['data']}, split {told['split']}, as real music: nothing said."
    side = "nearer than" if _near(one) else "not nearer than"
    way = max(one["share_of_way"], 0.0)
    return (
        f"{by} drawn music lies {way:.0%} of the way from real music to shuffled bands, {side} the goal of {GOAL:.0%}."
    )


def _copies(told: Mapping[str, Any]) -> str:
    found = told["copies"]
    if told["training_pieces"] == 1:
        return "Whether it was learnt by heart cannot be told: all training music is one piece."
    share = (
        f"{found['drawn']:.1%} of the drawn windows are as much nearer to one training piece than to all others as "
        f"{found['real']:.1%} of unseen real ones are (relative distance {found['line']:.2f} or less)"
    )
    if found["found"]:
        return f"Learnt by heart: {share}; windows.csv says which."
    if found["drawn"] > max(_MANY * found["real"], _FEW):
        return f"Memorisation cannot be ruled out: {share}; of so few unseen clips that may be chance. Measure on more."
    return f"No sign of memorisation: {share}."


def _recognised(told: Mapping[str, Any], card: Card, classifier: Card) -> str:
    drawn, real = told["drawn"], told["real"]
    low, high = drawn["interval"]
    return (
        f"{classifier.name} takes {drawn['share']:.0%} of {told['n']} drawn sounds for their label (95 % interval "
        f"{low:.0%} to {high:.0%}), and {real['share']:.0%} of real ones; by chance, {1 / len(classifier.labels):.0%}."
    )
