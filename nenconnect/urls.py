"""Map the addresses of the site to its pages."""

from __future__ import annotations

from django.conf import settings
from django.contrib import admin
from django.urls import include, path

from desk.mail import preview
from nenconnect import health, well_known

mail_samples = [
    path("", preview.samples, name="samples"),
    path("<slug:event>/<slug:language>/", preview.sample_page, name="sample"),
    path("<slug:event>/<slug:language>/opmaak/", preview.sample_html, name="sample_html"),
]

urlpatterns = [
    path("", include("pages.home.urls")),
    path("", include("pages.sign_in.urls")),
    path("", include("pages.sign_in.allauth_urls")),
    path("", include("pages.profile.urls")),
    path("", include("pages.profile.allauth_urls")),
    path("", include("pages.company.urls")),
    path("", include("pages.documents.urls")),
    path("", include("pages.requests.urls")),
    path("beheer/voorbeeldmails/", include((mail_samples, preview.STAFF))),
    path("beheer/", admin.site.urls),
    path("favicon.ico", well_known.favicon, name="favicon"),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", health.prometheus, name="metrics"),
    path(".well-known/security.txt", well_known.security_txt, name="security_txt"),
    path(".well-known/change-password", well_known.change_password, name="change_password"),
]
if settings.IS_DEMO:
    urlpatterns.append(path("demo/", include("nenconnect.demo.urls")))

# The pages 400.html, 403.html, 404.html and 500.html; 403_csrf.html is named in the settings.
handler400 = "django.views.defaults.bad_request"
handler403 = "django.views.defaults.permission_denied"
handler404 = "django.views.defaults.page_not_found"
handler500 = "django.views.defaults.server_error"
