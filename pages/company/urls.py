"""Join the menu entries of "Mijn bedrijf" in one URL namespace."""

from __future__ import annotations

from pages.company.general import urls as general
from pages.company.licenses import urls as licenses
from pages.company.log import urls as log
from pages.company.settings import urls as settings
from pages.company.users import urls as users

app_name = "company"

urlpatterns = [
    *general.urlpatterns,
    *settings.urlpatterns,
    *log.urlpatterns,
    *users.urlpatterns,
    *licenses.urlpatterns,
]
