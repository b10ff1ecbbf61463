from __future__ import annotations

import re
from typing import Any

from django.core.files.base import ContentFile
from django.test import Client
from django.urls import reverse

from licenses.models import Document

PDF = b"%PDF-1.4 a standard of some length, from the first byte to %%EOF"


def with_file(document: Document) -> Document:
    document.file.save("standard.pdf", ContentFile(PDF))
    return document


def press(client: Client, document: Document) -> Any:
    return client.post(reverse("documents:open", args=[document.pk]))


def read(client: Client, document: Document, **headers: str) -> Any:
    # Presses „Openen" and asks for the file.
    pressed = press(client, document)
    return client.get(pressed["Location"], headers=headers) if pressed.status_code == 302 else pressed


def shown(answer: Any) -> str:
    main = answer.content.decode().split("<main")[1].split("</main>")[0]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", main))
