"""MelNet in PyTorch, the report's and ours, as `fstmuse.networks` has them; for `melnet_steps_torch.py`."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import nn
from torch.nn import functional
from torch.utils.checkpoint import checkpoint

Tensor = torch.Tensor
TIME, FREQUENCY = 1, 2


class Stack(nn.Module):
    """Adds to its first input what its GRUs make of its inputs; `remat` computes that again for the gradients."""

    def __init__(self, dims: int, remat: bool, along_time: str, along_bands: str) -> None:
        super().__init__()
        self.remat = remat
        ways = {"": 0, "forward": 1, "both": 2}
        self.over_time, self.over_bands = (
            nn.GRU(dims, dims, batch_first=True, bidirectional=way == "both") if way else None
            for way in (along_time, along_bands)
        )
        self.project = nn.Linear((ways[along_time] + ways[along_bands]) * dims, dims)

    def forward(self, x: Tensor, beside: Tensor | None = None) -> Tensor:
        if self.remat:
            return checkpoint(self.whole, x, beside, use_reentrant=False)
        return self.whole(x, beside)

    def whole(self, x: Tensor, beside: Tensor | None) -> Tensor:
        """Of (batch, frames, mels, dims)."""
        batch, frames, mels, dims = x.shape
        seen, found = x if beside is None else x + beside, []
        if self.over_time is not None:
            y = self.over_time(seen.transpose(1, 2).reshape(-1, frames, dims))[0]
            found.append(y.view(batch, mels, frames, -1).transpose(1, 2))
        if self.over_bands is not None:
            found.append(self.over_bands(seen.reshape(-1, mels, dims))[0].view(batch, frames, mels, -1))
        return x + self.project(torch.cat(found, -1) if len(found) > 1 else found[0])


def time_delayed(dims: int, remat: bool) -> Stack:
    """Forward in time, both ways in frequency."""
    return Stack(dims, remat, "forward", "both")


def frequency_delayed(dims: int, remat: bool) -> Stack:
    """Upwards in frequency."""
    return Stack(dims, remat, "", "forward")


def delayed(picture: Tensor, axis: int) -> Tensor:
    """One step later along an axis."""
    first = torch.zeros_like(picture.narrow(axis, 0, 1))
    return torch.cat([first, picture.narrow(axis, 0, picture.shape[axis] - 1)], axis).unsqueeze(-1)


class ReportTier(nn.Module):
    """A tier of the report's network: pictures and conditions to means, deviations and weights."""

    def __init__(self, dims: int, depth: int, components: int, remat: bool) -> None:
        super().__init__()
        self.components = components
        self.inputs = nn.ModuleList(nn.Linear(1, dims) for _ in range(4))
        self.time = nn.ModuleList(time_delayed(dims, remat) for _ in range(depth))
        self.frequency = nn.ModuleList(frequency_delayed(dims, remat) for _ in range(depth))
        self.out = nn.Linear(2 * dims, 3 * components)

    def forward(self, picture: Tensor, conditions: Tensor) -> Tensor:
        later = torch.cat([picture[:, 1:], torch.zeros_like(picture[:, :1])], 1)
        other = torch.cat([picture[1:], torch.zeros_like(picture[:1])], 0)
        time, frequency = self.inputs[0](later.unsqueeze(-1)), self.inputs[1](other.unsqueeze(-1))
        if conditions.dim() == 2:
            time, frequency = time + conditions[:, None, None], frequency + conditions[:, None, None]
        else:
            conditions = conditions.unsqueeze(-1)
            time, frequency = time + self.inputs[2](conditions), frequency + self.inputs[3](conditions)
        for over_time, over_frequency in zip(self.time, self.frequency, strict=True):
            time = over_time(time)
            frequency = over_frequency(frequency, time)
        means, scales, logits = self.out(torch.cat([time, frequency], -1)).chunk(3, -1)
        deviations = torch.exp(scales / (self.components * scales.norm(dim=-1, keepdim=True)))
        return torch.cat([means, deviations, logits.softmax(-1)], -1)


class ReportFeatures(nn.Module):
    """The report's features of what is known."""

    def __init__(self, mels: int) -> None:
        super().__init__()
        self.both = nn.ModuleList(nn.GRU(mels, mels, batch_first=True) for _ in range(2))
        self.weigh = nn.Linear(2, 1)

    def forward(self, known: Tensor) -> Tensor:
        found = [self.both[0](known)[0], self.both[1](known.flip(1))[0]]
        return self.weigh(torch.stack(found, -1)).squeeze(-1)


