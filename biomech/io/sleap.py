"""SLEAP: tracked points as CSV or analysis HDF5."""

import csv
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from biomech.errors import FormatError
from biomech.io.registry import Reading, reads
from biomech.io.source import clip_id_of, read_text
from biomech.io.tracked import tracked_table
from biomech.markers import Markers

Array = NDArray[np.float64]

_HDF5 = b"\x89HDF\r\n\x1a\n"


def _is_csv(_path: Path, head: bytes) -> bool:
    first = head.splitlines()[0].lower()
    return b"frame_idx" in first and b".x" in first


def _is_hdf5(_path: Path, head: bytes) -> bool:
    return head.startswith(_HDF5)


@reads("markers", name="sleap", suffixes=(".csv",), sniff=_is_csv)
def read_sleap_csv(path: Path, how: Reading, /) -> Markers:
    """Read a SLEAP CSV export: ``track, frame_idx, instance.score, <node>.x, ...``.

    Parameters
    ----------
    path
        The file.
    how
        The frame rate.

    Returns
    -------
    A marker table in pixels (y down), a track per SLEAP track, with confidences where
    the file has scores; null where missing.

    Raises
    ------
    FormatError
        If columns are missing, or a cell is not a number.
    """
    reader = csv.DictReader(read_text(path).splitlines())
    rows = list(reader)
    named = [c for c in reader.fieldnames or [] if not c.startswith("instance.")]
    labels = [c for c in named if c.rpartition(".")[2] in _COORDINATES]
    if not rows or not labels or "frame_idx" not in rows[0]:
        msg = f"{path}: needs the columns 'frame_idx' and '<node>.x' and a row of data"
        raise FormatError(msg)
    who = list(dict.fromkeys(row.get("track") or "" for row in rows))
    try:
        frame = np.array([int(row["frame_idx"]) for row in rows])
        cells = [[float(row[c] or "nan") for c in labels] for row in rows]
    except (TypeError, ValueError) as error:
        msg = f"{path}: a cell is not a number ({error})"
        raise FormatError(msg) from error
    if frame.min() < 0 or frame.max() > _MOST_FRAMES:
        msg = f"{path}: frame_idx goes from {frame.min()} to {frame.max()}"
        raise FormatError(msg)
    place = [who.index(row.get("track") or "") for row in rows]
    values = np.full((int(frame.max()) + 1, len(who), len(labels)), np.nan)
    values[frame, place] = np.array(cells)
    parts = [c.rpartition(".") for c in labels]
    columns = [(name, node, axis) for name in who for node, _, axis in parts]
    time = np.arange(len(values)) / how.rate(path)
    flat = values.reshape(len(values), -1)
    return tracked_table(flat, columns, time, clip_id=clip_id_of(path))


_COORDINATES = ("x", "y", "score")
#: Two hours at 60 frames/s: beyond, numbers are no frames.
_MOST_FRAMES = 432_000


@reads("markers", name="sleap", suffixes=(".h5", ".hdf5"), sniff=_is_hdf5)
def read_sleap_h5(path: Path, how: Reading, /) -> Markers:
    """Read a SLEAP analysis file (HDF5); needs the extra ``biomech[hdf5]``.

    Parameters
    ----------
    path
        The file.
    how
        The frame rate.

    Returns
    -------
    A marker table in pixels (y down), a track per SLEAP track, with confidences where
    the file has ``point_scores``; null where missing.

    Raises
    ------
    FormatError
        If it is not an analysis file, or h5py is not installed.
    """
    tracks, nodes, names, scores = _analysis(path)
    n_tracks, _, n_nodes, n_frames = tracks.shape
    block = np.concatenate([tracks, scores[:, None]], axis=1)
    flat = np.moveaxis(block, 3, 0).reshape(n_frames, -1)
    columns = [
        (names[t], nodes[k], axis)
        for t in range(n_tracks)
        for axis in _COORDINATES
        for k in range(n_nodes)
    ]
    time = np.arange(n_frames) / how.rate(path)
    return tracked_table(flat, columns, time, clip_id=clip_id_of(path))


#: What an analysis file holds of interest; the last two may be missing.
_PARTS = ("tracks", "node_names", "track_names", "point_scores")


def _analysis(path: Path) -> tuple[Array, list[str], list[str], Array]:
    """Read coordinates (tracks, 2, nodes, frames), names and scores."""
    try:
        import h5py
    except ImportError as error:
        msg = "reading HDF5 needs the package h5py: pip install 'biomech[hdf5]'"
        raise FormatError(msg) from error
    try:
        with h5py.File(path) as file:
            inside = sorted(file)
            found = {name: file[name][()] for name in _PARTS if name in file}
        tracks, scores = (
            np.asarray(found.get(name, np.nan), dtype=np.float64)
            for name in ("tracks", "point_scores")
        )
    except (OSError, RuntimeError, KeyError, ValueError, TypeError) as error:
        msg = f"cannot read {path} as HDF5: {error}"
        raise FormatError(msg) from error
    if missing := sorted({"tracks", "node_names"} - set(found)):
        msg = (
            f"{path} holds {inside}, but no {missing}: HDF5 is read of SLEAP "
            "(analysis files); of DeepLabCut, export CSV"
        )
        raise FormatError(msg)
    nodes, names = _texts(found["node_names"]), _texts(found.get("track_names", []))
    if tracks.ndim != 4 or tracks.shape[1] != 2 or tracks.shape[2] != len(nodes):
        msg = (
            f"{path}: 'tracks' has shape {tracks.shape}, expected (tracks, 2, nodes, n)"
        )
        raise FormatError(msg)
    shape = (len(tracks), *tracks.shape[2:])
    if scores.shape not in {(), shape}:
        msg = f"{path}: 'point_scores' has shape {scores.shape}, expected {shape}"
        raise FormatError(msg)
    names += [f"track_{i}" for i in range(len(names), len(tracks))]
    return tracks, nodes, names, np.broadcast_to(scores, shape)


def _texts(values: Any) -> list[str]:
    return [v.decode() if isinstance(v, bytes) else str(v) for v in values]
