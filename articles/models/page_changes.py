"""What tells every process that pages have changed."""

from django.db import models
from django.db.models.functions import Now


class PageChange(models.Model):
    """A change of what readers see, noted by the database in the transaction that makes it.

    The triggers of newsportal's migration 0006 write the rows, whichever way the change came about. The marks of all
    rows together are the number of the pages' generation; rows that have done their work go again.
    """

    mark = models.BigIntegerField()
    made_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = "page change"
        verbose_name_plural = "page changes"
        default_permissions = []

    def __str__(self):
        return str(self.mark)
