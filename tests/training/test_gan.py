"""A GAN's training: runs that a kill does not change, samples and warnings."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import h5py
import keras
import numpy as np
import pytest

from fstmuse import workflow
from fstmuse.artifacts.load import load
from fstmuse.data.clip import Clip
from fstmuse.data.dataset import Examples
from fstmuse.data.manifest import Manifest, read_manifest
from fstmuse.errors import ConfigError
from fstmuse.lesson import _tell_of_folders, prepare_cache, read_lesson
from fstmuse.networks import build
from fstmuse.networks.catalogue import find
from fstmuse.networks.gan import Gan
from fstmuse.networks.scaling import standardised
from fstmuse.run_choice import choose
from fstmuse.tasks import generate
from fstmuse.tasks.gan_figure import gan_curves_figure
from fstmuse.training import samples
from fstmuse.training.config import TrainConfig, resolve
from fstmuse.training.fit import fit
from fstmuse.training.run import RunFolder
from fstmuse.training.samples import Samples
from fstmuse.watch import Watch
from tests.training.lessons import KINDS, make_lesson

ENTRY = find("melgan-c-tiny")


class Said(Watch):
    """Keeps what is said and shown; interrupts where it is asked to."""

    def __init__(self, stop_in: int = 0) -> None:
        self.words: list[str] = []
        self.shown: list[Path] = []
        self.stop_in = stop_in

    def say(self, text: str) -> None:
        self.words.append(text)

    def figure(self, path: Path) -> None:
        self.shown.append(path)

    def begin_epoch(self, epoch: int, epochs: int, steps: int) -> None:
        if epoch == self.stop_in:
            raise KeyboardInterrupt


def two_layers(shape: tuple[int, int], labels: int) -> Gan:
    """What heeds labels and is compiled in no time."""
    frames, mels = shape
    drawing = {"style": keras.Input((3,), name="style"), "label": keras.Input((), dtype="int32", name="label")}
    named = keras.layers.Embedding(labels, 2)(drawing["label"])
    x = keras.layers.Dense(4, activation="tanh")(keras.layers.Concatenate()([drawing["style"], named]))
    drawn = keras.layers.Reshape(shape)(keras.layers.Dense(frames * mels, activation="tanh")(x))
    judging = {"picture": keras.Input(shape, name="picture"), "label": drawing["label"]}
    x = keras.layers.Flatten()(keras.layers.AveragePooling1D(16)(judging["picture"]))
    named = keras.layers.Embedding(labels, 2)(drawing["label"])
    x = keras.layers.Concatenate()([keras.layers.Dense(4, activation="tanh")(x), named])
    return Gan(
        keras.Model(drawing, drawn), keras.Model(judging, {"music": keras.layers.Dense(1)(x)}), standardised(mels)
    )


@pytest.fixture(scope="module")
def csv(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_lesson(tmp_path_factory.mktemp("lesson"))


def settings(csv: Path, **more: object) -> TrainConfig:
    usual = {"data": str(csv), "epochs": 2, "batch_size": 4, "crops_per_clip": 1, "workers": 0, "r1_every": 2}
    return resolve("melgan-c-tiny", usual | more)


@pytest.fixture(scope="module")
def lesson_sets(csv: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Examples, Examples]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FSTMUSE_CACHE", str(tmp_path_factory.mktemp("cache")))
        config = settings(csv)
        lesson = read_lesson(config, Watch())
        assert lesson.labels == KINDS
        cache = prepare_cache(config, lesson, Watch())
        return tuple(
            generate.examples(cache, lesson.manifest.split(split).clips, lesson.labels, ENTRY)
            for split in ("train", "valid")
        )


@pytest.fixture
def minute(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(build.GANS, "melgan-c-tiny", two_layers)
    monkeypatch.setattr(samples, "TURNS", 1)


def begun(folder: Path, config: TrainConfig) -> RunFolder:
    run = RunFolder(folder)
    run.begin(config, {"labels": list(KINDS)})
    return run


def state(run: RunFolder, epoch: int) -> dict[str, np.ndarray]:
    """All that a checkpoint holds, by path."""
    found: dict[str, np.ndarray] = {}
    with h5py.File(run.checkpoints / f"epoch-{epoch:04d}.weights.h5") as file:
        file.visititems(lambda name, item: found.update({name: item[()]}) if isinstance(item, h5py.Dataset) else None)
    return found


@pytest.mark.usefixtures("minute")
def test_a_run_that_goes_on_ends_where_the_undisturbed_one_does(
    csv: Path, lesson_sets: tuple[Examples, Examples], tmp_path: Path
) -> None:
    config = settings(csv)
    whole, torn = begun(tmp_path / "whole", config), begun(tmp_path / "torn", config)
    watch = Said()
    create = fit(config, *lesson_sets, whole, watch)
    with pytest.raises(KeyboardInterrupt):
        fit(config, *lesson_sets, torn, Said(stop_in=2))
    assert [row["epoch"] for row in torn.history()] == [1]
    again = fit(config, *lesson_sets, torn, Watch())

    one, other = state(whole, 2), state(torn, 2)
    kinds = ("optimizer/", "discriminator_optimizer/", "averaged/", "generator/", "discriminator/", "back/")
    for kind in kinds:
        assert any(name.startswith(kind) for name in one), kind
    assert one.keys() == other.keys()
    for name, values in one.items():
        np.testing.assert_array_equal(values, other[name], err_msg=name)
    for mine, theirs in zip(create.get_weights(), again.get_weights(), strict=True):
        np.testing.assert_array_equal(mine, theirs)
    assert whole.history() == torn.history()

    row = whole.history()[-1]
    assert {"loss", "d_loss", "d_real", "d_fake", "g_norm", "d_norm", "r1", "val_fd", "diversity"} <= set(row)
    assert 0 < row["nearest"] <= 1 and 0 <= row["copied"] <= 1
    assert "val_loss" not in row and all(np.isfinite(list(row.values())))
    assert "windows of the training clips" in watch.words[0]
    assert sorted(path.name for path in (whole.path / "samples").iterdir()) == [
        f"epoch-000{epoch}.{kind}" for epoch in (1, 2) for kind in ("png", "wav")
    ]
    assert (whole.figures / "samples.wav").is_file() and watch.shown[0] == whole.figures / "samples.png"
    assert gan_curves_figure(whole.history(), tmp_path / "curves.png", kept=2).is_file()
    noise = {"style": np.zeros((1, 3)), "label": np.zeros(1, np.int32)}
    drawn = create.predict_on_batch(noise)
    assert drawn.shape[2] == 128 and -130 < drawn.min() < drawn.max() < 30  # dB


@pytest.mark.parametrize(
    ("measured", "words"),
    [
        ({"d_real": 0.99, "d_fake": 0.985}, "99% of real and 98% of drawn pictures: it tells the generator little"),
        ({"d_real": 0.6, "d_fake": 0.3}, "less than by guessing"),
        ({"diversity": 0.3}, "differ by 30% of what real ones differ by"),
        ({"copied": 0.25}, "25% of drawn windows are far nearer to one training clip than to any other"),
        ({}, ""),
        ({"d_real": 1.0}, ""),
    ],
)
def test_what_goes_wrong_is_told_once(tmp_path: Path, measured: dict, words: str) -> None:
    watch = Said()
    callback = Samples(ENTRY, None, None, 0, RunFolder(tmp_path), watch)
    row = {"d_real": 0.7, "d_fake": 0.7, "diversity": 0.9, "copied": 0.01} | measured
    callback._warn(3, row)
    callback._warn(4, row)
    assert len(watch.words) == bool(words)
    assert not words or (watch.words[0].startswith("Epoch 3: ") and words in watch.words[0])


@pytest.mark.parametrize("setting", [{"optimizer": "muon"}, {"mixup": 0.2}, {"gap_most": 9}])
def test_settings_of_other_networks_are_refused(csv: Path, setting: dict) -> None:
    with pytest.raises(ConfigError, match="melgan-c-tiny has no use for it"):
        settings(csv, **setting)
    with pytest.raises(ConfigError, match="toymodel has no use for it"):
        resolve("toymodel", {"r1": 1.0})
    with pytest.raises(ConfigError, match="toygan has no use for it"):
        resolve("toygan", {"label_weight": 1.0})


def test_clips_of_several_labels_or_of_none_are_music_of_one_kind(csv: Path) -> None:
    assert read_lesson(settings(csv, labels=["tones"]), Watch()).labels == ()
    assert read_lesson(settings(csv, labels=["tones", "noise"]), Watch()).labels == ("tones", "noise")
    config = resolve("toygan", {"data": str(csv)})
    assert read_lesson(config, Watch()).labels == ()  # heeds none


def test_folders_are_kinds_where_they_are_named(csv: Path) -> None:
    watch, clips = Said(), read_manifest(csv).clips
    for paths in (("a.wav", "b.wav"), ("one/a.wav", "one/b.wav")):
        _tell_of_folders(Manifest("mine", tuple(map(_moved, clips[:2], paths))), watch)
    assert watch.words == []
    _tell_of_folders(Manifest("mine", tuple(map(_moved, clips[:2], ("Rock/a.wav", "Folk/b.wav")))), watch)
    assert len(watch.words) == 1 and watch.words[0].endswith("name them: --labels Folk,Rock")


def _moved(clip: Clip, path: str) -> Clip:
    return dataclasses.replace(clip, path=path)


@pytest.mark.usefixtures("minute")
def test_the_whole_way(csv: Path) -> None:
    config, watch = settings(csv, epochs=1), Said()
    lesson = read_lesson(config, watch)
    choice = workflow.train(config, lesson, choose(config, lesson, "band", resume=False, fresh=False), watch)
    network, card = load(choice.artifact)
    assert (card.task, card.labels, card.data["train"], choice.metrics) == ("generate", KINDS, 12, {})
    assert {"samples.png", "samples.wav", "curves.png", "examples.png"} == {
        path.name for path in (choice.artifact / "figures").iterdir()
    }
    assert set(network.input) == {"style", "label"}
    assert choose(config, lesson, "band", resume=False, fresh=False).metrics == {}  # nothing is left to do
