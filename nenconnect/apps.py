from django.contrib.admin import apps


class StaffAdminConfig(apps.AdminConfig):
    default_site = "nenconnect.admin.StaffSite"
