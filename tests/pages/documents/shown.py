from __future__ import annotations

import re
from typing import Any

from django.core.files.base import ContentFile
from django.urls import reverse

from licenses.models import Document

PDF = b"%PDF-1.4 a standard"


def with_file(one: Document) -> Document:
    one.file.save("standard.pdf", ContentFile(PDF))
    return one


def file_of(one: Document) -> str:
    return reverse("documents:open", args=[one.pk])


def shown(answer: Any) -> str:
    """What the page says, on one line and without tags."""
    main = answer.content.decode().split("<main")[1].split("</main>")[0]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", main))
