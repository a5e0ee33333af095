"""From markers to keypoints: mappings as TOML, and the turn to our axes.

A mapping lists, for every keypoint, rules in order of preference; the rules are those
of `biomech.marker_rules`, and everybody can write their own file.
"""

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from biomech.arrays import from_array
from biomech.axes import axes_matrix, guess_axes
from biomech.errors import ConfigError, SkeletonError, did_you_mean
from biomech.keypoint_names import keypoint_named
from biomech.marker_rules import FUNCTIONS, Rule, apply_rule, parse_rule
from biomech.markers import MarkerArray, Markers, marker_array
from biomech.schema import Poses
from biomech.skeletons import KEYPOINTS

Array = NDArray[np.float64]

#: A rule is passed over for the next one if it is there in fewer frames than this part
#: of those of the best: modelled points often exist between two events only.
_LEAST_COVERAGE = 0.9
#: Fewer keypoints than this do not make a person.
_LEAST_KEYPOINTS = 4
_ALWAYS = {
    "mid_hip": parse_rule("mid(left_hip, right_hip)"),
    "neck": parse_rule("mid(left_shoulder, right_shoulder)"),
}


@dataclass(frozen=True)
class MarkerMap:
    """Where the keypoints lie in one marker set.

    Attributes
    ----------
    name
        Of the marker set.
    source
        Who defined it.
    rules
        By keypoint, in order of preference.
    """

    name: str
    source: str
    rules: Mapping[str, tuple[Rule, ...]]


def marker_maps() -> tuple[str, ...]:
    """List the built-in mappings.

    Returns
    -------
    Their names, as `to_poses` takes them.
    """
    files = resources.files("biomech").joinpath("mappings").iterdir()
    return tuple(sorted(Path(f.name).stem for f in files if f.name.endswith(".toml")))


def marker_map(name: str | Path, /) -> MarkerMap:
    """Read a mapping.

    Parameters
    ----------
    name
        A built-in one (see `marker_maps`), or the path of a TOML file with the tables
        ``keypoints`` (our name = list of rules) and ``sided``, whose names get
        ``left_`` and ``right_`` and in whose rules ``{S}`` is L or R, ``{O}`` the other
        one, ``{s}`` and ``{o}`` left and right; ``extends`` names a built-in mapping.

    Returns
    -------
    The mapping.

    Raises
    ------
    ConfigError
        If there is none of that name, the file is no TOML, or it holds unknown
        keypoints or rules.
    """
    document = _document(name)
    rules = (
        dict(marker_map(str(document["extends"])).rules)
        if "extends" in document
        else {}
    )
    rules |= _rules(document, str(name))
    if not rules:
        msg = f"marker mapping {name}: needs a table 'keypoints' or 'sided'"
        raise ConfigError(msg)
    title = str(document.get("name", name))
    return MarkerMap(title, str(document.get("source", "")), rules)


def _document(name: str | Path) -> dict[str, object]:
    if str(name).endswith(".toml"):
        path = Path(name)
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            msg = f"cannot read marker mapping {path}: {error}"
            raise ConfigError(msg) from error
    elif name in marker_maps():
        folder = resources.files("biomech").joinpath("mappings")
        text = folder.joinpath(f"{name}.toml").read_text(encoding="utf-8")
    else:
        msg = f"unknown marker mapping {str(name)!r}"
        raise ConfigError(msg + did_you_mean(str(name), marker_maps()))
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        msg = f"marker mapping {name} is not TOML: {error}"
        raise ConfigError(msg) from error


def _rules(document: dict[str, object], name: str) -> dict[str, tuple[Rule, ...]]:
    """Read the rules of one document, both sides of the sided ones."""
    texts = dict(_table(document, "keypoints", name))
    for side, other in (("left", "right"), ("right", "left")):
        words = {"s": side, "o": other, "S": side[0].upper(), "O": other[0].upper()}
        for keypoint, rules in _table(document, "sided", name).items():
            texts[f"{side}_{keypoint}"] = [_filled(rule, words) for rule in rules]
    if unknown := sorted(texts.keys() - set(KEYPOINTS)):
        msg = f"marker mapping {name}: unknown keypoints {unknown}"
        raise ConfigError(msg + did_you_mean(unknown[0], KEYPOINTS))
    return {k: tuple(parse_rule(rule) for rule in v) for k, v in texts.items()}


