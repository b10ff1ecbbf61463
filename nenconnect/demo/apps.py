from django.apps import AppConfig


class DemoConfig(AppConfig):
    name = "nenconnect.demo"
    label = "demo"
    verbose_name = "Demo"
