"""The admin's first page and sidebar, grouped by the work instead of by app."""

from functools import cache

from django.contrib.admin import AdminSite
from django.urls import path, reverse
from django.utils.translation import gettext_lazy as _

GROUPS = [
    (
        _("Newsroom"),
        [
            "articles.Article",
            "articles.Photo",
            "articles.Section",
            "articles.Topic",
            "articles.Author",
            "articles.Authorship",
            "articles.RoyaltyRate",
            "articles.NewsroomSettings",
        ],
    ),
    (
        _("Visit statistics"),
        [
            "visitors.Day",
            "visitors.Note",
            "visitors.ImportedTotal",
            "visitors.Gap",
            "visitors.ReportRecipient",
        ],
    ),
    (_("Website"), ["newsportal.SiteIdentity", "newsportal.LinkGroup", "flatpages.FlatPage"]),
    (_("People"), ["auth.User", "auth.Group"]),
    (_("System"), ["newsportal.AuditEntry"]),
]


class PortalAdminSite(AdminSite):
    site_header = _("Newsroom")
    site_title = _("Newsroom")
    index_title = _("Desk")
    index_template = "admin/desk.html"
    enable_nav_sidebar = True

    def get_app_list(self, request, app_label=None):
        """Django's entries, permissions included, in the groups of the work; nothing is hidden by it."""
        entries = {}
        for app in super().get_app_list(request, app_label):
            for model in app["models"]:
                entries[f"{app['app_label']}.{model['object_name']}"] = (app, model)
        if app_label:
            return super().get_app_list(request, app_label)
        groups = []
        for name, labels in GROUPS:
            models = [entries.pop(label)[1] for label in labels if label in entries]
            if "newsportal.AuditEntry" in labels and models:
                models.insert(0, self._status_entry())
            if models:
                groups.append(self._group(name, models))
        rest = [model for _app, model in entries.values()]
        return groups + ([self._group(_("Other"), rest)] if rest else [])

    def has_permission(self, request):
        from .access import sessions

        return super().has_permission(request) and sessions.next_step(request) is None

    def _status_entry(self) -> dict:
        """A page without a model; whoever sees the audit log sees it."""
        address = reverse("admin:system_status")
        return {
            "name": _("System status"), "object_name": "SystemStatus", "admin_url": address, "add_url": None,
            "view_only": True, "perms": {"view": True}, "model": None,
        }  # fmt: skip

    def _group(self, name, models) -> dict:
        first = models[0]["admin_url"] or models[0]["add_url"]
        return {"name": name, "app_label": "", "app_url": first, "has_module_perms": True, "models": models}

    def get_urls(self):
        # Imported late, here and below: the admin's site is made before the models are ready.
        from articles.admin import notices

        from .health.views import system_status

        view = self.admin_view
        return [
            path("system-status/", view(system_status), name="system_status"),
            path("notices/", view(notices.notices), name="notices"),
            path("notices/<int:id>/", view(notices.notice), name="notice"),
            *super().get_urls(),
        ]

    def each_context(self, request):
        return super().each_context(request) | {"unread_notices": cache(lambda: self._unread(request))}

    def _unread(self, request) -> int:
        return request.user.notices.unread().count() if request.user.is_authenticated else 0

    def index(self, request, extra_context=None):
        from articles import desk
        from articles.models import WorkingDraft
        from visitors.rankings import most_read

        context = extra_context or {}
        if request.user.has_perm("articles.view_article"):
            context |= {
                "desk": desk.lists(request.user),
                "working_drafts": WorkingDraft.objects.unsaved().filter(user=request.user)[: desk.ROWS],
                "read_today": most_read(desk.ROWS, days=1),
                "notices": request.user.notices.unread()[: desk.NOTICES],
            }
        return super().index(request, context)
