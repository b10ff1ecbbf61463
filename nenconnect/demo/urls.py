from __future__ import annotations

from django.urls import path

from nenconnect.demo import views

app_name = "demo"

urlpatterns = [
    path("postvak/", views.mails, name="mails"),
    path("postvak/leegmaken/", views.empty, name="empty"),
    path("postvak/<slug:name>/", views.mail, name="mail"),
    path("postvak/<slug:name>/opmaak/", views.mail_html, name="mail_html"),
]
