"""Work in other processes: stopping it."""

import signal
import subprocess
import sys
import time

_RUN = """
import polars as pl
from pipelines.executors import process_pool
from tests.pipelines.test_executors import lasting

pl.select(1)
listener = lambda news: print(news, flush=True)
list(process_pool(lasting, ["item"], listener=listener, n_workers=1))
"""


def lasting(item, tell):
    for _ in range(600):
        tell("at work")
        time.sleep(0.1)


def test_ctrl_c_ends_work_in_another_process_soon(root):
    process = subprocess.Popen(
        [sys.executable, "-c", _RUN],
        cwd=root,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout.readline() == "at work\n"

    process.send_signal(signal.SIGINT)
    _, complaint = process.communicate(timeout=30)

    assert "KeyboardInterrupt" in complaint
    assert process.returncode != 0
