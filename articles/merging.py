"""Two people's work on one story, part by part of its form: what each of them has there, and putting it together.

Works on what browsers send, so that it may be incomplete or wrong: nothing that was typed is left out.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from django import forms
from django.core.exceptions import ValidationError
from django.forms.models import BaseInlineFormSet
from django.http import QueryDict
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from . import body
from .forms import BodyField

# What makes a row the same row in two forms, and what an empty one is without.
IDENTITY = {"bylines": ("author", "role"), "related_links": ("target", "url"), "attachments": ("id",)}
FILLED = {"bylines": ("author",), "related_links": ("target", "url", "title"), "attachments": ("id",)}
UNSEEN = {"id", "article", "order", "DELETE", "file"}


class StoryParts:
    """The parts of a story's form as it stands in the database: its visible fields and its lists of rows."""

    def __init__(self, form: forms.ModelForm, formsets: Iterable[BaseInlineFormSet], names: Iterable[str]):
        self.form = form
        self.fields = {name: form[name] for name in names if name in form.fields and not form[name].is_hidden}
        self.rows = {formset.prefix: formset for formset in formsets}

    def __iter__(self) -> Iterator[str]:
        yield from self.fields
        yield from self.rows

    def label(self, part: str) -> str:
        if part in self.fields:
            return capfirst(str(self.fields[part].label))
        return capfirst(str(self.rows[part].model._meta.verbose_name_plural))

    def saved(self) -> QueryDict:
        """What a browser sends for the form when nothing was typed; files it cannot send."""
        data = QueryDict(mutable=True)
        for field in self.form:
            _add(data, field)
        for prefix, formset in self.rows.items():
            count = len(formset.initial_forms)
            data[f"{prefix}-TOTAL_FORMS"] = data[f"{prefix}-INITIAL_FORMS"] = str(count)
            for row in formset.initial_forms:
                for field in row:
                    _add(data, field)
        return data

    def digests(self, data: QueryDict) -> dict[str, str]:
        """Tells later who has changed what, without keeping the text itself."""
        return {part: self.digest(part, data) for part in self}

    def digest(self, part: str, data: QueryDict) -> str:
        return hashlib.sha256(json.dumps(self.value(part, data)).encode()).hexdigest()[:16]

    def value(self, part: str, data: QueryDict):
        """For comparing: the same for what is the same to people."""
        if part in self.rows:
            names = [name for name in self._row_names(part) if name not in UNSEEN - {"id"}]
            names = names if part == "attachments" else [name for name in names if name != "id"]
            return [[row[name] for name in names] for row in self._rows(part, data)]
        return _comparable(self.fields[part].field, self._sent(part, data))

    def differing(self, mine: QueryDict, saved: QueryDict) -> list[str]:
        return [part for part in self if self.value(part, mine) != self.value(part, saved)]

    def lines(self, part: str, data: QueryDict) -> list[str]:
        """For people, a paragraph or a row a line."""
        if part in self.fields:
            return _words(self.fields[part].field, self._sent(part, data))
        fields = self.rows[part].empty_form.fields
        names = [name for name in fields if name not in UNSEEN]
        lines = []
        for row in self._rows(part, data):
            words = [" ".join(_words(fields[name], row[name])) for name in names]
            lines.append(" · ".join(word for word in words if word) or _("a file without a title"))
        return lines

    def merged(self, mine: QueryDict, saved: QueryDict, taken: Iterable[str] = ()) -> QueryDict:
        """Mine, ready to be sent over the story as it is saved now, with the parts in `taken` as they are there."""
        merged = saved.copy()
        for part, field in self.fields.items():
            if part not in taken:
                own = {field.html_name, f"{field.html_name}_0", f"{field.html_name}_1"}
                for name in own:
                    merged.pop(name, None)
                    if name in mine:
                        merged.setlist(name, mine.getlist(name))
        for prefix in self.rows:
            if prefix not in taken:
                self._put_rows(prefix, mine, merged)
        return merged

    def _sent(self, part: str, data: QueryDict):
        field = self.fields[part]
        return field.field.widget.value_from_datadict(data, {}, field.html_name)

    def _row_names(self, prefix: str) -> list[str]:
        return list(self.rows[prefix].empty_form.fields)

    def _rows(self, prefix: str, data: QueryDict) -> list[dict[str, str]]:
        """The rows that hold something and are not being deleted, in the order of their numbers."""
        try:
            count = min(int(data.get(f"{prefix}-TOTAL_FORMS", 0)), forms.formsets.DEFAULT_MAX_NUM)
        except ValueError:
            count = 0
        rows = [
            {name: data.get(f"{prefix}-{index}-{name}", "").strip() for name in self._row_names(prefix)}
            for index in range(count)
        ]
        rows = [row for row in rows if not row.get("DELETE") and any(row[name] for name in FILLED[prefix])]
        # What has no number yet comes last, and what is none.
        return sorted(
            rows,
            key=lambda row: (
                int(row["order"]) if row["order"].isdecimal() and len(row["order"]) < 19 else len(rows) + 1
            ),
        )

    def _put_rows(self, prefix: str, mine: QueryDict, merged: QueryDict) -> None:
        """My rows over those that are there now: known ones by their number, the others out, new ones in."""

        def identity(row: Mapping[str, str]) -> tuple[str, ...]:
            return tuple(row[name] for name in IDENTITY[prefix])

        stored = self._rows(prefix, merged)
        own = {
            identity(row): row | {"order": str(place)}
            for place, row in enumerate(self._rows(prefix, mine), 1)
        }
        rows = []
        for row in stored:
            kept = own.pop(identity(row), None)
            rows.append(
                {**kept, "id": row["id"], "article": row["article"]} if kept else row | {"DELETE": "on"}
            )
        if prefix != "attachments":  # a file cannot be sent again
            rows += [row | {"id": "", "article": ""} for row in own.values()]
        merged[f"{prefix}-TOTAL_FORMS"] = str(len(rows))
        merged[f"{prefix}-INITIAL_FORMS"] = str(len(stored))
        for index, row in enumerate(rows):
            for name, value in row.items():
                if value or name != "DELETE":
                    merged[f"{prefix}-{index}-{name}"] = value


