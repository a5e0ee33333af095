"""`biomech report`: overlay videos and pages from the tables of a run."""

import typer

from pipelines.commands import options


def report(
    run: options.Run,
    *,
    config: options.ConfigFile = None,
    settings: options.Settings = None,
    force: options.Force = None,
    workers: options.Workers = 1,
    as_json: options.Json = False,
) -> None:
    """Make the overlay videos and the report pages of a run.

    Example: biomech report season --force report
    """
    from pipelines.commands.batches import Request, work_on_run

    request = Request(
        job_file=config,
        settings=settings or [],
        force=force or [],
        stages=("overlay", "report"),
        n_workers=workers,
    )
    raise typer.Exit(work_on_run(run, request, as_json=as_json))
