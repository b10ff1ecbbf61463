from __future__ import annotations

import re
from typing import Any

from django.core.files.base import ContentFile
from django.urls import reverse

from licenses.models import Document

PDF = b"%PDF-1.4 a standard"


def with_file(document: Document) -> Document:
    document.file.save("standard.pdf", ContentFile(PDF))
    return document


def file_of(document: Document) -> str:
    return reverse("documents:open", args=[document.pk])


def main_text(answer: Any) -> str:
    """Return the text of the main part of the page, on one line and without tags."""
    main = answer.content.decode().split("<main")[1].split("</main>")[0]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", main))