def _add(data: QueryDict, field: forms.BoundField) -> None:
    widget = getattr(field.field.widget, "widget", field.field.widget)  # the admin wraps choosers
    if isinstance(widget, forms.widgets.ChoiceWidget):
        # Its context would ask the database for the words of the choice.
        for each in widget.format_value(field.value()):
            data.appendlist(field.html_name, each)
    elif not widget.needs_multipart_form:
        _add_values(data, widget.get_context(field.html_name, field.value(), {})["widget"])


def _add_values(data: QueryDict, widget: dict) -> None:
    """As Django's templates of widgets write them."""
    if "subwidgets" in widget:
        for each in widget["subwidgets"]:
            _add_values(data, each)
    elif widget.get("type") == "checkbox":
        if widget["attrs"].get("checked"):
            data.appendlist(widget["name"], "on")
    else:
        value = widget["value"]
        for each in value if isinstance(value, list) else [value]:
            data.appendlist(widget["name"], "" if each is None else str(each))


def _comparable(field: forms.Field, sent):
    if isinstance(field, forms.SplitDateTimeField):
        moment = _cleaned(field, sent)
        if isinstance(moment, datetime):
            return moment.replace(second=0, microsecond=0).isoformat()  # the form shows no seconds
        return " ".join(filter(None, sent))
    if isinstance(field, BodyField):
        return body.clean(sent or "")
    if isinstance(sent, list):
        return sorted(str(each) for each in sent)
    return sent if isinstance(sent, bool) else " ".join(str(sent or "").split())


def _words(field: forms.Field, sent) -> list[str]:
    if isinstance(field, BodyField):
        return body.to_text(body.clean(sent or "")).splitlines()
    value = _cleaned(field, sent)
    match value:
        case None | "":
            return []
        case bool():
            return [_("Yes") if value else _("No")]
        case datetime():
            return [date_format(timezone.localtime(value), "SHORT_DATETIME_FORMAT")]
    if isinstance(field, forms.ModelMultipleChoiceField):
        return [str(each) for each in value]
    if isinstance(field, forms.ChoiceField) and not isinstance(field, forms.ModelChoiceField):
        return [str(dict(field.choices).get(value, value))]
    return str(value).splitlines()


def _cleaned(field: forms.Field, sent):
    """What the form makes of it, or what was sent if that is nothing."""
    try:
        return field.clean(sent)
    except ValidationError:
        return " ".join(filter(None, map(str, sent))) if isinstance(sent, list) else sent
