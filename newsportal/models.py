"""The site itself: whose it is, and the links to other websites."""

from contextlib import suppress
from hashlib import sha256

from django.conf import settings
from django.contrib.flatpages.models import FlatPage
from django.core.validators import FileExtensionValidator, RegexValidator
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from articles.fields import CharField, TextField, URLField
from articles.languages import ENGLISH, STAFF_ENGLISH, VIETNAMESE, Language, in_page_language, page_language

from . import colours, drawing, stylesheet
from .audit.models import AuditEntry

__all__ = ["AuditEntry", "LinkGroup", "PasswordRecord", "SiteIdentity", "WebsiteLink"]

DEFAULT_ACCENT = "#0f5a43"


class SiteIdentity(models.Model):
    """One row: names, emblem, addresses and colour of the portal."""

    name = CharField(_("name of the portal"), max_length=120)
    agency = CharField(_("agency"), max_length=120, blank=True)
    parent_agency = CharField(_("parent agency"), max_length=120, blank=True)
    emblem = models.ImageField(
        _("emblem"),
        upload_to="identity/",
        blank=True,
        validators=[FileExtensionValidator(["png", "jpg", "jpeg", "webp", "gif"])],
        help_text=_("PNG with a clear background, at least 160 pixels high."),
    )
    accent = models.CharField(
        _("accent colour"),
        max_length=7,
        default=DEFAULT_ACCENT,
        validators=[
            RegexValidator(r"^#[0-9a-fA-F]{6}$", _("Write the colour as # and six digits, such as #0f5a43."))
        ],
        help_text=_("Bars, headings and links. The shade for dark screens is computed."),
    )
    address = CharField(_("street address"), max_length=200, blank=True)
    phone = CharField(_("phone"), max_length=60, blank=True)
    fax = CharField(_("fax"), max_length=60, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    person_responsible = CharField(_("person responsible for the content"), max_length=200, blank=True)
    licence_line = CharField(_("licence line"), max_length=200, blank=True)
    republish_notice = CharField(_("notice on republishing"), max_length=200, blank=True)
    parent_portal_name = CharField(_("parent portal"), max_length=120, blank=True)
    parent_portal_url = URLField(_("parent portal's address"), blank=True)
    has_english = models.BooleanField(
        _("English pages"),
        default=False,
        help_text=_("Opens the pages below /en/, with English stories and the names given here."),
    )
    name_en = CharField(_("name of the portal in English"), max_length=120, blank=True)
    agency_en = CharField(_("agency in English"), max_length=120, blank=True)
    parent_agency_en = CharField(_("parent agency in English"), max_length=120, blank=True)
    address_en = CharField(_("street address in English"), max_length=200, blank=True)
    person_responsible_en = CharField(
        _("person responsible for the content, in English"), max_length=200, blank=True
    )
    licence_line_en = CharField(_("licence line in English"), max_length=200, blank=True)
    republish_notice_en = CharField(_("notice on republishing in English"), max_length=200, blank=True)
    parent_portal_name_en = CharField(_("parent portal in English"), max_length=120, blank=True)

    IN_ENGLISH = (
        "name", "agency", "parent_agency", "address", "person_responsible", "licence_line", "republish_notice",
        "parent_portal_name",
    )  # fmt: skip

    class Meta:
        verbose_name = _("site identity")
        verbose_name_plural = _("site identity")
        constraints = [
            models.CheckConstraint(
                condition=Q(pk=1),
                name="site_identity_one_row",
                violation_error_message=_("There is one identity; change that one."),
            ),
            models.CheckConstraint(
                condition=Q(parent_portal_name="", parent_portal_url="")
                | (~Q(parent_portal_name="") & ~Q(parent_portal_url="")),
                name="site_identity_parent_portal_whole",
                violation_error_message=_("Give the parent portal's name and address, or neither."),
            ),
        ]

    def __str__(self):
        return self.name

    def save(self, *args, **kwargs):
        self.pk = 1
        super().save(*args, **kwargs)

    @classmethod
    def load(cls) -> "SiteIdentity":
        """The row, or an unsaved one with a plain name on a new site; in the words of the page, so only to be shown."""
        identity = cls.objects.first() or cls(name=str(_("News portal")))
        for name in cls.IN_ENGLISH if page_language() == ENGLISH else ():
            setattr(identity, name, in_page_language(identity, name))
        return identity

    @property
    def theme_url(self) -> str:
        """Address of the stylesheet with this colour; the colour is in it, so it can be kept for ever."""
        return reverse("theme", args=[self.accent.lstrip("#").lower()])

    @property
    def stylesheet_url(self) -> str:
        """Of all that public pages need; kept for ever, too."""
        return reverse("site_css", args=[self.accent.lstrip("#").lower(), stylesheet.version()])

    @property
    def theme_colour(self) -> str:
        return colours.readable_on_white(self.accent)

    @property
    def dark_theme_colour(self) -> str:
        return colours.bar_on_dark(self.accent)

    @property
    def drawn_emblem(self) -> drawing.Emblem:
        """For drawing; reads the emblem's file, and does without one that is gone."""
        content = b""
        if self.emblem:
            with suppress(OSError), self.emblem.storage.open(self.emblem.name) as file:
                content = file.read()
        return drawing.Emblem(self.theme_colour, content)

    @cached_property
    def icons(self) -> dict[str, str]:
        """Addresses by name; other ones after each change of colour or emblem."""
        looks = repr((drawing.RECIPE, self.theme_colour, self.emblem.name))
        key = sha256(looks.encode()).hexdigest()[:16]
        return {name: reverse("icon", args=[key, name]) for name in drawing.ICONS}


class LinkGroup(models.Model):
    name = CharField(_("name"), max_length=80, unique=True)
    name_en = CharField(_("name in English"), max_length=80, blank=True)
    order = models.PositiveSmallIntegerField(_("order"), default=0, db_index=True)

    class Meta:
        verbose_name = _("link group")
        verbose_name_plural = _("link groups")
        ordering = ["order", "id"]

    def __str__(self):
        return self.name

    @property
    def label(self) -> str:
        return in_page_language(self, "name")


class WebsiteLinkQuerySet(models.QuerySet):
    def in_groups(self):
        """Group after group, for {% regroup %}."""
        return self.select_related("group").order_by("group__order", "group", "order", "id")


class WebsiteLink(models.Model):
    group = models.ForeignKey(LinkGroup, models.CASCADE, verbose_name=_("group"), related_name="links")
    title = CharField(_("title"), max_length=120)
    title_en = CharField(_("title in English"), max_length=120, blank=True)
    url = URLField(_("web address"))
    order = models.PositiveSmallIntegerField(_("order"), default=0, db_index=True)

    objects = WebsiteLinkQuerySet.as_manager()

    class Meta:
        verbose_name = _("website link")
        verbose_name_plural = _("website links")
        ordering = ["order", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["group", "url"],
                name="website_link_once_per_group",
                violation_error_message=_("This address is already in the group."),
            )
        ]

    def __str__(self):
        return self.title

    @property
    def label(self) -> str:
        return in_page_language(self, "title")


