"""Where models, exports and the list of trusted files lie on this computer."""

import hashlib
import os
from pathlib import Path

import platformdirs

#: Folder for what can be fetched or made again; overrides the system's choice.
CACHE_VARIABLE = "BIOMECH_CACHE"
#: Folder for what the user decided; overrides the system's choice.
CONFIG_VARIABLE = "BIOMECH_CONFIG"


def cache_dir() -> Path:
    """Name the folder of downloaded weights and converted models.

    Returns
    -------
    ``$BIOMECH_CACHE``, or the user's cache folder of the operating system.
    """
    return _chosen(CACHE_VARIABLE, platformdirs.user_cache_path("biomech"))


def config_dir() -> Path:
    """Name the folder of the user's settings and trusted files.

    Returns
    -------
    ``$BIOMECH_CONFIG``, or the user's settings folder of the operating system.
    """
    return _chosen(CONFIG_VARIABLE, platformdirs.user_config_path("biomech"))


def weights_dir() -> Path:
    """Name the folder of downloaded weights."""
    return cache_dir() / "weights"


def sha256_of(path: Path, /) -> str:
    """Digest a file, or the files of a folder with their names.

    Parameters
    ----------
    path
        A file, or a folder such as an OpenVINO model.

    Returns
    -------
    SHA-256 in hexadecimal. That of a folder covers the relative name and the content
    of each file, sorted by name.
    """
    if path.is_file():
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    digest = hashlib.sha256()
    for file_path in sorted(p for p in path.rglob("*") if p.is_file()):
        line = f"{file_path.relative_to(path).as_posix()}\0{sha256_of(file_path)}\n"
        digest.update(line.encode())
    return digest.hexdigest()


def _chosen(variable: str, default: Path) -> Path:
    value = os.environ.get(variable)
    return Path(value).expanduser() if value else default
