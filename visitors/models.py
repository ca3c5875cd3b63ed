"""Who reads the portal: the figures, and nothing about what any one reader has read.

What the words mean, and how the rows come about, is told in docs/visits.md. Rows are written by shipper.py,
thinned out by retention.py and read by dashboard.py.
"""

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models, transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from articles.fields import CharField


class Source(models.Model):
    """The ledger: up to which segment the views of a process are stored."""

    id = models.UUIDField(primary_key=True)
    machine = models.CharField(_("machine"), max_length=64)
    last_sequence = models.PositiveBigIntegerField(_("last segment"))
    shipped_at = models.DateTimeField(_("shipped at"))

    class Meta:
        verbose_name = _("source of views")
        verbose_name_plural = _("sources of views")

    def __str__(self):
        return f"{self.machine} {self.id}"


class Salt(models.Model):
    """The day's random salt, the same on every machine; without it keys lead back to nobody."""

    day = models.DateField(_("day"), primary_key=True)
    value = models.BinaryField(max_length=32)

    class Meta:
        verbose_name = _("salt")
        verbose_name_plural = _("salts")

    def __str__(self):
        return self.day.isoformat()


class Visitor(models.Model):
    """One reader's day, as tally.Stay; kept for two days. Moments are milliseconds since 1970."""

    pk = models.CompositePrimaryKey("day", "key")
    day = models.DateField(_("day"))
    key = models.BigIntegerField()
    first_seen = models.BigIntegerField()
    last_seen = models.BigIntegerField()
    visits = models.IntegerField(_("visits"))
    views = models.IntegerField(_("views"))
    visit_views = models.IntegerField()
    window_began = models.BigIntegerField()
    window_views = models.IntegerField()
    is_moved = models.BooleanField()

    class Meta:
        verbose_name = _("visitor")
        verbose_name_plural = _("visitors")

    def __str__(self):
        return f"{self.day:%d/%m/%Y}"


class Total(models.Model):
    """One row: what was carried over and all that has been counted since. A trigger refuses any decrease."""

    visits = models.PositiveBigIntegerField(_("visits"), default=0)
    views = models.PositiveBigIntegerField(_("views"), default=0)

    class Meta:
        verbose_name = _("total")
        verbose_name_plural = _("totals")
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="total_one_row")]

    def __str__(self):
        return str(self.visits)

    @classmethod
    def add(cls, **amounts: int) -> None:
        """Adds to the metrics named, such as visits=5."""
        cls.objects.get_or_create(pk=1)
        cls.objects.filter(pk=1).update(**{name: F(name) + amount for name, amount in amounts.items()})


class Day(models.Model):
    """Kept for ever."""

    day = models.DateField(_("day"), primary_key=True)
    views = models.PositiveBigIntegerField(_("views"), default=0)
    visits = models.PositiveBigIntegerField(_("visits"), default=0)
    visitors = models.PositiveBigIntegerField(_("visitors"), default=0)
    one_view_visits = models.PositiveBigIntegerField(_("visits of one page"), default=0)
    seconds = models.PositiveBigIntegerField(_("seconds spent reading"), default=0)
    suspects = models.PositiveBigIntegerField(_("suspect views"), default=0)
    bots = models.PositiveBigIntegerField(_("views by programs"), default=0)
    peak_online = models.PositiveIntegerField(_("most readers online"), default=0)
    is_closed = models.BooleanField(_("closed"), default=False)  # retention.py has trimmed its labels

    class Meta:
        verbose_name = _("visits of a day")
        verbose_name_plural = _("visit statistics")
        ordering = ["-day"]

    def __str__(self):
        return f"{self.day:%d/%m/%Y}"


class Hour(models.Model):
    """Kept for 400 days."""

    begins_at = models.DateTimeField(_("hour"), primary_key=True)
    views = models.PositiveIntegerField(_("views"), default=0)
    visits = models.PositiveIntegerField(_("visits"), default=0)
    visitors = models.PositiveIntegerField(_("visitors"), default=0)

    class Meta:
        verbose_name = _("visits of an hour")
        verbose_name_plural = _("visits by hour")

    def __str__(self):
        return f"{timezone.localtime(self.begins_at):%H:%M %d/%m/%Y}"


class Label(models.Model):
    """What a figure is about: a page, a browser, a referrer …, written once and counted by day and month."""

    class Kind(models.TextChoices):
        PAGE = "page", _("Page")
        CHANNEL = "channel", _("Channel")
        REFERRER = "referrer", _("Referrer")
        DEVICE = "device", _("Device")
        BROWSER = "browser", _("Browser")
        SYSTEM = "system", _("System")
        BOT = "bot", _("Program")
        EXCLUDED = "excluded", _("Not counted")
        NOT_FOUND = "not_found", _("Address not found")

    OTHER = "(other)"  # the text of all that has no label of its own

    kind = models.CharField(_("kind"), max_length=12, choices=Kind)
    text = models.CharField(_("text"), max_length=250)
    added_on = models.DateField(_("added on"))

    class Meta:
        verbose_name = _("label")
        verbose_name_plural = _("labels")
        constraints = [models.UniqueConstraint(fields=["kind", "text"], name="label_once")]

    def __str__(self):
        return f"{self.kind}: {self.text}"


class LabelDay(models.Model):
    """Pages for 100 days, the rest for 25 months; then LabelMonth has their sums."""

    pk = models.CompositePrimaryKey("day", "label_id")
    day = models.DateField(_("day"))
    label = models.ForeignKey(Label, models.CASCADE, related_name="days")
    views = models.PositiveIntegerField(_("views"), default=0)
    visits = models.PositiveIntegerField(_("visits"), default=0)

    class Meta:
        verbose_name = _("figures of a label and day")
        verbose_name_plural = _("figures by label and day")

    def __str__(self):
        return f"{self.day:%d/%m/%Y} {self.label_id}"


