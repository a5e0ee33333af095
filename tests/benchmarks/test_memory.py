"""Memory of the main job: a long video needs hardly more than a short one.

Frames stream: the pose stage takes 431 MB for a minute and 510 for an hour, the overlay
231 for a minute and 264 for ten. The analysis holds the tables of a clip whole: an hour
of one person at 30 Hz needs 683 MB, a minute 321. So does the page, but for the columns
of cycles that it does not draw: 640 MB for that hour, 261 for the minute.
"""

import json
import subprocess
import sys

import pytest

from tests.pipelines.fakes import coded_video

pytestmark = pytest.mark.benchmark

_RUN = """
import json, resource, sys
from pathlib import Path
from tests.pipelines.fakes import SOURCE, load_treadmill
from pipelines.batch import run
from pipelines.config import Config
from pipelines.jobs import OutFolder, jobs_of_videos

jobs = jobs_of_videos(
    [Path(sys.argv[1])],
    out=OutFolder(Path(sys.argv[2])),
    config=Config().with_settings(["activity=walk", "height_m=1.75"]),
    model=SOURCE,
    stages=tuple(sys.argv[3].split(",")),
    load=load_treadmill,
)
outcomes = run(jobs, listener=lambda news: None)
peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
errors = [o.error for o in outcomes if o.error]
print(json.dumps({"peak_mb": peak_mb, "errors": errors}))
"""


def peak_mb(root, video, out, stages):
    command = [sys.executable, "-c", _RUN, str(video), str(out), stages]
    done = subprocess.run(command, cwd=root, check=True, capture_output=True, text=True)
    found = json.loads(done.stdout.splitlines()[-1])
    assert found["errors"] == []
    return found["peak_mb"]


@pytest.mark.parametrize(
    ("stages", "most_mb"),
    [
        ("clip,pose", 100),
        ("clean,kinematics,metrics", 500),
        ("overlay", 50),
        ("report", 450),
    ],
)
def test_an_hour_needs_hardly_more_than_a_minute(root, videos, stages, most_mb):
    short, long = videos

    short_mb = peak_mb(root, *short, stages)
    long_mb = peak_mb(root, *long, stages)
    print(f"{stages}: {short_mb:.0f} MB for a minute, {long_mb:.0f} MB for an hour")

    assert long_mb - short_mb <= most_mb


@pytest.fixture(scope="module")
def videos(tmp_path_factory):
    folder = tmp_path_factory.mktemp("videos")
    return [
        (coded_video(folder / f"{minutes}.mp4", 1800 * minutes), folder / str(minutes))
        for minutes in (1, 60)
    ]
