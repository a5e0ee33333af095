"""`biomech import`: files of other programs into a run."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from pipelines.commands import options


def import_files(
    files: Annotated[list[Path], typer.Argument(help="Files, or folders of them.")],
    *,
    out: options.Out,
    file_format: Annotated[
        str, typer.Option("--format", help="auto, or a name: see biomech formats.")
    ] = "auto",
    rate_hz: Annotated[
        float | None, typer.Option(help="Frames per second, for files without a clock.")
    ] = None,
    unit: Annotated[
        str | None, typer.Option(help="m, cm, mm or px, instead of what a file says.")
    ] = None,
    axes: Annotated[
        str, typer.Option(help="Axes that are forward, up and right: x,z,-y or auto.")
    ] = "auto",
    mapping: Annotated[
        str, typer.Option(help="Marker mapping: a name, a TOML file or auto.")
    ] = "auto",
    skeleton: Annotated[
        str | None, typer.Option(help="Skeleton, if the number of points is unclear.")
    ] = None,
    size: Annotated[
        str | None, typer.Option(metavar="WxH", help="Size of the picture: 1920x1080.")
    ] = None,
    activity: options.Activity = None,
    height_m: options.HeightM = None,
    athlete: Annotated[str | None, typer.Option(help="A name for the tables.")] = None,
    as_json: options.Json = False,
) -> None:
    """Read poses of other programs, so that biomech analyze can go on with them.

    Reads OpenPose, AlphaPose, MMPose, MediaPipe, TRC, C3D and more; see biomech
    formats. Example: biomech import walk.trc --out season
    """
    from dataclasses import asdict

    from biomech.io.registry import Reading
    from pipelines.config import ClipConfig
    from pipelines.importing import import_files, with_size
    from pipelines.jobs import OutFolder
    from pipelines.progress import printable

    how = with_size(Reading(rate_hz, unit, axes, mapping, skeleton), size)
    known: dict[str, Any] = {"activity": activity, "height_m": height_m}
    known["athlete"] = athlete
    clip = ClipConfig(**{k: v for k, v in known.items() if v is not None})
    done = []
    for one in import_files(
        files, out=OutFolder(out), how=how, format=file_format, clip=clip
    ):
        done.append(one)
        if one.note is not None:
            typer.echo(f"note: {printable(one.note)}", err=True)
        if one.error is not None:
            typer.echo(f"error: {printable(one.error)}", err=True)
        elif not as_json:
            where = f"{one.table}/{one.clip_id}.parquet"
            typer.echo(f"{printable(one.path)} -> {where} ({one.n_rows} rows)")
    if as_json:
        typer.echo(json.dumps([asdict(one) for one in done], indent=2))
    n_failed = sum(1 for one in done if one.error is not None)
    if n_failed:
        raise typer.Exit(2 if n_failed == len(done) else 1)