class Report(nn.Module):
    """The report's network: the mixtures of its last tier."""

    def __init__(self, mels: int, labels: int, dims: int, depths: Sequence[int], components: int, remat: bool) -> None:
        super().__init__()
        self.label = nn.Embedding(labels, dims)
        self.features = nn.ModuleList(ReportFeatures(size) for size in (mels // 2, mels, mels))
        # In the tiers' order: the second's known picture has half of the bands.
        self.tiers = nn.ModuleList(ReportTier(dims, depth, components, remat) for depth in depths)

    def forward(self, picture: Tensor, label: Tensor) -> Tensor:
        third, known = picture[:, ::2], picture[:, 1::2]
        second, known = known[:, :, ::2], known[:, :, 1::2]
        known = self.drawn(self.tiers[0](known, self.label(label)))
        drawn = self.drawn(self.tiers[1](second, self.features[0](known)))
        known = interleaved(drawn, known, FREQUENCY)
        drawn = self.drawn(self.tiers[2](third, self.features[1](known)))
        return self.tiers[3](picture, self.features[2](interleaved(drawn, known, TIME)))

    def drawn(self, mixtures: Tensor) -> Tensor:
        """Means, and deviations times a number that a clip shares."""
        means, deviations, weights = mixtures.chunk(3, -1)
        noise = torch.randn(len(mixtures), 1, 1)
        return (means * weights).sum(-1) + (deviations * weights).sum(-1) * noise

    def loss(self, inputs: dict[str, Tensor]) -> Tensor:
        """Of the picture one frame later."""
        means, variances, weights = self(inputs["picture"], inputs["label"]).chunk(3, -1)
        away = (inputs["target"].unsqueeze(-1) - means).square()
        densities = torch.exp(-0.5 * away / variances) * torch.rsqrt(2 * math.pi * variances)
        return -((weights + 1e-5) * (densities + 1e-5)).sum(-1).log().mean()


def interleaved(even: Tensor, odd: Tensor, axis: int) -> Tensor:
    """Rows in turn along an axis."""
    return torch.stack([even, odd], axis + 1).flatten(axis, axis + 1)


class Tier(nn.Module):
    """A tier of ours: the first, with a centralised stack, or one that is told what is known."""

    def __init__(
        self, first: bool, mels: int, labels: int, dims: int, depth: int, components: int, remat: bool
    ) -> None:
        super().__init__()
        self.time_input, self.frequency_input = nn.Linear(1, dims), nn.Linear(1, dims)
        vectors = (mels if first else 1) * dims
        self.labels = nn.ModuleList(nn.Embedding(labels, vectors) for _ in range(2)) if labels > 1 else None
        self.bands = nn.ParameterList(torch.zeros(mels, dims) for _ in range(2))
        self.time = nn.ModuleList(time_delayed(dims, remat) for _ in range(depth))
        self.frequency = nn.ModuleList(frequency_delayed(dims, remat) for _ in range(depth))
        self.out = nn.Linear(dims, 3 * components)
        if first:
            self.centre_input = nn.Linear(mels, dims)
            self.centre = nn.ModuleList(Stack(dims, remat, "forward", "") for _ in range(depth))
        else:
            self.known_input = nn.Linear(1, dims)
            self.known = Stack(dims, remat, "both", "both")
            self.told = nn.ModuleList(nn.Linear(dims, dims) for _ in range(2))
        self.first = first

    def forward(self, picture: Tensor, known: Tensor | None, label: Tensor) -> Tensor:
        earlier = delayed(picture, TIME)
        starts = [self.time_input(earlier), self.frequency_input(delayed(picture, FREQUENCY))]
        if not self.first:
            features = self.known(self.known_input(known.unsqueeze(-1)))
            starts = [start + told(features) for start, told in zip(starts, self.told, strict=True)]
        if self.labels is not None:
            told = [
                named(label).reshape(len(label), 1, -1, start.shape[-1])
                for start, named in zip(starts, self.labels, strict=True)
            ]
            starts = [start + vectors for start, vectors in zip(starts, told, strict=True)]
        time, frequency = (start + bands for start, bands in zip(starts, self.bands, strict=True))
        centre = self.centre_input(earlier.squeeze(-1)).unsqueeze(2) if self.first else None
        for number, over_time in enumerate(self.time):
            time = over_time(time)
            if centre is not None:
                centre = self.centre[number](centre)
            frequency = self.frequency[number](frequency, time if centre is None else time + centre)
        return self.out(frequency)

    def loss(self, inputs: dict[str, Tensor]) -> Tensor:
        """Negative log-likelihood."""
        mixtures = self(inputs["picture"], inputs.get("known"), inputs["label"])
        means, log_deviations, logits = mixtures.chunk(3, -1)
        log_deviations = log_deviations.clamp(-7, 2)
        away = (inputs["picture"].unsqueeze(-1) - means) * torch.exp(-log_deviations)
        densities = -0.5 * away.square() - log_deviations - 0.5 * math.log(2 * math.pi)
        return -torch.logsumexp(functional.log_softmax(logits, -1) + densities, -1).mean()