class PageInEnglish(models.Model):
    """The English words of a flat page, whose own row is Django's."""

    page = models.OneToOneField(
        FlatPage, models.CASCADE, primary_key=True, verbose_name=_("page"), related_name="english"
    )
    title = CharField(_("title in English"), max_length=200)
    content = TextField(_("text in English"), blank=True)

    class Meta:
        verbose_name = _("page in English")
        verbose_name_plural = _("pages in English")
        default_permissions = []

    def __str__(self):
        return self.title


class AccountLanguage(models.Model):
    """The language in which somebody works in the admin, where it is not Vietnamese."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="language_choice"
    )
    language = models.CharField(_("language"), max_length=5)  # such as "en-gb"

    CHOICES = ((VIETNAMESE, Language.VIETNAMESE.label), (STAFF_ENGLISH, Language.ENGLISH.label))

    class Meta:
        verbose_name = _("language of an account")
        verbose_name_plural = _("languages of accounts")
        default_permissions = []

    def __str__(self):
        return self.language

    @classmethod
    def of(cls, user) -> str:
        """For mails and at a login; one query, unless the row came with the account."""
        choice = getattr(user, "language_choice", None)
        return choice.language if choice else VIETNAMESE


class PasswordRecord(models.Model):
    """A hash that an account had or has: one that somebody else chose, or where PASSWORD_PROFILE bars the last ones."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="password_records")
    password = models.CharField(max_length=128)
    set_at = models.DateTimeField(default=timezone.now)
    is_own = models.BooleanField(default=False)  # chosen by the person, not by an administrator

    class Meta:
        ordering = ["-set_at", "-pk"]
        verbose_name = _("earlier password")
        verbose_name_plural = _("earlier passwords")

    def __str__(self):
        return f"{self.user}, {self.set_at:%d/%m/%Y}"
