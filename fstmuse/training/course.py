"""What differs between tasks when a network is trained; `fstmuse.training.fit` does what does not."""

from __future__ import annotations

import dataclasses
from typing import Any

import keras
import tensorflow as tf

from fstmuse.data.dataset import Examples
from fstmuse.networks.build import build_filler, build_gan, build_predictor, build_vocoder
from fstmuse.networks.catalogue import find
from fstmuse.networks.continuers import continuer
from fstmuse.networks.variational import OBJECTIVES, Objective
from fstmuse.tasks import generate, going_on, infill, infill_losses, vocode, vocode_losses
from fstmuse.training.config import TrainConfig
from fstmuse.training.gan import GanTrainer
from fstmuse.training.labelled_course import Classification, Labelled, Tagging
from fstmuse.training.optimizers import gan_optimizers, optimizer
from fstmuse.training.run import RunFolder
from fstmuse.training.samples import Samples
from fstmuse.training.shared_course import Course, Shared
from fstmuse.watch import Watch


class Infill(Shared):
    """Gaps in pictures."""

    @property
    def objective(self) -> str:
        """What the network is trained for."""
        return self.config.objective or self.entry.objectives[0]

    @property
    def variational(self) -> Objective:
        """The same, as a variational network needs it; without a meaning for others."""
        return _variational(self.config, self.objective)

    def network(self) -> keras.Model:
        """From pictures with gaps to pictures without."""
        return build_filler(self.config.network, self.variational)

    def aim(self, steps: int) -> dict[str, Any]:
        """The objective's loss; errors in the gap, in dB."""
        return {
            "optimizer": optimizer(self.config, steps),
            "loss": infill_losses.loss(self.objective, self.variational),
            "metrics": infill_losses.metrics(),
        }

    def training(self, epoch: int) -> tf.data.Dataset:
        """Random windows with random gaps."""
        config = self.config
        draws = {"draws": config.crops_per_clip, "seed": config.seed, "epoch": epoch}
        return infill.training_dataset(self.train, self.entry, self._gaps(), batch_size=config.batch_size, **draws)

    def validation(self, replicas: int) -> tf.data.Dataset:
        """Windows side by side with gaps that stay."""
        return infill.validation_dataset(self.valid, self.entry, self._gaps(), self.config.batch_size, replicas)

    def _gaps(self) -> infill.Gaps:
        return infill.Gaps(self.config.gap_least, self.config.gap_most, self.config.equalise_db)


class Continue(Shared):
    """What comes after a picture."""

    @property
    def variational(self) -> Objective:
        """What the network is trained for."""
        return _variational(self.config, self.config.objective or self.entry.objectives[0])

    def network(self) -> keras.Model:
        """From pictures to their last frames."""
        return build_predictor(self.config.network, self.variational)

    def aim(self, steps: int) -> dict[str, Any]:
        """The bound, of which the network adds the divergence itself; errors in dB."""
        loss = self.variational.loss()
        return {"optimizer": optimizer(self.config, steps), "loss": loss, "metrics": going_on.metrics()}

    def training(self, epoch: int) -> tf.data.Dataset:
        """Random windows."""
        config = self.config
        draws = {"draws": config.crops_per_clip, "seed": config.seed, "epoch": epoch}
        size = config.batch_size
        return going_on.training_dataset(self.train, self.entry, config.equalise_db, batch_size=size, **draws)

    def validation(self, replicas: int) -> tf.data.Dataset:
        """All that comes after the first seconds of every clip."""
        return going_on.validation_dataset(self.valid, self.entry, self.config.batch_size, replicas)

    def product(self, network: keras.Model) -> keras.Model:
        """Without the encoder, which is of use in training alone; from pictures in dB."""
        return continuer(network)


class Vocode(Shared):
    """Sound of pictures."""

    def network(self) -> keras.Model:
        """From pictures to sound."""
        return build_vocoder(self.config.network)

    def aim(self, steps: int) -> dict[str, Any]:
        """Distances of spectra."""
        mel = self.entry.mel
        losses = {"loss": vocode_losses.SoundLoss(mel), "metrics": [vocode_losses.distance(mel)]}
        return {"optimizer": optimizer(self.config, steps), **losses}

    def training(self, epoch: int) -> tf.data.Dataset:
        """Random windows, louder and softer."""
        config = self.config
        draws = {"draws": config.crops_per_clip, "seed": config.seed, "epoch": epoch}
        return vocode.training_dataset(self.train, self.entry, config.gain_db, batch_size=config.batch_size, **draws)

    def validation(self, replicas: int) -> tf.data.Dataset:
        """Windows side by side."""
        return vocode.validation_dataset(self.valid, self.entry, self.config.batch_size, replicas)


class Generate(Shared):
    """Music from noise: two networks that learn from each other."""

    @property
    def objective(self) -> str:
        """What the networks are trained for; their discriminator's last layer allows one alone."""
        return self.entry.objectives[0]

    def network(self) -> GanTrainer:
        """Both networks, with the scaling that suits the training clips."""
        config = self.config
        gan = build_gan(config.network, self.train.targets.shape[1])
        gan.scaling.fit([generate.chosen_windows(self.train, _SCALED_BY, config.seed)["picture"]])
        return GanTrainer(
            gan,
            self.entry,
            loss=self.objective,
            r1_weight=config.r1,
            r1_every=config.r1_every,
            label_weight=config.label_weight,
            discriminator_steps=config.discriminator_steps,
            average=config.ema,
            gain_db=config.gain_db,
            seed=config.seed,
        )

    def aim(self, steps: int) -> dict[str, Any]:
        """Two optimisers; losses and metrics are the networks' own."""
        return gan_optimizers(self.config, steps, faithful=self.objective != "hinge")

    def training(self, epoch: int) -> tf.data.Dataset:
        """Random windows."""
        config = self.config
        draws = {"draws": config.crops_per_clip, "seed": config.seed, "epoch": epoch}
        return generate.training_dataset(self.train, self.entry, batch_size=config.batch_size, **draws)

    def validation(self, replicas: int) -> None:
        """`callbacks` measure: what is drawn has no right answer."""

    def callbacks(self, run: RunFolder, watch: Watch) -> list[keras.callbacks.Callback]:
        """Samples of each epoch."""
        return [Samples(self.entry, self.train, self.valid, self.config.seed, run, watch)]

    def product(self, network: GanTrainer) -> keras.Model:
        """The generator's average, from noise to pictures."""
        return network.creator()

    @property
    def swaps(self) -> bool:
        """The average is a network of its own."""
        return False


_SCALED_BY = 512
"""Windows of the training clips."""


def _variational(config: TrainConfig, objective: str) -> Objective:
    known = OBJECTIVES.get(objective, Objective())
    return dataclasses.replace(known, beta=config.beta, free_bits=config.free_bits)


_COURSES: dict[str, type[Labelled | Infill | Continue | Vocode | Generate]] = {
    "classify": Classification,
    "tag": Tagging,
    "infill": Infill,
    "continue": Continue,
    "vocode": Vocode,
    "generate": Generate,
}


def find_course(config: TrainConfig, train: Examples, valid: Examples) -> Course:
    """The course of the task that the network of `config` is for."""
    entry = find(config.network)
    return _COURSES[entry.task](config, entry, train, valid)
