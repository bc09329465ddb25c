"""The catalogue's networks in PyTorch, layer by layer, and the worker that times them for `steps.py`.

Runs in the benchmark's own environment, which holds torch and nothing of FstMuse:

    python tests/benchmarks/steps_torch.py NETWORK BATCH FRAMES MELS OUTPUTS THREADS LAYOUT

LAYOUT is `contiguous` (torch's default), `channels_last`, or `compiled`: the latter under torch.compile.
"""

from __future__ import annotations

import itertools
import sys

import torch
from steps_worker import serve
from torch import nn
from torch.nn import functional

KERAS_EPSILON = 1e-3
"""Of Keras' normalisation layers; torch's own default is 1e-5."""


class Flattened(nn.Module):
    """ToyModel and FstMuse as in the report: the picture flattened into one wide layer."""

    def __init__(self, stack: list[nn.Module], shape: tuple[int, int], outputs: int) -> None:
        super().__init__()
        self.stack = nn.Sequential(*stack)
        with torch.no_grad():
            width = self.stack(torch.zeros(1, 1, *shape)).numel()
        self.dense = nn.Linear(width, 32)
        self.out = nn.Linear(32, outputs)

    def forward(self, picture: torch.Tensor) -> torch.Tensor:
        x = self.stack(picture.unsqueeze(1)).flatten(1)
        return self.out(functional.relu(self.dense(x)))


class Pooled(nn.Module):
    """The pooled ones: level, equaliser, convolutions, coarse bands kept, mean and maximum over time."""

    def __init__(
        self, stack: list[nn.Module], bands: int, shape: tuple[int, int], outputs: int, dropout: float
    ) -> None:
        super().__init__()
        self.shape = shape
        self.equalise = nn.BatchNorm1d(shape[1], eps=KERAS_EPSILON, momentum=0.1)
        self.stack = nn.Sequential(*stack, nn.AvgPool2d((1, bands)))
        with torch.no_grad():
            features = self.stack(torch.zeros(2, 1, *shape))[0]
        self.dropout = nn.Dropout(dropout)
        self.dense = nn.Linear(2 * features.shape[0] * features.shape[2], 32)
        self.out = nn.Linear(32, outputs)

    def forward(self, picture: torch.Tensor) -> torch.Tensor:
        x = functional.layer_norm(picture, self.shape, eps=KERAS_EPSILON)
        x = self.equalise(x.transpose(1, 2)).transpose(1, 2)
        x = self.stack(x.unsqueeze(1))  # (batch, filters, frames, bands)
        x = torch.cat([x.mean(2).flatten(1), x.amax(2).flatten(1)], 1)
        return self.out(functional.relu(self.dense(self.dropout(x))))


class Residual(nn.Module):
    """A residual block of stride 2 with a convolution in its shortcut."""

    def __init__(self, inputs: int, filters: int) -> None:
        super().__init__()
        self.shortcut = nn.Sequential(nn.Conv2d(inputs, filters, 3, stride=2, padding=1), nn.BatchNorm2d(filters))
        self.body = nn.Sequential(
            nn.Conv2d(inputs, filters, 3, stride=2, padding=1),
            nn.BatchNorm2d(filters),
            nn.ReLU(),
            nn.Conv2d(filters, filters, 3, padding=1),
            nn.BatchNorm2d(filters),
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return functional.relu(self.shortcut(x) + self.body(x))


class ShortChunk(nn.Module):
    """Short-chunk CNN with residuals."""

    def __init__(self, outputs: int) -> None:
        super().__init__()
        filters = (1, 128, 128, 256, 256, 256, 256, 512)
        pairs = itertools.pairwise(filters)
        self.stack = nn.Sequential(nn.BatchNorm2d(1), *(Residual(*pair) for pair in pairs))
        self.head = nn.Sequential(
            nn.Linear(512, 512), nn.BatchNorm1d(512), nn.ReLU(), nn.Dropout(0.5), nn.Linear(512, outputs)
        )

    def forward(self, picture: torch.Tensor) -> torch.Tensor:
        return self.head(self.stack(picture.unsqueeze(1)).amax((2, 3)))


def conv(inputs: int, filters: int, size: int) -> list[nn.Module]:
    """A convolution without padding, and ReLU."""
    return [nn.Conv2d(inputs, filters, size), nn.ReLU()]


def normed(inputs: int, filters: int, size: int) -> list[nn.Module]:
    """A convolution without padding, batch normalisation, ReLU."""
    norm = nn.BatchNorm2d(filters, eps=KERAS_EPSILON, momentum=0.1)
    return [nn.Conv2d(inputs, filters, size, bias=False), norm, nn.ReLU()]


def build(network: str, shape: tuple[int, int], outputs: int) -> nn.Module:
    """The network of that name: float32 (batch, frames, mels) to logits (batch, outputs)."""
    one = normed if network.endswith("-pooled") else conv
    toymodel = [*one(1, 32, 9), *one(32, 64, 3), nn.MaxPool2d(2), *one(64, 128, 2)]
    fstmuse = [*one(1, 32, 9), *one(32, 64, 3), nn.MaxPool2d(2), *one(64, 64, 9), *one(64, 128, 3), nn.MaxPool2d(4)]
    fstmuse += one(128, 128, 2)
    return {
        "toymodel": lambda: Flattened(toymodel, shape, outputs),
        "fstmuse": lambda: Flattened(fstmuse, shape, outputs),
        "toymodel-pooled": lambda: Pooled(toymodel, 4, shape, outputs, 0.3),
        "fstmuse-pooled": lambda: Pooled(fstmuse, 1, shape, outputs, 0.3),
        "shortchunk": lambda: ShortChunk(outputs),
    }[network]()


def main() -> None:
    """Builds, then serves steps."""
    network, layout = sys.argv[1], sys.argv[7]
    batch, frames, mels, outputs, threads = map(int, sys.argv[2:7])
    torch.set_num_threads(threads)
    torch.manual_seed(0)
    model = build(network, (frames, mels), outputs).train()
    if layout != "contiguous":
        model = model.to(memory_format=torch.channels_last)
    forward = torch.compile(model) if layout == "compiled" else model
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3, eps=1e-7, fused=True)
    pictures = 10 * torch.randn(batch, frames, mels) - 40
    targets = torch.arange(batch) % outputs
    right = torch.zeros(())

    def step() -> float:
        optimizer.zero_grad(set_to_none=True)
        logits = forward(pictures)
        loss = functional.cross_entropy(logits, targets)
        loss.backward()
        optimizer.step()
        right.add_((logits.detach().argmax(1) == targets).sum())
        return loss.item()

    def profile() -> list[tuple[str, float]]:
        with torch.profiler.profile(activities=[torch.profiler.ProfilerActivity.CPU]) as recorded:
            for _ in range(3):
                step()
        rows = [(event.key, event.self_cpu_time_total / 3000) for event in recorded.key_averages()]
        return sorted(rows, key=lambda row: -row[1])

    facts = {
        "parameters": sum(parameter.numel() for parameter in model.parameters() if parameter.requires_grad),
        "version": torch.__version__,
        "threads": torch.get_num_threads(),
    }
    serve(step, facts, profile)


if __name__ == "__main__":
    main()
