"""Expressions by name, for notebooks: ``pl.col("left_knee_flexion_deg").bm.lowpass()``.

Import it for its effect, ``import biomech.namespace``. Type checkers do not know such
names: code in files calls `biomech.expr` instead.
"""

import polars as pl

from biomech import expr
from biomech.kernels.filters import Convention


class Biomech:
    """Work along time; group it with ``.over(bm.TRACK, order_by="frame")``."""

    def __init__(self, x: pl.Expr) -> None:
        self._x = x

    def derivative(self, *, order: int = 1) -> pl.Expr:
        """Differentiate on true timestamps, see `biomech.expr.derivative`."""
        return expr.derivative(self._x, order=order)

    def lowpass(
        self, *, cutoff_hz: float = 6.0, convention: Convention = "effective"
    ) -> pl.Expr:
        """Smooth with a Butterworth filter, see `biomech.expr.lowpass`."""
        return expr.lowpass(self._x, cutoff_hz=cutoff_hz, convention=convention)

    def savitzky_golay(
        self, *, window_s: float = 0.12, polyorder: int = 3, order: int = 0
    ) -> pl.Expr:
        """Smooth by a moving polynomial, see `biomech.expr.savitzky_golay`."""
        return expr.savitzky_golay(
            self._x, window_s=window_s, polyorder=polyorder, order=order
        )

    def fill(self, *, max_gap_s: float = 0.15) -> pl.Expr:
        """Fill short gaps, see `biomech.expr.fill`."""
        return expr.fill(self._x, max_gap_s=max_gap_s)

    def median(self, *, n_samples: int = 5) -> pl.Expr:
        """Take moving medians, see `biomech.expr.median`."""
        return expr.median(self._x, n_samples=n_samples)

    def unwrap(self) -> pl.Expr:
        """Make angles continuous, see `biomech.expr.unwrap`."""
        return expr.unwrap(self._x)


if not hasattr(pl.Expr, "bm"):  # registering twice, as on a reload, warns
    pl.api.register_expr_namespace("bm")(Biomech)
