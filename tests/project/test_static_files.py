import re
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders


def test_every_static_file_that_a_template_names_is_there():
    """In production a missing one is a page that fails."""
    templates = (settings.BASE_DIR / "templates").rglob("*.html")
    named = {
        (path, name) for path in templates for name in re.findall(r'{% static "([^"]+)" %}', path.read_text())
    }

    assert named
    assert [(path, name) for path, name in named if not _exists(name)] == []


def _exists(name: str) -> bool:
    found = finders.find(name)
    return isinstance(found, str) and Path(found).is_file()
