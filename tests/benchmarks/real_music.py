"""Three genres of real music from 42 clips: our networks against an RBF SVM on MFCC statistics.

    python tests/benchmarks/real_music.py [NETWORK ...] [--data FOLDER] [--json FILE]

The clips of FMA-small that lie under the folder, Folk / Rock / Hip-Hop, five stratified folds by clip. The
networks learn by `fstmuse.training.fit` with docs/small-data.toml; of each fold's training clips one in five
is set aside to choose the epoch by, so that they learn from fewer clips than the SVM does. A clip's
prediction is the mean over its windows, as in `fstmuse.predict`. The settings were chosen on the clips of
the other three genres, which no fold contains:

    python tests/benchmarks/real_music.py --labels Experimental,International,Pop --folds 4 --set KEY=VALUE
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import tempfile
import time
from pathlib import Path

import numpy as np
import real_music_svm
from sklearn.metrics import balanced_accuracy_score
from sklearn.model_selection import StratifiedKFold, train_test_split

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

from fstmuse.audio.windows import window_starts
from fstmuse.data.cache import Cache, prepare
from fstmuse.data.clip import Clip
from fstmuse.data.manifest import Manifest
from fstmuse.data.registry import resolve
from fstmuse.features.mel import LogMel
from fstmuse.networks.catalogue import find
from fstmuse.quiet import load_tensorflow
from fstmuse.training.config import TrainConfig, parse_setting
from fstmuse.training.config import resolve as resolve_config
from fstmuse.watch import Watch

HERE = Path(__file__).resolve().parent
SETTINGS = HERE.parents[1] / "docs" / "small-data.toml"
NETWORKS = ("toymodel-pooled", "shortchunk")
LABELS = "Folk,Hip-Hop,Rock"
CLIP_SECONDS = 30.0
OWN: dict[str, dict] = {"shortchunk": {"epochs": 10, "crops_per_clip": 3, "mixed_precision": True}}
"""Settings of one network alone: shortchunk's windows cost ten times as much, and two cores have 15 minutes."""
RESAMPLES = 5000


def train_fold(
    config: TrainConfig, cache: Cache, clips: list[Clip], labels: list[str], parts: list[np.ndarray]
) -> tuple[np.ndarray, list[dict]]:
    """Probabilities float32 (test clips, labels) of a network trained from nothing, and its history.

    Args:
        config: the settings.
        cache: pictures of all clips.
        clips: all of them.
        labels: in the order of the outputs.
        parts: positions to learn from, to choose the epoch by, and to predict.
    """
    import keras

    from fstmuse.tasks import classify
    from fstmuse.training.fit import fit
    from fstmuse.training.run import RunFolder

    entry = find(config.network)
    train, valid, test = (classify.examples(cache, [clips[i] for i in part], labels, entry) for part in parts)
    with tempfile.TemporaryDirectory() as folder:
        run = RunFolder(Path(folder) / "run")
        run.begin(config, {})
        model = fit(config, train, valid, run, Watch())
        history = run.history()
    outputs = []
    for clip, length in enumerate(test.lengths):
        starts = window_starts(int(length), test.window, test.window)
        pictures = np.stack([test.crop(clip, start) for start in starts]).astype(np.float32)
        outputs.append(model.predict_on_batch(pictures).mean(axis=0))
    keras.backend.clear_session()
    return np.array(outputs), history


