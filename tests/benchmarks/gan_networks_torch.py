"""melgan-c and cMelGAN in PyTorch, layer by layer, as `fstmuse.networks` has them; for `gan_steps_torch.py`."""

from __future__ import annotations

import sys
from itertools import pairwise

import torch
from torch import nn
from torch.nn import functional
from torch.nn.utils.parametrizations import weight_norm

SLOPE, TINY = 0.2, 1e-8
SUMMED = "--copies" not in sys.argv
Networks = tuple[nn.Module, nn.Module]
Answers = tuple[torch.Tensor, torch.Tensor | None]


class OfBands(nn.Module):
    """Adds a vector to each band's channels."""

    def __init__(self, bands: int, channels: int) -> None:
        super().__init__()
        self.vectors = nn.Parameter(torch.zeros(channels, 1, bands))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x + self.vectors


class Styled(nn.Module):
    """Channels to mean square 1, then scaled and shifted by the style, and leaky ReLU."""

    def __init__(self, features: int, channels: int) -> None:
        super().__init__()
        self.says = nn.Linear(features, 2 * channels)

    def forward(self, x: torch.Tensor, style: torch.Tensor) -> torch.Tensor:
        says = self.says(style).view(len(style), -1, *(1,) * (x.dim() - 2))
        scale, shift = says.chunk(2, 1)
        x = x * torch.rsqrt(x.square().mean(1, keepdim=True) + TINY) * (1 + scale) + shift
        return functional.leaky_relu(x, SLOPE)


class Level(nn.Module):
    """A picture that grows, a convolution, the bands' vectors, the style."""

    def __init__(self, inputs: int, channels: int, bands: int, features: int, times: tuple[int, int]) -> None:
        super().__init__()
        self.times = times
        self.conv = nn.Conv2d(inputs, channels, 3, padding=1, bias=False)
        self.bands, self.styled = OfBands(bands, channels), Styled(features, channels)

    def forward(self, x: torch.Tensor, style: torch.Tensor) -> torch.Tensor:
        return self.styled(self.bands(self.grown(x)), style)

    def grown(self, x: torch.Tensor) -> torch.Tensor:
        """By taps summed up, as `fstmuse.networks.grown.GrownConv2D`; with `--copies` by copies."""
        if self.times == (1, 1):
            return self.conv(x)
        if not SUMMED:
            return self.conv(functional.interpolate(x, scale_factor=self.times))
        kernel = self.conv.weight
        for axis, times in enumerate(self.times):
            if times == 2:
                one, other = ((0, 0, 0, 1), (0, 0, 1, 0)) if axis == 0 else ((0, 1), (1, 0))
                kernel = functional.pad(kernel, one) + functional.pad(kernel, other)
        return functional.conv_transpose2d(x, kernel.flip(2, 3).transpose(0, 1), stride=self.times, padding=1)