def _table(document: dict[str, object], key: str, name: str) -> dict[str, list[str]]:
    table = document.get(key, {})
    if not isinstance(table, dict):
        msg = f"marker mapping {name}: {key!r} should be a table"
        raise ConfigError(msg)
    lists = {k: [v] if isinstance(v, str) else v for k, v in table.items()}
    if wrong := sorted(k for k, v in lists.items() if not _is_texts(v)):
        msg = f"marker mapping {name}: {wrong} should be a rule or a list of rules"
        raise ConfigError(msg)
    return lists


def _is_texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(v, str) for v in value)


def _filled(rule: str, words: Mapping[str, str]) -> str:
    for letter, word in words.items():
        rule = rule.replace(f"{{{letter}}}", word)
    return rule


def to_poses(
    markers: Markers, /, *, mapping: str | Path = "auto", axes: str = "auto"
) -> Poses:
    """Turn markers into poses: joint centres, in X forward, Y up, Z right.

    Parameters
    ----------
    markers
        A marker table, in the axes of its file.
    mapping
        A built-in mapping (see `marker_maps`), a TOML file, or ``"auto"`` for the
        built-in one that finds most keypoints.
    axes
        Which axes of the file are forward, up and right, such as ``"x,z,-y"``, or
        ``"auto"`` to see it from the body (quarter turns only, so numbers stay those of
        the file). Pixels are not turned.

    Returns
    -------
    A `poses` table in the unit of the markers, without confidence; null where a marker
    that a keypoint needs is missing.

    Raises
    ------
    ConfigError
        If the mapping or the axes make no sense.
    SkeletonError
        If the mapping finds fewer than four keypoints.
    FormatError
        If the markers do not show which axis is up.

    Notes
    -----
    Joint centres are those of the mapping: modelled points of the file, else midpoints
    of medial and lateral markers, else a lateral marker moved inwards by half a joint
    width; hips by Harrington et al. (2007), shoulders by Rab et al. (2002). Toe markers
    stand on the metatarsal heads in most sets, some 6 cm behind the tip of the toe.
    """
    points = marker_array(markers)
    rules = _rules_for(points, mapping)
    keypoints = _placed(rules, _seen(points))
    if points.unit == "m":
        keypoints = _turned(keypoints, points.frames["clip_id"], axes)
    names = sorted(keypoints, key=KEYPOINTS.index)
    return from_array(
        points.frames,
        xyz=np.stack([keypoints[name] for name in names], axis=1),
        keypoints=names,
        unit=points.unit,
        confidence=_confidence(rules, points, names),
    )


def marker_axes(markers: Markers, /, *, mapping: str | Path = "auto") -> str:
    """Tell which axes of a file are forward, up and right, as `to_poses` sees them.

    Parameters
    ----------
    markers
        A marker table in metres, of one clip.
    mapping
        As in `to_poses`.

    Returns
    -------
    Such as ``"x,z,-y"``: for forces and other tables of the same file.

    Raises
    ------
    ConfigError, SkeletonError, FormatError
        As `to_poses`.
    """
    points = marker_array(markers)
    return guess_axes(_placed(_rules_for(points, mapping), _seen(points)))


def _seen(points: MarkerArray) -> dict[str, Array]:
    """Name the markers in lower case, leaving out those that are never there."""
    named = {name.lower(): points.xyz[:, i] for i, name in enumerate(points.names)}
    return {n: xyz for n, xyz in named.items() if np.isfinite(xyz[:, 0]).any()}


