"""A GAN: steps whose outcome is known in closed form, runs that a kill does not change, samples and warnings."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import h5py
import keras
import numpy as np
import pytest
import tensorflow as tf

from fstmuse import workflow
from fstmuse.artifacts.load import load
from fstmuse.data.dataset import Examples
from fstmuse.errors import ConfigError
from fstmuse.lesson import prepare_cache, read_lesson
from fstmuse.networks import build
from fstmuse.networks.catalogue import find
from fstmuse.networks.gan import Gan
from fstmuse.networks.scaling import standardised, unscaled
from fstmuse.run_choice import choose
from fstmuse.tasks import generate
from fstmuse.tasks.gan_figure import gan_curves_figure
from fstmuse.training import samples
from fstmuse.training.config import TrainConfig, resolve
from fstmuse.training.fit import fit
from fstmuse.training.gan import GanTrainer
from fstmuse.training.run import RunFolder, best_epoch
from fstmuse.training.samples import Samples
from fstmuse.watch import Watch
from tests.networks.gans import FRAMES, SMALL_GANS
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
    return Gan(keras.Model(drawing, drawn), keras.Model(judging, keras.layers.Dense(1)(x)), standardised(mels))


def linear_trainer(rate: float = 0.0, **more: object) -> GanTrainer:
    """Two networks of one matrix each, with plain gradient descent."""
    keras.utils.set_random_seed(5)
    frames, mels = ENTRY.input_shape
    style, picture = keras.Input((3,), name="style"), keras.Input((frames, mels), name="picture")
    drawn = keras.layers.Reshape((frames, mels))(keras.layers.Dense(frames * mels, name="matrix")(style))
    answer = keras.layers.Dense(1, use_bias=False, name="weights")(keras.layers.Flatten()(picture))
    gan = Gan(keras.Model({"style": style}, drawn), keras.Model({"picture": picture}, answer), unscaled(mels))
    trainer = GanTrainer(gan, ENTRY, loss="hinge", **more)
    trainer.compile(keras.optimizers.SGD(rate), keras.optimizers.SGD(0.01))
    return trainer


def picture(seed: int = 0, batch: int = 2) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(batch, *ENTRY.input_shape)).astype(np.float32)


def judged_by(trainer: GanTrainer) -> np.ndarray:
    return trainer.discriminator.get_weights()[0].copy()


def test_the_penalty_pulls_a_linear_discriminator_towards_nothing() -> None:
    plain, penalised = linear_trainer(), linear_trainer(r1_weight=2.0, r1_every=3)
    start = judged_by(plain)
    np.testing.assert_array_equal(start, judged_by(penalised))
    for trainer in (plain, penalised):
        measured = trainer.train_on_batch({"picture": picture()}, return_dict=True)
    # Its gradient is its weights wherever it is: half their squared length has them for gradient, three steps at once.
    assert measured["r1"] == pytest.approx((start**2).sum() / 2, rel=1e-4)
    np.testing.assert_allclose(judged_by(penalised), judged_by(plain) - 0.01 * 2.0 * 3 * start, atol=1e-6)
    before = judged_by(penalised)
    for trainer in (plain, penalised):
        trainer.discriminator.set_weights([before])
        trainer.train_on_batch({"picture": picture(1)})
    np.testing.assert_allclose(judged_by(penalised), judged_by(plain), atol=1e-6)  # none is due in the second step


def test_the_average_follows_the_generator() -> None:
    trainer = linear_trainer(rate=1.0, average=0.15)
    expected = trainer.generator.get_weights()
    for step in range(1, 4):
        trainer.train_on_batch({"picture": picture(step)})
        momentum = min(0.15, (1 + step) / (10 + step))
        now = trainer.generator.get_weights()
        expected = [momentum * old + (1 - momentum) * new for old, new in zip(expected, now, strict=True)]
    for mean, hoped in zip(trainer.averaged.get_weights(), expected, strict=True):
        np.testing.assert_allclose(mean, hoped, atol=1e-6)
    assert np.abs(trainer.averaged.get_weights()[0] - trainer.generator.get_weights()[0]).max() > 1e-6


def test_the_discriminator_takes_as_many_steps_as_asked() -> None:
    trainer = linear_trainer(discriminator_steps=3)
    trainer.train_on_batch({"picture": picture()})
    assert (int(trainer.discriminator_optimizer.iterations), int(trainer.optimizer.iterations)) == (3, 1)


def test_loudness_is_varied_where_it_is_judged() -> None:
    trainer = linear_trainer(gain_db=6.0)
    units = picture()
    louder = np.asarray(trainer._louder(units, 1)) - units  # the scaling is none: dB are units
    assert np.ptp(louder, axis=(1, 2)).max() < 1e-5
    assert np.abs(louder[:, 0, 0]).min() > 0 and np.abs(louder).max() <= 6
    assert louder[0, 0, 0] != louder[1, 0, 0]


@pytest.mark.parametrize(("name", "loss"), [("toygan", "bce"), ("cmelgan", "lsgan"), ("melgan-c", "hinge")])
def test_every_kind_of_network_takes_a_step(name: str, loss: str) -> None:
    gan = SMALL_GANS[name](3)
    frames, mels = gan.discriminator.input["picture"].shape[1:]
    shape = (frames or FRAMES, mels)
    entry = SimpleNamespace(input_shape=shape, mel=ENTRY.mel)
    trainer = GanTrainer(gan, entry, loss=loss, r1_weight=float(loss == "hinge"), gain_db=3.0)
    trainer.compile(keras.optimizers.Adam(0.01), keras.optimizers.Adam(0.01))
    before = [[weight.copy() for weight in one.get_weights()] for one in (trainer.generator, trainer.discriminator)]
    pictures = np.random.default_rng(0).normal(-1, 1, (2, *shape)).astype(np.float32)
    # Not compiled, which would take longer. Labels of the data are left alone by networks that heed none.
    row = trainer.train_step({"picture": tf.constant(pictures), "label": tf.constant([0, 2])})
    assert all(np.isfinite(list(row.values())))
    for one, weights in zip((trainer.generator, trainer.discriminator), before, strict=True):
        moved = [np.any(now != old) for now, old in zip(one.get_weights(), weights, strict=True)]
        assert np.mean(moved) > 0.7, one.name


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
    assert "val_loss" not in row and all(np.isfinite(list(row.values())))
    assert best_epoch(whole.history()) == min(whole.history(), key=lambda row: row["val_fd"])["epoch"]
    assert "windows of the training clips" in watch.words[0]
    assert sorted(path.name for path in (whole.path / "samples").iterdir()) == [
        f"epoch-000{epoch}.{kind}" for epoch in (1, 2) for kind in ("png", "wav")
    ]
    assert (whole.figures / "samples.wav").is_file() and watch.shown[0] == whole.figures / "samples.png"
    assert gan_curves_figure(whole.history(), tmp_path / "curves.png").is_file()
    noise = {"style": np.zeros((1, 3)), "label": np.zeros(1, np.int32)}
    drawn = create.predict_on_batch(noise)
    assert drawn.shape[2] == 128 and -130 < drawn.min() < drawn.max() < 30  # dB


@pytest.mark.parametrize(
    ("measured", "words"),
    [
        ({"d_real": 0.99, "d_fake": 0.985}, "99% of real and 98% of drawn pictures: it tells the generator little"),
        ({"d_real": 0.6, "d_fake": 0.3}, "less than by guessing"),
        ({"diversity": 0.3}, "differ by 30% of what real ones differ by"),
        ({}, ""),
        ({"d_real": 1.0}, ""),
    ],
)
def test_what_goes_wrong_is_told_once(tmp_path: Path, measured: dict, words: str) -> None:
    watch = Said()
    callback = Samples(ENTRY, None, None, 0, RunFolder(tmp_path), watch)
    row = {"d_real": 0.7, "d_fake": 0.7, "diversity": 0.9} | measured
    callback._warn(3, row)
    callback._warn(4, row)
    assert len(watch.words) == bool(words)
    assert not words or (watch.words[0].startswith("Epoch 3: ") and words in watch.words[0])


@pytest.mark.parametrize("setting", [{"optimizer": "muon"}, {"mixed_precision": True}, {"mixup": 0.2}, {"gap_most": 9}])
def test_settings_of_other_networks_are_refused(csv: Path, setting: dict) -> None:
    with pytest.raises(ConfigError, match="melgan-c-tiny has no use for it"):
        settings(csv, **setting)
    with pytest.raises(ConfigError, match="toymodel has no use for it"):
        resolve("toymodel", {"r1": 1.0})


def test_clips_of_several_labels_or_of_none_are_music_of_one_kind(csv: Path) -> None:
    assert read_lesson(settings(csv, labels=["tones"]), Watch()).labels == ()
    assert read_lesson(settings(csv, labels=["tones", "noise"]), Watch()).labels == ("tones", "noise")
    config = resolve("toygan", {"data": str(csv)})
    assert read_lesson(config, Watch()).labels == ()  # heeds none


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
