"""Who wrote what, and what is paid for it."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from .articles import Article
from .rows import Byline


class Authorship(Byline):
    """Bylines as the report of who wrote what; its permission is the right to see that."""

    class Meta:
        proxy = True
        verbose_name = _("who wrote what")
        verbose_name_plural = _("who wrote what")
        default_permissions = ["view"]


class RoyaltyRate(models.Model):
    """What a byline of this role earns in a story of this genre."""

    genre = models.CharField(
        _("genre"),
        max_length=12,
        choices=Article.Genre,
        blank=True,
        help_text=_("Leave empty for every genre that has no rate of its own for this role."),
    )
    role = models.CharField(_("role"), max_length=16, choices=Byline.Role)
    per_story = models.PositiveIntegerField(_("for the story, in đồng"), default=0)
    per_photo = models.PositiveIntegerField(
        _("for each photo, in đồng"),
        default=0,
        help_text=_("For the roles that stand for photos: name only, photo, text and photo."),
    )

    class Meta:
        verbose_name = _("royalty rate")
        verbose_name_plural = _("royalty rates")
        ordering = ["genre", "role"]
        constraints = [
            models.UniqueConstraint(
                fields=["genre", "role"],
                name="royalty_rate_once",
                violation_error_message=_("There is a rate for this genre and role already; change that."),
            )
        ]

    def __str__(self):
        genre = self.get_genre_display() if self.genre else _("Every genre")
        return f"{genre}, {self.get_role_display()}"
