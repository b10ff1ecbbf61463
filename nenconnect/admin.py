from __future__ import annotations

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.utils.translation import gettext_lazy as _


class StaffSite(admin.AdminSite):
    """NEN's desk („Beheer"): signed in through the same door as everybody (C18)."""

    site_title = site_header = _("NEN Connect – staff")
    index_title = _("What would you like to do?")


StaffSite.login = secure_admin_login(StaffSite.login)  # type: ignore[method-assign]
