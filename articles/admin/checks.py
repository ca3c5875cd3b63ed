"""The checks beside a story's form, looked through again while somebody writes."""

from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, render
from django.urls import path, reverse
from django.views.decorators.http import require_POST

from articles import checking, policy
from articles.models import Article


class StoryChecks:
    """For the ModelAdmin of stories."""

    def get_urls(self):
        view = self.admin_site.admin_view(require_POST(self.check_view))
        return [
            path("check/", view, name="articles_article_check_new"),
            path("<int:id>/check/", view, name="articles_article_check"),
            *super().get_urls(),
        ]

    def check_view(self, request, id=None):
        """The list for what stands in the form that is being written; saves nothing."""
        article = get_object_or_404(Article, pk=id) if id else None
        may_write = policy.may_edit(request.user, article) if article else self.has_add_permission(request)
        if not may_write:
            raise PermissionDenied
        form = self.get_form(request, article, change=article is not None)(request.POST, instance=article)
        return render(request, "admin/articles/article/points.html", _context(checking.points_in_form(form)))

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        form = context["adminform"].form
        if form.is_bound:
            context |= _context(checking.points_in_form(form))
        elif obj:
            context |= _context(checking.points(obj))
        else:
            context |= {"points": None}  # nothing written yet, nothing to say
        context["check_url"] = (
            reverse("admin:articles_article_check", args=[obj.pk])
            if obj
            else reverse("admin:articles_article_check_new")
        )
        return super().render_change_form(request, context, add, change, form_url, obj)


def _context(points) -> dict:
    return {"points": points, "points_summary": checking.summary(points)}