def run_network(network: str, settings: dict, task: Task, scratch: Path) -> dict:
    """A network's predictions over all folds."""
    load_tensorflow()
    config = resolve_config(network, OWN.get(network, {}) | settings, SETTINGS)
    entry = find(network)
    spec = dataclasses.replace(entry.audio, seconds=CLIP_SECONDS)
    manifest = Manifest("real-music", tuple(task.clips))
    cache = prepare(manifest, task.root, spec, kind="log-mel", mel=LogMel(entry.mel), cache_dir=scratch)
    predicted, probabilities, folds = np.full(len(task.truth), -1), [], []
    for number, (learn, test) in enumerate(task.folds, start=1):
        began = time.perf_counter()
        train, valid = train_test_split(learn, test_size=0.2, stratify=task.truth[learn], random_state=0)
        outputs, history = train_fold(config, cache, task.clips, task.labels, [train, valid, test])
        predicted[test] = outputs.argmax(axis=1)
        probabilities += zip(test.tolist(), outputs.tolist(), strict=True)
        best = min(history, key=lambda row: row["val_loss"])
        folds.append(
            {"seconds": time.perf_counter() - began, "best epoch": best["epoch"], "valid loss": best["val_loss"]}
        )
        score = balanced(task.truth[test], predicted[test])
        print(
            f"  {network}, fold {number} of {len(task.folds)}: balanced accuracy {score:.3f}, learnt from "
            f"{len(train)} clips, epoch {best['epoch']:.0f} of {config.epochs} (valid loss {best['val_loss']:.3f}, "
            f"train accuracy {history[-1]['accuracy']:.2f}), {folds[-1]['seconds']:.0f} s",
            flush=True,
        )
    log_loss = -np.mean([np.log(row[task.truth[clip]] + 1e-9) for clip, row in probabilities])
    return {
        "predicted": predicted.tolist(),
        "log loss": float(log_loss),
        "folds": folds,
        "config": dataclasses.asdict(config),
    }


def run_svm(task: Task) -> dict:
    """The SVM's predictions over all folds."""
    began = time.perf_counter()
    features = real_music_svm.statistics(task.clips, task.root)
    predicted, folds = np.full(len(task.truth), -1), []
    for learn, test in task.folds:
        predicted[test], chosen = real_music_svm.predict(features, task.truth, learn, test)
        folds.append(chosen)
    print(f"  SVM on {features.shape[1]} MFCC statistics: {time.perf_counter() - began:.0f} s", flush=True)
    return {"predicted": predicted.tolist(), "folds": folds}


def run_majority(task: Task) -> dict:
    """Always the label that is most frequent among the training clips."""
    predicted = np.full(len(task.truth), -1)
    for learn, test in task.folds:
        predicted[test] = np.bincount(task.truth[learn]).argmax()
    return {"predicted": predicted.tolist()}


@dataclasses.dataclass(frozen=True)
class Task:
    """Clips, what they are, and how they are split.

    Args:
        clips: with one label each.
        root: folder that their paths start from.
        labels: in the order of the outputs.
        truth: int (clips,), positions in `labels`.
        folds: positions to learn from and to test on.
    """

    clips: list[Clip]
    root: Path
    labels: list[str]
    truth: np.ndarray
    folds: list[tuple[np.ndarray, np.ndarray]]


def read_task(folder: Path, labels: list[str], folds: int) -> Task:
    """The clips of FMA-small under a folder that have one of the labels."""
    manifest, root = resolve("fma_small", folder, only_present=True)
    clips = list(manifest.usable.only_labels(labels).clips)
    truth = np.array([labels.index(clip.labels[0]) for clip in clips])
    splits = StratifiedKFold(folds, shuffle=True, random_state=0).split(truth, truth)
    return Task(clips, root, labels, truth, list(splits))


def balanced(truth: np.ndarray, predicted: np.ndarray) -> float:
    """Mean recall of the labels that occur in the truth."""
    recalls = [(predicted[truth == label] == label).mean() for label in np.unique(truth)]
    return float(np.mean(recalls))


