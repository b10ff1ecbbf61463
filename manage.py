#!/usr/bin/env python
import json
import os
import sys
from pathlib import Path

from django.core.management import execute_from_command_line

# Written by `make run` and `make demo`; read only where the environment holds no setting at all.
DEMO_FOLDER = Path(os.environ.get("DEMO_DIR") or Path(__file__).resolve().parent / ".demo")
DEMO_ENVIRONMENT = DEMO_FOLDER / "environment.json"
NEEDED = ("SECRET_KEY", "SITE_URL", "DATABASE_URL", "REDIS_URL", "EMAIL_URL")

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "nenconnect.settings")
    if not any(name in os.environ for name in NEEDED) and DEMO_ENVIRONMENT.exists():
        os.environ.update(json.loads(DEMO_ENVIRONMENT.read_text()))
    execute_from_command_line(sys.argv)
