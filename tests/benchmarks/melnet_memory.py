"""Memory of one training step of MelNet over the length of the clip, with what happens within layers kept or not.

    python tests/benchmarks/melnet_memory.py [--network melnet-tiny] [--tiers 1] [--frames 256 512 1024] [--batch 1]
        [--big-seconds 3] [--skip-big] [--core 1] [--figure PNG] [--json FILE]

Each figure comes from a process of its own: its peak during a step of a tier, above what it held before. Before, a
step made optimiser and graph, and what it freed went back; the peak is the kernel's own (VmHWM, set back before the
step). Tiers are trained one at a time. Lengths are the whole picture's. Linux only.

The report's big network then takes one step on a clip of its own length, at batch 1: held in all, and seconds.
"""

from __future__ import annotations

import argparse
import ctypes
import json
import os
import subprocess
import sys
import time
from pathlib import Path

from memory import status_mb

from fstmuse.networks.catalogue import find
from fstmuse.tasks.drawing import BLUE, ORANGE, new_figure, save, style

LABELS = 3
REPORT = "melnet-report-big"
REPORT_BANDS, REPORT_RATE, REPORT_HOP = 180, 22050, 800
KEPT, AGAIN = "kept", "computed again (remat)"


def child(network: str, tier: int, frames: int, batch: int, remat: bool) -> dict:
    """In a process of its own: MB before a step, at its peak, above before; its seconds."""
    from fstmuse.quiet import load_tensorflow

    load_tensorflow()
    import keras
    import numpy as np
    import tensorflow as tf

    from fstmuse.networks import melnet_tiers
    from fstmuse.networks.build import build_melnet
    from fstmuse.networks.melnet_mixture import mixture_nll
    from fstmuse.networks.melnet_report import BIG, ReportNll, melnet_report

    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    if network == REPORT:
        model, loss, bands = melnet_report((None, REPORT_BANDS), LABELS, BIG, remat=remat), ReportNll(), REPORT_BANDS
        tiers = 0
    else:
        made = build_melnet(network, LABELS, remat=remat).tiers
        model, loss, bands, tiers = made[tier - 1], mixture_nll, find(network).mel.n_mels, len(made)

    picture = np.random.default_rng(0).uniform(-1, 1, (batch, frames, bands)).astype(np.float32)
    told = melnet_tiers.lesson(picture, tier, tiers) if tiers else {"picture": picture}
    data = {name: tf.constant(x) for name, x in (told | {"label": np.zeros(batch, np.int32)}).items()}
    model.compile(keras.optimizers.Adam(1e-4), loss, jit_compile=False)
    step = tf.function(model.train_step)
    losses = [float(step((data, data["picture"]))["loss"])]
    ctypes.CDLL(None).malloc_trim(0)  # gives back what that step has freed
    before = status_mb("VmRSS")
    Path("/proc/self/clear_refs").write_text("5")  # sets VmHWM back to what is held now
    began = time.process_time()
    losses.append(float(step((data, data["picture"]))["loss"]))
    seconds = time.process_time() - began
    if not all(map(np.isfinite, losses)):
        raise SystemExit(f"{network}: received losses {losses}; expected numbers.")
    peak = status_mb("VmHWM")
    return {"before": before, "peak": peak, "above": peak - before, "seconds": seconds}


def measured(network: str, tier: int, frames: int, batch: int, remat: bool) -> dict:
    """What a fresh process measures."""
    line = [sys.executable, __file__, "--child", network, *map(str, (tier, frames, batch, int(remat)))]
    answer = subprocess.run(line, check=True, capture_output=True, text=True)
    return json.loads(answer.stdout.strip().splitlines()[-1])


def show(rows: dict[str, dict[str, dict[int, dict]]], network: str, frame_s: float, path: Path) -> Path:
    """Memory of a step over the length of the clip, a panel for each tier."""
    figure = new_figure(3.2 + 3.4 * len(rows), 3.6)
    panels = figure.subplots(1, len(rows), sharey=True, squeeze=False)[0]
    for axes, (tier, ways) in zip(panels, rows.items(), strict=True):
        for (name, points), colour in zip(ways.items(), (ORANGE, BLUE), strict=True):
            seconds = [frames * frame_s for frames in points]
            axes.plot(seconds, [point["above"] for point in points.values()], "o-", color=colour, label=name)
        style(axes)
        axes.set_xlim(left=0)
        axes.set_ylim(bottom=0)
        axes.set_xlabel("length of the clip, s")
        axes.set_title(f"{network}, {tier}", loc="left", fontsize=11)
    panels[0].set_ylabel("MB of a training step, one clip")
    panels[0].legend(frameon=False, fontsize=9, title="what happens within layers is", alignment="left")
    return save(figure, path)


def main() -> None:
    """Measures in processes of their own, prints, draws and writes JSON when asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--network", default="melnet-tiny")
    parser.add_argument("--frames", type=int, nargs="+", default=[256, 512, 1024], help="multiples of 4")
    parser.add_argument("--tiers", type=int, nargs="+", default=[1], metavar="TIER", help="of the network")
    parser.add_argument("--batch", type=int, default=1)
    parser.add_argument("--big-seconds", type=float, default=3.0, help="of the report's big network")
    parser.add_argument("--skip-big", action="store_true", help="leave the report's big network out")
    parser.add_argument("--core", type=int, help="the only core that everything runs on")
    parser.add_argument("--figure", type=Path)
    parser.add_argument("--json", type=Path, help="write all figures to this file")
    parser.add_argument("--child", nargs=5, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        network, *numbers, remat = options.child
        print(json.dumps(child(network, *map(int, numbers), remat=remat == "1")))
        return
    if options.core is not None:
        os.sched_setaffinity(0, {options.core})
    rows: dict[str, dict[str, dict[int, dict]]] = {}
    for tier in options.tiers:
        ways = rows[f"tier {tier}"] = {KEPT: {}, AGAIN: {}}
        for frames in options.frames:
            for name, remat in ((KEPT, False), (AGAIN, True)):
                ways[name][frames] = found = measured(options.network, tier, frames, options.batch, remat)
                took = f"{found['above']:,.0f} MB above {found['before']:,.0f} MB, {found['seconds']:.1f} s of CPU time"
                print(f"{options.network}, tier {tier}, {options.batch} x {frames} frames, {name}: {took}", flush=True)
        kept, again = (ways[name][options.frames[-1]]["above"] for name in (KEPT, AGAIN))
        print(f"tier {tier}: computing again saves {1 - again / kept:.0%} at {options.frames[-1]} frames", flush=True)
    results: dict = {options.network: rows}
    if options.figure:
        mel = find(options.network).mel
        print(show(rows, options.network, mel.hop_length / mel.sample_rate, options.figure))
    if not options.skip_big:
        frames = round(options.big_seconds * REPORT_RATE / REPORT_HOP / 4) * 4
        results[REPORT] = found = measured(REPORT, 0, frames, 1, True)
        print(
            f"{REPORT}, 1 x {frames} frames: {found['peak']:,.0f} MB at most, {found['above']:,.0f} MB above "
            f"{found['before']:,.0f} MB, {found['seconds']:.1f} s of CPU time"
        )
    if options.json:
        options.json.write_text(json.dumps(results, indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    main()
