"""Where models, exports and the list of trusted files lie on this computer."""

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


def _chosen(variable: str, default: Path) -> Path:
    value = os.environ.get(variable)
    return Path(value).expanduser() if value else default
