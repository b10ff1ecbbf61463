"""Read a line of a table of colleagues: cells become values or a refusal (R10)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.core.exceptions import ValidationError
from django.utils import translation
from django.utils.translation import gettext as _
from django_countries import countries

from accounts.models import LANGUAGES, User
from companies.addresses import canonical_address
from companies.models import Company, LabelValue
from licenses.models import License
from nenconnect.rules.errors import RuleError
from nenconnect.tables.files import Column, TableLine
from nenconnect.text.characters import validate_phone, validate_single_line

MAX_LINES = 50_000
BETWEEN = " | "  # several licences in one cell

COLUMNS = [
    Column("email", ("Gebruikersnaam", "User name", "E-mailadres", "E-mail", "E-mail address"), is_needed=True),
    Column("name", ("Naam", "Name"), is_needed=True),
    Column("role", ("Rol", "Role")),
    Column("phone", ("Telefoonnummer", "Telefoon", "Phone number", "Phone")),
    Column("country", ("Land", "Country")),
    Column("is_blocked", ("Geblokkeerd", "Blocked")),
    Column("is_mail_rerouted", ("Stuur e-mails naar de bedrijfsbeheerder", "Send e-mails to the company admin")),
    Column("licenses", ("Licentie", "Licenties", "Licence", "Licences")),
]
# What an export tells besides; an import passes it by.
TOLD = [
    Column("status", ("Status",)),
    Column("last_login", ("Laatst ingelogd", "Last seen")),
]
_SEPARATOR = re.compile(r"([|;])")
_YES = {"ja", "yes", "j", "y", "1", "x", "true", "waar"}
_NO = {"nee", "no", "n", "0", "false", "onwaar"}
_ROLES = {
    **dict.fromkeys(("gebruiker", "user"), User.Role.USER),
    **dict.fromkeys(("bedrijfsbeheerder", "beheerder", "company admin", "admin"), User.Role.ADMIN),
}


def columns_of(company: Company) -> list[Column]:
    if not company.user_label:
        return COLUMNS + TOLD
    taken_headings = {
        heading.casefold() for column in COLUMNS + TOLD for heading in (column.name, *column.headings)
    }
    label_heading = company.user_label.strip()
    headings = ("Label",) if label_heading.casefold() in taken_headings else ("Label", label_heading)
    return [*COLUMNS[:-1], Column("label", headings), COLUMNS[-1], *TOLD]


def heading_of(name: str) -> str:
    headings = {column.name: column.headings[0] for column in COLUMNS} | {"label": "Label"}
    return ", ".join(headings.get(part, part) for part in name.split(",") if part)


@dataclass(frozen=True)
class ColleagueRow:
    """Hold the values of a line; `fields` has only what the line fills in.

    name, role, phone, country, is_blocked, is_mail_rerouted, label.
    """

    number: int
    email: str
    fields: dict[str, Any]
    licenses: tuple[tuple[License, ...], ...]  # for each name in the cell, the licences of that name


class ColleagueReader:
    """Read lines for one company, with its labels and licences at hand."""

    def __init__(self, company: Company) -> None:
        self.company = company
        self._labels = {_plain(value.name): value for value in LabelValue.objects.of(company)}
        self._licenses: dict[str, tuple[License, ...]] = {}
        for license in License.objects.of(company):
            self._licenses[_plain(license.name)] = (*self._licenses.get(_plain(license.name), ()), license)
        widths = {len(_SEPARATOR.split(name)) for name in self._licenses}
        self._widths = sorted(widths, reverse=True)  # parts that a name consists of, the longest first

    def read(self, line: TableLine) -> ColleagueRow:
        """Read a line. Raises RuleError that names the column."""
        cells = line.values
        email = canonical_address(cells["email"])
        fields = {
            name: read(cells[name])
            for name, read in (
                ("name", _read_name),
                ("role", _read_role),
                ("phone", _read_phone),
                ("country", _read_country),
                ("is_blocked", _read_blocked),
                ("is_mail_rerouted", _read_rerouted),
                ("label", self._read_label),
            )
            if cells.get(name)
        }
        return ColleagueRow(line.number, email, fields, self._licenses_in_cell(cells.get("licenses", "")))

    def _read_label(self, text: str) -> LabelValue:
        if value := self._labels.get(_plain(text)):
            return value
        refusal = _("“%(value)s” is no value of “%(label)s”. Add it to the list first, or choose another one.")
        raise RuleError(refusal % {"value": text[:60], "label": self.company.user_label}, field="label")

    def _licenses_in_cell(self, text: str) -> tuple[tuple[License, ...], ...]:
        """Find licences by name; a bar or semicolon may part two names or belong to one."""
        parts, named = _SEPARATOR.split(text), list[tuple[License, ...]]()
        while parts:
            width = next((width for width in self._widths if self._is_name(parts[:width])), 1)
            if name := "".join(parts[:width]).strip():
                named.append(self._licenses_called(name))
            del parts[: width + 1]  # with the separator that follows
        return tuple(dict.fromkeys(named))

    def _is_name(self, parts: list[str]) -> bool:
        return _plain("".join(parts)) in self._licenses

    def _licenses_called(self, name: str) -> tuple[License, ...]:
        if licenses := self._licenses.get(_plain(name)):
            return licenses
        text = _("Your company has no licence called “%(name)s”.")
        raise RuleError(text % {"name": name[:100]}, field="licenses")


def _read_name(text: str) -> str:
    longest = User._meta.get_field("name").max_length or 0
    if len(text) > longest:
        raise RuleError(_("This is longer than %(max)s characters.") % {"max": longest}, field="name")
    return _checked_text(text, validate_single_line, "name")


def _read_phone(text: str) -> str:
    longest = User._meta.get_field("phone").max_length or 0
    if len(text) > longest:
        raise RuleError(_("This is longer than %(max)s characters.") % {"max": longest}, field="phone")
    return _checked_text(text, validate_phone, "phone")


def _checked_text(text: str, validate: Any, column: str) -> str:
    try:
        validate(text)
    except ValidationError as error:
        raise RuleError(error.messages[0], field=column) from None
    return text


def _read_role(text: str) -> str:
    if role := _ROLES.get(_plain(text)):
        return role.value
    raise RuleError(_("Use “gebruiker” or “bedrijfsbeheerder”."), field="role")


def _read_country(text: str) -> str:
    if code := _country_codes().get(_plain(text)):
        return code
    refusal = _("We do not know the country “%(name)s”. Use its name, or its code such as NL.")
    raise RuleError(refusal % {"name": text[:60]}, field="country")


def _read_blocked(text: str) -> bool:
    return _is_yes(text, "is_blocked")


def _read_rerouted(text: str) -> bool:
    return _is_yes(text, "is_mail_rerouted")


def _is_yes(text: str, column: str) -> bool:
    if _plain(text) not in _YES | _NO:
        raise RuleError(_("Use “ja” or “nee”."), field=column)
    return _plain(text) in _YES


@cache
def _country_codes() -> dict[str, str]:
    codes = {_plain(code): code for code, _read_name in countries}
    for language, _read_name in LANGUAGES:
        with translation.override(language):
            codes |= {_plain(str(name)): code for code, name in countries}
    return codes


def _plain(text: str) -> str:
    return " ".join(text.split()).casefold()
