"""One object that answers all that can be asked of an artifact."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np

from fstmuse.artifacts.load import load
from fstmuse.artifacts.serving import Listener
from fstmuse.errors import ArtifactError
from fstmuse.features import continue_sound
from fstmuse.features.gap_sound import ITERATIONS
from fstmuse.inference.classifying import classify
from fstmuse.inference.continue_result import Continuation
from fstmuse.inference.continuing import go_on
from fstmuse.inference.creating import create, create_many
from fstmuse.inference.creation_settings import GRIFFIN_LIM, Wish
from fstmuse.inference.creators import picture_creator
from fstmuse.inference.generate_result import Creation
from fstmuse.inference.infill_result import Infilling
from fstmuse.inference.infilling import infill
from fstmuse.inference.network_continuer import Continuer
from fstmuse.inference.network_filler import NetworkFiller
from fstmuse.inference.results import Classification
from fstmuse.interrupt import Cancel, Progress
from fstmuse.networks.entry import LABELLING

# Sound that is heard in one step: enough to fill two cores, little enough for 300 MB over any length.
_STEP_SECONDS = 12.0

# Noise that a network is warmed up with: as long as most clips, so that it meets all sizes of batches.
_WARM_UP_S = 30.0


class Session:
    """A loaded artifact.

    Args:
        artifact: its folder.

    Attributes:
        card: what the artifact is.

    Raises:
        ArtifactError: the artifact is missing, damaged or unsafe.
    """

    def __init__(self, artifact: Path | str) -> None:
        import tensorflow as tf

        self.artifact = Path(artifact)
        network, self.card = load(self.artifact)
        if self.card.task == "infill":
            self._filler = NetworkFiller(network, self.card.mel)
            return
        if self.card.task == "continue":
            self._continuer = Continuer(network, self.card.mel)
            return
        if self.card.task == "generate":
            self._creator = picture_creator(network, self.card)
            return
        listener = Listener(network, self.card)
        window = tf.TensorSpec((None, self.card.audio.samples), tf.float32)
        # One trace for every batch size, made on the first question.
        self._listen = tf.function(listener, input_signature=[window])
        self._batch = max(1, math.floor(_STEP_SECONDS / self.card.audio.seconds))

    def warm_up(self) -> None:
        """Answers noise once, as far as the artifact can, so that its first answer is as quick as the second."""
        if self.card.task in LABELLING:
            noise = np.random.default_rng(0).standard_normal(round(_WARM_UP_S * self.card.audio.sample_rate))
            self.classify(0.1 * noise.astype(np.float32))
        elif self.card.task == "infill":
            self._filler.warm_up()
        elif self.card.task == "continue":
            self._continuer.warm_up()
        elif self.card.task == "generate":
            self._creator.warm_up()

    def classify(
        self,
        sound: Path | str | np.ndarray,
        *,
        along_time: bool = False,
        start_s: float = 0.0,
        duration_s: float | None = None,
        progress: Progress | None = None,
        cancel: Cancel | None = None,
    ) -> Classification:
        """Probabilities of the labels of a file or of a waveform of any length, in constant memory.

        Of a network that classifies they sum to 1; of one that tags each stands by itself.

        Args:
            sound: path of an audio file of any rate and number of channels, or float (samples,) mono at
                `card.audio.sample_rate` Hz, in [-1, 1].
            along_time: keep the probabilities of every window, too.
            start_s: of a file: where the part to hear begins, in s.
            duration_s: of a file: length of the part to hear, in s; None goes to its end.
            progress: called with the share that is done, 0 to 1, rising.
            cancel: looked at between steps.

        Returns:
            Mean probabilities over the windows, and with `along_time` those of each; times are those of the file,
            also where a part of it was heard.

        Raises:
            ArtifactError: the artifact was trained neither to classify nor to tag.
            AudioError: the sound cannot be decoded, is empty, silent throughout, or no finite float numbers.
            Cancelled: `cancel` was set.
        """
        self._require_task(LABELLING, "classifies or tags")
        return classify(
            self._listen,
            self.card,
            self._batch,
            sound,
            along_time=along_time,
            start_s=start_s,
            duration_s=duration_s,
            progress=progress,
            cancel=cancel,
        )

    def infill(
        self,
        sound: Path | str,
        gaps: Iterable[Sequence[float]] = (),
        *,
        find: bool = False,
        seed: int = 0,
        iterations: int = ITERATIONS,
        progress: Progress | None = None,
        cancel: Cancel | None = None,
    ) -> Infilling:
        """Fills gaps of a sound file, as `fstmuse.inference.infilling.infill` does, with this network.

        Args:
            sound: path of an audio file of any rate and number of channels.
            gaps: start and end of each gap, in s.
            find: fill the dropouts, too, that are found in the file.
            seed: of the phases in the middle of wide gaps.
            iterations: of Griffin-Lim.
            progress: called with the share that is done, 0 to 1, rising.
            cancel: looked at between steps.

        Returns:
            The whole clip; outside the gaps as it was, sample by sample.

        Raises:
            ArtifactError: the artifact was not trained to fill gaps.
            AudioError: the file cannot be read, holds NaN outside the gaps, or no dropout was found and no gap given.
            ConfigError: a gap is outside the clip, or all of it.
            Cancelled: `cancel` was set.
        """
        self._require_task(("infill",), "fills gaps")
        return infill(
            sound,
            gaps,
            find=find,
            filler=self._filler,
            model=self.card.signature,
            seed=seed,
            iterations=iterations,
            progress=progress,
            cancel=cancel,
        )

    def go_on(
        self,
        sound: Path | str,
        seconds: float,
        *,
        seed: int = 0,
        spread: float = 1.0,
        iterations: int = continue_sound.ITERATIONS,
        progress: Progress | None = None,
        cancel: Cancel | None = None,
    ) -> Continuation:
        """Lets a sound file go on, as `fstmuse.inference.continuing.go_on` does, with this network.

        Args:
            sound: path of an audio file of any rate and number of channels.
            seconds: by how much it becomes longer.
            seed: of what cannot be foreseen, and of the phases.
            spread: how far it goes from the best guess, which is 0.
            iterations: of Griffin-Lim.
            progress: called with the share that is done, 0 to 1, rising.
            cancel: looked at between steps.

        Returns:
            The whole clip, longer; up to its old end as it was, sample by sample.

        Raises:
            ArtifactError: the artifact was not trained to go on.
            AudioError: the file cannot be read, is too short, holds NaN, or ends in silence.
            ConfigError: a setting is impossible.
            Cancelled: `cancel` was set.
        """
        self._require_task(("continue",), "goes on where a clip ends")
        return go_on(
            sound,
            seconds,
            continuer=self._continuer,
            model=self.card.signature,
            seed=seed,
            spread=spread,
            iterations=iterations,
            progress=progress,
            cancel=cancel,
        )

    def generate(
        self,
        seconds: float | None = None,
        label: str | None = None,
        seed: int = 0,
        truncation: float = 1.0,
        *,
        temperature: float = 1.0,
        towards: int | None = None,
        share: float = 0.0,
        prime: Path | str | None = None,
        refine: Path | str | None = None,
        inversion: str = GRIFFIN_LIM,
        progress: Progress | None = None,
        cancel: Cancel | None = None,
    ) -> Creation:
        """Makes music with this network.

        The same seed gives the same music. Of networks that draw from noise, longer music begins with the picture of
        shorter; its sound differs, as level and phases are those of the whole.

        Args:
            seconds: of music; `fstmuse.inference.creation_settings.Wish` tells of this and the following.
            label: what kind of music.
            seed: same seed, same music.
            truncation: of networks that draw from noise: how far from the most usual music.
            temperature: of networks that draw in turn: below 1, more of what is likely.
            towards: of networks that draw from noise: another seed, for music between the two.
            share: of the way there.
            prime: of networks that draw in turn: an audio file to go on from.
            refine: of networks that draw in turn: an audio file to draw anew around its coarse picture.
            inversion: from the picture to sound.
            progress: called with the share that is done, 0 to 1, rising.
            cancel: looked at between steps. Of networks that draw in turn, what is whole by then is kept.

        Returns:
            The music, mono at `card.audio.sample_rate` Hz and -20 dB RMS, or softer where it would clip; silence stays
            silence. After a prime, the prime comes first.

        Raises:
            ArtifactError: the artifact was not trained to generate, or draws no numbers.
            AudioError: a clip cannot be read, is too short or too long.
            ConfigError: a setting is impossible, or there is no such label.
            SpecError: pictures like the artifact's cannot be made into sound.
            Cancelled: `cancel` was set.
        """
        self._require_task(("generate",), "draws music")
        wish = Wish(seconds, label, seed, truncation, temperature, towards, share, prime, refine, inversion)
        return create(self._creator, self.card, wish, progress=progress, cancel=cancel)

    def generate_many(
        self, wishes: Sequence[Wish], *, progress: Progress | None = None, cancel: Cancel | None = None
    ) -> Iterator[Creation]:
        """Makes several pieces, each as `generate` makes it; networks that draw in turn draw some at once, far faster.

        What is drawn at once is what each seed draws alone but for rounding (below 1e-4 dB), from which the search for
        phases may go another way.

        Args:
            wishes: what is asked for.
            progress: called with the share of all that is done, 0 to 1, rising.
            cancel: looked at between steps. Of networks that draw in turn, what is whole by then is kept, of all pieces
                that are drawn at once.

        Returns:
            The music of each wish, in their order, one as soon as it is whole.

        Raises:
            ArtifactError: the artifact was not trained to generate. While they are made, as `generate`.
            Cancelled: `cancel` was set before all were made; after what is kept has been given.
        """
        self._require_task(("generate",), "draws music")
        return create_many(self._creator, self.card, wishes, progress=progress, cancel=cancel)

    def _require_task(self, tasks: Sequence[str], does: str) -> None:
        if self.card.task not in tasks:
            raise ArtifactError(f"{self.artifact} was trained to {self.card.task}; expected an artifact that {does}.")
