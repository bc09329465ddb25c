"""A network that draws in turn, as what draws pictures or goes on with one. Free of TensorFlow at import."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from fstmuse.errors import ArtifactError, Cancelled, ConfigError
from fstmuse.features.picture import MelPicture
from fstmuse.interrupt import Cancel, Progress
from fstmuse.spec import MelSpec

if TYPE_CHECKING:
    import keras


class TurnCreator:
    """A network that draws pictures element by element.

    Args:
        network: as `fstmuse.networks.melnet_lesson.joined` makes it.
        spec: of its pictures.

    Attributes:
        spec: of its pictures, of any length.
        most_frames: None: it draws any number.
        strides: of frames and of bands, of which the first tier draws one each, the last.
    """

    most_frames: int | None = None

    def __init__(self, network: keras.Model, spec: MelSpec) -> None:
        import tensorflow as tf

        from fstmuse.networks import melnet_tiers
        from fstmuse.networks.melnet_lesson import tiers_of
        from fstmuse.networks.melnet_sampling import TierSampler

        self.spec = dataclasses.replace(spec, max_frames=0)
        net = tiers_of(network)
        self._scaling, self._heeds_labels = net.scaling, "label" in network.input
        self.strides = melnet_tiers.strides(len(net.tiers))
        self._shares = melnet_tiers.shares(len(net.tiers))
        any_length = functools.partial(tf.function, reduce_retracing=True)
        self._samplers = [TierSampler(tier, tf.function, any_length) for tier in net.tiers]

    def warm_up(self) -> None:
        """Draws a little, so that the first music is made as quickly as the second."""
        self(self.strides[0], seed=0)

    def __call__(
        self,
        frames: int,
        seed: int,
        label: int = 0,
        *,
        temperature: float = 1.0,
        prime: np.ndarray | None = None,
        refine: np.ndarray | None = None,
        progress: Progress | None = None,
        cancel: Cancel | None = None,
    ) -> MelPicture:
        """A picture.

        Args:
            frames: to draw, 1 or more, besides those of the prime.
            seed: of the draws.
            label: number of the label, for networks that heed one.
            temperature: above 0; below 1 draws what is likelier, 1 as likely as it was learnt.
            prime: float32 (frames, mels) in the spec's dB, what the picture begins with.
            refine: float32 (frames, mels) in the spec's dB, a picture of as many frames as are drawn: the rows that the
                first tier would draw are taken from it. No prime then.
            progress: called with the share that is done, 0 to 1, rising.
            cancel: looked at between frames.

        Returns:
            The prime, as it is, and `frames` frames, not below what the spec calls silence; fewer where `cancel` was
            set while the last tier drew.

        Raises:
            ArtifactError: the network draws NaN or infinity.
            Cancelled: `cancel` was set before any frame was whole.
            ConfigError: the prime is shorter than the tiers' stride.
        """
        options = {"temperature": temperature, "prime": prime, "refine": refine, "progress": progress, "cancel": cancel}
        return MelPicture(self.many(frames, [seed], [label], **options)[0], self.spec)

    def many(
        self,
        frames: int,
        seeds: Sequence[int],
        labels: Sequence[int],
        *,
        temperature: float = 1.0,
        prime: np.ndarray | None = None,
        refine: np.ndarray | None = None,
        progress: Progress | None = None,
        cancel: Cancel | None = None,
    ) -> np.ndarray:
        """Pictures that are drawn at once, which takes little longer than one.

        Args:
            frames: as in a call; of each.
            seeds: of the pictures: what is drawn of a seed depends on nothing that is drawn beside it.
            labels: number of each one's label.
            temperature: as in a call.
            prime: likewise; of all.
            refine: likewise; of all.
            progress: likewise.
            cancel: likewise.

        Returns:
            float32 (pictures, frames, mels).

        Raises:
            ArtifactError: the network draws NaN or infinity.
            Cancelled: `cancel` was set before any frame was whole.
            ConfigError: the prime is shorter than the tiers' stride.
        """
        from fstmuse.networks.creators import not_below_silence
        from fstmuse.networks.melnet_drawing import draw

        given = None if prime is None else self._given(prime, len(seeds))
        known = 0 if given is None else given.shape[1]
        count = -(-(known + frames) // self.strides[0]) * self.strides[0]
        coarse = None if refine is None else self._coarse(refine, count, len(seeds))
        shares = [0.0, *self._shares[1:]] if refine is not None else self._shares

        def tell(tier: int, done: int, rows: int) -> bool:
            if progress:
                progress((sum(shares[: tier - 1]) + shares[tier - 1] * done / rows) / sum(shares))
            return cancel is not None and cancel.is_set()

        label = np.asarray(labels, np.int32) if self._heeds_labels else None
        begun = {"prime": given, "coarse": coarse}
        drawn = draw(self._samplers, count, seeds, label=label, temperature=temperature, on_frame=tell, **begun)
        drawn = drawn[:, known : known + frames]
        if not drawn.shape[1]:
            raise Cancelled("Cancelled before the picture was drawn.")
        values = np.asarray(self._scaling.back(drawn))
        if not np.isfinite(values).all():
            raise ArtifactError("The network draws NaN or infinity: its training went astray. Train it again.")
        values = np.array(not_below_silence(values, self.spec))
        if refine is not None:
            # The network's units end at three deviations; what was given does not.
            rows = self._rows()
            values[rows] = refine[None, : values.shape[1]][rows]
        return values if prime is None else np.concatenate([np.stack([prime] * len(seeds)), values], axis=1)

    def _rows(self) -> tuple[slice, ...]:
        """Where the first tier's rows lie in (clips, frames, mels)."""
        return (slice(None), *(slice(stride - 1, None, stride) for stride in self.strides))

    def _coarse(self, picture: np.ndarray, frames: int, clips: int) -> np.ndarray:
        """What the first tier would draw of a picture, in the network's units; its last frame lasts up to `frames`."""
        longer = np.pad(picture, ((0, frames - len(picture)), (0, 0)), "edge")
        return np.repeat(np.asarray(self._scaling.forth(longer[None]))[self._rows()], clips, axis=0)

    def _given(self, prime: np.ndarray, clips: int) -> np.ndarray:
        """The end of a prime in the network's units: as many frames as go into the tiers."""
        known = len(prime) // self.strides[0] * self.strides[0]
        if not known:
            least_s = self.strides[0] * self.spec.hop_length / self.spec.sample_rate
            raise ConfigError(
                f"Received a prime of {len(prime)} frames; expected {self.strides[0]} at least, {least_s:.2f} s of "
                "sound. Give a longer clip."
            )
        return np.stack([np.asarray(self._scaling.forth(prime[None, len(prime) - known :]))[0]] * clips)
