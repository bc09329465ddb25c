"""Networks are free of any backend: each trains one step on JAX, in a process without TensorFlow."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys

import pytest

from fstmuse.networks.catalogue import CATALOGUE

# The report's ToyModel is 152 million weights tied to one picture size; its layers are tried on a small picture.
SMALL = {"toymodel": (40, 48)}

STEP = """
import sys
import keras, numpy as np
from fstmuse.networks.build import BUILDERS
name, frames, mels = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
assert keras.backend.backend() == "jax"
model = BUILDERS[name]((frames, mels), 3)
model.compile("sgd", "categorical_crossentropy")
x = np.random.default_rng(0).normal(size=(1, frames, mels)).astype("float32")
loss = model.train_on_batch(x, np.eye(3, dtype="float32")[:1])
assert np.isfinite(loss), loss
assert "tensorflow" not in sys.modules
print("trained", name)
"""

PICTURE_STEP = """
import sys
import keras, numpy as np
from tests.networks.pictures import PICTURE_NETWORKS
from fstmuse.networks.variational import find_objective
name, objective = sys.argv[1:]
assert keras.backend.backend() == "jax"
model = PICTURE_NETWORKS[name]((43, 16), **({"objective": objective} if objective != "mse" else {}))
model.compile("sgd", "mse" if objective == "mse" else find_objective(objective).loss())
x = np.random.default_rng(0).uniform(size=(2, 43, 16)).astype("float32")
y = x[:, -model.output_shape[1] :]
history = model.fit(x, y, epochs=2, verbose=0).history["loss"]
assert np.isfinite(history).all() and history[0] != history[1], history
assert "tensorflow" not in sys.modules
print("trained", name)
"""

FILLER_STEP = """
import sys
import keras, numpy as np
from fstmuse.networks.build import FILLERS
from fstmuse.networks.variational import OBJECTIVES
assert keras.backend.backend() == "jax"
model = FILLERS[sys.argv[1]]((43, 16), OBJECTIVES["elbo"])
model.compile("sgd", "mse")
picture = np.random.default_rng(0).normal(-40, 10, (2, 43, 16)).astype("float32")
missing = np.zeros((2, 43), "float32")
missing[:, 20:30] = 1
loss = model.train_on_batch({"picture": picture, "missing": missing}, picture)
assert np.isfinite(loss), loss
assert "tensorflow" not in sys.modules
print("trained", sys.argv[1])
"""

VOCODER_STEP = """
import sys
import keras, numpy as np
from fstmuse.networks.build import VOCODERS
from fstmuse.spec import MelSpec
assert keras.backend.backend() == "jax"
model = VOCODERS[sys.argv[1]](MelSpec(8000, 256, 64, 24, 0.0, 4000.0), width=8, blocks=1, rounds=1, turns=1)
model.compile("sgd", "mse")
picture = np.random.default_rng(0).normal(-40, 10, (2, 12, 24)).astype("float32")
loss = model.train_on_batch(picture, np.zeros((2, 12 * 64), "float32"))
assert np.isfinite(loss) and all(np.isfinite(np.asarray(weight)).all() for weight in model.trainable_variables)
assert "tensorflow" not in sys.modules
print("trained", sys.argv[1])
"""

GAN_STEP = """
import sys
import jax, keras, numpy as np
from tests.networks.gans import SMALL_GANS, noise
assert keras.backend.backend() == "jax"
jax.config.update("jax_disable_most_optimizations", True)  # compiling takes longer than computing
gan = SMALL_GANS[sys.argv[1]](3)
drawn = gan.generator(gan.generator.input)
label = {name: tensor for name, tensor in gan.generator.input.items() if name == "label"}
both = keras.Model(gan.generator.input, gan.discriminator({"picture": drawn} | label)["music"])
both.compile(keras.optimizers.SGD(0.01), "mse")
losses = [float(both.train_on_batch(noise(gan.generator, 2), np.full((2, 1), 0.3, "float32"))) for _ in range(2)]
assert np.isfinite(losses).all() and losses[0] != losses[1], losses
assert "tensorflow" not in sys.modules
print("trained", sys.argv[1])
"""

needs_jax = pytest.mark.skipif(
    importlib.util.find_spec("jax") is None, reason="jax is not installed; pip install fstmuse[jax]"
)


@needs_jax
@pytest.mark.parametrize("name", [name for name, entry in CATALOGUE.items() if entry.task == "classify"])
def test_one_step_on_jax(name: str) -> None:
    frames, mels = SMALL.get(name, CATALOGUE[name].input_shape)
    run_on_jax(STEP, name, str(min(frames, 300) if "pooled" in name else frames), str(mels))


@needs_jax
@pytest.mark.parametrize("name", ["gapnet", "convae", "convvae"])
def test_one_step_of_fillers_on_jax(name: str) -> None:
    run_on_jax(FILLER_STEP, name)


@needs_jax
@pytest.mark.parametrize(("name", "objective"), [("convvae", "elbo"), ("prednet", "elbo")])
def test_picture_networks_fit_on_jax(name: str, objective: str) -> None:
    run_on_jax(PICTURE_STEP, name, objective)


@needs_jax
def test_one_step_of_the_vocoder_on_jax() -> None:
    run_on_jax(VOCODER_STEP, "vocoder")


@needs_jax
@pytest.mark.parametrize("name", ["toygan", "cmelgan", "melgan-c"])
def test_gans_learn_on_jax(name: str) -> None:
    run_on_jax(GAN_STEP, name)


def run_on_jax(code: str, name: str, *arguments: str) -> None:
    result = subprocess.run(
        [sys.executable, "-c", code, name, *arguments],
        env=os.environ | {"KERAS_BACKEND": "jax", "JAX_PLATFORMS": "cpu"},
        capture_output=True,
        text=True,
    )
    assert result.returncode == 0, result.stderr[-3000:]
    assert f"trained {name}" in result.stdout
