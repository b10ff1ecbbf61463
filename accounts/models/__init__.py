from accounts.models.joining import JoinInvitation, MoveRequest, MoveRequestQuerySet
from accounts.models.leaving import Departure, Leaver
from accounts.models.people import LANGUAGES, Status, User, UserManager, UserQuerySet, UsersManager
from accounts.models.people_import import PeopleImport, PeopleImportLine
from accounts.models.sign_in import SignInAttempts
from accounts.models.staff import StaffMember
from accounts.models.terms import TermsAcceptance, TermsVersion, TermsVersionQuerySet

__all__ = [
    "LANGUAGES",
    "Departure",
    "JoinInvitation",
    "Leaver",
    "MoveRequest",
    "MoveRequestQuerySet",
    "PeopleImport",
    "PeopleImportLine",
    "SignInAttempts",
    "StaffMember",
    "Status",
    "TermsAcceptance",
    "TermsVersion",
    "TermsVersionQuerySet",
    "User",
    "UserManager",
    "UserQuerySet",
    "UsersManager",
]
