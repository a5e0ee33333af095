"""`biomech pose`: from videos to the poses of everybody in them."""

import typer

from pipelines.commands import options


def pose(
    inputs: options.Inputs,
    *,
    out: options.Out,
    model: options.Model = None,
    capture_fps: options.CaptureFps = None,
    start: options.Start = None,
    end: options.End = None,
    device: options.Device = None,
    config: options.ConfigFile = None,
    settings: options.Settings = None,
    force: options.Force = None,
    workers: options.Workers = 1,
    as_json: options.Json = False,
) -> None:
    """Find and follow people in videos; write poses_raw and nothing further.

    Example: biomech pose my_videos/ --out season --model yolo26n-pose
    """
    from pipelines.commands.batches import Request, work_on_videos

    request = Request(
        known={"capture_fps": capture_fps, "start_s": start, "end_s": end},
        pose={"model": model, "device": device},
        job_file=config,
        settings=settings or [],
        force=force or [],
        stages=("clip", "pose"),
        n_workers=workers,
    )
    raise typer.Exit(work_on_videos(inputs, out, request, as_json=as_json))
