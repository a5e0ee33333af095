"""Settings: one frozen dataclass per stage, read from TOML with strict keys.

A job file holds what is known about the clips, and settings of the stages::

    activity = "walk"            # for all clips
    height_m = 1.80

    [pose]
    model = "yolo26n-pose"

    [clean]
    cutoff_hz = 6.0

    [clips."morning run.mp4"]    # for one clip; wins over the above
    athlete = "Anna"
    activity = "run"
    capture_fps = 240
"""

import dataclasses
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Self

from biomech.bands import Band
from biomech.errors import ConfigError
from biomech.smoothing import Method
from pipelines.ground import GroundPoint, check_ground, with_ground_files
from pipelines.models.opening import Device, Precision
from pipelines.strict import problems_of

Activity = Literal[
    "auto",
    "walk",
    "run",
    "golf",
    "baseball",
    "tennis",
    "throw",
    "jump",
    "squat",
    "none",
]
View = Literal["sagittal", "frontal", "oblique"]
Handedness = Literal["auto", "left", "right"]

#: Stages in the order in which they run.
STAGES = ("clip", "pose", "clean", "kinematics", "metrics", "overlay", "report")

#: The job file that is used when a folder of videos holds one.
JOB_FILE = "job.toml"


@dataclass(frozen=True)
class ClipConfig:
    """What a person knows about a clip.

    Attributes
    ----------
    athlete
        Who is seen: a name for the tables and the report.
    track
        Whom to analyse: ``"auto"`` (most area times duration), ``"all"``, or the
        number of a track.
    height_m
        The athlete's body height, the scale of the picture.
    activity
        What is done; ``"auto"`` tells walking, running, jumps, squats and golf apart,
        and ``"none"`` skips the metrics.
    view
        From where the camera looks.
    handedness
        With which hand somebody swings or throws; ``"auto"`` sees it.
    capture_fps
        Frames per second at which slow motion was filmed.
    start_s, end_s
        Part of the video to use, in seconds as it plays.
    ground
        Points on the ground, see `biomech.ground_plane`: what gives speeds in metres
        per second. In a job file also the name of a CSV file beside it.
    """

    athlete: str | None = None
    track: Literal["auto", "all"] | int = "auto"
    height_m: float | None = None
    activity: Activity = "auto"
    view: View | None = None
    handedness: Handedness = "auto"
    capture_fps: float | None = None
    start_s: float | None = None
    end_s: float | None = None
    ground: tuple[GroundPoint, ...] = ()

    def __post_init__(self) -> None:
        """Refuse values that no clip can have."""
        problems = []
        if self.height_m is not None and not 0.5 <= self.height_m <= 2.8:
            hint = (
                f"; in metres, as {self.height_m / 100:.2f}"
                if self.height_m > 50
                else ""
            )
            problems.append(
                f"height_m is {self.height_m}, but must be 0.5 to 2.8{hint}"
            )
        if self.capture_fps is not None and not 0 < self.capture_fps <= 100_000:
            problems.append(f"capture_fps is {self.capture_fps}, but must be above 0")
        if self.start_s is not None and self.start_s < 0:
            problems.append(f"start_s is {self.start_s}, but must be 0 or more")
        if self.end_s is not None and not self.end_s > (self.start_s or 0):
            problems.append(f"end_s is {self.end_s}, but must be after the start")
        if problems:
            raise ConfigError("; ".join(problems))
        if self.ground:
            check_ground(self.ground)


@dataclass(frozen=True)
class PoseConfig:
    """Settings of the pose stage: the arguments of `pipelines.models.load_model`.

    Attributes
    ----------
    model
        Name or path; by default the user's configured model.
    device
        ``auto``, ``cpu``, ``cuda`` or ``mps``.
    precision
        ``auto``, ``f32``, ``f16`` or ``bf16``.
    imgsz
        Longer side of the network's input in pixels; by default the model's own.
    second_look
        Whether a YOLO network looks again, more closely, at people who are small in
        its input; by default the shipped demonstration model does.
    """

    model: str | None = None
    device: Device = "auto"
    precision: Precision = "auto"
    imgsz: int | None = None
    second_look: bool | None = None


@dataclass(frozen=True)
class CleanConfig:
    """Settings of the clean stage: the arguments of `biomech.clean`.

    Attributes
    ----------
    min_confidence
        Keypoints below it are dropped, 0 to 1.
    swaps
        Whether to repair exchanges of left and right.
    outlier_sd
        Robust standard deviations from the running median that make an outlier.
    method
        The smoother: rts, butterworth, savitzky_golay, gcv_spline or median.
    cutoff_hz
        Cut-off, or lowest and highest, instead of the activity's.
    max_gap_s
        The longest gap to fill, instead of the activity's.
    """

    min_confidence: float = 0.3
    swaps: bool = True
    outlier_sd: float = 4.0
    method: Method = "rts"
    cutoff_hz: float | Band | None = None
    max_gap_s: float | None = None


@dataclass(frozen=True)
class ReportConfig:
    """Settings of the report.

    Attributes
    ----------
    language
        Of its words: ``en`` or ``de``.
    embed
        Whether the page contains the video.
    """

    language: Literal["en", "de"] = "en"
    embed: bool = False


