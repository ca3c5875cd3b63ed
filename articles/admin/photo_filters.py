"""What the photo library can be narrowed to."""

from datetime import date

from django.contrib import admin
from django.contrib.auth import get_user_model
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from articles.models import Photo

MISSING = {"caption": Q(caption=""), "alt": Q(alt="", is_decorative=False), "credit": Q(credit="")}


class UploadedFilter(admin.DateFieldListFilter):
    """Django's steps, and two days of one's own."""

    template = "admin/articles/photo/date_filter.html"

    def __init__(self, field, request, params, model, model_admin, field_path):
        self.first, self.last = f"{field_path}__from", f"{field_path}__to"
        super().__init__(field, request, params, model, model_admin, field_path)

    def expected_parameters(self):
        return [*super().expected_parameters(), self.first, self.last]

    def queryset(self, request, queryset):
        first, last = self._day(self.first), self._day(self.last)
        if first:
            queryset = queryset.filter(uploaded_at__date__gte=first)
        if last:
            queryset = queryset.filter(uploaded_at__date__lte=last)
        for name in (self.first, self.last):
            self.used_parameters.pop(name, None)
        return super().queryset(request, queryset)

    def choices(self, changelist):
        yield from super().choices(changelist)
        others = [
            (name, value)
            for name, values in changelist.filter_params.items()
            if not name.startswith(self.field_generic) and name != "p"
            for value in values
        ]
        first, last = self._day(self.first), self._day(self.last)
        yield {
            "selected": bool(first or last),
            "range": {
                "first_name": self.first,
                "first": first,
                "last_name": self.last,
                "last": last,
                "others": others,
            },
        }

    def _day(self, name) -> date | None:
        """An unfinished date narrows nothing."""
        try:
            return date.fromisoformat(self.date_params.get(name, ""))
        except ValueError:
            return None


class UploaderFilter(admin.SimpleListFilter):
    title = _("uploaded by")
    parameter_name = "by"

    def lookups(self, request, model_admin):
        uploaders = Photo.objects.order_by().values("uploaded_by")
        people = get_user_model().objects.filter(pk__in=uploaders).exclude(pk=request.user.pk)
        return [
            ("me", _("Me")),
            *((str(user.pk), person_name(user)) for user in people.order_by("first_name", "username")),
        ]

    def queryset(self, request, queryset):
        match self.value():
            case None:
                return queryset
            case "me":
                return queryset.filter(uploaded_by=request.user)
            case id:
                return queryset.filter(uploaded_by=id) if id.isdecimal() and len(id) < 10 else queryset.none()


class UseFilter(admin.SimpleListFilter):
    title = _("use")
    parameter_name = "use"

    def lookups(self, request, model_admin):
        return [("unused", _("In no story")), ("used", _("In stories"))]

    def queryset(self, request, queryset):
        match self.value():
            case "unused":
                return queryset.unused()
            case "used":
                return queryset.filter(pk__in=Photo.articles.through.objects.values("photo"))
            case _other:
                return queryset


class MissingFilter(admin.SimpleListFilter):
    title = _("missing")
    parameter_name = "missing"

    def lookups(self, request, model_admin):
        return [
            ("caption", _("No caption")),
            ("alt", _("No alternative text")),
            ("credit", _("No credit")),
        ]

    def queryset(self, request, queryset):
        return queryset.filter(MISSING[self.value()]) if self.value() in MISSING else queryset


class RemovedFilter(admin.SimpleListFilter):
    """Photos taken out on request stand apart: the library shows what can be used."""

    title = _("state")
    parameter_name = "removed"

    def lookups(self, request, model_admin):
        return [("1", _("Removed on request"))]

    def choices(self, changelist):
        in_library, removed = super().choices(changelist)
        yield {**in_library, "display": _("In the library")}
        yield removed

    def queryset(self, request, queryset):
        return queryset.exclude(removed_at=None) if self.value() == "1" else queryset.present()


def person_name(user) -> str:
    """The family name comes first."""
    return f"{user.last_name} {user.first_name}".strip() or user.get_username()
