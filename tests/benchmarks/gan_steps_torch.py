"""A GAN's training step in PyTorch as `fstmuse.training.gan` takes it, and the worker that times it for `gan_steps.py`.

Runs in the benchmark's own environment, which holds torch and nothing of FstMuse:

    python tests/benchmarks/gan_steps_torch.py SETTINGS LAYOUT

SETTINGS is JSON of `gan_steps.py`; LAYOUT is `contiguous` (torch's default), `channels_last`, or `compiled`: the latter
under torch.compile. Behind it: `--bfloat16` runs the networks under autocast, `--copies` lets pictures grow by
copies of their values and plain convolutions.
"""

from __future__ import annotations

import contextlib
import copy
import json
import sys
import time
from collections.abc import Callable

import torch
from gan_networks_torch import build
from steps_worker import serve
from torch import nn
from torch.nn import functional

Tensor = torch.Tensor

LOSSES: dict[str, tuple[Callable[[Tensor, Tensor], Tensor], Callable[[Tensor], Tensor], float]] = {
    "hinge": (lambda real, drawn: (1 - real).relu().mean() + (1 + drawn).relu().mean(), lambda drawn: -drawn.mean(), 0),
    "lsgan": (
        lambda real, drawn: (real - 1).square().mean() + drawn.square().mean(),
        lambda drawn: (drawn - 1).square().mean(),
        0.5,
    ),
}
"""The discriminator's, the generator's, and the answer beyond which a picture is taken for real."""


