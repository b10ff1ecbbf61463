"""What django-post-office fills a mail with: JSON, but a day comes back as a day, for the date filter."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models

DAY = "registration_deadline"


class _Decoder(json.JSONDecoder):
    def __init__(self, **options: Any) -> None:
        super().__init__(object_hook=_with_day, **options)


class ContextField(models.JSONField):
    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options | {"encoder": DjangoJSONEncoder, "decoder": _Decoder})


def _with_day(found: dict[str, Any]) -> dict[str, Any]:
    if isinstance(found.get(DAY), str):
        found[DAY] = date.fromisoformat(found[DAY])
    return found
