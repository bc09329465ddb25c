"""The opponent of `real_music.py`: an RBF SVM on statistics of MFCCs, as most would begin with few clips."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import librosa
import numpy as np
from scipy.stats import kurtosis, skew
from sklearn.model_selection import GridSearchCV, StratifiedKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from fstmuse.audio.decode import decode
from fstmuse.data.clip import Clip

RATE = 22050
MFCCS = 20
GRID = {"svc__C": np.logspace(-1, 3, 9), "svc__gamma": np.logspace(-5, -1, 9)}


def statistics(clips: Sequence[Clip], root: Path) -> np.ndarray:
    """Of 20 MFCCs and their first and second differences over a clip: float64 (clips, 200)."""
    rows = []
    for clip in clips:
        sound = decode(clip.file(root), sample_rate=RATE)
        mfcc = librosa.feature.mfcc(y=sound, sr=RATE, n_mfcc=MFCCS)
        first, second = librosa.feature.delta(mfcc), librosa.feature.delta(mfcc, order=2)
        shape = [mfcc.mean(1), mfcc.std(1), skew(mfcc, axis=1), kurtosis(mfcc, axis=1), mfcc.min(1), mfcc.max(1)]
        rows.append(np.concatenate([*shape, first.mean(1), first.std(1), second.mean(1), second.std(1)]))
    return np.array(rows)


def predict(features: np.ndarray, truth: np.ndarray, train: np.ndarray, test: np.ndarray) -> tuple[np.ndarray, dict]:
    """Labels of the test clips, and the C and gamma that did best within the training clips.

    Args:
        features: float (clips, n).
        truth: int (clips,).
        train: positions to learn from; scaling, C and gamma see these alone.
        test: positions to predict.
    """
    # As many inner folds as the rarest label has clips, so that each fold holds every label.
    folds = min(5, int(np.bincount(truth[train]).min()))
    search = GridSearchCV(
        make_pipeline(StandardScaler(), SVC(kernel="rbf", class_weight="balanced")),
        GRID,
        scoring="balanced_accuracy",
        cv=StratifiedKFold(folds, shuffle=True, random_state=0),
    )
    search.fit(features[train], truth[train])
    return search.predict(features[test]), {name: float(value) for name, value in search.best_params_.items()}
