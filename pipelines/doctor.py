"""Examine the installation: what works, what does not, and what to do about it."""

import platform
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

import av

from biomech.errors import BiomechError
from pipelines.models import find_model
from pipelines.models.opencv_wheels import opencv_advice, opencv_wheels
from pipelines.models.places import cache_dir, config_dir
from pipelines.models.streams import available_cpus

#: Codecs of cameras, and how FFmpeg calls what decodes them.
_DECODERS = {
    "H.264": ("h264",),
    "HEVC": ("hevc",),
    "VP9": ("vp9", "libvpx-vp9"),
    "AV1": ("libdav1d", "av1", "libaom-av1"),
    "MJPEG": ("mjpeg",),
}
_ENCODER = "libx264"
_LIBRARIES = ("numpy", "scipy", "polars", "av", "ultralytics", "openvino", "torch")


@dataclass(frozen=True)
class Finding:
    """What was found about one thing.

    Attributes
    ----------
    what
        The thing.
    is_well
        Whether runs will work with it.
    found
        In words.
    remedy
        What to do; empty if nothing need be done.
    """

    what: str
    is_well: bool
    found: str
    remedy: str = ""


def examine() -> list[Finding]:
    """Examine everything that runs depend on.

    Returns
    -------
    One finding per thing, in the order in which a person would mend them.
    """
    return [
        _python(),
        *_libraries(),
        *_codecs(),
        _opencv(),
        *_graphics(),
        _model(),
        *_folders(),
    ]


def _python() -> Finding:
    found = f"Python {platform.python_version()}, {available_cpus()} processors"
    is_well = sys.version_info >= (3, 11)
    remedy = "" if is_well else "install Python 3.11 or newer"
    return Finding("python", is_well, found, remedy)


def _libraries() -> Iterator[Finding]:
    """Look for the libraries that runs are made of."""
    for name in _LIBRARIES:
        try:
            yield Finding(name, is_well=True, found=version(name))
        except PackageNotFoundError:
            remedy = f"pip install {name}"
            yield Finding(name, is_well=False, found="not installed", remedy=remedy)


def _codecs() -> Iterator[Finding]:
    """Look for what decodes and encodes video."""
    codecs = av.codecs_available
    for name, decoders in _DECODERS.items():
        is_well = any(decoder in codecs for decoder in decoders)
        remedy = "" if is_well else "pip install --force-reinstall av"
        found = "can be read" if is_well else "cannot be read"
        yield Finding(f"video {name}", is_well, found, remedy)
    is_well = _ENCODER in codecs
    yield Finding(
        "overlay videos",
        is_well,
        "can be written" if is_well else f"{_ENCODER} is missing",
        "" if is_well else "use --set overlay.enabled=false, or another build of av",
    )


def _opencv() -> Finding:
    """Look for OpenCV, and for wheels of it that overwrote each other."""
    wheels = ", ".join(f"{name} {v}" for name, v in opencv_wheels().items())
    advice = opencv_advice()
    found = wheels or "not installed"
    return Finding("opencv", is_well=advice is None, found=found, remedy=advice or "")


def _graphics() -> Iterator[Finding]:
    """Look for a graphics card that torch can use."""
    if find_spec("torch") is None:
        return
    import torch

    if torch.cuda.is_available():
        found = f"{torch.cuda.get_device_name(0)} (CUDA {torch.version.cuda})"
    elif torch.backends.mps.is_available():
        found = "Apple graphics (mps)"
    else:
        found = "none that torch can use: runs compute on the processor"
    yield Finding("graphics card", is_well=True, found=found)


def _model() -> Finding:
    """Find the pose model that a run without --model would take."""
    try:
        source = find_model(None)
    except BiomechError as error:
        remedy = "see what there is: biomech models"
        return Finding("pose model", is_well=False, found=str(error), remedy=remedy)
    note = f"; {source.note}" if source.note else ""
    remedy = "biomech models get yolo26n-pose" if source.is_demo else ""
    found = f"{source.name} ({source.path}){note}"
    return Finding("pose model", is_well=True, found=found, remedy=remedy)


def _folders() -> Iterator[Finding]:
    """Try to write where runs and models are kept."""
    for what, folder in (
        ("this folder", Path.cwd()),
        ("cache", cache_dir()),
        ("settings", config_dir()),
    ):
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=folder):
                yield Finding(what, is_well=True, found=f"{folder} can be written")
        except OSError as error:
            found = f"{folder} cannot be written: {error.strerror}"
            remedy = "mend its permissions, or choose another folder"
            yield Finding(what, is_well=False, found=found, remedy=remedy)
