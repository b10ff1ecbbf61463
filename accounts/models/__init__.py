from accounts.models.joining import JoinInvitation, MoveRequest, MoveRequestQuerySet
from accounts.models.people import LANGUAGES, Status, User, UserManager, UserQuerySet, UsersManager
from accounts.models.sign_in import SignInAttempts
from accounts.models.terms import TermsAcceptance, TermsVersion, TermsVersionQuerySet

__all__ = [
    "LANGUAGES",
    "JoinInvitation",
    "MoveRequest",
    "MoveRequestQuerySet",
    "SignInAttempts",
    "Status",
    "TermsAcceptance",
    "TermsVersion",
    "TermsVersionQuerySet",
    "User",
    "UserManager",
    "UserQuerySet",
    "UsersManager",
]
