"""Makes a mel picture into sound again: python -m fstmuse.invert PICTURE.npy or CLIP."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from fstmuse.command_line import INTERRUPTED, make_app, run
from fstmuse.errors import Cancelled, ConfigError, nearest

if TYPE_CHECKING:
    import numpy as np

    from fstmuse.features.picture import MelPicture
    from fstmuse.spec import MelSpec

SOUNDS = (".wav", ".flac")
MOST_BYTES = 2 * 10**9
"""Of memory for one sound: at the preset hifi half an hour."""

_BYTES_PER_BIN, _BYTES_PER_SAMPLE = 12, 24
"""Magnitudes and, for the momentum, complex spectra; the sound itself, several times over while it is added up."""

app = make_app()

_INPUT = "A picture (.npy, as --save-mel writes it), or a sound file, of which a picture is made first."
_OUT = "Write this .wav or .flac file. Default: NAME.inverted.wav in the folder where you are."
_PRESET = (
    "Settings of the picture: report (64 bands to 8 kHz, as in the student reports) or hifi (128 bands to 11 kHz). "
    "Default for sound files: hifi. Pictures bring theirs along; one without is taken for one of this preset."
)
_MODEL = (
    "Instead of --preset: the pictures that this trained network sees (its folder, or name in the folder of models)."
)
_METHOD = (
    "griffin-lim; l-bfgs, which goes on from there by gradients on the sound itself: about half as far off, at three "
    "to four times the cost; or tfio: plain Griffin-Lim as tensorflow-io has it, for comparison. Default: griffin-lim."
)
_ITERATIONS = "Turns of the search. Default: 32."
_MOMENTUM = "Of Griffin-Lim: 0 is the plain algorithm, 0.99 the fast one. Default: 0.99."
_MEL = "From mel bands to frequency bins: nnls (no negative energies) or pinv (pseudo-inverse, worse). Default: nnls."
_VOCODER = (
    "Instead of searching for phases: let this trained vocoder (its folder, or name in the folder of models) make the "
    "sound. It takes pictures of its own settings alone; sound files are seen by these."
)
_PHASES = "That the search begins with: slopes (what the magnitudes tell of them) or random. Default: slopes."
_SEED = "Of --phases random. Default: 0."
_START = "Of a sound file: begin so many seconds on."
_DURATION = "Of a sound file: take so many seconds."
_SAVE_MEL = "Write the picture, too: this .npy file, and its settings beside it in a .json file."
_FIGURE = "Draw the picture and that of the new sound below it: this .png file."


@app.command()
def invert(
    source: Annotated[Path, typer.Argument(metavar="PICTURE_OR_CLIP", help=_INPUT)],
    out: Annotated[Path | None, typer.Option(metavar="PATH", help=_OUT)] = None,
    preset: Annotated[str | None, typer.Option(metavar="NAME", help=_PRESET)] = None,
    model: Annotated[str | None, typer.Option(metavar="ARTIFACT", help=_MODEL)] = None,
    method: Annotated[str | None, typer.Option(metavar="NAME", help=_METHOD)] = None,
    iterations: Annotated[int | None, typer.Option(min=0, metavar="N", help=_ITERATIONS)] = None,
    momentum: Annotated[float | None, typer.Option(min=0.0, metavar="M", help=_MOMENTUM)] = None,
    mel: Annotated[str | None, typer.Option(metavar="NAME", help=_MEL)] = None,
    phases: Annotated[str | None, typer.Option(metavar="NAME", help=_PHASES)] = None,
    seed: Annotated[int | None, typer.Option(min=0, metavar="N", help=_SEED)] = None,
    vocoder: Annotated[str | None, typer.Option(metavar="ARTIFACT", help=_VOCODER)] = None,
    start_s: Annotated[float, typer.Option(min=0.0, metavar="S", help=_START)] = 0.0,
    duration_s: Annotated[float | None, typer.Option(metavar="S", help=_DURATION)] = None,
    save_mel: Annotated[Path | None, typer.Option(metavar="PATH", help=_SAVE_MEL)] = None,
    figure: Annotated[Path | None, typer.Option(metavar="PATH", help=_FIGURE)] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace files that are there.")] = False,
) -> None:
    """Make a mel picture into sound again, or hear what a mel picture keeps of a clip.

    Standard output says what was written and how far the new sound's picture is from the one that it was made of.

    Exit code: 0 when the sound was written, 2 when it cannot be, 130 after Ctrl-C.
    """
    is_picture = source.suffix.lower() == ".npy"
    out = Path(f"{source.stem}.inverted.wav") if out is None else out
    search = {"method": method, "mel": mel, "iterations": iterations, "momentum": momentum}
    search |= {"phases": phases, "seed": seed}
    search = {option: value for option, value in search.items() if value is not None}
    _check_spec(preset, model)
    _check_search(search)
    _check_part(is_picture, start_s, duration_s)
    _check_places(source, {"--out": out, "--save-mel": save_mel, "--figure": figure}, overwrite)
    if vocoder is not None:
        _check_no_search(search)
        model = vocoder if preset is None and model is None and not is_picture else model
    spec = _spec(preset, model, None if is_picture else "hifi")

    from fstmuse.features.inversion import invert as invert_picture
    from fstmuse.interrupt import until_interrupted
    from fstmuse.meter import Meter

    picture, samples = _load(source, spec) if is_picture else _hear(source, spec, start_s, duration_s)
    make_sound = _vocoder(vocoder) if vocoder is not None else partial(invert_picture, **search)
    if figure is not None and picture.spec.log != "db":
        raise ConfigError(
            f"--figure: pictures are drawn in dB, and this one has log '{picture.spec.log}'. Leave it out."
        )
    with Meter("inverting, percent", 100) as meter, until_interrupted() as stop:
        try:
            sound = make_sound(picture, progress=lambda share: meter.at(100 * share), cancel=stop)[:samples]
        except Cancelled:
            print("Interrupted. Nothing was written.", file=sys.stderr)
            raise typer.Exit(INTERRUPTED) from None
    _write(picture, sound, source, out, save_mel, figure)


def _vocoder(artifact: str) -> Callable[..., np.ndarray]:
    from fstmuse.artifacts.find import find_artifact
    from fstmuse.inference.network_vocoder import load_vocoder
    from fstmuse.quiet import load_tensorflow

    folder = find_artifact(artifact)
    load_tensorflow()
    return load_vocoder(folder)


def _check_no_search(received: dict[str, Any]) -> None:
    for option, value in received.items():
        raise ConfigError(f"--{option} {value}: a vocoder has no use for it. Leave it out, or leave --vocoder out.")


def _check_spec(preset: str | None, model: str | None) -> None:
    from fstmuse.features.presets import PRESETS

    if preset is not None and model is not None:
        raise ConfigError("--preset and --model both say what the picture is. Give one of them.")
    if preset is not None and preset not in PRESETS:
        raise ConfigError(f"Unknown preset '{preset}'. {nearest(preset, PRESETS)}")


def _check_search(search: dict[str, Any]) -> None:
    """Refuses what is no setting of a search for phases, or none of this one."""
    from fstmuse.features.griffin_lim import PHASES, RANDOM
    from fstmuse.features.inversion import METHODS, UNMELS

    for option, known in (("method", METHODS), ("mel", UNMELS), ("phases", PHASES)):
        if search.get(option, known[0]) not in known:
            raise ConfigError(f"--{option}: unknown name '{search[option]}'. {nearest(search[option], known)}")
    for option in ("momentum", "phases", "seed"):
        if option in search and search.get("method") == "tfio":
            raise ConfigError(f"--{option} is a setting of the other methods, and tfio has none. Leave it out.")
    if not search.get("momentum", 0) < 1:
        raise ConfigError(f"--momentum {search['momentum']:g}: expected 0 to less than 1; 0.99 is fast.")
    if "seed" in search and search.get("phases") != RANDOM:
        raise ConfigError("--seed: phases from slopes have none. Leave it out, or add --phases random.")


def _check_part(is_picture: bool, start_s: float, duration_s: float | None) -> None:
    if is_picture and (start_s or duration_s is not None):
        raise ConfigError("--start-s and --duration-s take a part of a sound file; a picture is inverted as a whole.")
    if not math.isfinite(start_s):
        raise ConfigError(f"--start-s {start_s}: expected a number of seconds. Leave it out to begin at the beginning.")
    if duration_s is not None and not duration_s > 0:
        raise ConfigError(f"--duration-s {duration_s:g}: expected more than 0 s. Leave it out to go to the end.")


def _check_places(source: Path, places: dict[str, Path | None], overwrite: bool) -> None:
    """Refuses what cannot be written, before anything is computed."""
    suffixes = {"--out": SOUNDS, "--save-mel": (".npy",), "--figure": (".png",)}
    for option, place in places.items():
        if place is None:
            continue
        if place.suffix.lower() not in suffixes[option]:
            raise ConfigError(f"{option} {place}: expected a name that ends in {' or '.join(suffixes[option])}.")
        if not place.parent.is_dir():
            raise ConfigError(f"{option} {place}: there is no folder {place.parent}. Make it first.")
        if place.is_dir():
            raise ConfigError(f"{option} {place}: is a folder; expected the name of a file.")
        if place.resolve() == source.resolve():
            raise ConfigError(f"{option} {place} is what is to be inverted. Choose another name.")
        if place.exists() and not overwrite:
            raise ConfigError(f"{option} {place} exists already. Replace it (--overwrite) or choose another name.")


def _spec(preset: str | None, model: str | None, default: str | None) -> MelSpec | None:
    from fstmuse.features.presets import PRESETS

    if model is not None:
        from fstmuse.artifacts.card import read_card
        from fstmuse.artifacts.find import find_artifact

        card = read_card(find_artifact(model))
        if card.mel is None:
            raise ConfigError(
                f"Received --model {model}, which hears the samples themselves; expected a network of mel "
                f"spectrograms. Name one, or a --preset: {', '.join(PRESETS)}."
            )
        # How many frames a network looks at says nothing of how they are made.
        return replace(card.mel, max_frames=0)
    name = preset or default
    return None if name is None else PRESETS[name]


def _load(source: Path, spec: MelSpec | None) -> tuple[MelPicture, int]:
    """A picture and the length of its sound in samples."""
    from fstmuse.features.picture import MelPicture

    picture = MelPicture.load(source, spec)
    _require_room(source, len(picture.values), picture.spec)
    return picture, picture.samples


def _hear(source: Path, spec: MelSpec, start_s: float, duration_s: float | None) -> tuple[MelPicture, int]:
    """The picture of a sound file, or of a part of it, and the length of that in samples."""
    from fstmuse.audio.decode import decode, probe
    from fstmuse.features.mel import LogMel
    from fstmuse.features.picture import MelPicture

    rest_s = max(0.0, probe(source).duration_s - start_s)
    seconds = rest_s if duration_s is None else min(rest_s, duration_s)
    _require_room(source, spec.frames(round(seconds * spec.sample_rate)), spec)
    sound = decode(source, sample_rate=spec.sample_rate, start_s=start_s, duration_s=duration_s)
    return MelPicture(LogMel(spec)(sound), spec), len(sound)


def _require_room(source: Path, frames: int, spec: MelSpec) -> None:
    needed = frames * (spec.n_bins * _BYTES_PER_BIN + spec.hop_length * _BYTES_PER_SAMPLE)
    if needed > MOST_BYTES:
        seconds = frames * spec.hop_length / spec.sample_rate
        raise ConfigError(
            f"{source}: {seconds / 60:.0f} min take {needed / 1e9:.1f} GB of memory at once; expected at most "
            f"{seconds * MOST_BYTES / needed / 60:.0f} min. Take parts of the sound (--start-s, --duration-s)."
        )


def _write(
    picture: MelPicture, sound: np.ndarray, source: Path, out: Path, save_mel: Path | None, figure: Path | None
) -> None:
    """Writes all that was asked for, and says what and how good it is."""
    import numpy as np

    from fstmuse.audio.write import write
    from fstmuse.features.mel import LogMel
    from fstmuse.tasks.spectral import log_spectral_distance

    spec = picture.spec
    again = LogMel(replace(spec, max_frames=0))(sound)
    peak = float(np.abs(sound).max(initial=0.0))
    write(out, sound / max(1.0, peak), spec.sample_rate)
    distance = f", off by {log_spectral_distance(picture.values, again):.2f} dB" if spec.log == "db" else ""
    lowered = f", lowered by {20 * np.log10(peak):.1f} dB so as not to clip" if peak > 1 else ""
    print(f"{out}: {len(sound) / spec.sample_rate:.2f} s at {spec.sample_rate} Hz{distance}{lowered}")
    if save_mel is not None:
        print(f"{picture.save(save_mel)}: {len(picture.values):,} frames of {spec.n_mels} mel bands")
    if figure is not None:
        from fstmuse.tasks.inversion_figure import inversion_figure

        print(inversion_figure(picture, {"inverted": again}, figure, title=source.name))


def main() -> None:
    """Entry point of `fstmuse-invert` and of `python -m fstmuse.invert`."""
    run(app, "python -m fstmuse.invert")


if __name__ == "__main__":
    main()
