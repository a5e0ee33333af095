import pytest

from biomech.errors import ConfigError
from pipelines.config import ClipConfig, Config

JOB = """
activity = "walk"
height_m = 1.80

[pose]
model = "yolo26n-pose"

[clean]
cutoff_hz = [4, 8]

[clips."morning run.mp4"]
athlete = "Anna"
activity = "run"
capture_fps = 240
track = 2
"""


@pytest.fixture
def job(tmp_path):
    path = tmp_path / "job.toml"
    path.write_text(JOB, encoding="utf-8")
    return Config.from_toml(path)


def test_a_job_file_sets_what_it_names_and_nothing_else(job):
    assert job.clip == ClipConfig(activity="walk", height_m=1.8)
    assert job.pose.model == "yolo26n-pose"
    assert job.clean.cutoff_hz == (4, 8)
    assert job.overlay == Config().overlay


def test_what_is_said_of_one_clip_wins(job):
    one, other = job.of_clip("morning run.mp4"), job.of_clip("else.mp4")

    assert (one.athlete, one.activity, one.track) == ("Anna", "run", 2)
    assert one.height_m == 1.8
    assert (other.athlete, other.activity, other.track) == (None, "walk", "auto")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("hight_m = 1.8", "did you mean 'height_m'"),
        ("[clean]\ncutof_hz = 6", r"in \[clean\]; did you mean 'cutoff_hz'"),
        ("[cleen]\ncutoff_hz = 6", "did you mean 'clean'"),
        ('[clips."a.mp4"]\nactivty = "run"', "did you mean 'activity'"),
        ('pose.device = "tpu"', "must be one of 'auto', 'cpu', 'cuda', 'mps'"),
        ('pose.precision = "f8"', "must be one of 'auto', 'f32', 'f16', 'bf16'"),
        ('activity = "swim"', "must be one of 'auto', 'walk'"),
        ('height_m = "tall"', "must be a number"),
        ("height_m = true", "must be a number"),
        ("height_m = 180", "in metres, as 1.80"),
        ("capture_fps = 0", "must be above 0"),
        ("start_s = 5\nend_s = 4", "after the start"),
        ('[clips."a.mp4"]\nheight_m = 18', "must be 0.5 to 2.8"),
        ("ground = [{x_px = 1, y_px = 2}]", "'x_m' is missing"),
        ('ground = [{x_px = "1"}]', "must be a list of tables of numbers"),
        ('ground = "not there.csv"', "cannot read the ground points in"),
        ("pose = 3", "must be a table"),
        ("clips = 3", "must be a table"),
        ("clean.cutoff_hz = [1, 2, 3]", "a number or a list of a number, a number"),
        ("height_m = ", "cannot read the job file"),
    ],
)
def test_a_job_file_with_a_mistake_is_refused_with_a_hint(tmp_path, text, told):
    path = tmp_path / "job.toml"
    path.write_text(text, encoding="utf-8")

    with pytest.raises(ConfigError, match=told):
        Config.from_toml(path)


def test_all_mistakes_are_told_at_once(tmp_path):
    path = tmp_path / "job.toml"
    path.write_text('a = 1\n[pose]\nb = 2\n[clips."x"]\nc = 3\n', encoding="utf-8")

    with pytest.raises(ConfigError, match=r"'a'.*'b'.*'c'"):
        Config.from_toml(path)


def test_a_missing_job_file_is_told(tmp_path):
    with pytest.raises(ConfigError, match=r"no\.toml"):
        Config.from_toml(tmp_path / "no.toml")


@pytest.mark.parametrize(
    ("setting", "stage", "key", "value"),
    [
        ("clean.cutoff_hz=8", "clean", "cutoff_hz", 8),
        ("clean.cutoff_hz=[4, 8.5]", "clean", "cutoff_hz", (4, 8.5)),
        ("clean.swaps=false", "clean", "swaps", False),
        ("pose.model=yolo11n-pose", "pose", "model", "yolo11n-pose"),
        ("height_m=1.8", "clip", "height_m", 1.8),
        ("track=3", "clip", "track", 3),
    ],
)
def test_single_settings_are_read_as_in_a_job_file(setting, stage, key, value):
    config = Config().with_settings([setting])

    assert getattr(getattr(config, stage), key) == value


@pytest.mark.parametrize("setting", ["clean.cutoff", "cleen.x=1", "clean.x=1", "=3"])
def test_a_setting_that_names_nothing_is_refused(setting):
    with pytest.raises(ConfigError, match=r"no setting|unknown key"):
        Config().with_settings([setting])


GROUND = """
x_px,y_px,x_m,y_m
100,100,0,2
500,100,4,2
500,300,4,0
100,300,0,0
"""


def test_ground_points_come_from_the_job_file_or_a_file_beside_it(tmp_path):
    rows = [
        dict(zip(("x_px", "y_px", "x_m", "y_m"), map(float, r.split(",")), strict=True))
        for r in GROUND.split()[1:]
    ]
    written = ", ".join(
        "{" + ", ".join(f"{k} = {v}" for k, v in r.items()) + "}" for r in rows
    )
    job = tmp_path / "job.toml"
    (tmp_path / "court.csv").write_text(GROUND.strip(), encoding="utf-8")
    job.write_text(
        f'ground = [{written}]\n[clips."a.mp4"]\nground = "court.csv"\n',
        encoding="utf-8",
    )

    config = Config.from_toml(job)

    assert list(config.of_clip("a.mp4").ground) == rows
    assert list(config.of_clip("b.mp4").ground) == rows