class LabelMonth(models.Model):
    """Of months that are no longer in LabelDay; kept for ever."""

    pk = models.CompositePrimaryKey("month", "label_id")
    month = models.DateField(_("month"))  # its first day
    label = models.ForeignKey(Label, models.CASCADE, related_name="months")
    views = models.PositiveBigIntegerField(_("views"), default=0)
    visits = models.PositiveBigIntegerField(_("visits"), default=0)

    class Meta:
        verbose_name = _("figures of a label and month")
        verbose_name_plural = _("figures by label and month")

    def __str__(self):
        return f"{self.month:%m/%Y} {self.label_id}"


class MinutePage(models.Model):
    """The last hour, page by page, for the live view."""

    pk = models.CompositePrimaryKey("minute", "label_id")
    minute = models.BigIntegerField()  # milliseconds since 1970 at its start
    label = models.ForeignKey(Label, models.CASCADE, related_name="minutes", db_index=False)
    views = models.PositiveIntegerField(_("views"), default=0)

    class Meta:
        verbose_name = _("views of a minute")
        verbose_name_plural = _("views by minute")

    def __str__(self):
        return f"{self.minute} {self.label_id}"


class ImportedTotal(models.Model):
    """Figures carried over from an earlier portal. Rows are added and never changed; a trigger sees to it."""

    class Metric(models.TextChoices):
        VISITS = "visits", _("Visits")
        VIEWS = "views", _("Views")

    metric = models.CharField(_("figure"), max_length=6, choices=Metric, default=Metric.VISITS)
    amount = models.PositiveBigIntegerField(
        _("amount"),
        validators=[MinValueValidator(0)],
        help_text=_("What is to be added. A correction is one more row; nothing can be taken away."),
    )
    source = CharField(
        _("counted by"),
        max_length=120,
        help_text=_("Where the figure comes from; each source can be added once."),
    )
    note = CharField(_("note"), max_length=200, blank=True)
    # A name, not an account: it stays when the account goes.
    added_by = CharField(_("added by"), max_length=150, blank=True, editable=False)
    added_at = models.DateTimeField(_("added at"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("figure carried over")
        verbose_name_plural = _("figures carried over")
        ordering = ["-added_at", "-id"]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gte=0), name="imported_total_not_negative"),
            models.UniqueConstraint(
                fields=["metric", "source"],
                name="imported_total_once_per_source",
                violation_error_message=_("The figure of this source has already been added."),
            ),
        ]

    def __str__(self):
        return self.source

    def save(self, *args, **kwargs):
        """Adds to the total in the same transaction."""
        with transaction.atomic():
            super().save(*args, force_insert=True)
            Total.add(**{self.metric: self.amount})


class Note(models.Model):
    """What happened on a day, shown on the chart: a flood, a new address, a campaign."""

    day = models.DateField(_("day"), db_index=True)
    text = CharField(_("text"), max_length=200)
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, verbose_name=_("added by"), related_name="+",
        null=True, blank=True, editable=False,
    )  # fmt: skip
    added_at = models.DateTimeField(_("added at"), auto_now_add=True)

    class Meta:
        verbose_name = _("note on a day")
        verbose_name_plural = _("notes on days")
        ordering = ["-day", "-id"]

    def __str__(self):
        return f"{self.day:%d/%m/%Y}: {self.text}"


class Gap(models.Model):
    """When the figures are late, poorer or short of some views, and why."""

    class Reason(models.TextChoices):
        AWAY = "away", _("The database was away; the views were stored later, none is missing.")
        THINNED = "thinned", _("The database was away for long; details of the views were given up.")
        DROPPED = "dropped", _("The database was away too long; the views are missing.")
        DISK = "disk", _("The disk took no more; the views are missing.")
        ASIDE = "aside", _("A file of views could not be stored and was set aside.")
        CLOCK = "clock", _("A machine's clock was wrong; its views were counted at the time of storing.")

    id = models.UUIDField(primary_key=True)
    machine = models.CharField(_("machine"), max_length=64)
    began_at = models.DateTimeField(_("from"), db_index=True)
    ended_at = models.DateTimeField(_("until"))
    reason = models.CharField(_("reason"), max_length=8, choices=Reason)
    views = models.PositiveIntegerField(_("views concerned"), default=0)

    class Meta:
        verbose_name = _("gap in the figures")
        verbose_name_plural = _("gaps in the figures")
        ordering = ["-began_at"]

    def __str__(self):
        return f"{timezone.localtime(self.began_at):%H:%M %d/%m/%Y} {self.get_reason_display()}"


class ReportRecipient(models.Model):
    """Which mails about visits a member of staff gets."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, verbose_name=_("account"), related_name="visit_reports"
    )
    weekly = models.BooleanField(_("figures of the week, on Mondays"), default=True)
    monthly = models.BooleanField(_("figures of the month, on the 1st"), default=True)
    spikes = models.BooleanField(_("sudden rises"), default=False, help_text=_("At most two mails a day."))

    class Meta:
        verbose_name = _("recipient of reports")
        verbose_name_plural = _("recipients of reports")

    def __str__(self):
        return str(self.user)


class SentReport(models.Model):
    """What has been sent, so that a timer that fires twice sends once."""

    kind = models.CharField(_("kind"), max_length=8)
    period = models.CharField(_("period"), max_length=20)
    sent_at = models.DateTimeField(_("sent at"), auto_now_add=True)

    class Meta:
        verbose_name = _("report sent")
        verbose_name_plural = _("reports sent")
        constraints = [models.UniqueConstraint(fields=["kind", "period"], name="report_sent_once")]

    def __str__(self):
        return f"{self.kind} {self.period}"
