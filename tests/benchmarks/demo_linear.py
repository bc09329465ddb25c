"""How far a linear model comes on the mean spectra of the demo set; the networks' figures stand beside it.

Run: python tests/benchmarks/demo_linear.py [--root FOLDER] [--seed 0]
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import librosa
import numpy as np
from sklearn.linear_model import LogisticRegressionCV
from sklearn.model_selection import GroupKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from fstmuse.audio.decode import decode
from fstmuse.data.demo import ensure_demo
from fstmuse.data.manifest import Manifest
from fstmuse.places import data_dir


def features(manifest: Manifest, root: Path) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Mean spectra in dB (clips, 96), labels (clips,) and groups (clips,)."""
    means = []
    for clip in manifest.clips:
        sound = decode(clip.file(root), sample_rate=22_050)
        mel = librosa.feature.melspectrogram(y=sound, sr=22_050, n_fft=1024, hop_length=512, n_mels=96, fmin=30)
        means.append((10 * np.log10(mel + 1e-10)).mean(axis=1))
    labels = np.array([clip.labels[0] for clip in manifest.clips])
    return np.array(means), labels, np.array([clip.group for clip in manifest.clips])


def main() -> None:
    """Prints the accuracy on the test split with a 95 % bootstrap interval over clips."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", type=Path, help="the demo set's folder; default: FSTMUSE_DATA/demo")
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    root = asked.root or data_dir() / "demo"
    began = time.perf_counter()
    manifest = ensure_demo(root, seed=asked.seed)
    print(f"demo set, seed {asked.seed}: {len(manifest)} clips, ready in {time.perf_counter() - began:.1f} s")
    mean, label, group = features(manifest.split("train"), root)
    # The strength of the penalty comes from folds of the training clips, disjoint by artist.
    folds = list(GroupKFold(5).split(mean, label, group))
    model = make_pipeline(StandardScaler(), LogisticRegressionCV(Cs=np.logspace(-3, 1, 9), cv=folds, max_iter=5000))
    model.fit(mean, label)
    mean, label, _ = features(manifest.split("test"), root)
    right = model.predict(mean) == label
    draws = np.random.default_rng(0).choice(right, (2000, len(right))).mean(axis=1)
    low, high = np.percentile(draws, [2.5, 97.5])
    print(
        f"linear model on mean mel spectra: test accuracy {right.mean():.3f} "
        f"(95 % interval {low:.3f} to {high:.3f}, n = {len(right)} clips, artists disjoint; chance {1 / 3:.3f})"
    )


if __name__ == "__main__":
    main()
