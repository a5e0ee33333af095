"""MOT and STO, the motion and storage files of OpenSim: angles, positions, forces."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from biomech.errors import FormatError, SchemaError
from biomech.io.registry import Reading, reads
from biomech.io.source import clip_id_of, numbers, read_text
from biomech.markers import key_columns
from biomech.schema import FRAME, SIGNALS, TRACK, Signals
from biomech.units import unit_of

Array = NDArray[np.float64]

#: The unit of a column by its name, where the name does not carry it; first match wins.
#: Coordinates are angles unless they are one of these.
_UNITS = (
    (re.compile(r".*torque_[xyz]|.*torque_._[xyz]|.*force.*_m[xyz]"), "nm"),
    (re.compile(r".*force.*_p[xyz]"), "m"),
    (re.compile(r".*force.*_v[xyz]"), "n"),
    (re.compile(r".*_t[xyz123]"), "m"),
)
#: Forces: ``ground_force_vx``, ``1_ground_force_px``, ``R_ground_force_vy``,
#: ``ground_force_r_vx``, ``ground_force_1_vx``.
_FORCE = re.compile(
    r"(?P<before>.*?)_?ground_force_?(?P<after>.*?)_?(?P<kind>[vp])(?P<axis>[xyz])"
)
_PLATES = {"r": "right", "l": "left", "right": "right", "left": "left"}


class _Storage(NamedTuple):
    names: list[str]
    values: Array
    in_degrees: bool


def _is_mot(_path: Path, head: bytes) -> bool:
    return b"endheader" in head.lower()


def _holds_forces(path: Path, head: bytes) -> bool:
    return _is_mot(path, head) and b"ground_force" in head.lower()


@reads("signals", name="mot", suffixes=(".mot", ".sto"), sniff=_is_mot)
def _read(path: Path, _how: Reading) -> Signals:
    return read_mot(path)


@reads("forces", name="mot", suffixes=(".mot", ".sto"), sniff=_holds_forces)
def _read_forces(path: Path, _how: Reading) -> Signals:
    return read_mot_forces(path)


def read_mot(path: str | Path, /) -> Signals:
    """Read a MOT or STO file.

    Names get the suffix of their unit: degrees for coordinates (radians are turned into
    degrees where the header says ``inDegrees=no``), metres for translations (``_tx``)
    and centres of pressure, newtons and newton metres for forces and torques. Names
    that carry a unit of ours keep it; blanks become underscores.

    Parameters
    ----------
    path
        The file.

    Returns
    -------
    A `signals` table, one track; null where missing.

    Raises
    ------
    FormatError
        If the file is missing, has no ``endheader`` or no ``time`` column, is cut, or
        its times do not increase.

    References
    ----------
    OpenSim documentation, "Motion (.mot) Files" and "Storage (.sto) Files".
    """
    path = Path(path)
    storage = _storage(path)
    time = storage.values[:, 0]
    if not np.isfinite(time).all() or (np.diff(time) <= 0).any():
        msg = f"{path}: the time column is not increasing throughout"
        raise FormatError(msg)
    columns = {}
    for i, name in enumerate(storage.names[1:], start=1):
        unit = _unit_of(name)
        turn = 1.0 if storage.in_degrees or unit != "deg" else 180.0 / np.pi
        clean = re.sub(r"\W+", "_", name.strip()).strip("_")
        column = clean if unit_of(clean) == unit else f"{clean}_{unit}"
        columns[column] = storage.values[:, i] * turn
    values = pl.DataFrame(columns).with_columns(pl.all().fill_nan(None))
    frames = key_columns(clip_id_of(path), time)
    return pl.concat([frames, values], how="horizontal")


def read_mot_forces(path: str | Path, /) -> Signals:
    """Read ground reaction forces from a MOT or STO file.

    Parameters
    ----------
    path
        The file, in the axes of OpenSim (X forward, Y up, Z right), as ours.

    Returns
    -------
    A `signals` table with, for every plate, ``<plate>_force_x_n, _y_n, _z_n`` (y up)
    and ``<plate>_cop_x_m, _y_m, _z_m``; the plate is ``right`` or ``left`` where the
    file says so, ``plate1``, ``plate2`` where it does not.

    Raises
    ------
    FormatError
        As `read_mot`, or if no column is a ground force.
    """
    path = Path(path)
    storage = _storage(path)
    found = {n: m for n in storage.names if (m := _FORCE.fullmatch(n.lower()))}
    if not found:
        msg = f"{path} holds no ground forces; its columns are {storage.names[:12]}"
        raise FormatError(msg)
    plates = _plates(list(found.values()))
    columns = {}
    for i, name in enumerate(storage.names):
        if name in found:
            match = found[name]
            what = "force" if match["kind"] == "v" else "cop"
            unit = "n" if what == "force" else "m"
            plate = plates[match["before"], match["after"]]
            columns[f"{plate}_{what}_{match['axis']}_{unit}"] = storage.values[:, i]
    values = pl.DataFrame(columns).with_columns(pl.all().fill_nan(None))
    frames = key_columns(clip_id_of(path), storage.values[:, 0])
    return pl.concat([frames, values], how="horizontal")


def _plates(found: list[re.Match[str]]) -> dict[tuple[str, str], str]:
    """Name the plates: the side if they carry it, else numbers in order."""
    keys = list(dict.fromkeys((m["before"], m["after"]) for m in found))
    named = {k: _PLATES.get(k[0]) or _PLATES.get(k[1]) for k in keys}
    return {k: named[k] or f"plate{i}" for i, k in enumerate(keys, start=1)}


def _unit_of(name: str) -> str:
    """Tell the unit of a column: as OpenSim names it, else as we do, else an angle."""
    words = name.strip().lower()
    known = (unit for pattern, unit in _UNITS if pattern.fullmatch(words))
    return next(known, None) or unit_of(name) or "deg"


def _storage(path: Path) -> _Storage:
    lines = read_text(path).split("\n")
    end = next(
        (i for i, x in enumerate(lines) if x.strip().lower().startswith("endheader")),
        -1,
    )
    rest = [line for line in lines[end + 1 :] if line.strip()]
    if end < 0 or len(rest) < 2:
        msg = f"{path} is not a MOT or STO file: no 'endheader' with rows behind it"
        raise FormatError(msg)
    header = " ".join(lines[:end]).lower().replace(" ", "")
    names = [n.strip() for n in rest[0].rstrip().split("\t")]
    names = names if len(names) > 1 else rest[0].split()
    if names[0].lower() != "time":
        msg = f"{path}: the first column is {names[0]!r}, expected 'time'"
        raise FormatError(msg)
    values = numbers(rest[1:], columns=len(names), where=str(path))
    return _Storage(names, values, "indegrees=no" not in header)


def write_mot(
    signals: Signals,
    path: str | Path,
    /,
    *,
    names: Mapping[str, str] | None = None,
) -> None:
    """Write one track of signals as MOT, angles in degrees, missing values as NaN.

    Columns keep their names with the unit suffix, so that `read_mot` gives the same
    table back.

    Parameters
    ----------
    signals
        A `signals` table with one track.
    path
        Where to.
    names
        Other names for some columns, such as those of an OpenSim model.

    Raises
    ------
    SchemaError
        If it is not a `signals` table, has no rows, or several tracks.
    FormatError
        If the file cannot be written.
    """
    path = Path(path)
    SIGNALS.check(signals)
    if (n := signals.select(TRACK).n_unique()) != 1:
        msg = f"a MOT file holds one track, this table has {n}"
        raise SchemaError(msg)
    others = [c for c, t in signals.schema.items() if c not in _KEY and t.is_float()]
    spelled = names or {}
    head = [
        *("Coordinates", "version=1", f"nRows={signals.height}"),
        *(f"nColumns={len(others) + 1}", "inDegrees=yes", ""),
        *("Units are S.I. units (second, meters, Newtons, ...)", "", "endheader"),
        "\t".join(["time", *(spelled.get(c, c) for c in others)]),
    ]
    body = signals.sort("frame").select("time_s", *others)
    rows = body.write_csv(separator="\t", include_header=False, null_value="NaN")
    try:
        path.write_text("\n".join(head) + "\n" + rows, encoding="utf-8", newline="\n")
    except OSError as error:
        msg = f"cannot write {path}: {error.strerror or error}"
        raise FormatError(msg) from error


_KEY = (*FRAME, "time_s")
