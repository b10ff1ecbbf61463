"""Route the demo's mailbox and the sample mails."""

from __future__ import annotations

from django.urls import path

from nenconnect.demo import views

app_name = "demo"

urlpatterns = [
    path("postvak/", views.mails, name="mails"),
    path("postvak/leegmaken/", views.empty, name="empty"),
    path("postvak/<slug:name>/", views.mail, name="mail"),
    path("postvak/<slug:name>/opmaak/", views.mail_html, name="mail_html"),
    path("voorbeeldmails/", views.samples, name="samples"),
    path("voorbeeldmails/<slug:event>/<slug:language>/", views.sample_page, name="sample"),
    path("voorbeeldmails/<slug:event>/<slug:language>/opmaak/", views.sample_html, name="sample_html"),
]
