from __future__ import annotations

from django.urls import path

from pages.home import footer, views

app_name = "home"

urlpatterns = [
    path("", views.home, name="home"),
    path("taal/", footer.language, name="language"),
    path("hulp/", footer.help, name="help"),
    path("privacy/", footer.privacy, name="privacy"),
]
