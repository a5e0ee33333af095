"""Tables to take away from a page: CSV, and Excel where xlsxwriter is installed."""

import base64
import csv
import io
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.util import find_spec

import polars as pl

#: A sheet of Excel holds no more; a page should hold far less.
_MOST_ROWS = 5000
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
#: The same tables shall give the same file, so it says no time of its own.
_NO_TIME = datetime(2000, 1, 1, tzinfo=UTC).replace(tzinfo=None)


def csv_uri(table: pl.DataFrame | None, /) -> str:
    """Lay a table out as CSV in a data URI, safe for spreadsheets.

    Parameters
    ----------
    table
        Any flat table; None gives an empty file.

    Returns
    -------
    A ``data:`` URI. Text that a spreadsheet would take for a formula begins with an
    apostrophe.
    """
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    if table is not None:
        writer.writerow(table.columns)
        for row in table.iter_rows():
            writer.writerow([inert(cell) for cell in row])
    return _uri("text/csv;charset=utf-8", buffer.getvalue().encode("utf-8-sig"))


def inert(cell: object, /) -> object:
    """Keep a spreadsheet from taking text for a formula."""
    if isinstance(cell, str) and cell[:1] in "=+-@\t\r" and cell:
        return "'" + cell
    return cell


def excel_uri(tables: Mapping[str, pl.DataFrame], /) -> str | None:
    """Lay tables out as the sheets of an Excel file in a data URI.

    Parameters
    ----------
    tables
        Flat tables by the name of their sheet; longer ones than 5000 rows are cut.

    Returns
    -------
    A ``data:`` URI; None if there is no table or xlsxwriter is not installed (the
    extra ``excel``). The same tables give the same file. Text stays text: nothing
    becomes a formula or a link.
    """
    if not tables or find_spec("xlsxwriter") is None:
        return None
    import xlsxwriter

    buffer = io.BytesIO()
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "nan_inf_to_errors": True,
    }
    with xlsxwriter.Workbook(buffer, options) as book:
        book.set_properties({"created": _NO_TIME})
        bold = book.add_format({"bold": True})
        for name, table in tables.items():
            sheet = book.add_worksheet(name[:31])
            sheet.freeze_panes(1, 0)
            for column, title in enumerate(table.columns):
                sheet.write_string(0, column, title, bold)
                sheet.write_column(1, column, table[title].head(_MOST_ROWS).to_list())
            sheet.autofit()
    return _uri(_XLSX, buffer.getvalue())


def _uri(kind: str, content: bytes) -> str:
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"
