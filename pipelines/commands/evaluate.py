"""`biomech evaluate`: how good poses are."""

import json
from pathlib import Path
from typing import Annotated

import typer


def evaluate(
    predicted: Annotated[
        Path, typer.Argument(help="Poses to judge: a Parquet file, a folder of them.")
    ],
    truth: Annotated[Path, typer.Argument(help="Poses that are true, likewise.")],
    *,
    keypoints: Annotated[
        bool, typer.Option("--keypoints", help="Also each keypoint by itself.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Score poses against the truth: OKS AP, PCK, pixel or 3D error, jitter.

    Both in pixels or both in metres; people are matched frame by frame.
    Example: biomech evaluate runs/samples/poses_raw sample_videos
    """
    import polars as pl

    from pipelines.evaluate import evaluate as score
    from pipelines.evaluate import read_many

    tables = read_many(predicted), read_many(truth)
    names = [sorted(table["clip_id"].unique()) for table in tables]
    if [len(clips) for clips in names] == [1, 1] and names[0] != names[1]:
        note = f"note: {names[0][0]!r} is judged by the truth of {names[1][0]!r}"
        typer.echo(note, err=True)
    scores = score(*tables)
    if not keypoints:
        scores = scores.filter(pl.col("keypoint").is_null())
    if as_json:
        typer.echo(json.dumps(scores.to_dicts(), indent=2))
        return
    for row in scores.iter_rows(named=True):
        value = "-" if row["value"] is None else f"{row['value']:.3f}"
        name = row["metric"] + (f" {row['keypoint']}" if row["keypoint"] else "")
        typer.echo(f"{name:32} {value:>9} {row['unit']:5} n {row['n']}")
