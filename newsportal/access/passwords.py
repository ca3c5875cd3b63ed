"""What a password must be besides long, and when it is due for a change."""

from datetime import timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.hashers import check_password
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from articles.fold import fold

KEPT = 10  # earlier passwords that may not come back
GIVEN_HOLDS = timedelta(days=7)  # OWASP ASVS 5, 6.4.1, asks for “a short period of time”


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, fold(text)))


class SiteWordsValidator:
    """Refuses what is little more than the names of the portal and its agency."""

    WORDS = (
        "newsportal",
        "matkhau",
        "password",
        "administrator",
        "admin",
        "quantri",
        "toasoan",
        "congthongtin",
    )
    LEAST = 8  # characters that must be left without them

    def validate(self, password, user=None):
        from newsportal.models import SiteIdentity

        identity = SiteIdentity.load()
        names = (
            identity.name,
            identity.agency,
            identity.parent_agency,
            urlsplit(settings.SITE_URL).hostname or "",
        )
        rest = whole = _letters(password)
        for word in sorted({*self.WORDS, *map(_letters, names)}, key=len, reverse=True):
            if len(word) > 3:
                rest = rest.replace(word, "")
        if rest != whole and len(rest) < self.LEAST:
            raise ValidationError(
                _("This password is little more than the name of the portal."), code="password_site_words"
            )

    def get_help_text(self):
        return _("Your password can’t be little more than the name of the portal or its agency.")


class CharacterKindsValidator:
    KINDS = (str.isupper, str.islower, str.isdecimal, lambda character: not character.isalnum())

    def validate(self, password, user=None):
        if not all(any(map(kind, password)) for kind in self.KINDS):
            raise ValidationError(self.get_help_text(), code="password_kinds")

    def get_help_text(self):
        return _("Your password must hold capital letters, small letters, digits and other characters.")


class HistoryValidator:
    def validate(self, password, user=None):
        if (
            user is not None
            and user.pk
            and any(
                check_password(password, record.password) for record in user.password_records.all()[:KEPT]
            )
        ):
            raise ValidationError(self.get_help_text(), code="password_used_before")

    def password_changed(self, password, user=None):
        user.password_records.create(password=user.password)
        outdated = list(user.password_records.values_list("pk", flat=True)[KEPT:])
        user.password_records.filter(pk__in=outdated).delete()

    def get_help_text(self):
        return _("Your password can’t be one of your last ten.")


def is_due(user) -> bool:
    """Whether it is too old, or was chosen by somebody else."""
    newest = user.password_records.first()
    if newest is not None and not newest.is_own:
        return True
    if not settings.PASSWORD_MAX_AGE_DAYS:
        return False
    oldest = timezone.now() - timedelta(days=settings.PASSWORD_MAX_AGE_DAYS)
    return newest is None or newest.set_at < oldest


def has_lapsed(user) -> bool:
    """Whether it was chosen by somebody else, and the person has left it so for too long."""
    newest = user.password_records.first()
    if newest is None or newest.is_own or newest.password != user.password:  # since set on the server
        return False
    return newest.set_at < timezone.now() - GIVEN_HOLDS


def note_given(user) -> None:
    """Somebody else has chosen it: the person is asked for an own one, and it lapses if that takes too long."""
    if user.has_usable_password():
        given = {"is_own": False, "set_at": timezone.now()}
        user.password_records.update_or_create(password=user.password, defaults=given)


def note_own(user) -> None:
    """The person has chosen it, after `password_changed` has kept it."""
    if newest := user.password_records.first():
        newest.is_own = True
        newest.save(update_fields=["is_own"])
