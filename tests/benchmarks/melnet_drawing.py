"""Drawing by MelNet with cached states, against a full forward pass for each element; its cost as clips grow.

    python tests/benchmarks/melnet_drawing.py [NETWORK] [--frames 4 8] [--seconds 1 3 10 30] [--clips 8]
        [--threads 1] [--core 1] [--figure PNG] [--json FILE]

The naive way is that of the published implementations: the whole network on the whole clip, of whose answers one is
used; compiled as ours is, on the same random numbers, so that the same picture has to come. It is measured at the
lengths of `--frames` alone, cached states at those of `--seconds`, too, for one clip and for `--clips` at once. Times
are the processor's, of a drawing after one that compiles; a frame is one of the whole picture, drawn by all tiers.
`--core` pins everything to one core of the machine (Linux).
"""

from __future__ import annotations

import argparse
import functools
import json
import os
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from fstmuse.networks.catalogue import find
from fstmuse.tasks.drawing import BLUE, GREEN, ORANGE, new_figure, save, style

BAR = 10
LABELS = 3
SEED = 0


def naive_way(tiers: tuple, count: int) -> Callable[[int], np.ndarray]:
    """A function from a number of frames to a picture (1, frames, mels), element by element by whole forward passes."""
    import tensorflow as tf

    from fstmuse.networks import melnet_tiers
    from fstmuse.networks.melnet_mixture import draw
    from fstmuse.networks.melnet_sampling import LIMIT

    def element_of(tier):
        @tf.function(reduce_retracing=True)
        def element(inputs, row, band, uniform, normal):
            mixture = tier(inputs)[:, row, band]
            return tf.clip_by_value(draw(mixture, uniform, normal, 1.0), -LIMIT, LIMIT)

        return element

    elements = [element_of(tier) for tier in tiers]

    def drawn(frames: int) -> np.ndarray:
        known = None
        for number, element in enumerate(elements, start=1):
            rows, mels = melnet_tiers.shape(frames, find_mels(tiers), number, count)
            rng = np.random.default_rng((SEED, number))
            inputs = {"label": np.zeros(1, np.int32), "picture": np.zeros((1, rows, mels), np.float32)}
            if known is not None:
                inputs["known"] = known
            for row in range(rows):
                uniform, normal = rng.random(mels, np.float32), rng.standard_normal(mels, np.float32)
                for band in range(mels):
                    told = {name: tf.constant(value) for name, value in inputs.items()}
                    places = tf.constant(row), tf.constant(band)
                    value = element(told, *places, uniform[None, band], normal[None, band])
                    inputs["picture"][:, row, band] = value.numpy()
            own = inputs["picture"]
            known = own if known is None else melnet_tiers.interleave(own, known, melnet_tiers.axes(count)[number - 2])
            known = np.asarray(known)
        return known

    return drawn


def find_mels(tiers: tuple) -> int:
    """Bands of the whole picture: the last tier's."""
    return tiers[-1].output.shape[2]


def timed(work: Callable[[], np.ndarray]) -> tuple[np.ndarray, float]:
    """What it gives, and its seconds of processor time."""
    began = time.process_time()
    result = work()
    return result, time.process_time() - began


