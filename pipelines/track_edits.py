"""Mending the tracks of a clip by hand: merge, split, name."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from biomech.errors import ConfigError, did_you_mean
from biomech.schema import FRAME, POSES, Poses


@dataclass(frozen=True)
class Split:
    """One track that is two people: from a time on it is another.

    Attributes
    ----------
    track
        The number of the track.
    at_s
        From this time on, in seconds,
    into
        it has this number, which no track has yet.
    """

    track: int
    at_s: float
    into: int


@dataclass(frozen=True)
class Merge:
    """Tracks that are one person.

    Attributes
    ----------
    tracks
        The numbers of the tracks, the first being the one that stays. Where two of
        them are in the same frame, the earlier one of the list counts.
    """

    tracks: tuple[int, ...]


@dataclass(frozen=True)
class TrackEdits:
    """What a person says about the tracks of a clip; splits come before merges.

    Attributes
    ----------
    splits, merges
        Corrections.
    names
        Names of people by the number that they have in the end.
    """

    splits: tuple[Split, ...] = ()
    merges: tuple[Merge, ...] = ()
    names: Mapping[int, str] = field(default_factory=dict)


def read_track_edits(path: Path, /) -> TrackEdits:
    """Read a ``tracks.toml``.

    Parameters
    ----------
    path
        A file such as::

            [[split]]        # track 2 becomes somebody else at 4.2 s
            track = 2
            at_s = 4.2
            into = 20

            [[merge]]        # tracks 3 and 20 are one person, called 3
            tracks = [3, 20]

            [names]
            3 = "Anna"

    Returns
    -------
    The corrections.

    Raises
    ------
    ConfigError
        If the file is damaged or says something else; the message lists everything.
    """
    try:
        said = tomllib.loads(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        msg = f"{path} is not TOML: {error}"
        raise ConfigError(msg) from error
    problems = [
        f"unknown key {key!r}{did_you_mean(key, ('split', 'merge', 'names'))}"
        for key in said
        if key not in {"split", "merge", "names"}
    ]
    splits = _entries(said, "split", _SPLIT, problems)
    merges = _entries(said, "merge", _MERGE, problems)
    names = said.get("names", {})
    if not (isinstance(names, dict) and all(_is_name(k, v) for k, v in names.items())):
        problems.append('names must look like 3 = "Anna"')
    if problems:
        msg = f"{path}: {'; '.join(problems)}"
        raise ConfigError(msg)
    return TrackEdits(
        splits=tuple(Split(**entry) for entry in splits),
        merges=tuple(Merge(tuple(entry["tracks"])) for entry in merges),
        names={int(number): name for number, name in names.items()},
    )


def edit_tracks(poses: Poses, edits: TrackEdits, /) -> Poses:
    """Apply a person's corrections to the tracks of one clip.

    Splits come first, then merges, then names, so that a merge may use the numbers
    that a split made.

    Parameters
    ----------
    poses
        A ``poses_raw`` table of one clip.
    edits
        The corrections.

    Returns
    -------
    The same table with other ``track_id``, sorted by key, and a column ``athlete``
    (String, null for people without a name) if there are names.

    Raises
    ------
    ConfigError
        If a correction names a track that is not there, or a split makes one that is;
        the message lists all of them.
    """
    POSES.check(poses)
    problems: list[str] = []
    tracks = set(poses["track_id"].unique().to_list())
    for split in edits.splits:
        problems += _missing("split", [split.track], tracks)
        if split.into in tracks:
            problems.append(f"split: there is a track {split.into} already")
        tracks.add(split.into)
        poses = poses.with_columns(track_id=_split(split))
    for merge in edits.merges:
        problems += _missing("merge", merge.tracks, tracks)
        tracks -= set(merge.tracks[1:])
        poses = _merged(poses, merge)
    problems += _missing("names", edits.names, tracks)
    if problems:
        raise ConfigError("; ".join(problems))
    if edits.names:
        poses = poses.with_columns(athlete=_name(edits.names))
    return poses.sort(FRAME)


def _split(split: Split) -> pl.Expr:
    later = (pl.col("track_id") == split.track) & (pl.col("time_s") >= split.at_s)
    into = pl.lit(split.into, pl.Int32)
    return pl.when(later).then(into).otherwise("track_id")


def _merged(poses: Poses, merge: Merge) -> Poses:
    """Give several tracks one number; in a frame the first of the list counts."""
    order = {track: place for place, track in enumerate(merge.tracks)}
    place = pl.col("track_id").replace_strict(order, default=-1, return_dtype=pl.Int32)
    kept = pl.lit(merge.tracks[0], pl.Int32)
    return (
        poses.with_columns(place=place)
        .with_columns(track_id=pl.when(place >= 0).then(kept).otherwise("track_id"))
        .sort(*FRAME, "place")
        .unique(subset=FRAME, keep="first", maintain_order=True)
        .drop("place")
    )


def _name(names: Mapping[int, str]) -> pl.Expr:
    return pl.col("track_id").replace_strict(
        dict(names), default=None, return_dtype=pl.String
    )


def _missing(
    what: str, wanted: Sequence[int] | Mapping[int, str], tracks: set[int]
) -> list[str]:
    return [
        f"{what}: there is no track {track} (there are {sorted(tracks)})"
        for track in wanted
        if track not in tracks
    ]


_SPLIT = {"track": int, "at_s": (int, float), "into": int}
_MERGE = {"tracks": list}


def _entries(
    said: Mapping[str, Any], key: str, wanted: Mapping[str, Any], problems: list[str]
) -> list[dict[str, Any]]:
    """Read the tables of one kind, noting what is wrong with them."""
    entries = said.get(key, [])
    entries = entries if isinstance(entries, list) else [entries]
    good = []
    for entry in entries:
        if _fits(entry, wanted):
            good.append(entry)
        else:
            problems.append(f"{key} needs exactly {', '.join(wanted)}; found {entry}")
    return good


def _fits(entry: Any, wanted: Mapping[str, Any]) -> bool:
    """Whether an entry has the wanted keys with values of the wanted types."""
    if not isinstance(entry, dict) or set(entry) != set(wanted):
        return False
    if not all(
        isinstance(entry[key], kind) and not isinstance(entry[key], bool)
        for key, kind in wanted.items()
    ):
        return False
    tracks = entry.get("tracks", (0, 1))
    return len(tracks) > 1 and all(type(track) is int for track in tracks)


def _is_name(number: str, name: Any) -> bool:
    return number.isdecimal() and isinstance(name, str) and bool(name.strip())
