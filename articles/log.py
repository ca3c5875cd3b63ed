"""What the admin's log says of a save, in the words of the form.

Django stores English labels to translate them when the log is read; ours are lower-case msgids, which
it then does not find.
"""

import json

from django.contrib.admin.models import LogEntry
from django.utils.text import capfirst
from django.utils.translation import gettext as _


class ReadableLog:
    """For a ModelAdmin."""

    def construct_change_message(self, request, form, formsets, add=False):
        return change_message(form, formsets or [], add)


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
