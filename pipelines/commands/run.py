"""`biomech run`: from videos to tables, overlay videos and reports."""

import typer

from pipelines.commands import options


def run(
    inputs: options.Inputs,
    *,
    out: options.Out,
    activity: options.Activity = None,
    model: options.Model = None,
    height_m: options.HeightM = None,
    capture_fps: options.CaptureFps = None,
    start: options.Start = None,
    end: options.End = None,
    athlete: options.Athlete = None,
    device: options.Device = None,
    config: options.ConfigFile = None,
    settings: options.Settings = None,
    force: options.Force = None,
    language: options.Language = None,
    embed: options.Embed = None,
    workers: options.Workers = 1,
    as_json: options.Json = False,
) -> None:
    """Turn videos into tables, overlay videos and reports.

    What is finished is not done again: stop it with Ctrl-C and start it again.
    Example: biomech run my_videos/ --out season --height-m 1.80
    """
    from pipelines.commands.batches import Request, work_on_videos

    request = Request(
        known={
            "activity": activity,
            "height_m": height_m,
            "capture_fps": capture_fps,
            "start_s": start,
            "end_s": end,
            "track": athlete,
        },
        pose={"model": model, "device": device},
        job_file=config,
        settings=settings or [],
        force=force or [],
        report={"language": language, "embed": embed},
        n_workers=workers,
    )
    raise typer.Exit(work_on_videos(inputs, out, request, as_json=as_json))
