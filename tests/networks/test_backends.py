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


@pytest.mark.skipif(importlib.util.find_spec("jax") is None, reason="jax is not installed; pip install fstmuse[jax]")
@pytest.mark.parametrize("name", CATALOGUE)
def test_one_step_on_jax(name: str) -> None:
    frames, mels = SMALL.get(name, CATALOGUE[name].input_shape)
    result = subprocess.run(
        [sys.executable, "-c", STEP, name, str(min(frames, 300) if "pooled" in name else frames), str(mels)],
        env=os.environ | {"KERAS_BACKEND": "jax", "JAX_PLATFORMS": "cpu"},
        capture_output=True,
        text=True,
    )
    assert result.returncode == 0, result.stderr[-3000:]
    assert f"trained {name}" in result.stdout
