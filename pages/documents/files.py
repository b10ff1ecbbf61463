"""The bytes of a document's file, whole or a range of them (RFC 9110, section 14).

Django's FileResponse knows no ranges, and no living package adds them; a proxy in front does, when there is one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import IO
from urllib.parse import quote

from django.conf import settings
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils.cache import patch_cache_control
from django.utils.http import quote_etag

from licenses.models import Document

PIECE = 64 * 1024  # bytes read at a time
_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")


def file_response(request: HttpRequest, document: Document) -> HttpResponseBase:
    """The caller has checked that the reader may. Raises OSError or ValueError when the file is not there."""
    response = _by_proxy(document) if settings.DOCUMENTS_BY_PROXY else _by_ourselves(request, document)
    response.headers["Content-Type"] = "application/pdf"
    response.headers["Content-Disposition"] = f'inline; filename="{file_name(document)}"'
    response.headers["X-Content-Type-Options"] = "nosniff"
    patch_cache_control(response, no_store=True)
    return response


def file_name(document: Document) -> str:
    return re.sub(r"[^A-Za-z0-9.+-]+", "_", document.number).strip("._") + ".pdf"


def _by_proxy(document: Document) -> HttpResponse:
    """The proxy sends the file itself: nginx by X-Accel-Redirect, from a place that is `internal` there."""
    if not document.file or not document.file.storage.exists(str(document.file.name)):
        raise FileNotFoundError(document.file.name)
    response = HttpResponse()
    response.headers["X-Accel-Redirect"] = settings.DOCUMENTS_BY_PROXY + quote(str(document.file.name))
    return response


def _by_ourselves(request: HttpRequest, document: Document) -> HttpResponseBase:
    size = document.file.size
    etag = quote_etag(
        f"{document.pk}-{size}-{document.file.storage.get_modified_time(str(document.file.name)):%s%f}"
    )
    file = document.file.open("rb")
    wanted = _wanted(request, etag)
    if wanted is None:
        response: HttpResponseBase = FileResponse(file)
    elif (span := _span(wanted, size)) is None:
        file.close()
        response = HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}"})
    else:
        response = _part(file, *span, size)
    response.headers["Accept-Ranges"] = "bytes"
    response.headers["ETag"] = etag
    return response


def _wanted(request: HttpRequest, etag: str) -> re.Match[str] | None:
    """One range that is asked for of this very file; several at once, or of another version: the whole file."""
    if request.method != "GET" or request.headers.get("If-Range", etag) != etag:
        return None
    wanted = _RANGE.fullmatch(request.headers.get("Range", "").replace(" ", ""))
    return wanted if wanted and any(wanted.groups()) else None


def _span(wanted: re.Match[str], size: int) -> tuple[int, int] | None:
    """The first and the last byte; None when the file has none of what was asked."""
    first, last = wanted.groups()
    if first and last and int(last) < int(first):
        return None
    start = int(first) if first else max(size - int(last), 0)
    end = min(int(last), size - 1) if first and last else size - 1
    return (start, end) if start <= end else None


def _part(file: IO[bytes], start: int, end: int, size: int) -> StreamingHttpResponse:
    response = StreamingHttpResponse(_pieces(file, start, end), status=206)
    response.headers["Content-Range"] = f"bytes {start}-{end}/{size}"
    response.headers["Content-Length"] = str(end - start + 1)
    return response


def _pieces(file: IO[bytes], start: int, end: int) -> Iterator[bytes]:
    with file:
        file.seek(start)
        left = end - start + 1
        while left > 0 and (piece := file.read(min(PIECE, left))):
            left -= len(piece)
            yield piece
