"""Make the shipped model: ``python -m pipelines.training render|train|assess``."""

import logging
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    import polars as pl

app = typer.Typer(
    help="Make a pose model from rendered people.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


@app.command()
def render(
    out: Annotated[Path, typer.Argument(help="Folder of the labelled pictures.")],
    *,
    n_pictures: Annotated[int, typer.Option("--pictures", help="How many.")] = 8000,
    kind: Annotated[str, typer.Option(help="wide, samples or narrow.")] = "wide",
    seed: Annotated[int, typer.Option(help="Other seeds draw other pictures.")] = 0,
    size_px: Annotated[int, typer.Option(help="Edge of the pictures, pixels.")] = 320,
    held_out: Annotated[
        bool, typer.Option("--held-out", help="Draw people kept for evaluation.")
    ] = False,
) -> None:
    """Draw labelled pictures; what exists is kept, so a broken run goes on.

    Start it several times with different seeds to use several processors.
    """
    from pipelines.training.pictures import render_pictures
    from sample_videos.dataset import HELD_OUT_PEOPLE, TRAINING_PEOPLE

    shards = render_pictures(
        out,
        n_pictures=n_pictures,
        seed=seed,
        size_px=size_px,
        kind=kind,
        people=HELD_OUT_PEOPLE if held_out else TRAINING_PEOPLE,
    )
    typer.echo(f"{len(shards)} shards in {out}")


@app.command()
def train(
    data: Annotated[Path, typer.Argument(help="Folder of the labelled pictures.")],
    out: Annotated[Path, typer.Argument(help="Folder for weights.pt and state.pt.")],
    *,
    n_pictures: Annotated[
        int, typer.Option("--pictures", help="Augmented pictures to learn from.")
    ] = 300_000,
    minutes: Annotated[
        float, typer.Option(help="End after this time at the latest.")
    ] = float("inf"),
    samples: Annotated[
        float, typer.Option(help="Weight of scenes like the sample videos.")
    ] = 0.7,
    wide: Annotated[float, typer.Option(help="Weight of random scenes.")] = 0.3,
    narrow: Annotated[
        float, typer.Option(help="Weight of the sample videos' own people.")
    ] = 0.0,
    batch: Annotated[int, typer.Option(help="Pictures per step, at least.")] = 24,
    rate: Annotated[float, typer.Option(help="Largest step size.")] = 2e-3,
    frozen: Annotated[int, typer.Option(help="First layers that stay.")] = 0,
    imgsz: Annotated[int, typer.Option(help="Input side in use, pixels.")] = 384,
    start: Annotated[
        Path | None, typer.Option(help="Weights to start from; else random.")
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on from OUT/state.pt.")
    ] = False,
    device: Annotated[str, typer.Option(help="auto, cpu or cuda.")] = "auto",
    processes: Annotated[int, typer.Option(help="One-thread processes, CPU.")] = 1,
    workers: Annotated[int, typer.Option(help="Threads that prepare pictures.")] = 0,
    seed: Annotated[int, typer.Option(help="Of all choices.")] = 0,
) -> None:
    """Train on rendered pictures, from scratch or from weights of this project."""
    from pipelines.training.batches import Source
    from pipelines.training.loop import train as learn
    from pipelines.training.trainee import Recipe

    logging.basicConfig(level=logging.INFO, format="%(message)s")
    recipe = Recipe(
        n_pictures=n_pictures,
        max_minutes=minutes,
        batch_size=batch,
        peak_rate=rate,
        n_frozen=frozen,
        imgsz=imgsz,
    )
    shares = {"samples*": samples, "wide*": wide, "narrow*": narrow}
    weights = learn(
        [Source(data, share, kind) for kind, share in shares.items() if share > 0],
        out,
        recipe=recipe,
        start=start,
        resume=resume,
        device=device,
        n_processes=processes,
        n_workers=workers,
        seed=seed,
    )
    typer.echo(f"wrote {weights}")


@app.command()
def assess(
    model: Annotated[str, typer.Argument(help="Name or file of a pose model.")],
    data: Annotated[Path, typer.Argument(help="Folder of labelled pictures.")],
    *,
    kind: Annotated[str, typer.Option(help="Which shards, as a pattern.")] = "*",
    imgsz: Annotated[int | None, typer.Option(help="Input side, pixels.")] = None,
) -> None:
    """Score a model on labelled pictures, such as those of ``render --held-out``."""
    from biomech.skeletons import HALPE26
    from pipelines.models import load_model
    from pipelines.training.assess import assess as score
    from pipelines.training.batches import each
    from pipelines.training.pictures import find_shards, read_shard

    shards = [read_shard(path) for path in find_shards(data) if path.match(kind)]
    network = load_model(model, imgsz=imgsz)
    try:
        scores = score(network, each(shards), keypoints=HALPE26.keypoints)
    finally:
        network.close()
    _tell(scores)


@app.command()
def clips(
    model: Annotated[str, typer.Argument(help="Name or file of a pose model.")],
    folder: Annotated[
        Path, typer.Argument(help="Folder of NAME.mp4 with NAME.truth.parquet.")
    ],
    *,
    imgsz: Annotated[int | None, typer.Option(help="Input side, pixels.")] = None,
    every: Annotated[int, typer.Option(help="Look at every n-th frame.")] = 1,
) -> None:
    """Score a model on video clips whose truth is known, such as the sample videos."""
    from biomech.io.parquet import read_poses
    from pipelines.models import load_model
    from pipelines.training.assess import assess_video

    network = load_model(model, imgsz=imgsz)
    try:
        for truth in sorted(folder.glob("*.truth.parquet")):
            name = truth.name.removesuffix(".truth.parquet")
            video = folder / f"{name}.mp4"
            _tell(assess_video(network, video, read_poses(truth), every=every), name)
    finally:
        network.close()


@app.command()
def footage(
    model: Annotated[str, typer.Argument(help="Name or file of a pose model.")],
    videos: Annotated[list[Path], typer.Argument(help="Real videos.")],
    *,
    reference: Annotated[
        str, typer.Option(help="Model to compare with; no truth, but seasoned.")
    ] = "blazepose",
    imgsz: Annotated[int | None, typer.Option(help="Input side, pixels.")] = None,
    every: Annotated[int, typer.Option(help="Look at every n-th frame.")] = 4,
) -> None:
    """Compare a model with a seasoned one on footage without truth."""
    from pipelines.models import load_model
    from pipelines.training.assess import assess_beside

    network, other = load_model(model, imgsz=imgsz), load_model(reference)
    try:
        for video in videos:
            _tell(assess_beside(network, video, other, every=every), video.stem)
    finally:
        network.close()
        other.close()


def _tell(scores: "pl.DataFrame", what: str = "") -> None:
    """Print the scores of all keypoints together in one line."""
    overall = scores.filter(scores["keypoint"].is_null())
    parts = [
        f"{row['metric']} {row['value']:.3f}"
        for row in overall.iter_rows(named=True)
        if row["value"] is not None
    ]
    typer.echo(f"{what:24} {'  '.join(parts)}")


if __name__ == "__main__":
    app()
