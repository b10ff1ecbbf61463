"""Store the context of django-post-office as JSON, and read its date back as a date for the filter."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models

DATE_KEY = "registration_deadline"


class _DateDecoder(json.JSONDecoder):
    def __init__(self, **options: Any) -> None:
        super().__init__(object_hook=_with_parsed_date, **options)


class ContextField(models.JSONField):
    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options | {"encoder": DjangoJSONEncoder, "decoder": _DateDecoder})


def _with_parsed_date(context: dict[str, Any]) -> dict[str, Any]:
    if isinstance(context.get(DATE_KEY), str):
        context[DATE_KEY] = date.fromisoformat(context[DATE_KEY])
    return context
