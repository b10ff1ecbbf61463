"""Update, compile and check the language files: `python -m nenconnect.translations update|compile|missing`.

Written here because Django's makemessages and compilemessages call GNU gettext's programs, which a fresh
machine lacks; Babel reads and writes the same files, Django's own templatize finds the texts in templates.
"""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from babel.messages import Catalog
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parent.parent
CATALOG = ROOT / "locale" / "nl" / "LC_MESSAGES" / "django.po"
ROOMS = ("nenconnect", "companies", "accounts", "licenses", "requests_app", "members", "reports", "pages", "desk")
# Dates, names and versions that Babel puts in the head, and that would change with every update.
NOISE = re.compile(rb'^"(Project|Report|POT|PO-Rev|Last-Tr|Language-Team|Generated).*\n', re.MULTILINE)
KEYWORDS: dict[str, Any] = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}


def texts_in_use() -> Catalog:
    catalog = _empty_catalog()
    for path, source in _source_files():
        place = str(path.relative_to(ROOT))
        for _line, message, _comments, context in extract("python", io.BytesIO(source.encode()), KEYWORDS):
            catalog.add(message, locations=[(place, 0)], context=context)
    return catalog


def dutch_catalog() -> Catalog:
    if not CATALOG.exists():
        return _empty_catalog()
    with CATALOG.open("rb") as file:
        return read_po(file, locale="nl", charset="utf-8")


def _empty_catalog() -> Catalog:
    head = "# The Dutch of NEN Connect. `make messages` brings it up to date with the code."
    return Catalog(locale="nl", charset="utf-8", header_comment=head, fuzzy=False)


def untranslated_texts() -> list[str]:
    translated = dutch_catalog()
    return [
        str(message.id) for message in texts_in_use() if message.id and not _is_translated(translated, message)
    ]


def update() -> None:
    """Add new texts to locale/ with an empty translation, and remove texts that are no longer used."""
    catalog, translated = texts_in_use(), dutch_catalog()
    for message in catalog:
        old = translated.get(message.id, message.context) if message.id else None
        if old and not old.fuzzy:
            message.string = old.string
    CATALOG.parent.mkdir(parents=True, exist_ok=True)
    written = io.BytesIO()
    write_po(written, catalog, width=0, sort_output=True, include_lineno=False)
    CATALOG.write_bytes(NOISE.sub(b"", written.getvalue()))


def compile_catalog() -> None:
    for source in ROOT.glob("locale/*/LC_MESSAGES/*.po"):
        target = source.with_suffix(".mo")
        if not target.exists() or target.stat().st_mtime < source.stat().st_mtime:
            with source.open("rb") as file:
                catalog = read_po(file, locale=source.parts[-3])
            written = io.BytesIO()
            write_mo(written, catalog)
            target.write_bytes(written.getvalue())


def _is_translated(translated: Catalog, message: Any) -> bool:
    translation = translated.get(message.id, message.context)
    if translation is None or translation.fuzzy:
        return False
    strings = translation.string if isinstance(translation.string, tuple | list) else [translation.string]
    return all(strings)


def _source_files() -> Iterator[tuple[Path, str]]:
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*.py")):
            if "migrations" not in path.parts:
                yield path, path.read_text()
    for path in sorted((ROOT / "templates").rglob("*.*")):
        if path.suffix in {".html", ".txt"}:
            yield path, _as_python(path)


def _as_python(template: Path) -> str:
    code = templatize(template.read_text(), origin=str(template))
    return "\n".join(line.strip() for line in code.splitlines())


def main(arguments: list[str]) -> int:
    commands = {"update": update, "compile": compile_catalog}
    if arguments == ["missing"]:
        sys.stdout.writelines(f"{text}\n" for text in untranslated_texts())
        return 1 if untranslated_texts() else 0
    if len(arguments) != 1 or arguments[0] not in commands:
        sys.stderr.write("usage: python -m nenconnect.translations update|compile|missing\n")
        return 2
    commands[arguments[0]]()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
