from __future__ import annotations

from django.urls import path

from pages.company.log import views

urlpatterns = [
    path("mijn-bedrijf/logboek/", views.logbook, name="logbook"),
    path("mijn-bedrijf/logboek/exporteren/", views.export_logbook, name="export_logbook"),
    path("mijn-bedrijf/logboek/toegang/", views.export_access, name="export_access"),
]
