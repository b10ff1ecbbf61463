from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest

SUPPORT_PHONE = "(015) 2 690 391"  # NEN Klantenservice
SUPPORT_EMAIL = "klantenservice@nen.nl"


def site(request: HttpRequest) -> dict[str, object]:
    return {
        "is_demo": settings.IS_DEMO,
        "languages": settings.LANGUAGES,
        "support_phone": SUPPORT_PHONE,
        "support_email": SUPPORT_EMAIL,
    }
