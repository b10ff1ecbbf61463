from django.apps import AppConfig
from django.contrib.admin import apps


class StaffAdminConfig(apps.AdminConfig):
    default_site = "desk.site.StaffSite"


class DeskConfig(AppConfig):
    """Bring in desk/admin.py, which registers all that NEN staff see."""

    name = "desk"
