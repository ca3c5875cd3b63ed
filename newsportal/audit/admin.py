"""The audit log as administrators read and export it; nothing of it can be added, changed or deleted."""

import json
from datetime import date, datetime, time, timedelta

from django.apps import apps
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, StreamingHttpResponse
from django.urls import path
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from visitors.exports import Sheet, as_csv

from .chain import verify
from .models import AuditEntry
from .record import Kind, record

LOOKED_AT = 1000  # of the newest entries, each time the list is opened; the command looks at all


@admin.register(AuditEntry)
class AuditEntryAdmin(admin.ModelAdmin):
    change_list_template = "admin/newsportal/auditentry/change_list.html"
    list_display = ["time", "kind", "actor", "address", "thing", "detail"]
    list_display_links = ["time"]
    list_filter = ["kind"]
    show_facets = admin.ShowFacets.NEVER
    list_per_page = 50
    show_full_result_count = False
    search_fields = ["actor", "address", "about", "detail"]
    search_help_text = _("Person, address, what it is about, what was done")
    date_hierarchy = "at"
    ordering = ["-id"]
    fields = ["number", "time", "kind", "actor", "account", "address", "thing", "detail", "previous", "hash"]

    @admin.display(description=_("at"), ordering="at")
    def time(self, entry):
        return date_format(timezone.localtime(entry.at), "d/m/Y H:i:s")

    @admin.display(description=_("about"))
    def thing(self, entry):
        try:
            name = apps.get_model(entry.about_type)._meta.verbose_name if entry.about_type else ""
        except LookupError:  # of an earlier version
            name = entry.about_type
        number = f"{name} {entry.about_id}".strip()
        return f"{entry.about} ({number})" if entry.about and number else entry.about or number

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False

    def get_urls(self):
        view = self.admin_site.admin_view(self.export_view)
        return [
            path("export.<slug:format>", view, name="newsportal_auditentry_export"),
            *super().get_urls(),
        ]

    def changelist_view(self, request, extra_context=None):
        today = timezone.localdate()
        context = {"chain": verify(newest=LOOKED_AT), "first": today - timedelta(days=30), "today": today}
        return super().changelist_view(request, context | (extra_context or {}))

    def export_view(self, request, format):
        """The entries of a period, whole days, the first one first; that they were taken is an entry, too."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        try:
            start, end = (date.fromisoformat(request.GET.get(name, "")) for name in ("from", "to"))
            bounds = [
                timezone.make_aware(datetime.combine(day, time.min))
                for day in (start, end + timedelta(days=1))
            ]
        except (ValueError, OverflowError) as error:
            raise Http404("No such period.") from error
        write = {"csv": self._as_csv, "jsonl": self._as_lines}.get(format)
        if write is None:
            raise Http404
        name = f"nhat-ky-he-thong-{start}-{end}"
        record(Kind.EXPORT, request.user, f"{name}.{format}")
        entries = AuditEntry.objects.chained().filter(at__gte=bounds[0], at__lt=bounds[1])
        return write(name, entries.iterator(chunk_size=2000))

    def _as_csv(self, name, entries):
        header = [
            gettext(word) for word in ("number", "at", "kind", "person", "address", "about", "what", "hash")
        ]
        rows = (
            [
                entry.number, self.time(entry), str(entry.get_kind_display()), entry.actor, entry.address,
                self.thing(entry), entry.detail, entry.hash,
            ]
            for entry in entries
        )  # fmt: skip
        return as_csv(Sheet(name, header, rows))

    def _as_lines(self, name, entries):
        """JSON lines with all that is hashed, so that others can check the chain."""
        lines = (
            json.dumps({"entry": json.loads(entry.line()), "hash": entry.hash}, ensure_ascii=False) + "\n"
            for entry in entries
        )
        response = StreamingHttpResponse(lines, content_type="application/jsonl; charset=utf-8")
        response["Content-Disposition"] = f'attachment; filename="{name}.jsonl"'
        return response
