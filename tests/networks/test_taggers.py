"""Taggers have the sizes of their papers, learn to tell tones apart, and are saved, reloaded and run on JAX."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import keras
import numpy as np
import pytest

from fstmuse.errors import ConfigError
from fstmuse.networks.dieleman import dieleman, dieleman_mel
from fstmuse.networks.dieleman_report import SAMPLES, TABLE_1, dieleman_report, dieleman_report_deep
from fstmuse.networks.rese import rese
from fstmuse.networks.samplecnn import samplecnn
from fstmuse.networks.tagger_efficientnet import tagger_efficientnet_b0
from fstmuse.networks.tagging import embedder
from tests.networks.test_backends import needs_jax, run_on_jax
from tests.networks.tones import SMALL_TAGGERS, small_mel_tagger, tones

TAGS = 50

COUNTS: dict[str, tuple[Callable[[], keras.Model], int, int]] = {
    "dieleman 256/256": (lambda: dieleman(48_000, TAGS), 107_870, 0),
    "dieleman 1024/1024": (lambda: dieleman(48_000, TAGS, 1024, 1024, partial_pools=True), 180_574, 0),
    "dieleman-mel": (lambda: dieleman_mel((187, 128), TAGS), 74_974, 256),
    # By the report's layers; it states no counts.
    **{
        f"dieleman-report {length}/{stride}": (
            lambda length=length, stride=stride: dieleman_report(SAMPLES, TAGS, length, stride),
            (length + 1) + (8 * 32 + 32) + (8 * 32 * 32 + 32) + (32 * 100 + 100) + (100 * 50 + 50),
            0,
        )
        for length, stride in TABLE_1
    },
    "dieleman-report-deep": (lambda: dieleman_report_deep(SAMPLES, TAGS), 2_845_470, 2_560),
    "samplecnn 3^9": (lambda: samplecnn(59_049, TAGS), 1_869_874, 5_888),
    "basic": (lambda: rese(59_049, TAGS, "basic", False), 1_869_874, 5_888),
    "basic-multi": (lambda: rese(59_049, TAGS, "basic"), 2_683_442, 6_912),
    "se": (lambda: rese(59_049, TAGS, "se", False), 23_929_138, 5_888),
    "se-multi": (lambda: rese(59_049, TAGS, "se"), 24_742_706, 6_912),
    "res1-multi": (lambda: rese(59_049, TAGS, "res1"), 2_849_586, 8_448),
    "res2": (lambda: rese(59_049, TAGS, "res2", False), 4_107_314, 12_032),
    "res2-multi": (lambda: rese(59_049, TAGS, "res2"), 4_920_882, 13_056),
    "rese1-multi": (lambda: rese(59_049, TAGS, "rese1"), 24_908_850, 8_448),
    "rese2": (lambda: rese(59_049, TAGS, "rese2", False), 26_166_578, 12_032),
    "rese2-multi": (lambda: rese(59_049, TAGS), 26_980_146, 13_056),
    "rese2-multi, alpha 1/16": (lambda: rese(59_049, TAGS, alpha=1 / 16), 5_009_346, 13_056),
}

JAX_STEP = """
import sys
import jax, keras, numpy as np
from fstmuse.networks.tagger_efficientnet import tagger_efficientnet_b0
from tests.networks.tones import SMALL_TAGGERS, tones
assert keras.backend.backend() == "jax"
jax.config.update("jax_disable_most_optimizations", True)  # compiling takes longer than computing
model = SMALL_TAGGERS[sys.argv[1]]()
model.compile(keras.optimizers.SGD(0.1), "binary_crossentropy")
losses = [float(model.train_on_batch(*tones(16, 0))) for _ in range(2)]
assert np.isfinite(losses).all() and losses[0] != losses[1], losses
with keras.StatelessScope(initialize_variables=False):
    tagger_efficientnet_b0((None, 96), 3)
