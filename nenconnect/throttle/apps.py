from __future__ import annotations

from django.apps import AppConfig


class ThrottleConfig(AppConfig):
    name = "nenconnect.throttle"
    label = "throttle"
