"""How this newsroom works: its rules, and who works in which sections."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from .sections import Section


class NewsroomSettings(models.Model):
    """One row."""

    four_eyes = models.BooleanField(
        _("four eyes"),
        default=False,
        help_text=_("Who wrote a story may not publish it: somebody else has to look at it first."),
    )

    # Code of a check in articles/readiness.py -> its level, where it is not the one that the list begins with.
    check_levels = models.JSONField(_("checks before publishing"), default=dict, blank=True)

    class Meta:
        verbose_name = _("newsroom settings")
        verbose_name_plural = _("newsroom settings")
        default_permissions = ["change", "view"]
        constraints = [
            models.CheckConstraint(
                condition=Q(pk=1),
                name="newsroom_settings_one_row",
                violation_error_message=_("There are settings already; change those."),
            )
        ]

    def __str__(self):
        return str(capfirst(self._meta.verbose_name))

    def save(self, *args, **kwargs):
        self.pk = 1
        super().save(*args, **kwargs)

    @classmethod
    def load(cls) -> "NewsroomSettings":
        return cls.objects.first() or cls(pk=1)


class Assignment(models.Model):
    """The sections in which somebody works; without sections, in all of them."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, verbose_name=_("person"), related_name="assignment"
    )
    sections = models.ManyToManyField(
        Section,
        verbose_name=_("sections"),
        related_name="+",
        blank=True,
        help_text=_("With the sections below them. Choose none for all sections."),
    )
    gets_mail = models.BooleanField(
        _("notices by mail, too"), default=True, help_text=_("Needs an e-mail address in the account.")
    )

    class Meta:
        verbose_name = _("sections of work")
        verbose_name_plural = _("sections of work")
        default_permissions = []

    def __str__(self):
        return str(self.user)