class Generator(nn.Module):
    """melgan-c's: style (batch, 64), cells (batch, cells, 32) and labels to pictures."""

    def __init__(self, mels: int, labels: int, drawn: tuple[int, ...], features: int) -> None:
        super().__init__()
        self.mels, self.first = mels, drawn[0]
        self.named = nn.Embedding(labels, 64)
        self.style = nn.ModuleList([nn.Linear(128, features), nn.Linear(features, features)])
        wide = 2 * features
        self.mix = nn.ModuleList(nn.Conv1d(inputs, wide, 3) for inputs in (32, wide, wide))
        self.mixed = nn.ModuleList(Styled(features, wide) for _ in range(3))
        self.slots = nn.Linear(wide, 4 * 8 * drawn[0])
        grown = ((8, (1, 1)), (16, (2, 2)), (32, (2, 2)), (64, (1, 2)))
        sizes = zip(pairwise((drawn[0], *drawn)), grown, strict=True)
        self.levels = nn.ModuleList(Level(*channels, bands, features, times) for channels, (bands, times) in sizes)
        self.drawn = nn.Conv2d(drawn[3], mels // 64, 3, padding=1)

    def forward(self, noise: dict[str, torch.Tensor], label: torch.Tensor) -> torch.Tensor:
        style = torch.cat([noise["style"], self.named(label)], 1)
        for dense in self.style:
            style = functional.leaky_relu(dense(style), SLOPE)
        x = noise["cells"].transpose(1, 2)
        for conv, styled in zip(self.mix, self.mixed, strict=True):
            x = styled(conv(x), style)
        x = self.slots(x.transpose(1, 2))
        x = x.reshape(len(x), -1, 8, self.first).permute(0, 3, 1, 2)
        x = self.levels[0](x, style)
        x = self.levels[1](x, style)[:, :, 6:-6]
        x = self.levels[3](self.levels[2](x, style), style)
        x = self.drawn(x)[:, :, 4:-4].permute(0, 2, 3, 1)
        return torch.tanh(x.reshape(len(x), -1, self.mels))


class Discriminator(nn.Module):
    """melgan-c's: pictures and labels to logits, of being real and of each label."""

    def __init__(self, mels: int, labels: int, judged: tuple[int, ...], features: int) -> None:
        super().__init__()
        self.convs = nn.ModuleList(nn.Conv2d(*c, 4, 2, padding=1, bias=False) for c in pairwise((1, *judged)))
        self.bands = nn.ModuleList(OfBands(mels // 2 ** (n + 1), c) for n, c in enumerate(judged))
        last = judged[-1]
        self.last = nn.Conv2d(last + 1, last, 3, padding=1)
        self.features = nn.Linear(mels // 2 ** len(judged) * last, features)
        self.music, self.named = nn.Linear(features, 1), nn.Embedding(labels, features)
        self.labels = nn.Linear(features, labels)

    def forward(self, picture: torch.Tensor, label: torch.Tensor) -> Answers:
        x = picture.unsqueeze(1)
        for conv, bands in zip(self.convs, self.bands, strict=True):
            x = functional.leaky_relu(bands(conv(x)), SLOPE)
        deviation = ((x - x.mean(0, keepdim=True)).square().mean(0) + TINY).sqrt().mean()
        x = torch.cat([x, deviation.expand_as(x[:, :1])], 1)
        x = functional.leaky_relu(self.last(x), SLOPE)
        x = x.permute(0, 2, 3, 1).flatten(2)
        x = functional.leaky_relu(self.features(x), SLOPE).mean(1)
        return self.music(x) + (x * self.named(label)).sum(1, keepdim=True), self.labels(x)


class Dilated(nn.Module):
    """cMelGAN's residual block."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.dilations = (1, 3, 9)
        self.conv = nn.ModuleList(weight_norm(nn.Conv2d(channels, channels, 3, dilation=d)) for d in self.dilations)
        self.point, self.shortcut = (
            nn.ModuleList(weight_norm(nn.Conv2d(channels, channels, 1)) for _ in self.dilations) for _ in range(2)
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        for n, dilation in enumerate(self.dilations):
            y = functional.pad(functional.leaky_relu(x, SLOPE), (dilation,) * 4, mode="reflect")
            y = self.point[n](functional.leaky_relu(self.conv[n](y), SLOPE))
            x = self.shortcut[n](x) + y
        return x


class ReportGenerator(nn.Module):
    """cMelGAN's."""

    def __init__(self, labels: int) -> None:
        super().__init__()
        self.named, self.start = nn.Embedding(labels, 128), nn.Linear(128, 256 * 4 * 4)
        sizes = ((256, 512, 4, 4, 0), (512, 128, 4, 4, 0), (128, 32, 8, 2, 3), (32, 1, 8, 2, 3))
        self.grown = nn.ModuleList(weight_norm(nn.ConvTranspose2d(*size)) for size in sizes)
        self.blocks = nn.ModuleList(Dilated(size[1]) for size in sizes)
        self.dropout = nn.Dropout(0.5)

    def forward(self, noise: dict[str, torch.Tensor], label: torch.Tensor) -> torch.Tensor:
        x = functional.leaky_relu(self.start(noise["style"] * self.named(label)).view(-1, 256, 4, 4), SLOPE)
        for grown, block in zip(self.grown, self.blocks, strict=True):
            x = block(self.dropout(functional.leaky_relu(grown(x), SLOPE)))
        return x.squeeze(1)


class ReportDiscriminator(nn.Module):
    """cMelGAN's."""

    def __init__(self, labels: int) -> None:
        super().__init__()
        self.named = nn.Embedding(labels, 256 * 256)
        sizes = ((2, 16, 21, 1, 10, 1), (16, 32, 22, 4, 393, 4), (32, 64, 22, 4, 9, 16), (64, 128, 22, 4, 9, 16))
        sizes += ((128, 256, 22, 4, 9, 32), (256, 832, 6, 2, 1, 64))
        self.convs = nn.ModuleList(weight_norm(nn.Conv2d(i, o, k, s, p, groups=g)) for i, o, k, s, p, g in sizes)
        self.real = nn.Linear(832, 1)

    def forward(self, picture: torch.Tensor, label: torch.Tensor) -> Answers:
        x = torch.stack([picture, self.named(label).view(-1, 256, 256)], 1)
        for conv in self.convs:
            x = functional.leaky_relu(conv(x), SLOPE)
        return torch.sigmoid(self.real(x.flatten(1))), None


def build(network: str, mels: int, labels: int) -> Networks:
    """Generator and discriminator of that name."""
    if network.startswith("cmelgan"):
        return ReportGenerator(labels), ReportDiscriminator(labels)
    drawn, judged, features = {
        "melgan-c-tiny": ((64, 48, 32, 16), (16, 32, 64, 96), 128),
        "melgan-c": ((224, 168, 112, 56), (56, 112, 224, 320), 256),
    }[network]
    return Generator(mels, labels, drawn, features), Discriminator(mels, labels, judged, features)
