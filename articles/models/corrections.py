"""Corrections ("Đính chính"): what was wrong in a published story, told to its readers with the day."""

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from articles.fields import TextField
from articles.languages import page_language

from .articles import Article


class CorrectionQuerySet(models.QuerySet):
    def for_readers(self):
        """Those of stories that readers see or saw until they expired; `is_public` tells whether there is a page.

        A withdrawn story takes its corrections with it: they repeat what it said.
        """
        public = Article.objects.published()
        expired = Article.objects.expired()
        # Story by story: as a list of ids it would be one of all stories.
        shown = Exists(public.filter(pk=OuterRef("article"))) | Exists(expired.filter(pk=OuterRef("article")))
        texts = [
            f"article__{name}" for name in ("body", "body_html", "body_text", "folded", "search_document")
        ]
        return (
            self.filter(shown, article__language=page_language())
            .annotate(is_public=Exists(public.filter(pk=OuterRef("article"))))
            .select_related("article__section")
            .defer(*texts)
        )


class Correction(models.Model):
    article = models.ForeignKey(
        Article, models.CASCADE, verbose_name=_("story"), related_name="corrections", editable=False
    )
    text = TextField(
        _("text of the correction"),
        max_length=2000,
        help_text=_(
            "What was wrong and what is right. Readers see it below the lead, with the day and time."
        ),
    )
    made_at = models.DateTimeField(_("made at"), default=timezone.now, editable=False, db_index=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        verbose_name=_("made by"),
        related_name="+",
        null=True,
        editable=False,
    )

    objects = CorrectionQuerySet.as_manager()

    class Meta:
        verbose_name = _("correction")
        verbose_name_plural = _("corrections")
        ordering = ["-made_at", "-id"]
        default_permissions = []  # articles/policy.py asks for those of the story

    def __str__(self):
        return self.text