class Trainer:
    """What `GanTrainer` is.

    Args:
        settings: as `gan_steps.py` gives them.
        memory: layout of the weights.
        compiled: whether the networks go through torch.compile.
        half: whether they run in bfloat16.
    """

    def __init__(self, settings: dict, memory: torch.memory_format, compiled: bool, half: bool) -> None:
        self.settings, self.half = settings, half
        generator, discriminator = build(settings["network"], settings["mels"], settings["labels"])
        self.generator = generator.to(memory_format=memory)
        self.discriminator = discriminator.to(memory_format=memory)
        self.averaged = copy.deepcopy(generator).requires_grad_(False)
        self.draws, self.judges = (
            torch.compile(one) if compiled else one for one in (self.generator, self.discriminator)
        )
        betas = (0.0, 0.99) if settings["loss"] == "hinge" else (0.9, 0.999)
        rates = settings["learning_rate"], settings["discriminator_rate"]
        self.optimizers = [
            torch.optim.Adam(network.parameters(), lr=rate, betas=betas, eps=1e-7, fused=True)
            for network, rate in zip((generator, discriminator), rates, strict=True)
        ]
        self.steps = self.lessons = 0
        self.mean, self.deviation = torch.zeros(settings["mels"]) - 40, torch.full((settings["mels"],), 10.0)
        self.sums = torch.zeros(9)

    def step(self, picture: Tensor, label: Tensor) -> None:
        """A step of both networks, with one drawing for the discriminator's last lesson and the generator's."""
        real = self.forth(picture)
        for _ in range(self.settings["discriminator_steps"] - 1):
            with torch.no_grad():
                drawn = self.draw(label)
            self.teach_discriminator(real, drawn, label)
        drawn = self.draw(label)
        self.teach_discriminator(real, drawn.detach(), label)
        answers, named = self.judge(self.louder(drawn), label)
        loss = LOSSES[self.settings["loss"]][1](answers) + self.naming(named, label)
        weights = list(self.generator.parameters())
        norm = self.apply(0, weights, list(torch.autograd.grad(loss, weights)))
        self.sums[:2] += torch.stack([loss.detach(), norm])
        self.steps += 1
        momentum = min(self.settings["ema"], (1 + self.steps) / (10 + self.steps))
        torch._foreach_lerp_(list(self.averaged.parameters()), list(self.generator.parameters()), 1 - momentum)

    def teach_discriminator(self, real: Tensor, drawn: Tensor, label: Tensor) -> None:
        """Its loss, and R1 where it is due."""
        real, drawn = self.louder(real), self.louder(drawn)
        (right, named), (wrong, misnamed) = self.judge(real, label), self.judge(drawn, label)
        loss = LOSSES[self.settings["loss"]][0](right, wrong) + self.naming(named, label)
        weights = list(self.discriminator.parameters())
        gradients = list(torch.autograd.grad(loss, weights))
        penalty = torch.zeros(())
        if self.settings["r1"] and self.lessons % self.settings["r1_every"] == 0:
            seen = real.detach().requires_grad_()
            (by_picture,) = torch.autograd.grad(self.judge(seen, label)[0].sum(), seen, create_graph=True)
            penalty = by_picture.square().sum((1, 2)).mean() / 2
            cost = self.settings["r1"] * self.settings["r1_every"] * penalty
            pull = torch.autograd.grad(cost, weights, allow_unused=True)
            gradients = [one if more is None else one + more for one, more in zip(gradients, pull, strict=True)]
        self.lessons += 1
        norm = self.apply(1, weights, gradients)
        middle = LOSSES[self.settings["loss"]][2]
        shares = [(right > middle).float().mean(), (wrong <= middle).float().mean()]
        if named is not None:
            shares += [(one.argmax(1) == label).float().mean() for one in (named, misnamed)]
        self.sums[2 : 5 + len(shares)] += torch.stack([loss.detach(), norm, penalty.detach(), *shares])

    def naming(self, logits: Tensor | None, label: Tensor) -> Tensor | float:
        """What it costs to name wrong labels."""
        return 0.0 if logits is None else self.settings["label_weight"] * functional.cross_entropy(logits, label)

    def apply(self, which: int, weights: list[nn.Parameter], gradients: list[Tensor]) -> Tensor:
        """A step of an optimiser; the length of the gradients."""
        for weight, gradient in zip(weights, gradients, strict=True):
            weight.grad = gradient
        self.optimizers[which].step()
        return torch.stack(torch._foreach_norm(gradients)).norm()

    def draw(self, label: Tensor) -> Tensor:
        """Pictures of new noise."""
        noise = {name: torch.randn(len(label), *shape) for name, shape in self.settings["noise"].items()}
        with self.precision():
            drawn = self.draws(noise, label)
        return drawn.float()[:, : self.settings["frames"]]

    def judge(self, picture: Tensor, label: Tensor) -> tuple[Tensor, Tensor | None]:
        """Answers, and the logits of labels where it names them."""
        with self.precision():
            answers, named = self.judges(picture, label)
        return answers.float(), None if named is None else named.float()

    def precision(self) -> contextlib.AbstractContextManager:
        """In which the networks run."""
        return torch.autocast("cpu", torch.bfloat16) if self.half else contextlib.nullcontext()

    def louder(self, picture: Tensor) -> Tensor:
        """Pictures in the network's units, louder or softer."""
        most = self.settings["gain_db"]
        if not most:
            return picture
        gains = torch.empty(len(picture), 1, 1).uniform_(-most, most)
        return self.forth(picture * (3 * self.deviation) + self.mean + gains)

    def forth(self, picture: Tensor) -> Tensor:
        """Decibels to units; the report's networks take pictures as they are."""
        if not self.settings["standardised"]:
            return picture
        return ((picture - self.mean) / (3 * self.deviation)).clamp(-1, 1)


def main() -> None:
    """Builds, then serves steps."""
    settings, layout = json.loads(sys.argv[1]), sys.argv[2]
    torch.set_num_threads(settings["threads"])
    torch.manual_seed(0)
    memory = torch.contiguous_format if layout == "contiguous" else torch.channels_last
    trainer = Trainer(settings, memory, layout == "compiled", "--bfloat16" in sys.argv)
    batch = settings["batch"]
    pictures = 10 * torch.randn(batch, settings["frames"], settings["mels"]) - 40
    labels = torch.arange(batch) % settings["labels"]

    def step() -> None:
        for _ in range(settings["steps"]):
            trainer.step(pictures, labels)
        float(trainer.sums[0])

    def profile() -> list[tuple[str, float]]:
        with torch.profiler.profile(activities=[torch.profiler.ProfilerActivity.CPU]) as recorded:
            step()
        rows = [(event.key, event.self_cpu_time_total / 1000) for event in recorded.key_averages()]
        return sorted(rows, key=lambda row: -row[1])

    both = (trainer.generator, trainer.discriminator)
    facts = {
        "parameters": sum(one.numel() for network in both for one in network.parameters()),
        "version": torch.__version__,
        "threads": torch.get_num_threads(),
    }
    serve(step, facts, profile, clock=time.process_time, warm_up=lambda: trainer.step(pictures, labels))


if __name__ == "__main__":
    main()
