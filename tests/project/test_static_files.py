import re
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders


def test_every_static_file_in_a_template_exists():
    # In production a missing file makes the page fail.
    templates = (settings.BASE_DIR / "templates").rglob("*.html")
    references = {
        (path, name) for path in templates for name in re.findall(r'{% static "([^"]+)" %}', path.read_text())
    }

    assert references
    assert [(path, name) for path, name in references if not _exists(name)] == []


def _exists(name: str) -> bool:
    path = finders.find(name)
    return isinstance(path, str) and Path(path).is_file()
