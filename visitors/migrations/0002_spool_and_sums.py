"""The tables of the spool's shipper. Figures of the first counter stay: days, and what was carried over."""

import django.core.validators
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import articles.fields


class Migration(migrations.Migration):
    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("visitors", "0001_initial"),
        ("newsportal", "0002_newsroom_groups"),  # gives rights to the model that is renamed here
    ]

    operations = [
        migrations.DeleteModel(name="Visitor"),
        migrations.RenameModel(old_name="StartValue", new_name="ImportedTotal"),
        migrations.RemoveConstraint(model_name="importedtotal", name="start_value_is_positive"),
        migrations.RemoveConstraint(model_name="importedtotal", name="start_value_once_per_source"),
        migrations.RenameField(model_name="importedtotal", old_name="visits", new_name="amount"),
        migrations.AlterModelOptions(
            name="importedtotal",
            options={
                "ordering": ["-added_at", "-id"],
                "verbose_name": "figure carried over",
                "verbose_name_plural": "figures carried over",
            },
        ),
        migrations.AlterField(
            model_name="importedtotal",
            name="amount",
            field=models.PositiveBigIntegerField(
                help_text="What is to be added. A correction is one more row; nothing can be taken away.",
                validators=[django.core.validators.MinValueValidator(0)],
                verbose_name="amount",
            ),
        ),
        migrations.AlterField(
            model_name="importedtotal",
            name="source",
            field=articles.fields.CharField(
                help_text="Where the figure comes from; each source can be added once.",
                max_length=120,
                verbose_name="counted by",
            ),
        ),
        migrations.AddField(
            model_name="importedtotal",
            name="metric",
            field=models.CharField(
                choices=[("visits", "Visits"), ("views", "Views")],
                default="visits",
                max_length=6,
                verbose_name="figure",
            ),
        ),
        migrations.RemoveField(model_name="importedtotal", name="added_by"),
        migrations.AddField(
            model_name="importedtotal",
            name="added_by",
            field=articles.fields.CharField(
                blank=True, default="", editable=False, max_length=150, verbose_name="added by"
            ),
            preserve_default=False,
        ),
        migrations.AddConstraint(
            model_name="importedtotal",
            constraint=models.CheckConstraint(
                condition=models.Q(amount__gte=0), name="imported_total_not_negative"
            ),
        ),
        migrations.AddConstraint(
            model_name="importedtotal",
            constraint=models.UniqueConstraint(
                fields=("metric", "source"),
                name="imported_total_once_per_source",
                violation_error_message="The figure of this source has already been added.",
            ),
        ),
        migrations.AlterModelOptions(
            name="day",
            options={
                "ordering": ["-day"],
                "verbose_name": "visits of a day",
                "verbose_name_plural": "visit statistics",
            },
        ),
        migrations.AddField(
            model_name="day",
            name="one_view_visits",
            field=models.PositiveBigIntegerField(default=0, verbose_name="visits of one page"),
        ),
        migrations.AddField(
            model_name="day",
            name="seconds",
            field=models.PositiveBigIntegerField(default=0, verbose_name="seconds spent reading"),
        ),
        migrations.AddField(
            model_name="day",
            name="suspects",
            field=models.PositiveBigIntegerField(default=0, verbose_name="suspect views"),
        ),
        migrations.AddField(
            model_name="day",
            name="bots",
            field=models.PositiveBigIntegerField(default=0, verbose_name="views by programs"),
        ),
        migrations.AddField(
            model_name="day",
            name="peak_online",
            field=models.PositiveIntegerField(default=0, verbose_name="most readers online"),
        ),
        migrations.AddField(
            model_name="day",
            name="is_closed",
            field=models.BooleanField(default=False, verbose_name="closed"),
        ),
        migrations.CreateModel(
            name="Gap",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("machine", models.CharField(max_length=64, verbose_name="machine")),
                ("began_at", models.DateTimeField(db_index=True, verbose_name="from")),
                ("ended_at", models.DateTimeField(verbose_name="until")),
                (
                    "reason",
                    models.CharField(
                        choices=[
                            ("away", "The database was away; the views were stored later, none is missing."),
                            (
                                "thinned",
                                "The database was away for long; details of the views were given up.",
                            ),
                            ("dropped", "The database was away too long; the views are missing."),
                            ("disk", "The disk took no more; the views are missing."),
                            ("aside", "A file of views could not be stored and was set aside."),
                            (
                                "clock",
                                "A machine's clock was wrong; its views were counted at the time of storing.",
                            ),
                        ],
                        max_length=8,
                        verbose_name="reason",
                    ),
                ),
                ("views", models.PositiveIntegerField(default=0, verbose_name="views concerned")),
            ],
            options={
                "verbose_name": "gap in the figures",
                "verbose_name_plural": "gaps in the figures",
                "ordering": ["-began_at"],
            },
        ),
        migrations.CreateModel(
            name="Hour",
            fields=[
                ("begins_at", models.DateTimeField(primary_key=True, serialize=False, verbose_name="hour")),
                ("views", models.PositiveIntegerField(default=0, verbose_name="views")),
                ("visits", models.PositiveIntegerField(default=0, verbose_name="visits")),
                ("visitors", models.PositiveIntegerField(default=0, verbose_name="visitors")),
            ],
            options={
                "verbose_name": "visits of an hour",
                "verbose_name_plural": "visits by hour",
            },
        ),
        migrations.CreateModel(
            name="Source",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("machine", models.CharField(max_length=64, verbose_name="machine")),
                ("last_sequence", models.PositiveBigIntegerField(verbose_name="last segment")),
                ("shipped_at", models.DateTimeField(verbose_name="shipped at")),
            ],
            options={
                "verbose_name": "source of views",
                "verbose_name_plural": "sources of views",
            },
        ),
        migrations.CreateModel(
            name="Visitor",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "day", "key", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("day", models.DateField(verbose_name="day")),
                ("key", models.BigIntegerField()),
                ("first_seen", models.BigIntegerField()),
                ("last_seen", models.BigIntegerField()),
                ("visits", models.IntegerField(verbose_name="visits")),
                ("views", models.IntegerField(verbose_name="views")),
                ("visit_views", models.IntegerField()),
                ("window_began", models.BigIntegerField()),
                ("window_views", models.IntegerField()),
                ("is_moved", models.BooleanField()),
            ],
            options={
                "verbose_name": "visitor",
                "verbose_name_plural": "visitors",
            },
        ),
        migrations.CreateModel(
            name="Label",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("page", "Page"),
                            ("channel", "Channel"),
                            ("referrer", "Referrer"),
                            ("device", "Device"),
                            ("browser", "Browser"),
                            ("system", "System"),
                            ("bot", "Program"),
                            ("excluded", "Not counted"),
                            ("not_found", "Address not found"),
                        ],
                        max_length=12,
                        verbose_name="kind",
                    ),
                ),
                ("text", models.CharField(max_length=250, verbose_name="text")),
                ("added_on", models.DateField(verbose_name="added on")),
            ],
            options={
                "verbose_name": "label",
                "verbose_name_plural": "labels",
                "constraints": [models.UniqueConstraint(fields=("kind", "text"), name="label_once")],
            },
        ),
        migrations.CreateModel(
            name="LabelDay",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "day", "label_id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("day", models.DateField(verbose_name="day")),
                ("views", models.PositiveIntegerField(default=0, verbose_name="views")),
                ("visits", models.PositiveIntegerField(default=0, verbose_name="visits")),
                (
                    "label",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="days", to="visitors.label"
                    ),
                ),
            ],
            options={
                "verbose_name": "figures of a label and day",
                "verbose_name_plural": "figures by label and day",
            },
        ),
        migrations.CreateModel(
            name="LabelMonth",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "month", "label_id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("month", models.DateField(verbose_name="month")),
                ("views", models.PositiveBigIntegerField(default=0, verbose_name="views")),
                ("visits", models.PositiveBigIntegerField(default=0, verbose_name="visits")),
                (
                    "label",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="months",
                        to="visitors.label",
                    ),
                ),
            ],
            options={
                "verbose_name": "figures of a label and month",
                "verbose_name_plural": "figures by label and month",
            },
        ),
        migrations.CreateModel(
            name="MinutePage",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "minute", "label_id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("minute", models.BigIntegerField()),
                ("views", models.PositiveIntegerField(default=0, verbose_name="views")),
                (
                    "label",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="minutes",
                        to="visitors.label",
                    ),
                ),
            ],
            options={
                "verbose_name": "views of a minute",
                "verbose_name_plural": "views by minute",
            },
        ),
        migrations.CreateModel(
            name="Note",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("day", models.DateField(db_index=True, verbose_name="day")),
                ("text", articles.fields.CharField(max_length=200, verbose_name="text")),
                ("added_at", models.DateTimeField(auto_now_add=True, verbose_name="added at")),
                (
                    "added_by",
                    models.ForeignKey(
                        blank=True,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="added by",
                    ),
                ),
            ],
            options={
                "verbose_name": "note on a day",
                "verbose_name_plural": "notes on days",
                "ordering": ["-day", "-id"],
            },
        ),
        migrations.CreateModel(
            name="ReportRecipient",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("weekly", models.BooleanField(default=True, verbose_name="figures of the week, on Mondays")),
                (
                    "monthly",
                    models.BooleanField(default=True, verbose_name="figures of the month, on the 1st"),
                ),
                (
                    "spikes",
                    models.BooleanField(
                        default=False, help_text="At most two mails a day.", verbose_name="sudden rises"
                    ),
                ),
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="visit_reports",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="account",
                    ),
                ),
            ],
            options={
                "verbose_name": "recipient of reports",
                "verbose_name_plural": "recipients of reports",
            },
        ),
        migrations.CreateModel(
            name="SentReport",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kind", models.CharField(max_length=8, verbose_name="kind")),
                ("period", models.CharField(max_length=20, verbose_name="period")),
                ("sent_at", models.DateTimeField(auto_now_add=True, verbose_name="sent at")),
            ],
            options={
                "verbose_name": "report sent",
                "verbose_name_plural": "reports sent",
                "constraints": [models.UniqueConstraint(fields=("kind", "period"), name="report_sent_once")],
            },
        ),
        migrations.CreateModel(
            name="Total",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("visits", models.PositiveBigIntegerField(default=0, verbose_name="visits")),
                ("views", models.PositiveBigIntegerField(default=0, verbose_name="views")),
            ],
            options={
                "verbose_name": "total",
                "verbose_name_plural": "totals",
                "constraints": [models.CheckConstraint(condition=models.Q(("pk", 1)), name="total_one_row")],
            },
        ),
    ]
