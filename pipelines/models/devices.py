"""What a network may compute on in this machine."""

import platform
import sys
from pathlib import Path

from biomech.errors import ModelError

_DRIVERS = ("/dev/nvidiactl", "/dev/dxg")


def require_device(device: str, /) -> None:
    """Refuse a device that this machine does not have.

    Parameters
    ----------
    device
        ``auto``, ``cpu``, ``cuda`` or ``mps``.

    Raises
    ------
    ModelError
        If it is not there.
    """
    there = {"cuda": has_cuda, "mps": _has_mps}.get(device)
    if there is not None and not there():
        name = {"cuda": "CUDA device", "mps": "Apple graphics (mps)"}[device]
        msg = f"torch sees no {name} here; choose the device 'cpu' or 'auto'"
        raise ModelError(msg)


def has_cuda() -> bool:
    """Ask torch, but only where a driver is installed: importing it costs 650 MB."""
    if sys.platform == "linux" and not any(Path(d).exists() for d in _DRIVERS):
        return False
    if sys.platform == "darwin":
        return False
    import torch

    return bool(torch.cuda.is_available())


def _has_mps() -> bool:
    """Ask torch, on a Mac."""
    if platform.system() != "Darwin":
        return False
    import torch

    return bool(torch.backends.mps.is_available())
