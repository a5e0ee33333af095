"""What a stage is given to work with: one clip, its files, and somebody to tell."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

import polars as pl

from biomech.io.parquet import read_meta, read_table, write_pieces, write_table
from biomech.table import TableSchema
from pipelines.jobs import ClipJob

#: Told how many frames are done and, where it is known, of how many.
Progress = Callable[[int, int | None], None]


@dataclass(frozen=True)
class Task:
    """One stage of one clip.

    Attributes
    ----------
    job
        The clip and its settings.
    stage
        The name of the stage.
    digest
        What its main file has to carry.
    inputs
        Digests of the stages that it reads.
    settings
        What its result depends on.
    progress
        Told how far it is.
    """

    job: ClipJob
    stage: str
    digest: str
    inputs: Mapping[str, str]
    settings: Mapping[str, Any]
    progress: Progress

    def read(self, table: str, schema: TableSchema) -> pl.DataFrame:
        """Read a table of this clip."""
        return read_table(self.job.out.table(table, self.job.clip_id), schema=schema)

    def footer(self, table: str) -> dict[str, Any]:
        """Read the provenance of a table of this clip."""
        return read_meta(self.job.out.table(table, self.job.clip_id))

    def write(
        self, table: str, df: pl.DataFrame, schema: TableSchema, /, **more: Any
    ) -> None:
        """Write a table of this clip, with its provenance."""
        path = self.job.out.table(table, self.job.clip_id)
        write_table(df, path, schema=schema, meta=self._meta(more))

    def write_pieces(
        self,
        table: str,
        pieces: Iterable[pl.DataFrame],
        schema: TableSchema,
        /,
        **more: Any,
    ) -> None:
        """Write a table that comes in pieces."""
        path = self.job.out.table(table, self.job.clip_id)
        write_pieces(pieces, path, schema=schema, meta=self._meta(more))

    def _meta(self, more: Mapping[str, Any]) -> dict[str, Any]:
        """Say where a table comes from."""
        return {
            "digest": self.digest,
            "stage": self.stage,
            "created": datetime.now(UTC).isoformat(timespec="seconds"),
            "clip": {"clip_id": self.job.clip_id, **asdict(self.job.clip)},
            "video": {"path": str(self.job.path), "sha256": self.job.sha256},
            "params": dict(self.settings),
            "inputs": dict(self.inputs),
            **more,
        }

    def drop(self, table: str) -> None:
        """Delete a table of this clip that an earlier run left."""
        self.job.out.table(table, self.job.clip_id).unlink(missing_ok=True)
