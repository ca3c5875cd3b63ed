"""Sections, topics and authors in the admin."""

from django.contrib import admin
from django.forms import Script
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from articles.models import Author, Section, Topic
from newsportal.found_by_name import FindsByName

from .lists import FoldedSearch

# Closed until somebody wants it: most portals have no English pages.
ENGLISH = (_("English"), {"classes": ["collapse"], "fields": ["name_en", "description_en"]})


@admin.register(Section)
class SectionAdmin(FindsByName, FoldedSearch):
    list_display = ["indented_name", "slug", "order"]
    list_display_links = ["indented_name"]
    fieldsets = [(None, {"fields": ["name", "parent", "description", "slug", "order"]}), ENGLISH]
    autocomplete_fields = ["parent"]
    ordering = ["order", "id"]

    class Media:
        js = [Script("js/admin/slug.js", type="module")]

    @admin.display(description=_("name"), ordering="order")
    def indented_name(self, section):
        return format_html("— {}", section.name) if section.parent_id else section.name

    def get_search_results(self, request, queryset, search_term):
        queryset, distinct = super().get_search_results(request, queryset, search_term)
        if request.GET.get("field_name") == "parent":
            queryset = queryset.filter(parent=None)
        return queryset, distinct

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if db_field.name == "slug":
            field.widget.attrs["data-slug-of"] = "name"
        return field


@admin.register(Topic)
class TopicAdmin(FoldedSearch):
    list_display = ["name", "slug"]
    fieldsets = [(None, {"fields": ["name", "description", "slug"]}), ENGLISH]


@admin.register(Author)
class AuthorAdmin(FoldedSearch):
    list_display = ["pen_name", "unit"]
    fields = ["pen_name", "unit", "slug"]
