from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest


def site(request: HttpRequest) -> dict[str, object]:
    """For every template: whether this is the demo, and how to reach NEN Klantenservice."""
    return {
        "is_demo": settings.IS_DEMO,
        "languages": settings.LANGUAGES,
        "support_phone": "(015) 2 690 391",
        "support_email": "klantenservice@nen.nl",
    }
