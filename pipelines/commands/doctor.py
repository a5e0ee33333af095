"""`biomech doctor`: whether this installation works."""

import json
from dataclasses import asdict

import typer

from pipelines.commands import options


def doctor(*, as_json: options.Json = False) -> None:
    """Check this installation: video, OpenCV, engines, graphics card, model, disk.

    Ends with exit code 1 if something does not work. Example: biomech doctor
    """
    from pipelines.doctor import examine
    from pipelines.progress import printable

    findings = examine()
    if as_json:
        typer.echo(json.dumps([asdict(finding) for finding in findings], indent=2))
    else:
        for finding in findings:
            mark = "ok  " if finding.is_well else "BAD "
            typer.echo(printable(f"{mark}{finding.what}: {finding.found}"))
            if finding.remedy:
                typer.echo(printable(f"    {finding.remedy}"))
    raise typer.Exit(0 if all(finding.is_well for finding in findings) else 1)
