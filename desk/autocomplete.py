"""Show an error for a search field whose value is no id; Django would look it up and break (C76)."""

from __future__ import annotations

from typing import Any

from django.contrib.admin.widgets import AutocompleteMixin, AutocompleteSelect, AutocompleteSelectMultiple


class OnlyIds(AutocompleteMixin):
    def optgroups(self, name: str, value: Any, attr: Any = None) -> Any:
        return super().optgroups(name, [pk for pk in value if str(pk).isdecimal()], attr)


class IdSelect(OnlyIds, AutocompleteSelect):
    pass


class IdSelectMultiple(OnlyIds, AutocompleteSelectMultiple):
    pass
