from __future__ import annotations

from django.urls import path

from nenconnect import views

urlpatterns = [path("healthz", views.healthz, name="healthz")]
