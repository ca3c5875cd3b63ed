"""What readers looked for in vain, for the desk: words and how often, nothing of the reader."""

import re

from django.db import models
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from articles.fields import CharField

MOST_MISSED = 500  # rows; whoever types nonsense a thousand times pushes out nonsense first
LONGEST_MISSED = 60
PRIVATE = re.compile(r"@|(?:\d[ .-]?){6}")  # numbers of telephones and papers, addresses of mail


class MissedSearchManager(models.Manager):
    def note(self, words: str) -> None:
        if len(words) > LONGEST_MISSED or PRIVATE.search(words):
            return
        words, now = words.lower(), timezone.now()
        if self.filter(words=words).update(count=F("count") + 1, last_at=now):
            return
        kept = self.order_by("-count", "-last_at").values("pk")[: MOST_MISSED - 1]
        self.exclude(pk__in=list(kept.values_list("pk", flat=True))).delete()
        self.bulk_create([self.model(words=words, count=1, last_at=now)], ignore_conflicts=True)


class MissedSearch(models.Model):
    words = CharField(_("words"), max_length=LONGEST_MISSED, unique=True)
    count = models.PositiveIntegerField(_("times"), default=0)
    last_at = models.DateTimeField(_("last time"))

    objects = MissedSearchManager()

    class Meta:
        verbose_name = _("search without result")
        verbose_name_plural = _("searches without result")
        ordering = ["-count", "-last_at"]
        default_permissions = ["view"]

    def __str__(self):
        return self.words