def figures(task: Task, results: dict[str, dict]) -> None:
    """Adds to each result its accuracies, with 95 % intervals over clips drawn anew within each label."""
    rng = np.random.default_rng(0)
    places = [np.flatnonzero(task.truth == label) for label in range(len(task.labels))]
    draws = [np.concatenate([rng.choice(place, len(place)) for place in places]) for _ in range(RESAMPLES)]
    svm = np.array(results["SVM"]["predicted"])
    for result in results.values():
        predicted = np.array(result["predicted"])
        assert (predicted >= 0).all(), "a clip was in no fold"
        assert np.isclose(balanced(task.truth, predicted), balanced_accuracy_score(task.truth, predicted))
        right = predicted == task.truth
        by_draw = [balanced(task.truth[draw], predicted[draw]) for draw in draws]
        ahead = [value - balanced(task.truth[draw], svm[draw]) for value, draw in zip(by_draw, draws, strict=True)]
        result |= {
            "by fold": [balanced(task.truth[test], predicted[test]) for _, test in task.folds],
            "pooled": balanced(task.truth, predicted),
            "interval": np.percentile(by_draw, [2.5, 97.5]).tolist(),
            "minus SVM, interval": np.percentile(ahead, [2.5, 97.5]).tolist(),
            "accuracy": float(right.mean()),
            "recalls": {name: float(right[place].mean()) for name, place in zip(task.labels, places, strict=True)},
        }
        result["mean over folds"] = float(np.mean(result["by fold"]))


def show(task: Task, results: dict[str, dict]) -> None:
    """Prints the table."""
    counts = ", ".join(f"{label} {int((task.truth == i).sum())}" for i, label in enumerate(task.labels))
    print(f"\n{len(task.clips)} clips ({counts}), {len(task.folds)} folds; balanced accuracies")
    print(f"{'':<18}{'mean':>7}{'pooled':>8}  {'95 % interval':<16}{'minus SVM':<18}{'accuracy':>8}   by fold")
    for name, result in results.items():
        interval, ahead = ("{:.2f} to {:.2f}".format(*result[key]) for key in ("interval", "minus SVM, interval"))
        by_fold = " ".join(f"{value:.2f}" for value in result["by fold"])
        print(
            f"{name:<18}{result['mean over folds']:>7.3f}{result['pooled']:>8.3f}  {interval:<16}{ahead:<18}"
            f"{result['accuracy']:>8.3f}   {by_fold}"
        )
    for name, result in results.items():
        if "log loss" in result:
            print(f"{name:<18}log loss {result['log loss']:.3f}")
        print(f"{name:<18}recall: " + ", ".join(f"{label} {value:.2f}" for label, value in result["recalls"].items()))


def main() -> None:
    """Runs all, prints, writes JSON when asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    default = Path(os.environ.get("FSTMUSE_TEST_DATA", HERE.parents[2] / "shared" / "data"))
    parser.add_argument("networks", nargs="*", help=f"default: {' '.join(NETWORKS)}")
    parser.add_argument("--data", type=Path, default=default / "fma_small", help="folder of FMA-small")
    parser.add_argument("--labels", default=LABELS, help="with commas between")
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument("--set", action="append", default=[], help="KEY=VALUE, wins over docs/small-data.toml")
    parser.add_argument("--json", type=Path, help="write all figures to this file")
    options = parser.parse_args()
    began, load = time.perf_counter(), os.getloadavg()
    settings: dict = {}
    for text in options.set:
        settings |= parse_setting(text)
    task = read_task(options.data, options.labels.split(","), options.folds)
    results = {"majority": run_majority(task), "SVM": run_svm(task)}
    with tempfile.TemporaryDirectory() as scratch:
        for network in options.networks or NETWORKS:
            results[network] = run_network(network, settings, task, Path(scratch))
    figures(task, results)
    show(task, results)
    seconds = time.perf_counter() - began
    print(f"{seconds:.0f} s in all; load {load[0]:.1f} before, {os.getloadavg()[0]:.1f} after")
    if options.json:
        clips = [{"clip": clip.clip_id, "label": clip.labels[0]} for clip in task.clips]
        folds = [test.tolist() for _, test in task.folds]
        result = {"clips": clips, "labels": task.labels, "test folds": folds, "seconds": seconds, "results": results}
        options.json.write_text(json.dumps(result, indent=2) + "\n")


if __name__ == "__main__":
    main()