def measure(network: str, options: argparse.Namespace) -> dict:
    """All figures; ms of a frame by frames drawn."""
    from fstmuse.quiet import load_tensorflow

    load_tensorflow()
    import tensorflow as tf

    tf.config.threading.set_intra_op_parallelism_threads(options.threads)
    tf.config.threading.set_inter_op_parallelism_threads(options.threads)
    import keras

    from fstmuse.networks import melnet_tiers
    from fstmuse.networks.build import build_melnet
    from fstmuse.networks.melnet_drawing import draw
    from fstmuse.networks.melnet_sampling import TierSampler

    keras.utils.set_random_seed(0)
    tiers = build_melnet(network, LABELS).tiers
    any_length = functools.partial(tf.function, reduce_retracing=True)
    samplers = [TierSampler(tier, tf.function, any_length) for tier in tiers]
    stride, entry = melnet_tiers.strides(len(tiers))[0], find(network)

    def cached(frames: int, clips: int = 1) -> np.ndarray:
        return draw(samplers, frames, range(SEED, SEED + clips), label=np.zeros(clips, np.int32))

    naive = naive_way(tiers, len(tiers))
    figures = {"network": network, "naive": {}, "cached": {}, f"{options.clips} clips": {}, "furthest apart": 0.0}
    for compiles in (cached, naive):
        compiles(stride)
        compiles(2 * stride)
    for frames in options.frames:
        ours, cached_s = timed(lambda frames=frames: cached(frames))
        other, naive_s = timed(lambda frames=frames: naive(frames))
        figures["naive"][frames], figures["cached"][frames] = (1000 * s / frames for s in (naive_s, cached_s))
        apart = float(np.abs(ours - other).max())
        figures["furthest apart"] = max(figures["furthest apart"], apart)
        took = f"naive {figures['naive'][frames]:,.0f} ms a frame, cached {figures['cached'][frames]:.1f}"
        ratio = f"ratio {naive_s / cached_s:.0f}"
        print(f"{frames:>5} frames: {took}, {ratio}; pictures at most {apart:.1e} apart", flush=True)
    figures["ratio"] = naive_s / cached_s
    cached(stride, options.clips)
    for seconds in options.seconds:
        frames = round(seconds * entry.mel.sample_rate / entry.mel.hop_length / stride) * stride
        for name, clips in (("cached", 1), (f"{options.clips} clips", options.clips)):
            taken = timed(lambda frames=frames, clips=clips: cached(frames, clips))[1]
            figures[name][frames] = 1000 * taken / frames / clips
            print(
                f"{seconds:>5g} s, {frames} frames, {clips} at once: {figures[name][frames]:.1f} ms a frame "
                f"({seconds * clips / taken:.2f} s of music a second)",
                flush=True,
            )
    return figures


def show(figures: dict, frame_s: float, path: Path) -> Path:
    """Cost of a frame over the length of the clip."""
    figure = new_figure(7.5, 4.2)
    axes = figure.subplots()
    looks = zip(("naive", "cached", list(figures)[3]), (ORANGE, BLUE, GREEN), strict=True)
    for name, colour in looks:
        rows = sorted(figures[name].items())
        told = {"naive": "a full forward pass for each element", "cached": "cached states"}
        axes.plot(
            [frames * frame_s for frames, _ in rows],
            [value for _, value in rows],
            "o-",
            color=colour,
            label=told.get(name, f"cached states, {name} at once"),
        )
    style(axes)
    axes.set_xscale("log")
    axes.set_yscale("log")
    ticks = (0.1, 0.3, 1, 3, 10, 30)
    axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    axes.minorticks_off()
    axes.set_xlabel("length of the clip, s")
    axes.set_ylabel("ms of processor time for each frame and clip")
    axes.set_title(f"Drawing by {figures['network']}, one thread", loc="left", fontsize=11)
    axes.legend(frameon=False, fontsize=9)
    return save(figure, path)


def main() -> None:
    """Measures, prints, draws and writes JSON when asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("network", nargs="?", default="melnet-tiny")
    parser.add_argument("--frames", type=int, nargs="+", default=[4, 8], help="of the naive way; multiples of 4")
    parser.add_argument("--seconds", type=float, nargs="+", default=[1, 3, 10, 30])
    parser.add_argument("--clips", type=int, default=8, help="drawn at once, besides one alone")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--core", type=int, help="the only core that everything runs on")
    parser.add_argument("--figure", type=Path)
    parser.add_argument("--json", type=Path, help="write all figures to this file")
    options = parser.parse_args()
    os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = str(options.threads)
    if options.core is not None:
        os.sched_setaffinity(0, {options.core})
    figures = measure(options.network, options)
    verdict = "met" if figures["ratio"] >= BAR else "MISSED"
    print(f"naive / cached at {options.frames[-1]} frames: {figures['ratio']:.0f}   bar {BAR}: {verdict}")
    if options.figure:
        mel = find(options.network).mel
        print(show(figures, mel.hop_length / mel.sample_rate, options.figure))
    if options.json:
        options.json.write_text(json.dumps(figures, indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    main()
