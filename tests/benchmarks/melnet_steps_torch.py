"""The worker that times MelNet's training steps in PyTorch for `melnet_steps.py`.

Runs in the benchmark's own environment, which holds torch and nothing of FstMuse:

    python tests/benchmarks/melnet_steps_torch.py SETTINGS

SETTINGS is JSON of `melnet_steps.py`.
"""

from __future__ import annotations

import json
import sys
import time

import torch
from melnet_networks_torch import Report, Tier
from steps_worker import serve
from torch import nn


def build(settings: dict) -> list[nn.Module]:
    """What is trained by a loss of its own: the report's whole network, each tier of ours."""
    mels, labels, remat = settings["mels"], settings["labels"], settings["remat"]
    components, depths = settings["components"], settings["depths"]
    if settings["report"]:
        return [Report(mels, labels, settings["dims"][0], depths, components, remat)]
    sizes = zip(shapes(settings), settings["dims"], depths, strict=True)
    return [
        Tier(number == 0, bands, labels, dims, depth, components, remat)
        for number, ((_, bands), dims, depth) in enumerate(sizes)
    ]


def shapes(settings: dict) -> list[tuple[int, int]]:
    """Frames and bands of what each network is trained on: for ours, of the four tiers' parts."""
    frames, mels = settings["frames"], settings["mels"]
    if settings["report"]:
        return [(frames, mels)]
    coarse, half = (frames // 4, mels // 2), frames // 2
    return [coarse, coarse, (half, mels // 2), (half, mels)]


def main() -> None:
    """Builds, then serves steps."""
    settings = json.loads(sys.argv[1])
    torch.set_num_threads(settings["threads"])
    torch.manual_seed(0)
    networks = build(settings)
    optimizers = [
        torch.optim.Adam(network.parameters(), lr=settings["learning_rate"], eps=1e-7, fused=True)
        for network in networks
    ]
    batch, label = settings["batch"], torch.arange(settings["batch"]) % settings["labels"]
    lessons = [
        {name: torch.rand(batch, *shape) * 2 - 1 for name in ("picture", "target", "known")} | {"label": label}
        for shape in shapes(settings)
    ]

    def step() -> float:
        total = 0.0
        for network, optimizer, lesson in zip(networks, optimizers, lessons, strict=True):
            optimizer.zero_grad(set_to_none=True)
            loss = network.loss(lesson)
            loss.backward()
            optimizer.step()
            total += loss.item()
        return total

    def profile() -> list[tuple[str, float]]:
        with torch.profiler.profile(activities=[torch.profiler.ProfilerActivity.CPU]) as recorded:
            step()
        rows = [(event.key, event.self_cpu_time_total / 1000) for event in recorded.key_averages()]
        return sorted(rows, key=lambda row: -row[1])

    facts = {
        "parameters": sum(one.numel() for network in networks for one in network.parameters()),
        "version": torch.__version__,
        "threads": torch.get_num_threads(),
    }
    serve(step, facts, profile, clock=time.process_time)


if __name__ == "__main__":
    main()
