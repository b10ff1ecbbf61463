"""Count the Plus documents of a licence that a person's country keeps closed (R25)."""

from __future__ import annotations

from django.utils.translation import ngettext
from django_countries import countries

from accounts.models import User
from licenses.models import License


class ClosedPlusDocuments:
    """Read the Plus documents of a licence once, and count them for several people."""

    def __init__(self, license: License) -> None:
        plus = license.documents.filter(is_plus=True, is_free=False).values_list("plus_countries", flat=True)
        self._countries = [set(codes) for codes in plus]

    def count_for(self, person: User) -> int:
        return sum(str(person.country) not in codes for codes in self._countries)


def closed_plus_documents_in_words(license: License, person: User) -> str:
    number = ClosedPlusDocuments(license).count_for(person)
    if not number:
        return ""
    if not person.country:
        text = ngettext(
            "No country is filled in yet: %(number)s Plus document stays closed until then.",
            "No country is filled in yet: %(number)s Plus documents stay closed until then.",
            number,
        )
        return text % {"number": number}
    text = ngettext(
        "%(number)s Plus document is not available in %(country)s.",
        "%(number)s Plus documents are not available in %(country)s.",
        number,
    )
    return text % {"number": number, "country": dict(countries)[str(person.country)]}
