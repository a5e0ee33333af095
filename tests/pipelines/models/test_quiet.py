import json
import os
import subprocess
import sys

import pytest

from pipelines.models.quiet import UsageReports, silent_stderr

IMPORT = """
import os, socket, sys
seen = []
sys.addaudithook(lambda event, args: seen.append(event) if event in
    ("socket.connect", "socket.getaddrinfo", "subprocess.Popen") else None)
from pipelines.models.quiet import import_ultralytics
import_ultralytics()
from ultralytics.utils import SETTINGS, ONLINE, AUTOINSTALL
from ultralytics.utils.events import events
print(repr([SETTINGS["sync"], events.enabled, ONLINE, AUTOINSTALL,
    "YOLO_CONFIG_DIR" in os.environ, [e for e in seen if e.startswith("socket")]]))
"""


def test_importing_ultralytics_asks_nobody_and_writes_in_our_folder_only(
    tmp_path, root
):
    home = tmp_path / "home"
    home.mkdir()
    unset = {"YOLO_CONFIG_DIR", "XDG_CONFIG_HOME"}
    environment = {k: v for k, v in os.environ.items() if k not in unset}
    environment |= {
        "HOME": str(home),
        "BIOMECH_CACHE": str(tmp_path / "cache"),
        "MPLCONFIGDIR": str(tmp_path / "matplotlib"),
    }

    done = subprocess.run(
        [sys.executable, "-c", IMPORT],
        env=environment,
        cwd=root,
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout.strip() == "[False, False, False, False, False, []]"
    assert not done.stderr
    assert not (home / ".config").exists()
    (settings,) = (tmp_path / "cache").rglob("settings.json")
    assert json.loads(settings.read_text())["sync"] is False


@pytest.fixture
def _proxies(monkeypatch):
    monkeypatch.setenv("https_proxy", "http://proxy.example")
    monkeypatch.setenv("NO_PROXY", "*")


@pytest.mark.usefixtures("_proxies")
def test_usage_reports_are_blocked_until_the_last_holder_lets_go():
    reports = UsageReports()

    reports.block()
    reports.block()
    reports.release()
    blocked = dict(os.environ)
    reports.release()

    assert blocked["https_proxy"] == UsageReports.PROXY
    assert "NO_PROXY" not in blocked
    assert os.environ["https_proxy"] == "http://proxy.example"
    assert os.environ["NO_PROXY"] == "*"


def test_remarks_of_c_code_are_dropped_for_a_moment_only(capfd):
    with silent_stderr():
        os.write(2, b"remark")
    os.write(2, b"error")

    assert capfd.readouterr().err == "error"
