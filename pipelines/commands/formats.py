"""`biomech formats`: what can be imported."""

import json

import typer

from pipelines.commands import options


def formats(*, as_json: options.Json = False) -> None:
    """List the file formats that biomech import reads, and the marker mappings.

    Example: biomech formats
    """
    from biomech.io.formats import formats
    from biomech.marker_maps import marker_maps

    rows = formats().to_dicts()
    if as_json:
        found = {"formats": rows, "marker_maps": marker_maps()}
        typer.echo(json.dumps(found, indent=2))
        return
    for row in rows:
        typer.echo(f"{row['format']:12} {row['holds']:8} {row['suffixes']}")
    typer.echo("marker mappings: " + ", ".join(marker_maps()))
