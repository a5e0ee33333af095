"""Which models there are, where they come from, and which one is taken."""

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from biomech.errors import ConfigError, ModelError, did_you_mean
from pipelines.files import sha256_of
from pipelines.models.downloads import (
    Progress,
    download,
    published_sha256,
    reachable,
)
from pipelines.models.places import config_dir, weights_dir
from pipelines.models.sources import ModelSource
from pipelines.models.trust import require_trust

#: The user's model when no --model is given.
MODEL_VARIABLE = "BIOMECH_MODEL"
#: Address of a folder that holds the official files, for networks without the internet.
MIRROR_VARIABLE = "BIOMECH_WEIGHTS_URL"
DEMO_MODEL = "biomech-s1"
#: Best for its cost: 57 mAP at 40 ms on a processor, where yolo11n-pose has 50 at 52.
DEFAULT_MODEL = "yolo26n-pose"

_ASSETS = "https://github.com/ultralytics/assets/releases/download/v8.4.0/"
_BUNDLES = "https://storage.googleapis.com/mediapipe-models/pose_landmarker/"
#: Where the demonstration model lies in an installation.
SHIPPED = Path(__file__).parent / "weights" / f"{DEMO_MODEL}.pt"


@dataclass(frozen=True)
class Official:
    """A model that can be named instead of given as a file.

    Attributes
    ----------
    name
        What the user writes.
    file
        Name of the file in the cache.
    url
        Where it is published.
    licence
        Licence of the weights.
    """

    name: str
    file: str
    url: str
    licence: str


def _yolo(name: str) -> Official:
    return Official(name, f"{name}.pt", f"{_ASSETS}{name}.pt", "AGPL-3.0")


def _blazepose(name: str, variant: str) -> Official:
    file = f"pose_landmarker_{variant}.task"
    address = f"{_BUNDLES}pose_landmarker_{variant}/float16/1/{file}"
    return Official(name, file, address, "Apache-2.0")


#: Every model that can be named, by name.
OFFICIAL: Mapping[str, Official] = {
    official.name: official
    for official in (
        *(
            _yolo(f"{family}{size}-pose")
            for family in ("yolo26", "yolo11", "yolov8")
            for size in "nsmlx"
        ),
        _blazepose("blazepose", "full"),
        _blazepose("blazepose-lite", "lite"),
        _blazepose("blazepose-heavy", "heavy"),
    )
}


def find_model(name_or_path: str | Path | None = None, /) -> ModelSource:
    """Find weights and make sure that they may be opened.

    Call it once per batch: the result can be sent to worker processes.

    Parameters
    ----------
    name_or_path
        A name of `OFFICIAL`, ``biomech-s1``, or a file or folder of weights. None takes
        the first of: ``$BIOMECH_MODEL``; ``model = "..."`` in the user's config.toml;
        yolo26n-pose if it was fetched before or its server answers within three
        seconds; the shipped demonstration model.

    Returns
    -------
    The weights.

    Raises
    ------
    ModelError
        If there is no such model, it cannot be fetched, or the user does not trust it.
    """
    wanted = name_or_path or _configured()
    if wanted is None:
        return _default()
    text = str(wanted)
    if text == DEMO_MODEL:
        return _demo(note=None)
    path = Path(text).expanduser()
    if path.exists():
        return _local(path)
    name = text.removesuffix(".pt")
    if name in OFFICIAL:
        return _official(OFFICIAL[name])
    if path.suffix or len(path.parts) > 1:
        msg = f"there is no model {text}: no such file or folder"
    else:
        known = did_you_mean(name, [*OFFICIAL, DEMO_MODEL])
        msg = f"unknown model {text!r}{known}, or give the path of a file"
    raise ModelError(msg)


