from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.http import FileResponse, HttpResponseBase, StreamingHttpResponse
from django.utils.cache import patch_cache_control

from nenconnect.tables.files import CSV, EXCEL, Cell, csv_pieces, excel_file

FORMATS = (CSV, EXCEL)


def table_response(
    rows: Iterable[Sequence[Cell]], *, name: str, form: str, widths: Sequence[int] = ()
) -> HttpResponseBase:
    """Return rows as a download: CSV row by row, Excel through a file on disk; never cached (C26)."""
    response: HttpResponseBase
    if form == EXCEL:
        response = FileResponse(excel_file(rows, widths=widths), filename=f"{name}.xlsx", as_attachment=True)
    else:
        response = StreamingHttpResponse(csv_pieces(rows), content_type="text/csv; charset=utf-8")
        response.headers["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    patch_cache_control(response, no_store=True)
    return response