@dataclass(frozen=True)
class OverlayConfig:
    """Settings of the overlay video.

    Attributes
    ----------
    enabled
        Whether to make one.
    trace_s
        Length of the path drawn behind wrists and ankles, in seconds.
    max_height_px
        Larger videos are shrunk to this height.
    quality
        Constant rate factor of the encoder, 0 (lossless) to 51.
    """

    enabled: bool = True
    trace_s: float = 0.5
    max_height_px: int = 1080
    quality: int = 23


@dataclass(frozen=True)
class Config:
    """All settings of a run.

    Attributes
    ----------
    clip
        What is known about every clip.
    pose, clean, overlay, report
        Settings of the stages of that name.
    clips
        What is known about single clips, by file name; wins over `clip`.
    """

    clip: ClipConfig = field(default_factory=ClipConfig)
    pose: PoseConfig = field(default_factory=PoseConfig)
    clean: CleanConfig = field(default_factory=CleanConfig)
    overlay: OverlayConfig = field(default_factory=OverlayConfig)
    report: ReportConfig = field(default_factory=ReportConfig)
    clips: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    @classmethod
    def from_toml(cls, path: str | Path, /) -> Self:
        """Read a job file.

        Parameters
        ----------
        path
            A TOML file.

        Returns
        -------
        The settings; what the file does not name has its default.

        Raises
        ------
        ConfigError
            If the file cannot be read, or with every unknown key and wrong value.
        """
        path = Path(path)
        try:
            document = tomllib.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            why = getattr(error, "strerror", None) or error
            msg = f"cannot read the job file {str(path)!r}: {why}"
            raise ConfigError(msg) from error
        try:
            return cls().updated(with_ground_files(document, path.parent))
        except ConfigError as error:
            msg = f"{path.name}: {error}"
            raise ConfigError(msg) from error

    def updated(self, document: Mapping[str, Any], /) -> Self:
        """Replace settings by those of a document in the shape of a job file.

        Parameters
        ----------
        document
            Keys of `ClipConfig` at the top, tables by the name of a stage, and
            ``clips``.

        Returns
        -------
        New settings.

        Raises
        ------
        ConfigError
            With every unknown key and wrong value.
        """
        stages = {f.name for f in dataclasses.fields(self)} - {"clip", "clips"}
        top = {k: v for k, v in document.items() if k not in stages | {"clips"}}
        clips = document.get("clips", {})
        problems = list(problems_of(ClipConfig, top, "", extra=stages | {"clips"}))
        for stage in sorted(stages & document.keys()):
            kind = type(getattr(self, stage))
            problems += problems_of(kind, document[stage], f" in [{stage}]")
        if isinstance(clips, Mapping):
            for name, known in clips.items():
                problems += problems_of(ClipConfig, known, f" in [clips.{name!r}]")
        else:
            problems.append("'clips' must be a table of tables, one per file name")
        if problems:
            raise ConfigError("; ".join(problems))
        changed = {
            stage: dataclasses.replace(getattr(self, stage), **_frozen(document[stage]))
            for stage in stages & document.keys()
        }
        clip = dataclasses.replace(self.clip, **top)
        new = dataclasses.replace(
            self, clip=clip, clips={**self.clips, **clips}, **changed
        )
        for name in clips:
            new.of_clip(name)
        return new

    def with_settings(self, settings: Iterable[str], /) -> Self:
        """Replace single settings, written as on the command line.

        Parameters
        ----------
        settings
            Such as ``"clean.cutoff_hz=8"`` or ``"height_m=1.80"``.

        Returns
        -------
        New settings.

        Raises
        ------
        ConfigError
            If one is not of this form, or names nothing.

        Examples
        --------
        >>> Config().with_settings(["overlay.quality=30"]).overlay.quality
        30
        """
        document: dict[str, Any] = {}
        for setting in settings:
            name, equals, text = setting.partition("=")
            stage, dot, key = name.strip().rpartition(".")
            if not equals:
                msg = f"{setting!r} is no setting; write it as clean.cutoff_hz=8"
                raise ConfigError(msg)
            if dot:
                document.setdefault(stage, {})[key] = _value(text)
            else:
                document[key] = _value(text)
        return self.updated(document)

    def of_clip(self, name: str, /) -> ClipConfig:
        """Say what is known about one clip.

        Parameters
        ----------
        name
            The name of its file.

        Returns
        -------
        The settings for all clips, replaced by those for this one.
        """
        try:
            return dataclasses.replace(self.clip, **self.clips.get(name, {}))
        except ConfigError as error:
            msg = f"clip {name!r}: {error}"
            raise ConfigError(msg) from error


def _frozen(table: Mapping[str, Any]) -> dict[str, Any]:
    """Make lists tuples, as frozen settings have them."""
    return {k: tuple(v) if isinstance(v, list) else v for k, v in table.items()}


def _value(text: str) -> Any:
    """Read a value as TOML does; what is no TOML is a string."""
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text.strip()