def get_model(
    name: str,
    /,
    *,
    sha256: str | None = None,
    force: bool = False,
    progress: Progress | None = None,
) -> ModelSource:
    """Fetch an official model into the cache.

    Parameters
    ----------
    name
        A name of `OFFICIAL`.
    sha256
        The digest that the file must have; by default what its publisher states, if it
        does.
    force
        Fetch it anew even if it is there.
    progress
        Called with the bytes that are there and the bytes in all.

    Returns
    -------
    The weights.

    Raises
    ------
    ModelError
        If the name is unknown, the server cannot be reached or sends another file.
    """
    if name not in OFFICIAL:
        msg = f"unknown model {name!r}{did_you_mean(name, OFFICIAL)}"
        raise ModelError(msg)
    official = OFFICIAL[name]
    path = weights_dir() / official.file
    if force or not path.exists():
        url = _address(official)
        if not reachable(url):
            msg = (
                f"{name} is not on this computer and {url} does not answer. Connect "
                f"once and run: biomech models get {name}; or copy the file to {path}; "
                "or give the path of another model with --model"
            )
            raise ModelError(msg)
        expected = sha256 or published_sha256(url)
        found = download(url, path, sha256=expected, progress=progress)
        _digest_file(path).write_text(found, "utf-8")
    return _official(official)


def is_fetched(name: str, /) -> bool:
    """Whether an official model is on this computer."""
    return (weights_dir() / OFFICIAL[name].file).exists()


def _default() -> ModelSource:
    """Choose a model for a user who named none."""
    url = _address(OFFICIAL[DEFAULT_MODEL])
    if is_fetched(DEFAULT_MODEL):
        return _official(OFFICIAL[DEFAULT_MODEL])
    if not reachable(url):
        return _demo(note=f"{DEFAULT_MODEL} is not here and {url} does not answer")
    try:
        return get_model(DEFAULT_MODEL)
    except ModelError as error:
        return _demo(note=str(error))


def _official(official: Official) -> ModelSource:
    """Take an official model from the cache, or fetch it."""
    path = weights_dir() / official.file
    if not path.exists():
        return get_model(official.name)
    sha256 = sha256_of(path)
    fetched = _digest_file(path)
    known = {fetched.read_text("utf-8").strip()} if fetched.exists() else set()
    require_trust(path, sha256=sha256, known=frozenset(known))
    return ModelSource(official.name, path, sha256, licence=official.licence)


def _local(path: Path) -> ModelSource:
    """Take a file or folder of the user's."""
    sha256 = sha256_of(path)
    require_trust(path, sha256=sha256, known=frozenset())
    return ModelSource(path.stem, path.resolve(), sha256)


def _demo(*, note: str | None) -> ModelSource:
    """Take the shipped model."""
    if not SHIPPED.exists():
        msg = (
            f"no pose model is at hand{f' ({note})' if note else ''}, and this "
            f"installation lacks the demonstration model {DEMO_MODEL}; name one with "
            "--model"
        )
        raise ModelError(msg)
    return ModelSource(
        DEMO_MODEL,
        SHIPPED,
        sha256_of(SHIPPED),
        is_demo=True,
        licence="AGPL-3.0-or-later",
        note=note,
    )


def _configured() -> str | None:
    """Read the model that the user has chosen for all runs."""
    if value := os.environ.get(MODEL_VARIABLE):
        return value
    path = config_dir() / "config.toml"
    if not path.is_file():
        return None
    try:
        chosen = tomllib.loads(path.read_text("utf-8")).get("model")
    except tomllib.TOMLDecodeError as error:
        msg = f"{path} is not TOML: {error}"
        raise ConfigError(msg) from error
    if chosen is not None and not isinstance(chosen, str):
        msg = f"{path}: model is {chosen!r}, allowed is a name or path in quotes"
        raise ConfigError(msg)
    return chosen


def _address(official: Official) -> str:
    mirror = os.environ.get(MIRROR_VARIABLE)
    return f"{mirror.rstrip('/')}/{official.file}" if mirror else official.url


def _digest_file(path: Path) -> Path:
    return path.with_name(f"{path.name}.sha256")
