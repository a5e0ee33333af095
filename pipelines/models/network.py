"""What a file of weights says about itself: sizes, classes, keypoints."""

import ast
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from biomech.errors import ModelError, SkeletonError, did_you_mean
from biomech.skeletons import (
    BLAZEPOSE33,
    COCO17,
    COCO18,
    HALPE26,
    KEYPOINTS,
    SKELETONS,
    Skeleton,
)
from pipelines.models.decode import Head

#: The layout that a number of keypoints stands for. 25 is missing on purpose: BODY_25
#: and BODY_25B have as many points in different orders.
_BY_COUNT = {len(s): s for s in (COCO17, COCO18, HALPE26, BLAZEPOSE33)}


@dataclass(frozen=True)
class Network:
    """A pose network's own description.

    Attributes
    ----------
    head
        Layout of the output.
    stride
        The sides of the input are multiples of this, in pixels.
    imgsz
        Height and width that the network was trained or exported for, in pixels.
    fixed
        Whether it takes pictures of exactly this size only.
    keypoint_names
        Names of the keypoints, where the file gives them.
    """

    head: Head
    stride: int
    imgsz: tuple[int, int]
    fixed: bool
    keypoint_names: tuple[str, ...] | None = None

    @classmethod
    def from_metadata(cls, metadata: Mapping[str, Any], *, path: Path) -> "Network":
        """Read the metadata that ultralytics writes into its exports.

        Parameters
        ----------
        metadata
            ``task``, ``kpt_shape``, ``names``, ``stride``, ``imgsz``, ``end2end``,
            ``dynamic``, ``kpt_names``, ``args``; values may be their texts, as in ONNX.
        path
            Named in the error.

        Raises
        ------
        ModelError
            If this is not a pose network of ultralytics.
        """
        values = {key: _value(text) for key, text in metadata.items()}
        if values.get("task") != "pose" or "kpt_shape" not in values:
            msg = (
                f"{path} is not a pose model of ultralytics: its task is "
                f"{values.get('task', 'not stated')!r}, needed is 'pose' with "
                "'kpt_shape' in the metadata"
            )
            raise ModelError(msg)
        return cls(
            head=_head(values),
            stride=int(values.get("stride", 32)),
            imgsz=_pair(values.get("imgsz", 640)),
            fixed=not _is_dynamic(values),
            keypoint_names=_class_keypoints(values.get("kpt_names")),
        )


@dataclass(frozen=True)
class Layout:
    """Which of the network's keypoints we use, and what they are called.

    Attributes
    ----------
    skeleton
        The keypoints that come out.
    columns
        Their places in the network's output.
    """

    skeleton: Skeleton
    columns: tuple[int, ...]


def layout_of(network: Network, *, weights: Path) -> Layout:
    """Name the keypoints of a network.

    The first of these decides: ``<weights>.toml`` beside the weights (``best.toml`` or
    ``best.pt.toml`` for ``best.pt``) with ``skeleton = "HALPE-26"`` or ``keypoints =
    ["nose", ...]``, where ``""`` leaves a point out; names stored in the weights; the
    number of keypoints.

    Parameters
    ----------
    network
        The network's description.
    weights
        The file of weights, or the folder of an OpenVINO model.

    Raises
    ------
    SkeletonError
        If nothing says what the keypoints are, or a name is unknown.
    """
    n = network.head.n_keypoints
    for side_file in (weights.with_suffix(".toml"), Path(f"{weights}.toml")):
        if side_file.is_file():
            return _layout_from_toml(side_file, n_keypoints=n)
    names = network.keypoint_names
    if names is not None and len(names) == n and set(names) <= set(KEYPOINTS):
        return _layout(weights.stem, names)
    if n in _BY_COUNT:
        return Layout(_BY_COUNT[n], tuple(range(n)))
    msg = (
        f"{weights} gives {n} keypoints and nothing says which; known without being "
        f"told are {sorted(_BY_COUNT)}. Write {weights.with_suffix('.toml')} with "
        f"keypoints = [{n} names] or skeleton = one of {sorted(SKELETONS)}"
    )
    raise SkeletonError(msg)


def _layout_from_toml(path: Path, *, n_keypoints: int) -> Layout:
    try:
        said = tomllib.loads(path.read_text("utf-8"))
    except tomllib.TOMLDecodeError as error:
        msg = f"{path} is not TOML: {error}"
        raise SkeletonError(msg) from error
    if unknown := sorted(set(said) - {"skeleton", "keypoints"}):
        msg = f"{path} has unknown keys {unknown}; allowed are keypoints, skeleton"
        raise SkeletonError(msg)
    if (name := said.get("skeleton")) is not None and name not in SKELETONS:
        msg = f"{path}: unknown skeleton {name!r}{did_you_mean(str(name), SKELETONS)}"
        raise SkeletonError(msg)
    names = said.get("keypoints", SKELETONS[name].keypoints if name else ())
    if len(names) != n_keypoints:
        msg = f"{path} names {len(names)} keypoints; the model gives {n_keypoints}"
        raise SkeletonError(msg)
    return _layout(path.stem, names)


def _layout(name: str, names: tuple[str, ...] | list[str]) -> Layout:
    columns = tuple(i for i, keypoint in enumerate(names) if keypoint)
    keypoints = tuple(names[i] for i in columns)
    same = [s for s in SKELETONS.values() if s.keypoints == keypoints]
    return Layout(same[0] if same else Skeleton(name, keypoints), columns)


def _head(values: Mapping[str, Any]) -> Head:
    n_keypoints, n_dims = _pair(values["kpt_shape"])
    names = values.get("names", {0: "person"})
    names = dict(enumerate(names)) if isinstance(names, list) else names
    person = [int(i) for i, name in names.items() if name == "person"]
    embedded = dict(values.get("args") or {}).get("nms")
    return Head(
        n_classes=len(names),
        person=person[0] if person else None,
        n_keypoints=n_keypoints,
        n_dims=n_dims,
        end_to_end=bool(values.get("end2end")) or bool(embedded),
    )


def _is_dynamic(values: Mapping[str, Any]) -> bool:
    arguments = dict(values.get("args") or {})
    return bool(values.get("dynamic", arguments.get("dynamic", False)))


def _class_keypoints(names: Any) -> tuple[str, ...] | None:
    """Take the names of the first class; ultralytics stores them by class."""
    if isinstance(names, dict):
        names = next(iter(names.values()), None)
    return tuple(map(str, names)) if isinstance(names, list | tuple) else None


def _pair(value: Any) -> tuple[int, int]:
    sides = list(value) if isinstance(value, list | tuple) else [value, value]
    return int(sides[0]), int(sides[-1])


def _value(text: Any) -> Any:
    """Read a Python literal; anything else is a text."""
    if not isinstance(text, str):
        return text
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return text
