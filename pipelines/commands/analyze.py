"""`biomech analyze`: from poses on disk to kinematics and metrics."""

import typer

from pipelines.commands import options


def analyze(
    run: options.Run,
    *,
    activity: options.Activity = None,
    height_m: options.HeightM = None,
    athlete: options.Athlete = None,
    config: options.ConfigFile = None,
    settings: options.Settings = None,
    force: options.Force = None,
    workers: options.Workers = 1,
    as_json: options.Json = False,
) -> None:
    """Clean the poses of a run and measure them; no video and no model is needed.

    Example: biomech analyze season --set clean.cutoff_hz=8
    """
    from pipelines.commands.batches import Request, work_on_run

    request = Request(
        known={"activity": activity, "height_m": height_m, "track": athlete},
        job_file=config,
        settings=settings or [],
        force=force or [],
        stages=("clean", "kinematics", "metrics"),
        n_workers=workers,
    )
    raise typer.Exit(work_on_run(run, request, as_json=as_json))
