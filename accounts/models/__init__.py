from accounts.models.address_change import AddressChange
from accounts.models.arrivals import Arrival
from accounts.models.choices import LANGUAGES, PersonOrigin, PersonStatus, RequestNotices, Role
from accounts.models.deputies import Deputy, DeputyQuerySet
from accounts.models.joining import JoinInvitation, MoveRequest, MoveRequestQuerySet
from accounts.models.people import User, without_active_admin
from accounts.models.people_queries import UserManager, UserQuerySet, UsersManager
from accounts.models.sign_in import SignInAttempts
from accounts.models.staff import StaffMember
from accounts.models.status_counts import StatusChange, StatusCounts
from accounts.models.terms import TermsAcceptance, TermsVersion, TermsVersionQuerySet

__all__ = [
    "LANGUAGES",
    "AddressChange",
    "Arrival",
    "Deputy",
    "DeputyQuerySet",
    "JoinInvitation",
    "MoveRequest",
    "MoveRequestQuerySet",
    "PersonOrigin",
    "PersonStatus",
    "RequestNotices",
    "Role",
    "SignInAttempts",
    "StaffMember",
    "StatusChange",
    "StatusCounts",
    "TermsAcceptance",
    "TermsVersion",
    "TermsVersionQuerySet",
    "User",
    "UserManager",
    "UserQuerySet",
    "UsersManager",
    "without_active_admin",
]
