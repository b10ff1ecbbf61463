from members.models.departures import Departure, Leaver
from members.models.people_change import PeopleChange, PeopleChangeLine
from members.models.people_import import PeopleImport, PeopleImportLine

__all__ = [
    "Departure",
    "Leaver",
    "PeopleChange",
    "PeopleChangeLine",
    "PeopleImport",
    "PeopleImportLine",
]
