"""Libraries without phone calls: no analytics, no update checks, no installs."""

import contextlib
import json
import logging
import os
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

from pipelines.models.places import cache_dir

#: Read by ultralytics while it is imported. Offline: no look-up of servers, and its
#: analytics stay off for the life of the process. Autoinstall: never run pip. Safe
#: load: unpickle only the classes of torch and ultralytics, nothing a file names.
_QUIET = {
    "YOLO_OFFLINE": "1",
    "YOLO_AUTOINSTALL": "0",
    "YOLO_VERBOSE": "0",
    "ULTRALYTICS_SAFE_LOAD": "1",
}


def import_ultralytics() -> ModuleType:
    """Import ultralytics so that it neither calls home nor touches the user's settings.

    Its settings file lies in our cache folder with ``sync`` off, the user's own one is
    neither read nor written. When something else has imported ultralytics before,
    what can still be switched off is switched off, in memory only.

    Returns
    -------
    The package.
    """
    with _settings_of_our_own():
        import ultralytics
        from ultralytics.utils import LOGGER, SETTINGS
        from ultralytics.utils.events import events
    dict.update(SETTINGS, {"sync": False})  # in memory: its own update writes files
    events.enabled = False
    LOGGER.setLevel(logging.ERROR)
    module: ModuleType = ultralytics
    return module


@contextlib.contextmanager
def _settings_of_our_own() -> Iterator[None]:
    """Point ultralytics at our folder and at our switches while it is imported."""
    home = cache_dir() / "ultralytics"
    _write_settings(home / "Ultralytics" / "settings.json")
    wanted = {**_QUIET, "YOLO_CONFIG_DIR": str(home)}
    before = {name: os.environ.get(name) for name in wanted}
    os.environ.update(wanted)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def _write_settings(path: Path) -> None:
    """Say ``sync: false`` before ultralytics looks; it adds its other defaults."""
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    part.write_text(json.dumps({"sync": False}), "utf-8")
    part.replace(path)


@contextlib.contextmanager
def silent_stderr() -> Iterator[None]:
    """Drop what C++ code writes to the terminal past Python, for a moment."""
    sys.stderr.flush()
    kept = os.dup(2)
    with Path(os.devnull).open("wb") as nowhere:
        os.dup2(nowhere.fileno(), 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)


class UsageReports:
    """Google's usage reports, which MediaPipe sends whenever a task opens or closes.

    MediaPipe 1.2 has no switch for them (seen with strace: it looks up
    play.googleapis.com and opens a connection there). Its HTTP client is libcurl, which
    obeys ``https_proxy``: while any model holds the block, that points to a closed port
    of this computer, whose name says why, and other HTTPS traffic of this process fails
    as well. `NO_CERTIFICATES` makes sure that a report which slips through later ends
    before anything is told.
    """

    PROXY = "http://biomech-blocks-mediapipe-usage-reports.localhost:9"
    NO_CERTIFICATES = os.devnull

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._holders = 0
        self._before: dict[str, str | None] = {}

    def block(self) -> None:
        """Begin to hold the reports back."""
        with self._lock:
            self._holders += 1
            if self._holders == 1:
                names = ("https_proxy", "HTTPS_PROXY", "no_proxy", "NO_PROXY")
                self._before = {name: os.environ.pop(name, None) for name in names}
                os.environ["https_proxy"] = self.PROXY

    def release(self) -> None:
        """Let other HTTPS traffic pass again once the last holder has gone."""
        with self._lock:
            self._holders -= 1
            if self._holders == 0:
                del os.environ["https_proxy"]
                kept = {k: v for k, v in self._before.items() if v is not None}
                os.environ.update(kept)


#: One for the process, as the environment is.
USAGE_REPORTS = UsageReports()
