"""Options that several commands share."""

from pathlib import Path
from typing import Annotated

import typer

Out = Annotated[
    Path, typer.Option("--out", "-o", help="Folder for the results; made if need be.")
]
Run = Annotated[Path, typer.Argument(help="Folder of a run (its --out).")]
Inputs = Annotated[list[Path], typer.Argument(help="Video files, or folders of them.")]
Model = Annotated[
    str | None, typer.Option(help="Pose model: a name or a file; see biomech models.")
]
Device = Annotated[str | None, typer.Option(help="auto, cpu, cuda or mps.")]
Activity = Annotated[
    str | None,
    typer.Option(
        help="walk, run, golf, baseball, tennis, throw, jump, squat or none; auto "
        "tells walk, run, jump and squat apart.",
    ),
]
HeightM = Annotated[
    float | None, typer.Option("--height-m", help="Body height in metres: the scale.")
]
CaptureFps = Annotated[
    float | None, typer.Option(help="Frames per second at which slow motion was shot.")
]
Start = Annotated[
    float | None, typer.Option("--start", help="Begin here, in seconds of the video.")
]
End = Annotated[
    float | None, typer.Option("--end", help="End here, in seconds of the video.")
]
Athlete = Annotated[
    str | None,
    typer.Option(help="Whom to analyse: auto, all, or the number of a track."),
]
ConfigFile = Annotated[
    Path | None,
    typer.Option("--config", help="Job file; by default job.toml of an input folder."),
]
Settings = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="A setting: clean.cutoff_hz=8."),
]
Force = Annotated[
    list[str] | None,
    typer.Option(metavar="STAGE", help="Run this stage and what follows it again."),
]
Language = Annotated[
    str | None, typer.Option(help="Language of the reports: en or de.")
]
Embed = Annotated[
    bool | None,
    typer.Option("--embed/--beside", help="Put the video into the page, or beside it."),
]
Pdf = Annotated[
    bool, typer.Option("--pdf", help="Print the pages as PDF too; needs a browser.")
]
Workers = Annotated[
    int, typer.Option(min=1, help="Videos to work on at the same time.")
]
Json = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]
