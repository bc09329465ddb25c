"""What networks of pictures have been measured to do, as a table: the same for the command and for READMEs.

Figures come as `as_dict` of `fstmuse.inference`'s evaluations gives them, and as cards keep them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

_ERRORS = {"rmse": "RMSE, dB", "mae": "MAE, dB", "lsd": "LSD, dB"}


class FiguresTable(NamedTuple):
    """A table in words.

    Args:
        title: what was measured, to stand behind the clips that it was measured on.
        columns: headings of all columns but the first, which names ways, or measures where the columns are ways.
        rows: the way and its figures, the network's own first; empty where nothing was measured.
    """

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def figures_table(told: Mapping[str, Any]) -> FiguresTable:
    """The table of an evaluation of a network that gives pictures or sound."""
    if "held_notes" in told:
        return _of_sound(told)
    if "frechet" in told:
        return _of_music(told)
    return _of_gaps(told) if "width" in told else _of_going_on(told)


def filled_sound_table(told: Mapping[str, Any]) -> FiguresTable:
    """The table of gaps that were filled as sound, `sound` of what a network that fills gaps was measured to do."""
    columns = {"snr": "SNR, dB", "rmse": "RMSE, dB", "lsd": "LSD, dB", "boundary_flux": "flux at the joins"}
    rows = tuple((way, *_numbers(row, columns)) for way, row in told["ways"].items())
    return FiguresTable(f"Filled as sound, {told['n']} clips", tuple(columns.values()), rows)


def _of_gaps(told: Mapping[str, Any]) -> FiguresTable:
    flux = told["boundary_flux"]
    rows = [
        (way, *_numbers(row, _ERRORS), _chance(row, "p_rmse"), f"{flux[way]:.2f}")
        for way, row in ({"network": told} | told["beside"]).items()
    ]
    rows.append(("truth", *[""] * (len(_ERRORS) + 1), f"{flux['truth']:.2f}"))
    columns = (*_ERRORS.values(), "p (RMSE)", "flux at the joins")
    return FiguresTable(f"a gap of {told['width']} frames in the middle", columns, tuple(rows))


def _of_going_on(told: Mapping[str, Any]) -> FiguresTable:
    ways = {"network, best guess": told} | told["draws"] | told["beside"]
    rows = tuple(
        (way, *_numbers(row, _ERRORS), _chance(row, "p_rmse"), _chance(row, "p_lsd")) for way, row in ways.items()
    )
    columns = (*_ERRORS.values(), "p (RMSE)", "p (LSD)")
    return FiguresTable(f"their last {told['frames']} frames foretold", columns, rows)


def _of_sound(told: Mapping[str, Any]) -> FiguresTable:
    rows = []
    for way in dict.fromkeys(("vocoder", *told["beside"], *told["held_notes"])):
        held, row = told["held_notes"][way], told["beside"].get(way, told if way == "vocoder" else {})
        factor = told["real_time_factor"].get(way)
        wander = (f"{held['std']:.1f}", f"{held['off']:.1f}", f"{factor:.3f}" if factor else "")
        rows.append((way, *_numbers(row, ("lsd", "lsd_linear")), *wander, _chance(row, "p_lsd")))
    columns = (
        "LSD, dB",
        "LSD of bins, dB",
        "held notes wander, cents",
        "off, cents",
        "real-time factor",
        "p (LSD)",
    )
    return FiguresTable("made into sound again", columns, tuple(rows))


def _of_music(told: Mapping[str, Any]) -> FiguresTable:
    """Ways stand at the top here: there are few, and many measures."""
    ways, bins, recognised = tuple(told["diversity"]), told["different_bins"], told["recognised"]
    rows = []
    for one in told["frechet"]:
        unit = f", {one['unit']}" if one["unit"] else ""
        name = f"Fréchet, {one['embedding']}{unit} (n = {one['n']})"
        rows.append((name, *(f"{one[way]:.4g}" for way in ways)))
    rows.append((f"statistically different bins of {bins['bins']}", *(str(bins[way]) for way in ways)))
    for name, key in (
        ("to the nearest training window, dB", "distance"),
        ("relative to the nearest of another piece", "relative"),
    ):
        rows.append((name, *(f"{told['nearest'][way][key]:.2f}" for way in ways)))
    rows.append(("two windows are apart, dB", *(f"{told['diversity'][way]:.2f}" for way in ways)))
    if recognised:
        name = f"taken for their label (n = {recognised['n']})"
        rows.append((name, *(f"{recognised[way]['share']:.0%}" for way in ways)))
    temperature = told.get("temperature")
    drawn_at = "" if temperature in (None, 1.0) else f", drawn at temperature {temperature:g}"
    title = f"{told['windows']} windows of {told['seconds']:.2f} s of each kind{drawn_at}"
    return FiguresTable(title, ways, tuple(rows))


def _numbers(row: Mapping[str, float], names: Iterable[str]) -> tuple[str, ...]:
    return tuple(f"{row[name]:.2f}" if name in row else "" for name in names)


def _chance(row: Mapping[str, float], name: str) -> str:
    return f"{row[name]:.2g}" if name in row else ""
