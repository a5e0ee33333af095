"""`biomech report`: overlay videos and pages from the tables of a run."""

import typer

from pipelines.commands import options


def report(
    run: options.Run,
    *,
    config: options.ConfigFile = None,
    settings: options.Settings = None,
    force: options.Force = None,
    language: options.Language = None,
    embed: options.Embed = None,
    pdf: options.Pdf = False,
    workers: options.Workers = 1,
    as_json: options.Json = False,
) -> None:
    """Make the overlay videos and the report pages of a run.

    Example: biomech report season --language de --pdf
    """
    from pipelines.commands.batches import Request, work_on_run
    from pipelines.commands.printing import print_pages

    request = Request(
        job_file=config,
        settings=settings or [],
        force=force or [],
        report={"language": language, "embed": embed},
        stages=("overlay", "report"),
        n_workers=workers,
    )
    code = work_on_run(run, request, as_json=as_json)
    raise typer.Exit(print_pages(run) or code if pdf else code)
