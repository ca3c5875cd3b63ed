"""Tables of figures as CSV and XLSX files, streamed, and harmless to the program that opens them."""

import csv
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import BinaryIO

from django.http import StreamingHttpResponse
from django.utils.translation import gettext as _

from . import dashboard, rankings
from .periods import Period

# A text that begins so would be worked out as a formula; referrers and addresses are written by strangers.
FORMULA_STARTS = tuple("=+-@\t\r\n＝＋－＠")
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
BOM = "\ufeff"  # by which Excel knows that the text is UTF-8


@dataclass(frozen=True)
class Sheet:
    """A table as a file: the first row names the columns."""

    name: str
    header: list[str]
    rows: Iterable[list]
    title: str = ""  # of its page among several


def sheet(name: str, period: Period) -> Sheet | None:
    """The whole table of that name, "series" for the chart's; None for a name that is not known."""
    stem = f"thong-ke-{name.replace('_', '-')}-{period.start}-{period.end}"
    if name == "series":
        header = [_("From"), _("Visits"), _("Views"), _("Visitors (sum of days)")]
        points = dashboard.series(period)
        return Sheet(stem, header, ([_plain(p.begins), p.visits, p.views, p.visitors] for p in points))
    table = rankings.tables(period, limit=rankings.LONGEST_EXPORT).get(name)
    if table is None:
        return None
    if table.has_both:
        rows = ([row.text, row.url, row.visits, row.views] for row in table.rows)
        return Sheet(stem, [table.title, _("Address"), _("Visits begun here"), _("Views")], rows)
    figure = _("Visits") if table.figure == "visits" else _("Views")
    return Sheet(stem, [table.title, figure], ([row.text, getattr(row, table.figure)] for row in table.rows))


def as_csv(sheet: Sheet) -> StreamingHttpResponse:
    response = StreamingHttpResponse(_csv_lines(sheet), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{sheet.name}.csv"'
    return response


def as_xlsx(*sheets: Sheet) -> StreamingHttpResponse:
    """One file, each sheet a page of it."""
    file = tempfile.TemporaryFile()  # noqa: SIM115 - closed by _chunks()
    import xlsxwriter  # 14 MB and 0.2 s, which a worker spends only when somebody exports

    with xlsxwriter.Workbook(file, {"constant_memory": True}) as book:
        bold = book.add_format({"bold": True})
        for sheet in sheets:
            page = book.add_worksheet(sheet.title or None)
            page.set_column(0, 0, 60 if len(sheets) == 1 else 32)
            page.set_column(1, len(sheet.header), 22)
            for column, title in enumerate(sheet.header):
                page.write_string(0, column, title, bold)
            for number, row in enumerate(sheet.rows, 1):
                for column, value in enumerate(row):
                    # Never write(), which takes texts for formulas and links.
                    write = page.write_number if isinstance(value, int) else page.write_string
                    write(number, column, value)
    response = StreamingHttpResponse(_chunks(file), content_type=XLSX)
    response["Content-Disposition"] = f'attachment; filename="{sheets[0].name}.xlsx"'
    return response


def _chunks(file: BinaryIO) -> Iterator[bytes]:
    with file:
        file.seek(0)
        while chunk := file.read(64 * 1024):
            yield chunk


def _csv_lines(sheet: Sheet) -> Iterator[str]:
    writer = csv.writer(_Echo())
    yield BOM + writer.writerow(map(_harmless, sheet.header))
    for row in sheet.rows:
        yield writer.writerow(map(_harmless, row))


class _Echo:
    """A file for csv.writer that hands each line back."""

    def write(self, line: str) -> str:
        return line


def _harmless(value):
    is_formula = isinstance(value, str) and value.startswith(FORMULA_STARTS)
    return f"'{value}" if is_formula else value


def _plain(moment: date) -> str:
    """2026-11-24, or 2026-11-24 14:00 for an hour."""
    return moment.strftime("%Y-%m-%d %H:%M") if hasattr(moment, "hour") else moment.isoformat()
