"""The figures for those who review them: one page of statistics, notes, and what was carried over."""

from django.contrib import admin, messages
from django.contrib.admin.views.main import ChangeList
from django.contrib.humanize.templatetags.humanize import intcomma
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.template.response import TemplateResponse
from django.urls import path
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache

from articles.admin import ArticleAdmin
from articles.log import ReadableLog
from articles.models import Article, Authorship
from newsportal.audit.record import Kind, record
from newsportal.found_by_name import FindsByName

from . import authorship, dashboard, exports, rankings, statistics_page
from .models import Day, Gap, ImportedTotal, Note, ReportRecipient
from .periods import PeriodError, choose


class OnlyRead(admin.ModelAdmin):
    """Rows that the counter writes."""

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False


@admin.register(Day)
class DayAdmin(OnlyRead):
    """In the place of the list of days: the page of statistics."""

    def get_urls(self):
        view = self.admin_site.admin_view
        return [
            path("export/<slug:table>.<slug:format>", view(self.export_view), name="visitors_day_export"),
            path("live/", never_cache(view(self.live_view)), name="visitors_day_live"),
            *super().get_urls(),
        ]

    def changelist_view(self, request, extra_context=None):
        self._check_permission(request)
        context = self.admin_site.each_context(request) | {"title": _("Visit statistics"), "opts": self.opts}
        try:
            period, comparison = self._chosen(request)
        except PeriodError as error:
            context |= statistics_page.pickers(request.GET) | {"error": str(error)}
            return TemplateResponse(request, "admin/visitors/statistics.html", context, status=400)
        context |= statistics_page.context(period, comparison, request.GET)
        context["may_add_note"] = request.user.has_perm("visitors.add_note")
        return TemplateResponse(request, "admin/visitors/statistics.html", context)

    def export_view(self, request, table, format):
        self._check_permission(request)
        write = {"csv": exports.as_csv, "xlsx": exports.as_xlsx}.get(format)
        try:
            period, _comparison = self._chosen(request)
        except PeriodError as error:
            raise Http404(str(error)) from error
        sheet = exports.sheet(table, period) if write else None
        if sheet is None:
            raise Http404
        record(Kind.EXPORT, request.user, f"{sheet.name}.{format}")
        return write(sheet)

    def live_view(self, request):
        """The part of the page that its script asks for again and again."""
        self._check_permission(request)
        return TemplateResponse(request, "admin/visitors/live.html", statistics_page.live_context())

    def _check_permission(self, request):
        if not self.has_view_permission(request):
            raise PermissionDenied

    def _chosen(self, request):
        return choose(request.GET, today=timezone.localdate(), first=dashboard.first_day())


@admin.register(Authorship)
class AuthorshipAdmin(OnlyRead):
    """In the place of a list of bylines: the report of who wrote what."""

    def get_urls(self):
        view = self.admin_site.admin_view
        return [
            path("export.<slug:format>", view(self.export_view), name="articles_authorship_export"),
            *super().get_urls(),
        ]

    @method_decorator(never_cache)
    def changelist_view(self, request, extra_context=None):
        self._check_permission(request)
        context = self.admin_site.each_context(request) | {
            "title": _("Who wrote what"),
            "opts": self.opts,
            "may_see_rates": request.user.has_perm("articles.view_royaltyrate"),
        }
        try:
            context |= authorship.context(request.GET, request.user)
        except PeriodError as error:
            context |= authorship.pickers(request.GET) | {"error": str(error)}
            return TemplateResponse(request, "admin/visitors/authorship.html", context, status=400)
        return TemplateResponse(request, "admin/visitors/authorship.html", context)

    def export_view(self, request, format):
        """Both tables as one Excel file, or every byline as CSV."""
        self._check_permission(request)
        if format not in ("csv", "xlsx"):
            raise Http404
        try:
            authors, lines = authorship.sheets(request.GET, request.user)
        except PeriodError as error:
            raise Http404(str(error)) from error
        record(Kind.EXPORT, request.user, f"{authors.name}.{format}", request.GET.urlencode())
        return exports.as_xlsx(authors, lines) if format == "xlsx" else exports.as_csv(lines)

    def _check_permission(self, request):
        if not self.has_view_permission(request):
            raise PermissionDenied


@admin.register(Gap)
class GapAdmin(OnlyRead):
    list_display = ["began_at", "ended_at", "reason", "views", "machine"]
    list_filter = ["reason"]


@admin.register(ImportedTotal)
class ImportedTotalAdmin(ReadableLog, admin.ModelAdmin):
    """Rows are added, never changed or removed: the total does not fall."""

    list_display = ["source", "metric", "amount", "note", "added_by", "added_at"]
    fields = ["metric", "amount", "source", "note"]

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False

    def save_model(self, request, obj, form, change):
        obj.added_by = request.user.get_username()
        super().save_model(request, obj, form, change)
        messages.info(request, _("The total on the site follows within seconds."))


@admin.register(Note)
class NoteAdmin(ReadableLog, admin.ModelAdmin):
    list_display = ["day", "text", "added_by"]
    fields = ["day", "text"]
    date_hierarchy = "day"

    def save_model(self, request, obj, form, change):
        if not change:
            obj.added_by = request.user
        super().save_model(request, obj, form, change)


@admin.register(ReportRecipient)
class ReportRecipientAdmin(FindsByName, ReadableLog, admin.ModelAdmin):
    list_display = ["user", "weekly", "monthly", "spikes"]
    autocomplete_fields = ["user"]


admin.site.unregister(Article)


class CountedChangeList(ChangeList):
    def get_results(self, request):
        super().get_results(request)
        self.result_list = list(self.result_list)
        figures = rankings.article_figures([article.pk for article in self.result_list])
        for article in self.result_list:
            article.figures = figures.get(article.pk)


@admin.register(Article)
class CountedArticleAdmin(ArticleAdmin):
    """The newsroom's stories with how often each was read."""

    list_display = [*ArticleAdmin.list_display, "views"]
    readonly_fields = [*ArticleAdmin.readonly_fields, "reading"]

    def get_changelist(self, request, **kwargs):
        return CountedChangeList

    def get_fieldsets(self, request, obj=None):
        fieldsets = super().get_fieldsets(request, obj)
        if obj is None or not request.user.has_perm("visitors.view_day"):
            return fieldsets
        return [*fieldsets, (_("Visit statistics"), {"classes": ["column-aside"], "fields": ["reading"]})]

    @admin.display(description=gettext_lazy("views"))
    def views(self, article):
        if not article.figures:
            return "–"
        # On a phone there is no heading above.
        unit = format_html(' <span class="list-unit">{}</span>', _("views"))
        return format_html("{}{}", intcomma(article.figures.views), unit)

    @admin.display(description=gettext_lazy("views"))
    def reading(self, article):
        figures = rankings.article_figures([article.pk]).get(article.pk)
        if figures is None:
            return _("Not read yet.")
        return _("%(views)s in all, %(of_week)s in the last 7 days") % {
            "views": intcomma(figures.views),
            "of_week": intcomma(figures.of_week),
        }
