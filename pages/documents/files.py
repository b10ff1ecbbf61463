"""Send a document's file, whole or in ranges (RFC 9110, section 14).

Django's FileResponse knows no ranges and no living package adds them; a proxy in front does.
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

CHUNK_SIZE = 64 * 1024  # bytes read at a time
_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")


def file_response(request: HttpRequest, document: Document) -> HttpResponseBase:
    """Send the PDF; the caller has checked that the reader may have it.

    Raises: OSError or ValueError when the file is missing.
    """
    response = (
        _response_by_proxy(document) if settings.DOCUMENTS_BY_PROXY else _response_by_django(request, document)
    )
    response.headers["Content-Type"] = "application/pdf"
    response.headers["Content-Disposition"] = f'inline; filename="{file_name(document)}"'
    response.headers["X-Content-Type-Options"] = "nosniff"
    patch_cache_control(response, no_store=True)
    return response


def file_name(document: Document) -> str:
    return re.sub(r"[^A-Za-z0-9.+-]+", "_", document.number).strip("._") + ".pdf"


def _response_by_proxy(document: Document) -> HttpResponse:
    if not document.file or not document.file.storage.exists(str(document.file.name)):
        raise FileNotFoundError(document.file.name)
    response = HttpResponse()
    response.headers["X-Accel-Redirect"] = settings.DOCUMENTS_BY_PROXY + quote(str(document.file.name))
    return response


def _response_by_django(request: HttpRequest, document: Document) -> HttpResponseBase:
    size = document.file.size
    etag = quote_etag(
        f"{document.pk}-{size}-{document.file.storage.get_modified_time(str(document.file.name)):%s%f}"
    )
    file = document.file.open("rb")
    range_match = _requested_range(request, etag)
    if range_match is None:
        response: HttpResponseBase = FileResponse(file)
    elif (span := _first_and_last_byte(range_match, size)) is None:
        file.close()
        response = HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}"})
    else:
        response = _partial_response(file, *span, size)
    response.headers["Accept-Ranges"] = "bytes"
    response.headers["ETag"] = etag
    return response


def _requested_range(request: HttpRequest, etag: str) -> re.Match[str] | None:
    """Return the range asked for, or None to send the whole file.

    Several ranges, or a range of another version of the file, get the whole file.
    """
    if request.method != "GET" or request.headers.get("If-Range", etag) != etag:
        return None
    match = _RANGE.fullmatch(request.headers.get("Range", "").replace(" ", ""))
    return match if match and any(match.groups()) else None


def _first_and_last_byte(range_match: re.Match[str], size: int) -> tuple[int, int] | None:
    """Return the first and last byte, or None when the file has no such bytes."""
    first, last = range_match.groups()
    if first and last and int(last) < int(first):
        return None
    start = int(first) if first else max(size - int(last), 0)
    end = min(int(last), size - 1) if first and last else size - 1
    return (start, end) if start <= end else None


def _partial_response(file: IO[bytes], start: int, end: int, size: int) -> StreamingHttpResponse:
    response = StreamingHttpResponse(_chunks(file, start, end), status=206)
    response.headers["Content-Range"] = f"bytes {start}-{end}/{size}"
    response.headers["Content-Length"] = str(end - start + 1)
    return response


def _chunks(file: IO[bytes], start: int, end: int) -> Iterator[bytes]:
    with file:
        file.seek(start)
        remaining = end - start + 1
        while remaining > 0 and (chunk := file.read(min(CHUNK_SIZE, remaining))):
            remaining -= len(chunk)
            yield chunk
