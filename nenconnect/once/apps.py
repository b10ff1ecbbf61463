from __future__ import annotations

from django.apps import AppConfig


class OnceConfig(AppConfig):
    name = "nenconnect.once"
    label = "once"
