"""Invent a licence and a document for mail samples, with characters that HTML must escape."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from accounts import mail_cast
from licenses.models import Document, License

LICENSE = "Bouw, installatie & brandveiligheid <compleet>"
NUMBER = "NEN-EN-IEC 60335-2-102:2016/A2:2024+C1:2025/Ontw."
TITLE_NL = (
    "Huishoudelijke en soortgelijke elektrische toestellen – Veiligheid – Deel 2-102: Bijzondere eisen voor"
    " met gas, olie & vaste brandstof gestookte toestellen met elektrische aansluitingen <geconsolideerd>"
)
TITLE_EN = (
    "Household and similar electrical appliances – Safety – Part 2-102: Particular requirements for gas, oil &"
    " solid-fuel burning appliances having electrical connections <consolidated>"
)


def license() -> License:
    today = timezone.localdate()
    term = {"starts_on": today - timedelta(days=305), "ends_on": today + timedelta(days=60)}
    return License(pk=0, company=mail_cast.company(), name=LICENSE, **term)


def document() -> Document:
    titles = {"title_nl": TITLE_NL, "title_en": TITLE_EN}
    return Document(pk=0, number=NUMBER, file_missing_since=timezone.now(), **titles)