def _rules_for(points: MarkerArray, mapping: str | Path) -> dict[str, Rule]:
    """Find a rule for every keypoint that the markers allow."""
    seen, in_metres = _seen(points), points.unit == "m"
    if points.names and not seen:
        msg = f"all {len(points.names)} markers are missing in every frame"
        raise SkeletonError(msg)
    names = marker_maps() if mapping == "auto" else (mapping,)
    found = [_choose(seen, marker_map(name), in_metres=in_metres) for name in names]
    rules = max(found, key=len)
    if mapping == "auto" and (not in_metres or len(rules) < _LEAST_KEYPOINTS):
        rules = max(rules, _by_name(points), key=len)
    if len(rules) < _LEAST_KEYPOINTS:
        msg = (
            f"marker mapping {str(mapping)!r} finds only {sorted(rules)} among the "
            f"markers {list(points.names)[:60]}; write a TOML mapping for this set"
        )
        raise SkeletonError(msg)
    return rules


def _by_name(points: MarkerArray) -> dict[str, Rule]:
    """Take points whose very names are those of keypoints, as trackers write them."""
    seen = _seen(points)
    named = {n: keypoint_named(n) for n in points.names if n.lower() in seen}
    return {k: Rule("mid", (name.lower(),)) for name, k in named.items() if k}


def _placed(rules: Mapping[str, Rule], seen: Mapping[str, Array]) -> dict[str, Array]:
    placed = {keypoint: apply_rule(rule, seen) for keypoint, rule in rules.items()}
    for keypoint, rule in _ALWAYS.items():
        if keypoint not in placed and placed.keys() >= set(rule.points):
            placed[keypoint] = apply_rule(rule, placed)
    return placed


def _confidence(
    rules: Mapping[str, Rule], points: MarkerArray, names: Sequence[str]
) -> Array | None:
    """Take the least confidence among the markers of each rule."""
    if points.confidence is None:
        return None
    column = {
        name.lower(): points.confidence[:, i] for i, name in enumerate(points.names)
    }
    least = {k: np.min([column[p] for p in r.points], axis=0) for k, r in rules.items()}
    for keypoint, rule in _ALWAYS.items():
        if keypoint in names and keypoint not in least:
            least[keypoint] = np.min([least[p] for p in rule.points], axis=0)
    return np.stack([least[name] for name in names], axis=1)


def _choose(
    seen: Mapping[str, Array], mapping: MarkerMap, *, in_metres: bool
) -> dict[str, Rule]:
    """Choose for every keypoint the first rule that is there (nearly) all the time."""
    chosen = {}
    for keypoint, rules in mapping.rules.items():
        able = [r for r in rules if _is_able(r, seen, in_metres=in_metres)]
        coverage = [_coverage(r, seen) for r in able]
        enough = _LEAST_COVERAGE * max(coverage, default=0.0)
        good = [r for r, c in zip(able, coverage, strict=True) if c >= max(enough, 1)]
        if good:
            chosen[keypoint] = good[0]
    return chosen


def _is_able(rule: Rule, seen: Mapping[str, Array], *, in_metres: bool) -> bool:
    allowed = in_metres or not FUNCTIONS[rule.function].in_metres
    return allowed and seen.keys() >= set(rule.points)


def _coverage(rule: Rule, seen: Mapping[str, Array]) -> int:
    finite = [np.isfinite(seen[name]).all(axis=1) for name in rule.points]
    return int(np.logical_and.reduce(finite).sum())


def _turned(
    keypoints: dict[str, Array], clips: pl.Series, axes: str
) -> dict[str, Array]:
    """Turn to our axes, clip by clip where they are to be guessed."""
    if axes != "auto":
        matrix = axes_matrix(axes)
        return {name: xyz @ matrix.T for name, xyz in keypoints.items()}
    turned = {name: np.full_like(xyz, np.nan) for name, xyz in keypoints.items()}
    for rows in _rows_of(clips):
        matrix = axes_matrix(guess_axes({n: v[rows] for n, v in keypoints.items()}))
        for name, xyz in keypoints.items():
            turned[name][rows] = xyz[rows] @ matrix.T
    return turned


def _rows_of(clips: pl.Series) -> Iterable[NDArray[np.intp]]:
    names = clips.to_numpy()
    return (np.flatnonzero(names == name) for name in clips.unique(maintain_order=True))