assert "tensorflow" not in sys.modules
print("trained", sys.argv[1])
"""


def probabilities(model: keras.Model, x: np.ndarray) -> np.ndarray:
    return keras.ops.convert_to_numpy(model(x, training=False))


@pytest.mark.parametrize("name", COUNTS)
def test_parameter_counts_are_those_of_papers_and_report(name: str) -> None:
    build, trainable, moving = COUNTS[name]
    with keras.StatelessScope(initialize_variables=False):  # sizes alone: their weights would be 500 megabytes
        model = build()
    assert sum(int(np.prod(weight.shape)) for weight in model.trainable_weights) == trainable
    assert model.count_params() == trainable + moving
    assert model.output_shape == (None, TAGS)


def test_table_1_is_the_reports() -> None:
    assert set(TABLE_1) == {(1024, 1024), (1024, 512), (512, 512), (512, 256), (256, 256)}


def test_the_original_makes_187_frames_of_three_seconds() -> None:
    with keras.StatelessScope(initialize_variables=False):
        model = dieleman(48_000, TAGS)
    assert model.get_layer("filters").output.shape == (None, 187, 128)


@pytest.mark.parametrize(
    ("samples", "m", "n", "first"), [(59_049, 3, 9, 3), (16_384, 2, 13, 2), (59_049, 3, 4, 729), (15_625, 5, 5, 5)]
)
def test_samplecnn_is_a_family(samples: int, m: int, n: int, first: int) -> None:
    with keras.StatelessScope(initialize_variables=False):
        model = samplecnn(samples, TAGS, m, n, first=first)
    convolutions = [layer for layer in model.layers if isinstance(layer, keras.layers.Conv1D)]
    assert [layer.kernel_size[0] for layer in convolutions] == [first, *[m] * n, 1]
    assert [layer.filters for layer in convolutions] == [128, 128, 128, *[256] * (n - 3), 512, 512]
    assert model.get_layer("dropout").output.shape == (None, 1, 512)


def test_a_small_member_tells_two_tones_apart() -> None:
    keras.utils.set_random_seed(0)
    model = SMALL_TAGGERS["samplecnn"]()
    model.compile(keras.optimizers.Adam(0.01), "binary_crossentropy", jit_compile=False)
    sound, tags = tones(512, 1)
    model.fit(sound, tags, batch_size=64, epochs=4, verbose=0)
    sound, tags = tones(200, 2)
    right = (probabilities(model, sound) > 0.5) == (tags > 0.5)
    assert right.mean() > 0.95
    assert right[tags.sum(axis=1) == 2].mean() > 0.9  # both tags at once, which softmax could not say


@pytest.mark.parametrize("name", ["dieleman", "dieleman-report-deep", "samplecnn", "rese2-multi"])
def test_it_is_saved_and_loaded(name: str, tmp_path: Path) -> None:
    model, sound = SMALL_TAGGERS[name](), tones(4, 0)[0]
    answer = probabilities(model, sound)
    assert answer.shape == (4, 2) and answer.dtype == np.float32 and ((answer > 0) & (answer < 1)).all()
    model.save(tmp_path / "network.keras")
    loaded = keras.saving.load_model(tmp_path / "network.keras", safe_mode=True)
    np.testing.assert_array_equal(probabilities(loaded, sound), answer)
    np.testing.assert_allclose(probabilities(model, sound[1:2]), answer[1:2], atol=1e-5)  # alone as in a batch


def test_the_mel_variant_hears_neither_unit_nor_level_of_bands_that_it_has_settled_on() -> None:
    model = small_mel_tagger()
    picture = np.random.default_rng(0).normal(-40, 10, (8, 60, 6)).astype(np.float32)
    answer = probabilities(model, picture)
    assert answer.shape == (8, 2)
    model.get_layer("equalise").set_weights([np.full(6, -20.0), np.ones(6)])
    np.testing.assert_allclose(probabilities(model, picture - 20), answer, atol=1e-2)


def test_the_reports_mean_over_sub_clips_is_one_of_logits() -> None:
    keras.utils.set_random_seed(0)
    together = SMALL_TAGGERS["dieleman-report"]()
    apart = dieleman_report(81, 2, 8, 2, sub_clips=1)
    apart.set_weights(together.get_weights())
    sound = tones(4, 0)[0]
    of_each = probabilities(apart, sound.reshape(12, 81)).astype(np.float64)
    logits = np.log(of_each / (1 - of_each)).reshape(4, 3, 2).mean(axis=1)
    np.testing.assert_allclose(probabilities(together, sound), 1 / (1 + np.exp(-logits)), atol=1e-5)


def test_the_embedding_is_what_the_probabilities_are_computed_from() -> None:
    model, sound = SMALL_TAGGERS["dieleman-report"](), tones(4, 0)[0]
    embedding = probabilities(embedder(model), sound)
    assert embedding.shape == (4, 100)
    kernel, bias = model.get_layer("probabilities").get_weights()
    np.testing.assert_allclose(probabilities(model, sound), 1 / (1 + np.exp(-(embedding @ kernel + bias))), atol=1e-6)


def test_squeeze_and_excitation_widens_by_alpha() -> None:
    model = SMALL_TAGGERS["rese2-multi"]()
    assert model.get_layer("block1_excite1").units == 2 * 8
    assert model.get_layer("levels").output.shape == (None, 8 + 8 + 16)


def test_mixed_precision_gives_float32_probabilities() -> None:
    for name in ("dieleman-report-deep", "se"):
        before = keras.config.dtype_policy()
        keras.config.set_dtype_policy("mixed_bfloat16")
        try:
            model = SMALL_TAGGERS[name]()
        finally:
            keras.config.set_dtype_policy(before)
        assert model.get_layer("conv1" if "report" in name else "block1_conv1").compute_dtype == "bfloat16"
        full = SMALL_TAGGERS[name]()
        full.set_weights(model.get_weights())
        sound = tones(4, 0)[0]
        answer = probabilities(model, sound)
        assert answer.dtype == np.float32
        np.testing.assert_allclose(answer, probabilities(full, sound), atol=0.03)


def test_efficientnet_sees_numbers_of_the_size_that_it_expects() -> None:
    model = tagger_efficientnet_b0((None, 32), TAGS)
    assert sum(int(np.prod(weight.shape)) for weight in model.trainable_weights) == 4_071_278 - 2 * (128 - 32)
    assert model.count_params() == 4_113_553 - 4 * (128 - 32)
    norms = [layer for layer in model.layers if isinstance(layer, keras.layers.BatchNormalization)]
    assert len(norms) == 50 and {layer.get_config()["momentum"] for layer in norms} == {0.9}
    pictures = np.random.default_rng(0).normal(-40, 10, (2, 40, 32)).astype(np.float32)
    model.get_layer("equalise").set_weights([np.ones(32), np.zeros(32), np.full(32, -40.0), np.full(32, 100.0)])
    both = keras.Model(model.input, [model.output, model.get_layer("stem_bn").input])
    answer, seen = map(keras.ops.convert_to_numpy, both(pictures, training=False))
    assert answer.shape == (2, TAGS) and np.isfinite(answer).all()
    assert 0.1 < seen.std() < 10  # not 255 times smaller, where the first normalisation's epsilon would prevail


@needs_jax
def test_one_step_of_taggers_on_jax() -> None:
    run_on_jax(JAX_STEP, "dieleman-report")


@pytest.mark.parametrize(
    ("build", "words"),
    [
        (lambda: samplecnn(59_000, TAGS), "59000 samples; 3^9 behind a first convolution of 3 expects 59049"),
        (lambda: samplecnn(2, TAGS, m=1, n=1), "m=1, which pools nothing"),
        (lambda: samplecnn(59_049, 0), "outputs=0; expected at least 1"),
        (lambda: rese(59_048, TAGS), "9 blocks pool at least 59049 = 3^10 samples"),
        (lambda: rese(59_049, TAGS, "rese3"), "no block 'rese3'. Did you mean 'rese"),
        (lambda: rese(59_049, TAGS, alpha=1 / 256), "expected at least 1/128"),
        (lambda: rese(59_049, TAGS, blocks=2), "several levels need 3"),
        (lambda: dieleman(48_000, TAGS, 1024, 1024), "46 frames; expected at least 51"),
        (lambda: dieleman(48_000, TAGS, 256, 512), "a stride of at most the length"),
        (lambda: dieleman_mel((50, 128), TAGS), "50 frames; expected at least 51"),
        (lambda: dieleman_mel((35, 128), TAGS, partial_pools=True), "35 frames; expected at least 36"),
        (lambda: dieleman_report(256 * 20, TAGS), "20 frames of 256 samples every 256; expected at least 21"),
        (lambda: dieleman_report(SAMPLES, TAGS, sub_clips=0), "sub_clips=0"),
        (lambda: dieleman_report_deep(256 * 30, TAGS), "expected at least 31 frames"),
        (lambda: dieleman_report_deep(SAMPLES, TAGS, filters=()), "no filters"),
        (lambda: tagger_efficientnet_b0((31, 128), TAGS), "31 frames and 128 bands"),
    ],
)
def test_impossible_sizes_are_refused_with_what_would_be_possible(build: Callable, words: str) -> None:
    with pytest.raises(ConfigError) as refusal:
        build()
    assert words in str(refusal.value)


@pytest.mark.parametrize("frames", [51, 36])
def test_the_shortest_windows_that_are_said_to_do_are_built(frames: int) -> None:
    with keras.StatelessScope(initialize_variables=False):
        assert dieleman_mel((frames, 4), 2, partial_pools=frames < 51).get_layer("pool2").output.shape[1] == 1
