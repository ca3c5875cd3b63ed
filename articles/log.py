"""What the admin's log says of a save, in the words of the form; the audit log hears of it, too.

Django stores English labels to translate them when the log is read; ours are lower-case msgids, which
it then does not find.
"""

import json

from django.contrib.admin.models import LogEntry
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from newsportal.audit.record import Kind, record


class ReadableLog:
    """For a ModelAdmin."""

    audit_kind: Kind | None = Kind.SETTINGS  # None: what matters of its rows is recorded where it is done

    def construct_change_message(self, request, form, formsets, add=False):
        return change_message(form, formsets or [], add)

    def log_addition(self, request, obj, message):
        self._record(request, obj, message)
        return super().log_addition(request, obj, message)

    def log_change(self, request, obj, message):
        self._record(request, obj, message)
        return super().log_change(request, obj, message)

    def log_deletions(self, request, queryset):
        for obj in queryset:
            self._record(request, obj, _("Deleted for good"))
        return super().log_deletions(request, queryset)

    def _record(self, request, obj, message) -> None:
        if self.audit_kind:
            detail = f"{message} {self.audit_state(obj)}".strip()
            record(self.audit_kind, request.user, obj, detail, name=self.audit_name(obj))

    def audit_state(self, obj) -> str:
        """What holds now, where the names of the changed fields say too little."""
        return ""

    def audit_name(self, obj) -> str:
        return str(obj)


def change_message(form, formsets, add: bool, *, step: str = "") -> str:
    """The step that was taken, then what was added, changed and deleted, as Django words it."""
    entries = [{"added": {}}] if add else []
    labels = _labels(form, form.changed_data)
    if labels and not add:
        entries.append({"changed": {"fields": labels}})
    for formset in formsets:
        entries += [{"added": _row(row)} for row in formset.new_objects]
        entries += [
            {"changed": {**_row(row), "fields": _labels(formset.empty_form, names)}}
            for row, names in formset.changed_objects
        ]
        entries += [{"deleted": _row(row)} for row in formset.deleted_objects]
    if step and not entries:
        return step
    return f"{step} {LogEntry(change_message=json.dumps(entries)).get_change_message()}".lstrip()


def _row(row) -> dict[str, str]:
    return {"name": str(row._meta.verbose_name), "object": str(row)}


def _labels(form, names) -> list[str]:
    """As they stand on the form, which leaves out hidden fields; a new password is no field of its form."""
    labels = []
    for name in names:
        field = form.fields.get(name)
        if field is None or not field.widget.is_hidden:
            labels.append(capfirst(str(field.label if field else _(name))))
    return labels
