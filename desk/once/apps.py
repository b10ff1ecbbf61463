from __future__ import annotations

from django.apps import AppConfig


class OnceConfig(AppConfig):
    name = "desk.once"
    label = "once"
