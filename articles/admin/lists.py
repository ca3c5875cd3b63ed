"""What the newsroom's lists share, and their filters."""

from django.contrib import admin
from django.core.paginator import Paginator
from django.db.models import F
from django.urls import NoReverseMatch
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from articles.listing import LISTED
from articles.log import ReadableLog
from articles.models import Article, Author, Byline


class ShortPaginator(Paginator):
    """Of a list that ends: neither all rows are counted, nor thousands skipped."""

    has_more = False

    @cached_property
    def count(self):
        found = self.object_list.order_by()[: LISTED + 1].count()
        self.has_more = found > LISTED
        return min(found, LISTED)


class FoldedSearch(ReadableLog, admin.ModelAdmin):
    """Search and autocomplete that ignore marks and capitals."""

    search_fields = ["folded"]
    show_facets = admin.ShowFacets.NEVER  # counting each filter of a long list costs more than it tells

    def get_search_results(self, request, queryset, search_term):
        return queryset.matching(search_term, is_typing=True), False

    def get_view_on_site_url(self, obj=None):
        """Straight there: Django's detour would take the host from contrib.sites."""
        try:
            return obj.get_absolute_url() if obj and hasattr(obj, "get_absolute_url") else None
        except NoReverseMatch:  # the slug is what a refused form left of it
            return None


class StateFilter(admin.SimpleListFilter):
    """States as people say them: scheduled and expired are not statuses of their own."""

    title = _("status")
    parameter_name = "state"

    def lookups(self, request, model_admin):
        return [*Article.Status.choices, ("scheduled", _("Scheduled")), ("expired", _("Expired"))]

    def queryset(self, request, queryset):
        match self.value():
            case None:
                return queryset.exclude(status=Article.Status.TRASHED)
            case "published":
                return queryset.published()
            case "scheduled":
                return queryset.scheduled()
            case "expired":
                return queryset.expired()
            case status:
                return queryset.filter(status=status) if status in Article.Status.values else queryset.none()


class AuthorFilter(admin.SimpleListFilter):
    """A field to type a pen name in: a list of all authors would be endless."""

    title = _("author")
    parameter_name = "author"
    template = "admin/articles/text_filter.html"

    def lookups(self, request, model_admin):
        return [("", "")]

    def queryset(self, request, queryset):
        if not self.value():
            return queryset
        authors = Author.objects.matching(self.value())
        newest = Byline.objects.filter(author__in=authors).order_by(F("published_at").desc(nulls_first=True))
        return queryset.filter(pk__in=newest.values("article")[: 2 * LISTED])

    def choices(self, changelist):
        yield {
            "value": self.value() or "",
            "name": self.parameter_name,
            "others": [
                (name, value)
                for name, values in changelist.filter_params.items()
                if name not in (self.parameter_name, "p")
                for value in values
            ],
        }
