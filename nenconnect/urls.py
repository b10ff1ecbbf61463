"""All addresses of the site."""

from __future__ import annotations

from django.conf import settings
from django.contrib import admin
from django.urls import include, path

from nenconnect import mail_preview, views

mail_samples = [
    path("", mail_preview.samples, name="samples"),
    path("<slug:event>/<slug:language>/", mail_preview.sample_page, name="sample"),
    path("<slug:event>/<slug:language>/opmaak/", mail_preview.sample_html, name="sample_html"),
]

urlpatterns = [
    path("", include("accounts.urls")),
    path("", include("accounts.sign_in_urls")),
    path("", include("accounts.second_step_urls")),
    path("", include("companies.urls")),
    path("", include("licenses.urls")),
    path("", include("requests_app.urls")),
    path("beheer/voorbeeldmails/", include((mail_samples, mail_preview.STAFF))),
    path("beheer/", admin.site.urls),
    path("favicon.ico", views.favicon, name="favicon"),
    path("healthz", views.healthz, name="healthz"),
    path("readyz", views.readyz, name="readyz"),
    path("metrics", views.prometheus, name="metrics"),
    path(".well-known/security.txt", views.security_txt, name="security_txt"),
    path(".well-known/change-password", views.change_password, name="change_password"),
]
if settings.IS_DEMO:
    urlpatterns.append(path("demo/", include("nenconnect.demo.urls")))

# The pages 403.html, 404.html and 500.html; 403_csrf.html is named in the settings.
handler403 = "django.views.defaults.permission_denied"
handler404 = "django.views.defaults.page_not_found"
handler500 = "django.views.defaults.server_error"
